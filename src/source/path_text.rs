//! Paths as texts with `/` between their parts, whatever separator the system has. The separator is an argument, so that what
//! Windows does is tested on every system.

use std::borrow::Cow;

/// A path with `/` between its parts. Where `/` is the separator, `\` belongs to a name.
pub fn slashed(path: &str, separator: char) -> Cow<'_, str> {
    if separator == '/' { path.into() } else { path.replace(separator, "/").into() }
}

/// As [`slashed`], with the separator of this system.
pub fn slashed_here(path: &str) -> Cow<'_, str> {
    slashed(path, std::path::MAIN_SEPARATOR)
}

/// The names in a path, without what leads up, to the top or to a drive.
pub fn names(path: &str, separator: char) -> String {
    let path = slashed(path, separator);
    let is_drive = |name: &str| separator == '\\' && name.len() == 2 && name.ends_with(':');
    let parts = path.split('/').filter(|name| !matches!(*name, "" | "." | "..") && !is_drive(name));
    // `\\?\C:\x` is a path of Windows in its long form.
    let parts = parts.skip_while(|name| separator == '\\' && *name == "?");
    parts.collect::<Vec<_>>().join("/")
}

/// A path with a glob in it, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GlobPath {
    /// The folder before the first part that is a glob; empty for this one.
    pub(super) base: String,
    /// The whole glob, with `/` between its parts, without `.`.
    pub(super) glob: String,
    /// How many parts follow the base; none where they may be any number.
    pub(super) depth: Option<usize>,
}

impl GlobPath {
    /// Takes a path apart; none for one without a glob.
    pub(super) fn of(path: &str, separator: char) -> Option<Self> {
        let slashed = slashed(path, separator);
        let from_top = slashed.starts_with('/');
        let parts: Vec<_> = slashed.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        let first = parts.iter().position(|part| is_glob(part))?;
        let top = if from_top { "/" } else { "" };
        // `C:` alone would be the folder that is the current one of that drive.
        let end = if first == 1 && parts[0].ends_with(':') && separator == '\\' { "/" } else { "" };
        let deep = slashed.contains("**");
        Some(Self {
            base: format!("{top}{}{end}", parts[..first].join("/")),
            glob: format!("{top}{}", parts.join("/")),
            depth: (!deep).then_some(parts.len() - first),
        })
    }
}

fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

#[cfg(test)]
mod tests {
    use super::{GlobPath, names, slashed};

    #[test]
    fn a_backslash_is_a_separator_on_windows_and_part_of_a_name_elsewhere() {
        assert_eq!(slashed(r"clusters\eu/a.json", '\\'), "clusters/eu/a.json");
        assert_eq!(slashed(r"clusters\eu/a.json", '/'), r"clusters\eu/a.json");
    }

    #[test]
    fn names_lead_nowhere_else() {
        let table = [
            (r"clusters\eu\a.json", '\\', "clusters/eu/a.json"),
            (r".\clusters\..\a.json", '\\', "clusters/a.json"),
            (r"C:\repo\a.json", '\\', "repo/a.json"),
            (r"\\?\C:\repo\a.json", '\\', "repo/a.json"),
            (r"\\server\share\a.json", '\\', "server/share/a.json"),
            ("clusters/eu/a.json", '\\', "clusters/eu/a.json"),
            ("/repo/../a.json", '/', "repo/a.json"),
            (r"C:\a.json", '/', r"C:\a.json"),
            ("?/a.json", '/', "?/a.json"),
        ];
        for (path, separator, expected) in table {
            assert_eq!(names(path, separator), expected, "{path}");
        }
    }

    #[test]
    fn a_glob_is_taken_apart_by_either_separator() {
        let of = |path: &str, separator| {
            let path = GlobPath::of(path, separator)?;
            Some((path.base, path.glob, path.depth))
        };
        let some = |base: &str, glob: &str, depth| Some((base.to_owned(), glob.to_owned(), depth));
        assert_eq!(of(r"fixtures\*.json", '\\'), some("fixtures", "fixtures/*.json", Some(1)));
        assert_eq!(of(r".\a\b?\*.json", '\\'), some("a", "a/b?/*.json", Some(2)));
        assert_eq!(of(r"C:\*.json", '\\'), some("C:/", "C:/*.json", Some(1)));
        assert_eq!(of(r"C:\a\**\x.json", '\\'), some("C:/a", "C:/a/**/x.json", None));
        assert_eq!(of("fixtures/*.json", '\\'), of("fixtures/*.json", '/'));
        assert_eq!(of("*.json", '/'), some("", "*.json", Some(1)));
        assert_eq!(of("/a/[b]/c", '/'), some("/a", "/a/[b]/c", Some(2)));
        assert_eq!(of("/*.json", '/'), some("/", "/*.json", Some(1)));
        assert_eq!(of(r"a\*.json", '/'), some("", r"a\*.json", Some(1)));
        assert_eq!(of("a/b.json", '/'), None);
    }
}
