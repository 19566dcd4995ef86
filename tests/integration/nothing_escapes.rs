//! Whatever the owner of a cluster writes into a name, a tag or any other field: in no output does a terminal, a
//! CI runner, a browser, a shell or a reader of files take it for more than text. A table of outputs × texts × fields;
//! outputs are those that there are, so a new one is in the table at once.

use crate::html::page::Page;
use crate::support::github_markdown;
use crate::support::sample::{self, written_in};
use assert_cmd::Command;
use clap::ValueEnum;
use ekslint::report::{Detail, ReportFormat, Style};
use regex::Regex;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::LazyLock;
use tempfile::TempDir;

/// What an owner may write. Each was a way out of some output of some tool.
const HOSTILE: [&str; 28] = [
    "\u{1b}[31mred\u{9b}2J",
    "](http://evil.example)",
    "[docs](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "::error::x",
    " ::stop-commands::x",
    "##[error]x",
    "##vso[task.setvariable variable=x]y",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "../../x",
    "팀 플랫폼 🐳",
    "\u{202e}gnp.exe\u{2066}",
    "a\u{0}b",
    "=cmd()|' /C calc'!A0",
    "%0A::error::x",
    "\"",
    "'",
    "a`b``c",
    "a|b\\|c\\",
    "@everyone GH-1 #1 www.evil.example http://evil.example a@evil.example",
    "$(id);`id`&& id",
    "\r\n::warning::x\n# heading\n- item\n\n    code\n",
    "{{cluster.name}}{{",
    "]]>--></details></summary>&lt;",
    "a\u{2028}::error::b\u{2029}c\u{85}d",
    "a\u{61c}b\u{200b}c\u{200d}d\u{2060}\u{2064}\u{206a}e\u{ad}f\u{3164}\u{fff9}g",
    "a\u{e0001}\u{e0041}\u{e007f}b\u{e0100}c",
];
/// In how many parts the fields of the sample are taken.
const BATCHES: usize = 12;
/// Takes the place of the text above in what they are compared with.
const HARMLESS: &str = "harmless";
/// The names that owners chose in the sample.
const NAMES: [&str; 9] = [
    "study-lab",
    "ng1",
    "study-key",
    "플랫폼",
    "EKS",
    "launch-wizard",
    "vpc-cni",
    "coredns",
    "AmazonEKSNode",
];
/// The commands of GitHub's runner.
const COMMANDS: &str = "add-mask add-matcher add-path debug echo endgroup error group notice remove-matcher \
    save-state set-env set-output stop-commands warning internal-set-repo-path";

static SAMPLE: LazyLock<Value> = LazyLock::new(|| sample::document("fixtures/study-lab.json"));

/// Texts of that many characters.
fn long(length: usize) -> [String; 3] {
    ["long ", "`", "<b>"].map(|text| text.repeat(length / text.len()))
}

/// All texts. Longer ones make rules with patterns not evaluated, and so change what is found.
fn hostile() -> Vec<String> {
    short().into_iter().chain(long(2_000)).collect()
}

fn short() -> Vec<String> {
    HOSTILE.map(str::to_owned).to_vec()
}

