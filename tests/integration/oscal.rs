//! The output `oscal` of `ekslint report`: read by compliance-trestle and held against NIST's schema, and nothing in it is
//! satisfied that rules did not see whole.

use crate::support::folder::folder;
use crate::support::program;
use crate::support::python;
use crate::support::sample::{DEMO, document};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

const NIST: &str = "nist-800-53-r5";
const AS_OF: &str = "2026-12-01";
/// A cluster about which rules say all that they can say.
const PROD: &str = r#"{"cluster": {"name": "prod", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/prod",
  "version": "1.34", "deletionProtection": true,
  "logging": {"clusterLogging": [{"types": ["api"], "enabled": true}]},
  "resourcesVpcConfig": {"endpointPublicAccess": true, "publicAccessCidrs": ["0.0.0.0/0"]}},
 "nodegroups": [], "capturedAt": "2026-11-30T10:20:30Z"}"#;
/// A reading of the framework in which there is a control for each verdict.
const OURS: &str = "\
id: nist-800-53-r5
title: NIST SP 800-53, as we read it
version: \"5\"
source: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
controls:
  - { id: PE-1, title: fails, kind: automated, rules: [endpoint-open-to-internet] }
  - { id: PE-2, title: is accepted, kind: partly, why: doors, rules: [audit-logging-disabled] }
  - { id: PE-2(1), title: passes, kind: automated, rules: [deletion-protection-disabled] }
  - { id: PE-3, title: cannot be judged, kind: automated, rules: [access-entry-cluster-admin, deletion-protection-disabled] }
  - { id: PE-4, title: does not apply, kind: automated, rules: [nodegroup-ssh-open-to-internet] }
  - { id: PE-5, title: is manual, kind: manual, why: windows }
  - { id: PE-6, title: passes in part, kind: partly, why: cameras, rules: [deletion-protection-disabled] }
  - { id: PE-7, title: has no rule, kind: automated, notYet: a fact }
";
const WAIVER: &str = "\
[[waiver]]
rule = \"audit-logging-disabled\"
reason = \"a *lab* until the move\"
owner = \"platform@example.com\"
approved-by = \"ciso@example.com\"
ticket = \"SEC-1\"
expires = \"2026-12-31\"
";

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = document("tests/schemas/oscal-assessment-results-1.2.1.json");
    jsonschema::options().should_validate_formats(true).build(&schema).expect("NIST's schema is one")
});

/// What the command writes to standard output in a folder, and its exit code.
fn report(dir: &Path, more: &[&str]) -> (i32, String, String) {
    let args = ["report", "--framework", NIST, "--as-of", AS_OF, "--quiet", "--format", "oscal"];
    program::run(dir, &[&args, more].concat())
}

/// The assessment results that the command writes, after all that can be said of them is right.
fn written(dir: &Path, more: &[&str]) -> Value {
    let (code, out, err) = report(dir, more);
    assert!(code < 2, "{err}");
    let document: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(wrong(&document), Vec::<String>::new());
    let trestle = trestle(&out);
    assert_eq!(trestle["violations"], json!([]));
    let assessment = document["assessment-results"].clone();
    let result = &assessment["results"][0];
    assert_eq!(trestle["observations"], ids(&result["observations"]));
    assert_eq!(trestle["risks"], ids(&result["risks"]));
    assert_eq!(assessment["metadata"]["oscal-version"], trestle["version"]);
    assert_all_refer_to_something(&assessment);
    assert_reviewed_is_found(result);
    assessment
}

/// In what a document differs from NIST's schema.
fn wrong(document: &Value) -> Vec<String> {
    SCHEMA.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// What compliance-trestle makes of a text.
fn trestle(text: &str) -> Value {
    let python = python::environment("oscal", "tests/requirements-oscal.txt");
    let mut child = Command::new(python)
        .arg("tests/outputs/oscal.py")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the environment's Python runs");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("all is read");
    let output = child.wait_with_output().expect("it ends");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text but {value}"))
}

fn ids(all: &Value) -> Value {
    list(all).iter().map(|one| one["uuid"].clone()).collect()
}

/// The values of the properties of a name.
fn properties<'v>(of: &'v Value, name: &str) -> Vec<&'v str> {
    let named = list(&of["props"]).iter().filter(|property| property["name"] == name);
    named.map(|property| text(&property["value"])).collect()
}

