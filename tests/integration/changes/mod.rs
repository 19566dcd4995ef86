//! The changes of templates that rules have: they are what CloudFormation and eksctl read, say what they cost, and fix what
//! the rule finds.

use crate::support::folder::folder;
use crate::support::sample::{document, violations};
use ekslint::rule::{Rule, RuleSet, RuleSource};
use ekslint::snapshot::TemplateSource::{self, CloudFormation, Eksctl, Terraform};
use regex::Regex;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Rules on what only a running cluster has: states, health, addresses that are left, what was made again. No template
/// breaks them.
const OF_RUNNING_CLUSTERS: [&str; 17] = [
    "addon-unhealthy",
    "addon-version-incompatible",
    "blackhole-route",
    "blackhole-route-to-peer",
    // CloudFormation has no default VPC.
    "cluster-in-default-vpc",
    "cluster-unhealthy",
    "dead-access-entry",
    "fargate-profile-unhealthy",
    "insight-not-passing",
    "node-volumes-unencrypted",
    "nodegroup-unhealthy",
    "nodegroup-update-will-not-fit",
    "pod-subnet-low-on-addresses",
    "stale-access-entry",
    "subnet-low-on-addresses",
    "update-failed",
    "upgrade-blocked-by-addresses",
];

fn rules() -> Vec<Rule> {
    RuleSet::load(&[RuleSource::BuiltIn], false).set.rules
}

/// The changes in a language, by rule.
fn changes(language: TemplateSource) -> Vec<(String, String)> {
    let change = |rule: Rule| Some((rule.id, rule.remediation.changes.of(language)?.to_owned()));
    rules().into_iter().filter_map(change).collect()
}

