//! What reports call a file: its path relative to the Git work tree, else to a root that the user
//! names, so that GitHub finds it in the repository.

use super::path_text::names;
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};

/// The folder that paths in reports start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root(PathBuf);

impl Root {
    /// The folder that was named, else the Git work tree around the current directory, else the
    /// current directory.
    pub fn find(named: Option<&Path>) -> Self {
        let current = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
        match named {
            Some(named) => Self(absolute(named, &current)),
            None => {
                let tree = current.ancestors().find(|folder| folder.join(".git").exists());
                Self(tree.unwrap_or(&current).to_owned())
            }
        }
    }

    /// A file's path from here, with `/` between folders. A file outside keeps the path as given,
    /// without what leads up or to the top.
    pub fn relative(&self, file: &Path) -> String {
        let current = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
        let absolute = absolute(file, &current);
        let inside = absolute.strip_prefix(&self.0).map(Path::to_owned);
        let path = inside.unwrap_or_else(|_| file.to_owned());
        names(&path.to_string_lossy(), MAIN_SEPARATOR)
    }
}

/// An absolute path without `.` and `..`, by the text alone.
fn absolute(path: &Path, current: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in current.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::Root;
    use std::path::Path;

    #[test]
    fn files_are_named_from_the_root() {
        let root = Root("/repo".into());
        assert_eq!(root.relative(Path::new("/repo/a/../b/c.json")), "b/c.json");
        assert_eq!(root.relative(Path::new("/elsewhere/c.json")), "elsewhere/c.json");
    }
}