/// Every identifier stands once, and what refers to one finds it.
fn assert_all_refer_to_something(assessment: &Value) {
    let (mut defined, mut named) = (Vec::new(), Vec::new());
    let mut open = vec![assessment];
    while let Some(value) = open.pop() {
        for (key, inner) in value.as_object().into_iter().flatten() {
            match key.as_str() {
                "uuid" => defined.push(text(inner)),
                key if key.ends_with("-uuid") => named.push(text(inner)),
                "href" => named.extend(text(inner).strip_prefix('#')),
                _ => {}
            }
            open.push(inner);
        }
        open.extend(list(value));
    }
    let known: BTreeSet<_> = defined.iter().copied().collect();
    assert_eq!(known.len(), defined.len());
    let lost: Vec<_> = named.iter().filter(|uuid| !known.contains(*uuid)).collect();
    assert!(lost.is_empty() && !named.is_empty(), "{lost:?}");
}

/// A control is reviewed if and only if it has a finding, and what is not is named with a reason.
fn assert_reviewed_is_found(result: &Value) {
    let reviewed = included(result);
    let found: Vec<_> = list(&result["findings"])
        .iter()
        .map(|one| {
            assert_eq!(one["target"]["type"], "statement-id");
            text(&one["target"]["target-id"]).strip_suffix("_smt").expect("a statement").to_owned()
        })
        .collect();
    assert_eq!(reviewed, found);
    let left_out = properties(&result["reviewed-controls"], "left-out");
    assert!(left_out.iter().all(|control| !reviewed.iter().any(|known| known == control)));
    assert_eq!(left_out.is_empty(), result["reviewed-controls"]["remarks"].is_null());
}

/// The controls that were reviewed.
fn included(result: &Value) -> Vec<String> {
    let selections = list(&result["reviewed-controls"]["control-selections"]);
    let controls = selections.iter().flat_map(|selection| list(&selection["include-controls"]));
    controls.map(|control| text(&control["control-id"]).to_owned()).collect()
}

/// A folder with a cluster about which there is everything to say.
fn every_verdict() -> tempfile::TempDir {
    folder(&[("prod.json", PROD), ("ours/nist.yaml", OURS), ("ekslint.toml", WAIVER)])
}

const EVERY: [&str; 3] = ["--frameworks", "ours", "prod.json"];

#[test]
fn each_verdict_is_what_oscal_calls_it() {
    let dir = every_verdict();
    let assessment = written(dir.path(), &EVERY);
    let result = &assessment["results"][0];
    let status = |one: &Value| {
        let target = &one["target"];
        let state = [&target["status"]["state"], &target["status"]["reason"]].map(text);
        (text(&target["target-id"]).to_owned(), state.map(str::to_owned))
    };
    let found: BTreeMap<_, _> = list(&result["findings"]).iter().map(status).collect();
    let expected = [
        ("pe-1_smt", ["not-satisfied", "fail"]),
        ("pe-2_smt", ["not-satisfied", "other"]),
        ("pe-2.1_smt", ["satisfied", "pass"]),
    ];
    let expected = expected.map(|(id, state)| (id.to_owned(), state.map(str::to_owned)));
    assert_eq!(found, BTreeMap::from(expected));
    let left_out = list(&result["reviewed-controls"]["props"]).iter();
    let left_out: Vec<_> = left_out
        .map(|one| [&one["value"], &one["class"], &one["remarks"]].map(|text| text.as_str().unwrap_or("")))
        .collect();
    let reason = "access-entry-cluster-admin on prod: accessEntries is not in the snapshot (it comes from \
                  eks:DescribeAccessEntry)";
    let expected = [
        ["pe-3", "not-evaluated", reason],
        ["pe-4", "not-applicable", ""],
        ["pe-5", "manual", "windows"],
        ["pe-6", "manual", "cameras"],
        ["pe-7", "no-rule-yet", "a fact"],
    ];
    assert_eq!(left_out, expected);
    let remarks = text(&result["reviewed-controls"]["remarks"]);
    for id in ["PE-3", "PE-4", "PE-5", "PE-6", "PE-7"] {
        assert!(remarks.contains(id), "{remarks}");
    }
}

