//! `ekslint snapshot import` as a user runs it, and what it must hold for any input.

use crate::support::folder::write;
use assert_cmd::Command;
use bumpalo::Bump;
use ekslint::snapshot::Snapshot;
use ekslint::snapshot::envelope::ENVELOPES;
use ekslint::source::aws_cli::{ImportFile, import};
use ekslint::value::Json;
use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const ACCOUNT: &str = "111122223333";

fn folder(files: &[(&str, Value)]) -> TempDir {
    let dir = TempDir::new().expect("a temporary directory");
    for (name, value) in files {
        write(dir.path(), name, &value.to_string());
    }
    dir
}

fn ekslint(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    let output =
        command.current_dir(dir).env_clear().env("COLUMNS", "100").args(args).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let is_joined = |line: &&str| line.starts_with("note: ") && line.contains(": joined ");
    // What was joined is said each time; one test is about that.
    let err = text(output.stderr).split_inclusive('\n').filter(|line| !is_joined(line)).collect();
    (output.status.code().expect("an exit code"), text(output.stdout), err)
}

/// Imports the folder `raw` and gives the snapshots and what was said.
fn imported(dir: &TempDir) -> (Value, String) {
    let (code, out, err) = ekslint(dir.path(), &["snapshot", "import", "raw"]);
    assert_eq!(code, 0, "{err}");
    (serde_json::from_str(&out).expect("JSON"), err)
}

fn cluster(name: &str, region: &str, vpc: &str) -> Value {
    json!({"cluster": {
        "name": name,
        "arn": format!("arn:aws:eks:{region}:{ACCOUNT}:cluster/{name}"),
        "version": "1.33",
        "roleArn": format!("arn:aws:iam::{ACCOUNT}:role/{name}-cluster"),
        "resourcesVpcConfig": {"vpcId": vpc, "endpointPublicAccess": true, "publicAccessCidrs": ["0.0.0.0/0"]},
        "identity": {"oidc": {"issuer": format!("https://oidc.eks.{region}.amazonaws.com/id/{name}")}},
        "certificateAuthority": {"data": "SECRET"},
        "clientRequestToken": "SECRET"
    }})
}

fn nodegroup(cluster: &str, region: &str, name: &str) -> Value {
    json!({"nodegroup": {
        "nodegroupName": name,
        "clusterName": cluster,
        "nodegroupArn": format!("arn:aws:eks:{region}:{ACCOUNT}:nodegroup/{cluster}/{name}/1"),
        "nodeRole": format!("arn:aws:iam::{ACCOUNT}:role/{cluster}-node"),
        "amiType": "AL2_x86_64",
        "remoteAccess": {"ec2SshKey": "key"},
        "launchTemplate": {"id": "lt-1", "version": "2"}
    }})
}

