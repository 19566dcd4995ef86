//! `ekslint diff`: the comparison as a library does it, and the real binary on folders and Git
//! repositories.

use crate::support::sample::{assert_explained, document, fixtures, violations};
use assert_cmd::Command;
use bumpalo::Bump;
use ekslint::engine::{Configured, Fingerprint, Judge};
use ekslint::policy::diff::{Certainty, ChangeKind, Diff, FindingChange, Presence, State, diff};
use ekslint::rule::{Loaded, RuleSet, RuleSource};
use ekslint::scan::{Keep, scan};
use ekslint::source::{Input, Origin};
use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use tempfile::TempDir;

static LOADED: LazyLock<Loaded> = LazyLock::new(|| RuleSet::load(&[RuleSource::BuiltIn], false));

fn inputs(files: &[(&str, String)]) -> Vec<Input> {
    let input = |(name, text): &(&str, String)| {
        Input::new(Origin::Text { name: (*name).to_owned(), text: text.as_str().into() }, true)
    };
    files.iter().map(input).collect()
}

/// Compares two states by all built-in rules, and looks at what comes of it.
fn compared<T>(old: &[(&str, String)], new: &[(&str, String)], look: impl FnOnce(&Diff<'_>) -> T) -> T {
    let arena = Bump::new();
    let configured = |rule| Configured::with(rule, &Map::new(), &arena).expect("parameters");
    let judge = Judge {
        fixes: false,
        ..Judge::new(LOADED.set.rules.iter().map(configured).collect(), "2026-11-21".parse().expect("a date"))
    };
    let (old, new) = (inputs(old), inputs(new));
    let scans = [&old, &new].map(|inputs| scan(inputs, &judge, Keep::default()));
    let state = |inputs, at: usize| {
        let has_errors = !scans[at].problems.is_empty();
        State { inputs, scan: &scans[at], has_errors }
    };
    look(&diff(state(&old, 0), state(&new, 1), &judge, true))
}

fn rule(shift: &FindingChange<'_>) -> &'static str {
    &LOADED.set.rules[shift.finding.rule.position()].id
}

/// How often each finding is in a group.
fn counted<'d>(shifts: impl Iterator<Item = &'d FindingChange<'d>>) -> BTreeMap<Fingerprint, usize> {
    let mut counts = BTreeMap::new();
    shifts.for_each(|shift| *counts.entry(shift.finding.fingerprint).or_default() += 1);
    counts
}

/// `brought by` in short: how sure, and which pointers.
fn cause(shift: &FindingChange<'_>) -> (Option<Certainty>, Vec<String>) {
    (shift.certainty, shift.changes.iter().map(|change| change.at.pointer.to_string()).collect())
}

fn fixture(name: &str) -> Value {
    document(&format!("fixtures/{name}.json"))
}

fn changed(name: &str, change: impl FnOnce(&mut Value)) -> (String, String) {
    let (old, mut new) = (fixture(name), fixture(name));
    change(&mut new);
    (old.to_string(), new.to_string())
}

/// New, fixed and no longer evaluated findings of a fixture after a change: rule, how sure, pointers.
type Causes = Vec<(&'static str, Option<Certainty>, Vec<String>)>;

fn causes(old: &str, new: &str) -> [Causes; 3] {
    let named = |shifts: &Vec<FindingChange<'_>>| {
        shifts.iter().map(|shift| (rule(shift), cause(shift).0, cause(shift).1)).collect()
    };
    compared(&[("a.json", old.to_owned())], &[("b.json", new.to_owned())], |diff| {
        let [cluster] = diff.clusters.as_slice() else { panic!("one cluster: {diff:?}") };
        [named(&cluster.new), named(&cluster.fixed), named(&cluster.no_longer_evaluated)]
    })
}

#[test]
fn nothing_is_new_in_the_same_state() {
    let files = fixtures();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    let (unchanged, moved) = compared(&files, &files, |diff| {
        let moved = |c: &ekslint::policy::diff::ClusterDiff<'_>| {
            c.new.len() + c.fixed.len() + c.no_longer_evaluated.len() + c.changes
        };
        let unchanged: usize = diff.clusters.iter().map(|cluster| cluster.unchanged.len()).sum();
        assert!(diff.clusters.iter().all(|cluster| cluster.presence == Presence::Both));
        (unchanged, diff.clusters.iter().map(moved).sum::<usize>())
    });
    assert!(unchanged > 100 && moved == 0, "{unchanged} {moved}");
}

#[test]
fn a_change_that_brings_a_finding_is_named() {
    let (old, new) = changed("private-hardened", |new| {
        let access = &mut new["cluster"]["resourcesVpcConfig"];
        access["endpointPublicAccess"] = true.into();
        access["publicAccessCidrs"] = json!(["0.0.0.0/0"]);
        new["cluster"]["tags"]["colour"] = "blue".into();
    });
    let [new, fixed, unknown] = causes(&old, &new);
    let open = new.iter().find(|(rule, ..)| *rule == "endpoint-open-to-internet").expect("it is new");
    let access = "/cluster/resourcesVpcConfig";
    let expected = [format!("{access}/publicAccessCidrs/0"), format!("{access}/endpointPublicAccess")];
    assert_eq!((open.1, &open.2[..]), (Some(Certainty::Each), &expected[..]));
    assert!(new.iter().all(|(.., places)| places.iter().all(|place| place.starts_with(access))), "{new:?}");
    assert_eq!((fixed, unknown), (vec![], vec![]));
}

