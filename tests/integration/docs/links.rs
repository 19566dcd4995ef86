//! Links within the project lead to files and headings that are there.

use super::page::{Page, root};
use std::path::{Component, Path, PathBuf};

/// The links of a page that lead nowhere.
pub(crate) fn broken(page: &Page, pages: &[Page]) -> Vec<String> {
    let links = page.links.iter().filter(|link| !is_elsewhere(&link.text));
    let told = links.filter_map(|link| {
        let (from, target) = match link.text.strip_prefix(REPOSITORY) {
            Some(target) => ("", target),
            None => (page.path.as_str(), link.text.as_str()),
        };
        broken_link(from, target, pages).map(|why| format!("{}:{}: {why}", page.path, link.line))
    });
    told.collect()
}

/// What a link begins with that leads to a file of the project by its address.
const REPOSITORY: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");

fn is_elsewhere(target: &str) -> bool {
    !target.starts_with(REPOSITORY)
        && ["https://", "http://", "mailto:"].iter().any(|scheme| target.starts_with(scheme))
}

fn broken_link(from: &str, target: &str, pages: &[Page]) -> Option<String> {
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let path = match file {
        "" => PathBuf::from(from),
        file => plain(&Path::new(from).parent().unwrap_or(Path::new("")).join(file)),
    };
    if !root().join(&path).exists() {
        return Some(format!("{target}: there is no {}", path.display()));
    }
    let anchor = anchor?;
    let Some(page) = pages.iter().find(|page| Path::new(&page.path) == path) else {
        return Some(format!("{target}: {} has no headings", path.display()));
    };
    (!page.anchors.contains(anchor)).then(|| format!("{target}: {} has no heading #{anchor}", page.path))
}

/// A path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

#[test]
fn broken_links_are_found_out() {
    let text = "# Top\n[a](../README.md) [b](nowhere.md) [c](#top) [d](#bottom) [e](https://example.com/x)";
    let page = Page::parse("docs/page.md", text.to_owned());
    let found = broken(&page, &[Page::parse("docs/page.md", text.to_owned())]);
    // This page itself is not on the disk, so that its headings cannot be asked for.
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].contains("nowhere.md"), "{found:?}");
    let address = format!("[a]({REPOSITORY}README.md) [b]({REPOSITORY}docs/gone.md)");
    let found = broken(&Page::parse("docs/page.md", address), &[]);
    assert!(found.len() == 1 && found[0].contains("docs/gone.md"), "{found:?}");
    let page = Page::parse("README.md", "# Top\n[c](#top) [d](#bottom)".to_owned());
    let again = Page::parse("README.md", page.text.clone());
    assert_eq!(broken(&page, &[again]), ["README.md:2: #bottom: README.md has no heading #bottom"]);
}