/// A document with its texts and the keys of its tags and labels changed. What changes a text is given its place,
/// without positions in lists.
fn changed(document: &Value, place: &str, change: &dyn Fn(&str, &str) -> String) -> Value {
    let key = |name: &String| match place.to_lowercase().rsplit('/').next() {
        Some("tags" | "labels") => change(&format!("{place}/*"), name),
        _ => name.clone(),
    };
    match document {
        Value::String(text) => Value::String(change(place, text)),
        Value::Array(items) => items.iter().map(|item| changed(item, place, change)).collect(),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                (key(name), changed(value, &format!("{place}/{name}"), change))
            };
            Value::Object(fields.iter().map(field).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

/// All outputs of a scan of the document, by the name of the output.
fn outputs(file: &str, document: &Value) -> BTreeMap<String, String> {
    let text = serde_json::to_string_pretty(document).expect("JSON");
    let formats = ReportFormat::value_variants().iter();
    let mut outputs: Vec<_> = formats.map(|format| (*format, Style::default())).collect();
    outputs.push((ReportFormat::Text, Style { detail: Detail::Full, ..Style::default() }));
    let written = written_in(&outputs, &[(file, &text)], &[], |_| {}, |_| {});
    let name = |(format, style): &(ReportFormat, Style)| match style.detail {
        Detail::Full => "full".to_owned(),
        _ => format.to_possible_value().expect("a name").get_name().to_owned(),
    };
    outputs.iter().map(name).zip(written).collect()
}

/// How an output is read.
#[derive(Clone, Copy, Debug)]
enum Reader {
    Lines,
    Page,
    Table,
    Json,
    Xml,
    Csv,
    Markdown,
    Mermaid,
    Html,
}

impl Reader {
    /// The reader of an output, by its name and by what it looks like when it is harmless.
    fn of(name: &str, harmless: &str) -> Self {
        match (name, harmless.trim_start().chars().next()) {
            ("text", _) => Self::Page,
            ("table", _) => Self::Table,
            ("markdown", _) => Self::Markdown,
            ("csv", _) => Self::Csv,
            ("mermaid", _) => Self::Mermaid,
            (_, Some('{' | '[')) => Self::Json,
            (_, Some('<')) if harmless.starts_with("<!DOCTYPE html>") => Self::Html,
            (_, Some('<')) => Self::Xml,
            _ => Self::Lines,
        }
    }

    /// Reads an output, and gives its shape: what must be the same whatever the texts in it are.
    fn shape(self, text: &str, whose: &str) -> Vec<String> {
        match self {
            Self::Lines => findings(text),
            Self::Page => blocks(text),
            // The table ends where the totals begin.
            Self::Table => {
                vec![count("rows", text.lines().take_while(|line| line.starts_with("  ")).count())]
            }
            Self::Mermaid => vec![count("lines", text.lines().count())],
            Self::Csv => rows(text, whose),
            Self::Json => documents(text, whose),
            Self::Xml => {
                let document =
                    roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{whose}: {error}"));
                let elements = document.descendants().filter(roxmltree::Node::is_element);
                elements.map(|element| element.tag_name().name().to_owned()).collect()
            }
            Self::Html => sections(text, whose),
            Self::Markdown => {
                github_markdown::check(text, whose);
                // The table of the clusters and the totals: details are left out where names take much room.
                let rows = text.lines().filter(|line| line.starts_with('|')).count();
                text.lines().take(5).map(str::to_owned).chain([count("rows", rows)]).collect()
            }
        }
    }
}

/// The headings, sections and rows of a page of HTML, which is sound.
fn sections(text: &str, whose: &str) -> Vec<String> {
    let page = Page::of(text.to_owned());
    page.is_sound(whose);
    let markup = page.markup();
    let document = roxmltree::Document::parse(&markup).expect("a sound page");
    let names = document.descendants().map(|node| node.tag_name().name().to_owned());
    names.filter(|name| ["h1", "h2", "h3", "section", "tr", "form", "svg"].contains(&name.as_str())).collect()
}

/// The readers of all outputs of a scan.
static READERS: LazyLock<BTreeMap<String, Reader>> = LazyLock::new(|| {
    let outputs = outputs("harmless.json", &SAMPLE).into_iter();
    outputs
        .map(|(name, text)| {
            let reader = Reader::of(&name, &text);
            (name, reader)
        })
        .collect()
});

/// The shapes of one JSON document, or of one a line.
fn documents(text: &str, whose: &str) -> Vec<String> {
    let mut shape = Vec::new();
    for document in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let document = document.unwrap_or_else(|error| panic!("{whose}: {error}"));
        check_uris(&document, whose);
        json_shape(&document, &mut shape);
    }
    shape
}

fn count(what: &str, count: usize) -> String {
    format!("{count} {what}")
}

/// What steers a terminal, ends a line for some, turns a text around, or is not seen at all: by Unicode's data, format
/// characters and separators that are ignored by default, but for the 16 selectors of emoji.
fn is_hidden(c: char) -> bool {
    let hidden = [
        0xAD..=0xAD,
        0x34F..=0x34F,
        0x61C..=0x61C,
        0x115F..=0x1160,
        0x17B4..=0x17B5,
        0x180E..=0x180E,
        0x200B..=0x200F,
        0x2028..=0x202E,
        0x2060..=0x206F,
        0x3164..=0x3164,
        0xFEFF..=0xFEFF,
        0xFFA0..=0xFFA0,
        0xFFF0..=0xFFFB,
        0x1BCA0..=0x1BCA3,
        0x1D173..=0x1D17A,
        0xE0000..=0xE0FFF_u32,
    ];
    c.is_control() || hidden.iter().any(|range| range.contains(&u32::from(c)))
}

/// No line steers a terminal, and none but those of the output for GitHub is a command of a runner.
fn check_lines(name: &str, text: &str, whose: &str) {
    for line in text.split('\n') {
        let line = if name == "csv" { line.trim_end_matches('\r') } else { line };
        assert!(!line.contains(is_hidden), "{whose}: {line:?}");
        let lower = line.to_lowercase();
        for command in ["##[", "##vso[", "##teamcity["] {
            assert!(!lower.contains(command), "{whose}: {line}");
        }
        let Some(command) = line.trim_start().strip_prefix("::") else { continue };
        let command = command.split([' ', ':']).next().unwrap_or_default().to_lowercase();
        let own = name == "github"
            && ["error", "warning", "notice"].contains(&command.as_str())
            && line.starts_with("::");
        assert!(own || !COMMANDS.split_whitespace().any(|known| known == command), "{whose}: {line}");
    }
}

/// The lines of findings, where an output has such.
fn findings(text: &str) -> Vec<String> {
    static FINDING: LazyLock<Regex> = LazyLock::new(|| {
        let severity = "critical|high|medium|low|info";
        let form = format!(
            r"^({severity})\[([a-z0-9-]+)\]|: ({severity}) ([a-z0-9-]+): |^::([a-z]+) .*title=([^:]*)::"
        );
        Regex::new(&form).expect("an expression")
    });
    let found = text.lines().filter_map(|line| FINDING.captures(line));
    found
        .map(|found| found.iter().skip(1).flatten().map(|part| part.as_str()).collect::<Vec<_>>().join(" "))
        .collect()
}

/// The severities and the rules of the page for people: each has a row, and the rule stands below it.
fn blocks(text: &str) -> Vec<String> {
    let lines: Vec<_> = text.lines().collect();
    let first = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    let is_severity = |word: &str| ["critical", "high", "medium", "low", "info"].contains(&word);
    let rows =
        lines.windows(2).filter(|rows| is_severity(&first(rows[0])) && rows[1].starts_with("          "));
    rows.map(|rows| format!("{} {}", first(rows[0]), first(rows[1]))).collect()
}

/// The number of rows; all have as many cells, and no cell is a formula.
fn rows(text: &str, whose: &str) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let rows = reader.records().map(|row| row.unwrap_or_else(|error| panic!("{whose}: {error}")));
    let cells: Vec<_> = rows.map(|row| row.iter().map(str::to_owned).collect::<Vec<_>>()).collect();
    for cell in cells.iter().flatten() {
        assert!(!cell.starts_with(['=', '@', '+', '\t', '\r']), "{whose}: {cell:?} is a formula");
    }
    vec![count("rows", cells.len())]
}

