//! A page of the documentation, as far as tests read it: code, links, headings, tables.

use comrak::nodes::{Node, NodeCodeBlock, NodeValue};
use comrak::{Anchorizer, Arena, Options, parse_document};
use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What a comment begins with that names a command to run before the next block, unseen by readers.
const BEFORE: &str = "<!-- before:";

/// A Markdown file of the project.
pub(crate) struct Page {
    /// Its path from the root.
    pub(crate) path: String,
    pub(crate) text: String,
    /// Blocks of code, and commands to run before them, in order.
    pub(crate) steps: Vec<Step>,
    /// Targets of links and pictures.
    pub(crate) links: Vec<Found>,
    /// What a link may name after `#`.
    pub(crate) anchors: BTreeSet<String>,
    /// Code within text.
    pub(crate) codes: Vec<Found>,
    /// Tables, as written: rows of cells.
    pub(crate) tables: Vec<Vec<Vec<String>>>,
}

/// Something in a page, and its line.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) line: usize,
    pub(crate) text: String,
}

pub(crate) enum Step {
    Before(Found),
    Block(Block),
}

/// A block of code.
#[derive(Debug)]
pub(crate) struct Block {
    /// The line of its first line.
    pub(crate) line: usize,
    /// Its language. An indented block is `sh`.
    pub(crate) language: String,
    /// The file that it shows, if the fence names one: the block is that file.
    pub(crate) file: Option<String>,
    pub(crate) text: String,
    /// Where its text stands in the page.
    pub(crate) place: Range<usize>,
}

/// The root of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Markdown file of the project.
pub(crate) fn all() -> Vec<Page> {
    let is_page = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    let files = ignore::WalkBuilder::new(root()).hidden(false).build().filter_map(Result::ok);
    let mut paths: Vec<_> = files.map(|entry| entry.path().to_owned()).filter(is_page).collect();
    paths.sort();
    let relative = |path: PathBuf| path.strip_prefix(root()).map(Path::to_owned).expect("below the root");
    paths.into_iter().map(|path| Page::read(&relative(path).to_string_lossy())).collect()
}

impl Page {
    /// Reads a file, by its path from the root.
    pub(crate) fn read(path: &str) -> Self {
        let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self::parse(path, text)
    }

    pub(crate) fn parse(path: &str, text: String) -> Self {
        let mut options = Options::default();
        options.extension.table = true;
        let arena = Arena::new();
        let lines = text.split_inclusive('\n').collect();
        let mut reader = Reader { lines, ..Reader::default() };
        parse_document(&arena, &text, &options).descendants().for_each(|node| reader.take(node));
        let Reader { steps, links, anchors, codes, tables, .. } = reader;
        Self { path: path.to_owned(), steps, links, anchors, codes, tables, text }
    }

    pub(crate) fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.steps.iter().filter_map(|step| match step {
            Step::Block(block) => Some(block),
            Step::Before(_) => None,
        })
    }

    /// The rows, without the heading, of the table whose heading has these cells.
    pub(crate) fn table(&self, heading: &[&str]) -> &[Vec<String>] {
        let table = self.tables.iter().find(|table| table[0] == heading);
        let table = table.unwrap_or_else(|| panic!("{} has no table {heading:?}", self.path));
        &table[1..]
    }
}

#[derive(Default)]
struct Reader<'p> {
    lines: Vec<&'p str>,
    steps: Vec<Step>,
    links: Vec<Found>,
    anchors: BTreeSet<String>,
    anchorizer: Anchorizer,
    codes: Vec<Found>,
    tables: Vec<Vec<Vec<String>>>,
}

impl Reader<'_> {
    fn take(&mut self, node: Node<'_>) {
        let data = node.data();
        let line = data.sourcepos.start.line;
        let found = |text: &str| Found { line, text: text.to_owned() };
        match &data.value {
            NodeValue::Heading(_) => drop(self.anchors.insert(self.anchorizer.anchorize(&words(node)))),
            NodeValue::CodeBlock(block) => self.block(line, block),
            NodeValue::HtmlBlock(html) => {
                if let Some((_, rest)) = html.literal.split_once(BEFORE) {
                    let text = rest.split("-->").next().unwrap_or_default().trim();
                    self.steps.push(Step::Before(found(text)));
                }
            }
            NodeValue::Link(link) | NodeValue::Image(link) => self.links.push(found(&link.url)),
            NodeValue::Code(code) => self.codes.push(found(&code.literal)),
            NodeValue::Table(_) => self.tables.push(Vec::new()),
            NodeValue::TableRow(_) => {
                let row = cells(self.lines[line - 1]);
                self.tables.iter_mut().last().into_iter().for_each(|table| table.push(row.clone()));
            }
            _ => {}
        }
    }

    fn block(&mut self, line: usize, block: &NodeCodeBlock) {
        let info = if block.fenced { block.info.as_str() } else { "sh" };
        let mut words = info.split_whitespace().map(str::to_owned);
        let (language, file) = (words.next().unwrap_or_default(), words.next());
        // The text begins below the fence.
        let line = line + usize::from(block.fenced);
        let length = |lines: &[&str]| lines.iter().map(|line| line.len()).sum::<usize>();
        let start = length(&self.lines[..line - 1]);
        let end = start + length(&self.lines[line - 1..line - 1 + block.literal.lines().count()]);
        let text = block.literal.clone();
        self.steps.push(Step::Block(Block { line, language, file, text, place: start..end }));
    }
}

/// The text of a heading.
fn words(heading: Node<'_>) -> String {
    let text = |node: Node<'_>| match &node.data().value {
        NodeValue::Text(text) => text.to_string(),
        NodeValue::Code(code) => code.literal.clone(),
        _ => String::new(),
    };
    heading.descendants().map(text).collect()
}

/// The cells of a row, as written.
fn cells(row: &str) -> Vec<String> {
    const ESCAPED: &str = "\u{0}";
    let row = row.trim().replace("\\|", ESCAPED);
    let inner = row.strip_prefix('|').unwrap_or(&row);
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    inner.split('|').map(|cell| cell.trim().replace(ESCAPED, "|")).collect()
}

#[test]
fn a_page_is_read() {
    let text = "# What `is`, here?\n\n<!-- before: mkdir x -->\n\n```yaml a/b.yaml\nid: x\n```\n\n    ls x\n\n\
                | a | b |\n|---|---|\n| `p\\|q` | [r](s.md#t) |\n\n## Again\n\n## Again\n";
    let page = Page::parse("page.md", text.to_owned());
    assert_eq!(page.anchors.iter().collect::<Vec<_>>(), ["again", "again-1", "what-is-here"]);
    assert!(matches!(&page.steps[0], Step::Before(before) if before.text == "mkdir x" && before.line == 3));
    let blocks: Vec<_> = page.blocks().collect();
    assert_eq!((blocks[0].language.as_str(), blocks[0].file.as_deref()), ("yaml", Some("a/b.yaml")));
    assert_eq!((blocks[1].language.as_str(), blocks[1].text.as_str(), blocks[1].line), ("sh", "ls x\n", 9));
    assert_eq!(&text[blocks[0].place.clone()], "id: x\n");
    assert_eq!(page.table(&["a", "b"]), [["`p|q`", "[r](s.md#t)"]]);
    assert_eq!(page.links[0].text, "s.md#t");
}
