//! The text of a template as trees: the documents of YAML or JSON, with the place of each value. Short forms of CloudFormation's functions
//! are long ones.

use crate::text::bounded;
use crate::value::position::{LineColumn, LineIndex};
use granit_parser::{Event, Parser, ScalarStyle, Span, Tag, options};
use serde_json::Number;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

/// How deep values may stand in values.
pub(super) const MAX_TREE_DEPTH: usize = 100;
/// The most values of a template, with all that its aliases stand for.
pub(super) const MAX_TREE_NODES: usize = 300_000;
/// The longest template, in bytes: CloudFormation takes 1 MB, and what becomes several templates may be longer.
pub(super) const MAX_TREE_BYTES: usize = 64 << 20;

/// A value as it is written.
#[derive(Debug)]
pub(super) struct YamlNode {
    pub(super) kind: YamlKind,
    /// Its own bytes: a collection's first ones.
    pub(super) range: Range<usize>,
    /// How many values it is, aliases put in.
    size: usize,
    depth: usize,
}

/// What is written.
#[derive(Debug)]
pub(super) enum YamlKind {
    Null,
    Bool(bool),
    Number(Number),
    Text(Rc<str>),
    /// A number that readers of YAML understand in two ways: `1.30`.
    Ambiguous(Rc<str>),
    List(Vec<Rc<YamlNode>>),
    Map(Vec<YamlEntry>),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(super) struct YamlEntry {
    pub(super) key: Rc<str>,
    pub(super) key_range: Range<usize>,
    pub(super) value: Rc<YamlNode>,
}

/// Why a text is no tree.
#[derive(Debug)]
pub(super) struct YamlFault {
    pub(super) place: LineColumn,
    pub(super) message: String,
}

/// A tree, and what is wrong with it all the same.
#[derive(Debug)]
pub(super) struct YamlTree {
    pub(super) root: Rc<YamlNode>,
    pub(super) faults: Vec<YamlFault>,
}

impl YamlNode {
    /// A node, of which aliases may be made.
    pub(super) fn new(kind: YamlKind, range: Range<usize>) -> Self {
        let (size, depth) = match &kind {
            YamlKind::List(items) => extent(items.iter()),
            YamlKind::Map(entries) => extent(entries.iter().map(|entry| &entry.value)),
            _ => (1, 0),
        };
        Self { kind, range, size, depth }
    }

    /// The value of a key of an object.
    pub(super) fn get(&self, name: &str) -> Option<&Rc<Self>> {
        self.entry(name).map(|entry| &entry.value)
    }

    /// A key of an object. Of one that is there twice, the last counts.
    pub(super) fn entry(&self, name: &str) -> Option<&YamlEntry> {
        self.entries().iter().rev().find(|entry| &*entry.key == name)
    }

