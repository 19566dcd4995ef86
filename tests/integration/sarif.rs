//! The output `sarif` is SARIF 2.1.0, and keeps to what GitHub code scanning asks beyond that.

use crate::support::sample::{DEMO, LINES, RULES, document, fixtures, violations, written};
use ekslint::report::ReportFormat::Sarif;
use ekslint::rule::Severity;
use ekslint::value::position::LineColumn;
use serde_json::{Value, json};
use std::collections::HashSet;

const FILES: &[(&str, &str)] = &[("clusters/demo.json", DEMO), ("clusters/all.ndjson", LINES)];

/// The one run of a report that keeps to the schema and to what GitHub asks.
pub(crate) fn checked(text: &str) -> Value {
    let log: Value = serde_json::from_str(text).expect("the report is JSON");
    let violations = violations(&document("tests/schemas/sarif-2.1.0.json"), &log);
    assert!(violations.is_empty(), "{violations:#?}");
    assert_eq!(log["version"], "2.1.0");
    let [run] = list(&log["runs"]) else { panic!("GitHub takes one run of a tool and category") };
    assert_eq!(run["automationDetails"]["id"], "ekslint/");
    check_rules(list(&run["tool"]["driver"]["rules"]));
    check_results(run);
    check_notifications(run);
    run.clone()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_else(|| panic!("no list but {value}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text but {value}"))
}

fn check_rules(rules: &[Value]) {
    for rule in rules {
        let id = text(&rule["id"]);
        for (part, most) in [("shortDescription", 1024), ("fullDescription", 1024), ("help", usize::MAX)] {
            let length = text(&rule[part]["text"]).encode_utf16().count();
            assert!((1..=most).contains(&length), "{id}: {part} has {length} characters");
        }
        assert!(!text(&rule["help"]["markdown"]).is_empty(), "{id}");
        assert!((1..=255).contains(&text(&rule["name"]).len()), "{id}");
        assert!(text(&rule["helpUri"]).starts_with("https://"), "{id}");
        assert!(["note", "warning", "error"].contains(&text(&rule["defaultConfiguration"]["level"])), "{id}");
        check_properties(id, &rule["properties"]);
    }
}

fn check_properties(id: &str, properties: &Value) {
    let tags: Vec<_> = list(&properties["tags"]).iter().map(text).collect();
    assert!(tags.contains(&"eks") && tags.len() <= 10, "{id}: {tags:?}");
    assert_eq!(tags.iter().collect::<HashSet<_>>().len(), tags.len(), "{id}: {tags:?}");
    assert!(["very-high", "high", "medium", "low"].contains(&text(&properties["precision"])), "{id}");
    match properties.get("security-severity") {
        Some(score) => {
            let score: f64 = text(score).parse().expect("a number");
            assert!(score > 0.0 && score <= 10.0, "{id}: {score}");
            assert!(tags.contains(&"security"), "{id}");
        }
        None => assert_eq!(properties["problem.severity"], "recommendation", "{id}"),
    }
}

fn check_results(run: &Value) {
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    let rules = list(&run["tool"]["driver"]["rules"]);
    let mut hashes = HashSet::new();
    for result in list(&run["results"]) {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("an index");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert_eq!(rules[index]["defaultConfiguration"]["level"], result["level"]);
        assert_eq!(list(&result["locations"]).len(), 1, "GitHub reads one location and needs one");
        check_location(&result["locations"][0]);
        check_message(result);
        let fingerprints = &result["partialFingerprints"];
        let hash = text(&fingerprints["primaryLocationLineHash"]);
        assert!(hashes.insert(hash), "{hash} stands for two results");
        let (hash, _) = hash.split_once(':').expect("a hash and a count");
        assert_eq!((hash.len(), &text(&fingerprints["ekslint/v1"])[..16]), (16, hash));
    }
}

fn check_location(location: &Value) {
    let physical = &location["physicalLocation"];
    check_uri(text(&physical["artifactLocation"]["uri"]));
    let region = &physical["region"];
    let place = |line: &str, column: &str| (region[line].as_u64(), region[column].as_u64());
    let (start, end) = (place("startLine", "startColumn"), place("endLine", "endColumn"));
    assert!(start >= (Some(1), Some(1)) && end >= start, "{region}");
    let names = list(&location["logicalLocations"]);
    assert!(!text(&names[0]["fullyQualifiedName"]).is_empty());
}

/// A colon could be a scheme, and a path from the top is not in the repository.
fn check_uri(uri: &str) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
    assert!(!uri.is_empty() && !uri.starts_with('/') && uri.chars().all(allowed), "{uri}");
}

