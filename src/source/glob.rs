//! Globs that no shell expanded: cmd and PowerShell hand them over as they are, and so does a shell where they are quoted.

use super::path_text::{GlobPath, slashed_here};
use globset::GlobBuilder;
use ignore::WalkBuilder;
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};

/// The paths that a glob means, in order, as a shell would expand it: hidden ones are left out. None for what is no glob,
/// and where a file is called so.
pub(super) fn expand(path: &Path) -> Option<Vec<PathBuf>> {
    let GlobPath { base, glob, depth } = GlobPath::of(path.to_str()?, MAIN_SEPARATOR)?;
    if path.exists() {
        return None;
    }
    let glob = GlobBuilder::new(&glob).literal_separator(true).build().ok()?.compile_matcher();
    let here = base.is_empty();
    let mut walk = WalkBuilder::new(if here { "." } else { base.as_str() });
    walk.standard_filters(false).hidden(true).sort_by_file_path(Path::cmp).max_depth(depth);
    let paths = walk.build().filter_map(Result::ok).map(ignore::DirEntry::into_path);
    let named = paths.map(|path| if here { path.components().skip_while(is_here).collect() } else { path });
    let fits = |path: &PathBuf| glob.is_match(slashed_here(&path.to_string_lossy()).as_ref());
    Some(named.filter(fits).filter(|path| depth.is_some() || path.is_file()).collect())
}

fn is_here(part: &Component<'_>) -> bool {
    *part == Component::CurDir
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