#[test]
fn a_change_that_mends_is_named_and_a_weaker_rule_that_was_covered_is_not_new() {
    let (old, new) = changed("study-lab", |new| {
        new["cluster"]["resourcesVpcConfig"]["publicAccessCidrs"] = json!(["203.0.113.0/24"]);
    });
    let [new, fixed, _] = causes(&old, &new);
    assert!(new.iter().all(|(rule, ..)| *rule != "endpoint-public-access-enabled"), "{new:?}");
    let open = fixed.iter().find(|(rule, ..)| *rule == "endpoint-open-to-internet").expect("it is fixed");
    assert_eq!(open.1, Some(Certainty::Each));
    assert_eq!(open.2, ["/cluster/resourcesVpcConfig/publicAccessCidrs/0"]);
}

#[test]
fn what_cannot_be_judged_any_more_is_not_fixed() {
    for (section, place) in [("nodegroups", "/nodegroups"), ("subnets", "/subnets"), ("roles", "/roles")] {
        let (old, new) = changed("study-lab", |new| {
            new.as_object_mut().expect("an object").remove(section);
        });
        let [brought, fixed, unknown] = causes(&old, &new);
        assert_eq!((&brought, &fixed), (&vec![], &vec![]), "{section}");
        for (rule, certainty, places) in &unknown {
            assert_eq!(
                (certainty, places.as_slice()),
                (&Some(Certainty::Known), &[place.to_owned()][..]),
                "{rule}"
            );
        }
        // And the other way round: nobody knows whether OLD had it.
        let [back, ..] = causes(&new, &old);
        assert_eq!(back, unknown, "{section}");
    }
    let (old, new) =
        changed("study-lab", |new| drop(new.as_object_mut().expect("an object").remove("nodegroups")));
    assert!(!causes(&old, &new)[2].is_empty(), "the node groups of this fixture have findings");
}

#[test]
fn a_refused_call_makes_findings_unknown_and_not_fixed() {
    let (old, new) = changed("study-lab", |new| {
        new["nodegroups"] = json!([]);
        new["notCollected"] = json!([
            {"at": "/nodegroups", "api": "eks:ListNodegroups", "reason": "AccessDenied", "kind": "denied"}
        ]);
    });
    let [_, fixed, unknown] = causes(&old, &new);
    let on_nodegroups = |causes: &Causes| causes.iter().any(|(rule, ..)| rule.starts_with("nodegroup-"));
    assert!(on_nodegroups(&unknown) && !on_nodegroups(&fixed), "{fixed:?} {unknown:?}");
    let [brought, ..] = causes(&new, &old);
    let of_nodegroups = brought.iter().filter(|(rule, ..)| rule.starts_with("nodegroup-"));
    assert!(
        of_nodegroups.clone().count() > 0
            && of_nodegroups.clone().all(|(_, c, _)| *c == Some(Certainty::Known)),
        "{brought:?}"
    );
}

#[test]
fn a_resource_that_comes_or_goes_is_one_change() {
    let (old, new) = changed("study-lab", |new| {
        let mut copy = new["nodegroups"][0].clone();
        copy["nodegroupName"] = "second".into();
        copy["nodegroupArn"] = "arn:aws:eks:ap-northeast-2:111122223333:nodegroup/study-lab/second/1".into();
        new["nodegroups"].as_array_mut().expect("a list").insert(0, copy);
    });
    compared(&[("a.json", old)], &[("b.json", new)], |diff| {
        let new: Vec<_> =
            diff.clusters[0].new.iter().filter(|shift| rule(shift).starts_with("nodegroup-")).collect();
        assert!(!new.is_empty());
        for shift in new {
            let [change] = shift.changes.as_slice() else { panic!("{:?}", shift.changes) };
            assert_eq!((change.kind, change.at.pointer.as_str()), (ChangeKind::Added, "/nodegroups/0"));
            assert_eq!(change.new.as_deref(), Some("\"second\""));
        }
    });
}

#[test]
fn of_changes_that_need_each_other_each_is_named() {
    let (old, new) = changed("private-hardened", |new| {
        new["cluster"]["resourcesVpcConfig"]["endpointPublicAccess"] = true.into();
        new["cluster"]["resourcesVpcConfig"]["publicAccessCidrs"] = json!(["0.0.0.0/1", "128.0.0.0/1"]);
    });
    let [brought, ..] = causes(&old, &new);
    let open =
        brought.iter().find(|(rule, ..)| *rule == "endpoint-nearly-open-to-internet").expect("it is new");
    assert_eq!(open.1, Some(Certainty::Each));
    assert!(open.2.contains(&"/cluster/resourcesVpcConfig/endpointPublicAccess".to_owned()), "{open:?}");
}

