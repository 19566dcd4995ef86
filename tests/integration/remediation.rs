//! A remediation never locks anyone out: what a reader pastes must not delete anything, and must not
//! carry somebody else's addresses.

use ekslint::rule::{RuleSet, RuleSource};

#[test]
fn a_pasted_command_takes_nothing_away() {
    let loaded = RuleSet::load(&[RuleSource::BuiltIn], false);
    assert!(loaded.errors.is_empty());
    let mut bad = Vec::new();
    for rule in &loaded.set.rules {
        for line in rule.remediation.awscli.iter().flat_map(|text| text.lines()).map(str::trim) {
            let words: Vec<_> = line.split_whitespace().take(3).collect();
            let takes = words.get(2).is_some_and(|verb| {
                ["delete-", "disassociate-", "deregister-", "terminate-"]
                    .iter()
                    .any(|prefix| verb.starts_with(prefix))
            });
            let final_step = line.starts_with("aws") && line.ends_with("authenticationMode=API");
            let example_range =
                ["203.0.113.", "198.51.100.", "192.0.2."].iter().any(|range| line.contains(range));
            if (line.starts_with("aws") && takes) || final_step || example_range {
                bad.push(format!("{}: {line}", rule.id));
            }
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn narrowing_the_public_endpoint_always_turns_the_private_one_on() {
    let loaded = RuleSet::load(&[RuleSource::BuiltIn], false);
    for rule in &loaded.set.rules {
        for line in rule.remediation.awscli.iter().flat_map(|text| text.lines()) {
            let narrows = line.contains("publicAccessCidrs=") || line.contains("endpointPublicAccess=false");
            assert!(!narrows || line.contains("endpointPrivateAccess=true"), "{}: {line}", rule.id);
        }
    }
}

#[test]
fn every_rule_has_its_texts() {
    let loaded = RuleSet::load(&[RuleSource::BuiltIn], false);
    for rule in &loaded.set.rules {
        let id = &rule.id;
        assert!(rule.title.len() <= 80, "{id}: the title is longer than 80 characters");
        assert!(!rule.references.is_empty(), "{id}: no references");
        assert!(rule.remediation.awscli.is_some(), "{id}: no AWS CLI command");
        assert!(rule.remediation.terraform.is_some(), "{id}: no Terraform");
        assert!(
            rule.references.iter().all(|link| link.starts_with("https://")),
            "{id}: a reference is no link"
        );
        assert!(rule.file.ends_with(&format!("{}/{id}.yaml", rule.area)), "{id}: stands in {}", rule.file);
    }
}

/// Prices differ by region and change: only facts, which say where they have them from, name one.
#[test]
fn no_rule_names_a_price() {
    let loaded = RuleSet::load(&[RuleSource::BuiltIn], false);
    let price = regex::Regex::new(r"USD|US\$|\$ ?[0-9]|[0-9] (dollars|cents)|CNY|EUR").expect("a regex");
    let named: Vec<_> = loaded.set.rules.iter().filter(|rule| price.is_match(&text_of(rule))).collect();
    let named: Vec<_> = named.iter().map(|rule| rule.id.as_str()).collect();
    assert!(named.is_empty(), "{named:#?}");
}
