//! Changes of the text of a configuration file: what is in it stays as it is, with its comments, its order and its ends of
//! lines.

use chrono::NaiveDate;
use toml_edit::{Array, ArrayOfTables, Datetime, DocumentMut, InlineTable, Item, Table, Value};

/// The key of waivers.
const WAIVERS: &str = "waiver";
/// How the line starts by which editors find the schema; it stays the first one.
const SCHEMA_LINE: &str = "#:schema";

/// What a new waiver says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewWaiver {
    /// Rules: ids or globs, at least one.
    pub rules: Vec<String>,
    /// Globs over the cluster's name or ARN; empty for all clusters.
    pub clusters: Vec<String>,
    /// Globs over KIND/NAME or the ARN; empty for all resources.
    pub resources: Vec<String>,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Who approved the exception: a name or an address.
    pub approved_by: Option<String>,
    /// Where it was agreed on.
    pub ticket: Option<String>,
    /// The last day on which it holds.
    pub expires: Option<NaiveDate>,
}

impl NewWaiver {
    /// Its keys and values, in the order of the documentation.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        let text = |text: &Option<String>| text.as_deref().map(|text| Value::from(one_line(text)));
        let expires = self.expires.and_then(|day| day.to_string().parse::<Datetime>().ok());
        let fields = [
            ("rule", one_or_more(&self.rules)),
            ("cluster", one_or_more(&self.clusters)),
            ("resource", one_or_more(&self.resources)),
            ("reason", Some(Value::from(one_line(&self.reason)))),
            ("owner", text(&self.owner)),
            ("approved-by", text(&self.approved_by)),
            ("ticket", text(&self.ticket)),
            ("expires", expires.map(Value::from)),
        ];
        fields.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    /// The text of its table.
    pub fn text(&self) -> String {
        let mut tables = ArrayOfTables::new();
        tables.push(self.fields().into_iter().collect::<Table>());
        let mut document = DocumentMut::new();
        document.insert(WAIVERS, Item::ArrayOfTables(tables));
        document.to_string()
    }
}

/// A text without ends of lines, which would be those of the file.
fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// One text by itself, or a list.
fn one_or_more(texts: &[String]) -> Option<Value> {
    match texts {
        [] => None,
        [one] => Some(Value::from(one.as_str())),
        several => Some(Value::Array(several.iter().map(String::as_str).collect::<Array>())),
    }
}

/// The text with a key at its top, which it does not have yet: in the place of the line that has it commented out, as
/// `ekslint config init` writes it, else after the other keys.
///
/// # Errors
///
/// The text is not TOML: in words.
pub fn with_setting(text: &str, key: &str, texts: &[String], is_list: bool) -> Result<String, String> {
    let value = match texts {
        [one] if !is_list => Value::from(one.as_str()),
        _ => Value::Array(texts.iter().map(String::as_str).collect::<Array>()),
    };
    with_unix_lines(text, |text| {
        let document: DocumentMut = text.parse().map_err(in_words)?;
        let line = format!("{key} = {}", value.to_string().trim());
        Ok(match EditPlace::of(text, &document, key) {
            EditPlace::CommentedOut(at) => replaced(text, at, &line),
            EditPlace::AfterKeys => {
                let mut document = document;
                document.insert(key, Item::Value(value.clone()));
                document.to_string()
            }
            EditPlace::BeforeLine(at) => inserted(text, at, &line),
            EditPlace::AtEnd => format!("{}{line}\n", with_end(text)),
        })
    })
}

/// The text with one more waiver, at its end.
///
/// # Errors
///
/// The text is not TOML: in words.
pub fn with_waiver(text: &str, waiver: &NewWaiver) -> Result<String, String> {
    with_unix_lines(text, |text| {
        let mut document: DocumentMut = text.parse().map_err(in_words)?;
        if let Some(list) = document.get_mut(WAIVERS).and_then(Item::as_array_mut) {
            list.push(waiver.fields().into_iter().collect::<InlineTable>());
            return Ok(document.to_string());
        }
        let gap = if text.trim().is_empty() { "" } else { "\n" };
        Ok(format!("{}{gap}{}", with_end(text), waiver.text()))
    })
}

/// Where a key goes.
enum EditPlace {
    /// In the place of this line.
    CommentedOut(usize),
    /// After the keys that are there.
    AfterKeys,
    /// Before this line: that of the first table, or of the comment above it.
    BeforeLine(usize),
    /// After everything: there are comments only.
    AtEnd,
}

impl EditPlace {
    fn of(text: &str, document: &DocumentMut, key: &str) -> Self {
        let lines: Vec<_> = text.lines().collect();
        // What looks so further down would belong to a table.
        let first_table = lines.iter().position(|line| line.trim_start().starts_with('['));
        let top = &lines[..first_table.unwrap_or(lines.len())];
        let commented_out = format!("#{key} = ");
        let at = top.iter().position(|line| line.starts_with(&commented_out));
        // A text of several lines may have one that looks so: then the key is not there afterwards.
        let is_key = |at: &usize| {
            let changed: Result<DocumentMut, _> = replaced(text, *at, &format!("{key} = 0")).parse();
            changed.is_ok_and(|changed| changed.contains_key(key))
        };
        if let Some(at) = at.filter(is_key) {
            return Self::CommentedOut(at);
        }
        if document.iter().any(|(_, item)| item.is_value() || item.as_table().is_some_and(Table::is_dotted)) {
            return Self::AfterKeys;
        }
        let Some(table) = first_table else { return Self::AtEnd };
        let is_about_it = |line: &&&str| line.starts_with('#') && !line.starts_with(SCHEMA_LINE);
        Self::BeforeLine(table - top.iter().rev().take_while(is_about_it).count())
    }
}

