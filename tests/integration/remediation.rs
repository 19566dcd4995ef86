//! A remediation never locks anyone out: what a reader pastes must not delete anything, and must not
//! carry somebody else's addresses.

use assert_cmd::Command;
use ekslint::rule::{MOST_SUMMARY, Rule, RuleSet, RuleSource};
use ekslint::snapshot::TemplateSource;
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The built-in rules, each with the lines of its commands that are commands.
fn commands() -> Vec<(Rule, Vec<String>)> {
    let rules = RuleSet::load(&[RuleSource::BuiltIn], false).set.rules;
    let lines = |rule: &Rule| {
        let text = rule.remediation.awscli.clone().unwrap_or_default();
        text.lines().map(str::trim).filter(|line| line.starts_with("aws ")).map(str::to_owned).collect()
    };
    rules
        .into_iter()
        .map(|rule| {
            let lines = lines(&rule);
            (rule, lines)
        })
        .collect()
}

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

/// A name that leads elsewhere moves no connection that is open: kubelet and kube-proxy have to reconnect, and who
/// restarts all of them at once has an outage.
#[test]
fn a_fix_that_changes_the_endpoint_says_how_open_connections_move() {
    let mut seen = 0;
    for (rule, lines) in commands() {
        let moves = |line: &String| {
            line.contains("endpointPrivateAccess=true") || line.contains("endpointPublicAccess=false")
        };
        let Some(last) = lines.iter().rposition(moves) else { continue };
        seen += 1;
        let (id, text) = (&rule.id, rule.remediation.text.replace('\n', " "));
        for words in ["open connections", "until kubelet and kube-proxy reconnect", "one node after another"]
        {
            assert!(text.to_lowercase().contains(words), "{id}: {words}");
        }
        let script = rule.remediation.awscli.as_deref().unwrap_or_default();
        let restart = script.find("\n# kubectl -n kube-system rollout restart daemonset kube-proxy");
        let restart = restart.unwrap_or_else(|| panic!("{id}: nothing restarts kube-proxy"));
        // What turns the public endpoint off comes after it, all else before.
        let change = script.find(lines[last].as_str()).expect("a command");
        assert_eq!(restart < change, lines[last].contains("endpointPublicAccess=false"), "{id}");
    }
    assert!(seen >= 14, "{seen}");
}

/// Whoever pastes a fix gets no error of syntax: what has to be filled in is a word.
#[test]
fn a_shell_reads_every_fix() {
    let blank = Regex::new(r"(?s)<[A-Z0-9_]+>|\{\{.*?\}\}").expect("a regex");
    for rule in our_rules() {
        let script = rule.remediation.awscli.unwrap_or_default();
        let script = blank.replace_all(&script, "x");
        let mut bash = std::process::Command::new("bash");
        let output = bash.args(["-n", "-c", &script]).output().expect("bash runs");
        let why = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {script}: {why}", rule.id);
    }
}

#[test]
fn every_rule_has_its_texts() {
    let loaded = RuleSet::load(&[RuleSource::BuiltIn], false);
    for rule in &loaded.set.rules {
        let id = &rule.id;
        // A title stands beside its severity in a terminal of 80 columns.
        assert!(rule.title.len() <= 70, "{id}: the title is longer than 70 characters");
        assert!(!rule.references.is_empty(), "{id}: no references");
        assert!(rule.remediation.awscli.is_some(), "{id}: no AWS CLI command");
        assert!(rule.remediation.changes.of(TemplateSource::Terraform).is_some(), "{id}: no Terraform");
        assert!(
            rule.references.iter().all(|link| link.starts_with("https://")),
            "{id}: a reference is no link"
        );
        assert!(rule.file.ends_with(&format!("{}/{id}.yaml", rule.area)), "{id}: stands in {}", rule.file);
    }
}

/// The file of a rule as it stands on disk.
fn file_of(rule: &Rule) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&rule.file);
    serde_saphyr::from_str(&fs::read_to_string(path).expect("a rule")).expect("YAML")
}