/// What the AWS CLI prints of one cluster, in the order in which a person would ask.
fn prod() -> Vec<(&'static str, Value)> {
    let node_role = "%7B%22Statement%22%3A%20%5B%5D%7D";
    vec![
        ("raw/describe-cluster.json", cluster("prod", "us-west-2", "vpc-1")),
        ("raw/list-nodegroups.json", json!({"nodegroups": ["workers", "spot"]})),
        ("raw/workers.json", nodegroup("prod", "us-west-2", "workers")),
        ("raw/access.json", json!({"accessEntries": ["arn:aws:iam::111122223333:user/kim"]})),
        (
            "raw/kim.json",
            json!({"accessEntry": {"clusterName": "prod", "principalArn": "arn:aws:iam::111122223333:user/kim"}}),
        ),
        (
            "raw/kim-policies.json",
            json!({
            "associatedAccessPolicies": [{"policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"}],
            "clusterName": "prod", "principalArn": "arn:aws:iam::111122223333:user/kim"}),
        ),
        (
            "raw/vpcs.json",
            json!({"Vpcs": [{"VpcId": "vpc-0"}, {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}]}),
        ),
        ("raw/dns.json", json!({"VpcId": "vpc-1", "EnableDnsSupport": {"Value": true}})),
        (
            "raw/subnets.json",
            json!({"Subnets": [
            {"SubnetId": "subnet-b", "VpcId": "vpc-1"}, {"SubnetId": "subnet-x", "VpcId": "vpc-0"},
            {"SubnetId": "subnet-a", "VpcId": "vpc-1"}]}),
        ),
        ("raw/nat.json", json!({"NatGateways": []})),
        (
            "raw/groups.json",
            json!({"SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissions":
            [{"PrefixListIds": [{"PrefixListId": "pl-1"}]}]}]}),
        ),
        ("raw/lists.json", json!({"PrefixLists": [{"PrefixListId": "pl-1"}, {"PrefixListId": "pl-2"}]})),
        ("raw/get-managed-prefix-list-entries.pl-1.json", json!({"Entries": [{"Cidr": "10.1.0.0/16"}]})),
        (
            "raw/templates.json",
            json!({"LaunchTemplateVersions": [
            {"LaunchTemplateId": "lt-1", "VersionNumber": 2, "LaunchTemplateData": {"UserData": "U0VDUkVU"}},
            {"LaunchTemplateId": "lt-9", "VersionNumber": 1, "LaunchTemplateData": {}}]}),
        ),
        (
            "raw/instances.json",
            json!({"Reservations": [{"Instances": [
            {"InstanceId": "i-1", "VpcId": "vpc-1", "State": {"Name": "running"}, "ClientToken": "SECRET",
             "Tags": [{"Key": "kubernetes.io/cluster/prod", "Value": "owned"}]},
            {"InstanceId": "i-2", "VpcId": "vpc-1", "State": {"Name": "terminated"},
             "Tags": [{"Key": "kubernetes.io/cluster/prod", "Value": "owned"}]},
            {"InstanceId": "i-3", "VpcId": "vpc-1", "State": {"Name": "running"}}]}]}),
        ),
        (
            "raw/get-role.json",
            json!({"Role": {"RoleName": "prod-node", "Arn": "arn:aws:iam::111122223333:role/prod-node",
            "AssumeRolePolicyDocument": node_role, "RoleLastUsed": {}}}),
        ),
        (
            "raw/list-attached-role-policies.prod-node.json",
            json!({"AttachedPolicies":
            [{"PolicyName": "own", "PolicyArn": "arn:aws:iam::111122223333:policy/own"}]}),
        ),
        ("raw/list-role-policies.prod-node.json", json!({"PolicyNames": ["inline"]})),
        (
            "raw/get-role-policy.json",
            json!({"RoleName": "prod-node", "PolicyName": "inline", "PolicyDocument": {"Statement": []}}),
        ),
        (
            "raw/get-policy.json",
            json!({"Policy": {"PolicyName": "own", "Arn": "arn:aws:iam::111122223333:policy/own",
            "DefaultVersionId": "v1"}}),
        ),
        (
            "raw/get-policy-version.own.json",
            json!({"PolicyVersion": {"VersionId": "v1", "IsDefaultVersion": true,
            "Document": {"Statement": []}}}),
        ),
        ("raw/ebs.json", json!({"EbsEncryptionByDefault": false})),
    ]
}

#[test]
fn one_cluster_becomes_one_object() {
    let dir = folder(&prod());
    let (code, out, err) = ekslint(dir.path(), &["snapshot", "import", "raw", "-o", "prod.json"]);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "", ""));
    let text = fs::read_to_string(dir.path().join("prod.json")).expect("written beside raw");
    assert!(!text.contains("SECRET") && !text.contains("U0VDUkVU"), "{text}");
    assert_snapshot!(text);
    assert_eq!(ekslint(dir.path(), &["snapshot", "import", "raw"]).1, text, "standard output says the same");
}

/// Rule and message of each finding.
fn findings(dir: &Path, path: &str) -> BTreeSet<String> {
    let args = ["scan", path, "--format", "concise", "-q", "--level", "all", "--as-of", "2026-11-21"];
    let (code, out, err) = ekslint(dir, &args);
    assert!(code < 2, "{err}");
    let finding = |line: &str| Some(line.split_once(": ")?.1.to_owned());
    out.lines().filter_map(finding).collect()
}

