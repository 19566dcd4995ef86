//! CloudFormation as people give it: the program on templates of stacks, in YAML and JSON, with files of parameters.

use crate::support::folder::folder;
use crate::support::git::git;
use crate::support::program::{piped, run};
use serde_json::{Value, json};
use std::path::Path;

use std::time::{Duration, Instant};

/// A cluster that takes everyone by the default of a parameter.
const OPEN: &str = "\
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Cidrs:
    Type: CommaDelimitedList
    Default: 0.0.0.0/0
Resources:
  Prod:
    Type: AWS::EKS::Cluster
    Properties:
      Name: prod
      RoleArn: arn:aws:iam::111122223333:role/prod
      ResourcesVpcConfig:
        SubnetIds: [subnet-1, subnet-2]
        PublicAccessCidrs: !Ref Cidrs
";

/// Chooses the rule that [`OPEN`] fails.
const ONE_RULE: [&str; 4] = ["--select", "endpoint-open-to-internet", "--as-of", "2026-11-21"];

/// The same cluster in JSON.
fn open_in_json() -> String {
    let cluster = json!({
        "Name": "prod",
        "RoleArn": "arn:aws:iam::111122223333:role/prod",
        "ResourcesVpcConfig": { "PublicAccessCidrs": { "Ref": "Cidrs" }, "SubnetIds": ["subnet-1", "subnet-2"] },
    });
    let template = json!({
        "Parameters": { "Cidrs": { "Default": "0.0.0.0/0", "Type": "CommaDelimitedList" } },
        "Resources": { "Prod": { "Properties": cluster, "Type": "AWS::EKS::Cluster" } },
    });
    format!("{template:#}\n")
}

/// Scans by [`ONE_RULE`], a line for each finding.
fn concise(dir: &Path, arguments: &[&str]) -> (i32, String, String) {
    run(dir, &[&["scan", "-f", "concise", "-q"], &ONE_RULE[..], arguments].concat())
}

/// The output `json` of a scan.
fn report(dir: &Path, arguments: &[&str]) -> Value {
    let all = [&["scan", "-f", "json", "--as-of", "2026-11-21"], arguments].concat();
    let (_, out, err) = run(dir, &all);
    serde_json::from_str(&out).unwrap_or_else(|_| panic!("{arguments:?}: {out}{err}"))
}

/// The rules that found something, and why rules were not evaluated.
fn said(text: &str, rules: &str) -> (Vec<String>, Vec<String>) {
    let dir = folder(&[("stack.yaml", text)]);
    let report = report(dir.path(), &["stack.yaml", "--select", rules]);
    let texts = |list: &Value, field: &str| {
        let items = list.as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item[field].as_str().unwrap_or_default().to_owned()).collect()
    };
    (texts(&report["findings"], "rule"), texts(&report["notEvaluated"], "reason"))
}

#[test]
fn a_finding_stands_on_the_line_that_somebody_wrote() {
    let json = open_in_json();
    let line = json.lines().position(|line| line.contains("\"Ref\"")).expect("a line");
    let dir = folder(&[("stack.yaml", OPEN), ("stack.json", &json)]);
    let (code, out, err) = concise(dir.path(), &["stack.yaml"]);
    assert_eq!((code, err.as_str()), (1, ""));
    assert!(out.starts_with("stack.yaml:14:28: high endpoint-open-to-internet: prod accepts"), "{out}");
    let (code, out, _) = concise(dir.path(), &["stack.json"]);
    assert!(code == 1 && out.starts_with(&format!("stack.json:{}:", line + 1)), "{line} {out}");
    // Through which parameter the value came is said below.
    let (_, out, _) = run(dir.path(), &[&["scan", "--full", "stack.yaml"], &ONE_RULE[..]].concat());
    assert!(out.contains("stack.yaml:5:14: default of parameter Cidrs"), "{out}");
    assert!(!out.contains("aws eks update-cluster-config") && !out.contains("resource \"aws_eks"), "{out}");
}