/// A rule that either of two tags breaks.
const EITHER: &str = r#"
id: no-tags
title: A cluster has a tag
severity: high
since: 0.1.0
resource: cluster
when: has(cluster.tags)
assert: "!(has(cluster.tags.a) || has(cluster.tags.b))"
message: "{{cluster.name}} has a tag"
rationale: It is tested.
remediation: { text: Take it away. }
"#;

#[test]
fn of_changes_that_suffice_alone_the_smallest_set_is_named() {
    let tagged = |tags: Value| {
        let mut cluster: Value = serde_json::from_str(&demo("a", OFFICE)).expect("JSON");
        cluster["cluster"]["tags"] = tags;
        cluster.to_string()
    };
    let dir = folder(&[
        ("old.json", &tagged(json!({"c": "1"}))),
        ("new.json", &tagged(json!({"a": "1", "b": "1", "c": "2", "d": "1"}))),
        ("rules/no-tags.yaml", EITHER),
    ]);
    let args = ["--no-default-rules", "--rules", "rules", "-f", "json"];
    let report = |old: &str, new: &str| {
        let (code, out, err) = ekslint(dir.path(), &[&[old, new], &args[..]].concat());
        assert!(code < 2, "{err}");
        serde_json::from_str::<Value>(&out).expect("JSON")
    };
    let pointers = |finding: &Value| {
        let changes = finding["changes"].as_array().expect("a list").iter();
        let pointers: Vec<_> = changes.map(|change| change["location"]["pointer"].clone()).collect();
        (finding["cause"].clone(), pointers)
    };
    let expected = (json!("together"), vec![json!("/cluster/tags/a"), json!("/cluster/tags/b")]);
    assert_eq!(pointers(&report("old.json", "new.json")["clusters"][0]["new"][0]), expected);
    let back = pointers(&report("new.json", "old.json")["clusters"][0]["fixed"][0]);
    assert_eq!(back, expected);
}

#[test]
fn more_changes_than_are_tried_are_said() {
    let tagged = |value: &str| {
        let mut cluster: Value = serde_json::from_str(&demo("a", OFFICE)).expect("JSON");
        let tags = (0..300).map(|at| (format!("tag-{at}"), value.into()));
        cluster["cluster"]["tags"] = Value::Object(tags.chain([("a".to_owned(), value.into())]).collect());
        cluster.to_string()
    };
    let mut old: Value = serde_json::from_str(&tagged("1")).expect("JSON");
    old["cluster"]["tags"].as_object_mut().expect("tags").remove("a");
    let dir =
        folder(&[("old.json", &old.to_string()), ("new.json", &tagged("2")), ("rules/no-tags.yaml", EITHER)]);
    let (code, out, _) =
        ekslint(dir.path(), &["old.json", "new.json", "--no-default-rules", "--rules", "rules"]);
    assert_eq!(code, 1);
    assert!(out.contains("301 fields changed; the 151 farthest from the findings were not tried"), "{out}");
}

#[test]
fn a_new_cluster_and_one_that_is_gone_are_said_so() {
    let text = |name: &str| fixture(name).to_string();
    let (old, new) = ([("a.json", text("study-lab"))], [("b.json", text("office-access"))]);
    compared(&old, &new, |diff| {
        let [came, went] = diff.clusters.as_slice() else { panic!("two clusters") };
        assert_eq!((came.presence, went.presence), (Presence::New, Presence::Gone));
        assert!(!came.new.is_empty() && came.new.iter().all(|shift| shift.certainty.is_none()));
        assert!(!went.fixed.is_empty() && went.no_longer_evaluated.is_empty());
    });
    // A cluster whose file is broken is not gone, and not new.
    let broken = [("b.json", text("office-access")), ("a.json", "{\"cluster\": {".to_owned())];
    compared(&old, &broken, |diff| {
        let went = diff.clusters.last().expect("it is listed");
        assert_eq!(went.presence, Presence::NotReadInNew);
        assert!(went.fixed.is_empty() && !went.no_longer_evaluated.is_empty());
    });
    compared(&broken, &old, |diff| {
        let came = diff.clusters.first().expect("it is listed");
        assert_eq!(came.presence, Presence::NotReadInOld);
        assert!(!came.new.is_empty() && came.new.iter().all(FindingChange::was_unknown));
    });
}

#[test]
fn a_cluster_that_looks_like_another_kind_is_not_fixed() {
    let (old, new) = changed("study-lab", |new| {
        new["cluster"].as_object_mut().expect("an object").remove("resourcesVpcConfig");
    });
    let [_, fixed, unknown] = causes(&old, &new);
    assert!(unknown.iter().any(|(rule, ..)| *rule == "endpoint-open-to-internet"), "{unknown:?}");
    assert!(fixed.iter().all(|(rule, ..)| !rule.starts_with("endpoint-")), "{fixed:?}");
}

