//! A page of HTML, taken apart.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// A page.
pub(crate) struct Page {
    pub(crate) text: String,
}

/// The elements that pages are made of: what a name could bring in besides is none of them.
const ELEMENTS: &[&str] = &[
    "a", "article", "b", "body", "br", "button", "code", "dd", "details", "div", "dl", "dt", "fieldset",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "head", "header", "html", "input", "label", "legend",
    "li", "main", "meta", "nav", "ol", "option", "output", "p", "pre", "script", "section", "select",
    "small", "span", "strong", "style", "summary", "table", "tbody", "td", "th", "thead", "title", "tr",
    "ul",
];
/// Those of pictures.
const OF_PICTURES: &[&str] = &[
    "a", "circle", "defs", "desc", "g", "line", "marker", "path", "polygon", "polyline", "rect", "svg",
    "text", "title", "tspan", "use",
];

impl Page {
    pub(crate) fn of(text: String) -> Self {
        Self { text }
    }

    /// What stands between two tags, the first time.
    fn between(&self, start: &str, end: &str) -> &str {
        let from = self.text.find(start).unwrap_or_else(|| panic!("no {start}")) + start.len();
        let length = self.text[from..].find(end).unwrap_or_else(|| panic!("no {end}"));
        &self.text[from..from + length]
    }

    pub(crate) fn script(&self) -> String {
        self.between("<script>", "</script>").to_owned()
    }

    pub(crate) fn has_id(&self, id: &str) -> bool {
        self.text.contains(&format!(" id=\"{id}\""))
    }

    /// The page without its style and script, which are no XML.
    pub(crate) fn markup(&self) -> String {
        let style = self.between("<style>", "</style>");
        let script = self.between("<script>", "</script>");
        let text = self.text.replacen(style, "", 1).replacen(script, "", 1);
        text.strip_prefix("<!DOCTYPE html>\n").expect("a document type").to_owned()
    }

    /// Whether it is well formed, loads nothing, runs nothing but its script, and has links that lead somewhere.
    pub(crate) fn is_sound(&self, whose: &str) {
        let markup = self.markup();
        let document = Document::parse(&markup).unwrap_or_else(|error| panic!("{whose}: {error}"));
        document.descendants().filter(Node::is_element).for_each(|node| is_allowed(whose, node));
        self.policy_names_what_is_inside(whose);
        links_lead_somewhere(whose, &document);
        let style = self.between("<style>", "</style>");
        for word in ["@import", "url(", "http:", "https:", "expression("] {
            assert!(!style.contains(word) && !self.script().contains(word), "{whose}: {word}");
        }
        assert_eq!(markup.matches("<h1>").count(), 1, "{whose}");
        assert_eq!(markup.matches("<main>").count(), 1, "{whose}");
    }

    fn policy_names_what_is_inside(&self, whose: &str) {
        let policy = self.between("http-equiv=\"Content-Security-Policy\" content=\"", "\"");
        let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
        let style = hash(self.between("<style>", "</style>"));
        let script = hash(&self.script());
        let expected = format!("default-src 'none'; style-src {style}; script-src {script}; img-src data:");
        assert_eq!(policy, expected, "{whose}");
    }

    /// The page without what changes with every version or is not read by people: so that a difference can be read.
    pub(crate) fn golden(&self) -> String {
        let policy = self.between("<meta http-equiv=\"Content-Security-Policy\"", ">").to_owned();
        let mut text = self.text.replacen(&policy, " …", 1);
        for (start, end) in [("<style>", "</style>"), ("<script>", "</script>"), ("<svg", "</svg>")] {
            let mut from = 0;
            while let Some(at) = text[from..].find(start).map(|at| from + at + start.len()) {
                let Some(length) = text[at..].find(end) else { break };
                text.replace_range(at..at + length, "…");
                from = at;
            }
        }
        // The digest of the rules changes with each of them.
        let digest = text.find("rules, SHA-256 ").map(|at| at + "rules, SHA-256 ".len());
        if let Some(at) = digest {
            text.replace_range(at..at + 64, "…");
        }
        text.replace(env!("CARGO_PKG_VERSION"), "VERSION")
    }
}

fn is_allowed(whose: &str, node: Node<'_, '_>) {
    let (name, is_drawn) = (node.tag_name().name(), node.ancestors().any(|one| one.has_tag_name("svg")));
    let allowed = if is_drawn { OF_PICTURES } else { ELEMENTS };
    assert!(allowed.contains(&name), "{whose}: <{name}>");
    for attribute in node.attributes() {
        let (name, value) = (attribute.name(), attribute.value());
        assert!(!name.starts_with("on"), "{whose}: {name}");
        assert!(
            !["src", "srcset", "style", "action", "formaction", "data"].contains(&name),
            "{whose}: {name}"
        );
        let is_link = value.starts_with('#') || value.starts_with("https://");
        assert!(name != "href" || is_link, "{whose}: {value}");
        assert!(!value.contains("url(") || is_drawn && value.starts_with("url(#"), "{whose}: {value}");
    }
    if node.has_tag_name("th") {
        assert!(node.has_attribute("scope"), "{whose}: a header without a scope");
    }
}

fn links_lead_somewhere(whose: &str, document: &Document<'_>) {
    let elements = || document.descendants().filter(Node::is_element);
    let mut ids = BTreeSet::new();
    for id in elements().filter_map(|node| node.attribute("id")) {
        assert!(ids.insert(id), "{whose}: two elements have the id {id}");
    }
    let links = elements().filter_map(|node| node.attribute("href")?.strip_prefix('#'));
    links.for_each(|id| assert!(ids.contains(id), "{whose}: nothing has the id {id}"));
}