#[test]
fn templates_are_found_by_what_they_are() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n";
    let dir = folder(&[
        ("a/stack.yml", OPEN),
        ("a/stack.template", OPEN),
        ("a/pod.yaml", pod),
        ("a/values.yaml", "Resources: {}\nimage: AWS::x\n"),
        ("a/Stack.template.json", &open_in_json()),
        ("other/queue.yaml", "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n"),
    ]);
    let (code, out, err) = concise(dir.path(), &["a"]);
    let files: Vec<_> = out.lines().filter_map(|line| line.split(':').next()).collect();
    assert_eq!((code, files), (1, vec!["a/Stack.template.json", "a/stack.template", "a/stack.yml"]), "{err}");
    let (_, _, err) = run(dir.path(), &["scan", "a"]);
    assert!(err.contains("1 Kubernetes manifest skipped") && !err.contains("values.yaml"), "{err}");
    let (code, _, err) = run(dir.path(), &["scan", "other"]);
    assert!(
        code == 0 && err.contains("its templates describe nothing that ekslint evaluates"),
        "{code} {err}"
    );
    let scan = [&["scan", "-", "-f", "concise", "-q"], &ONE_RULE[..]].concat();
    assert!(piped(dir.path(), &scan, OPEN).1.starts_with("<stdin>:14:28: "));
    let (code, out, _) = run(dir.path(), &["snapshot", "import", "a/stack.yml"]);
    assert!(code == 0 && out.contains("\"source\": \"cloudformation\""), "{out}");
}

