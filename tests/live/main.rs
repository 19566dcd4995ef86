//! Live scans, by the real binary, of an account on a third-party AWS server.

mod access;
#[path = "../integration/support/moto.rs"]
mod moto;
#[path = "../integration/support/python.rs"]
mod python;

use access::{ACCOUNT, AS_OF, Access, PARTNER, bare, output, url};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

const REGION: [&str; 2] = ["--region", "ap-northeast-2"];
const JSON: [&str; 2] = ["--format", "json"];

/// Exit code, standard output and standard error.
struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn of(mut command: assert_cmd::Command) -> Self {
        let output = command.timeout(Duration::from_secs(120)).output().expect("the binary runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }
}

fn run(access: &Access, arguments: &[&[&str]]) -> Ran {
    Ran::of(access.ekslint(&arguments.concat()))
}

/// The JSON report of a live scan by all rules.
fn report(access: &Access, arguments: &[&str]) -> Value {
    run(access, &[&["scan", "--level", "all"], arguments, &JSON, &AS_OF]).json()
}

/// What tells the findings of a report apart, with the rule of each.
fn findings(report: &Value) -> BTreeMap<String, String> {
    let finding = |finding: &Value| (text(&finding["fingerprint"]), text(&finding["rule"]));
    report["findings"].as_array().expect("findings").iter().map(finding).collect()
}

fn not_evaluated(report: &Value) -> BTreeSet<String> {
    let groups = report["notEvaluated"].as_array().expect("groups");
    groups.iter().flat_map(|group| group["rules"].as_array().expect("rules")).map(text).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The snapshots of a folder, by path.
fn snapshots(folder: &Path) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for entry in ignore::Walk::new(folder).filter_map(Result::ok).filter(|entry| entry.path().is_file()) {
        let name = entry.path().strip_prefix(folder).expect("below").to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(entry.path()).expect("UTF-8");
        found.insert(name, serde_json::from_str(&text).expect("JSON"));
    }
    found
}

fn snapshot(access: &Access, arguments: &[&str]) -> (TempDir, BTreeMap<String, Value>) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().to_string_lossy().into_owned();
    let ran = run(access, &[&["snapshot", "-o", &path], arguments]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let found = snapshots(folder.path());
    (folder, found)
}

fn of<'s>(snapshots: &'s BTreeMap<String, Value>, cluster: &str) -> &'s Value {
    let name = format!("/{cluster}.json");
    snapshots
        .iter()
        .find(|(path, _)| path.ends_with(&name))
        .map(|(_, value)| value)
        .expect("the cluster's snapshot")
}

#[test]
fn a_saved_snapshot_is_judged_as_the_live_cluster() {
    let access = Access::new("AKIDROUNDTRIP");
    let regions = ["--region", "ap-northeast-2,us-east-1"];
    let live = run(&access, &[&["scan", "--level", "all"], &regions, &JSON, &AS_OF]);
    let (folder, found) = snapshot(&access, &regions);
    assert_eq!(found.len(), 16);
    let folder = folder.path().to_string_lossy().into_owned();
    let saved = run(&access, &[&["scan", "--level", "all", &folder], &JSON, &AS_OF]);
    let mut expected = live.stdout.clone();
    for region in ["ap-northeast-2", "us-east-1"] {
        let (live, saved) = (format!("aws/{ACCOUNT}/{region}/eks/"), format!("{folder}/{ACCOUNT}/{region}/"));
        expected = expected.replace(&live, &saved);
    }
    assert!(live.json()["findings"].as_array().is_some_and(|findings| findings.len() > 30));
    assert_eq!(saved.stdout, expected);
    assert_eq!(saved.code, live.code);
}

#[test]
fn saved_on_the_way_findings_point_into_the_files() {
    let access = Access::new("AKIDSAVE");
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().to_string_lossy().into_owned();
    let report = report(&access, &["--region", "us-east-1", "--save-snapshots", &path]);
    let finding = &report["findings"][0];
    let file = text(&finding["location"]["file"]);
    assert!(file.starts_with(&path), "{file}");
    let lines = fs::read_to_string(&file).expect("the file is there");
    let line = finding["location"]["startLine"].as_u64().expect("a line") as usize;
    let pointer = text(&finding["location"]["pointer"]);
    let key = pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default();
    assert!(lines.lines().take(line).any(|line| line.contains(key)), "{pointer} at {line}");
}

