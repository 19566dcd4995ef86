//! A control of each kind gives each outcome that it can have, in every output.

use super::{control, json, list, report};
use crate::support::folder::folder;
use crate::support::program::run;
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// Controls that the study lab and the configuration below bring to each outcome: number, kind, rule, outcome.
const CONTROLS: [(&str, &str, &str, &str); 14] = [
    ("A.1", "automated", "endpoint-open-to-internet", "failed"),
    ("A.2", "automated", "cluster-required-tags", "not-evaluated"),
    ("A.3", "automated", "deletion-protection-disabled", "accepted"),
    ("A.4", "automated", "", "manual"),
    ("A.5", "automated", "subnets-too-few-zones", "passed"),
    ("A.6", "automated", "fargate-profile-unhealthy", "not-applicable"),
    ("A.7", "automated", "flow-logs-disabled", "not-evaluated"),
    ("P.1", "partly", "endpoint-open-to-internet", "failed"),
    ("P.2", "partly", "cluster-required-tags", "not-evaluated"),
    ("P.3", "partly", "deletion-protection-disabled", "accepted"),
    ("P.4", "partly", "", "manual"),
    ("P.5", "partly", "subnets-too-few-zones", "manual"),
    ("P.6", "partly", "fargate-profile-unhealthy", "manual"),
    ("M.1", "manual", "", "manual"),
];

const CONFIG: &str = r#"
[rules.flow-logs-disabled]
enabled = false

[[waiver]]
rule = "deletion-protection-disabled"
reason = "a lab that is made anew every week"
owner = "platform@example.com"
approved-by = "ciso@example.com"
ticket = "SEC-123"
expires = 2027-03-31
"#;

/// A folder with the study lab, a framework and a configuration.
fn lab() -> TempDir {
    let dir = folder(&[("frameworks/acme.yaml", &framework()), ("ekslint.toml", CONFIG)]);
    let fixture = Path::new(super::ROOT).join("fixtures/study-lab.json");
    fs::copy(fixture, dir.path().join("study-lab.json")).expect("copied");
    dir
}

fn framework() -> String {
    let control = |(id, kind, rule, _): &(&str, &str, &str, &str)| {
        let rules = if rule.is_empty() { String::new() } else { format!(", rules: [{rule}]") };
        let why = if *kind == "automated" { "" } else { ", why: Somebody has to look." };
        format!("  - {{ id: {id}, title: The control {id}, kind: {kind}{why}{rules} }}\n")
    };
    let controls: String = CONTROLS.iter().map(control).collect();
    format!(
        "id: acme-1.0\ntitle: Baseline of Acme\nversion: 1.0\nsource: https://example.com\ncontrols:\n{controls}"
    )
}

const ASKED: [&str; 5] = ["--framework", "acme-1.0", "--frameworks", "frameworks", "study-lab.json"];

#[test]
fn each_kind_of_control_gives_each_outcome() {
    let dir = lab();
    let (code, report) = json(dir.path(), &ASKED);
    assert_eq!(code, 1);
    for (id, kind, rule, verdict) in CONTROLS {
        let control = control(&report, id);
        assert_eq!(
            (&control["kind"], &control["verdict"]),
            (&Value::from(kind), &Value::from(verdict)),
            "{control:#}"
        );
        let on = &list(control, "clusters")[0];
        assert_eq!(on["verdict"], verdict, "{id}");
        let rules: Vec<_> =
            list(on, "evidence").iter().map(|one| one["rule"].as_str().unwrap_or_default()).collect();
        assert_eq!(rules, if rule.is_empty() { vec![] } else { vec![rule] }, "{id}");
    }
    let summary = &report["frameworks"][0]["summary"];
    assert_eq!((summary["evaluated"].as_u64(), summary["passed"].as_u64()), (Some(5), Some(1)));
}