    /// The keys of an object; none of anything else.
    pub(super) fn entries(&self) -> &[YamlEntry] {
        match &self.kind {
            YamlKind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub(super) fn items(&self) -> &[Rc<Self>] {
        match &self.kind {
            YamlKind::List(items) => items,
            _ => &[],
        }
    }

    /// A text.
    pub(super) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            YamlKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The only key of an object that has one.
    pub(super) fn only_entry(&self) -> Option<&YamlEntry> {
        match self.entries() {
            [entry] => Some(entry),
            _ => None,
        }
    }
}

fn extent<'n>(inner: impl Iterator<Item = &'n Rc<YamlNode>>) -> (usize, usize) {
    inner.fold((1, 1), |(size, depth), node| (size.saturating_add(node.size), depth.max(node.depth + 1)))
}

/// The documents of a text, as far as they can be read.
#[derive(Debug, Default)]
pub(super) struct YamlDocuments {
    pub(super) trees: Vec<YamlTree>,
    /// Why what comes after them cannot be read, if something does.
    pub(super) broken: Option<YamlFault>,
}

/// Reads the first document of a text.
pub(super) fn read_tree(text: &str) -> Result<YamlTree, YamlFault> {
    let mut documents = read_documents(text, 1);
    if let Some(broken) = documents.broken {
        return Err(broken);
    }
    documents.trees.pop().ok_or(YamlFault { place: LineColumn::of(1, 1), message: "is empty".to_owned() })
}

/// Reads so many documents of a text. That there are more is a fault of the last.
pub(super) fn read_documents(text: &str, most: usize) -> YamlDocuments {
    let mut documents = YamlDocuments::default();
    documents.broken = read_into(text, most, &mut documents.trees).err();
    documents
}

fn read_into(text: &str, most: usize, trees: &mut Vec<YamlTree>) -> Result<(), YamlFault> {
    if text.len() > MAX_TREE_BYTES {
        let message = format!("is longer than {MAX_TREE_BYTES} bytes, and is not read");
        return Err(YamlFault { place: LineColumn::of(1, 1), message });
    }
    let options = options! {
        emit_comments: false,
        flow_nesting_limit: MAX_TREE_DEPTH,
        block_nesting_limit: MAX_TREE_DEPTH,
    };
    let start = text.len() - text.trim_start_matches('\u{FEFF}').len();
    let mut builder = TreeBuilder { text, start, ..TreeBuilder::default() };
    for next in Parser::new_from_str_with_options(&text[start..], options) {
        let (event, span) = next.map_err(|error| {
            let mark = error.marker();
            let kind = if text[start..].trim_start().starts_with('{') { "JSON" } else { "YAML" };
            let message = format!("is not {kind}: {}", bounded(&error.kind().to_string()));
            YamlFault { place: LineColumn::of(mark.line(), mark.col() + 1), message }
        })?;
        if let Event::DocumentStart(..) = event
            && builder.root.is_some()
        {
            if trees.len() + 1 == most {
                builder.fault(&span, &too_many(most));
                break;
            }
            trees.extend(builder.finished());
        }
        builder.next(&event, &span)?;
    }
    trees.extend(builder.finished());
    Ok(())
}

fn too_many(most: usize) -> String {
    match most {
        1 => "has a second document, which is not read: CloudFormation takes one".to_owned(),
        most => format!("has more than {most} documents; the others are not read"),
    }
}

/// Builds a tree, event by event.
#[derive(Default)]
struct TreeBuilder<'t> {
    text: &'t str,
    start: usize,
    open: Vec<OpenCollection>,
    anchors: HashMap<usize, Rc<YamlNode>>,
    /// How many values there are so far, with all that aliases stand for.
    nodes: usize,
    root: Option<Rc<YamlNode>>,
    faults: Vec<YamlFault>,
}

/// A collection that is not at its end.
struct OpenCollection {
    range: Range<usize>,
    anchor: usize,
    function: Option<YamlFunctionTag>,
    items: OpenItems,
}

enum OpenItems {
    List(Vec<Rc<YamlNode>>),
    Map { entries: Vec<YamlEntry>, key: Option<(Rc<str>, Range<usize>)>, seen: HashSet<Rc<str>> },
}

/// A short form: the long name, and where the tag stands.
struct YamlFunctionTag {
    name: Rc<str>,
    range: Range<usize>,
}

impl TreeBuilder<'_> {
    /// The document that was read last, if one was.
    fn finished(&mut self) -> Option<YamlTree> {
        let root = self.root.take()?;
        Some(YamlTree { root, faults: std::mem::take(&mut self.faults) })
    }