#[test]
fn the_policy_allows_exactly_the_calls_that_are_made() {
    let access = Access::new("AKIDPOLICY");
    let ran = run(&access, &[&["scan", "--all-regions", "--exit-zero", "--quiet"], &JSON]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let policy = run(&access, &[&["permissions"]]).json();
    let actions = |statement: &Value| statement["Action"].as_array().cloned().unwrap_or_default();
    let allowed: BTreeSet<_> = policy["Statement"]
        .as_array()
        .expect("statements")
        .iter()
        .flat_map(actions)
        .map(|action| text(&action))
        .collect();
    let mut made = access.operations();
    // Who one is needs no permission.
    assert!(made.remove("sts:GetCallerIdentity"));
    assert_eq!(made, allowed);
    let reads =
        |action: &String| ["List", "Describe", "Get"].iter().any(|verb| action.contains(&format!(":{verb}")));
    assert!(made.iter().all(reads), "{made:?}");
    for (format, start) in [("terraform", "data \"aws_iam_policy_document\""), ("cloudformation", "{")] {
        let text = run(&access, &[&["permissions", "--format", format]]).stdout;
        assert!(
            text.starts_with(start) && allowed.iter().all(|action| text.contains(&format!("\"{action}\"")))
        );
    }
}

/// One refused call costs the rules that need it, and nothing else.
#[test]
fn whatever_is_refused_nothing_passes_for_it() {
    let access = Access::new("AKIDREFUSED");
    let cluster = ["--region", "ap-northeast-2", "--cluster", "office", "--strict"];
    let whole = report(&access, &cluster);
    let (all, unknown) = (findings(&whole), not_evaluated(&whole));
    let mut operations = access.operations();
    operations.remove("sts:GetCallerIdentity");
    assert!(operations.len() > 50, "{operations:?}");
    for action in operations {
        access.reset();
        let (service, operation) = action.split_once(':').expect("service:operation");
        access.faults(json!([{ "kind": "error", "service": service, "operation": operation }]));
        let ran = run(&access, &[&["scan", "--level", "all"], &cluster, &JSON, &AS_OF]);
        let report = ran.json();
        let left = findings(&report);
        assert!(left.keys().all(|finding| all.contains_key(finding)), "{action} brings findings");
        let evaluated = not_evaluated(&report);
        for (finding, rule) in all.iter().filter(|(finding, _)| !left.contains_key(*finding)) {
            assert!(evaluated.contains(rule), "{action}: {rule} loses {finding} in silence");
        }
        let brought: Vec<_> = unknown.difference(&evaluated).collect();
        assert!(brought.is_empty(), "{action} brings answers of {brought:?}");
        let missing = report["missingPermissions"].as_array().expect("a list");
        assert!(missing.iter().any(|missing| missing["action"] == action.as_str()), "{action}: {missing:?}");
        assert_eq!(
            (ran.code, &report["summary"]["complete"]),
            (3, &json!(false)),
            "{action}: {}",
            ran.stderr
        );
    }
}

/// Where other tools turn failures of the other clusters into passes.
#[test]
fn a_cluster_that_cannot_be_described_costs_the_others_nothing() {
    let access = Access::new("AKIDONEOFMANY");
    let whole = report(&access, &REGION);
    access.faults(json!([{ "kind": "error", "operation": "DescribeCluster", "match": "forgotten" }]));
    let part = report(&access, &REGION);
    let name = |finding: &Value| text(&finding["cluster"]["name"]);
    let others = |report: &Value| -> Vec<Value> {
        let findings = report["findings"].as_array().expect("findings");
        findings.iter().filter(|finding| name(finding) != "forgotten").cloned().collect()
    };
    let without_place = |mut finding: Value| {
        finding["location"] = Value::Null;
        finding["related"] = Value::Null;
        finding
    };
    let strip = |findings: Vec<Value>| findings.into_iter().map(without_place).collect::<Vec<_>>();
    assert_eq!(strip(others(&part)), strip(others(&whole)));
    assert_eq!(part["summary"]["clusters"], whole["summary"]["clusters"]);
    let arn = format!("arn:aws:eks:ap-northeast-2:{ACCOUNT}:cluster/forgotten");
    let groups = part["notEvaluated"].as_array().expect("groups");
    let about = |group: &&Value| group["clusters"].as_array().is_some_and(|list| list.contains(&json!(arn)));
    let unknown: BTreeSet<_> = groups
        .iter()
        .filter(about)
        .flat_map(|group| group["rules"].as_array().expect("rules"))
        .map(text)
        .collect();
    for rule in [
        "endpoint-open-to-internet",
        "version-unsupported",
        "audit-logging-disabled",
        "secrets-encryption-disabled",
    ] {
        assert!(unknown.contains(rule), "{rule} is not told as not evaluated: {unknown:?}");
    }
}

#[test]
fn one_refused_description_does_not_cost_the_section() {
    let access = Access::new("AKIDONEITEM");
    access.faults(json!([
        { "kind": "error", "operation": "DescribeAddon", "match": "/office/addons/coredns" },
        { "kind": "error", "operation": "GetRole", "match": "office-cluster" },
        { "kind": "error", "operation": "GetRolePolicy" },
    ]));
    let (_folder, found) = snapshot(&access, &["--region", "ap-northeast-2", "--cluster", "office"]);
    let office = of(&found, "office");
    let entries = office["notCollected"].as_array().expect("a list");
    let at = |index: &str| {
        entries.iter().find(|entry| text(&entry["at"]).starts_with(index)).cloned().unwrap_or_default()
    };
    let position = |section: &str, field: &str, value: &str| {
        let items = office[section].as_array().expect("a section");
        items.iter().position(|item| item[field] == value).expect("the item")
    };
    let addon = at("/addons/");
    assert_eq!(addon["at"], format!("/addons/{}", position("addons", "addonName", "coredns")));
    assert_eq!((&addon["kind"], &addon["action"]), (&json!("denied"), &json!("eks:DescribeAddon")));
    assert!(office["addons"].as_array().is_some_and(|addons| addons.len() > 4));
    assert!(entries.iter().any(|entry| text(&entry["at"]).ends_with("/InlinePolicies")), "{entries:?}");
    assert!(entries.iter().any(|entry| entry["action"] == "iam:GetRole"), "{entries:?}");
    assert!(!entries.iter().any(|entry| entry["reason"].to_string().contains(ACCOUNT)), "{entries:?}");
}

#[test]
fn what_fails_for_a_moment_fails_not_at_all() {
    let access = Access::new("AKIDTHROTTLED");
    let region = ["--region", "us-east-1"];
    let whole = report(&access, &region);
    let throttled = |service: &str, operation: &str, code: &str, status: u32| json!({ "kind": "error", "service": service, "operation": operation, "code": code, "status": status, "times": 2 });
    access.faults(json!([
        throttled("eks", "DescribeCluster", "ThrottlingException", 429),
        throttled("ec2", "DescribeSubnets", "RequestLimitExceeded", 503),
        throttled("iam", "GetRole", "Throttling", 400),
        // The first call, which gives up sooner when it fails otherwise.
        throttled("sts", "GetCallerIdentity", "Throttling", 400),
        { "kind": "reset", "operation": "ListAddons", "times": 1 },
        { "kind": "html", "operation": "ListNodegroups", "times": 1 },
    ]));
    assert_eq!(report(&access, &region), whole);
}

#[test]
fn what_fails_for_good_costs_what_needs_it_and_nothing_else() {
    let access = Access::new("AKIDBROKEN");
    let cluster = ["--region", "ap-northeast-2", "--cluster", "office", "--strict"];
    let hurry = ["--max-attempts", "2", "--call-timeout", "3s"];
    let whole = report(&access, &cluster);
    let all = findings(&whole);
    let operations = ["DescribeNodegroup", "DescribeSubnets", "ListAttachedRolePolicies"];
    for kind in ["malformed", "truncated", "html", "hang", "reset", "error"] {
        for operation in operations {
            access.reset();
            let (code, status) = ("InternalFailure", 500);
            access.faults(json!([{ "kind": kind, "operation": operation, "code": code, "status": status }]));
            let ran = run(&access, &[&["scan", "--level", "all"], &cluster, &hurry, &JSON, &AS_OF]);
            let report = ran.json();
            let left = findings(&report);
            let unknown = not_evaluated(&report);
            assert!(left.keys().all(|finding| all.contains_key(finding)), "{kind} {operation}");
            for (_, rule) in all.iter().filter(|(finding, _)| !left.contains_key(*finding)) {
                assert!(unknown.contains(rule), "{kind} {operation}: {rule} passes in silence");
            }
            assert_eq!(ran.code, 3, "{kind} {operation}: {}", ran.stderr);
        }
    }
}

/// Whether it is gone when it is described, or only when its parts are listed.
#[test]
fn a_deleted_cluster_is_dropped_with_a_note() {
    let access = Access::new("AKIDDELETED");
    let gone = |operation: &str, skip: u32| {
        json!({
            "kind": "error", "operation": operation, "match": "batch", "skip": skip,
            "code": "ResourceNotFoundException", "message": "No cluster found for name: batch.", "status": 404,
        })
    };
    for described in [0, 1] {
        access.reset();
        access.faults(json!([
            gone("DescribeCluster", described),
            gone("ListNodegroups", 0),
            gone("ListAddons", 0)
        ]));
        let scan = ["scan", "--region", "us-east-1", "--exit-zero", "--strict"];
        let ran = run(&access, &[&scan, &JSON, &AS_OF]);
        assert_eq!((ran.code, &ran.json()["summary"]["clusters"]), (0, &json!(2)), "{}", ran.stderr);
        assert!(ran.stderr.contains("the cluster batch was deleted while it was read"), "{}", ran.stderr);
    }
}

#[test]
fn what_does_not_work_at_all_is_said_with_the_way_out() {
    let ran = |key: &str, arguments: &[&str]| {
        let ran = run(&Access::new(key), &[&["scan", "--quiet"], arguments]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        ran.stderr.trim().to_owned()
    };
    let none = Ran::of({
        let mut command = bare();
        command.args(["scan", "--quiet", "--region", "eu-west-1"]);
        command
    });
    assert_eq!(none.code, 2);
    let unknown_profile = Ran::of({
        let mut command = bare();
        command.args(["scan", "--quiet", "--region", "eu-west-1", "--aws-profile", "nobody"]);
        command
    });
    let role = format!("arn:aws:iam::{PARTNER}:role/nobody");
    let messages = [
        ran("EXPIREDKEY", &["--region", "us-east-1"]),
        ran("INVALIDKEY", &["--region", "us-east-1"]),
        ran("NOEKSKEY", &["--region", "us-east-1"]),
        ran("AKIDOFF", &["--region", "me-south-1"]),
        ran("AKIDNOREGION", &["--cluster", "office"]),
        ran("AKIDTYPO", &["--region", "us-east-1", "--cluster", "storefron"]),
        ran("AKIDGLOB", &["--region", "us-east-1", "--cluster", "a["]),
        ran("AKIDROLE", &["--region", "us-east-1", "--assume-role", &role]),
        none.stderr.trim().to_owned(),
        unknown_profile.stderr.trim().to_owned(),
    ];
    insta::assert_snapshot!(messages.join("\n\n"));
}

#[test]
fn names_of_regions_are_looked_at_before_aws_is() {
    let mut command = bare();
    command.args(["scan", "--quiet", "--region", "ap-northeast2"]);
    let ran = Ran::of(command);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("Did you mean ap-northeast-2?"), "{}", ran.stderr);
}

#[test]
fn a_region_without_clusters_is_no_error() {
    let ran = run(&Access::new("AKIDEMPTY"), &[&["scan", "--region", "eu-west-1"]]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("eu-west-1 of the account 111122223333 has no clusters"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "0 clusters in eu-west-1\n");
}

#[test]
fn credentials_that_expire_on_the_way_are_said() {
    let access = Access::new("AKIDMIDWAY");
    access.faults(json!([{
        "kind": "error", "service": "iam", "code": "ExpiredToken", "message": "The security token is expired", "status": 403,
    }]));
    let ran = run(&access, &[&["scan", "--region", "us-east-1", "--exit-zero"], &JSON]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("the credentials stopped working during the scan"), "{}", ran.stderr);
    assert_eq!(ran.json()["summary"]["complete"], false);
}

#[test]
fn some_clusters_are_chosen_by_name_or_glob() {
    let access = Access::new("AKIDCHOSEN");
    let (_folder, found) =
        snapshot(&access, &["--region", "ap-northeast-2", "--cluster", "twin-*", "--cluster", "open"]);
    let names: Vec<_> = found.keys().map(|path| path.rsplit('/').next().unwrap_or_default()).collect();
    assert_eq!(names, ["open.json", "twin-a.json", "twin-b.json"]);
    let described = access.calls().iter().filter(|call| call["operation"] == "DescribeCluster").count();
    assert_eq!(described, 3);
    let twin = of(&found, "twin-a");
    let entry = twin["notCollected"]
        .as_array()
        .and_then(|list| list.iter().find(|entry| entry["at"] == "/regionClusters"));
    assert_eq!(entry.map(|entry| &entry["kind"]), Some(&json!("notRequested")));
    let asked = access.calls().iter().filter(|call| call["operation"] == "GetRole").count();
    let roles = |cluster| of(&found, cluster)["roles"].as_array().map_or(0, Vec::len);
    assert!(asked < roles("twin-a") + roles("twin-b") + roles("open"), "shared roles are read once");
}

#[test]
fn a_role_leads_to_another_account() {
    let access = Access::new("AKIDASSUME");
    let role = format!("arn:aws:iam::{PARTNER}:role/ekslint-read");
    let (_folder, found) = snapshot(&access, &["--region", "ap-northeast-2", "--assume-role", &role]);
    let paths: Vec<_> = found.keys().collect();
    assert_eq!(
        paths,
        ["444455556666/ap-northeast-2/partner-api.json", "444455556666/ap-northeast-2/partner-batch.json"]
    );
    assert_eq!(of(&found, "partner-api")["account"], PARTNER);
}

#[test]
fn profiles_name_credentials_and_regions() {
    let folder = TempDir::new().expect("a folder");
    let config = folder.path().join("config");
    let profile = |name: &str, key: &str| {
        format!(
            "[profile {name}]\nregion = us-east-1\naws_access_key_id = {key}\naws_secret_access_key = s\n"
        )
    };
    fs::write(&config, profile("one", "AKIDPROFILEONE") + &profile("two", "AKIDPROFILETWO"))
        .expect("written");
    // Credentials in the environment do not count where a profile is named.
    let access = Access::new("EXPIREDENVIRONMENT");
    let mut command = access.ekslint(&["snapshot", "--aws-profile", "one,two", "-o", "-"]);
    command.env("AWS_CONFIG_FILE", &config);
    let ran = Ran::of(command);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.stdout.lines().count(), 3, "two profiles of one account are read once");
    assert!(ran.stderr.contains("asked for twice"), "{}", ran.stderr);
    let used = Access::new("AKIDPROFILEONE").calls().len() + Access::new("AKIDPROFILETWO").calls().len();
    assert!(used > 20 && access.calls().is_empty());
}

#[test]
fn snapshots_hold_no_secrets_and_all_else() {
    let access = Access::new("AKIDSECRETS");
    let (folder, found) = snapshot(&access, &REGION);
    for (path, snapshot) in &found {
        let text = snapshot.to_string();
        for secret in
            ["certificateAuthority", "clientRequestToken", "\"UserData\"", "wJalrXUtnFEMI", "activationCode"]
        {
            assert!(!text.contains(secret), "{path}: {secret}");
        }
    }
    let office = of(&found, "office");
    let facts = office["launchTemplateVersions"].as_array().expect("versions").iter();
    let patterns: Vec<_> =
        facts.map(|version| &version["LaunchTemplateData"]["UserDataFacts"]["secretPatterns"]).collect();
    assert!(patterns.iter().any(|found| found.to_string().contains("aws-secret-access-key")), "{patterns:?}");
    // What no API model knows yet reaches the snapshot, and what the API left out stays out.
    assert_eq!(of(&found, "auto-mode")["cluster"]["futureField"]["enabled"], true);
    assert!(of(&found, "connected")["cluster"].get("resourcesVpcConfig").is_none());
    let path = folder.path().to_string_lossy().into_owned();
    fs::write(folder.path().join(ACCOUNT).join("ap-northeast-2").join("gone.json"), "{}").expect("written");
    let again = run(&access, &[&["snapshot", "-o", &path], &REGION]);
    assert!(again.stderr.contains("gone.json is of a cluster that is no longer there"), "{}", again.stderr);
    assert!(
        again.stderr.contains("0 snapshots written") && again.stderr.contains("13 unchanged"),
        "{}",
        again.stderr
    );
}

/// Everything that the AWS CLI prints of a resource stands in the snapshot, under its name and with
/// its value: the two read the same XML, each in its own way.
#[test]
fn resources_are_what_the_aws_cli_prints() {
    let cli = output(&["tests/moto/as_the_cli.py", url(), "ap-northeast-2"]);
    let cli: Value = serde_json::from_str(&cli).expect("JSON");
    let (_folder, found) = snapshot(&Access::new("AKIDCLI"), &REGION);
    let mut compared = BTreeMap::new();
    for (path, snapshot) in found.iter().filter(|(path, _)| !path.ends_with("shared-vpc.json")) {
        for (section, printed) in cli.as_object().expect("sections") {
            let Some(section_items) = snapshot.get(section) else { continue };
            let items = section_items.as_array().cloned().unwrap_or_else(|| vec![section_items.clone()]);
            for item in items.iter().filter(|item| !is_foreign(item)) {
                let printed = printed.as_array().expect("a list").iter().find(|other| is_same(item, other));
                let printed = printed.unwrap_or_else(|| panic!("{path}: the AWS CLI knows no {item}"));
                assert_contains(item, printed, &format!("{path}/{section}"));
                *compared.entry(section.clone()).or_insert(0) += 1;
            }
        }
    }
    assert_eq!(compared.len(), cli.as_object().map_or(0, serde_json::Map::len), "{compared:?}");
}

fn is_foreign(item: &Value) -> bool {
    item["Arn"].as_str().is_some_and(|arn| arn.contains(PARTNER))
}

/// Whether two descriptions are of one resource.
fn is_same(a: &Value, b: &Value) -> bool {
    let versions = a.get("VersionNumber").is_none() || a["VersionNumber"] == b["VersionNumber"];
    let ids = [
        "InstanceId",
        "VolumeId",
        "FlowLogId",
        "VpcEndpointId",
        "NetworkInterfaceId",
        "NetworkAclId",
        "GroupId",
        "NatGatewayId",
        "VpcPeeringConnectionId",
        "EgressOnlyInternetGatewayId",
        "InternetGatewayId",
        "RouteTableId",
        "SubnetId",
        "LaunchTemplateId",
        "ImageId",
        "Arn",
        "VpcId",
        "DhcpOptionsId",
    ];
    let id = ids.iter().find(|id| a.get(**id).is_some() && b.get(**id).is_some());
    versions && id.is_some_and(|id| a[*id] == b[*id])
}

/// Holds that an item has all that was printed of it, but for secrets.
fn assert_contains(item: &Value, printed: &Value, at: &str) {
    match (item, printed) {
        (Value::Object(item), Value::Object(printed)) => {
            for (name, value) in
                printed.iter().filter(|(name, _)| !["UserData", "ClientToken"].contains(&name.as_str()))
            {
                let own = item.get(name).unwrap_or_else(|| panic!("{at} lacks {name}: {value}"));
                assert_contains(own, value, &format!("{at}/{name}"));
            }
        }
        (Value::Array(item), Value::Array(printed)) if at.ends_with("/Tags") => {
            assert_eq!(item.len(), printed.len(), "{at}");
            assert!(printed.iter().all(|tag| item.contains(tag)), "{at}");
        }
        (Value::Array(item), Value::Array(printed)) => {
            assert_eq!(item.len(), printed.len(), "{at}");
            item.iter().zip(printed).for_each(|(item, printed)| assert_contains(item, printed, at));
        }
        _ => assert_eq!(item, printed, "{at}"),
    }
}

#[test]
fn what_only_the_owner_of_a_vpc_sees_is_unknown() {
    let access = Access::new("AKIDSHAREDVPC");
    let (_folder, found) = snapshot(&access, &["--region", "ap-northeast-2", "--cluster", "shared-vpc"]);
    let shared = of(&found, "shared-vpc");
    let entries = shared["notCollected"].as_array().expect("a list").iter();
    let at: BTreeSet<_> =
        entries.filter(|entry| entry["kind"] == "sharedVpc").map(|entry| text(&entry["at"])).collect();
    for section in
        ["natGateways", "egressOnlyInternetGateways", "vpcEndpoints", "flowLogs", "vpcPeeringConnections"]
    {
        assert!(at.contains(&format!("/{section}")) && shared.get(section).is_none(), "{section}");
    }
    assert!(at.contains("/vpc/Tags") && shared["vpc"].get("Tags").is_none());
}

#[test]
fn what_a_kind_of_cluster_does_not_have_is_not_missing() {
    let access = Access::new("AKIDKINDS");
    let clusters = [
        "--region",
        "ap-northeast-2",
        "--cluster",
        "config-map,outpost,connected",
        "--strict",
        "--exit-zero",
    ];
    let ran = run(&access, &[&["scan"], &clusters, &JSON, &AS_OF]);
    assert_eq!(ran.code, 0, "{}{}", ran.stderr, ran.stdout);
    assert_eq!(ran.json()["missingPermissions"], json!([]));
}

#[test]
fn lines_of_snapshots_can_be_piped_into_a_scan() {
    let access = Access::new("AKIDPIPE");
    let lines = run(&access, &[&["snapshot", "--region", "us-east-1", "-o", "-"]]);
    assert_eq!(lines.stdout.lines().count(), 3);
    let mut scan = access.ekslint(&["scan", "-", "--format", "json", "--exit-zero"]);
    scan.write_stdin(lines.stdout);
    assert_eq!(Ran::of(scan).json()["summary"]["clusters"], 3);
}

#[test]
fn files_and_live_clusters_stand_in_one_report() {
    let access = Access::new("AKIDBOTH");
    let report = report(&access, &["fixtures/study-lab.json", "--region", "us-east-1"]);
    assert_eq!(report["summary"]["clusters"], 4);
}

#[test]
fn account_ids_are_masked_everywhere() {
    let access = Access::new("AKIDMASK");
    for format in ["text", "concise", "json", "sarif"] {
        let ran = run(
            &access,
            &[&["scan", "--mask-account", "--level", "all", "--format", format], &REGION, &AS_OF],
        );
        let all = ran.stdout + &ran.stderr;
        assert!(!all.contains(ACCOUNT) && !all.contains(PARTNER), "{format}");
        assert!(all.contains("aws/xxxxxxxxxxxx/ap-northeast-2/eks/open.json"), "{format}");
    }
    let masked = report(&access, &["--region", "us-east-1", "--mask-account"]);
    let plain = report(&access, &["--region", "us-east-1"]);
    assert_eq!(findings(&masked).len(), findings(&plain).len());
    assert!(findings(&masked).keys().all(|fingerprint| !findings(&plain).contains_key(fingerprint)));
}

#[test]
fn sarif_of_a_live_scan_stands_at_a_stable_place() {
    let access = Access::new("AKIDSARIF");
    let ran = run(&access, &[&["scan", "--region", "us-east-1", "--format", "sarif"], &AS_OF]);
    let sarif = ran.json();
    let schema: Value = serde_json::from_str(include_str!("../schemas/sarif-2.1.0.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    assert!(validator.is_valid(&sarif));
    let run = &sarif["runs"][0];
    assert_eq!(run["automationDetails"]["id"], format!("ekslint/live/{ACCOUNT}/us-east-1/"));
    let result = &run["results"][0];
    let uri = text(&result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]);
    assert!(uri.starts_with(&format!("aws/{ACCOUNT}/us-east-1/eks/")) && uri.ends_with(".json"), "{uri}");
    let arn = text(&result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]);
    assert!(arn.starts_with("arn:aws:eks:us-east-1:"), "{arn}");
    assert!(text(&result["message"]["markdown"]).contains(&arn));
}

#[test]
fn permissions_are_tried_one_by_one() {
    let all = run(&Access::new("AKIDCHECK"), &[&["permissions", "--check", "--region", "us-east-1"]]);
    assert_eq!(all.code, 0, "{}{}", all.stdout, all.stderr);
    let none = run(&Access::new("NOEKSCHECK"), &[&["permissions", "--check", "--region", "us-east-1"]]);
    assert_eq!(none.code, 1);
    let missing = none.stdout.lines().filter_map(|line| line.strip_prefix("MISSING  "));
    assert!(
        missing.clone().count() > 20 && missing.clone().all(|action| action.starts_with("eks:")),
        "{}",
        none.stdout
    );
    let quiet =
        run(&Access::new("NOEKSCHECK"), &[&["permissions", "--check", "-q", "--region", "us-east-1"]]);
    assert_eq!((quiet.code, quiet.stdout.lines().count()), (1, missing.count()), "{}", quiet.stdout);
    let verbose =
        run(&Access::new("AKIDCHECK"), &[&["permissions", "--check", "-v", "--region", "us-east-1"]]);
    assert!(verbose.stdout.contains("allowed  eks:DescribeNodegroup for nodegroups\n"), "{}", verbose.stdout);
}

#[test]
fn what_is_missing_is_summed_up_by_action() {
    let access = Access::new("AKIDSUMMARY");
    access.faults(json!([
        { "kind": "error", "operation": "DescribeNodegroup" },
        { "kind": "error", "operation": "DescribeSubnets" },
        { "kind": "error", "operation": "ListInsights", "code": "ServerException", "message": "try later", "status": 500 },
        { "kind": "error", "operation": "ListFargateProfiles", "code": "ThrottlingException", "message": "Rate exceeded", "status": 429 },
    ]));
    let ran = run(&access, &[&["scan", "--region", "us-east-1", "--max-attempts", "1"], &AS_OF]);
    let (_, summary) = ran.stdout.rsplit_once(" findings in ").expect("a summary");
    insta::assert_snapshot!(summary);
}

#[test]
fn a_proxy_is_used_unless_it_is_told_not_to() {
    let access = Access::new("AKIDPROXY");
    let scan = |no_proxy: &str| {
        let arguments = ["snapshot", "--region", "us-east-1", "-o", "-", "--max-attempts", "1"];
        let mut command = access.ekslint(&arguments);
        command
            .env("AWS_ENDPOINT_URL", "http://aws.invalid")
            .env("HTTP_PROXY", url())
            .env("NO_PROXY", no_proxy);
        Ran::of(command)
    };
    let through = scan("other.invalid");
    assert_eq!((through.code, through.stdout.lines().count()), (0, 3), "{}", through.stderr);
    assert_eq!(scan("aws.invalid").code, 2);
}

#[test]
fn a_broken_bundle_of_certificates_is_an_error() {
    let mut command = Access::new("AKIDBUNDLE").ekslint(&["scan", "--region", "us-east-1"]);
    command.env("AWS_CA_BUNDLE", "Cargo.toml");
    let ran = Ran::of(command);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("AWS_CA_BUNDLE: Cargo.toml has no certificate in it"), "{}", ran.stderr);
}