#[test]
fn each_outcome_says_why() {
    let dir = lab();
    let (_, report) = json(dir.path(), &ASKED);
    let evidence = |id: &str| list(&list(control(&report, id), "clusters")[0], "evidence")[0].clone();
    let resource = |id: &str| list(&evidence(id), "resources")[0].clone();

    let failed = resource("A.1");
    assert_eq!(
        (&failed["location"]["file"], &failed["standing"]),
        (&Value::from("study-lab.json"), &Value::from("open"))
    );
    assert!(failed["message"].as_str().is_some_and(|text| text.contains("0.0.0.0/0")));
    let values = list(&failed, "values");
    let is_shown =
        |path: &str| values.iter().any(|value| value["path"] == path && value["location"].is_object());
    assert!(is_shown("cluster.resourcesVpcConfig.endpointPublicAccess"), "{failed:#}");

    let waiver = resource("A.3")["waiver"].clone();
    assert_eq!(waiver["reason"], "a lab that is made anew every week");
    assert_eq!(waiver["approvedBy"], "ciso@example.com");
    assert_eq!(
        (&waiver["owner"], &waiver["approvedBy"], &waiver["ticket"], &waiver["expires"]),
        (&"platform@example.com".into(), &"ciso@example.com".into(), &"SEC-123".into(), &"2027-03-31".into())
    );

    // What passed says what was looked at, and where that is.
    let passed = evidence("A.5");
    assert!(list(&passed, "apiCalls").contains(&"ec2:DescribeSubnets".into()));
    let values = resource("A.5")["values"].clone();
    let placed = values
        .as_array()
        .expect("a list")
        .iter()
        .any(|value| value["location"]["startLine"].as_u64() > Some(1));
    assert!(placed, "{values:#}");

    let reason = |id: &str| list(&evidence(id), "reasons")[0]["text"].as_str().expect("a text").to_owned();
    assert_eq!(reason("A.2"), "set the parameter cluster-required-tags.required");
    assert_eq!(reason("A.7"), "off: ekslint.toml:3 turns it off");
}

#[test]
fn a_rule_that_waits_for_a_parameter_judges_where_its_value_does_not_matter() {
    let dir = lab();
    let framework = "id: acme-1.0\ntitle: Baseline\nversion: 1.0\nsource: https://example.com\ncontrols:\n  \
                     - { id: E.1, title: Only our networks, kind: automated, rules: [endpoint-cidr-not-allowed] }\n";
    fs::write(dir.path().join("frameworks/acme.yaml"), framework).expect("written");
    let hardened = Path::new(super::ROOT).join("fixtures/private-hardened.json");
    fs::copy(hardened, dir.path().join("hardened.json")).expect("copied");
    for format in [["-f", "json"], ["-f", "text"]] {
        let asked = [&ASKED[..4], &["hardened.json"], &format].concat();
        let (code, out, errors) = run(dir.path(), &report(&asked));
        // There is no public endpoint.
        assert!(
            code == 0 && (out.contains("not-applicable") || out.contains("not applicable")),
            "{out}{errors}"
        );
    }
    let (_, report) = json(dir.path(), &ASKED);
    assert_eq!(control(&report, "E.1")["verdict"], "not-evaluated");
}

#[test]
fn what_only_the_baseline_knows_fails_all_the_same() {
    let dir = lab();
    let written =
        run(dir.path(), &["baseline", "write", "study-lab.json", "--as-of", "2026-11-21", "--level", "all"]);
    assert_eq!(written.0, 0, "{written:?}");
    let (code, report) = json(dir.path(), &[&ASKED[..], &["--baseline", "ekslint-baseline.jsonl"]].concat());
    // The exit code is that of a scan, for which nothing is new.
    assert_eq!(code, 0);
    let failed = control(&report, "A.1");
    assert_eq!((&failed["verdict"], &failed["onlyInBaseline"]), (&"failed".into(), &true.into()));
    let accepted = control(&report, "A.3");
    assert_eq!((&accepted["verdict"], &accepted["onlyInBaseline"]), (&"accepted".into(), &false.into()));
    let (_, text, _) =
        run(dir.path(), &super::report(&[&ASKED[..], &["--baseline", "ekslint-baseline.jsonl"]].concat()));
    assert!(text.contains("endpoint-open-to-internet, in the baseline"), "{text}");
}

#[test]
fn a_control_is_as_bad_as_its_worst_cluster() {
    let dir = lab();
    let hardened = Path::new(super::ROOT).join("fixtures/private-hardened.json");
    fs::copy(hardened, dir.path().join("hardened.json")).expect("copied");
    let (_, report) = json(dir.path(), &[&ASKED[..], &["hardened.json"]].concat());
    let open = control(&report, "A.1");
    let verdicts: Vec<_> =
        list(open, "clusters").iter().map(|on| on["verdict"].as_str().unwrap_or_default()).collect();
    assert_eq!((verdicts, &open["verdict"]), (vec!["failed", "not-applicable"], &"failed".into()));
}

