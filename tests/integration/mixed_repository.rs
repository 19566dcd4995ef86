//! A repository with everything in it: what is ours is read and counted, the rest is left alone and said in a line or two.

use crate::support::folder::folder;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

const TERRAFORM: &str = "resource \"aws_eks_cluster\" \"this\" {\n  name     = \"tf\"\n  role_arn = \"arn:aws:iam::111122223333:role/a\"\n\n  \
     vpc_config {\n    subnet_ids = [\"subnet-1\", \"subnet-2\"]\n  }\n}\n";
const PLAN: &str = r#"{"format_version": "1.2", "resource_changes": [{"address": "aws_eks_cluster.this", "mode": "managed",
    "type": "aws_eks_cluster", "name": "this", "change": {"actions": ["create"], "after": {"name": "tf", "vpc_config": [{}]}}}]}"#;
const STACK: &str = "Resources:\n  Cluster:\n    Type: AWS::EKS::Cluster\n    Properties:\n      Name: stack\n      \
     ResourcesVpcConfig:\n        SubnetIds: [subnet-1, subnet-2]\n";
const EKSCTL: &str =
    "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata:\n  name: eksctl\n  region: eu-west-1\n";
const CLUSTER: &str =
    r#"{"cluster": {"name": "snapshot", "resourcesVpcConfig": {"publicAccessCidrs": ["0.0.0.0/0"]}}}"#;

/// What else people have in repositories.
const OTHERS: [(&str, &str); 12] = [
    ("web/package.json", "{\"name\": \"web\", \"version\": \"1.0.0\"}"),
    ("web/tsconfig.json", "{\n  // what is built\n  \"include\": [\"src\"],\n}"),
    ("web/node.yaml", "language: node\n"),
    ("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
    ("chart/templates/web.yaml", "apiVersion: apps/v1\nkind: Deployment\n{{- if .Values.on }}\n{{- end }}\n"),
    ("chart/values.yaml", "replicas: 2\n"),
    ("k8s/web.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"),
    ("cfn/bucket.yaml", "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n"),
    ("cfn/bucket.json", "{\"Resources\": {\"Bucket\": {\"Type\": \"AWS::S3::Bucket\"}}}"),
    ("tf-bucket/main.tf", "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"b\"\n}\n"),
    ("README.md", "# Shop\n"),
    (".github/workflows/ci.yml", "on: push\njobs: {}\n"),
];

fn scan(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ekslint"));
    command
        .current_dir(dir)
        .env("GIT_CEILING_DIRECTORIES", dir.parent().unwrap_or(dir))
        .env("COLUMNS", "100");
    command.env_remove("GITHUB_ACTIONS").args(["scan", "--as-of", "2026-11-21"]).args(arguments);
    command.output().expect("it runs")
}

fn inputs(dir: &Path, arguments: &[&str]) -> Value {
    let output = scan(dir, &[arguments, &["-f", "json"]].concat());
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["errors"], json!([]), "{arguments:?}");
    report["summary"]["inputs"].clone()
}

fn repository() -> tempfile::TempDir {
    let ours = [
        ("infra/main.tf", TERRAFORM),
        ("infra/plan.json", PLAN),
        ("plans/prod.json", PLAN),
        ("cfn/cluster.yaml", STACK),
        ("eksctl/cluster.yaml", EKSCTL),
        ("snapshots/a.json", CLUSTER),
    ];
    folder(&[&ours[..], &OTHERS].concat())
}

#[test]
fn a_line_says_what_of_each_kind_was_read() {
    let dir = repository();
    let output = scan(dir.path(), &["."]);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{out}{err}");
    assert!(
        out.contains(
            "\nRead 1 Terraform root module, 1 Terraform plan or state, 1 CloudFormation template, 1 eksctl\n  configuration, 1 \
             snapshot file\n"
        ),
        "{out}"
    );
    // What is nobody's cluster is a note, and no error.
    assert!(!err.contains("error"), "{err}");
    insta::assert_snapshot!("what_a_mixed_repository_is_told", err);
}

#[test]
fn a_plan_counts_beside_its_configuration_only_where_it_is_named() {
    let dir = repository();
    let one_each = json!({"cloudformationTemplates": 1, "eksctlConfigurations": 1, "snapshots": 1, "terraformPlans": 1, "terraformRoots": 1});
    assert_eq!(inputs(dir.path(), &["."]), one_each);
    assert_eq!(inputs(dir.path(), &["infra"]), json!({"terraformRoots": 1}));
    assert_eq!(inputs(dir.path(), &["infra/plan.json"]), json!({"terraformPlans": 1}));
    assert_eq!(inputs(dir.path(), &["snapshots"]), json!({"snapshots": 1}));
}

#[test]
fn a_scan_of_snapshots_alone_says_nothing_of_kinds() {
    let dir = repository();
    let output = scan(dir.path(), &["snapshots"]);
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(!out.contains("\nRead "), "{out}");
}
