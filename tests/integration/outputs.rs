//! The outputs `junit`, `csv`, `ocsf` and `asff`, read by readers that are not ekslint's: each says the same as the
//! output `json`, and what was not judged is in each of them.

use crate::support::python;
use crate::support::sample::{DEMO, LINES, RULES, fixtures, violations, written, written_after};
use ekslint::engine::{Resource, RuleError, Standing, WaiverIndex};
use ekslint::policy::WaiverInfo;
use ekslint::report::Report;
use ekslint::report::ReportFormat::{self, Asff, Csv, Json, Junit, Ocsf};
use ekslint::rule::Severity;
use ekslint::scan::Scan;
use ekslint::value::position::LineColumn;
use ekslint::value::{Problem, SourceFile};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

const ALL: [ReportFormat; 4] = [Junit, Csv, Ocsf, Asff];
const FILES: &[(&str, &str)] = &[("clusters/demo.json", DEMO), ("clusters/all.ndjson", LINES)];
/// The versions of OCSF that the events are valid in; the last one is the one that they name.
const OCSF_VERSIONS: [&str; 3] = ["1.6.0", "1.7.0", "1.8.0"];
/// What owners of clusters may write: for terminals, XML, HTML, spreadsheets, lines, and plain other scripts.
const HOSTILE: [&str; 12] = [
    "a\u{1b}[31mb\u{0}c\u{7f}d\u{9b}e",
    "]]>",
    "<script>alert(1)</script>",
    "\"/><testcase name='x'/>&amp;&#0;",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3\t\",\"\r\n=1+1",
    "a\nb\r\n{\"class_uid\":2003}\n",
    "팀 플랫폼 🐳",
    "\u{202e}gnp.exe \u{200f}שלום",
    "\u{fffe}\u{ffff}\u{feff}",
    " ",
];

/// What a reader of `tests/outputs` makes of a text.
fn read(reader: &str, args: &[&str], text: &str) -> Value {
    let python = python::environment("outputs", "tests/requirements-outputs.txt");
    let mut child = Command::new(python)
        .arg(format!("tests/outputs/{reader}"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the environment's Python runs");
    let mut input = child.stdin.take().expect("a pipe");
    let text = text.to_owned();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    // A reader that gives up says why on standard error.
    assert!(output.status.success(), "{reader}: {}", String::from_utf8_lossy(&output.stderr));
    writer.join().expect("no panic").expect("all is read");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_else(|| panic!("no list but {value}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text but {value}"))
}

fn count(value: &Value) -> usize {
    value
        .as_u64()
        .and_then(|count| usize::try_from(count).ok())
        .unwrap_or_else(|| panic!("no count but {value}"))
}

/// The suites of a document that keeps to Jenkins' schema and to what GitLab asks beyond that.
fn junit(text: &str) -> Vec<Value> {
    let read = read("junit.py", &["tests/schemas/junit-10.xsd"], text);
    assert_eq!(read["violations"], json!([]));
    let (mut names, mut cases) = (BTreeSet::new(), BTreeSet::new());
    for suite in list(&read["suites"]) {
        assert!(names.insert(suite["name"].to_string()), "{} twice", suite["name"]);
        for case in list(&suite["cases"]) {
            assert_eq!(case["class"], suite["name"]);
            // GitLab takes tests of one class and name for one test.
            assert!(cases.insert(format!("{} {}", case["class"], case["name"])), "{case} twice");
        }
        let of = |kind: &str| list(&suite["cases"]).iter().filter(|case| case["kind"] == kind).count();
        let counted = [of("failure"), of("error"), of("skipped"), list(&suite["cases"]).len()];
        let said = ["failures", "errors", "skipped", "tests"].map(|counter| count(&suite[counter]));
        assert_eq!(counted, said, "{}", suite["name"]);
    }
    list(&read["suites"]).to_vec()
}

/// All tests of a kind, of all suites.
fn cases<'s>(suites: &'s [Value], kind: &str) -> Vec<&'s Value> {
    suites.iter().flat_map(|suite| list(&suite["cases"])).filter(|case| case["kind"] == kind).collect()
}

/// The rows of a table.
fn table(text: &str) -> Vec<Value> {
    list(&read("table.py", &[], text)).to_vec()
}