#[test]
fn parameters_have_values_from_files() {
    let shut = [
        ("list.json", r#"[{"ParameterKey": "Cidrs", "ParameterValue": "192.0.2.0/24,198.51.100.0/24"}]"#),
        ("map.json", r#"{"Parameters": {"Cidrs": "192.0.2.0/24"}}"#),
        ("pairs.json", r#"["Cidrs=192.0.2.0/24"]"#),
        ("open.json", r#"["Cidrs=0.0.0.0/0"]"#),
        ("wrong.json", "{}"),
    ];
    let dir = folder(&[&[("stack.yaml", OPEN)], &shut[..]].concat());
    for (file, _) in &shut[..3] {
        assert_eq!(concise(dir.path(), &["stack.yaml", "--parameters", file]).0, 0, "{file}");
        assert_eq!(
            concise(dir.path(), &["stack.yaml", "--parameters", "open.json", "--parameters", file]).0,
            0
        );
    }
    let full = ["scan", "--full", "stack.yaml", "--parameters", "open.json"];
    let (code, out, _) = run(dir.path(), &[&full, &ONE_RULE[..]].concat());
    assert!(code == 1 && out.contains("open.json:1:2: parameter Cidrs set in open.json"), "{out}");
    let (code, _, err) = concise(dir.path(), &["stack.yaml", "--parameters", "wrong.json"]);
    assert!(code == 2 && err.contains("wrong.json:1:1: holds no parameters: write "), "{err}");
    let (code, _, err) = concise(dir.path(), &["stack.yaml", "--parameters", "none.json"]);
    assert!(code == 2 && err.contains("none.json: does not exist"), "{err}");
    let without = OPEN.replace("    Default: 0.0.0.0/0\n", "");
    let (found, why) = said(&without, "endpoint-open-to-internet");
    assert_eq!((found, why), (vec![], vec!["parameter Cidrs has no value; pass --parameters".to_owned()]));
}

/// [`OPEN`] with a condition that is not known, and a value in the place of the parameter's.
fn conditional(value: &str) -> String {
    let sections = "  Env: {Type: String}\nConditions:\n  IsProd: !Equals [!Ref Env, prod]\nResources:\n";
    OPEN.replace("Resources:\n", sections).replace("!Ref Cidrs", value)
}

#[test]
fn a_condition_that_is_not_known_is_looked_at_both_ways() {
    let rule = "endpoint-open-to-internet";
    let both = conditional("!If [IsProd, [0.0.0.0/0], [0.0.0.0/0, 192.0.2.0/24]]");
    assert_eq!(said(&both, rule), (vec![rule.to_owned()], vec![]));
    let neither = conditional("!If [IsProd, [192.0.2.0/24], [198.51.100.0/24]]");
    assert_eq!(said(&neither, rule), (vec![], vec![]));
    let one = conditional("!If [IsProd, [192.0.2.0/24], !Ref 'AWS::NoValue']");
    let why = "depends on the condition IsProd: none if it holds, a finding if it does not";
    assert_eq!(said(&one, rule), (vec![], vec![why.to_owned()]));
    let perhaps = conditional("!Ref Cidrs")
        .replace("    Type: AWS::EKS::Cluster\n", "    Type: AWS::EKS::Cluster\n    Condition: IsProd\n");
    assert_eq!(said(&perhaps, rule), (vec![rule.to_owned()], vec![]));
    let known = perhaps.replace("Env: {Type: String}", "Env: {Type: String, Default: lab}");
    assert_eq!(said(&known, rule), (vec![], vec![]));
}

#[test]
fn a_parameter_with_a_few_values_is_looked_at_with_each() {
    let rule = "endpoint-open-to-internet";
    let with = |values: &str, cidrs: &str| {
        let parameter = format!("    Type: String\n    AllowedValues: {values}\n");
        OPEN.replace("    Type: CommaDelimitedList\n    Default: 0.0.0.0/0\n", &parameter)
            .replace("!Ref Cidrs", cidrs)
    };
    let some = said(&with("[0.0.0.0/0, 192.0.2.0/24, 198.51.100.0/24]", "[!Ref Cidrs]"), rule);
    let why = "depends on the parameter Cidrs: a finding if it is 0.0.0.0/0, none if it is 192.0.2.0/24 or 198.51.100.0/24";
    assert_eq!(some, (vec![], vec![why.to_owned()]));
    let all = said(&with("[192.0.2.0/24, 198.51.100.0/24]", "[0.0.0.0/0, !Ref Cidrs]"), rule);
    assert_eq!(all, (vec![rule.to_owned()], vec![]));
    let none = said(&with("[192.0.2.0/24, 198.51.100.0/24]", "[!Ref Cidrs]"), rule);
    assert_eq!(none, (vec![], vec![]));
    // A value decides all conditions that read it: here no way is open.
    let conditions =
        "Conditions:\n  IsA: !Equals [!Ref Cidrs, a]\n  IsB: !Equals [!Ref Cidrs, b]\nResources:\n";
    let text = with("[a, b]", "!If [IsA, [192.0.2.0/24], !If [IsB, [192.0.2.0/24], [0.0.0.0/0]]]");
    assert_eq!(said(&text.replace("Resources:\n", conditions), rule), (vec![], vec![]));
    // Too many values to look at each.
    let many = said(&with("[a, b, c, d, e, f, g, h, i]", "[!Ref Cidrs]"), rule);
    assert_eq!(many, (vec![], vec!["parameter Cidrs has no value; pass --parameters".to_owned()]));
}

#[test]
fn resources_that_name_each_other_are_one_cluster() {
    let more = "  Nodes:
    Type: AWS::EKS::Nodegroup
    Properties:
      ClusterName: !Ref Prod
      NodeRole: !GetAtt Role.Arn
      Subnets: [subnet-1]
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]
      ManagedPolicyArns: [!Sub 'arn:aws:iam::aws:policy/${Policy}']
  Ssh:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: ssh
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}
";
    let text =
        OPEN.replace("Resources:\n", "  Policy: {Type: String, Default: AdministratorAccess}\nResources:\n");
    let subnets = "        SubnetIds: [subnet-1, subnet-2]\n";
    let text = text.replace(subnets, &format!("{subnets}        SecurityGroupIds: [!GetAtt Ssh.GroupId]\n"));
    for rule in ["node-role-administrator", "security-group-ssh-open-to-internet"] {
        assert_eq!(said(&format!("{text}{more}"), rule).0, [rule]);
    }
}

#[test]
fn what_loops_make_is_scanned() {
    let text = OPEN
        .replace(
            "  Prod:\n    Type",
            "  'Fn::ForEach::Clusters':\n  - Env\n  - [prod, lab]\n  - 'Cluster${Env}':\n     Type",
        )
        .replace("    Properties:\n", "     Properties:\n")
        .replace("Name: prod", "Name: !Ref Env");
    let dir = folder(&[("stack.yaml", &text)]);
    let (code, out, err) = concise(dir.path(), &["stack.yaml"]);
    let names: Vec<_> = out.lines().map(|line| line.split(' ').nth(3).unwrap_or_default()).collect();
    assert_eq!((code, names, err.as_str()), (1, vec!["prod", "lab"], ""), "{out}");
    assert!(out.lines().all(|line| line.starts_with("stack.yaml:17:28: ")), "{out}");
}

/// A stack that nests [`OPEN`], with the value that it gives to the parameter.
fn nesting(cidrs: &str) -> String {
    format!(
        "Resources:\n  Eks:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ./nested/cluster.yaml\n      Parameters:\n        Cidrs: {cidrs}\n"
    )
}

#[test]
fn a_nested_stack_is_read_with_the_values_that_it_gets_and_once() {
    let (shut, open) = (nesting("192.0.2.0/24"), nesting("0.0.0.0/0"));
    let dir = folder(&[
        ("shut/root.yaml", &shut),
        ("shut/nested/cluster.yaml", OPEN),
        ("open/root.yaml", &open),
        ("open/nested/cluster.yaml", OPEN),
    ]);
    // By itself it has its default.
    assert_eq!(concise(dir.path(), &["shut/nested/cluster.yaml"]).0, 1);
    assert_eq!(concise(dir.path(), &["shut"]), (0, String::new(), String::new()));
    assert_eq!(concise(dir.path(), &["shut/nested/cluster.yaml", "shut/root.yaml"]).0, 0);
    let (code, out, _) = concise(dir.path(), &["."]);
    assert_eq!((code, out.lines().count()), (1, 1), "{out}");
    assert!(
        out.starts_with("open/nested/cluster.yaml:14:28: high endpoint-open-to-internet: prod "),
        "{out}"
    );
    let (_, out, _) = run(dir.path(), &[&["scan", "open", "--full"], &ONE_RULE[..]].concat());
    assert!(out.contains("open/root.yaml:7:16: parameter of Eks"), "{out}");
    // Without Git nothing outside of its folder is read.
    let up = open.replace("./nested/cluster.yaml", "../open/nested/cluster.yaml");
    std::fs::write(dir.path().join("shut/up.yaml"), up).expect("a file");
    let found = report(dir.path(), &["shut/up.yaml", "--level", "all"]);
    assert_eq!(found["findings"], json!([]));
    git(dir.path(), &["init", "-q"]);
    assert_eq!(concise(dir.path(), &["shut/up.yaml"]).0, 1);
    // Of standard input nobody knows what is beside it.
    let scan = [&["scan", "-", "-f", "concise", "-q"], &ONE_RULE[..]].concat();
    assert_eq!(piped(dir.path(), &scan, &open).1, "");
}

/// What the CDK writes of a cluster in a nested stack, with paths of constructs or without.
fn assembly(has_paths: bool) -> Vec<(&'static str, String)> {
    let path = |path: &str| if has_paths { json!({ "aws:cdk:path": path }) } else { json!({}) };
    let with = |mut metadata: Value, more: &[(&str, &str)]| {
        more.iter().for_each(|(name, text)| metadata[name] = json!(text));
        metadata
    };
    let asset = [("aws:asset:path", "AppEks.nested.template.json"), ("aws:asset:property", "TemplateURL")];
    let bootstrap = json!({ "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/hnb659fds/version" });
    let outer = json!({ "Parameters": { "BootstrapVersion": bootstrap }, "Resources": {
        "EksNestedStackEksNestedStackResource0124E108": {
            "Type": "AWS::CloudFormation::Stack",
            "Metadata": with(path("App/Eks.NestedStack/Eks.NestedStackResource"), &asset),
            "Properties": { "TemplateURL": { "Fn::Sub": "https://s3.${AWS::Region}.${AWS::URLSuffix}/x.json" } },
        },
    } });
    let inner = json!({ "Resources": { "ClusterEB0386A7": {
        "Type": "AWS::EKS::Cluster", "Metadata": path("App/Eks/Cluster/Resource"),
        "Properties": { "RoleArn": "arn:aws:iam::111122223333:role/x", "ResourcesVpcConfig": { "SubnetIds": ["subnet-1"] } },
    } } });
    let id = json!([{ "type": "aws:cdk:logicalId", "data": "ClusterEB0386A7" }]);
    let metadata = json!({ "/App/Eks/Cluster/Resource": id, "/App": [{ "type": "other" }] });
    let artifact = json!({ "properties": { "templateFile": "App.template.json" }, "additionalMetadataFile": "App.metadata.json" });
    vec![
        ("cdk.out/App.template.json", format!("{outer:#}")),
        ("cdk.out/AppEks.nested.template.json", format!("{inner:#}")),
        ("cdk.out/manifest.json", json!({ "artifacts": { "App": artifact } }).to_string()),
        ("cdk.out/App.metadata.json", metadata.to_string()),
        ("cdk.out/tree.json", "{\"tree\": {}}".to_owned()),
        ("cdk.out/App.assets.json", "{\"files\": {}}".to_owned()),
        ("cdk.out/cdk.out", "{\"version\":\"55.0.0\"}".to_owned()),
        ("cdk.out/asset.0f9ba37e/package.json", "{\"name\": \"x\"}".to_owned()),
        (".gitignore", "cdk.out/\n".to_owned()),
    ]
}

#[test]
fn an_assembly_of_the_cdk_is_read_by_its_templates_and_called_by_its_constructs() {
    let mut prints = Vec::new();
    for has_paths in [true, false] {
        let files = assembly(has_paths);
        let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let dir = folder(&files);
        git(dir.path(), &["init", "-q"]);
        let (code, out, err) = concise(dir.path(), &["cdk.out"]);
        assert_eq!((code, out.lines().count(), err.as_str()), (1, 1, ""), "{out}");
        let words = ": high endpoint-open-to-internet: App/Eks/Cluster/Resource accepts";
        assert!(out.starts_with("cdk.out/AppEks.nested.template.json:") && out.contains(words), "{out}");
        let (_, _, err) = run(dir.path(), &["scan", "cdk.out", "-v"]);
        assert!(!err.contains("skipped"), "{err}");
        let found = report(dir.path(), &["cdk.out", "--select", "endpoint-open-to-internet"]);
        prints.push(found["findings"][0]["fingerprint"].clone());
        // A waiver knows the logical id too.
        let waiver = "[[waiver]]\nrule = \"endpoint-open-to-internet\"\nresource = \"*/ClusterEB0386A7\"\nreason = \"x\"\n";
        std::fs::write(dir.path().join("ekslint.toml"), waiver).expect("a file");
        assert_eq!(concise(dir.path(), &["cdk.out"]).0, 0);
    }
    assert!(prints[0].is_string() && prints[0] == prints[1], "{prints:?}");
}

#[test]
fn waivers_know_the_address_of_a_resource_whose_name_is_known() {
    let nodes = "  Nodes:\n    Type: AWS::EKS::Nodegroup\n    Properties: {ClusterName: !Ref Prod, NodegroupName: blue, NodeRole: arn:aws:iam::111122223333:role/n, Subnets: [subnet-1], AmiType: AL2_x86_64}\n";
    let dir = folder(&[("stack.yaml", &format!("{OPEN}{nodes}"))]);
    let scan = |resource: &str| {
        let waiver = format!("[[waiver]]\nrule = \"*\"\nresource = \"{resource}\"\nreason = \"x\"\n");
        std::fs::write(dir.path().join("ekslint.toml"), waiver).expect("a file");
        let select = "endpoint-open-to-internet,nodegroup-ami-end-of-life";
        let (_, out, _) = run(
            dir.path(),
            &["scan", "-f", "concise", "-q", "--as-of", "2026-11-21", "--select", select, "stack.yaml"],
        );
        out.lines().filter_map(|line| line.split(' ').nth(2).map(str::to_owned)).collect::<Vec<_>>()
    };
    let (cluster, group) = ("endpoint-open-to-internet:", "nodegroup-ami-end-of-life:");
    assert_eq!(scan("Other"), [cluster, group]);
    assert_eq!(scan("Prod"), [group]);
    assert_eq!(scan("cluster/prod"), [group]);
    assert_eq!(scan("Nodes"), [cluster]);
    assert_eq!(scan("nodegroup/blue"), [cluster]);
}

#[test]
fn what_may_add_resources_and_is_not_read_is_said() {
    let sections = "Transform: [AWS::LanguageExtensions, Ours]\n";
    let more = "  Nested: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 'https://example.com/x.yaml'}}\n  'Fn::Transform': {Name: AWS::Include, Parameters: {Location: x.yaml}}\n  'Fn::ForEach::Loop': [A, !Ref Names, {'R${A}': {Type: 'AWS::IAM::Role'}}]\n  Wrong: {Properties: {}}\n";
    let text = format!("{sections}{OPEN}{more}")
        .replace("Resources:\n", "  Names: {Type: CommaDelimitedList}\nResources:\n");
    let dir = folder(&[("stack.yaml", &text)]);
    let (code, out, err) = run(dir.path(), &[&["scan", "stack.yaml", "-v"], &ONE_RULE[..]].concat());
    // What is broken is an error, and the rest is judged.
    assert!(code == 2 && out.contains("prod accepts"), "{code} {out}");
    for words in [
        "stack.yaml:1:1: Transform: the macro Ours may add resources",
        "stack.yaml:17:3: Nested: a nested stack: its template https://example.com/x.yaml is no file here; scan that template too",
        "stack.yaml:18:3: Fn::Transform: AWS::Include puts a file into the template that is not read",
        "stack.yaml:19:3: Fn::ForEach::Loop: the loop is not expanded, and may add resources: parameter Names has no value",
        "stack.yaml:20:3: has the resource Wrong without a `Type`",
    ] {
        assert!(err.contains(words), "{words}: {err}");
    }
    assert_eq!(err.matches("Wrong").count(), 1, "{err}");
}

#[test]
fn two_revisions_of_a_nested_stack_are_compared() {
    let dir = folder(&[("infra/root.yaml", &nesting("0.0.0.0/0")), ("infra/nested/cluster.yaml", OPEN)]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "Open"]);
    std::fs::write(dir.path().join("infra/root.yaml"), nesting("192.0.2.0/24")).expect("a file");
    let arguments =
        ["diff", "--git", "HEAD", "infra", "--select", "endpoint-open-to-internet", "--as-of", "2026-11-21"];
    let (_, out, err) = run(dir.path(), &arguments);
    assert!(
        out.contains("1 fixed") && !out.contains("(gone)") && !out.contains("(new cluster)"),
        "{out}{err}"
    );
}

#[test]
fn two_revisions_are_compared() {
    let dir = folder(&[("infra/stack.yaml", OPEN)]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "Open"]);
    let shut = OPEN.replace("Default: 0.0.0.0/0", "Default: 192.0.2.0/24");
    std::fs::write(dir.path().join("infra/stack.yaml"), shut).expect("a file");
    let arguments =
        ["diff", "--git", "HEAD", "infra", "--select", "endpoint-open-to-internet", "--as-of", "2026-11-21"];
    let (_, out, err) = run(dir.path(), &arguments);
    assert!(
        out.contains("1 fixed") && !out.contains("(gone)") && !out.contains("(new cluster)"),
        "{out}{err}"
    );
}

