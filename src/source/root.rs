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

/// The way from a folder to a file or a folder, as links write it: with `/`, and with `%` for what links cannot hold. None
/// where no way leads there, as from one drive to another.
pub fn way(from: &Path, to: &Path) -> Option<String> {
    let current = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let (from, to) = (absolute(from, &current), absolute(to, &current));
    let (mut from, mut to) = (from.components().peekable(), to.components().peekable());
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    let is_step = |part: &Component<'_>| matches!(part, Component::Normal(_));
    let (up, down): (Vec<_>, Vec<_>) = (from.collect(), to.collect());
    let down_steps = || down.iter().map(|part| escaped(&part.as_os_str().to_string_lossy()));
    let all = up.iter().chain(&down).all(is_step);
    all.then(|| up.iter().map(|_| "..".to_owned()).chain(down_steps()).collect::<Vec<_>>().join("/"))
}

/// A name in a link.
fn escaped(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    name.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
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
    use super::{Root, way};
    use std::path::Path;

    #[test]
    fn a_way_leads_up_and_down() {
        let way = |from: &str, to: &str| way(Path::new(from), Path::new(to));
        assert_eq!(way("docs", "docs/rules").as_deref(), Some("rules"));
        assert_eq!(way("docs/rules", "docs/x.md").as_deref(), Some("../x.md"));
        assert_eq!(way("a/b/../c", "./d e/f(1).md").as_deref(), Some("../../d%20e/f%281%29.md"));
        assert_eq!(way("a", "a").as_deref(), Some(""));
    }

    #[test]
    fn files_are_named_from_the_root() {
        let root = Root("/repo".into());
        assert_eq!(root.relative(Path::new("/repo/a/../b/c.json")), "b/c.json");
        assert_eq!(root.relative(Path::new("/elsewhere/c.json")), "elsewhere/c.json");
    }
}