/// The names of all fields, the lengths of all lists.
fn json_shape(value: &Value, shape: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            shape.push(count("items", items.len()));
            items.iter().for_each(|item| json_shape(item, shape));
        }
        Value::Object(fields) => {
            // What is named after a cluster's own names has other names here and there.
            shape.push(count("fields", fields.len()));
            fields.values().for_each(|value| json_shape(value, shape));
        }
        _ => {}
    }
}

/// What an output calls a URI of a file is a path in the repository.
fn check_uris(value: &Value, whose: &str) {
    if let Some(uri) = value["artifactLocation"]["uri"].as_str() {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
        assert!(!uri.is_empty() && !uri.starts_with('/') && uri.chars().all(allowed), "{whose}: {uri}");
        assert!(uri.split('/').all(|part| part != ".."), "{whose}: {uri}");
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| check_uris(item, whose)),
        Value::Object(fields) => fields.values().for_each(|field| check_uris(field, whose)),
        _ => {}
    }
}

/// The shapes of all outputs of a scan.
fn shapes(file: &str, document: &Value, whose: &str) -> BTreeMap<String, Vec<String>> {
    let outputs = outputs(file, document).into_iter();
    let shape = |(name, text): (String, String)| {
        let whose = format!("{name} of {whose}");
        check_lines(&name, &text, &whose);
        let mut shape = READERS[&name].shape(&text, &whose);
        // Reasons are in the order of their texts.
        shape.sort();
        (name, shape)
    };
    outputs.map(shape).collect()
}