#[test]
fn certificates_of_a_bundle_are_trusted_and_no_others() {
    let folder = TempDir::new().expect("a folder");
    let bundle = folder.path().join("bundle.pem").to_string_lossy().into_owned();
    let tls = moto::start(&["tests/moto/tls.py", &bundle, url()]);
    let scan = |bundle: Option<&str>| {
        let arguments = ["snapshot", "--region", "us-east-1", "-o", "-", "--max-attempts", "1"];
        let mut command = Access::new("AKIDTLS").ekslint(&arguments);
        command.env("AWS_ENDPOINT_URL", &tls.url);
        bundle.map(|bundle| command.env("AWS_CA_BUNDLE", bundle));
        Ran::of(command)
    };
    let trusted = scan(Some(&bundle));
    assert_eq!((trusted.code, trusted.stdout.lines().count()), (0, 3), "{}", trusted.stderr);
    let strange = scan(None);
    assert_eq!(strange.code, 2);
    assert!(strange.stderr.contains("certificate"), "{}", strange.stderr);
}

/// What only one of two clusters needs never comes: the other one is reported.
#[test]
fn the_time_that_a_scan_may_take_ends_it() {
    let access = Access::new("AKIDTIMEOUT");
    access.faults(json!([{ "kind": "hang", "operation": "DescribeImages" }]));
    let clusters = ["--region", "ap-northeast-2", "--cluster", "office,fargate-only"];
    let ran = run(&access, &[&["scan", "--timeout", "5s"], &clusters, &JSON]);
    assert_eq!(ran.code, 2);
    let said = "the time of --timeout is over: 1 of 2 clusters read to the end; not read: office (ap-northeast-2); the result is incomplete";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    let report = ran.json();
    assert_eq!(report["summary"]["complete"], false);
    assert_eq!(reported(&report), BTreeSet::from(["fargate-only".to_owned()]));
}