/// What is wrong with a summary, but for its length.
fn mistake_in(summary: &str) -> Option<&'static str> {
    let id = Regex::new(r"\b(arn:|vpc-|subnet-|sg-|i-|rtb-)[0-9a-f]").expect("a regex");
    let mistakes = [
        (!summary.starts_with(|c: char| c.is_ascii_uppercase()), "does not start with a capital letter"),
        (summary.starts_with("Fix "), "starts with what stands before it"),
        (summary.ends_with('.'), "ends with a full stop"),
        (summary != summary.trim() || summary.contains('\n'), "has spaces around it or a line break"),
        (summary.contains("{{") || id.is_match(summary), "names something of one cluster"),
        (summary.contains("message") || summary.contains("advice"), "sends the reader elsewhere"),
    ];
    mistakes.into_iter().find_map(|(holds, mistake)| holds.then_some(mistake))
}

/// All rules that we wrote, those on waivers too.
fn our_rules() -> Vec<Rule> {
    RuleSet::load(&[RuleSource::BuiltIn, RuleSource::Policy], false).set.rules
}

/// Each rule says what to do in words of its own: with `fix: ` before it one row of a terminal.
#[test]
fn every_rule_says_in_one_sentence_what_to_do() {
    let (rules, mut seen, mut bad) = (our_rules(), BTreeMap::new(), Vec::new());
    for rule in &rules {
        let (id, summary) = (&rule.id, &rule.remediation.summary);
        if rule.file.ends_with(".yaml") && file_of(rule)["remediation"]["summary"].as_str() != Some(summary) {
            bad.push(format!("{id}: the file has no summary of its own"));
        }
        let length = summary.chars().count();
        if !(20..=MOST_SUMMARY).contains(&length) {
            bad.push(format!("{id}: {length} characters: {summary}"));
        }
        bad.extend(mistake_in(summary).map(|mistake| format!("{id} {mistake}: {summary}")));
        if let Some(other) = seen.insert(summary.to_lowercase(), id) {
            bad.push(format!("{id} says the same as {other}: {summary}"));
        }
    }
    assert!(seen.len() > 100, "{}", seen.len());
    assert!(bad.is_empty(), "{bad:#?}");
}

