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

/// A rule that finds something in the study lab, and a line of it that says so: in Terraform, CloudFormation and eksctl.
const STUDY_LAB: [(&str, [&str; 3]); 11] = [
    ("addon-without-own-identity", ["resource \"aws_eks_addon\" \"lab\" {", "VpcCni:", "- name: vpc-cni"]),
    ("audit-logging-disabled", ["resource \"aws_eks_cluster\" \"lab\" {", "Cluster:", "name: study-lab"]),
    (
        "authentication-mode-config-map",
        [
            "authentication_mode = \"CONFIG_MAP\"",
            "AuthenticationMode: CONFIG_MAP",
            "authenticationMode: CONFIG_MAP",
        ],
    ),
    (
        "control-plane-logging-incomplete",
        ["resource \"aws_eks_cluster\" \"lab\" {", "Cluster:", "name: study-lab"],
    ),
    (
        "endpoint-open-to-internet",
        [
            "public_access_cidrs     = var.public_access_cidrs",
            "PublicAccessCidrs: !Ref PublicAccessCidrs",
            "- 0.0.0.0/0",
        ],
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
    // eksctl makes a security group for SSH, in which the rule on groups finds it.
    ("nodegroup-ssh-open-to-internet", ["remote_access {", "RemoteAccess:", ""]),
    (
        "nodegroup-version-unsupported",
        ["version         = var.kubernetes_version", "Version: !Ref KubernetesVersion", "- name: ng1"],
    ),
    (
        "nodes-reach-api-server-over-internet",
        ["endpoint_private_access = false", "EndpointPrivateAccess: false", "privateAccess: false"],
    ),
    (
        "version-unsupported",
        ["version  = var.kubernetes_version", "Version: !Ref KubernetesVersion", "version: \"1.30\""],
    ),
];

/// Rules that find something in the snapshot alone, and why not before there is a cluster.
const ONLY_RUNNING: [(&str, &str); 3] = [
    (
        "node-imds-v1",
        "what instances are started with, EKS says of node groups without a launch template only then",
    ),
    ("node-volumes-unencrypted", "so it is with their volumes"),
    (
        "security-group-ssh-open-on-public-node",
        "whether nodes have public addresses, their network interfaces say",
    ),
];

/// What eksctl makes for a node group besides: a launch template, and a security group for SSH.
const OF_EKSCTL: [(&str, &str); 2] =
    [("launch-template-imds-v1", "disableIMDSv1: false"), ("security-group-ssh-open-to-internet", "ssh:")];

const WAYS: [&str; 3] = ["terraform", "cloudformation", "eksctl"];

#[test]
fn the_study_lab_has_the_same_findings_at_the_lines_that_say_it() {
    let snapshot = scan(Path::new(ROOT), &["fixtures/study-lab.json"]);
    let mut found = rules(&snapshot);
    for (rule, why) in ONLY_RUNNING {
        assert!(found.remove(rule), "{rule} ({why}) is no longer found in the snapshot");
    }
    assert_eq!(found, STUDY_LAB.iter().map(|(rule, _)| *rule).collect(), "the table has all");
    for (at, way) in WAYS.into_iter().enumerate() {
        let report = scan(Path::new(ROOT), &[&format!("docs/study-lab/{way}")]);
        let mut want: BTreeSet<_> =
            STUDY_LAB.iter().filter(|(_, lines)| !lines[at].is_empty()).map(|(rule, _)| *rule).collect();
        let own: &[_] = if way == "eksctl" { &OF_EKSCTL } else { &[] };
        want.extend(own.iter().map(|(rule, _)| rule));
        assert_eq!(rules(&report), want, "{way}");
        let said = STUDY_LAB.iter().map(|(rule, lines)| (rule, lines[at]));
        for (rule, line) in said.chain(own.iter().map(|(rule, line)| (rule, *line))) {
            for finding in findings(&report).iter().filter(|finding| finding["rule"] == *rule) {
                assert_eq!(line_of(finding), line, "{way}: {rule}");
            }
        }
    }
}

#[test]
fn the_hardened_cluster_has_no_findings_in_any_language() {
    for path in ["fixtures/private-hardened.json"]
        .map(str::to_owned)
        .into_iter()
        .chain(WAYS.map(|way| format!("docs/private-hardened/{way}")))
    {
        let report = scan(Path::new(ROOT), &[&path]);
        assert!(findings(&report).is_empty(), "{path}: {:?}", rules(&report));
        assert_eq!(report["errors"].as_array().map(Vec::len), Some(0), "{path}");
        let passed = report["summary"]["passed"].as_u64().expect("a number");
        assert!(passed >= 38, "{path}: only {passed} passed");
    }
}

/// What courses on EKS start with: a host for eksctl in a network of its own, before there is a cluster.
const COURSE: &str = r#"AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  KeyName:
    Type: AWS::EC2::KeyPair::KeyName
  SgIngressSshCidr:
    Type: String
    Default: 0.0.0.0/0
  LatestAmiId:
    Type: AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>
    Default: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64
Resources:
  EksVPC:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 192.168.0.0/16
      EnableDnsSupport: true
      EnableDnsHostnames: true
  PublicSubnet1:
    Type: AWS::EC2::Subnet
    Properties:
      AvailabilityZone: ap-northeast-2a
      CidrBlock: 192.168.1.0/24
      VpcId: !Ref EksVPC
      MapPublicIpOnLaunch: true
  EKSEC2SG:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: eksctl host
      VpcId: !Ref EksVPC
      SecurityGroupIngress:
        - IpProtocol: "-1"
          CidrIp: 192.168.0.0/16
        - IpProtocol: tcp
          FromPort: "22"
          ToPort: "22"
          CidrIp: !Ref SgIngressSshCidr
  EKSEC2:
    Type: AWS::EC2::Instance
    Properties:
      InstanceType: t3.medium
      ImageId: !Ref LatestAmiId
      KeyName: !Ref KeyName
      NetworkInterfaces:
        - DeviceIndex: "0"
          SubnetId: !Ref PublicSubnet1
          GroupSet: [!Ref EKSEC2SG]
          AssociatePublicIpAddress: true
"#;

#[test]
fn a_template_of_a_course_without_a_cluster_is_judged_for_what_it_has() {
    let dir = folder(&[
        ("myeks.yaml", COURSE),
        ("own.json", r#"{"Parameters": {"SgIngressSshCidr": "192.0.2.7/32"}}"#),
    ]);
    let report = scan(dir.path(), &["myeks.yaml"]);
    let [finding] = findings(&report) else { panic!("{report:#}") };
    assert_eq!(text(finding, "rule"), "security-group-ssh-open-to-internet");
    let line = |place: &Value| {
        let at = usize::try_from(place["startLine"].as_u64().expect("a line")).expect("a line");
        COURSE.lines().nth(at - 1).expect("a line").trim()
    };
    assert_eq!(line(&finding["location"]), "CidrIp: !Ref SgIngressSshCidr");
    // The value is the parameter's default.
    assert_eq!(line(&finding["related"][0]["location"]), "Default: 0.0.0.0/0");
    assert_eq!((&report["summary"]["clusters"], &report["summary"]["documents"]), (&0.into(), &1.into()));
    assert_eq!(report["summary"]["inputs"], serde_json::json!({"cloudformationTemplates": 1}));
    let shut = scan(dir.path(), &["myeks.yaml", "--parameters", "own.json"]);
    assert!(findings(&shut).is_empty(), "{shut:#}");
}