/// The clusters of a report, by name: of each, something is wrong, or was not evaluated.
fn reported(report: &Value) -> BTreeSet<String> {
    let groups = report["notEvaluated"].as_array().expect("groups").iter();
    let unread = groups.flat_map(|group| group["clusters"].as_array().expect("clusters"));
    let found = report["findings"].as_array().expect("findings").iter();
    let arns = unread.chain(found.map(|finding| &finding["cluster"]["arn"]));
    arns.map(|arn| text(arn).rsplit('/').next().unwrap_or_default().to_owned()).collect()
}

/// By the user, or by whatever started it.
#[cfg(unix)]
#[test]
fn an_interrupted_scan_reports_what_was_read() {
    for signal in ["-INT", "-TERM"] {
        let access = Access::new(&format!("AKIDINTERRUPT{signal}"));
        // One cluster lacks a part, and one its description; all snapshots name the clusters of the region.
        access.faults(json!([
            { "kind": "hang", "operation": "ListNodegroups", "match": "storefront" },
            { "kind": "hang", "operation": "DescribeCluster", "match": "batch" },
        ]));
        let arguments = ["scan", "--region", "us-east-1", "--format", "json", "--exit-zero"];
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("ekslint"));
        command.args(arguments).env_clear().env("AWS_ENDPOINT_URL", url());
        command.env("AWS_ACCESS_KEY_ID", access.key()).env("AWS_SECRET_ACCESS_KEY", "s");
        let piped = std::process::Stdio::piped;
        let child = command.stdout(piped()).stderr(piped()).spawn().expect("the binary runs");
        // The last that is asked about the cluster that is read to the end.
        let last = |call: &Value| call["operation"] == "GetPolicyVersion" && call["status"] == 200;
        for _ in 0..600 {
            if access.calls().iter().any(last) && access.is_quiet() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let kill = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(kill.is_ok_and(|status| status.success()));
        let output = child.wait_with_output().expect("it ends");
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        let said = "interrupted: 1 of 3 clusters read to the end; not read: batch (us-east-1), storefront (us-east-1); the result is incomplete";
        assert!(stderr.contains(said), "{stderr}");
        let report: Value = serde_json::from_str(&stdout).expect("a report");
        assert_eq!(
            (reported(&report), &report["summary"]["complete"]),
            (BTreeSet::from(["hybrid".to_owned()]), &json!(false))
        );
    }
}