#[test]
fn the_parts_have_no_finding_that_the_whole_has_not() {
    let dir = folder(&prod());
    let parts: BTreeSet<_> = ["describe-cluster", "workers"]
        .iter()
        .flat_map(|f| findings(dir.path(), &format!("raw/{f}.json")))
        .collect();
    for rule in ["endpoint-open-to-internet", "nodegroup-ami-end-of-life"] {
        assert!(parts.iter().any(|finding| finding.contains(rule)), "{rule}: {parts:#?}");
    }
    ekslint(dir.path(), &["snapshot", "import", "raw", "-o", "prod.json"]);
    let whole = findings(dir.path(), "prod.json");
    assert!(parts.is_subset(&whole), "{parts:#?}\n{whole:#?}");
}

#[test]
fn what_is_known_by_name_only_is_not_judged() {
    let dir = folder(&prod());
    ekslint(dir.path(), &["snapshot", "import", "raw", "-o", "prod.json"]);
    let (_, out, _) = ekslint(dir.path(), &["scan", "prod.json", "-v", "--as-of", "2026-11-21"]);
    assert!(out.contains("only the names of spot are known"), "{out}");
}

#[test]
fn the_names_of_files_do_not_change_the_snapshot() {
    let dir = folder(&prod());
    let renamed = folder(&prod());
    for (old, new) in
        [("workers", "zz"), ("subnets", "00"), ("kim", "y"), ("access", "z"), ("describe-cluster", "q")]
    {
        let path = |name: &str| renamed.path().join(format!("raw/{name}.json"));
        fs::rename(path(old), path(new)).expect("renamed");
    }
    assert_eq!(imported(&dir).0, imported(&renamed).0);
}

#[test]
fn several_clusters_become_an_array() {
    let role = |name: &str| json!({"Role": {"RoleName": name, "Arn": format!("arn:aws:iam::{ACCOUNT}:role/{name}")}});
    let dir = folder(&[
        ("raw/test/c.json", cluster("test", "us-west-2", "vpc-2")),
        ("raw/prod/c.json", cluster("prod", "us-west-2", "vpc-1")),
        ("raw/prod-eu/c.json", cluster("prod", "eu-west-1", "vpc-3")),
        ("raw/prod/list.json", json!({"nodegroups": ["a"]})),
        ("raw/prod/ng.json", nodegroup("prod", "us-west-2", "a")),
        ("raw/list-addons.test.json", json!({"addons": []})),
        ("raw/prod-eu/nat.json", json!({"NatGateways": []})),
        (
            "raw/subnets.json",
            json!({"Subnets": [{"SubnetId": "s1", "VpcId": "vpc-1"}, {"SubnetId": "s2", "VpcId": "vpc-2"}]}),
        ),
        ("raw/r1.json", role("prod-cluster")),
        ("raw/r2.json", role("test-cluster")),
        ("raw/eu-west-1/ebs.json", json!({"EbsEncryptionByDefault": true})),
        ("raw/clusters.us-west-2.json", json!({"clusters": ["prod", "test"]})),
        ("raw/clusters.eu-west-1.json", json!({"clusters": ["prod", "gone"]})),
        ("raw/list-fargate-profiles.json", json!({"fargateProfileNames": ["f"]})),
        ("raw/igw.json", json!({"InternetGateways": []})),
    ]);
    let (snapshots, err) = imported(&dir);
    let snapshots = snapshots.as_array().expect("an array");
    let outline: Vec<_> = snapshots
        .iter()
        .map(|snapshot| {
            let keys = |list: &Value, key: &str| {
                list.as_array().map(|items| items.iter().map(|item| item[key].clone()).collect::<Vec<_>>())
            };
            json!({
                "arn": snapshot["cluster"]["arn"], "region": snapshot["region"],
                "nodegroups": keys(&snapshot["nodegroups"], "nodegroupName"), "addons": snapshot["addons"],
                "subnets": keys(&snapshot["subnets"], "SubnetId"), "natGateways": snapshot["natGateways"],
                "roles": keys(&snapshot["roles"], "RoleName"), "ebs": snapshot["ebsEncryptionByDefault"],
                "regionClusters": keys(&snapshot["regionClusters"], "vpcId"),
            })
            .to_string()
        })
        .collect();
    assert_snapshot!(format!("{}\n--- stderr\n{err}", outline.join("\n")));
}

