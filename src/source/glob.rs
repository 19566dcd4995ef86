//! Globs that no shell expanded: cmd and PowerShell hand them over as they are, and so does a shell where they are quoted.

use super::path_text::{GlobPath, slashed_here};
use globset::{GlobBuilder, GlobMatcher};
use ignore::WalkBuilder;
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};

/// A glob, and where it leads.
#[derive(Debug)]
pub(super) struct PathGlob {
    matcher: GlobMatcher,
    path: GlobPath,
}

impl PathGlob {
    /// The glob that a path is; none for what is no glob.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let path = GlobPath::of(path.to_str()?, MAIN_SEPARATOR)?;
        let matcher = GlobBuilder::new(&path.glob).literal_separator(true).build().ok()?.compile_matcher();
        Some(Self { matcher, path })
    }

    /// Whether it means this file or folder, as a shell would say. Folders are meant by themselves only where the glob does not
    /// lead into them anyway.
    pub(super) fn means(&self, path: &Path, is_file: bool) -> bool {
        (is_file || self.path.depth.is_some()) && self.matcher.is_match(plain(path))
    }
}

/// Whether a path, or a glob, means anything that is there.
pub fn is_there(path: &Path) -> bool {
    path.exists() || expand(path).is_some_and(|paths| !paths.is_empty())
}

/// The paths that a glob means, in order, as a shell would expand it: hidden ones are left out. None for what is no glob,
/// and where a file is called so.
pub(super) fn expand(path: &Path) -> Option<Vec<PathBuf>> {
    let glob = PathGlob::of(path).filter(|_| !path.exists())?;
    let GlobPath { base, depth, .. } = &glob.path;
    let here = base.is_empty();
    let mut walk = WalkBuilder::new(if here { "." } else { base.as_str() });
    walk.standard_filters(false).hidden(true).sort_by_file_path(Path::cmp).max_depth(*depth);
    let paths = walk.build().filter_map(Result::ok).map(ignore::DirEntry::into_path);
    let named = paths.map(|path| if here { path.components().skip_while(is_here).collect() } else { path });
    Some(named.filter(|path| glob.means(path, path.is_file())).collect())
}

fn is_here(part: &Component<'_>) -> bool {
    *part == Component::CurDir
}

/// A path with `/` between its parts, without `.`.
fn plain(path: &Path) -> String {
    let parts: PathBuf = path.components().filter(|part| !is_here(part)).collect();
    slashed_here(&parts.to_string_lossy()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::expand;
    use std::fs;
    use std::path::{Path, PathBuf};

    #[test]
    fn a_glob_is_what_a_shell_makes_of_it() {
        let dir = tempfile::tempdir().expect("a directory");
        for file in ["a/x.json", "a/y.json", "a/.z.json", "a/b/x.json", "c.txt", "[d].json"] {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, "").expect("a file");
        }
        let expanded = |pattern: &str| {
            let paths = expand(&dir.path().join(pattern))?;
            let below =
                |path: &PathBuf| path.strip_prefix(dir.path()).map(|path| path.display().to_string()).ok();
            Some(paths.iter().filter_map(below).collect::<Vec<_>>())
        };
        let some = |paths: &[&str]| Some(paths.iter().map(|&path| path.to_owned()).collect::<Vec<_>>());
        assert_eq!(expanded("a/*.json"), some(&["a/x.json", "a/y.json"]));
        assert_eq!(expanded("*/x.{json,txt}"), some(&["a/x.json"]));
        assert_eq!(expanded("**/x.json"), some(&["a/b/x.json", "a/x.json"]));
        assert_eq!(expanded("a/*"), some(&["a/b", "a/x.json", "a/y.json"]));
        assert_eq!(expanded("a/*.txt"), some(&[]));
        assert_eq!(expanded("[d].json"), None, "a file is called so");
        assert_eq!(expanded("a/x.json"), None);
        assert_eq!(expand(Path::new("nowhere/*.json")), Some(Vec::new()));
        assert_eq!(expand(Path::new("src/source/gl?b.rs")), Some(vec![PathBuf::from("src/source/glob.rs")]));
        assert_eq!(expand(Path::new("Carg[o].toml")), Some(vec![PathBuf::from("Cargo.toml")]));
    }
}