#[test]
fn a_part_that_passes_is_an_observation_and_no_finding() {
    let dir = every_verdict();
    let assessment = written(dir.path(), &EVERY);
    let result = &assessment["results"][0];
    let of = |rule: &str| {
        let mut observations = list(&result["observations"]).iter();
        observations.find(|one| properties(one, "rule") == [rule]).expect("an observation")
    };
    let seen = of("deletion-protection-disabled");
    assert_eq!(properties(seen, "result"), ["passed"]);
    assert_eq!(properties(seen, "control"), ["pe-2.1", "pe-3", "pe-6"]);
    assert_eq!(seen["methods"], json!(["TEST"]));
    assert_eq!(seen["collected"], "2026-11-30T10:20:30Z");
    assert_eq!(seen["subjects"][0]["type"], "inventory-item");
    assert_eq!(seen["subjects"][0]["title"], "cluster/prod");
    let evidence = &seen["relevant-evidence"][0];
    assert_eq!(evidence["href"], "prod.json#L1");
    assert_eq!(evidence["description"], "cluster/prod passed: cluster.deletionProtection = true");
    // What could not be judged, and what does not apply, is seen as well.
    let unseen = of("access-entry-cluster-admin");
    assert_eq!(properties(unseen, "result"), ["not-evaluated"]);
    assert!(text(&unseen["remarks"]).starts_with("accessEntries is not in the snapshot"));
    assert_eq!(properties(of("nodegroup-ssh-open-to-internet"), "result"), ["not-applicable"]);
    let failed = of("endpoint-open-to-internet");
    assert_eq!(failed["relevant-evidence"][0]["href"], "prod.json#L4");
    assert_eq!(properties(&failed["relevant-evidence"][0], "standing"), ["open"]);
}

#[test]
fn what_is_accepted_is_a_deviation_with_a_deadline() {
    let dir = every_verdict();
    let assessment = written(dir.path(), &EVERY);
    let result = &assessment["results"][0];
    let [risk] = list(&result["risks"]) else { panic!("{}", result["risks"]) };
    assert_eq!(risk["status"], "deviation-approved");
    assert_eq!(risk["deadline"], "2026-12-31T23:59:59Z");
    for (name, value) in [
        ("reason", "a *lab* until the move"),
        ("owner", "platform@example.com"),
        ("approved-by", "ciso@example.com"),
        ("ticket", "SEC-1"),
        ("waiver", "ekslint.toml:1"),
    ] {
        assert_eq!(properties(risk, name), [value]);
    }
    assert!(text(&risk["description"]).contains(r"Accepted: a \*lab\* until the move"), "{risk:#}");
    let related = |one: &&Value| !one["related-risks"].is_null();
    let findings: Vec<_> = list(&result["findings"]).iter().filter(related).collect();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["target"]["target-id"], "pe-2_smt");
    assert_eq!(findings[0]["related-risks"][0]["risk-uuid"], risk["uuid"]);
    // A day that OSCAL cannot write is no deadline, and is not lost.
    let forever = WAIVER.replace("2026-12-31", "9999-12-31");
    std::fs::write(dir.path().join("ekslint.toml"), forever).expect("is written");
    let assessment = written(dir.path(), &EVERY);
    let risk = &assessment["results"][0]["risks"][0];
    assert!(risk["deadline"].is_null());
    assert_eq!(properties(risk, "expires"), ["9999-12-31"]);
    // Who waives has not approved.
    let alone: String = WAIVER
        .lines()
        .filter(|line| !line.starts_with("approved-by"))
        .fold(String::new(), |all, line| all + line + "\n");
    std::fs::write(dir.path().join("ekslint.toml"), alone).expect("is written");
    let risk = &written(dir.path(), &EVERY)["results"][0]["risks"][0];
    assert_eq!(risk["status"], "deviation-requested");
}