#[test]
fn what_cannot_be_joined_is_said_with_the_way_out() {
    let dir = folder(&[
        ("raw/c.json", cluster("prod", "us-west-2", "vpc-1")),
        (
            "raw/c2.json",
            json!({"cluster": {"name": "prod", "arn": "arn:aws:eks:us-west-2:111122223333:cluster/prod"}}),
        ),
        ("raw/denied.json", json!({"Error": {"Code": "UnauthorizedOperation", "Message": "no"}})),
        ("raw/changed.json", json!({"update": {"id": "1", "type": "EndpointAccessUpdate"}})),
        ("raw/list-attached-role-policies.json", json!({"AttachedPolicies": []})),
        ("raw/get-role-policy.json", json!({"RoleName": "r", "PolicyName": "p", "PolicyDocument": {}})),
        ("raw/entries.json", json!({"Entries": []})),
        (
            "raw/access.json",
            json!({"associatedAccessPolicies": [], "clusterName": "other", "principalArn": "a"}),
        ),
        ("raw/subnets.json", json!({"Subnets": [{"SubnetId": "s", "VpcId": "vpc-9"}]})),
        ("raw/images.json", json!({"Images": [{"ImageId": "ami-9"}]})),
        (
            "raw/nodes.json",
            json!({"Reservations": [{"Instances": [{"InstanceId": "i-1", "VpcId": "vpc-1",
            "ImageId": "ami-0123456789abcdef0", "Tags": [{"Key": "eks:cluster-name", "Value": "prod"}]}]}]}),
        ),
        ("raw/list-role-policies.gone.json", json!({"PolicyNames": []})),
        ("raw/package.json", json!({"name": "x", "dependencies": {}})),
        ("raw/done.json", json!({"schemaVersion": 1, "cluster": {"name": "other"}})),
        ("raw/newer.json", json!({"schemaVersion": 3})),
        ("raw/sg.json", json!({"SecurityGroups": [], "NextToken": "t"})),
        (
            "raw/mixed.json",
            json!([{"nodegroup": {"nodegroupName": "n", "clusterName": "prod"}}, 7, {"message": "no"}]),
        ),
    ]);
    write(dir.path(), "raw/empty.json", "");
    let (snapshot, err) = imported(&dir);
    assert_snapshot!(format!("{}\n--- stderr\n{err}", snapshot["notCollected"]));
}

