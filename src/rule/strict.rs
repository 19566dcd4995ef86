//! What serde does not show of a YAML file: tags, anchors, and keys without a value. YAML takes
//! `when: !cluster.x` for a tag and loads it as no `when` at all.

use granit_parser::{Event, Parser, ScalarStyle, Span};

/// The first thing in a file that would be read as something else than it looks like: the message,
/// and line and column from 1.
pub(super) fn first_trap(text: &str) -> Option<(String, usize, usize)> {
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
        let null = found.is_none() && keys.next(&event) == Found::Null;
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

fn at(message: &str, span: &Span) -> (String, usize, usize) {
    let start = span.tag_start.unwrap_or(span.start);
    (message.to_owned(), start.line(), start.col() + 1)
}

#[derive(PartialEq)]
enum Found {
    Value,
    Null,
}

/// Follows which scalars are keys and which are values, and where snapshots of examples are: these
/// are AWS's documents, in which a null may stand.
#[derive(Default)]
struct Keys {
    /// For each open collection: whether it is a mapping, and its pending key.
    open: Vec<(bool, Option<String>)>,
    /// How deep the snapshot starts that we are in.
    snapshot: Option<usize>,
}

impl Keys {
    fn next(&mut self, event: &Event<'_>) -> Found {
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
        Found::Value
    }

    fn enter(&mut self, mapping: bool) {
        let key = self.open.last_mut().and_then(|(_, key)| key.take());
        self.open.push((mapping, None));
        if key.as_deref() == Some("snapshot") && self.snapshot.is_none() {
            self.snapshot = Some(self.open.len());
        }
    }

    fn scalar(&mut self, text: &str, plain: bool) -> Found {
        let inside = self.snapshot.is_some();
        let Some((mapping, key)) = self.open.last_mut() else { return Found::Value };
        if *mapping && key.is_none() {
            *key = Some(text.to_owned());
            return Found::Value;
        }
        *key = None;
        let null = plain && (text.is_empty() || (!inside && matches!(text, "~" | "null" | "Null" | "NULL")));
        if null { Found::Null } else { Found::Value }
    }
}

#[cfg(test)]
mod tests {
    use super::first_trap;

    #[test]
    fn what_yaml_would_eat_is_found() {
        for (text, line) in [
            ("when: !cluster.x\n", 1),
            ("a: 1\nassert: !(a == b)\n", 2),
            ("when:\nassert: x\n", 1),
            ("when: ~\n", 1),
            ("a: &x 1\n", 1),
        ] {
            let (_, found, _) = first_trap(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(found, line, "{text}");
        }
        assert_eq!(first_trap("a: \"!x\"\nb: |-\n  !x\n"), None);
        assert_eq!(first_trap("examples:\n  - snapshot: {cluster: {tags: null}}\n"), None);
    }
}