/// On all fixtures: the same as the output `json` says, and nothing is satisfied.
#[test]
fn controls_are_those_that_the_json_says_and_none_is_satisfied() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let assessment = written(root, &["fixtures"]);
    let args = ["report", "--framework", NIST, "--as-of", AS_OF, "--quiet", "--format", "json", "fixtures"];
    let json: Value = serde_json::from_str(&program::run(root, &args).1).expect("JSON");
    let result = &assessment["results"][0];
    assert!(list(&result["findings"]).iter().all(|one| one["target"]["status"]["state"] == "not-satisfied"));
    let controls = list(&json["frameworks"][0]["controls"]);
    let id = |control: &Value| text(&control["id"]).to_lowercase().replace('(', ".").replace(')', "");
    let decided = |control: &&Value| control["verdict"] == "failed" || control["verdict"] == "accepted";
    let decided: Vec<_> = controls.iter().filter(decided).map(id).collect();
    assert!(decided.len() > 40 && decided.len() < controls.len(), "{}", decided.len());
    assert_eq!(included(result), decided);
    let left_out = properties(&result["reviewed-controls"], "left-out");
    assert_eq!(left_out.len() + decided.len(), controls.len());
    // Each rule is observed on each cluster, whatever it says, and for all controls that rest on it.
    let mut rests = BTreeSet::new();
    for control in controls {
        for on in list(&control["clusters"]) {
            let cluster = &json["clusters"][on["cluster"].as_u64().expect("a position") as usize]["name"];
            let rules = list(&on["evidence"]).iter();
            rests.extend(
                rules.map(|one| [text(&one["rule"]), text(cluster), text(&one["verdict"])].join(" ")),
            );
        }
    }
    let observed: Vec<_> = list(&result["observations"]).iter().map(|one| text(&one["title"])).collect();
    let said = |one: &str| one.replace(" on ", " ").replace(": ", " ").replace("not ", "not-");
    let observed: BTreeSet<_> = observed.into_iter().map(said).collect();
    assert_eq!(observed, rests);
}

#[test]
fn evidence_is_a_line_of_an_input_with_its_digest() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let assessment = written(root, &["fixtures/study-lab.json"]);
    let text_of = std::fs::read_to_string(root.join("fixtures/study-lab.json")).expect("a fixture");
    let observations = list(&assessment["results"][0]["observations"]);
    let evidence: Vec<_> = observations.iter().flat_map(|one| list(&one["relevant-evidence"])).collect();
    assert!(evidence.len() > 50, "{}", evidence.len());
    for one in evidence {
        let (file, line) = text(&one["href"]).split_once("#L").expect("a line");
        assert_eq!(file, "fixtures/study-lab.json");
        let line: usize = line.parse().expect("a number");
        assert!(line >= 1 && line <= text_of.lines().count(), "{one}");
    }
    let inputs: Vec<_> = list(&assessment["back-matter"]["resources"]).iter().skip(1).collect();
    let [input] = inputs[..] else { panic!("{inputs:?}") };
    assert_eq!(input["rlinks"][0]["href"], "fixtures/study-lab.json");
    let hash = &input["rlinks"][0]["hashes"][0];
    assert_eq!(hash["algorithm"], "SHA-256");
    assert_eq!(text(&hash["value"]).len(), 64);
}

#[test]
fn identifiers_stay_and_other_input_gives_another_document() {
    let dir = every_verdict();
    let (first, second) = (report(dir.path(), &EVERY).1, report(dir.path(), &EVERY).1);
    assert!(first == second && !first.is_empty());
    let before = written(dir.path(), &EVERY);
    // A space more is another input, with another digest.
    std::fs::write(dir.path().join("prod.json"), format!("{PROD} ")).expect("is written");
    let after = written(dir.path(), &EVERY);
    assert_ne!(before["uuid"], after["uuid"]);
    let (before, after) = (&before["results"][0], &after["results"][0]);
    assert_ne!(before["uuid"], after["uuid"]);
    for all in ["observations", "risks", "findings"] {
        assert_eq!(ids(&before[all]), ids(&after[all]), "{all}");
        assert!(!list(&before[all]).is_empty());
    }
    let items = |result: &Value| ids(&result["local-definitions"]["inventory-items"]);
    assert_eq!(items(before), items(after));
}