#[test]
fn a_broken_file_is_an_error_and_the_others_are_imported_all_the_same() {
    let dir = folder(&prod());
    write(dir.path(), "raw/broken.json", "{\"Subnets\": [\n  oops\n");
    fs::write(dir.path().join("raw/latin.json"), b"{\"\xE9\": 1}").expect("a file");
    // What two commands printed into one file, of which one line is broken.
    write(
        dir.path(),
        "raw/more.json",
        "{\"Volumes\": []}\noops\n{\"Images\": [],\n\"Images\": []}\n{\"FlowLogs\": []}\n",
    );
    let (code, _, err) = ekslint(dir.path(), &["snapshot", "import", "raw", "-o", "prod.json"]);
    assert_eq!(code, 2);
    assert_snapshot!(err, @r"
    error: raw/broken.json:2:3: is not JSON: expected value
    error: raw/latin.json:1:3: is neither UTF-8 text nor UTF-16 with a byte order mark; the AWS CLI writes UTF-8
    error: raw/more.json:2:1: is not JSON: expected value
    error: raw/more.json:4:1: has `Images` twice, at 3:2 and here: remove the one that is wrong
    ");
    let text = fs::read_to_string(dir.path().join("prod.json")).expect("written");
    assert!(text.contains("\"workers\""));
}

#[test]
fn nothing_to_import_is_an_error_and_writes_nothing() {
    let dir = folder(&[
        ("raw/package.json", json!({"name": "x"})),
        ("raw/subnets.json", json!({"Subnets": [{"SubnetId": "s", "VpcId": "v"}]})),
        ("file.json", json!({})),
    ]);
    fs::create_dir(dir.path().join("bare")).expect("a folder");
    let mut said = String::new();
    for path in ["raw", "bare", "file.json", "nowhere"] {
        let (code, out, err) = ekslint(dir.path(), &["snapshot", "import", path, "-o", "out.json"]);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        said.push_str(&err);
    }
    assert!(!dir.path().join("out.json").exists());
    assert_snapshot!(said);
}

#[test]
fn an_input_is_never_overwritten() {
    let dir = folder(&prod());
    let before = fs::read_to_string(dir.path().join("raw/nat.json")).expect("there");
    let (code, _, err) = ekslint(dir.path(), &["snapshot", "import", "raw", "-o", "./raw/../raw/nat.json"]);
    assert_eq!(code, 2);
    assert_snapshot!(err, @"error: ./raw/../raw/nat.json is one of the files to import; write outside of raw, or remove it first");
    assert_eq!(fs::read_to_string(dir.path().join("raw/nat.json")).expect("there"), before);
    // Any other file may be there already.
    write(dir.path(), "prod.json", "old");
    assert_eq!(ekslint(dir.path(), &["snapshot", "import", "raw", "-o", "prod.json"]).0, 0);
    assert!(
        fs::read_to_string(dir.path().join("prod.json"))
            .expect("there")
            .starts_with("{\n  \"schemaVersion\": 1,")
    );
}

#[test]
fn files_that_git_ignores_are_imported() {
    let dir = folder(&[("raw/c.json", cluster("prod", "us-west-2", "vpc-1"))]);
    write(dir.path(), ".gitignore", "*.json\n");
    write(dir.path(), "raw/.gitignore", "*\n");
    assert_eq!(imported(&dir).0["cluster"]["name"], "prod");
}

#[test]
fn clusters_as_eksctl_prints_them_get_the_names_of_the_api() {
    let dir = folder(&[
        (
            "raw/eksctl.json",
            json!([{
        "Name": "prod", "Arn": "arn:aws:eks:us-west-2:111122223333:cluster/prod", "CertificateAuthority": {"Data": "SECRET"},
        "ResourcesVpcConfig": {"VpcId": "vpc-1", "PublicAccessCidrs": null}, "Tags": {"Name": "x"}, "Version": null}]),
        ),
        ("raw/subnets.json", json!({"Subnets": [{"SubnetId": "s", "VpcId": "vpc-1"}]})),
    ]);
    let (snapshot, _) = imported(&dir);
    let want = json!({"name": "prod", "arn": "arn:aws:eks:us-west-2:111122223333:cluster/prod",
        "resourcesVpcConfig": {"vpcId": "vpc-1", "publicAccessCidrs": null}, "tags": {"Name": "x"}, "version": null});
    assert_eq!(snapshot["cluster"], want);
    assert_eq!(snapshot["subnets"][0]["SubnetId"], "s");
}

#[test]
fn lists_and_descriptions_of_iam_meet_by_arn() {
    let role = "arn:aws:iam::111122223333:role/prod-cluster";
    let provider = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/prod";
    let pods = json!({"Statement": [{"Principal": {"Federated": provider}}]});
    let dir = folder(&[
        ("raw/c.json", cluster("prod", "us-west-2", "vpc-1")),
        (
            "raw/roles.json",
            json!({"Roles": [
            {"RoleName": "prod-cluster", "Arn": role, "Path": "/"},
            {"RoleName": "pods", "Arn": "arn:aws:iam::111122223333:role/pods", "AssumeRolePolicyDocument": pods},
            {"RoleName": "unrelated", "Arn": "arn:aws:iam::111122223333:role/unrelated"}]}),
        ),
        (
            "raw/role.json",
            json!({"Role": {"RoleName": "prod-cluster", "Arn": role, "RoleLastUsed": {}, "PermissionsBoundary": {}}}),
        ),
        ("raw/prod-cluster/list-role-policies.json", json!({"PolicyNames": ["a", "b"]})),
        ("raw/inline.json", json!({"RoleName": "prod-cluster", "PolicyName": "a", "PolicyDocument": {}})),
        (
            "raw/oidc.json",
            json!({"OpenIDConnectProviderList": [{"Arn": provider}, {"Arn": "arn:aws:iam::111122223333:oidc-provider/other"}]}),
        ),
        (
            "raw/provider.json",
            json!({"Url": "oidc.eks.us-west-2.amazonaws.com/id/prod", "ThumbprintList": []}),
        ),
    ]);
    let (snapshot, err) = imported(&dir);
    assert_eq!(err, "");
    assert_snapshot!(
        serde_json::to_string_pretty(&json!([
            snapshot["roles"],
            snapshot["openIDConnectProviders"],
            snapshot["notCollected"]
        ]))
        .expect("JSON")
    );
}

#[test]
fn updates_are_told_from_changes_by_the_name_of_the_file() {
    let update = json!({"update": {"id": "1", "type": "VersionUpdate", "status": "Successful"}});
    let dir = folder(&[
        ("raw/c.json", cluster("prod", "us-west-2", "vpc-1")),
        ("raw/describe-update.1.json", update.clone()),
    ]);
    assert_eq!(imported(&dir).0["updates"][0], update["update"]);
}

const KEYS: [&str; 26] = [
    "name",
    "Name",
    "arn",
    "Arn",
    "clusterName",
    "ClusterName",
    "nodegroupName",
    "nodegroupArn",
    "addonName",
    "principalArn",
    "associationArn",
    "RoleName",
    "PolicyName",
    "VpcId",
    "SubnetId",
    "GroupId",
    "PrefixListId",
    "LaunchTemplateId",
    "VersionNumber",
    "Url",
    "Instances",
    "Attachments",
    "Value",
    "schemaVersion",
    "NextToken",
    "oidc",
];
const TEXTS: [&str; 10] = [
    "prod",
    "vpc-1",
    "",
    "%7B%7D",
    "arn:aws:eks:us-west-2:111122223333:cluster/prod",
    "arn:aws:eks:eu-west-1:111122223333:nodegroup/prod/a/1",
    "arn:aws:iam::111122223333:role/prod",
    "arn:::::",
    "x",
    "가",
];

/// AWS answers a participant of a shared VPC with empty lists about what is the owner's.
#[test]
fn what_the_owner_of_a_shared_vpc_alone_sees_is_not_collected() {
    let owner = "444455556666";
    let dir = folder(&[
        ("raw/cluster.json", cluster("prod", "us-west-2", "vpc-1")),
        ("raw/vpcs.json", json!({"Vpcs": [{"VpcId": "vpc-1", "OwnerId": owner, "Tags": []}]})),
        (
            "raw/subnets.json",
            json!({"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "OwnerId": owner, "Tags": []}]}),
        ),
        ("raw/nat.json", json!({"NatGateways": []})),
        ("raw/endpoints.json", json!({"VpcEndpoints": [{"VpcEndpointId": "vpce-1", "VpcId": "vpc-1"}]})),
    ]);
    let (snapshot, _) = imported(&dir);
    let entries = snapshot["notCollected"].as_array().expect("a list").iter();
    let shared: BTreeSet<_> = entries
        .filter(|entry| entry["kind"] == "sharedVpc")
        .filter_map(|entry| entry["at"].as_str())
        .collect();
    let hidden = [
        "/egressOnlyInternetGateways",
        "/flowLogs",
        "/natGateways",
        "/subnets/0/Tags",
        "/vpc/Tags",
        "/vpcEndpoints",
        "/vpcPeeringConnections",
    ];
    assert_eq!(shared, BTreeSet::from(hidden));
    assert_eq!(snapshot.get("natGateways"), None);
    assert_eq!(snapshot["vpcEndpoints"].as_array().map(Vec::len), Some(1), "the participant's own are kept");
    assert!(snapshot["vpc"].get("Tags").is_none() && snapshot["subnets"][0].get("Tags").is_none());
}

/// A rule that needs them is not evaluated, whichever way the lists came.
#[test]
fn an_empty_list_of_a_shared_vpc_is_no_finding() {
    let owned = |owner: &str| {
        let mut snapshot = cluster("prod", "us-west-2", "vpc-1");
        snapshot["cluster"]["resourcesVpcConfig"]["subnetIds"] = json!(["subnet-1"]);
        snapshot["Vpcs"] = json!([{"VpcId": "vpc-1", "OwnerId": owner}]);
        snapshot["FlowLogs"] = json!([]);
        snapshot
    };
    for (owner, findings) in [(ACCOUNT, 1), ("444455556666", 0)] {
        let dir = folder(&[("prod.json", owned(owner)), ("raw/all.json", owned(owner))]);
        let (code, _, err) = ekslint(dir.path(), &["snapshot", "import", "raw", "-o", "imported.json"]);
        assert_eq!(code, 0, "{err}");
        for file in ["prod.json", "imported.json"] {
            let args = ["scan", file, "--select", "flow-logs-disabled", "--format", "json", "--exit-zero"];
            let (_, out, err) = ekslint(dir.path(), &args);
            let report: Value = serde_json::from_str(&out).expect(&err);
            assert_eq!(report["findings"].as_array().map(Vec::len), Some(findings), "{file} of {owner}");
            assert_eq!(report["summary"]["notEvaluated"], 1 - findings, "{file} of {owner}");
        }
    }
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => prop::sample::select(&TEXTS[..]).prop_map(Value::from),
        1 => prop::sample::select(vec![json!(null), json!(true), json!(1), json!(-7), json!(0.5)]),
    ]
}

fn object(
    key: impl Strategy<Value = String>,
    value: impl Strategy<Value = Value>,
) -> impl Strategy<Value = Value> {
    prop::collection::vec((key, value), 0..8).prop_map(|fields| Value::Object(fields.into_iter().collect()))
}

/// Any JSON, with the names that answers have.
fn anything() -> impl Strategy<Value = Value> {
    let key = || {
        prop_oneof![
            3 => (0..ENVELOPES.len()).prop_map(|at| ENVELOPES[at].field.to_owned()),
            3 => prop::sample::select(&KEYS[..]).prop_map(str::to_owned),
            1 => ".{0,3}",
        ]
    };
    scalar().prop_recursive(5, 64, 5, move |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => object(key(), inner),
        ]
    })
}

