//! What serde does not show of a YAML file: tags, anchors, and keys without a value. YAML takes
//! `when: !cluster.x` for a tag and loads it as no `when` at all.

use crate::value::position::LineColumn;
use granit_parser::{Event, Parser, ScalarStyle, Span};

/// The first thing in a file that would be read as something else than it looks like: the message,
/// and where it is.
pub(super) fn first_trap(text: &str) -> Option<(String, LineColumn)> {
    let mut keys = Keys::default();
    for next in Parser::new_from_str(text) {
        let Ok((event, span)) = next else { return None };
        let found = match &event {
            Event::Scalar(_, _, anchor, tag) => trap(*anchor, tag.is_some()),
            Event::SequenceStart(_, anchor, tag) | Event::MappingStart(_, anchor, tag) => {
                trap(*anchor, tag.is_some())
            }
            Event::Alias(_) => Some("YAML aliases are not used in rule files"),
            _ => None,
        };
        let null = found.is_none() && keys.next(&event) == YamlValue::Null;
        let null = null.then_some("has no value; write one, or leave the key out");
        if let Some(message) = found.or(null) {
            return Some(at(message, &span));
        }
    }
    None
}

fn trap(anchor: usize, tag: bool) -> Option<&'static str> {
    match (tag, anchor) {
        (true, _) => {
            Some("YAML reads a leading `!` as a tag; put the expression in double quotes or in a `|-` block")
        }
        (false, 0) => None,
        (false, _) => Some("YAML anchors are not used in rule files"),
    }
}

fn at(message: &str, span: &Span) -> (String, LineColumn) {
    let start = span.tag_start.unwrap_or(span.start);
    (message.to_owned(), LineColumn::of(start.line(), start.col() + 1))
}

/// Where the value at a path of keys and positions is.
pub(super) fn place_of(text: &str, path: &[String]) -> Option<LineColumn> {
    let mut walk = YamlWalk::default();
    for next in Parser::new_from_str(text) {
        let (event, span) = next.ok()?;
        if walk.is_value(&event) && walk.path().eq(path.iter().map(String::as_str)) {
            return Some(LineColumn::of(span.start.line(), span.start.col() + 1));
        }
        walk.next(&event);
    }
    None
}

/// Where a parser is: for each open collection, the key or the position of its next value.
#[derive(Default)]
struct YamlWalk {
    open: Vec<Step>,
}

enum Step {
    /// A mapping, and the key whose value comes next, if a value does.
    Key(Option<String>),
    Position(usize, String),
}

impl YamlWalk {
    fn path(&self) -> impl Iterator<Item = &str> {
        self.open.iter().map(|step| match step {
            Step::Key(key) => key.as_deref().unwrap_or_default(),
            Step::Position(_, text) => text,
        })
    }

    fn is_value(&self, event: &Event<'_>) -> bool {
        let starts = matches!(event, Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..));
        starts && !matches!(self.open.last(), Some(Step::Key(None)))
    }

    fn next(&mut self, event: &Event<'_>) {
        match event {
            Event::MappingStart(..) => self.open.push(Step::Key(None)),
            Event::SequenceStart(..) => self.open.push(Step::Position(0, "0".to_owned())),
            Event::MappingEnd | Event::SequenceEnd => {
                self.open.pop();
                self.pass(None);
            }
            Event::Scalar(text, ..) => self.pass(Some(text)),
            Event::Alias(_) => self.pass(None),
            _ => {}
        }
    }

    /// Goes on behind a key or a value.
    fn pass(&mut self, scalar: Option<&str>) {
        match self.open.last_mut() {
            Some(Step::Key(key)) => {
                *key = if key.is_some() { None } else { Some(scalar.unwrap_or_default().to_owned()) };
            }
            Some(Step::Position(at, text)) => {
                *at += 1;
                *text = at.to_string();
            }
            None => {}
        }
    }
}

#[derive(PartialEq)]
enum YamlValue {
    Value,
    Null,
}

/// Follows which scalars are keys and which are values, and where snapshots of examples are: these
/// are AWS's documents, in which a null may be.
#[derive(Default)]
struct Keys {
    /// For each open collection: whether it is a mapping, and its pending key.
    open: Vec<(bool, Option<String>)>,
    /// How deep the snapshot starts that we are in.
    snapshot: Option<usize>,
}

impl Keys {
    fn next(&mut self, event: &Event<'_>) -> YamlValue {
        match event {
            Event::Scalar(text, style, ..) => return self.scalar(text, *style == ScalarStyle::Plain),
            Event::MappingStart(..) => self.enter(true),
            Event::SequenceStart(..) => self.enter(false),
            Event::MappingEnd | Event::SequenceEnd => {
                self.open.pop();
                if self.snapshot.is_some_and(|depth| self.open.len() < depth) {
                    self.snapshot = None;
                }
            }
            _ => {}
        }
        YamlValue::Value
    }

    fn enter(&mut self, mapping: bool) {
        let key = self.open.last_mut().and_then(|(_, key)| key.take());
        self.open.push((mapping, None));
        if key.as_deref() == Some("snapshot") && self.snapshot.is_none() {
            self.snapshot = Some(self.open.len());
        }
    }

    fn scalar(&mut self, text: &str, plain: bool) -> YamlValue {
        let inside = self.snapshot.is_some();
        let Some((mapping, key)) = self.open.last_mut() else { return YamlValue::Value };
        if *mapping && key.is_none() {
            *key = Some(text.to_owned());
            return YamlValue::Value;
        }
        *key = None;
        let null = plain && (text.is_empty() || (!inside && matches!(text, "~" | "null" | "Null" | "NULL")));
        if null { YamlValue::Null } else { YamlValue::Value }
    }
}

#[cfg(test)]
mod tests {
    use super::first_trap;

    #[test]
    fn values_are_found_by_their_path() {
        let text = "id: x\nlist:\n  - a: {b: [1, 2]}\n    c: 3\n  - c: 4\n";
        let place = |path: &str| {
            let path: Vec<_> = path.split('/').map(str::to_owned).collect();
            super::place_of(text, &path).map(|at| (at.line, at.column))
        };
        assert_eq!(place("id"), Some((1, 5)));
        assert_eq!(place("list/0/a/b/1"), Some((3, 16)));
        assert_eq!(place("list/0/c"), Some((4, 8)));
        assert_eq!(place("list/1/c"), Some((5, 8)));
        assert_eq!(place("list/2"), None);
        assert_eq!(place("nothing"), None);
    }

    #[test]
    fn what_yaml_would_eat_is_found() {
        for (text, line) in [
            ("when: !cluster.x\n", 1),
            ("a: 1\nassert: !(a == b)\n", 2),
            ("when:\nassert: x\n", 1),
            ("when: ~\n", 1),
            ("a: &x 1\n", 1),
        ] {
            let (_, found) = first_trap(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(found.line, line, "{text}");
        }
        assert_eq!(first_trap("a: \"!x\"\nb: |-\n  !x\n"), None);
        assert_eq!(first_trap("examples:\n  - snapshot: {cluster: {tags: null}}\n"), None);
    }
}