#[test]
fn changes_have_their_lines_in_arrays_and_ndjson() {
    let (first, open) = (fixture("office-access"), changed("study-lab", |_| {}).1);
    let open: Value = serde_json::from_str(&open).expect("JSON");
    let mut closed = open.clone();
    closed["cluster"]["resourcesVpcConfig"]["publicAccessCidrs"] = json!([OFFICE]);
    let place = |old: String, new: String| {
        compared(&[("a", old)], &[("b", new)], |diff| {
            let shifts = diff.clusters.iter().flat_map(|cluster| &cluster.new);
            let open =
                shifts.clone().find(|shift| rule(shift) == "endpoint-open-to-internet").expect("it is new");
            let change = &open.changes[0];
            (change.at.pointer.to_string(), change.at.file.document, change.at.span.start_line)
        })
    };
    let at = "/cluster/resourcesVpcConfig/publicAccessCidrs/0";
    let array = |cluster: &Value| serde_json::to_string_pretty(&json!([first, cluster])).expect("JSON");
    let text = array(&open);
    let lists: Vec<_> =
        (1..).zip(text.lines()).filter(|(_, line)| line.contains("\"publicAccessCidrs\"")).collect();
    let line: u32 = lists.last().expect("the second cluster's").0 + 1;
    assert_eq!(place(array(&closed), text), (format!("/1{at}"), None, line));
    let lines = |cluster: &Value| format!("{first}\n\n{cluster}\n");
    assert_eq!(place(lines(&closed), lines(&open)), (at.to_owned(), Some(3), 3));
}

#[test]
fn clusters_are_matched_by_who_they_are_in_files_arrays_and_ndjson() {
    let (first, second) = (fixture("study-lab"), fixture("office-access"));
    let array = [("all.json", json!([second, first]).to_string())];
    let lines = [("all.ndjson", format!("{first}\n{second}\n"))];
    let files = [("x.json", first.to_string()), ("y.json", second.to_string())];
    for (old, new) in [(&array[..], &lines[..]), (&lines[..], &files[..]), (&files[..], &array[..])] {
        compared(old, new, |diff| {
            assert_eq!(diff.clusters.len(), 2);
            for cluster in &diff.clusters {
                assert_eq!(cluster.presence, Presence::Both);
                assert!(cluster.new.is_empty() && cluster.fixed.is_empty() && !cluster.unchanged.is_empty());
            }
        });
    }
}

#[test]
fn a_cluster_without_an_arn_is_matched_by_its_name() {
    let whole = json!({"cluster": {"name": "demo", "arn": "arn:aws:eks:us-west-2:111122223333:cluster/demo",
        "resourcesVpcConfig": {"endpointPublicAccess": true, "publicAccessCidrs": ["0.0.0.0/0"]}}});
    let mut named = whole.clone();
    named["cluster"].as_object_mut().expect("an object").remove("arn");
    for (old, new) in [(&whole, &named), (&named, &whole)] {
        let [new, fixed, unknown] = causes(&old.to_string(), &new.to_string());
        assert_eq!((new, fixed, unknown), (vec![], vec![], vec![]));
    }
}

#[test]
fn answers_of_the_aws_cli_and_snapshots_can_be_compared() {
    let snapshot = fixture("study-lab");
    let answer = json!({"cluster": snapshot["cluster"]});
    let [new, fixed, unknown] = causes(&answer.to_string(), &snapshot.to_string());
    assert!(!new.is_empty() && fixed.is_empty() && unknown.is_empty(), "{fixed:?} {unknown:?}");
    assert!(new.iter().all(|(_, certainty, _)| *certainty == Some(Certainty::Known)), "{new:?}");
    let [new, fixed, unknown] = causes(&snapshot.to_string(), &answer.to_string());
    assert!(new.is_empty() && fixed.is_empty() && !unknown.is_empty(), "{new:?} {fixed:?}");
}

#[test]
fn a_secret_is_never_shown() {
    let (old, new) = changed("study-lab", |new| {
        new["cluster"]["clientRequestToken"] = "hunter2-hunter2".into();
        new["cluster"]["resourcesVpcConfig"] = Value::Null;
        new["launchTemplateVersions"] = json!([{"LaunchTemplateId": "lt-1", "VersionNumber": 1,
            "LaunchTemplateData": {"UserData": "hunter2"}}]);
    });
    compared(&[("a.json", old)], &[("b.json", new)], |diff| {
        let text = format!("{:?}", diff.clusters);
        assert!(!text.contains("hunter2"), "{text}");
    });
}

/// What a cluster looks like when its lists are turned around.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().rev().map(reversed).collect(),
        Value::Object(fields) => {
            fields.iter().rev().map(|(name, value)| (name.clone(), reversed(value))).collect()
        }
        scalar => scalar.clone(),
    }
}

#[test]
fn another_order_is_no_change() {
    for (name, text) in fixtures() {
        let mut other = reversed(&serde_json::from_str(&text).expect("JSON"));
        // These entries name positions.
        let gaps = serde_json::from_str::<Value>(&text).expect("JSON")["notCollected"].clone();
        if gaps.is_array() {
            other["notCollected"] = gaps;
        }
        let causes = causes(&text, &other.to_string());
        assert!(causes.iter().all(Vec::is_empty), "{name}: {causes:?}");
    }
}