/// All links lead to related locations, and all related locations are linked.
fn check_message(result: &Value) {
    let message = text(&result["message"]["text"]);
    assert!(message.ends_with('.') && !message.chars().any(|c| c.is_control() && c != '\n'), "{message:?}");
    let linked = links(message);
    let related = result.get("relatedLocations").map(list).unwrap_or_default();
    let ids: Vec<_> = related.iter().map(|location| location["id"].to_string()).collect();
    assert_eq!(linked, ids, "{message}");
    for location in related {
        check_location(location);
        assert!(links(text(&location["message"]["text"])).is_empty());
    }
}

/// The targets of the links in a message: `[text](target)`, where a backslash escapes a bracket.
fn links(message: &str) -> Vec<String> {
    let (mut targets, mut open, mut escaped) = (Vec::new(), false, false);
    for (at, c) in message.char_indices() {
        match c {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            '[' if !escaped => open = true,
            ']' if !escaped && open && message[at + 1..].starts_with('(') => {
                let target = message[at + 2..].split(')').next().unwrap_or_default();
                targets.push(target.to_owned());
                open = false;
            }
            _ => {}
        }
        escaped = false;
    }
    targets
}

fn check_notifications(run: &Value) {
    let descriptors = list(&run["tool"]["driver"]["notifications"]);
    for notification in notifications(run) {
        let descriptor = &notification["descriptor"];
        let index = usize::try_from(descriptor["index"].as_u64().expect("a number")).expect("an index");
        assert_eq!(descriptors[index]["id"], descriptor["id"]);
        let message = text(&notification["message"]["text"]);
        assert!(links(message).is_empty() && message.ends_with('.'), "{message}");
        for location in notification.get("locations").map(list).unwrap_or_default() {
            check_uri(text(&location["physicalLocation"]["artifactLocation"]["uri"]));
        }
    }
}

fn notifications(run: &Value) -> impl Iterator<Item = &Value> {
    let invocation = &run["invocations"][0];
    let [execution, configuration] = ["toolExecutionNotifications", "toolConfigurationNotifications"]
        .map(|part| invocation.get(part).map(list).unwrap_or_default());
    execution.iter().chain(configuration)
}

fn notified(run: &Value, id: &str) -> Vec<(String, String)> {
    let of = |notification: &&Value| notification["descriptor"]["id"] == id;
    let told = |notification: &Value| {
        (text(&notification["level"]).to_owned(), text(&notification["message"]["text"]).to_owned())
    };
    notifications(run).filter(of).map(told).collect()
}

fn successful(files: &[(&str, &str)]) -> bool {
    let run = checked(&written(Sarif, files, RULES, |_| {}));
    run["invocations"][0]["executionSuccessful"].as_bool().expect("a truth value")
}

#[test]
fn a_report_looks_like_this() {
    let text = written(Sarif, FILES, RULES, |_| {});
    let text = text.replace(&format!("\"{}\"", env!("CARGO_PKG_VERSION")), "\"[version]\"");
    insta::assert_snapshot!(text);
}

#[test]
fn the_report_on_all_fixtures_is_what_github_asks_for() {
    let files = fixtures();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let run = checked(&written(Sarif, &files, &[], |_| {}));
    assert!(list(&run["results"]).len() > 30);
    assert!(list(&run["tool"]["driver"]["rules"]).len() > 40);
    let levels: Vec<_> = list(&run["results"]).iter().map(|result| text(&result["level"])).collect();
    assert!(levels.is_sorted_by_key(|level| ["error", "warning", "note"].iter().position(|l| l == level)));
}

#[test]
fn names_forge_no_links_and_steer_no_terminal() {
    let all = written(Sarif, FILES, &[], |_| {});
    assert!(!all.contains(['\u{1b}', '\u{202e}', '\u{9b}']));
    let run = checked(&all);
    let ssh = |result: &&Value| result["ruleId"] == "nodegroup-ssh-open-to-internet";
    let result = list(&run["results"]).iter().find(ssh).expect("a finding");
    assert!(text(&result["message"]["text"]).contains(r"\[docs\](https://evil.example)"));
}