/// Twice the same cluster, names for terminals, Markdown and HTML, an input that is broken: the document is right all the same.
#[test]
fn whatever_stands_in_inputs_the_document_is_right() {
    let hostile = r##"{"cluster": {"name": "<script>*a*_b_ {{ insert: param, x }}\n# x \u001b[2J\u2028", "tags": {}},
        "nodegroups": [{"nodegroupName": " ", "remoteAccess": {"ec2SshKey": "k"}}, {"nodegroupName": "-"}]}"##;
    let files = [
        ("a b?.json", PROD),
        ("again.json", PROD),
        ("demo.json", DEMO),
        ("hostile.json", hostile),
        ("bad.json", "{"),
    ];
    let dir = folder(&files);
    let names = files.map(|(name, _)| name);
    let (code, out, _) = report(dir.path(), &names);
    assert_eq!(code, 2, "an input is broken");
    let document: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(wrong(&document), Vec::<String>::new());
    assert_eq!(trestle(&out)["violations"], json!([]));
    let assessment = &document["assessment-results"];
    assert_all_refer_to_something(assessment);
    assert!(
        text(&assessment["results"][0]["remarks"]).contains("bad.json"),
        "{}",
        assessment["results"][0]["remarks"]
    );
    assert!(out.contains("a%20b%3F.json#L4") && out.contains("\\\\<script>"));
    assert!(!out.contains('\u{1b}'));
}

#[test]
fn masked_accounts_are_nowhere_and_in_no_identifier() {
    let dir = every_verdict();
    let plain = written(dir.path(), &EVERY);
    let masked = written(dir.path(), &[&EVERY[..], &["--mask-account"]].concat());
    assert!(plain.to_string().contains("111122223333") && !masked.to_string().contains("111122223333"));
    let cluster = |of: &Value| of["results"][0]["local-definitions"]["inventory-items"][0]["uuid"].clone();
    assert_ne!(cluster(&plain), cluster(&masked));
    // Of another account it is the same, so nobody can guess it.
    let other = PROD.replace("111122223333", "444455556666");
    std::fs::write(dir.path().join("prod.json"), other).expect("is written");
    let again = written(dir.path(), &[&EVERY[..], &["--mask-account"]].concat());
    assert_eq!(cluster(&again), cluster(&masked));
}

#[test]
fn other_frameworks_have_no_catalog() {
    let dir = every_verdict();
    for other in ["cis-eks-2.0", "nist-800-53-r5,aws-fsbp"] {
        let args = ["report", "--framework", other, "--format", "oscal=out.json", "prod.json"];
        let (code, out, err) = program::run(dir.path(), &args);
        assert_eq!((code, out.as_str()), (2, ""));
        assert!(err.contains("--format oscal is for the framework nist-800-53-r5 only"), "{err}");
        assert!(!dir.path().join("out.json").exists());
    }
}

/// The readers find what is wrong: a test that cannot fail proves nothing.
#[test]
fn the_readers_are_strict() {
    let dir = every_verdict();
    let (_, out, _) = report(dir.path(), &EVERY);
    for (right, bad) in [
        ("\"statement-id\"", "\"control-id\""),
        ("\"not-satisfied\"", "\"not-evaluated\""),
        ("\"collected\"", "\"seen\""),
        ("2026-12-01T00:00:00Z", "2026-12-01"),
        ("\"oscal-version\": \"1.2.1\"", "\"oscal-version\": 1"),
    ] {
        let changed = out.replace(right, bad);
        assert_ne!(changed, out, "{right}");
        let document = serde_json::from_str(&changed).expect("JSON");
        assert!(!wrong(&document).is_empty(), "{right}");
        assert_ne!(trestle(&changed)["violations"], json!([]), "{right}");
    }
}