/// Every place of a document that holds a scalar or an empty list.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    let key = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(index, item)| leaves(item, &format!("{at}/{index}"), found));
        }
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(name, value)| leaves(value, &format!("{at}/{}", key(name)), found));
        }
        _ => found.push(at.to_owned()),
    }
}

/// A document with one thing changed: a flag turned, a text or a number replaced, an item or a field
/// taken away.
fn mutated(document: &Value, choice: prop::sample::Index, way: u8) -> Value {
    let mut places = Vec::new();
    for section in document.as_object().expect("an object").keys() {
        if document[section].is_array() || document[section].is_object() {
            leaves(&document[section], &format!("/{section}"), &mut places);
        }
    }
    places.retain(|place| {
        !place.starts_with("/notCollected")
            && !place.starts_with("/cluster/arn")
            && !place.starts_with("/cluster/name")
    });
    let place = &places[choice.index(places.len())];
    let mut new = document.clone();
    let (parent, last) = place.rsplit_once('/').expect("a pointer");
    let value = new.pointer_mut(place).expect("it is there");
    match (way % 4, &*value) {
        (0, Value::Bool(flag)) => *value = (!flag).into(),
        (0 | 1, Value::Number(_)) => *value = 1.into(),
        (0 | 1, Value::String(text)) if text.contains('/') => *value = "0.0.0.0/0".into(),
        (0 | 1, Value::String(text)) => *value = format!("{text}x").into(),
        _ => match new.pointer_mut(parent).expect("it is there") {
            Value::Array(items) => drop(items.remove(last.parse().expect("a position"))),
            Value::Object(fields) => drop(fields.remove(&last.replace("~1", "/").replace("~0", "~"))),
            _ => unreachable!("what holds a value is a list or an object"),
        },
    }
    new
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// What is new one way is fixed the other way, or nobody knows; and a single change is the cause of
    /// everything.
    #[test]
    fn both_ways_say_the_same(
        fixture in 0..10_usize,
        choices in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let (name, text) = fixtures().swap_remove(fixture);
        let old: Value = serde_json::from_str(&text).expect("JSON");
        let new = choices.iter().fold(old.clone(), |document, (choice, way)| mutated(&document, *choice, *way));
        let states = [[("a.json", old.to_string())], [("b.json", new.to_string())]];
        let groups = |from: usize, to: usize| compared(&states[from], &states[to], |diff| {
            let clusters = &diff.clusters;
            let new = counted(clusters.iter().flat_map(|cluster| &cluster.new));
            let gone = clusters.iter().flat_map(|c| c.fixed.iter().chain(&c.no_longer_evaluated));
            let all = clusters.iter().flat_map(|c| c.new.iter().chain(&c.fixed).chain(&c.no_longer_evaluated));
            let unsure: Vec<_> = all
                .filter(|shift| !matches!(shift.certainty, Some(Certainty::Each | Certainty::Known)))
                .map(|shift| (rule(shift), cause(shift)))
                .collect();
            let changes: usize = clusters.iter().map(|cluster| cluster.changes).sum();
            (new, counted(gone), unsure, changes)
        });
        let (there, back) = (groups(0, 1), groups(1, 0));
        prop_assert_eq!(&there.0, &back.1, "{}", name);
        prop_assert_eq!(&there.1, &back.0, "{}", name);
        if there.3 == 1 {
            prop_assert!(there.2.is_empty() && back.2.is_empty(), "{} {:?} {:?}", name, there.2, back.2);
        }
    }
}

// The real binary.

