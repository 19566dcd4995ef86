//! One story, four ways: the study lab and the hardened cluster as snapshot, Terraform, CloudFormation and eksctl. The same rules
//! find something, at the lines that say it.

use crate::support::folder::folder;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The output `json` of a scan, as of the day that the fixtures are of.
fn scan(dir: &Path, arguments: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ekslint"));
    command.current_dir(dir).args(["scan", "-f", "json", "--as-of", "2026-11-21"]).args(arguments);
    let output = command.output().expect("it runs");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {output:?}"))
}

fn findings(report: &Value) -> &[Value] {
    report["findings"].as_array().expect("a list")
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no text {name} in {value}"))
}

fn rules(report: &Value) -> BTreeSet<&str> {
    findings(report).iter().map(|finding| text(finding, "rule")).collect()
}

/// The line that a finding is about.
fn line_of(finding: &Value) -> String {
    let location = &finding["location"];
    let file = fs::read_to_string(Path::new(ROOT).join(text(location, "file"))).expect("a file");
    let line = usize::try_from(location["startLine"].as_u64().expect("a line")).expect("a line");
    file.lines().nth(line - 1).expect("a line").trim().to_owned()
}

/// A rule that finds something in the study lab, and the lines of it: in Terraform, CloudFormation and eksctl.
const STUDY_LAB: [(&str, [&str; 3]); 12] = [
    ("addon-without-own-identity", ["vpc-cni", "Type: AWS::EKS::Addon", "- name: vpc-cni"]),
    ("audit-logging-disabled", ["resource \"aws_eks_cluster\" \"lab\" {", "Cluster:", "name: study-lab"]),
    (
        "authentication-mode-config-map",
        [
            "authentication_mode = \"CONFIG_MAP\"",
            "AuthenticationMode: CONFIG_MAP",
            "authenticationMode: CONFIG_MAP",
        ],
    ),
    ("control-plane-logging-incomplete", ["resource \"aws_eks_cluster\" \"lab\" {", "Cluster:", "name: study-lab"]),
    (
        "endpoint-open-to-internet",
        ["public_access_cidrs     = var.public_access_cidrs", "PublicAccessCidrs: !Ref PublicAccessCidrs", "- 0.0.0.0/0"],
    ),
    (
        "nodegroup-ami-end-of-life",
        ["ami_type        = \"AL2_x86_64\"", "AmiType: AL2_x86_64", "amiFamily: AmazonLinux2"],
    ),
    (
        "nodegroup-in-public-subnet",
        [
            "subnet_ids      = aws_subnet.public[*].id",
            "Subnets: [!Ref PublicSubnetA, !Ref PublicSubnetB, !Ref PublicSubnetC]",
            "- name: ng1",
        ],
    ),
    ("nodegroup-ssh-open-to-internet", ["remote_access {", "RemoteAccess:", ""]),
    (
        "nodegroup-version-unsupported",
        ["version         = var.kubernetes_version", "Version: !Ref KubernetesVersion", "version: \"1.30\""],
    ),
    (
        "nodes-reach-api-server-over-internet",
        ["endpoint_private_access = false", "EndpointPrivateAccess: false", "privateAccess: false"],
    ),
    (
        "version-unsupported",
        ["version  = var.kubernetes_version", "Version: !Ref KubernetesVersion", "version: \"1.30\""],
    ),
    ("", ["", "", ""]),
];