/// YAML with the short forms of functions, as the long ones.
fn long_form(text: &str) -> Value {
    let forms = [
        (
            r#"!Select \[1, !Split \["//", !GetAtt (\w+)\.(\w+)\]\]"#,
            r#"{"Fn::Select": [1, {"Fn::Split": ["//", {"Fn::GetAtt": [$1, $2]}]}]}"#,
        ),
        (r"!Ref ([\w:]+)", r#"{"Ref": "$1"}"#),
        (r"!GetAtt (\w+)\.(\w+)", r#"{"Fn::GetAtt": [$1, $2]}"#),
        (r"!Equals (\[[^\]]*\])", r#"{"Fn::Equals": $1}"#),
        (r"!Sub\n( +)- ", "\n${1}Fn::Sub:\n${1}- "),
        (r#"!Sub "?([^"\n]+)"?"#, r#"{"Fn::Sub": "$1"}"#),
    ];
    let text = forms.iter().fold(text.to_owned(), |text, (short, long)| {
        Regex::new(short).expect("a regex").replace_all(&text, *long).into_owned()
    });
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn what_a_template_can_break_has_a_change_of_cloudformation() {
    for rule in rules() {
        let has = |language| rule.remediation.changes.of(language).is_some();
        let of_running = OF_RUNNING_CLUSTERS.contains(&rule.id.as_str());
        assert_eq!(has(CloudFormation), !of_running, "{}", rule.id);
        assert!(!has(Eksctl) || has(CloudFormation), "{}", rule.id);
    }
    assert!(changes(Eksctl).len() > 60, "{}", changes(Eksctl).len());
}

#[test]
fn changes_of_cloudformation_name_what_there_is() {
    let schema = document("tests/schemas/cloudformation.json");
    for (rule, change) in changes(CloudFormation) {
        let wrong = violations(&schema, &long_form(&change));
        assert!(wrong.is_empty(), "{rule}: {wrong:#?}");
    }
    for wrong in [
        json!({"A": {"Type": "AWS::EKS::Cluster", "Properties": {"VpcConfig": {}}}}),
        json!({"A": {"Type": "AWS::EKS::Cluster", "Properties": {"ResourcesVpcConfig": {"PublicAccessCIDRs": []}}}}),
        json!({"A": {"Type": "AWS::EKS::Cluster", "Properties": {"ZonalShiftConfig": {"Enabled": "yes"}}}}),
        json!({"A": {"Type": "AWS::EKS::NodeGroup", "Properties": {}}}),
    ] {
        assert!(!violations(&schema, &wrong).is_empty(), "{wrong}");
    }
}

#[test]
fn changes_of_eksctl_name_what_there_is() {
    let schema = document("tests/schemas/eksctl.json");
    for (rule, change) in changes(Eksctl) {
        let config: Value = serde_saphyr::from_str(&change).unwrap_or_else(|error| panic!("{rule}: {error}"));
        let wrong = violations(&schema, &config);
        assert!(wrong.is_empty(), "{rule}: {wrong:#?}");
    }
    for wrong in [
        json!({"vpc": {"publicAccessCidrs": []}}),
        json!({"managedNodeGroups": [{"volumeEncrypted": "yes"}]}),
        json!({"secretsEncryption": {"keyArn": "x"}}),
    ] {
        assert!(!violations(&schema, &wrong).is_empty(), "{wrong}");
    }
}

#[test]
fn changes_of_terraform_are_configurations() {
    let problems = |changes: &[(String, String)]| {
        let files: Vec<_> =
            changes.iter().map(|(rule, change)| (format!("{rule}/main.tf"), change.as_str())).collect();
        let files: Vec<_> = files.iter().map(|(name, change)| (name.as_str(), *change)).collect();
        let dir = folder(&files);
        let mut command = Command::new(env!("CARGO_BIN_EXE_ekslint"));
        command.args(["scan", ".", "-f", "json", "--select", "deletion-protection-disabled"]);
        let output = command.current_dir(dir.path()).output().expect("it runs");
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        report["errors"].as_array().expect("a list").clone()
    };
    let mut changes = changes(Terraform);
    assert_eq!(changes.len(), rules().len());
    assert_eq!(problems(&changes), Vec::<Value>::new());
    changes[0].1 += "\nresource \"x\" {";
    assert_eq!(problems(&changes).len(), 1);
}

/// What CloudFormation replaces is gone with all that runs on it. Whoever pastes such a change reads that first.
#[test]
fn a_change_that_replaces_a_resource_says_so() {
    let schema = document("tests/schemas/cloudformation.json");
    let said = Regex::new(r"(?m)# .*(replaces|cannot be changed)").expect("a regex");
    let mut seen = 0;
    for (rule, change) in changes(CloudFormation) {
        for (_, resource) in long_form(&change).as_object().expect("resources") {
            let kind = resource["Type"].as_str().expect("a type");
            if !["AWS::EKS::Cluster", "AWS::EKS::FargateProfile", "AWS::EKS::Nodegroup"].contains(&kind) {
                continue;
            }
            let replaced = schema["createOnly"][kind].as_array().expect("paths");
            let mut replaced = replaced.iter().filter_map(Value::as_str);
            // A resource in another cluster is another resource; and a profile for CoreDNS is one beside the others.
            let is_set =
                |path: &str| path != "/ClusterName" && resource["Properties"].pointer(path).is_some();
            if replaced.any(is_set) && rule != "coredns-not-on-fargate" {
                seen += 1;
                assert!(said.is_match(&change), "{rule}: {change}");
            }
        }
    }
    assert!(seen >= 12, "{seen}");
}

/// eksctl reads most of its file only when it makes something.
#[test]
fn a_change_of_eksctl_says_what_makes_it_happen() {
    let said = Regex::new(
        r"(?m)# .*(eksctl (create|update|upgrade|utils) |aws eks |[Ff]or a new cluster|only when it makes the cluster)",
    );
    let said = said.expect("a regex");
    for (rule, change) in changes(Eksctl) {
        assert!(said.is_match(&change), "{rule}: {change}");
    }
}

/// Commands of eksctl in changes only add or update.
#[test]
fn a_change_of_eksctl_deletes_nothing() {
    for (rule, change) in changes(Eksctl) {
        let words = ["eksctl delete", "eksctl drain", "--force", "disassociate-iam"];
        assert!(!words.iter().any(|word| change.contains(word)), "{rule}: {change}");
    }
}

#[test]
fn narrowing_the_public_endpoint_turns_the_private_one_on_in_every_language() {
    let narrows = Regex::new(r"(?im)^ *(public_?access_?cidrs\b|(endpoint_?)?public_?access[ =:]+false)");
    let private = Regex::new(r"(?im)^ *(endpoint_?)?private_?access *[=:] *true").expect("a regex");
    let narrows = narrows.expect("a regex");
    for language in [Terraform, CloudFormation, Eksctl] {
        let changes = changes(language);
        let narrowing: Vec<_> = changes.iter().filter(|(_, change)| narrows.is_match(change)).collect();
        assert!(narrowing.len() >= 5, "{language:?}: {}", narrowing.len());
        for (rule, change) in narrowing {
            assert!(private.is_match(change), "{rule}: {change}");
        }
    }
}

/// Puts a change into a template: what it names is set, lists as a whole unless their items have names, and the rest stays.
fn apply(template: &mut Value, change: &Value) {
    let is_function =
        |fields: &Map<String, Value>| fields.keys().any(|key| key == "Ref" || key.starts_with("Fn::"));
    match (template, change) {
        (Value::Object(fields), Value::Object(new)) if !is_function(fields) && !is_function(new) => {
            for (key, value) in new {
                apply(fields.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (Value::Array(items), Value::Array(new)) if new.iter().all(|item| item["name"].is_string()) => {
            for item in new {
                match items.iter_mut().find(|own| own["name"] == item["name"]) {
                    Some(own) => apply(own, item),
                    None => items.push(item.clone()),
                }
            }
        }
        (place, new) => *place = new.clone(),
    }
}

/// The change with what its reader fills in, as a piece of the whole template.
fn filled_in(language: TemplateSource, change: &str) -> Value {
    let values = [
        ("<NEXT_VERSION>", "1.35"),
        ("<YOUR_CIDRS>", "203.0.113.0/24"),
        ("<PARTITION>", "aws"),
        ("!Ref PrivateSubnetIds", "[!Ref PrivateSubnetA, !Ref PrivateSubnetB]"),
    ];
    let text = values.iter().fold(change.to_owned(), |text, (blank, value)| text.replace(blank, value));
    piece(language, long_form(&text))
}

/// What people name of a template, as a piece of the whole: of a stack, resources.
fn piece(language: TemplateSource, named: Value) -> Value {
    match language {
        CloudFormation => json!({ "Resources": named }),
        _ => named,
    }
}

/// A scan of two templates by a rule. What is nothing but flow mappings is JSON.
fn scan(before: &Value, after: &Value, rule: &str) -> Value {
    let dir = folder(&[("before.json", &before.to_string()), ("after.json", &after.to_string())]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_ekslint"));
    command.args(["scan", ".", "-f", "json", "--level", "all", "--as-of", "2026-11-21", "--select", rule]);
    let output = command.current_dir(dir.path()).output().expect("it runs");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Takes away what stands at a pointer.
fn remove(template: &mut Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = template.pointer_mut(parent).and_then(Value::as_object_mut).expect("a mapping");
    parent.remove(name).unwrap_or_else(|| panic!("no {pointer}"));
}

/// Breaks a template in the way of each case, makes the change of the rule, and judges it before and after.
fn templates_pass(language: TemplateSource, template: &str, cases: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/changes");
    let read = |name: &str| long_form(&fs::read_to_string(folder.join(name)).expect("a file"));
    let (whole, cases, changes) = (read(template), read(cases), changes(language));
    for (rule, case) in cases.as_object().expect("cases") {
        let mut before = whole.clone();
        let broken = case.get("broken").cloned().unwrap_or_else(|| json!({}));
        apply(&mut before, &piece(language, broken));
        let mut after = before.clone();
        for gone in case["gone"].as_array().into_iter().flatten() {
            remove(&mut after, gone.as_str().expect("a pointer"));
        }
        let (_, change) = changes.iter().find(|(id, _)| id == rule).expect("a change");
        apply(&mut after, &filled_in(language, change));
        let report = scan(&before, &after, rule);
        for finding in report["findings"].as_array().expect("findings") {
            assert_eq!(finding["location"]["file"], "before.json", "{rule} still: {finding:#}");
            assert_eq!(finding["fix"][language.as_str()], change.as_str(), "{rule}");
            assert!(finding["fix"].get("awscli").is_none(), "{rule}");
        }
        // To be not applicable, or not evaluated, is no fix.
        let counts = ["failed", "passed"].map(|outcome| report["summary"][outcome].as_u64());
        assert_eq!(counts, [Some(1), Some(1)], "{rule}: {:#}", report["notEvaluated"]);
    }
}

#[test]
fn a_stack_passes_once_the_change_is_made() {
    templates_pass(CloudFormation, "stack.yaml", "stack-cases.yaml");
}

#[test]
fn a_configuration_of_eksctl_passes_once_the_change_is_made() {
    templates_pass(Eksctl, "cluster.yaml", "cluster-cases.yaml");
}

/// Every output that has room for code shows the change, in a fence of its language.
#[test]
fn outputs_show_the_change_of_the_template() {
    let stack = "Resources:\n  Cluster:\n    Type: AWS::EKS::Cluster\n    Properties: { Name: prod }\n";
    let dir = folder(&[("stack.yaml", stack)]);
    let printed = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ekslint"));
        let output = command.args(arguments).current_dir(dir.path()).output().expect("it runs");
        String::from_utf8(output.stdout).expect("text")
    };
    let scan =
        |format| printed(&["scan", "stack.yaml", "--select", "deletion-protection-disabled", "-f", format]);
    let full = printed(&["scan", "stack.yaml", "--select", "deletion-protection-disabled", "--full"]);
    assert!(full.contains("DeletionProtection: true"), "{full}");
    assert!(scan("markdown").contains("```yaml\nCluster:\n"), "{}", scan("markdown"));
    let sarif: Value = serde_json::from_str(&scan("sarif")).expect("JSON");
    let result = &sarif["runs"][0]["results"][0].to_string();
    assert!(result.contains("```yaml\\nCluster:\\n") && !result.contains("aws eks "), "{result}");
    let junit = scan("junit");
    assert!(junit.contains("DeletionProtection: true"), "{junit}");
    let page = printed(&["rules", "show", "zonal-shift-disabled"]);
    let headings = ["AWS CLI", "Terraform", "CloudFormation", "eksctl"]
        .map(|heading| page.find(&format!("\n{heading}")));
    assert!(headings.iter().all(Option::is_some) && headings.is_sorted(), "{page}");
}