#[test]
fn the_clusters_of_the_pages_that_were_listed_are_judged() {
    let access = Access::new("AKIDPAGE");
    access.faults(json!([
        { "kind": "error", "operation": "ListClusters", "skip": 1, "code": "ServerException", "message": "try later", "status": 500 },
    ]));
    let ran = run(&access, &[&["scan", "--max-attempts", "1"], &REGION, &JSON]);
    assert_eq!(ran.code, 2);
    let said = "ap-northeast-2: not all clusters could be listed, only 3: ServerException: try later";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    let report = ran.json();
    assert_eq!((reported(&report).len(), &report["summary"]["complete"]), (3, &json!(false)));
}

/// It is of the region, so every cluster needs it: nobody waits for it long.
#[test]
fn a_call_that_a_region_may_not_know_is_given_up_soon() {
    let access = Access::new("AKIDOPTIONAL");
    let broken = |kind: &str| json!([{ "kind": kind, "operation": "GetInstanceMetadataDefaults", "code": "InternalFailure", "status": 500 }]);
    access.faults(broken("error"));
    let (_folder, found) = snapshot(&access, &["--region", "us-east-1"]);
    let asked =
        access.calls().iter().filter(|call| call["operation"] == "GetInstanceMetadataDefaults").count();
    assert!(found.len() == 3 && asked <= 2, "{asked}");
    access.reset();
    access.faults(broken("hang"));
    // Less than it hangs, and than any other call may take.
    let (_folder, found) = snapshot(&access, &["--region", "us-east-1", "--timeout", "15s"]);
    let gap =
        |snapshot: &Value| snapshot["notCollected"].to_string().contains("ec2:GetInstanceMetadataDefaults");
    assert!(found.len() == 3 && found.values().all(gap), "{found:?}");
}

