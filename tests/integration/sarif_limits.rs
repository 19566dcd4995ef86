//! What GitHub code scanning does to long lists: it keeps 5,000 results of a file and refuses a file with over
//! 25,000, or with over 10 MB when packed. So the worst come first, and what is too much is left out and told.

use crate::support::rules::{filled, load};
use crate::support::sample::{document, violations};
use bumpalo::Bump;
use ekslint::engine::{Configured, Judge};
use ekslint::report::{Report, ReportFormat, Style};
use ekslint::rule::Severity;
use ekslint::scan::{Keep, scan_text};
use ekslint::source::root::Root;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

/// Rules that find something in every item of a list: the severity and the list.
const RULES: [(&str, &str); 4] = [
    ("low", "subnetIds"),
    ("critical", "publicAccessCidrs"),
    ("info", "controlPlaneEgressCidrs"),
    ("medium", "securityGroupIds"),
];
/// What GitHub takes of a packed file, in bytes.
const MOST_PACKED: usize = 10_000_000;
const MOST_RESULTS: usize = 25_000;

/// The report on a cluster of which each list is so long.
fn written(counts: [usize; 4]) -> String {
    let text = |(severity, list): &(&str, &str)| {
        let list = format!("cluster.resourcesVpcConfig['{list}']");
        filled(&format!(
            "id: {severity}-item\nseverity: {severity}\neach: \"{list}\"\nassert: \"false\"\nmessage: \"{{{{item}}}} is in the list\"\n"
        ))
    };
    let loaded = load(&RULES.iter().map(text).collect::<Vec<_>>());
    assert!(loaded.errors.is_empty(), "{:?}", loaded.errors);
    let arena = Bump::new();
    let configured = |rule| Configured::with(rule, &Map::new(), &arena).expect("no parameters");
    let judge =
        Judge::new(loaded.set.rules.iter().map(configured).collect(), "2026-11-21".parse().expect("a date"));
    let items =
        |count: usize, list: &str| (0..count).map(|at| json!(format!("{list}-{at}"))).collect::<Vec<_>>();
    let lists: Map<String, Value> = RULES
        .iter()
        .zip(counts)
        .map(|((_, list), count)| ((*list).to_owned(), Value::Array(items(count, list))))
        .collect();
    let snapshot = json!({"cluster": {"name": "demo", "resourcesVpcConfig": lists}});
    let snapshot = serde_json::to_string_pretty(&snapshot).expect("JSON");
    let scan = scan_text("demo.json", &snapshot, &judge, Keep::default());
    let root = Root::find(Some(Path::new(".")));
    let report = Report {
        scan: &scan,
        rules: &judge.rules,
        root: &root,
        as_of: judge.as_of.date,
        shown: Severity::Info,
        waivers: &[],
        show_waived: false,
        sarif_suppressed: false,
        csv_not_evaluated: true,
        sarif_category: None,
        live: Vec::new(),
        rules_digest: None,
        notices: Vec::new(),
        rule_errors: Vec::new(),
        errors: Vec::new(),
    };
    let style = Style::default();
    let mut out = Vec::new();
    ReportFormat::Sarif.write(&report, style, &mut out).expect("memory can be written to");
    String::from_utf8(out).expect("UTF-8")
}

/// How many results there are of each rule; checks that the worst come first.
fn results(run: &Value) -> BTreeMap<String, usize> {
    let results = run["results"].as_array().expect("a list");
    let order = ["critical-item", "medium-item", "low-item", "info-item"];
    let rank = |result: &Value| order.iter().position(|rule| result["ruleId"] == *rule).expect("a rule");
    assert!(results.is_sorted_by_key(rank));
    let mut counts = BTreeMap::new();
    for result in results {
        *counts.entry(order[rank(result)].to_owned()).or_default() += 1;
    }
    counts
}

fn too_many(run: &Value) -> Vec<&str> {
    let told = run["invocations"][0]["toolExecutionNotifications"].as_array().expect("a list");
    let told = told.iter().filter(|one| one["descriptor"]["id"] == "too-many-results");
    told.map(|one| one["message"]["text"].as_str().expect("a text")).collect()
}

fn run(text: &str) -> Value {
    serde_json::from_str::<Value>(text).expect("JSON")["runs"][0].take()
}

#[test]
fn one_too_many_for_github_leaves_out_the_least_severe() {
    let text = written([10_000, 1, 9_000, 6_000]);
    let run = run(&text);
    let expected = [("critical-item", 1), ("info-item", 8_999), ("low-item", 10_000), ("medium-item", 6_000)];
    assert_eq!(results(&run), expected.map(|(rule, count)| (rule.to_owned(), count)).into());
    let [told] = too_many(&run)[..] else { panic!("{:?}", too_many(&run)) };
    assert!(told.starts_with("There are 25001 results.") && told.contains("left out: 1 info."), "{told}");

    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text.as_bytes()).expect("memory");
    let packed = packed.finish().expect("memory").len();
    assert!(packed < MOST_PACKED, "{packed} bytes");

    let mut log: Value = serde_json::from_str(&text).expect("JSON");
    let results = log["runs"][0]["results"].as_array_mut().expect("a list");
    assert_eq!(results.len(), MOST_RESULTS);
    let violations = violations(&document("tests/schemas/sarif-2.1.0.json"), &log);
    assert!(violations.is_empty(), "{violations:#?}");
}

#[test]
fn more_than_github_keeps_are_all_in_the_file_and_told() {
    let run = run(&written([4_000, 500, 1, 500]));
    assert_eq!(results(&run).values().sum::<usize>(), 5_001);
    let [told] = too_many(&run)[..] else { panic!("{:?}", too_many(&run)) };
    assert!(told.contains("keeps the 5000 worst") && !told.contains("left out"), "{told}");
}

#[test]
fn as_many_as_github_keeps_are_no_news() {
    let run = run(&written([4_000, 500, 0, 500]));
    assert_eq!(results(&run).values().sum::<usize>(), 5_000);
    assert!(too_many(&run).is_empty());
}