/// Events that keep to the schema, in every version that they should.
fn ocsf(text: &str) -> Vec<Value> {
    let read = read("ocsf.py", &OCSF_VERSIONS, text);
    assert_eq!(read["violations"], json!([]));
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    // Beside activity, category, class, type, severity, status, compliance and role there are texts.
    assert!(count(&read["captions"]) >= events.len() * 5 * OCSF_VERSIONS.len());
    for version in OCSF_VERSIONS {
        for profile in ["", "+cloud"] {
            let schema = &read["schemas"][format!("{version}{profile}")];
            let validator = jsonschema::validator_for(schema).expect("a schema");
            let of_profile = |event: &&Value| event.get("cloud").is_some() == (profile == "+cloud");
            for event in events.iter().filter(of_profile) {
                let wrong: Vec<_> = validator.iter_errors(event).map(|error| error.to_string()).collect();
                assert!(wrong.is_empty(), "{version}{profile}: {wrong:#?} {event:#}");
            }
        }
    }
    assert!(events.iter().all(|event| event["metadata"]["version"] == OCSF_VERSIONS[2]));
    assert!(events.iter().all(|event| event["finding_info"]["uid"] != ""));
    events
}

/// Findings that Security Hub would take.
fn asff(text: &str) -> Vec<Value> {
    let read = read("asff.py", &[], text);
    assert_eq!(read["violations"], json!([]));
    list(&read["findings"]).to_vec()
}

/// The same scan as an output and as `json`.
fn both(format: ReportFormat, files: &[(&str, &str)], rules: &[&str]) -> (String, Value) {
    let json = serde_json::from_str(&written(Json, files, rules, |_| {})).expect("JSON");
    (written(format, files, rules, |_| {}), json)
}

/// All rules on all fixtures.
fn on_fixtures(format: ReportFormat) -> (String, Value) {
    let files = fixtures();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    both(format, &files, &[])
}

/// What identifies findings in `json`, in order.
fn fingerprints(report: &Value) -> Vec<&str> {
    let findings = list(&report["findings"]);
    assert!(findings.len() > 30, "{}", findings.len());
    findings.iter().map(|finding| text(&finding["fingerprint"])).collect()
}

#[test]
fn reports_look_like_this() {
    for (name, format) in [("junit", Junit), ("csv", Csv), ("ocsf", Ocsf), ("asff", Asff)] {
        let text = written(format, FILES, RULES, |_| {});
        let text = text.replace(env!("CARGO_PKG_VERSION"), "[version]");
        insta::assert_snapshot!(name, text.replace("\r\n", "\n"));
    }
}

#[test]
fn junit_has_every_rule_of_every_cluster_that_it_applies_to() {
    let (out, json) = on_fixtures(Junit);
    let suites = junit(&out);
    let summary = &json["summary"];
    assert_eq!(suites.len(), count(&summary["clusters"]));
    assert_eq!(cases(&suites, "passed").len(), count(&summary["passed"]));
    // A test a rule and resource.
    let resource = |finding: &Value| {
        [&finding["rule"], &finding["cluster"], &finding["resource"]].map(ToString::to_string).join(" ")
    };
    let resources: BTreeSet<_> = list(&json["findings"]).iter().map(resource).collect();
    assert_eq!(cases(&suites, "failure").len(), resources.len());
    let not_evaluated = count(&summary["notEvaluated"]);
    assert!(not_evaluated > 0 && cases(&suites, "skipped").len() >= not_evaluated);
    for finding in list(&json["findings"]) {
        let shown =
            |case: &&&Value| case["text"].as_str().is_some_and(|all| all.contains(text(&finding["message"])));
        let rule = format!("{}: ", text(&finding["rule"]));
        let failures = cases(&suites, "failure");
        let case = failures.iter().filter(shown).find(|case| text(&case["name"]).starts_with(&rule));
        assert!(case.is_some(), "{finding:#}");
    }
}

