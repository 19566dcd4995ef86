//! Markdown as GitHub renders it, and what may be in it.

use comrak::{Options, markdown_to_html};
use regex::Regex;
use roxmltree::{Document, Node};
use std::sync::LazyLock;

/// The elements that pages are made of, and the attributes that these have.
const ELEMENTS: &[(&str, &[&str])] = &[
    ("page", &[]),
    ("h2", &[]),
    ("h3", &[]),
    ("p", &["class"]),
    ("div", &["class"]),
    ("table", &[]),
    ("thead", &[]),
    ("tbody", &[]),
    ("tr", &[]),
    ("th", &["align"]),
    ("td", &["align"]),
    ("details", &[]),
    ("summary", &[]),
    ("ul", &[]),
    ("li", &[]),
    ("strong", &[]),
    ("code", &["class"]),
    ("pre", &[]),
    ("a", &["href"]),
    ("br", &[]),
];

/// What GitHub makes something of in text that is no code: mentions, issues, commits, addresses, emoji.
static REFERENCES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)@\w|#\d|\bGH-\d|://|\bwww\.|\b[0-9a-f]{7,40}\b|:[a-z0-9_+-]+:").expect("an expression")
});

/// The HTML of a page, with GitHub's extensions of Markdown and its raw HTML.
pub(crate) fn rendered(markdown: &str) -> String {
    let mut options = Options::default();
    let extension = &mut options.extension;
    extension.strikethrough = true;
    extension.table = true;
    extension.autolink = true;
    extension.tasklist = true;
    extension.footnotes = true;
    extension.alerts = true;
    extension.math_dollars = true;
    extension.math_code = true;
    options.render.r#unsafe = true;
    markdown_to_html(markdown, &options)
}

/// Checks that a page has nothing in it but what ekslint puts there. The HTML must be XML as well: nothing
/// is left open. Gives the number of elements.
pub(crate) fn check(markdown: &str, whose: &str) -> usize {
    let html = format!("<page>{}</page>", rendered(markdown));
    let document =
        Document::parse(&html).unwrap_or_else(|error| panic!("{whose}: the page is broken: {error}\n{html}"));
    let elements: Vec<_> = document.descendants().filter(Node::is_element).collect();
    for element in &elements {
        let name = element.tag_name().name();
        let known = ELEMENTS.iter().find(|(known, _)| *known == name);
        let Some((_, attributes)) = known else { panic!("{whose}: <{name}> in {html}") };
        for attribute in element.attributes() {
            assert!(attributes.contains(&attribute.name()), "{whose}: {}= of <{name}>", attribute.name());
        }
        if let Some(address) = element.attribute("href") {
            assert!(
                address.starts_with("https://github.com/ekslint/ekslint/blob/main/docs/rules/"),
                "{whose}: {address}"
            );
        }
    }
    let in_code = |node: &Node<'_, '_>| node.ancestors().any(|above| above.has_tag_name("code"));
    for text in document.descendants().filter(|node| node.is_text() && !in_code(node)) {
        let text = text.text().unwrap_or_default();
        assert!(!REFERENCES.is_match(text), "{whose}: GitHub makes something of {text:?}");
    }
    elements.len()
}