/// The binary, as if it ran on a terminal of 80 columns without colour, on a fixed day.
fn ekslint(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.current_dir(dir).env_clear().env("PATH", path).env("HOME", dir).env("COLUMNS", "80");
    let output = command.args(["diff", "--as-of", "2026-11-21"]).args(args).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

fn write(dir: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().expect("a temporary directory");
    write(dir.path(), files);
    dir
}

fn git(dir: &Path, args: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"];
    let output = std::process::Command::new("git")
        .args(identity)
        .args(["-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always"])
        .args(args)
        .current_dir(dir)
        .env("HOME", dir)
        .output()
        .expect("git runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A repository with one commit of these files.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let dir = folder(files);
    git(dir.path(), &["init", "-q"]);
    commit(dir.path(), "first");
    dir
}

fn commit(dir: &Path, message: &str) {
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-q", "--allow-empty", "-m", message]);
}

/// A small cluster, open to these addresses.
fn demo(name: &str, cidr: &str) -> String {
    let cluster = json!({"cluster": {
        "name": name,
        "arn": format!("arn:aws:eks:us-west-2:111122223333:cluster/{name}"),
        "version": "1.36",
        "resourcesVpcConfig": {
            "endpointPublicAccess": true,
            "endpointPrivateAccess": true,
            "publicAccessCidrs": [cidr],
        },
        "logging": {"clusterLogging": [{"types": ["audit"], "enabled": true}]},
    }});
    serde_json::to_string_pretty(&cluster).expect("JSON") + "\n"
}

const OFFICE: &str = "203.0.113.0/24";
const WORLD: &str = "0.0.0.0/0";

/// Two states with something of everything.
fn states() -> TempDir {
    let dir = TempDir::new().expect("a temporary directory");
    let (mut old, mut new) = (fixture("study-lab"), fixture("study-lab"));
    old["cluster"]["resourcesVpcConfig"]["publicAccessCidrs"] = json!([OFFICE]);
    new["cluster"]["logging"] = json!({"clusterLogging": [{"types": ["audit"], "enabled": true}]});
    new.as_object_mut().expect("an object").remove("nodegroups");
    old.as_object_mut().expect("an object").remove("roles");
    let text = |value: &Value| serde_json::to_string_pretty(value).expect("JSON");
    write(dir.path(), &[("old/a.json", &text(&old)), ("new/renamed.json", &text(&new))]);
    write(dir.path(), &[("old/gone.json", &demo("gone", WORLD)), ("new/came.json", &demo("came", WORLD))]);
    dir
}

#[test]
fn the_page_fits_80_columns() {
    let dir = states();
    let (code, out, err) = ekslint(dir.path(), &["old", "new"]);
    assert_eq!((code, err.as_str()), (1, ""));
    assert_snapshot!("text", out);
    let (_, markdown, _) = ekslint(dir.path(), &["old", "new", "--format", "markdown"]);
    assert_snapshot!("markdown", markdown);
}

#[test]
fn the_json_is_what_its_schema_says() {
    let dir = states();
    let (_, out, _) = ekslint(dir.path(), &["old", "new", "--format", "json"]);
    let schema = document("docs/diff-output.schema.json");
    let checked = |text: &str| {
        let report: Value = serde_json::from_str(text).expect("JSON");
        let violations = violations(&schema, &report);
        assert!(violations.is_empty(), "{violations:#?}");
        report
    };
    let report = checked(&out);
    assert_eq!(report["summary"]["complete"], false, "node groups are missing");
    let (small, _) = (folder(&[("a.json", &demo("a", OFFICE)), ("b.json", &demo("a", WORLD))]), ());
    let (_, out, _) =
        ekslint(small.path(), &["a.json", "b.json", "-f", "json", "--select", "endpoint-open-to-internet"]);
    checked(&out);
    assert_snapshot!("json", out.replace(env!("CARGO_PKG_VERSION"), "[version]"));
    let (code, out, _) = ekslint(small.path(), &["a.json", "nowhere.json", "-f", "json"]);
    assert_eq!(code, 2);
    assert_eq!(checked(&out)["clusters"][0]["presence"], "notReadInNew");
}

#[test]
fn the_page_explains_every_field_of_the_json() {
    assert_explained("docs/diff.md", "docs/diff-output.schema.json", 40);
}

#[test]
fn exit_codes() {
    let dir = folder(&[("a.json", &demo("a", OFFICE)), ("b.json", &demo("a", WORLD)), ("c.json", "{")]);
    let code = |args: &[&str]| ekslint(dir.path(), args).0;
    assert_eq!(code(&["a.json", "a.json"]), 0);
    assert_eq!(code(&["a.json", "b.json"]), 1);
    assert_eq!(code(&["b.json", "a.json"]), 0, "what is fixed is no failure");
    assert_eq!(code(&["a.json", "b.json", "--fail-on", "critical"]), 0);
    assert_eq!(code(&["a.json", "b.json", "--fail-on", "never"]), 0);
    assert_eq!(code(&["a.json", "b.json", "--exit-zero"]), 0);
    assert_eq!(code(&["a.json", "a.json", "--strict"]), 3, "only the cluster is in the file");
    assert_eq!(code(&["a.json", "c.json"]), 2);
    assert_eq!(code(&["a.json"]), 2);
    assert_eq!(code(&["a.json", "b.json", "c.json"]), 2);
    assert_eq!(code(&["a.json", "-"]), 2);
    assert_eq!(code(&["a.json", "b.json", "-f", "json", "-f", "text"]), 2);
}

#[test]
fn the_rest_is_compared_when_an_input_is_wrong() {
    let dir = folder(&[
        ("old/a.json", &demo("a", OFFICE)),
        ("old/b.json", "nonsense"),
        ("new/a.json", &demo("a", WORLD)),
    ]);
    let (code, out, err) = ekslint(dir.path(), &["old", "new", "--select", "endpoint-open-to-internet"]);
    assert_eq!(code, 2);
    assert!(err.contains("error: old/b.json:1:"), "{err}");
    assert!(out.contains("new high endpoint-open-to-internet"), "{out}");
}

#[test]
fn a_file_that_is_no_snapshot_any_more_does_not_fix_anything() {
    let dir = folder(&[
        ("old/a.json", &demo("a", WORLD)),
        ("new/a.json", r#"{"message": "denied", "code": "AccessDenied"}"#),
        ("new/b.json", &demo("b", OFFICE)),
    ]);
    let (_, out, err) = ekslint(dir.path(), &["old", "new", "--select", "endpoint-open-to-internet"]);
    assert!(out.contains("not found in NEW") && out.contains("0 fixed; 1 no longer evaluated"), "{out}");
    assert!(err.contains("skipped new/a.json"), "{err}");
}

#[test]
fn waivers_and_the_baseline_hold_for_both() {
    let waiver = "[[waiver]]\nrule = \"endpoint-open-to-internet\"\nreason = \"a lab\"\n";
    let dir =
        folder(&[("a.json", &demo("a", OFFICE)), ("b.json", &demo("a", WORLD)), ("ekslint.toml", waiver)]);
    let args = ["a.json", "b.json", "--select", "endpoint-open-to-internet"];
    let (code, out, _) = ekslint(dir.path(), &args);
    assert_eq!(code, 0);
    assert!(out.contains("waived: a lab") && out.contains("1 new but accepted"), "{out}");
    let (code, ..) = ekslint(dir.path(), &[&args[..], &["--no-config"]].concat());
    assert_eq!(code, 1);
}

#[test]
fn a_tag_that_turns_a_rule_off_fixes_nothing() {
    let config =
        "[[cluster]]\ntags = { env = \"lab\" }\n[cluster.rules]\nendpoint-open-to-internet = \"off\"\n";
    let mut lab: Value = serde_json::from_str(&demo("a", WORLD)).expect("JSON");
    lab["cluster"]["tags"] = json!({"env": "lab"});
    let dir =
        folder(&[("a.json", &demo("a", WORLD)), ("b.json", &lab.to_string()), ("ekslint.toml", config)]);
    let (_, out, _) = ekslint(dir.path(), &["a.json", "b.json"]);
    assert!(out.contains("unknown high endpoint-open-to-internet") && out.contains("0 fixed;"), "{out}");
    assert!(out.contains("turns the rule off"), "{out}");
}

#[test]
fn names_cannot_steer_a_terminal_or_a_comment() {
    let name = "x\u{1b}[2J\u{202e}|@all <img>";
    let dir = folder(&[("a.json", &demo(name, OFFICE)), ("b.json", &demo(name, WORLD))]);
    for format in ["text", "json", "markdown"] {
        let (_, out, _) =
            ekslint(dir.path(), &["a.json", "b.json", "-f", format, "--select", "endpoint-open-to-internet"]);
        assert!(out.contains("endpoint-open-to-internet") && !out.contains(['\u{1b}', '\u{202e}']), "{out}");
        if format == "markdown" {
            let outside: String = out.split('`').step_by(2).collect();
            assert!(out.contains("@all") && !outside.contains("@all") && !outside.contains("<img"), "{out}");
        }
    }
}

#[test]
fn a_revision_against_the_work_tree() {
    let dir = repository(&[("clusters/a.json", &demo("a", OFFICE)), ("clusters/b.json", &demo("b", WORLD))]);
    let args = ["--git", "HEAD", "--select", "endpoint-open-to-internet"];
    assert_eq!(ekslint(dir.path(), &args).0, 0, "nothing changed");
    write(dir.path(), &[("clusters/a.json", &demo("a", WORLD))]);
    git(dir.path(), &["mv", "clusters/b.json", "clusters/renamed.json"]);
    let (code, out, err) = ekslint(dir.path(), &args);
    assert_eq!((code, err.as_str()), (1, ""));
    assert_snapshot!("git", out);
    // From a folder inside, and of files that are named.
    let inside = dir.path().join("clusters");
    assert_eq!(ekslint(&inside, &args).0, 1);
    assert_eq!(ekslint(&inside, &[&args[..], &["a.json"]].concat()).0, 1);
    assert_eq!(ekslint(&inside, &[&args[..], &["../clusters/renamed.json"]].concat()).0, 1, "b is new there");
    // An older revision by any name.
    commit(dir.path(), "second");
    assert_eq!(ekslint(dir.path(), &args).0, 0);
    assert_eq!(ekslint(dir.path(), &["--git", "HEAD~1", "--select", "endpoint-open-to-internet"]).0, 1);
}

#[test]
fn what_is_gone_from_the_work_tree_is_gone() {
    let dir = repository(&[("a.json", &demo("a", WORLD)), ("old/b.json", &demo("b", WORLD))]);
    fs::remove_dir_all(dir.path().join("old")).expect("it goes");
    let (code, out, err) =
        ekslint(dir.path(), &["--git", "HEAD", "a.json", "old", "--select", "endpoint-open-to-internet"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        out.contains("b  us-west-2 111122223333 (gone)") && out.contains("1 fixed; 1 unchanged"),
        "{out}"
    );
    let (code, _, err) = ekslint(dir.path(), &["--git", "HEAD", "nowhere.json"]);
    assert_eq!(code, 2);
    assert!(err.contains("nowhere.json: does not exist"), "{err}");
}

#[test]
fn odd_names_are_only_names() {
    let names = [
        "a b.json",
        "-x.json",
        "클러스터.json",
        "line\nbreak.json",
        "quote'\".json",
        "$(id).json",
        "dir with space/:(top)x.json",
    ];
    let files: Vec<_> =
        names.iter().enumerate().map(|(at, name)| (*name, demo(&format!("c{at}"), OFFICE))).collect();
    let dir = repository(&files.iter().map(|(name, text)| (*name, text.as_str())).collect::<Vec<_>>());
    let (code, out, err) = ekslint(dir.path(), &["--git", "HEAD", "--select", "endpoint-open-to-internet"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("on 7 clusters:"), "{out}");
    for (at, name) in names.iter().enumerate() {
        write(dir.path(), &[(name, &demo(&format!("c{at}"), WORLD))]);
    }
    let (_, out, _) =
        ekslint(dir.path(), &["--git", "HEAD", "--select", "endpoint-open-to-internet", "-f", "json"]);
    let report: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(report["summary"]["new"]["high"], 7, "{out}");
    let (code, ..) =
        ekslint(dir.path(), &["--git", "HEAD", "--select", "endpoint-open-to-internet", "--", "-x.json"]);
    assert_eq!(code, 1);
}

#[test]
fn a_revision_is_searched_as_the_work_tree_is() {
    let dir = repository(&[
        ("a.json", &demo("a", OFFICE)),
        ("ignored/b.json", &demo("b", OFFICE)),
        (".hidden/c.json", &demo("c", OFFICE)),
        ("left-out/d.json", &demo("d", OFFICE)),
        ("notes.txt", "text"),
        ("package.json", r#"{"name": "x"}"#),
    ]);
    write(dir.path(), &[(".gitignore", "ignored/\n")]);
    let args = ["--git", "HEAD", "--exclude", "left-out", "--select", "endpoint-open-to-internet", "-v"];
    let (code, out, err) = ekslint(dir.path(), &args);
    assert_eq!(code, 0);
    assert!(out.contains("on 1 cluster:"), "{out}");
    assert!(err.contains("skipped HEAD:package.json"), "{err}");
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_the_repository() {
    let dir = repository(&[("real/a.json", &demo("a", OFFICE))]);
    std::os::unix::fs::symlink("../real/a.json", dir.path().join("real/b.json")).expect("a link");
    std::os::unix::fs::symlink("/etc/hostname", dir.path().join("out.json")).expect("a link");
    commit(dir.path(), "links");
    let (code, _, err) = ekslint(dir.path(), &["--git", "HEAD", "real"]);
    assert_eq!(code, 0);
    assert!(err.contains("is in HEAD:real/a.json and HEAD:real/b.json"), "{err}");
    let (code, _, err) = ekslint(dir.path(), &["--git", "HEAD"]);
    assert_eq!(code, 2);
    assert!(err.contains("HEAD:out.json: is a link that leads out of the repository"), "{err}");
}

#[test]
fn what_is_wrong_with_a_revision_is_said_with_the_way_out() {
    let dir = repository(&[("a.json", &demo("a", OFFICE))]);
    let outside = folder(&[("a.json", &demo("a", OFFICE))]);
    let error = |dir: &Path, args: &[&str]| {
        let (code, out, err) = ekslint(dir, args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        err
    };
    assert!(error(dir.path(), &["--git", "nowhere"]).contains("no revision `nowhere`"));
    assert!(error(dir.path(), &["--git", "HEAD:a.json"]).contains("no revision"));
    for option in ["--git=--upload-pack=touch x", "--git=-x", "--git=--help"] {
        assert!(error(dir.path(), &[option]).contains("it starts with `-`"), "{option}");
    }
    assert!(
        error(outside.path(), &["--git", "HEAD"]).contains("is not in the work tree of a Git repository")
    );
    assert!(error(dir.path(), &["--git", "HEAD", "/"]).contains("is not in the Git work tree"));
    assert!(error(dir.path(), &[]).contains("ekslint diff --git REV"));

    // Git does not trust the folders of others, unless it is told to.
    let owned_by_another = || {
        let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.current_dir(dir.path()).env_clear().env("PATH", path).env("HOME", outside.path());
        command.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1").args(["diff", "--git", "HEAD"]);
        let output = command.output().expect("it runs");
        (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
    };
    let (code, err) = owned_by_another();
    assert_eq!(code, Some(2));
    assert!(err.contains("git config --global --add safe.directory"), "{err}");
    git(outside.path(), &["config", "--global", "--add", "safe.directory", "*"]);
    assert_eq!(owned_by_another(), (Some(0), String::new()));

    commit(dir.path(), "second");
    let clone = TempDir::new().expect("a temporary directory");
    let url = format!("file://{}", dir.path().display());
    git(clone.path(), &["clone", "-q", "--depth", "1", &url, "shallow"]);
    let err = error(&clone.path().join("shallow"), &["--git", "HEAD~1"]);
    assert!(err.contains("shallow") && err.contains("fetch-depth: 0"), "{err}");
}

#[test]
fn without_git_two_folders_can_still_be_compared() {
    let dir = folder(&[("a.json", &demo("a", OFFICE))]);
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    command.current_dir(dir.path()).env_clear().env("PATH", dir.path());
    let output = command.args(["diff", "--git", "HEAD"]).output().expect("it runs");
    let err = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2));
    assert!(err.contains("cannot run `git`"), "{err}");
    assert_eq!(ekslint(dir.path(), &["a.json", "a.json"]).0, 0);
}
