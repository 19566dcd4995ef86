//! The frameworks that come with ekslint hold together: with the rules, and with themselves.

use ekslint::rule::framework::{ControlKind, Framework, FrameworkSet};
use ekslint::rule::{RuleSet, RuleSource};

fn loaded() -> (FrameworkSet, RuleSet) {
    let frameworks = FrameworkSet::load(&[]);
    assert!(frameworks.errors.is_empty(), "{:?}", frameworks.errors);
    (frameworks.set, RuleSet::load(&[RuleSource::BuiltIn], false).set)
}

fn complaints(check: impl Fn(&Framework, &RuleSet, &mut Vec<String>)) {
    let (frameworks, rules) = loaded();
    let mut wrong = Vec::new();
    frameworks.frameworks.iter().for_each(|framework| check(framework, &rules, &mut wrong));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn all_load() {
    assert!(FrameworkSet::load(&[]).errors.is_empty());
    let (frameworks, _) = loaded();
    let ids: Vec<_> = frameworks.frameworks.iter().map(|framework| framework.id.as_str()).collect();
    let known = ["aws-fsbp", "cis-eks-1.8", "cis-eks-2.0", "isms-p-2023", "nist-800-53-r5", "pci-dss-4.0.1"];
    assert_eq!(ids, known);
}

#[test]
fn what_rules_name_exists() {
    let (frameworks, rules) = loaded();
    let unknown = frameworks.unknown_names(&rules);
    assert!(unknown.is_empty(), "{unknown:#?}");
    let named = rules.rules.iter().flat_map(|rule| rule.frameworks().keys());
    let missing: Vec<_> = named.filter(|id| frameworks.get(id).is_err()).collect();
    assert!(missing.is_empty(), "frameworks that rules name and that have no file: {missing:?}");
}

#[test]
fn a_control_that_a_rule_could_judge_has_one_or_says_what_is_missing() {
    complaints(|framework, rules, wrong| {
        for control in &framework.controls {
            let judges = framework.rules_of(control, rules);
            let id = format!("{} {}", framework.id, control.id);
            match (control.kind, judges.is_empty(), &control.not_yet) {
                (ControlKind::Manual, false, _) => wrong.push(format!("{id} is manual and has rules")),
                (ControlKind::Manual, true, Some(_)) => wrong.push(format!("{id} is manual and has notYet")),
                (_, true, None) if control.kind != ControlKind::Manual => {
                    wrong.push(format!("{id} has neither a rule nor notYet"));
                }
                (_, false, Some(_)) => wrong.push(format!("{id} has rules and notYet")),
                _ => {}
            }
        }
    });
}

#[test]
fn controls_are_in_the_order_in_which_people_count() {
    complaints(|framework, _, wrong| {
        let number = |id: &str| -> Vec<(String, u64)> {
            id.split(['.', '-', '(', ')'])
                .map(|part| {
                    let digits = part.trim_start_matches(|c: char| !c.is_ascii_digit());
                    (part[..part.len() - digits.len()].to_owned(), digits.parse().unwrap_or_default())
                })
                .collect()
        };
        for pair in framework.controls.windows(2) {
            if number(&pair[0].id) > number(&pair[1].id) {
                wrong.push(format!("{}: {} before {}", framework.id, pair[0].id, pair[1].id));
            }
        }
    });
}

#[test]
fn every_text_is_in_both_languages() {
    let is_korean = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
    complaints(|framework, _, wrong| {
        for control in &framework.controls {
            let texts = [Some(&control.title), control.why.as_ref(), control.not_yet.as_ref()];
            for text in texts.into_iter().flatten() {
                if is_korean(&text.en) || !text.ko.as_deref().is_some_and(is_korean) {
                    wrong.push(format!("{} {}: {text:?}", framework.id, control.id));
                }
            }
        }
    });
}

#[test]
fn numbers_moved_between_versions_of_the_cis_benchmark() {
    let (frameworks, rules) = loaded();
    let of = |framework: &str, control: &str| -> Vec<String> {
        let framework = frameworks.get(framework).expect("it is there");
        let control = framework.control(control).unwrap_or_else(|| panic!("{control}"));
        framework.rules_of(control, &rules).into_iter().map(|rule| rule.id.clone()).collect()
    };
    // Network policies were 5.4.4, and are 4.3.1.
    assert_eq!(of("cis-eks-1.8", "5.4.4"), ["network-policy-not-enforced"]);
    assert_eq!(of("cis-eks-2.0", "4.3.1"), ["network-policy-not-enforced"]);
    assert!(of("cis-eks-2.0", "5.4.4").is_empty());
    assert!(frameworks.get("cis-eks-2.0").expect("it is there").control("5.4.5").is_none());
}

#[test]
fn where_security_hub_fails_the_control_fails() {
    let (frameworks, rules) = loaded();
    let fsbp = frameworks.get("aws-fsbp").expect("it is there");
    for (control, rule) in [
        ("EKS.2", "version-extended-support"),
        ("EKS.3", "secrets-encryption-no-customer-key"),
        ("EKS.9", "nodegroup-version-extended-support"),
    ] {
        let judges = fsbp.rules_of(fsbp.control(control).expect("it is there"), &rules);
        assert!(judges.iter().any(|judge| judge.id == rule), "{control} needs {rule}");
    }
}

#[test]
fn extended_support_and_default_encryption_fail_as_in_security_hub() {
    for (fixture, controls) in [
        ("extended-support", &["EKS.2", "EKS.9"][..]),
        ("auto-mode", &["EKS.3"]),
        ("study-lab", &["EKS.1", "EKS.2", "EKS.3", "EKS.8", "EKS.9"]),
    ] {
        let file = format!("fixtures/{fixture}.json");
        let (_, report) = super::json(std::path::Path::new(super::ROOT), &["--framework", "aws-fsbp", &file]);
        for id in controls {
            assert_eq!(super::control(&report, id)["verdict"], "failed", "{fixture} {id}");
        }
    }
    let (_, report) = super::json(
        std::path::Path::new(super::ROOT),
        &["--framework", "aws-fsbp", "fixtures/private-hardened.json"],
    );
    for id in ["EKS.1", "EKS.2", "EKS.3", "EKS.8", "EKS.9"] {
        assert_eq!(super::control(&report, id)["verdict"], "passed", "{id}");
    }
}
