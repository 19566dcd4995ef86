//! A page of the documentation, as far as tests read it: code, links, headings, tables.

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};
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
        let mut reader = Reader { text: &text, ..Reader::default() };
        for (event, place) in Parser::new_ext(&text, Options::ENABLE_TABLES).into_offset_iter() {
            reader.take(event, place);
        }
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
    text: &'p str,
    steps: Vec<Step>,
    links: Vec<Found>,
    anchors: BTreeSet<String>,
    codes: Vec<Found>,
    tables: Vec<Vec<Vec<String>>>,
    heading: Option<String>,
    block: Option<Block>,
    cell: Option<Range<usize>>,
}

impl Reader<'_> {
    fn line(&self, at: usize) -> usize {
        1 + self.text[..at].matches('\n').count()
    }

    fn take(&mut self, event: Event<'_>, place: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, &place),
            Event::End(tag) => self.end(tag, &place),
            Event::Text(text) => self.words(&text, place),
            Event::Code(text) => {
                self.heading.iter_mut().for_each(|heading| heading.push_str(&text));
                self.codes.push(Found { line: self.line(place.start), text: text.to_string() });
            }
            Event::Html(text) => {
                if let Some((_, rest)) = text.split_once(BEFORE) {
                    let text = rest.split("-->").next().unwrap_or_default().trim().to_owned();
                    self.steps.push(Step::Before(Found { line: self.line(place.start), text }));
                }
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, place: &Range<usize>) {
        match tag {
            Tag::Heading { .. } => self.heading = Some(String::new()),
            Tag::CodeBlock(kind) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => "sh".to_owned(),
                };
                let mut words = info.split_whitespace().map(str::to_owned);
                let (language, file) = (words.next().unwrap_or_default(), words.next());
                let line = self.line(place.start);
                self.block = Some(Block { line, language, file, text: String::new(), place: 0..0 });
            }
            Tag::Link { link_type, dest_url, .. } if link_type != LinkType::Email => {
                self.links.push(Found { line: self.line(place.start), text: dest_url.to_string() });
            }
            Tag::Image { dest_url, .. } => {
                self.links.push(Found { line: self.line(place.start), text: dest_url.to_string() });
            }
            Tag::Table(_) => self.tables.push(Vec::new()),
            Tag::TableHead | Tag::TableRow => {
                self.tables.iter_mut().last().into_iter().for_each(|table| table.push(Vec::new()));
            }
            Tag::TableCell => self.cell = Some(place.clone()),
            _ => {}
        }
    }

    fn words(&mut self, text: &str, place: Range<usize>) {
        if let Some(block) = &mut self.block {
            if block.text.is_empty() {
                block.place = place.clone();
                block.line = 1 + self.text[..place.start].matches('\n').count();
            }
            block.place.end = place.end;
            block.text.push_str(text);
        } else if let Some(heading) = &mut self.heading {
            heading.push_str(text);
        }
    }

    fn end(&mut self, tag: TagEnd, _: &Range<usize>) {
        match tag {
            TagEnd::Heading(_) => {
                let slug = slug(&self.heading.take().unwrap_or_default());
                let again = (1..).map(|number| format!("{slug}-{number}"));
                let anchor = std::iter::once(slug.clone()).chain(again).find(|a| !self.anchors.contains(a));
                self.anchors.extend(anchor);
            }
            TagEnd::CodeBlock => self.steps.extend(self.block.take().map(Step::Block)),
            TagEnd::TableCell => {
                let cell = self.cell.take().map(|place| self.text[place].to_owned()).unwrap_or_default();
                let cell = cell.trim().trim_matches('|').trim().replace("\\|", "|");
                let row = self.tables.last_mut().and_then(|table| table.last_mut());
                row.into_iter().for_each(|row| row.push(cell.clone()));
            }
            _ => {}
        }
    }
}

/// How GitHub names a heading.
fn slug(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
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
