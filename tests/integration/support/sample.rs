//! Small scans, for tests of outputs.

use bumpalo::Bump;
use ekslint::engine::{Configured, Judge};
use ekslint::facts::AsOf;
use ekslint::policy::{CommandLine, Config, LevelChoice, Plan};
use ekslint::report::{Report, ReportFormat, Style};
use ekslint::rule::{Loaded, RuleSet, RuleSource, Severity};
use ekslint::scan::{Keep, Scan, scan_text};
use ekslint::source::root::Root;
use serde_json::{Map, Value};
use std::path::Path;
use std::sync::LazyLock;

/// A cluster with findings of several severities, one of them with a second place. The names are
/// hostile, and stand behind characters of several bytes.
pub(crate) const DEMO: &str = include_str!("demo.json");
/// A clean cluster and a broken one, a line each.
pub(crate) const LINES: &str = include_str!("lines.ndjson");
/// The rules that find something in these, and one that needs a parameter.
pub(crate) const RULES: &[&str] = &[
    "audit-logging-disabled",
    "cluster-required-tags",
    "deletion-protection-disabled",
    "endpoint-open-to-internet",
    "nodegroup-ssh-open-to-internet",
];

static LOADED: LazyLock<Loaded> = LazyLock::new(|| RuleSet::load(&[RuleSource::BuiltIn], false));

/// Scans texts by some of the built-in rules (all, if none are named), lets the report be changed,
/// and writes it.
pub(crate) fn written(
    format: ReportFormat,
    files: &[(&str, &str)],
    rules: &[&str],
    change: impl FnOnce(&mut Report<'_>),
) -> String {
    written_after(format, files, rules, |_| {}, change)
}

/// The same; before, what the scan found can be changed, as waivers and a baseline do.
pub(crate) fn written_after(
    format: ReportFormat,
    files: &[(&str, &str)],
    rules: &[&str],
    accepted: impl FnOnce(&mut Scan),
    change: impl FnOnce(&mut Report<'_>),
) -> String {
    let mut written = written_as(&[format], files, rules, accepted, change);
    written.pop().expect("one output")
}

/// The same in several outputs.
pub(crate) fn written_as(
    formats: &[ReportFormat],
    files: &[(&str, &str)],
    rules: &[&str],
    accepted: impl FnOnce(&mut Scan),
    change: impl FnOnce(&mut Report<'_>),
) -> Vec<String> {
    let outputs: Vec<_> = formats.iter().map(|format| (*format, Style::default())).collect();
    written_in(&outputs, files, rules, accepted, change)
}

/// The same in several outputs, each in a style of its own.
pub(crate) fn written_in(
    outputs: &[(ReportFormat, Style)],
    files: &[(&str, &str)],
    rules: &[&str],
    accepted: impl FnOnce(&mut Scan),
    change: impl FnOnce(&mut Report<'_>),
) -> Vec<String> {
    let select = rules.iter().map(|rule| (*rule).to_owned()).collect();
    let (config, command) =
        (Config::default(), CommandLine { level: Some(LevelChoice::All), select, ..Default::default() });
    let plan = Plan::new(&LOADED.set, &config, &command).expect("these rules exist");
    let arena = Bump::new();
    let configured = |rule| Configured::with(rule, &Map::new(), &arena).expect("parameters");
    let rules = plan.running().map(configured).collect();
    let as_of = "2026-11-21".parse().expect("a date");
    let judge = Judge::new(rules, AsOf { date: as_of });
    let keep = Keep { excerpts: true, flows: true, explained: true, versions: true, ..Keep::default() };
    let mut scan: Scan = files.iter().map(|(name, text)| scan_text(name, text, &judge, keep)).collect();
    accepted(&mut scan);
    let root = Root::find(Some(Path::new(".")));
    let mut errors = scan.problems.clone();
    errors.extend(Report::rule_failures(&scan));
    let mut report = Report {
        scan: &scan,
        rules: &judge.rules,
        root: &root,
        as_of,
        shown: Severity::Info,
        waivers: &[],
        show_waived: false,
        sarif_suppressed: false,
        csv_not_evaluated: true,
        sarif_category: None,
        live: Vec::new(),
        rules_digest: None,
        notices: Vec::new(),
        rule_errors: LOADED.errors.clone(),
        errors,
    };
    change(&mut report);
    let written = |(format, style): &(ReportFormat, Style)| {
        let mut out = Vec::new();
        format.write(&report, *style, &mut out).expect("memory can be written to");
        String::from_utf8(out).expect("reports are UTF-8")
    };
    outputs.iter().map(written).collect()
}

/// A JSON document of the project, by its path from the root.
pub(crate) fn document(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Everything in which a document differs from a schema.
pub(crate) fn violations(schema: &Value, document: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).expect("the schema is one");
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The project's sample clusters: name and text.
pub(crate) fn fixtures() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let entries = std::fs::read_dir(folder).expect("there are fixtures");
    let paths = entries.map(|entry| entry.expect("is readable").path());
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            (format!("fixtures/{name}"), std::fs::read_to_string(&path).expect("is text"))
        })
        .collect();
    files.sort();
    files
}

/// The names of all fields that a schema describes.
fn fields(schema: &Value, found: &mut Vec<String>) {
    if let Some(properties) = schema["properties"].as_object() {
        found.extend(properties.keys().cloned());
    }
    match schema {
        Value::Object(parts) => parts.values().for_each(|part| fields(part, found)),
        Value::Array(parts) => parts.iter().for_each(|part| fields(part, found)),
        _ => {}
    }
}

/// Holds that a page explains every field of a schema, of which there are more than so many.
pub(crate) fn assert_explained(page: &str, schema: &str, more_than: usize) {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).expect("the page");
    let mut names = Vec::new();
    fields(&document(schema), &mut names);
    assert!(names.len() > more_than, "{}", names.len());
    names.retain(|name| !text.contains(&format!("`{name}`")));
    assert!(names.is_empty(), "{page} does not explain {names:?}");
}