/// The line of an output that has the outcome of a control.
fn line<'o>(format: &str, out: &'o str, id: &str) -> &'o str {
    let start = match format {
        "text" => format!("{id} "),
        "markdown" => format!("| `{id}` |"),
        _ => format!("acme-1.0,1.0,{id},"),
    };
    let found = out.lines().find(|line| line.starts_with(&start));
    found.unwrap_or_else(|| panic!("{format} has no row of {id}: {out}"))
}

#[test]
fn every_output_has_the_outcome_of_every_control() {
    let dir = lab();
    // OSCAL is for NIST only, and each outcome in JSON is tested above.
    for format in ["text", "markdown", "csv"] {
        let (_, out, errors) = run(dir.path(), &report(&[&ASKED[..], &["-f", format]].concat()));
        for (id, _, _, verdict) in CONTROLS {
            let word = if format == "csv" { format!(",{verdict},") } else { verdict.replace('-', " ") };
            assert!(line(format, &out, id).contains(&word), "{format} {id}: {out}{errors}");
        }
    }
}

#[test]
fn a_template_passes_nothing_that_only_runs() {
    let dir = lab();
    fs::write(
        dir.path().join("frameworks/acme.yaml"),
        "id: acme-1.0\ntitle: Baseline\nversion: 1.0\nsource: https://example.com\ncontrols:\n  \
         - { id: N.1, title: Volumes are encrypted, kind: automated, rules: [node-volumes-unencrypted] }\n",
    )
    .expect("written");
    let template = Path::new(super::ROOT).join("docs/private-hardened/terraform");
    let template = template.to_str().expect("a path");
    let (_, report) = json(dir.path(), &["--framework", "acme-1.0", "--frameworks", "frameworks", template]);
    assert_eq!(control(&report, "N.1")["verdict"], "not-evaluated", "{:#}", control(&report, "N.1"));
}

#[test]
fn a_framework_with_a_mistake_is_said_with_its_place() {
    let dir = lab();
    for (text, message) in [
        (
            "id: Acme\ntitle: a\nversion: 1\nsource: b\ncontrols: []\n",
            "acme.yaml:1:5: `Acme` is no id for a framework",
        ),
        (
            "id: acme-1.0\ntitle: a\nversion: 1\nsource: b\ncontrols:\n  - { id: A, title: a, kind: automatic }\n",
            "acme.yaml:6:30: unknown value `automatic`; did you mean `automated`?",
        ),
        (
            "id: acme-1.0\ntitle: a\nversion: 1\nsource: b\ncontrols:\n  - { id: A, title: a, kind: manual }\n",
            "acme.yaml:6:11: the control `A` is manual and has no `why`",
        ),
        (
            "id: acme-1.0\ntitle: a\nversion: 1\nsource: b\ncontrols:\n  - { id: A, title: a, kind: automated, rules: [endpoint-opn-to-internet] }\n",
            "the control A names the rule `endpoint-opn-to-internet`, which does not exist; did you mean `endpoint-open-to-internet`?",
        ),
    ] {
        fs::write(dir.path().join("frameworks/acme.yaml"), text).expect("written");
        let (code, _, errors) = run(dir.path(), &report(&ASKED));
        assert!(errors.contains(message), "{errors}");
        assert_eq!(code, 2, "{errors}");
    }
}

/// What is not there to be wrong passes, and what no AWS API shows does not.
#[test]
fn controls_fail_and_apply_as_their_framework_says() {
    let verdict = |framework: &str, fixture: &str, id: &str| {
        let (_, report) = json(Path::new(super::ROOT), &["--framework", framework, fixture]);
        control(&report, id)["verdict"].as_str().expect("a verdict").to_owned()
    };
    let hardened = "fixtures/private-hardened.json";
    // The launch template gives no public address.
    assert_eq!(verdict("aws-fsbp", hardened, "EC2.25"), "passed");
    // Objects of Kubernetes turn on what nodes of Auto Mode enforce.
    assert_eq!(verdict("cis-eks-2.0", "fixtures/auto-mode.json", "4.3.1"), "manual");
}