#[test]
fn throttling_is_said_as_such_from_the_first_call_on() {
    let throttled = |service: &str, operation: &str| json!([{ "kind": "error", "service": service, "operation": operation, "code": "Throttling", "message": "Rate exceeded", "status": 400 }]);
    let role = format!("arn:aws:iam::{PARTNER}:role/ekslint-read");
    for (key, operation, role) in
        [("AKIDSTS", "GetCallerIdentity", &[][..]), ("AKIDSTSROLE", "AssumeRole", &["--assume-role", &role])]
    {
        let access = Access::new(key);
        access.faults(throttled("sts", operation));
        let ran = run(&access, &[&["scan", "--region", "us-east-1", "--quiet", "--max-attempts", "3"], role]);
        assert_eq!(ran.code, 2);
        let said = ["AWS throttled the calls (", "Rate exceeded)", "Try again later"];
        assert!(said.iter().all(|said| ran.stderr.contains(said)), "{}", ran.stderr);
        assert_eq!(access.calls().iter().filter(|call| call["operation"] == operation).count(), 3);
    }
}

#[test]
fn a_baseline_of_live_clusters_keeps_what_could_not_be_read() {
    let access = Access::new("AKIDBASELINE");
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("known.jsonl");
    let baseline = ["--baseline", file.to_str().expect("UTF-8")];
    let ran = |command: &[&str]| run(&access, &[command, &REGION, &baseline, &AS_OF]);

    let write = ran(&["baseline", "write"]);
    assert_eq!(write.code, 0, "{}", write.stderr);
    let known = fs::read_to_string(&file).expect("the baseline");
    let report = ran(&["scan", "--format", "json"]).json();
    assert!(findings(&report).is_empty(), "{:?}", findings(&report));
    assert_eq!(report["summary"]["baseline"], known.lines().count() - 1);
    assert!(known.contains("\"resource\":\"nodegroup/"), "{known}");

    // What was refused is not mended.
    access.faults(json!([{ "kind": "error", "operation": "DescribeNodegroup" }]));
    let prune = ran(&["baseline", "prune"]);
    assert!(prune.stderr.contains("took 0 entries"), "{}", prune.stderr);
    assert_eq!(fs::read_to_string(&file).expect("the baseline"), known);
}