#[test]
fn csv_has_every_finding_and_every_reason() {
    let (out, json) = on_fixtures(Csv);
    let rows = table(&out);
    let (findings, others) = rows.split_at(list(&json["findings"]).len());
    for (row, finding) in findings.iter().zip(list(&json["findings"])) {
        assert_eq!(row["status"], "fail");
        for field in ["severity", "rule", "title", "message", "url", "fingerprint"] {
            assert_eq!(row[field], finding[field], "{finding:#}");
        }
        assert_eq!(row["cluster_arn"], finding["cluster"]["arn"]);
        assert_eq!(row["pointer"], finding["location"]["pointer"]);
        assert_eq!(row["line"], finding["location"]["startLine"].to_string());
    }
    let (superseded, others): (Vec<_>, Vec<_>) = others.iter().partition(|row| row["status"] == "superseded");
    assert_eq!(superseded.len() as u64, json["summary"]["superseded"].as_u64().expect("a count"));
    assert!(!superseded.is_empty() && superseded.iter().all(|row| row["severity"] == ""));
    assert!(others.iter().all(|row| row["status"] == "not-evaluated" && row["severity"] == ""));
    let reasons = |report: &Value| -> BTreeSet<String> {
        list(&report["notEvaluated"]).iter().map(|group| text(&group["reason"]).to_owned()).collect()
    };
    let told: BTreeSet<_> = others.iter().map(|row| text(&row["message"]).to_owned()).collect();
    assert_eq!(told, reasons(&json));
    assert!(out.lines().all(|line| line.ends_with('\r') || !line.contains('\r')));
    assert_eq!(out.matches("\r\n").count(), rows.len() + 1, "a row is a line");
}

#[test]
fn ocsf_has_every_finding_and_every_reason() {
    let (out, json) = on_fixtures(Ocsf);
    let events = ocsf(&out);
    let failed: Vec<_> = events.iter().filter(|event| event["compliance"]["status_id"] == 3).collect();
    let told: Vec<_> = failed.iter().map(|event| text(&event["finding_info"]["uid"])).collect();
    assert_eq!(told, fingerprints(&json));
    assert!(failed.iter().all(|event| event["severity_id"].as_u64() > Some(0)));
    let unknown: Vec<_> = events.iter().filter(|event| event["compliance"]["status_id"] == 0).collect();
    assert_eq!(failed.len() + unknown.len(), events.len());
    let uids: BTreeSet<_> = unknown.iter().map(|event| event["finding_info"]["uid"].to_string()).collect();
    assert_eq!(uids.len(), unknown.len(), "each has an id of its own");
    let rules: BTreeSet<_> =
        unknown.iter().map(|event| event["compliance"]["control"].clone().to_string()).collect();
    let groups = list(&json["notEvaluated"]).iter().flat_map(|group| list(&group["rules"]));
    assert_eq!(rules, groups.map(ToString::to_string).collect());
}

#[test]
fn asff_has_every_finding_and_every_reason() {
    let (out, json) = on_fixtures(Asff);
    let findings = asff(&out);
    let of = |status: &str| -> Vec<&Value> {
        findings.iter().filter(|finding| finding["Compliance"]["Status"] == status).collect()
    };
    let told: Vec<_> =
        of("FAILED").iter().map(|finding| text(&finding["Id"]).trim_start_matches("ekslint/")).collect();
    assert_eq!(told, fingerprints(&json));
    let unknown = of("NOT_AVAILABLE");
    assert_eq!(told.len() + unknown.len(), findings.len());
    let ids: BTreeSet<_> = findings.iter().map(|finding| finding["Id"].to_string()).collect();
    let distinct: BTreeSet<_> = told.iter().collect();
    assert_eq!(ids.len(), distinct.len() + unknown.len(), "each has an id of its own");
    let rules: BTreeSet<_> = unknown.iter().map(|finding| finding["GeneratorId"].to_string()).collect();
    let groups = list(&json["notEvaluated"]).iter().flat_map(|group| list(&group["rules"]));
    assert_eq!(rules, groups.map(ToString::to_string).collect());
}

/// A cluster whose name and node groups are hostile, each node group with a finding.
fn hostile() -> String {
    let long = "긴 이름 ".repeat(2_500);
    let names = HOSTILE.into_iter().chain([long.as_str()]);
    let nodegroups: Vec<_> = names
        .map(|name| json!({"nodegroupName": name, "subnets": [], "remoteAccess": {"ec2SshKey": name}}))
        .collect();
    json!({
        "account": "111122223333",
        "region": "eu-west-1",
        "cluster": {
            "name": HOSTILE.concat(),
            "resourcesVpcConfig": {"endpointPublicAccess": true, "publicAccessCidrs": ["0.0.0.0/0"]},
            "tags": {"=cmd()": HOSTILE.concat()},
        },
        "nodegroups": nodegroups,
        "notCollected": [{"at": "/subnets", "api": "ec2:DescribeSubnets", "kind": "denied", "reason": HOSTILE.concat()}],
    })
    .to_string()
}

