use super::read_report;
use crate::compliance::{ControlVerdict, EarlierOrigin, EarlierState};
use serde_json::{Value, json};

fn report() -> Value {
    json!({
        "schemaVersion": 1,
        "tool": {"name": "ekslint", "version": "0.1.0"},
        "ruleSet": {"rules": 2, "sha256": "abc"},
        "asOf": "2026-10-01",
        "clusters": [
            {"name": "prod", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/prod", "account": "111122223333",
             "region": "eu-west-1", "file": "prod.json", "capturedAt": "2026-09-30T08:00:00Z", "source": "aws"},
            {"name": "aws_eks_cluster.this", "file": "infra", "source": "terraform",
             "template": {"address": "aws_eks_cluster.this", "root": "infra"}},
        ],
        "parameters": [{"rule": "r", "name": "max", "value": 2, "origin": "rule"}],
        "frameworks": [{"id": "acme-1", "controls": [
            {"id": "A.1", "clusters": [{"cluster": 0, "verdict": "failed"}, {"cluster": 1, "verdict": "not-evaluated"}]},
            {"id": "A.2", "clusters": []},
        ]}],
        "errors": [],
        "ruleErrors": [],
    })
}

fn read(report: &Value) -> Result<EarlierState, String> {
    read_report("old.json", &report.to_string()).expect("a report")
}

#[test]
fn a_report_says_what_became_of_each_control() {
    let state = read(&report()).expect("it is whole");
    let EarlierOrigin::Report { as_of, rules_digest, parameters } = &state.origin else {
        panic!("{state:?}")
    };
    assert_eq!((as_of.to_string().as_str(), rules_digest.as_str()), ("2026-10-01", "abc"));
    assert_eq!((parameters[0].name.as_str(), &parameters[0].value), ("max", &Some(json!(2))));
    assert_eq!(
        state.days().map(|(first, last)| (first == last, first.to_string())),
        Some((true, "2026-10-01".into()))
    );
    assert!(state.is_complete);
    let control =
        state.framework("acme-1").and_then(|framework| framework.control("A.1")).expect("a control");
    assert_eq!(
        Vec::from_iter(&control.verdicts),
        [(&0, &ControlVerdict::Failed), (&1, &ControlVerdict::NotEvaluated)]
    );
    let [prod, template] = state.clusters.as_slice() else { panic!("{:?}", state.clusters) };
    assert_eq!(prod.identity.literal_name(), Some("prod"));
    assert_eq!(prod.captured_at.map(|at| at.to_rfc3339()).as_deref(), Some("2026-09-30T08:00:00+00:00"));
    // What people call it is its address, and no name.
    assert_eq!(template.identity.literal_name(), None);
}

#[test]
fn clusters_can_be_forgotten() {
    let mut state = read(&report()).expect("it is whole");
    state.retain(|cluster| cluster.file == "infra");
    assert_eq!(state.clusters.len(), 1);
    let control =
        state.framework("acme-1").and_then(|framework| framework.control("A.1")).expect("a control");
    assert_eq!(Vec::from_iter(&control.verdicts), [(&0, &ControlVerdict::NotEvaluated)]);
}

#[test]
fn what_is_wrong_names_the_field() {
    let table: [(&str, Value, &str); 9] = [
        ("/schemaVersion", json!(7), "`schemaVersion` is 7, and this ekslint reads 1"),
        ("/asOf", json!("yesterday"), "`asOf` is \"yesterday\", not a day such as 2026-10-01"),
        ("/ruleSet", json!({}), "`ruleSet` has no `sha256`"),
        ("/clusters/0/file", json!(null), "`clusters[0]` has no `file`"),
        ("/clusters/0/capturedAt", json!(5), "`clusters[0].capturedAt` is 5, not a text"),
        ("/frameworks/0/controls", json!("x"), "`frameworks[0].controls` is \"x\", not a list"),
        (
            "/frameworks/0/controls/0/clusters/1/cluster",
            json!(2),
            "`frameworks[0].controls[0].clusters[1].cluster` is 2, and the report has 2 clusters",
        ),
        (
            "/frameworks/0/controls/0/clusters/0/verdict",
            json!("failde"),
            "`frameworks[0].controls[0].clusters[0].verdict` is `failde`, which is no verdict; did you mean `failed`?",
        ),
        ("/errors", json!(null), "has no `errors`"),
    ];
    for (pointer, value, expected) in table {
        let mut report = report();
        *report.pointer_mut(pointer).expect("a field") = value;
        let error = read(&report).expect_err(pointer);
        assert!(error.starts_with(&format!("old.json: {expected}")), "{error}");
    }
}

#[test]
fn what_is_no_report_is_told_apart() {
    for text in ["", "{", "[]", "{\"cluster\": {}}", "{\"tool\": {}, \"frameworks\": []}"] {
        assert!(read_report("x.json", text).is_none(), "{text}");
    }
    let scan = json!({"schemaVersion": 1, "tool": {}, "findings": []}).to_string();
    let error = read_report("x.json", &scan).expect("a report").expect_err("of a scan");
    assert!(error.starts_with("x.json is a report of `ekslint scan`"), "{error}");
}

proptest::proptest! {
    #[test]
    fn whatever_a_field_holds_nothing_panics(at in 0_usize..200, value in 0_usize..6) {
        let mut report = report();
        let mut pointers = Vec::new();
        all(&report, String::new(), &mut pointers);
        let values = [json!(null), json!([]), json!({}), json!("x"), json!(-1), json!(u64::MAX)];
        let pointer = &pointers[at % pointers.len()];
        *report.pointer_mut(pointer).expect("a field") = values[value].clone();
        if let Some(Err(error)) = read_report("old.json", &report.to_string()) {
            proptest::prop_assert!(error.starts_with("old.json"), "{error}");
        }
    }
}

fn all(value: &Value, at: String, pointers: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| all(item, format!("{at}/{n}"), pointers))
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(key, field)| all(field, format!("{at}/{key}"), pointers))
        }
        _ => {}
    }
    pointers.push(at);
}