/// Turning the private endpoint on moves every client of the VPC to it, and closing or removing needs
/// something in its place first. Both must be said where most people stop reading.
#[test]
fn a_summary_that_could_lock_out_names_its_condition() {
    let takes =
        Regex::new(r"(?i)\b(close|delete|detach|remove|revoke|turn it off|reduce)\b").expect("a regex");
    let condition =
        Regex::new(r"(?i)\b(then|once|after|before|first|keep|never|if|with)\b").expect("a regex");
    let to_private = Regex::new(r"(?i)\bturn on (the )?private endpoint\b").expect("a regex");
    let mut bad = Vec::new();
    for rule in our_rules().iter().filter(|rule| rule.file.ends_with(".yaml")) {
        let summary = &rule.remediation.summary;
        let moves = to_private.is_match(summary) && !summary.contains("443");
        if moves || (takes.is_match(summary) && !condition.is_match(summary)) {
            bad.push(format!("{}: {summary}", rule.id));
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

/// Prices differ by region and change: only facts, which say where they have them from, name one.
#[test]
fn no_rule_names_a_price() {
    let loaded = RuleSet::load(&[RuleSource::BuiltIn], true);
    let text_of = |rule: &Rule| {
        let fix = &rule.remediation;
        let texts = [&rule.title, &rule.rationale, &fix.text];
        let code = fix.awscli.as_deref().into_iter().chain(fix.changes.each().map(|(_, change)| change));
        let file = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&rule.file));
        let messages =
            file.expect("a rule").lines().filter(|line| line.contains("message:")).collect::<String>();
        texts.into_iter().map(String::as_str).chain(code).collect::<String>() + &messages
    };
    let price = Regex::new(r"USD|US\$|\$ ?[0-9]|[0-9] (dollars|cents)|CNY|EUR").expect("a regex");
    let named: Vec<_> = loaded.set.rules.iter().filter(|rule| price.is_match(&text_of(rule))).collect();
    let named: Vec<_> = named.iter().map(|rule| rule.id.as_str()).collect();
    assert!(named.is_empty(), "{named:#?}");
}

/// An update of an add-on takes its role and its configuration values away where it does not name them:
/// <https://docs.aws.amazon.com/eks/latest/userguide/updating-an-add-on.html>,
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateAddon.html>
#[test]
fn updates_of_addons_keep_the_role_and_the_values() {
    let mut seen = 0;
    for (rule, lines) in commands() {
        for line in lines.iter().filter(|line| line.starts_with("aws eks update-addon ")) {
            seen += 1;
            let names = |words: &[&str]| words.iter().any(|word| line.contains(word));
            let values =
                names(&["{{role_and_values}}", "{{values}}", "--configuration-values file://values.yaml"]);
            // An add-on that is said to have no role has none to keep.
            let role = names(&["{{role_and_values}}", "{{role}}"]) || rule.id == "addon-without-own-identity";
            let conflicts = line.contains("--resolve-conflicts PRESERVE");
            assert!(values && role && conflicts, "{}: {line}", rule.id);
            let saved = lines.iter().any(|line| line.contains("--query addon.configurationValues"));
            assert!(saved, "{}: nothing writes the values of today", rule.id);
        }
        let texts = [&rule.rationale, &rule.remediation.text];
        assert!(!texts.iter().any(|text| text.contains("update-addon without")), "{}", rule.id);
    }
    assert!(seen >= 4, "{seen}");
}

#[test]
fn the_role_and_the_values_of_an_addon_stand_in_the_command() {
    let fix = |fields: Value| {
        let mut addon =
            serde_json::json!({"addonName": "coredns", "status": "DEGRADED", "health": {"issues": []}});
        addon.as_object_mut().expect("fields").extend(fields.as_object().expect("fields").clone());
        let arn = "arn:aws:eks:eu-west-1:111122223333:cluster/demo";
        let snapshot = serde_json::json!({"schemaVersion": 1, "addons": [addon],
            "cluster": {"name": "demo", "arn": arn, "resourcesVpcConfig": {}}});
        let fixes = fixes_of(&snapshot.to_string());
        let update = fixes.iter().flat_map(|fix| fix.lines()).find(|line| line.contains("update-addon"));
        update.expect("an update").split_once("PRESERVE").expect("PRESERVE").1.to_owned()
    };
    assert_eq!(fix(serde_json::json!({})), "");
    let role = "arn:aws:iam::111122223333:role/dns";
    let both = serde_json::json!({"serviceAccountRoleArn": role, "configurationValues": "replicaCount: 3"});
    let words = format!(" --service-account-role-arn {role} --configuration-values file://values.yaml");
    assert_eq!(fix(both), words);
}

/// Calls that replace a document or a list as a whole start from what is there, or say that they do so.
#[test]
fn commands_reset_nothing_that_they_do_not_name() {
    for (rule, lines) in commands() {
        let text = rule.remediation.text.replace('\n', " ");
        for line in &lines {
            let id = &rule.id;
            if line.starts_with("aws iam update-assume-role-policy") {
                let read = lines.iter().any(|line| {
                    line.starts_with("aws iam get-role ")
                        && line.ends_with("AssumeRolePolicyDocument > trust.json")
                });
                assert!(read && line.ends_with("file://trust.json"), "{id}: {line}");
                assert!(text.contains("keep the other statements"), "{id}");
            }
            if line.starts_with("aws ec2 create-launch-template-version") {
                assert!(line.contains("--source-version "), "{id}: {line}");
                let whole = line.contains("NetworkInterfaces=") || line.contains("BlockDeviceMappings=");
                assert!(!whole || text.contains("replaces the old one"), "{id}: {line}");
                assert!(!line.contains("MetadataOptions=") || line.contains("+ others +"), "{id}: {line}");
            }
            if line.contains("--resources-vpc-config subnetIds=") || line.contains("securityGroupIds=") {
                assert!(
                    text.contains("replaces the whole list") || text.contains("replaces the old one"),
                    "{id}: {line}"
                );
            }
            if line.contains("--remote-network-config") {
                assert!(text.contains("replaces both lists as a whole"), "{id}: {line}");
            }
            if line.contains("--update-config") {
                assert!(line.contains("updateStrategy"), "{id}: {line}");
            }
            let replaces =
                ["put-", "modify-launch-template", "modify-vpc-endpoint", "replace-network-acl", "set-"];
            let verb = line.split_whitespace().nth(2).unwrap_or_default();
            assert!(!replaces.iter().any(|start| verb.starts_with(start)), "{id}: {line}");
        }
    }
}

/// What the rules' own examples find, with everything in another partition: each command names that
/// partition and its region, also where the description of the cluster has no ARN.
#[test]
fn commands_are_for_the_partition_and_the_region_of_the_cluster() {
    let regions = Regex::new(r"--region (\S+)").expect("a regex");
    for (partition, region, with_arn) in [
        ("aws-cn", "cn-north-1", true),
        ("aws-us-gov", "us-gov-west-1", true),
        ("aws-cn", "cn-northwest-1", false),
    ] {
        let fixes = fixes_of_examples(partition, region, with_arn);
        assert!(fixes.len() > 1000, "{}", fixes.len());
        for fix in &fixes {
            assert!(!fix.contains("arn:aws:") && !fix.contains("'?'") && !fix.contains("PARTITION"), "{fix}");
            let named = regions.captures_iter(fix).map(|found| found[1].to_owned());
            let wrong: Vec<_> = named.filter(|named| named != region).collect();
            assert!(wrong.is_empty(), "{wrong:?}: {fix}");
        }
    }
    for (rule, _) in commands() {
        let changes = rule.remediation.changes.each().map(|(_, change)| change);
        let mut code = rule.remediation.awscli.as_deref().into_iter().chain(changes);
        assert!(code.all(|code| !code.contains("arn:aws:")), "{}", rule.id);
    }
}

fn fixes_of_examples(partition: &str, region: &str, with_arn: bool) -> Vec<String> {
    let other = Regex::new(r"\b(us-gov|us|eu|ap|ca|sa|me|af|cn)-(north|south|east|west|central)+-[0-9]\b")
        .expect("a regex");
    let arn = Regex::new("arn:aws[a-z-]*:").expect("a regex");
    let mut snapshots = String::new();
    for rule in RuleSet::load(&[RuleSource::BuiltIn], false).set.rules {
        let file = file_of(&rule);
        for example in file["examples"].as_array().expect("examples") {
            let text = example["snapshot"].to_string();
            let text = arn.replace_all(&text, format!("arn:{partition}:"));
            let mut snapshot: Value = serde_json::from_str(&other.replace_all(&text, region)).expect("JSON");
            snapshot["schemaVersion"] = 1.into();
            snapshot["region"] = region.into();
            if let Some(cluster) = snapshot["cluster"].as_object_mut().filter(|_| !with_arn) {
                cluster.remove("arn");
            }
            snapshots += &format!("{snapshot}\n");
        }
    }
    fixes_of(&snapshots)
}

/// What is printed as commands for these snapshots, one on each line.
fn fixes_of(snapshots: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("examples.ndjson");
    fs::write(&path, snapshots).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_ekslint"));
    command.args(["scan", "--level", "all", "--as-of", "2026-11-24", "--format", "json"]).arg(&path);
    let output = command.output().expect("it runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let mut fixes = Vec::new();
    collect(&report, &mut fixes);
    fixes
}

/// Every `awscli` below a node.
fn collect(node: &Value, fixes: &mut Vec<String>) {
    match node {
        Value::Object(fields) => {
            fixes.extend(fields.get("awscli").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|node| collect(node, fixes));
        }
        Value::Array(items) => items.iter().for_each(|node| collect(node, fixes)),
        _ => {}
    }
}