    fn next(&mut self, event: &Event<'_>, span: &Span) -> Result<(), YamlFault> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let range = self.range(span);
                let is_plain = *style == ScalarStyle::Plain && tag.is_none();
                let kind = if is_plain { plain(text) } else { YamlKind::Text((&**text).into()) };
                let function = self.function(tag.as_deref(), span);
                self.put(YamlNode::new(kind, range), function, *anchor, span)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open(span, *anchor, tag.as_deref(), OpenItems::List(Vec::new()));
                Ok(())
            }
            Event::MappingStart(_, anchor, tag) => {
                let items = OpenItems::Map { entries: Vec::new(), key: None, seen: HashSet::new() };
                self.open(span, *anchor, tag.as_deref(), items);
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(()) };
                let kind = match open.items {
                    OpenItems::List(items) => YamlKind::List(items),
                    OpenItems::Map { entries, .. } => YamlKind::Map(merged(entries)),
                };
                self.put(YamlNode::new(kind, open.range), open.function, open.anchor, span)
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(anchor).cloned() else {
                    return Err(self.fault_at(span, "has an alias within what it stands for"));
                };
                self.nodes = self.nodes.saturating_add(node.size);
                self.add(node, span)
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, span: &Span, anchor: usize, tag: Option<&Tag>, items: OpenItems) {
        let (range, function) = (self.range(span), self.function(tag, span));
        self.open.push(OpenCollection { range, anchor, function, items });
    }

    /// The function that a tag is short for.
    fn function(&self, tag: Option<&Tag>, span: &Span) -> Option<YamlFunctionTag> {
        let tag = tag.filter(|tag| tag.handle() == "!")?;
        let name: Rc<str> = match tag.suffix() {
            "Ref" | "Condition" => tag.suffix().into(),
            suffix => format!("Fn::{suffix}").into(),
        };
        let range = span.tag_span().map_or_else(|| self.range(span), |tag| self.range(&tag));
        Some(YamlFunctionTag { name, range })
    }

    /// Puts a finished value where it belongs.
    fn put(
        &mut self,
        node: YamlNode,
        function: Option<YamlFunctionTag>,
        anchor: usize,
        span: &Span,
    ) -> Result<(), YamlFault> {
        self.nodes = self.nodes.saturating_add(1);
        let node = Rc::new(match function {
            None => node,
            Some(function) => {
                let is_scalar = !matches!(node.kind, YamlKind::List(_) | YamlKind::Map(_));
                let end = if is_scalar { node.range.end.max(function.range.end) } else { function.range.end };
                let range = function.range.start..end;
                let entry = YamlEntry { key: function.name, key_range: function.range, value: Rc::new(node) };
                YamlNode::new(YamlKind::Map(vec![entry]), range)
            }
        });
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.add(node, span)
    }

    fn add(&mut self, node: Rc<YamlNode>, span: &Span) -> Result<(), YamlFault> {
        if self.nodes > MAX_TREE_NODES {
            let words =
                format!("has more than {MAX_TREE_NODES} values, counted with what its aliases stand for");
            return Err(self.fault_at(span, &words));
        }
        if node.depth + self.open.len() > MAX_TREE_DEPTH {
            let words = format!("has values that stand in each other more than {MAX_TREE_DEPTH} levels deep");
            return Err(self.fault_at(span, &words));
        }
        let range = node.range.clone();
        let mut twice = None;
        match self.open.last_mut().map(|open| &mut open.items) {
            None => self.root = Some(node),
            Some(OpenItems::List(items)) => items.push(node),
            Some(OpenItems::Map { entries, key, seen }) => match key.take() {
                Some((key, key_range)) => entries.push(YamlEntry { key, key_range, value: node }),
                None => {
                    let name: Rc<str> = match &node.kind {
                        YamlKind::Text(text) | YamlKind::Ambiguous(text) => Rc::clone(text),
                        _ => self.text.get(range.clone()).unwrap_or_default().into(),
                    };
                    if !seen.insert(Rc::clone(&name)) && &*name != MERGE {
                        twice =
                            Some(format!("has the key `{}` twice here; the last one counts", bounded(&name)));
                    }
                    *key = Some((name, range));
                }
            },
        }
        if let Some(words) = twice {
            self.fault(span, &words);
        }
        Ok(())
    }

    fn range(&self, span: &Span) -> Range<usize> {
        let offset = |at: Option<usize>| at.unwrap_or_default() + self.start;
        let (start, end) = (offset(span.start.byte_offset()), offset(span.end.byte_offset()));
        // A block ends at the start of what comes after it.
        let inner = self.text.get(start..end).unwrap_or_default();
        start..start + inner.trim_end().len()
    }

    fn fault(&mut self, span: &Span, message: &str) {
        const MOST: usize = 20;
        if self.faults.len() < MOST {
            let fault = self.fault_at(span, message);
            self.faults.push(fault);
        }
    }

    fn fault_at(&self, span: &Span, message: &str) -> YamlFault {
        let start = self.range(span).start.min(self.text.len());
        let place = LineIndex::new(self.text).region(&(start..start)).start();
        YamlFault { place, message: message.to_owned() }
    }
}

/// The key under which YAML puts the keys of another object into one.
const MERGE: &str = "<<";

/// An object with the keys that others put into it, where it does not have them itself.
fn merged(entries: Vec<YamlEntry>) -> Vec<YamlEntry> {
    if !entries.iter().any(|entry| &*entry.key == MERGE) {
        return entries;
    }
    let (merges, mut own): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| &*entry.key == MERGE);
    let mut seen: HashSet<Rc<str>> = own.iter().map(|entry| Rc::clone(&entry.key)).collect();
    for merge in &merges {
        let several = merge.value.items().iter();
        for entry in std::iter::once(&merge.value).chain(several).flat_map(|object| object.entries()) {
            if seen.insert(Rc::clone(&entry.key)) {
                own.push(entry.clone());
            }
        }
    }
    own
}