#[test]
fn a_clean_scan_has_results_and_they_are_none() {
    let clean = LINES.lines().next().expect("a line");
    let run = checked(&written(Sarif, &[("clean.json", clean)], RULES, |_| {}));
    assert_eq!(run["results"], json!([]), "no results at all would close no alert");
    assert_eq!(list(&run["tool"]["driver"]["rules"]).len(), RULES.len());
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn an_incomplete_scan_never_looks_like_a_fixed_one() {
    let clean = LINES.lines().next().expect("a line");
    assert!(successful(&[("a.json", clean)]));
    assert!(!successful(&[("a.json", clean), ("b.json", "{")]), "an input is broken");
    assert!(!successful(&[("a.json", &refused(clean, "denied"))]), "a call was refused");
    assert!(!successful(&[("a.json", &refused(clean, "error"))]), "a call failed");
    let cut = clean.replace("\"nodegroups\": []", "\"nodegroups\": [\"web\"]");
    assert!(!successful(&[("a.json", &cut)]), "only the names of node groups are known");
    let wrong = clean.replace("\"nodegroups\": []", "\"nodegroups\": 7");
    assert!(!successful(&[("a.json", &wrong)]), "a section is no list");
    let run = checked(&written(Sarif, &[("a.json", clean)], RULES, |report| {
        report.rule_errors.push(ekslint::value::Problem {
            file: "my rules/x.yaml".to_owned(),
            place: Some(LineColumn::of(3, 7)),
            rule: Some("x".to_owned()),
            message: "unknown key `serverity`".to_owned(),
        });
    }));
    assert_eq!(run["invocations"][0]["executionSuccessful"], false, "a rule did not load");
    let message = "my rules/x.yaml: the rule x was not loaded: unknown key `serverity`.".to_owned();
    assert_eq!(notified(&run, "rule-not-loaded"), [("error".to_owned(), message)]);
}

/// A snapshot whose node groups could not be read for a reason of that kind.
fn refused(snapshot: &str, kind: &str) -> String {
    let entry = json!([{"at": "/nodegroups", "api": "eks:ListNodegroups", "kind": kind, "reason": "no"}]);
    snapshot.replace("\"nodegroups\": []", &format!("\"notCollected\": {entry}"))
}

/// What a file never holds keeps nobody from using it: the report says whose alerts close.
#[test]
fn what_these_files_never_hold_is_named_with_the_rules() {
    let clean = LINES.lines().next().expect("a line");
    let without = clean.replace(", \"nodegroups\": []", "");
    let chosen = refused(clean, "notRequested");
    for text in [&without, &chosen] {
        let run = checked(&written(Sarif, &[("a.json", text)], RULES, |_| {}));
        assert_eq!(run["invocations"][0]["executionSuccessful"], true);
        let [(level, told)] = &notified(&run, "alerts-close-unseen")[..] else { panic!("{run}") };
        assert_eq!(level, "note");
        assert!(
            told.contains("GitHub closes the alerts") && told.contains("nodegroup-ssh-open-to-internet"),
            "{told}"
        );
        assert_eq!(notified(&run, "alerts-must-stay"), []);
    }
    let run = checked(&written(Sarif, &[("a.json", clean)], RULES, |_| {}));
    assert_eq!(notified(&run, "alerts-close-unseen"), []);
    let unknown = refused(clean, "denied");
    let run = checked(&written(Sarif, &[("a.json", &unknown), ("b.json", &without)], RULES, |_| {}));
    let [(level, told)] = &notified(&run, "alerts-must-stay")[..] else { panic!("{run}") };
    assert_eq!(level, "warning");
    assert!(told.starts_with("Uploading this file") && told.contains("eks:ListNodegroups"), "{told}");
    assert_eq!(notified(&run, "alerts-close-unseen"), [], "nothing is uploaded, so nothing closes");
}

/// Clusters without a rule that needs what was refused: the call counts all the same, as it does for `--strict`.
#[test]
fn a_refused_call_that_no_rule_needs_is_named_too() {
    let clean = LINES.lines().next().expect("a line");
    let run = checked(&written(
        Sarif,
        &[("a.json", &refused(clean, "denied"))],
        &["audit-logging-disabled"],
        |_| {},
    ));
    let [(_, told)] = &notified(&run, "alerts-must-stay")[..] else { panic!("{run}") };
    assert!(told.contains("allow eks:ListNodegroups"), "{told}");
}

#[test]
fn what_is_told_is_bounded() {
    let file = |at: usize| {
        let name = format!("demo-{at}");
        let arn = format!("arn:aws:eks:eu-west-1:111122223333:cluster/{name}");
        let why = format!("{name} {}", "x".repeat(5_000));
        let entry =
            json!([{"at": "/nodegroups", "api": "eks:ListNodegroups", "kind": "denied", "reason": why}]);
        json!({"cluster": {"name": name, "arn": arn}, "notCollected": entry}).to_string() + "\n"
    };
    let text: String = (0..1_200).map(file).collect();
    let run = checked(&written(Sarif, &[("a.ndjson", &text)], &["nodegroup-ssh-open-to-internet"], |_| {}));
    let told = notified(&run, "not-evaluated");
    assert_eq!(told.len(), 1_001);
    assert!(told[1_000].1.contains("200 more"), "{:?}", told[1_000]);
    assert!(told.iter().all(|(_, text)| text.len() < 2_000));
    let [(_, told)] = &notified(&run, "alerts-must-stay")[..] else { panic!("one") };
    assert!(told.len() < 4_000, "{told}");
}

/// The title of an alert is the text of the message: what to do about it is in the Markdown and in the help.
#[test]
fn the_text_of_a_result_is_short() {
    let files = fixtures();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let run = checked(&written(Sarif, &files, &[], |_| {}));
    for result in list(&run["results"]) {
        let (short, long) = (text(&result["message"]["text"]), text(&result["message"]["markdown"]));
        assert!(!short.contains('\n') && !short.contains("Fix:") && !short.contains("Resource:"), "{short}");
        assert!(long.contains("\n\nFix: ") && long.contains("\n\nResource: `"), "{long}");
        assert_eq!(
            links(short).len(),
            result.get("relatedLocations").map_or(0, |related| list(related).len())
        );
    }
}

#[test]
fn what_was_not_evaluated_is_told_with_the_way_out() {
    let run = checked(&written(Sarif, FILES, &["addon-unhealthy", "cluster-required-tags"], |_| {}));
    let told = notified(&run, "not-evaluated");
    assert!(!told.is_empty() && told.iter().all(|(level, _)| level == "warning"), "{told:?}");
    assert!(told.iter().any(|(_, text)| text.contains("`aws eks describe-addon`")), "{told:?}");
    let waiting = notified(&run, "needs-configuration");
    assert!(waiting.iter().all(|(level, text)| level == "note" && text.contains("--param")), "{waiting:?}");
    assert_eq!(waiting.len(), 1);
}

#[test]
fn a_refused_call_is_told_with_its_action() {
    let run = checked(&written(Sarif, &[("subnets.json", DENIED)], &["addon-unhealthy"], |_| {}));
    let told = notified(&run, "not-evaluated");
    assert_eq!(told.len(), 1, "{told:?}");
    let text = &told[0].1;
    assert!(text.contains("Allow the IAM action eks:DescribeAddon."), "{text}");
    assert!(text.contains(r"\[see\](https://evil.example)"), "{text}");
}

const DENIED: &str = r#"{
  "cluster": {"name": "demo", "resourcesVpcConfig": {"endpointPublicAccess": false}},
  "notCollected": [
    {"at": "/addons", "api": "eks:DescribeAddon", "kind": "denied", "reason": "AccessDenied: [see](https://evil.example)"}
  ]
}"#;