/// The text with another line in the place of one.
fn replaced(text: &str, at: usize, by: &str) -> String {
    let lines = text.lines().enumerate().map(|(line, old)| if line == at { by } else { old });
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The text with a line and a blank one before another.
fn inserted(text: &str, at: usize, line: &str) -> String {
    let (before, after): (Vec<_>, Vec<_>) = text.lines().enumerate().partition(|(old, _)| *old < at);
    let old = |lines: Vec<(usize, &str)>| {
        lines.into_iter().map(|(_, line)| format!("{line}\n")).collect::<String>()
    };
    format!("{}{line}\n\n{}", old(before), old(after))
}

fn with_end(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

/// Changes a text whose lines may end as those of Windows do: then all of them do.
fn with_unix_lines(text: &str, change: impl Fn(&str) -> Result<String, String>) -> Result<String, String> {
    if text.contains("\r\n") {
        return Ok(change(&text.replace("\r\n", "\n"))?.replace('\n', "\r\n"));
    }
    change(text)
}

fn in_words(error: toml_edit::TomlError) -> String {
    format!("is not TOML: {}", error.message())
}

#[cfg(test)]
mod tests {
    use super::{NewWaiver, with_setting, with_waiver};
    use crate::policy::config::{Config, template};
    use chrono::NaiveDate;
    use std::path::{Path, PathBuf};

    fn set(text: &str) -> String {
        let text = with_setting(text, "baseline", &["b.jsonl".to_owned()], false).expect("TOML");
        let config = Config::parse(Path::new("ekslint.toml"), &text).expect("a configuration");
        let baseline = config.baseline.expect("a baseline");
        assert_eq!(baseline.value, PathBuf::from("b.jsonl"), "{text}");
        text
    }

    #[test]
    fn a_key_goes_where_it_is_looked_for() {
        let table = [
            ("", "baseline = \"b.jsonl\"\n"),
            ("# Ours.\n", "# Ours.\nbaseline = \"b.jsonl\"\n"),
            ("# Ours.", "# Ours.\nbaseline = \"b.jsonl\"\n"),
            (
                "strict = true # yes\n\n# Rules.\n[rules]\n",
                "strict = true # yes\nbaseline = \"b.jsonl\"\n\n# Rules.\n[rules]\n",
            ),
            (
                "rules.node-imds-v1 = 'off'\n[organization]\n",
                "rules.node-imds-v1 = 'off'\nbaseline = \"b.jsonl\"\n[organization]\n",
            ),
            ("[rules]\n", "baseline = \"b.jsonl\"\n\n[rules]\n"),
            (
                "#:schema x.json\n# Rules.\n[rules]\n#baseline = \"x\"\n",
                "#:schema x.json\nbaseline = \"b.jsonl\"\n\n# Rules.\n[rules]\n#baseline = \"x\"\n",
            ),
            ("#baseline = \"x\"\nstrict = true\n", "baseline = \"b.jsonl\"\nstrict = true\n"),
            ("strict = true\r\n[rules]\r\n", "strict = true\r\nbaseline = \"b.jsonl\"\r\n[rules]\r\n"),
            (
                "paths = ['''\n#baseline = \"x\"\n''']\n",
                "paths = ['''\n#baseline = \"x\"\n''']\nbaseline = \"b.jsonl\"\n",
            ),
        ];
        for (before, after) in table {
            assert_eq!(set(before), after);
        }
    }

    #[test]
    fn the_written_file_has_the_key_in_its_place() {
        let (before, after) = (template(), set(&template()));
        let new: Vec<_> = after.lines().filter(|line| !before.contains(line)).collect();
        assert_eq!(before.lines().count(), after.lines().count());
        assert_eq!(new, ["baseline = \"b.jsonl\""]);
    }

    #[test]
    fn a_waiver_is_the_last_table_and_reads_as_it_was_meant() {
        let waiver = NewWaiver {
            rules: vec!["endpoint-*".to_owned()],
            clusters: vec!["a".to_owned(), "b\"c".to_owned()],
            reason: "why\nnot \u{1b} \\ \"so\"".to_owned(),
            expires: NaiveDate::from_ymd_opt(2026, 12, 31),
            ..NewWaiver::default()
        };
        let texts = [
            "",
            "strict = true",
            "# Ours.\r\n[rules]\r\n",
            "[[waiver]]\nrule = 'x-*'\nreason = 'y'\n\n[organization]\n# end\n",
            "waiver = [{ rule = 'x-*', reason = 'y' }] # one\nstrict = true\n",
            &template(),
        ];
        for text in texts {
            let changed = with_waiver(text, &waiver).expect("TOML");
            let config = Config::parse(Path::new("ekslint.toml"), &changed).expect(&changed);
            let last = config.waivers.last().expect("a waiver");
            assert_eq!(config.waivers.len(), 1 + usize::from(text.contains("x-*")), "{changed}");
            let reason = last.reason.as_ref().map(|reason| reason.value.as_str());
            assert_eq!(reason, Some("why not \u{1b} \\ \"so\""), "{changed}");
            assert_eq!(last.expires.as_ref().map(|day| day.value), waiver.expires);
            assert!(changed.lines().count() > text.lines().count() || text.starts_with("waiver = "));
            let kept = text.lines().all(|line| changed.contains(line.trim_end_matches("}] # one")));
            assert!(kept, "{changed}");
            assert_eq!(text.contains("\r\n"), changed.contains("\r\n"));
        }
    }

    #[test]
    fn what_is_not_toml_is_not_changed() {
        assert!(with_setting("=", "baseline", &[String::new()], false).is_err());
        assert!(with_waiver("=", &NewWaiver::default()).is_err());
    }
}