const HOSTILE_RULES: &[&str] =
    &["endpoint-open-to-internet", "nodegroup-ssh-open-to-internet", "nodegroup-in-public-subnet"];

#[test]
fn what_an_owner_writes_stays_text() {
    let hostile = hostile();
    let file = ("=evil\u{1b}[2J<x>\n팀.json", hostile.as_str());
    let of = |format| both(format, &[file], HOSTILE_RULES);
    let (out, json) = of(Junit);
    let findings = list(&json["findings"]).len();
    assert_eq!(findings, HOSTILE.len() + 2, "each node group, and the endpoint");
    assert_eq!(cases(&junit(&out), "failure").len(), findings);
    let rows = table(&of(Csv).0);
    assert_eq!(rows.iter().filter(|row| row["status"] == "fail").count(), findings);
    assert_eq!(
        ocsf(&of(Ocsf).0).iter().filter(|event| event["compliance"]["status_id"] == 3).count(),
        findings
    );
    let failed = |finding: &&Value| finding["Compliance"]["Status"] == "FAILED";
    assert_eq!(asff(&of(Asff).0).iter().filter(failed).count(), findings);
    for format in ALL {
        let out = of(format).0;
        let is_harmful =
            |c: char| c.is_control() && c != '\n' && c != '\r' || "\u{202e}\u{200f}\u{feff}".contains(c);
        assert!(!out.contains(is_harmful), "{format:?}");
        assert!(out.contains('팀'), "{format:?}");
    }
}

#[test]
fn no_cell_is_a_formula() {
    let rows = table(&written(Csv, &[("=1+1.json", &hostile())], HOSTILE_RULES, |_| {}));
    let cells = || rows.iter().filter_map(Value::as_object).flat_map(|row| row.values()).map(text);
    assert!(!cells().any(|cell| cell.trim_start().starts_with(['=', '+', '-', '@'])));
    assert!(cells().any(|cell| cell.starts_with("'=cmd|")) && cells().any(|cell| cell == "'=1+1.json"));
    assert!(!cells().any(|cell| cell.contains(['\n', '\r', '\t', '\0'])));
}

#[test]
fn what_could_not_be_read_is_in_each() {
    let broken = |report: &mut Report<'_>| {
        report.rule_errors.push(Problem {
            file: "my-rules/x.yaml".to_owned(),
            place: Some(LineColumn::of(3, 7)),
            rule: Some("x".to_owned()),
            message: "unknown key `serverity`".to_owned(),
        });
    };
    let files = [("a.json", "{"), ("demo.json", DEMO)];
    let suites = junit(&written(Junit, &files, RULES, broken));
    let errors = cases(&suites, "error");
    assert_eq!(errors.iter().map(|case| text(&case["name"])).collect::<Vec<_>>(), ["a.json", "x"]);
    assert!(text(&errors[1]["message"]).contains("unknown key `serverity`"));
    let rows = table(&written(Csv, &files, RULES, broken));
    let errors: Vec<_> = rows.iter().filter(|row| row["status"] == "error").collect();
    assert_eq!(errors.len(), 2);
    assert_eq!((&errors[1]["file"], &errors[1]["line"]), (&json!("my-rules/x.yaml"), &json!("3")));
    let events = ocsf(&written(Ocsf, &files, RULES, broken));
    let errors: Vec<_> = events.iter().filter(|event| event["unmapped"]["kind"] == "error").collect();
    assert_eq!(errors.len(), 2);
    assert_eq!(errors[0]["resources"][0]["name"], "a.json");
    let left_out = |files: &[(&str, &str)]| {
        let mut told = None;
        written(Asff, files, RULES, |report| told = Asff.left_out(report));
        told
    };
    assert!(left_out(&files).is_some_and(|told| told.contains("not evaluated: 1")));
    assert_eq!(left_out(&files[1..]), None);
}