#[test]
fn broken_inputs_are_told_with_their_line() {
    let run = checked(&written(Sarif, &[("a b.json", "{\n  \"cluster\": }")], RULES, |_| {}));
    let error = |notification: &&Value| notification["descriptor"]["id"] == "scan-error";
    let error = notifications(&run).find(error).expect("an error");
    let place = &error["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.json");
    assert_eq!(place["region"], json!({"startLine": 2}));
}

#[test]
fn every_name_of_an_input_becomes_a_path_in_the_repository() {
    let names =
        ["<stdin>", "/tmp/x.json", "../up.json", "C:\\x.json", "arn:aws:eks.json", "팀/🐳 #1?.json", ""];
    for name in names {
        let run = checked(&written(Sarif, &[(name, DEMO)], RULES, |_| {}));
        assert!(!list(&run["results"]).is_empty(), "{name}");
    }
}

#[test]
fn equal_fingerprints_are_counted() {
    let files = [("a.json", DEMO), ("b.json", DEMO)];
    let run = checked(&written(Sarif, &files, &["endpoint-open-to-internet"], |_| {}));
    let counts: Vec<_> = list(&run["results"])
        .iter()
        .map(|result| text(&result["partialFingerprints"]["primaryLocationLineHash"]).rsplit(':').next())
        .collect();
    assert_eq!(counts, [Some("1"), Some("2")]);
}

#[test]
fn only_what_is_severe_enough_is_a_result_but_all_rules_are_listed() {
    let run = checked(&written(Sarif, FILES, RULES, |report| report.shown = Severity::High));
    assert!(list(&run["results"]).iter().all(|result| result["level"] == "error"));
    assert_eq!(list(&run["tool"]["driver"]["rules"]).len(), RULES.len());
}

#[test]
fn more_results_than_github_keeps_are_told() {
    let line = LINES.lines().nth(1).expect("a line");
    let lines = format!("{line}\n").repeat(100);
    let files: Vec<_> = (0..26).map(|file| (format!("{file}.ndjson"), &lines)).collect();
    let files: Vec<_> = files.iter().map(|(name, lines)| (name.as_str(), lines.as_str())).collect();
    let text = written(Sarif, &files, &["endpoint-open-to-internet"], |_| {});
    let run = &serde_json::from_str::<Value>(&text).expect("the report is JSON")["runs"][0];
    assert_eq!(list(&run["results"]).len(), 5_200);
    let told = notified(run, "too-many-results");
    assert_eq!(told.len(), 1);
    assert!(told[0].1.contains("keeps the 5000 worst"), "{told:?}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let once = || written(Sarif, FILES, &[], |_| {});
    assert_eq!(once(), once());
}
