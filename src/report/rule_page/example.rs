//! The examples of a rule on its page: all by name, and two to look at.

use super::markdown::{code_span, details, fenced, inline, list, section};
use super::{PageExample, RulePage};
use crate::rule::{Example, ExpectedOutcome};
use serde_json::Value;

/// The longest lines of a snapshot.
const WIDTH: usize = 92;
/// A snapshot with more lines is shown only when a reader opens it.
const MOST_LINES: usize = 24;
/// A snapshot with more lines is left to the file of the rule.
const MOST_SHOWN: usize = 120;
/// More examples are listed only when a reader opens the list.
const MOST_NAMES: usize = 6;

/// The part of the page.
pub(super) fn examples(page: &RulePage<'_>) -> Option<String> {
    let names: Vec<_> =
        page.examples.iter().map(|one| format!("{}: {}", inline(one.name), one.expects)).collect();
    if names.is_empty() {
        return None;
    }
    let shown = [shortest(page, finds), shortest(page, passes)].into_iter().flatten();
    let mut parts: Vec<_> = shown.filter_map(|(named, example)| one(named, example)).collect();
    if parts.is_empty() {
        parts.push("Their snapshots are long: the file of the rule has them.".to_owned());
    }
    parts.push(match names.len() > MOST_NAMES {
        true => details(
            &format!("All {} examples, which are the rule's tests", names.len()),
            false,
            &list(&names),
        ),
        false => list(&names),
    });
    Some(section("Examples", &parts.join("\n\n")))
}

fn finds(example: &Example) -> bool {
    example.finds.as_ref().is_some_and(|finds| !finds.is_empty())
}

fn passes(example: &Example) -> bool {
    example.finds.as_ref().is_some_and(Vec::is_empty) || example.outcome == Some(ExpectedOutcome::Pass)
}

/// The example that is the quickest to read of those that are like this.
fn shortest<'p>(
    page: &'p RulePage<'_>,
    is_like: fn(&Example) -> bool,
) -> Option<(&'p PageExample<'p>, &'p Example)> {
    let all = page.examples.iter().zip(&page.rule.examples).filter(|(_, example)| is_like(example));
    all.min_by_key(|(_, example)| example.snapshot.to_string().len())
}

/// An example with its snapshot, if that is not too long.
fn one(named: &PageExample<'_>, example: &Example) -> Option<String> {
    let mut snapshot = String::new();
    write(&example.snapshot, 0, &mut snapshot);
    let lines = snapshot.lines().count();
    if lines > MOST_SHOWN {
        return None;
    }
    let params = example.params.iter();
    let params =
        params.map(|(name, value)| format!("{} = {}", code_span(name), code_span(&value.to_string())));
    let day = example.as_of.iter().map(|day| format!("as of {day}"));
    let with: Vec<_> = params.chain(day).collect();
    let with = if with.is_empty() { String::new() } else { format!("With {}:\n\n", with.join(", ")) };
    let finds: Vec<_> = example.finds.iter().flatten().map(|pointer| code_span(pointer)).collect();
    let finds = if finds.is_empty() { String::new() } else { format!("\n\nFound at {}.", finds.join(", ")) };
    let text = format!("{with}{}{finds}", fenced("json", &snapshot));
    let summary = format!("{}: {}", capitalized(&named.expects), named.name);
    Some(details(&summary, lines <= MOST_LINES, &text))
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// JSON with each list and object on one line where there is room.
fn write(value: &Value, indent: usize, out: &mut String) {
    let line = line(value);
    let inner = indent + 2;
    match value {
        _ if indent + line.chars().count() <= WIDTH => out.push_str(&line),
        Value::Object(fields) => {
            let fields =
                fields.iter().map(|(name, value)| (format!("{}: ", Value::from(name.as_str())), value));
            write_all(('{', '}'), fields, inner, out);
        }
        Value::Array(items) => {
            write_all(('[', ']'), items.iter().map(|item| (String::new(), item)), inner, out)
        }
        _ => out.push_str(&line),
    }
}

fn write_all<'v>(
    (open, close): (char, char),
    parts: impl Iterator<Item = (String, &'v Value)>,
    indent: usize,
    out: &mut String,
) {
    out.push(open);
    for (at, (name, value)) in parts.enumerate() {
        out.push_str(if at == 0 { "\n" } else { ",\n" });
        out.push_str(&" ".repeat(indent));
        out.push_str(&name);
        write(value, indent, out);
    }
    out.push('\n');
    out.push_str(&" ".repeat(indent - 2));
    out.push(close);
}

/// JSON on one line.
fn line(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let field =
                |(name, value): (&String, &Value)| format!("{}: {}", Value::from(name.as_str()), line(value));
            format!("{{ {} }}", joined(fields.iter().map(field).collect()))
        }
        Value::Array(items) => format!("[{}]", joined(items.iter().map(line).collect())),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::write;
    use serde_json::{Value, json};

    fn written(value: &Value) -> String {
        let mut out = String::new();
        write(value, 0, &mut out);
        out
    }

    #[test]
    fn what_is_short_stays_on_a_line() {
        assert_eq!(written(&json!({ "a": [1, "b"], "c": {} })), r#"{ "a": [1, "b"], "c": {} }"#);
        let long = json!({ "name": "x".repeat(60), "list": ["y".repeat(40), { "z": 1 }] });
        let lines = [
            "{".to_owned(),
            format!("  \"name\": \"{}\",", "x".repeat(60)),
            format!("  \"list\": [\"{}\", {{ \"z\": 1 }}]", "y".repeat(40)),
            "}".to_owned(),
        ];
        assert_eq!(written(&long), lines.join("\n"));
    }

    proptest::proptest! {
        #[test]
        fn it_is_the_same_json(texts in proptest::collection::vec("\\PC{0,60}", 0..8)) {
            let value = json!({ "list": &texts, "map": texts.iter().map(|text| (text.clone(), json!([text]))).collect::<serde_json::Map<_, _>>() });
            let again: Value = serde_json::from_str(&written(&value)).expect("JSON");
            proptest::prop_assert_eq!(again, value);
        }
    }
}