#[test]
fn a_rule_that_finds_and_also_fails_is_there_as_both() {
    let failing = |scan: &mut Scan| {
        let (rule, at) = ("endpoint-open-to-internet".to_owned(), "/cluster".to_owned());
        scan.clusters[0].judgement.errors.push(RuleError {
            rule,
            at,
            cause: "too\u{1b} many steps".to_owned(),
        });
    };
    let of = |format| written_after(format, &[("demo.json", DEMO)], RULES, failing, |_| {});
    let suites = junit(&of(Junit));
    assert_eq!(suites.len(), 1, "it is an error of that cluster, once");
    let errors = cases(&suites, "error");
    assert_eq!((errors.len(), text_of(&errors, "message")), (1, "too\u{fffd} many steps at /cluster"));
    assert_eq!(cases(&suites, "failure").len(), 4);
    let rows = table(&of(Csv));
    let errors: Vec<_> = rows.iter().filter(|row| row["status"] == "error").collect();
    assert_eq!((errors.len(), text_of(&errors, "rule")), (1, "endpoint-open-to-internet"));
    let events = ocsf(&of(Ocsf));
    assert_eq!(events.iter().filter(|event| event["unmapped"]["kind"] == "error").count(), 1);
    let findings = asff(&of(Asff));
    let reason = |finding: &&Value| finding["Compliance"]["StatusReasons"][0]["ReasonCode"] == "error";
    assert_eq!(findings.iter().filter(reason).count(), 1);
}

#[test]
fn a_cluster_of_which_nothing_is_known_is_in_all_but_asff() {
    let nobody =
        r#"{"schemaVersion": 1, "nodegroups": [{"nodegroupName": "a", "remoteAccess": {"ec2SshKey": "k"}}]}"#;
    let (files, rules) = ([("a.json", nobody), ("b.json", nobody)], ["nodegroup-ssh-open-to-internet"]);
    let (out, json) = both(Junit, &files, &rules);
    let findings = list(&json["findings"]).len();
    assert_eq!(findings, 2);
    assert_eq!(cases(&junit(&out), "failure").len(), findings);
    assert_eq!(table(&written(Csv, &files, &rules, |_| {})).len(), findings);
    let events = ocsf(&written(Ocsf, &files, &rules, |_| {}));
    assert_eq!(events.len(), findings);
    assert!(events.iter().all(|event| event.get("cloud").is_none()));
    let mut told = None;
    let out = written(Asff, &files, &rules, |report| told = Asff.left_out(report));
    assert_eq!(out.trim(), "[]");
    assert!(told.is_some_and(|told| told.contains("findings: 2")));
}

#[test]
fn what_is_hidden_does_not_look_passed() {
    let high = |report: &mut Report<'_>| report.shown = Severity::High;
    let suites = junit(&written(Junit, &[("demo.json", DEMO)], RULES, high));
    let passed: Vec<_> = cases(&suites, "passed").iter().map(|case| text(&case["name"]).to_owned()).collect();
    assert!(!passed.iter().any(|name| name.starts_with("deletion-protection-disabled")), "{passed:?}");
    let skipped = cases(&suites, "skipped");
    let hidden = skipped.iter().find(|case| text(&case["name"]).starts_with("deletion-protection-disabled"));
    assert!(hidden.is_some_and(|case| text(&case["message"]).contains("less severe than --severity")));
    for (format, hidden) in [(Csv, "deletion-protection-disabled"), (Ocsf, "deletion-protection-disabled")] {
        assert!(!written(format, &[("demo.json", DEMO)], RULES, high).contains(hidden), "{format:?}");
    }
}

/// The demo cluster with its worst finding waived and the next one in the baseline.
fn accepted(format: ReportFormat, show_waived: bool) -> String {
    let waivers = [WaiverInfo { reason: "a lab\u{1b} without data".to_owned(), ..WaiverInfo::default() }];
    let stand = |scan: &mut Scan| {
        let findings = &mut scan.clusters[0].judgement.findings;
        findings[0].standing = Standing::Waived(WaiverIndex::new(0));
        findings[1].standing = Standing::Baseline;
    };
    let show = move |report: &mut Report<'_>| {
        // Waivers live as long as the configuration, which a test does not have.
        report.waivers = Box::leak(Box::new(waivers));
        report.show_waived = show_waived;
    };
    written_after(format, &[("demo.json", DEMO)], RULES, stand, show)
}