/// Whether a text is a version of Kubernetes, which is meant as it is written, whatever number it is too.
pub(super) fn is_version(text: &str) -> bool {
    text.strip_prefix("1.")
        .is_some_and(|minor| minor.len() == 2 && minor.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A text without quotes. Numbers that would not be written so again are texts, as account ids are.
fn plain(text: &str) -> YamlKind {
    let number = || {
        let number: Number = serde_json::from_str(text).ok()?;
        let is_fraction = text.contains('.') && !text.contains(['e', 'E']);
        let is_same = number.to_string() == text;
        match (is_same, is_fraction) {
            (true, _) => Some(YamlKind::Number(number)),
            // `1.30` is the number 1.3 for those who read numbers.
            (false, true) => Some(YamlKind::Ambiguous(text.into())),
            (false, false) => None,
        }
    };
    match text {
        "" | "~" | "null" | "Null" | "NULL" => YamlKind::Null,
        "true" | "True" | "TRUE" => YamlKind::Bool(true),
        "false" | "False" | "FALSE" => YamlKind::Bool(false),
        _ => number().unwrap_or_else(|| YamlKind::Text(text.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        match read_tree(text) {
            Err(fault) => format!("{}: {}", fault.place, fault.message),
            Ok(tree) => {
                tree.faults.iter().map(|fault| format!("{}: {}\n", fault.place, fault.message)).collect()
            }
        }
    }

    fn shown(node: &YamlNode) -> String {
        match &node.kind {
            YamlKind::Null => "null".to_owned(),
            YamlKind::Bool(value) => value.to_string(),
            YamlKind::Number(number) => number.to_string(),
            YamlKind::Text(text) => format!("{text:?}"),
            YamlKind::Ambiguous(text) => format!("?{text}"),
            YamlKind::List(items) => {
                format!("[{}]", items.iter().map(|item| shown(item)).collect::<Vec<_>>().join(","))
            }
            YamlKind::Map(entries) => {
                let entry = |entry: &YamlEntry| format!("{}:{}", entry.key, shown(&entry.value));
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
            }
        }
    }

    fn tree(text: &str) -> String {
        shown(&read_tree(text).expect("a tree").root)
    }

    #[test]
    fn values_are_what_they_are() {
        assert_eq!(
            tree("a: 1\nb: '1'\nc: 1.30\nd: 1.5\ne: 012345678901\nf: 2012-10-17\ng: True\nh:\ni: [yes]\n"),
            r#"{a:1,b:"1",c:?1.30,d:1.5,e:"012345678901",f:"2012-10-17",g:true,h:null,i:["yes"]}"#
        );
        assert_eq!(tree("{\"a\": [1, true, null, \"\\/x\"],\t\"b\": {}}"), r#"{a:[1,true,null,"/x"],b:{}}"#);
        assert_eq!(tree("\u{FEFF}{\n\t\"a\": 1\n}"), "{a:1}");
    }

    #[test]
    fn short_forms_are_long_ones() {
        assert_eq!(
            tree("a: !Ref X\nb: !Sub '${X}'\nc: !If [A, !Ref B, !Ref C]\nd: !GetAtt A.B\ne: !Condition F\n"),
            r#"{a:{Ref:"X"},b:{Fn::Sub:"${X}"},c:{Fn::If:["A",{Ref:"B"},{Ref:"C"}]},d:{Fn::GetAtt:"A.B"},e:{Condition:"F"}}"#
        );
        let text = "a: !Ref X\n";
        let tree = read_tree(text).expect("a tree");
        assert_eq!(&text[tree.root.get("a").expect("a").range.clone()], "!Ref X");
    }

    #[test]
    fn aliases_and_merges_are_put_in() {
        assert_eq!(
            tree("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\n"),
            "{a:{x:1,y:2},b:{y:3,x:1},c:{x:1,y:2}}"
        );
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..40 {
            let last = level - 1;
            let aliases = vec![format!("*a{last}"); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        assert!(fault(&bomb).contains("has more than 300000 values"), "{}", fault(&bomb));
        let mut deep = "a0: &a0 [x]\n".to_owned();
        for level in 1..200 {
            deep.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
        }
        assert!(fault(&deep).contains("more than 100 levels deep"), "{}", fault(&deep));
        assert!(fault("a: &a [*a]").starts_with("1:"));
    }

    #[test]
    fn what_is_broken_is_told_with_its_place() {
        assert_eq!(fault("a: 1\nb: 2\na: 3\n"), "3:1: has the key `a` twice here; the last one counts\n");
        assert!(fault("a: [1\nb: 2\n").contains("is not YAML: "));
        assert!(fault("{\"a\": 1,,}").contains("is not JSON: "));
        assert_eq!(fault(""), "1:1: is empty");
        assert!(fault("a: 1\n---\nb: 2\n").starts_with("2:1: has a second document"));
        assert!(fault(&"[".repeat(5_000)).contains("is not YAML"));
        assert!(fault(&"a:\n".repeat(2)).contains("twice"));
        assert!(!fault(&format!("a: {}", "!Ref ".repeat(3))).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "[a-z:\\-\\[\\]{}!&*<'\" \n\t#?|>%@,.0-9é]{0,80}") {
            let _read = read_tree(&text);
        }
    }
}
