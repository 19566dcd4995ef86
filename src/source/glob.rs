//! Globs that no shell expanded: cmd and PowerShell hand them over as they are, and so does a shell where they are quoted.

use globset::{GlobBuilder, GlobMatcher};
use ignore::WalkBuilder;
use std::path::{Component, Path, PathBuf};

/// A glob, and how deep it leads.
#[derive(Debug)]
pub(super) struct PathGlob {
    matcher: GlobMatcher,
    /// Whether it has `**`.
    is_deep: bool,
}

impl PathGlob {
    /// The glob that a path is; none for what is no glob.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let text = path.to_str().filter(|text| is_glob(text))?;
        let matcher =
            GlobBuilder::new(&slashed(path)).literal_separator(true).build().ok()?.compile_matcher();
        Some(Self { matcher, is_deep: text.contains("**") })
    }

    /// Whether it means this file or folder, as a shell would say. Folders are meant by themselves only where the glob does not
    /// lead into them anyway.
    pub(super) fn means(&self, path: &Path, is_file: bool) -> bool {
        (is_file || !self.is_deep) && self.matcher.is_match(slashed(path))
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
    let parts: Vec<_> = path.components().collect();
    let first = parts.iter().position(|part| part.as_os_str().to_str().is_some_and(is_glob))?;
    let base: PathBuf = parts[..first].iter().collect();
    let mut walk = WalkBuilder::new(if first == 0 { Path::new(".") } else { &base });
    walk.standard_filters(false).hidden(true).sort_by_file_path(Path::cmp);
    walk.max_depth((!glob.is_deep).then_some(parts.len() - first));
    let paths = walk.build().filter_map(Result::ok).map(ignore::DirEntry::into_path);
    let named =
        paths.map(|path| if first == 0 { path.components().skip_while(is_here).collect() } else { path });
    Some(named.filter(|path| glob.means(path, path.is_file())).collect())
}

fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

fn is_here(part: &Component<'_>) -> bool {
    *part == Component::CurDir
}

/// A path with `/` between its parts, without `.`.
fn slashed(path: &Path) -> String {
    let parts: PathBuf = path.components().filter(|part| !is_here(part)).collect();
    let text = parts.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
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
