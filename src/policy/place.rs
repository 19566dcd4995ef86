//! Which files are one file, whatever they are called, and which belong to Git.

use crate::text::is_unprintable;
use std::fs::Metadata;
use std::path::{Component, Path, PathBuf};

/// What tells a file apart from every other one: links lead to the same file, and so do names that differ by their case
/// where the file system does not care.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileIdentity {
    path: PathBuf,
    number: Option<(u64, u64)>,
}

impl FileIdentity {
    /// That of a plain file; none where there is none.
    pub fn of(file: &Path) -> Option<Self> {
        let metadata = file.metadata().ok().filter(Metadata::is_file)?;
        Some(Self { path: file.canonicalize().ok()?, number: number(&metadata) })
    }

    /// Whether a path leads to this file.
    pub fn is(&self, file: &Path) -> bool {
        // The number alone is asked for where there is one: a scan may have a hundred thousand inputs.
        match (self.number, file.metadata()) {
            (_, Err(_)) => false,
            (Some(own), Ok(metadata)) => number(&metadata) == Some(own),
            (None, Ok(_)) => file.canonicalize().is_ok_and(|path| path == self.path),
        }
    }
}

#[cfg(unix)]
fn number(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> Option<(u64, u64)> {
    None
}

/// Whether a path leads into a directory `.git`, or to a file of that name, by any spelling that some file system takes
/// for it.
pub fn is_of_git(path: &Path) -> bool {
    path.components().any(|component| match component {
        Component::Normal(name) => {
            let name: String = name.to_string_lossy().chars().filter(|c| !is_unprintable(*c)).collect();
            let name = name.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']);
            [".git", "git~1"].iter().any(|git| name.eq_ignore_ascii_case(git))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::{FileIdentity, is_of_git};
    use std::path::Path;

    #[test]
    fn git_has_many_spellings() {
        for path in [
            ".git",
            ".git/hooks/pre-commit",
            "a/.GIT/x",
            ".git./x",
            ".git /x",
            "GIT~1/x",
            ".g\u{200c}it/x",
            ".git::$INDEX_ALLOCATION/x",
        ] {
            assert!(is_of_git(Path::new(path)), "{path}");
        }
        for path in [".github/x", ".gitignore", "git/x", "a.git/x", "x"] {
            assert!(!is_of_git(Path::new(path)), "{path}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_file_is_known_by_all_its_names() {
        let dir = tempfile::TempDir::new().unwrap();
        let [file, link, other] = ["a.json", "b.json", "c.json"].map(|name| dir.path().join(name));
        std::fs::write(&file, "x").unwrap();
        std::fs::write(&other, "x").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let identity = FileIdentity::of(&link).unwrap();
        let dotted = dir.path().join(".").join("..").join(dir.path().file_name().unwrap()).join("a.json");
        assert!(identity.is(&file) && identity.is(&link) && identity.is(&dotted));
        assert!(!identity.is(&other) && !identity.is(&dir.path().join("d.json")));
        assert_eq!(FileIdentity::of(dir.path()), None);
    }
}