/// Checks that each text changes nothing but itself.
fn compare(texts: &[String], change: &dyn Fn(&str) -> Value) {
    let expected = shapes("harmless.json", &change(HARMLESS), HARMLESS);
    assert!(expected.len() >= 10 && expected.values().all(|shape| !shape.is_empty()), "{expected:?}");
    for text in texts {
        let whose: String = text.chars().take(40).flat_map(char::escape_default).collect();
        let found = shapes(&format!("{text}.json"), &change(text), &whose);
        for (name, shape) in &expected {
            let differs = shape.iter().zip(&found[name]).position(|(a, b)| a != b);
            assert!(
                *shape == found[name],
                "{name} of {whose}: {} parts, not {}; at {differs:?}: {:?}",
                found[name].len(),
                shape.len(),
                differs.map(|at| (&shape[at], &found[name][at])),
            );
        }
    }
}

/// The sample with the text in the names that owners choose.
fn named(text: &str) -> Value {
    changed(&SAMPLE, "", &|_, old| NAMES.iter().fold(old.to_owned(), |new, name| new.replace(name, text)))
}

/// The sample with the text everywhere.
fn filled(text: &str) -> Value {
    changed(&SAMPLE, "", &|_, _| text.to_owned())
}

#[test]
fn names_that_owners_choose() {
    compare(&hostile(), &named);
}

#[test]
fn every_text_at_once() {
    // Not the long ones: reasons that differ in their ends only are one reason then.
    compare(&short(), &filled);
}

#[test]
fn texts_of_ten_thousand_characters() {
    let [words, backticks, tags] = long(10_000);
    for (text, document) in [(&words, filled(&words)), (&backticks, named(&backticks)), (&tags, named(&tags))]
    {
        shapes(&format!("{text}.json"), &document, &text[..10]);
    }
}

#[test]
fn a_few_fields_at_a_time() {
    let all = HOSTILE.join(" ");
    let mut places = BTreeSet::new();
    let collect = std::cell::RefCell::new(&mut places);
    changed(&SAMPLE, "", &|place, text| {
        collect.borrow_mut().insert(place.to_owned());
        text.to_owned()
    });
    assert!(places.len() > 100, "{}", places.len());
    // A few fields that have nothing to do with each other at a time: one by one takes minutes.
    for first in 0..BATCHES {
        let batch: BTreeSet<_> = places.iter().skip(first).step_by(BATCHES).collect();
        let in_batch = |at: &str| batch.iter().any(|place| *place == at);
        let document =
            changed(&SAMPLE, "", &|at, text| if in_batch(at) { all.clone() } else { text.to_owned() });
        shapes("demo.json", &document, &format!("{batch:?}"));
    }
}

/// Files whose names and texts are hostile: snapshots, broken ones, and others that are passed over.
fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    fs::create_dir(folder.path().join("new")).expect("a folder");
    for (at, text) in hostile().iter().enumerate() {
        let name: String = text.chars().filter(|c| !matches!(c, '/' | '\0')).take(60).collect();
        let other = serde_json::json!({text: text}).to_string();
        let texts = [named(text).to_string(), format!("{{\"{name}"), other];
        let file = folder.path().join("new").join(format!("{name}{at}.json"));
        fs::write(file, &texts[if at < 6 { 0 } else { 1 + at % 2 }]).expect("a file of that name");
    }
    folder
}

#[test]
#[cfg(unix)]
fn what_commands_print_about_hostile_files() {
    let folder = folder();
    let new = folder.path().join("new");
    fs::write(folder.path().join("old.json"), SAMPLE.to_string()).expect("a file");
    let formats = ReportFormat::value_variants().iter().filter_map(ReportFormat::to_possible_value);
    let scans =
        formats.map(|format| vec!["scan", "--level", "all", "-v", "--format", leak(format.get_name())]);
    let others = [
        vec!["scan", "--level", "all", "--full"],
        vec!["scan", "--level", "all", "--statistics"],
        vec!["versions", "-v"],
        vec!["explain", "-v"],
        vec!["explain", "--format", "json"],
        vec!["explain", "--format", "mermaid"],
        vec!["versions"],
        vec!["versions", "--format", "json"],
        vec!["diff", "../old.json", "--format", "text"],
        vec!["diff", "../old.json", "--format", "json"],
        vec!["diff", "../old.json", "--format", "markdown"],
    ];
    let frameworks = "isms-p-2023,cis-eks-2.0";
    let reports = ["text", "json", "markdown", "csv"].map(|format| {
        vec!["report", "--framework", frameworks, "-v", "--since", "../old.json", "--format", format]
    });
    for args in scans.chain(others).chain(reports) {
        let name = args.last().copied().unwrap_or_default();
        let mut command = Command::cargo_bin("ekslint").expect("it is built");
        let output = command.args(&args).arg(".").current_dir(&new).output().expect("it runs");
        let out = String::from_utf8(output.stdout).expect("UTF-8");
        let err = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(output.status.code().is_some_and(|code| code < 3), "{args:?}: {err}");
        assert!(!err.is_empty(), "{args:?}: broken files are told");
        check_lines("stderr", &err, &format!("{args:?}"));
        assert!(!out.is_empty(), "{args:?}: {err}");
        check_lines(name, &out, &format!("{args:?}"));
        READERS.get(name).copied().unwrap_or(Reader::of(name, name)).shape(&out, &format!("{args:?}"));
    }
}

