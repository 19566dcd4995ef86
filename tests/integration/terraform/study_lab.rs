//! The study lab as Terraform is the study lab: its findings are those of its snapshot.

use super::{each, list, report};
use serde_json::Value;
use std::path::Path;

/// Rules that find something in the snapshot, and why they do not in the Terraform.
const ONLY_RUNNING: [(&str, &str); 3] = [
    (
        "node-imds-v1",
        "what instances are started with, EKS says of node groups without a launch template only once they run",
    ),
    ("node-volumes-unencrypted", "so it is with their volumes"),
    (
        "security-group-ssh-open-on-public-node",
        "EKS makes the security group for SSH when it makes the node group",
    ),
];

fn rules(path: &str) -> (Vec<String>, Value) {
    let report = report(Path::new(env!("CARGO_MANIFEST_DIR")), &[path]);
    let rules = each(&report["findings"], "rule").into_iter().map(str::to_owned).collect();
    (rules, report)
}

#[test]
fn its_findings_are_of_the_same_rules_but_for_what_only_runs() {
    let (snapshot, _) = rules("fixtures/study-lab.json");
    let (terraform, report) = rules("docs/study-lab/terraform");
    let only_running: Vec<_> = ONLY_RUNNING.iter().map(|(rule, _)| *rule).collect();
    let want: Vec<_> = snapshot.iter().filter(|rule| !only_running.contains(&rule.as_str())).collect();
    assert_eq!(terraform.iter().collect::<Vec<_>>(), want);
    for (rule, why) in ONLY_RUNNING {
        assert!(snapshot.iter().any(|found| found == rule), "{rule} is no longer found in the snapshot");
        let reasons = list(&report["notEvaluated"]);
        let said = reasons.iter().any(|one| list(&one["rules"]).iter().any(|name| name == rule));
        // A rule on instances does not apply where there is none.
        assert!(said || rule == "node-imds-v1", "{rule} ({why}) is neither found nor not evaluated");
    }
}