#[test]
fn what_is_accepted_is_neither_passed_nor_failed() {
    let [waived, known] = ["endpoint-open-to-internet", "nodegroup-ssh-open-to-internet"];
    let suites = junit(&accepted(Junit, false));
    let message = |suites: &[Value], rule: &str| {
        let skipped = cases(suites, "skipped");
        let case = skipped.iter().find(|case| text(&case["name"]).starts_with(rule)).expect("skipped");
        text(&case["message"]).to_owned()
    };
    assert!(
        message(&suites, waived).contains("--show-waived")
            && message(&suites, known).contains("--show-waived")
    );
    let shown = junit(&accepted(Junit, true));
    assert!(message(&shown, waived).starts_with("waived: a lab\u{fffd} without data. "));
    assert!(message(&shown, known).starts_with("in the baseline. "));
    assert_eq!(cases(&shown, "failure").len(), cases(&suites, "failure").len());
    for format in [Csv, Ocsf, Asff] {
        assert!(!accepted(format, false).contains(known), "{format:?}");
    }
    let rows = table(&accepted(Csv, true));
    let standings: Vec<_> =
        rows.iter().filter(|row| row["status"] == "fail").map(|row| &row["standing"]).collect();
    assert_eq!(standings, ["open", "open", "waived", "baseline"]);
    let events = ocsf(&accepted(Ocsf, true));
    let suppressed: Vec<_> = events.iter().filter(|event| event["status"] == "Suppressed").collect();
    assert_eq!(suppressed.len(), 2);
    assert!(
        suppressed
            .iter()
            .all(|event| event["compliance"]["status"] == "Fail" && event["comment"].is_string())
    );
    assert!(!accepted(Asff, true).contains(waived), "Security Hub would show it as open");
}

#[test]
fn what_is_wrong_with_the_configuration_is_in_all_but_asff() {
    let waiver = |scan: &mut Scan| {
        let file = Arc::new(SourceFile::new("ekslint.toml"));
        scan.policy_findings =
            scan.clusters.drain(..).flat_map(|cluster| cluster.judgement.findings).collect();
        for finding in &mut scan.policy_findings {
            finding.primary.file = Arc::clone(&file);
            let resource = Resource { kind: "waiver", title: "waiver", ..Resource::default() };
            finding.resource = Arc::new(resource);
        }
    };
    let of = |format| written_after(format, &[("demo.json", DEMO)], RULES, waiver, |_| {});
    let suites = junit(&of(Junit));
    assert_eq!(suites.len(), 1);
    assert_eq!((&suites[0]["name"], count(&suites[0]["failures"])), (&json!("ekslint.toml"), 4));
    assert_eq!(suites[0]["cases"][0]["name"], "endpoint-open-to-internet: ekslint.toml:13");
    let rows = table(&of(Csv));
    assert!(rows.len() == 4 && rows.iter().all(|row| row["cluster"] == "" && row["file"] == "ekslint.toml"));
    let events = ocsf(&of(Ocsf));
    assert!(events.len() == 4 && events.iter().all(|event| event["resources"][1]["name"] == "ekslint.toml"));
    assert_eq!(of(Asff).trim(), "[]");
}