/// JSON that has the form of an answer: resources below a field that the AWS CLI prints.
fn answer() -> impl Strategy<Value = Value> {
    let field = (0..ENVELOPES.len()).prop_map(|at| ENVELOPES[at].field);
    let resource = object(
        prop::sample::select(&KEYS[..]).prop_map(str::to_owned),
        prop_oneof![4 => scalar(), 1 => anything()],
    );
    let resources =
        prop_oneof![prop::collection::vec(resource.boxed(), 0..4), prop::collection::vec(scalar(), 0..4),];
    let rest = object(prop::sample::select(&KEYS[..]).prop_map(str::to_owned), scalar());
    (field, resources, any::<bool>(), rest).prop_map(|(field, resources, list, mut rest)| {
        let one = resources.first().cloned();
        rest[field] = if list { resources.into() } else { one.into() };
        rest
    })
}

fn answers() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => answer(),
        1 => anything(),
        1 => Just(cluster("prod", "us-west-2", "vpc-1")),
        1 => Just(nodegroup("prod", "eu-west-1", "workers")),
    ]
}

fn path() -> impl Strategy<Value = String> {
    let name =
        prop::sample::select(&["prod", "list-nodegroups", "vpc-1", "us-west-2", "x.", ".prod", "가", ""][..]);
    prop::collection::vec(name, 1..4).prop_map(|names| names.join("/") + ".json")
}

proptest! {
    #[test]
    fn whatever_is_imported_can_be_scanned(files in prop::collection::vec((path(), answers()), 0..6), junk in ".{0,20}") {
        let mut texts: Vec<_> = files
            .into_iter()
            .map(|(path, value)| ImportFile { name: path.clone(), path, text: value.to_string() })
            .collect();
        texts.push(ImportFile { name: "junk".to_owned(), path: "junk".to_owned(), text: junk });
        let arena = Bump::new();
        let import = import(&texts, &arena);
        for snapshot in import.snapshots {
            let (text, arena) = (snapshot.to_string(), Bump::new());
            let root = Json::parse(&text, &arena).expect("JSON");
            let read = Snapshot::read(root, &arena);
            prop_assert!(read.as_ref().is_ok_and(|snapshots| snapshots.len() == 1), "{text}: {read:?}");
        }
    }
}