#[test]
fn what_a_baseline_holds() {
    for text in short() {
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join("a.json"), named(&text).to_string()).expect("a file");
        let mut command = Command::cargo_bin("ekslint").expect("it is built");
        command.args(["baseline", "write", "a.json", "--baseline", "known.jsonl"]).current_dir(folder.path());
        assert!(command.output().expect("it runs").status.success(), "{text:?}");
        let known = fs::read_to_string(folder.path().join("known.jsonl")).expect("a baseline");
        assert!(!known.contains(|c| c != '\n' && is_hidden(c)), "{text:?}: {known:?}");
        let read = known.lines().all(|line| serde_json::from_str::<Value>(line).is_ok());
        assert!(read && known.lines().count() > 10, "{text:?}: {known}");
    }
}

#[test]
fn snapshots_that_are_printed() {
    for text in hostile() {
        let folder = TempDir::new().expect("a folder");
        let answer = serde_json::json!({"cluster": named(&text)["cluster"]});
        fs::write(folder.path().join("cluster.json"), answer.to_string()).expect("a file");
        let mut command = Command::cargo_bin("ekslint").expect("it is built");
        let output =
            command.args(["snapshot", "import", "-o", "-"]).arg(folder.path()).output().expect("it runs");
        let out = String::from_utf8(output.stdout).expect("UTF-8");
        check_lines("snapshot", &out, &text);
        let snapshot: Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(snapshot["cluster"]["tags"], answer["cluster"]["tags"]);
    }
}

/// Who writes a waiver may be a stranger with a pull request.
#[test]
fn what_a_waiver_says_of_itself() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("a.json"), SAMPLE.to_string()).expect("a file");
    let waiver = |text: String| {
        let text = Value::from(text).to_string().replace('\u{7f}', "\\u007F");
        let said = ["reason", "owner", "approved-by", "ticket"].map(|key| format!("{key} = {text}\n"));
        format!("[[waiver]]\nrule = 'endpoint-*'\n{}", said.concat())
    };
    let [words, backticks, _] = long(10_000);
    for text in short().into_iter().chain([words, backticks]) {
        fs::write(folder.path().join("ekslint.toml"), waiver(text.clone())).expect("a file");
        let whose: String = text.chars().take(40).flat_map(char::escape_default).collect();
        let mut command = Command::cargo_bin("ekslint").expect("it is built");
        let formats = ReportFormat::value_variants().iter().filter_map(ReportFormat::to_possible_value);
        let names: Vec<_> = formats.map(|format| format.get_name().to_owned()).collect();
        command.args(["scan", "a.json", "--show-waived", "--sarif-suppressed"]).current_dir(folder.path());
        let output = command.args(names.iter().map(|name| format!("--format={name}=out.{name}"))).output();
        let output = output.expect("it runs");
        let err = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(1), "{whose}: {err}");
        for args in [&["config", "show"] as &[_], &["config", "show", "--format", "json"]] {
            let mut command = Command::cargo_bin("ekslint").expect("it is built");
            let output = command.args(args).current_dir(folder.path()).output().expect("it runs");
            check_lines("config", &String::from_utf8_lossy(&output.stdout), &whose);
        }
        for name in &names {
            let file = folder.path().join(format!("out.{name}"));
            let out = fs::read_to_string(file).expect("a report");
            let whose = format!("{name} of {whose}");
            check_lines(name, &out, &whose);
            READERS[name].shape(&out, &whose);
        }
    }
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}