/// What `ekslint scan` on the fixtures gives: exit code, standard output, standard error.
fn scan(args: &[&str]) -> (Option<i32>, String, String) {
    let output = assert_cmd::Command::cargo_bin("ekslint")
        .expect("the binary is built")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .args(["scan", "--as-of", "2026-11-21"])
        .args(args)
        .output()
        .expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn accounts_are_masked_or_the_output_refused() {
    for (format, read) in [("junit", junit as fn(&str) -> Vec<Value>), ("csv", table), ("ocsf", ocsf)] {
        let (code, out, _) = scan(&["fixtures", "--mask-account", "--format", format]);
        assert_eq!(code, Some(1));
        assert!(!out.contains("111122223333") && out.contains("xxxxxxxxxxxx"), "{format}");
        assert!(!read(&out).is_empty(), "{format}");
    }
    let (code, out, err) = scan(&["fixtures", "--mask-account", "--format", "asff"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("AWS Security Hub keeps findings by account"), "{err}");
}

#[test]
fn what_security_hub_cannot_take_is_said_on_standard_error() {
    let dir = tempfile::TempDir::new().expect("a temporary directory");
    let file = dir.path().join("open.json");
    let line = LINES.lines().nth(1).expect("a cluster without an ARN");
    std::fs::write(&file, line).expect("is written");
    let file = file.to_str().expect("UTF-8");
    let select = ["--select", "endpoint-open-to-internet"];
    let (code, out, err) = scan(&[&[file, "--format", "asff"], &select[..]].concat());
    assert_eq!((code, out.trim()), (Some(1), "[]"));
    assert!(err.contains("note: not in the output asff (findings: 2)"), "{err}");
    let (_, _, err) = scan(&[&[file, "--format", "csv"], &select[..]].concat());
    assert!(!err.contains("asff"), "{err}");
}

/// With real waivers: one that holds, and one that covers nothing.
#[test]
fn the_configuration_is_heard() {
    let dir = tempfile::TempDir::new().expect("a temporary directory");
    let waiver = |rule: &str| format!("[[waiver]]\nrule = \"{rule}\"\nreason = \"=a lab\"\n");
    let config = dir.path().join("ekslint.toml");
    let waivers = waiver("endpoint-open-to-internet") + &waiver("endpoint-nearly-open-to-internet");
    std::fs::write(&config, waivers).expect("is written");
    let config = config.to_str().expect("UTF-8");
    let of = |format| {
        let select = "endpoint-open-to-internet,endpoint-nearly-open-to-internet,waiver-unused";
        let args = ["--config", config, "--select", select, "--show-waived", "fixtures/study-lab.json"];
        scan(&[&args[..], &["--format", format]].concat()).1
    };
    let suites = junit(&of("junit"));
    let skipped = cases(&suites, "skipped");
    assert_eq!((skipped.len(), cases(&suites, "passed").len()), (1, 0), "{suites:#?}");
    assert!(text_of(&skipped, "message").starts_with("waived: =a lab. study-lab accepts"), "{skipped:#?}");
    let failures = cases(&suites, "failure");
    assert!(text_of(&failures, "name").ends_with("ekslint.toml:4"), "{failures:#?}");
    let rows = table(&of("csv"));
    let told: Vec<_> = rows.iter().map(|row| (text(&row["rule"]), text(&row["standing"]))).collect();
    assert_eq!(told, [("waiver-unused", "open"), ("endpoint-open-to-internet", "waived")]);
    let events = ocsf(&of("ocsf"));
    let told: Vec<_> = events.iter().map(|event| text(&event["status"])).collect();
    assert_eq!(told, ["New", "Suppressed"]);
    assert_eq!(of("asff").trim(), "[]");
}

fn text_of<'c>(cases: &[&'c Value], field: &str) -> &'c str {
    text(&cases.first().expect("a test")[field])
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for format in ALL {
        let once = || written(format, FILES, &[], |_| {});
        assert_eq!(once(), once());
    }
}

#[test]
fn an_empty_scan_is_a_whole_report() {
    assert_eq!(junit(&written(Junit, &[], RULES, |_| {})), Vec::<Value>::new());
    assert_eq!(table(&written(Csv, &[], RULES, |_| {})), Vec::<Value>::new());
    assert_eq!(written(Ocsf, &[], RULES, |_| {}), "");
    assert_eq!(asff(&written(Asff, &[], RULES, |_| {})), Vec::<Value>::new());
}

/// The readers find what is wrong: a test that cannot fail proves nothing.
#[test]
fn the_readers_are_strict() {
    let wrong = r#"<testsuites><testsuite name="a" tests="1"><testcase/></testsuite></testsuites>"#;
    assert!(list(&read("junit.py", &["tests/schemas/junit-10.xsd"], wrong)["violations"]).len() > 1);
    let event = written(Ocsf, &[("demo.json", DEMO)], RULES, |_| {});
    let wrong = event.replace("\"severity\":\"High\"", "\"severity\":\"Bad\"");
    assert!(!list(&read("ocsf.py", &OCSF_VERSIONS, &wrong)["violations"]).is_empty());
    let schema = &read("ocsf.py", &OCSF_VERSIONS, &event)["schemas"]["1.8.0+cloud"];
    let mut event: Value = serde_json::from_str(event.lines().next().expect("an event")).expect("JSON");
    assert_eq!(violations(schema, &event), Vec::<String>::new());
    event["finding_info"]["colour"] = json!("red");
    assert_eq!(violations(schema, &event).len(), 1);
    let findings = written(Asff, &[("demo.json", DEMO)], RULES, |_| {});
    for (right, wrong) in
        [("\"HIGH\"", "\"BAD\""), ("\"Title\"", "\"Titel\""), ("AwsEksCluster\",", "EksCluster\",")]
    {
        let wrong = findings.replace(right, wrong);
        assert_ne!(wrong, findings);
        assert!(!list(&read("asff.py", &[], &wrong)["violations"]).is_empty(), "{right}");
    }
}