#[test]
fn what_is_hostile_ends_in_a_sentence() {
    let mut bomb = "X0: &x0 [a, a, a, a, a, a, a, a, a, a]\n".to_owned();
    for level in 1..30 {
        let aliases = vec![format!("*x{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("X{level}: &x{level} [{aliases}]\n"));
    }
    let conditions = "Conditions:\n  A: !Not [!Condition B]\n  B: !Not [!Condition A]\nResources:\n";
    let circle =
        OPEN.replace("Resources:\n", conditions).replace("!Ref Cidrs", "!If [A, [0.0.0.0/0], !Ref Cidrs]");
    let itself = OPEN.replace("Name: prod", "Name: !Ref Prod");
    let many: String = (0..3_000)
        .map(|at| format!("  C{at}: !Or [!Condition C{}, !Condition C{}]\n", at + 1, at + 2))
        .collect();
    let mut long = "!Ref Cidrs".to_owned();
    for _ in 0..40 {
        long = format!("!Join ['', [{long}, {long}]]");
        if long.len() > 400_000 {
            break;
        }
    }
    for (name, text, words) in [
        ("bomb", format!("{OPEN}{bomb}"), "has more than 300000 values"),
        ("deep", OPEN.replace("!Ref Cidrs", &"[".repeat(100_000)), "stack.yaml:14:"),
        ("circle", circle, "refers to itself"),
        ("itself", itself, ""),
        ("many", format!("{OPEN}Conditions:\n{many}"), ""),
        ("long", OPEN.replace("!Ref Cidrs", &long), ""),
        (
            "twice",
            format!("{OPEN}        PublicAccessCidrs: []\n"),
            "stack.yaml:15:9: has the key `PublicAccessCidrs` twice",
        ),
        ("cut", OPEN.replace("!Ref Cidrs", "['"), "is not YAML: "),
        (
            "list",
            "AWSTemplateFormatVersion: '2010-09-09'\nResources: []\n".to_owned(),
            "has `Resources` that are no object",
        ),
    ] {
        let dir = folder(&[("stack.yaml", &text)]);
        let started = Instant::now();
        let (code, out, err) = run(dir.path(), &["scan", "stack.yaml", "--as-of", "2026-11-21"]);
        assert!((0..=2).contains(&code) && !err.contains("panicked"), "{name}: {code} {out}{err}");
        assert!(err.contains(words), "{name}: {err}");
        assert!(started.elapsed() < Duration::from_secs(60), "{name} took {:?}", started.elapsed());
    }
}

#[test]
fn secrets_are_in_no_output() {
    let sections = "  Key: {Type: String, NoEcho: true, Default: hunter2}\nResources:\n";
    let more = "  T:\n    Type: AWS::EC2::LaunchTemplate\n    Properties:\n      LaunchTemplateData:\n        KeyName: !Ref Key\n        UserData: {'Fn::Base64': hunter2}\n";
    let text = OPEN.replace("Resources:\n", sections).replace("Name: prod", "Name: !Sub 'prod-${Key}'");
    let dir = folder(&[("stack.yaml", &format!("{text}{more}"))]);
    for format in ["text", "json", "sarif", "markdown", "csv", "ocsf"] {
        let (_, out, err) = run(dir.path(), &["scan", "stack.yaml", "-f", format, "--level", "all"]);
        assert!(!format!("{out}{err}").contains("hunter2"), "{format}");
    }
    for more in [
        &["scan", "stack.yaml", "--full", "-v"][..],
        &["snapshot", "import", "stack.yaml"],
        &["explain", "stack.yaml"],
    ] {
        let (_, out, err) = run(dir.path(), more);
        assert!(!format!("{out}{err}").contains("hunter2"), "{more:?}: {out}{err}");
    }
}
