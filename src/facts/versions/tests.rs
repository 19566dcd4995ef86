//! Truth tables of the life of versions, of what AWS does by itself, of the rollback and of add-ons. Each
//! row is a case, and names the page of AWS that decides it.

use crate::facts::{AsOf, FactSet, facts};
use crate::snapshot::Snapshot;
use crate::value::Json;
use bumpalo::Bump;
use serde_json::{Value, json};

const CALENDAR: &str = "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html";
const POLICY: &str = "https://docs.aws.amazon.com/eks/latest/userguide/view-upgrade-policy.html";
const PRICING: &str = "https://aws.amazon.com/eks/pricing/";
const UPDATE: &str = "https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html";
const ROLLBACK: &str = "https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html";
const ADDONS: &str = "https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddonVersions.html";
const OUTPOSTS: &str = "https://docs.aws.amazon.com/eks/latest/userguide/eks-outposts.html";

/// All facts of a snapshot on a day.
fn facts_of(snapshot: &Value, date: &str) -> Value {
    let (text, arena) = (snapshot.to_string(), Bump::new());
    let root = Json::parse(&text, &arena).expect("JSON");
    let snapshots = Snapshot::read(root, &arena).expect("a snapshot");
    let as_of = AsOf { date: date.parse().expect("a date") };
    serde_json::to_value(facts(&snapshots[0], as_of, FactSet::ALL, &arena)).expect("JSON")
}

fn cluster(version: &str, policy: Option<&str>) -> Value {
    let mut cluster = json!({
        "name": "demo", "arn": "arn:aws:eks:us-west-2:111122223333:cluster/demo", "version": version,
        "status": "ACTIVE", "platformVersion": "eks.5", "resourcesVpcConfig": {},
    });
    if let Some(policy) = policy {
        cluster["upgradePolicy"] = json!({ "supportType": policy });
    }
    cluster
}

fn version_on(cluster: Value, date: &str) -> Value {
    facts_of(&json!({ "cluster": cluster }), date)["cluster"]["version"].clone()
}

/// A fact as a short text; `?` for what is not known.
fn short(fact: &Value) -> String {
    match fact {
        Value::Object(object) if object.contains_key("unknown") => "?".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn the_life_of_a_version_and_what_aws_does_by_itself() {
    // Version, policy, day; then status, day and version of the upgrade, overdue, surcharge a month.
    let (standard, extended) = (Some("STANDARD"), Some("EXTENDED"));
    for (version, policy, date, expected, page) in [
        ("1.35", standard, "2026-11-24", "standard 2027-03-27 1.36 false 0.0", POLICY),
        ("1.35", extended, "2026-11-24", "standard 2028-03-27 1.36 false 0.0", POLICY),
        ("1.35", None, "2026-11-24", "standard ? ? ? 0.0", POLICY),
        ("1.35", Some("LATER"), "2026-11-24", "standard ? ? ? 0.0", POLICY),
        ("1.32", extended, "2026-03-22", "standard 2027-03-23 1.33 false 0.0", CALENDAR),
        ("1.32", extended, "2026-03-23", "extended 2027-03-23 1.33 false 365.0", PRICING),
        ("1.32", None, "2026-11-24", "extended 2027-03-23 1.33 false ?", CALENDAR),
        ("1.32", standard, "2026-03-23", "extended 2026-03-23 1.33 true 0.0", POLICY),
        ("1.31", extended, "2026-11-25", "extended 2026-11-26 1.32 false 365.0", CALENDAR),
        ("1.31", extended, "2026-11-26", "unsupported 2026-11-26 1.32 true ?", CALENDAR),
        ("1.28", extended, "2026-11-24", "unsupported 2025-11-26 1.31 true ?", CALENDAR),
        ("1.28", standard, "2026-11-24", "unsupported 2025-11-26 1.31 true ?", CALENDAR),
        ("1.10", extended, "2026-11-24", "unsupported ? ? ? ?", CALENDAR),
        ("1.99", extended, "2026-11-24", "not-yet-known ? ? ? 0.0", CALENDAR),
        ("latest", extended, "2026-11-24", "? ? ? ? ?", CALENDAR),
    ] {
        let facts = version_on(cluster(version, policy), date);
        let fields =
            ["status", "forcedUpgradeDate", "forcedUpgradeTo", "forcedUpgradeOverdue", "surchargePerMonth"];
        let got = fields.map(|field| short(&facts[field])).join(" ");
        assert_eq!(got, expected, "{version} {policy:?} on {date}: {page}");
        assert_eq!(facts["forecast"].is_string(), facts["forcedUpgradeDate"].is_string(), "{version} {date}");
    }
}

#[test]
fn clusters_that_do_not_run_in_aws() {
    let mut outpost = cluster("1.32", Some("EXTENDED"));
    outpost["outpostConfig"] = json!({ "outpostArns": [] });
    let facts = version_on(outpost, "2026-11-24");
    let fields = ["status", "forcedUpgradeTo", "surchargePerMonth", "rollback"];
    assert_eq!(fields.map(|field| short(&facts[field])).join(" "), "extended 1.33 ? ?", "{OUTPOSTS}");

    let mut china = cluster("1.32", Some("EXTENDED"));
    china["arn"] = json!("arn:aws-cn:eks:cn-north-1:111122223333:cluster/demo");
    let facts = version_on(china, "2026-11-24");
    assert_eq!(short(&facts["surchargePerMonth"]), "?", "{PRICING}");
    let words = "not known, the regions in China have prices of their own";
    assert_eq!(facts["surcharge"], words, "{PRICING}");
    let facts = version_on(cluster("1.32", Some("EXTENDED")), "2026-11-24");
    assert_eq!(facts["surcharge"], "USD 365 a month", "{PRICING}");

    let connected = json!({ "name": "far", "arn": "arn:aws:eks:us-west-2:111122223333:cluster/far",
        "connectorConfig": { "provider": "OTHER" } });
    let facts = version_on(connected, "2026-11-24");
    assert!(short(&facts["unknown"]).starts_with("a connected cluster"), "{facts}");
}

#[test]
fn the_snapshots_own_calendar_wins() {
    let row = |version: &str, standard: &str, extended: &str| {
        json!({ "clusterVersion": version, "clusterType": "eks", "releaseDate": "2025-01-23T00:00:00Z",
            "endOfStandardSupportDate": standard, "endOfExtendedSupportDate": extended })
    };
    let rows = json!([
        row("1.32", "2026-12-31T16:00:00-08:00", "2027-12-31T16:00:00-08:00"),
        { "clusterVersion": "1.33", "clusterType": "other", "endOfStandardSupportDate": "2030-01-01",
          "endOfExtendedSupportDate": "2031-01-01" },
        { "clusterVersion": "1.34" },
    ]);
    let snapshot =
        |version| json!({ "cluster": cluster(version, Some("STANDARD")), "clusterVersions": rows });
    let facts = facts_of(&snapshot("1.32"), "2026-11-24")["cluster"]["version"].clone();
    assert_eq!(short(&facts["endOfStandardSupport"]), "2027-01-01");
    assert_eq!(short(&facts["calendar"]), "the snapshot's clusterVersions");
    let facts = facts_of(&snapshot("1.33"), "2026-11-24")["cluster"]["version"].clone();
    assert_eq!(short(&facts["endOfStandardSupport"]), "2026-07-29", "rows for others do not count");
    assert!(short(&facts["calendar"]).starts_with("ekslint's"));
}

#[test]
fn kubelets_may_lie_behind_by_three_minors_from_1_28_on() {
    // Control plane, kubelet; behind, allowed, breaks now; behind and breaks after the upgrade to the next.
    for (plane, kubelet, expected) in [
        ("1.35", "1.35", "0 3 false 1 false"),
        ("1.35", "1.33", "2 3 false 3 false"),
        ("1.35", "1.32", "3 3 false 4 true"),
        ("1.35", "1.31", "4 3 true 5 true"),
        ("1.35", "1.36", "-1 3 true 0 false"),
        ("1.27", "1.25", "2 2 false ? ?"),
        ("1.27", "1.24", "3 2 true ? ?"),
        ("1.35", "new", "? 3 ? ? ?"),
    ] {
        let policy = (plane != "1.27").then_some("STANDARD");
        let snapshot = json!({ "cluster": cluster(plane, policy),
            "nodegroups": [{ "nodegroupName": "web", "version": kubelet }] });
        let date = if plane == "1.27" { "2024-01-01" } else { "2026-11-24" };
        let facts = &facts_of(&snapshot, date)["nodegroups"]["web"]["version"];
        let fields = [
            "minorsBehind",
            "allowedMinorsBehind",
            "breaksSkew",
            "minorsBehindAfterForcedUpgrade",
            "breaksSkewAfterForcedUpgrade",
        ];
        let got = fields.map(|field| short(&facts[field])).join(" ");
        assert_eq!(got, expected, "{kubelet} under {plane}: {UPDATE}");
    }
}

#[test]
fn the_forecast_is_one_sentence() {
    let nodegroups = json!([
        { "nodegroupName": "web", "version": "1.32" }, { "nodegroupName": "batch", "version": "1.31" },
        { "nodegroupName": "new", "version": "1.35" },
    ]);
    let builds = |fits: &[&str]| {
        let row = |version: &&str| json!({ "clusterVersion": version, "platformVersions": ["*"] });
        json!([{ "addonVersion": "v1.0.0-eksbuild.1", "compatibilities": fits.iter().map(row).collect::<Vec<_>>() },
            { "addonVersion": "v2.0.0-eksbuild.1", "compatibilities": [row(&"1.36")] }])
    };
    let snapshot = json!({
        "cluster": cluster("1.35", Some("STANDARD")), "nodegroups": nodegroups,
        "addons": [{ "addonName": "coredns", "addonVersion": "v1.0.0-eksbuild.1" },
            { "addonName": "vpc-cni", "addonVersion": "v1.0.0-eksbuild.1" }],
        "addonVersions": [{ "addonName": "coredns", "addonVersions": builds(&["1.35"]) },
            { "addonName": "vpc-cni", "addonVersions": builds(&["1.35", "1.36"]) }],
    });
    let facts = facts_of(&snapshot, "2026-11-24")["cluster"]["version"].clone();
    assert_eq!(facts["nodegroupsBreaking"], json!(["web", "batch"]));
    assert_eq!(facts["addonsBreaking"], json!(["coredns"]));
    assert_eq!(
        short(&facts["forecast"]),
        "On 2027-03-27 AWS upgrades the control plane from 1.35 to 1.36 by itself; the node groups web and batch \
         then break the kubelet's version skew; the add-on coredns then does not fit.",
        "{CALENDAR}"
    );
    let bare = json!({ "cluster": cluster("1.32", Some("EXTENDED")) });
    let facts = facts_of(&bare, "2026-11-24")["cluster"]["version"].clone();
    assert_eq!(
        short(&facts["forecast"]),
        "From 2027-03-23 on AWS upgrades the control plane from 1.32 to 1.33 by itself, at any time; it is not \
         known whether every node group fits Kubernetes 1.33 (nodegroups is not in the snapshot); it is not known \
         whether every add-on fits Kubernetes 1.33 (addons is not in the snapshot); extended support costs USD 365 \
         a month until then, and still after it.",
        "{PRICING}"
    );
    assert_eq!(short(&facts["nodegroupsBreaking"]), "?");
}

/// A cluster on 1.34 that was upgraded on 2026-11-20, 10:00 UTC.
fn upgraded() -> Value {
    json!({
        "cluster": cluster("1.34", Some("EXTENDED")), "nodegroups": [], "addons": [],
        "updates": [{ "id": "u1", "type": "VersionUpdate", "status": "Successful",
            "createdAt": "2026-11-20T10:00:00Z", "params": [{ "type": "Version", "value": "1.34" }] }],
    })
}

#[test]
fn an_upgrade_can_be_rolled_back_for_seven_days() {
    let update = |at: &str, kind: &str, status: &str, params: Value| json!({ "id": at, "type": kind, "status": status, "createdAt": at, "params": params });
    let to = |version: &str| json!([{ "type": "Version", "value": version }]);
    let of_nodes = json!([{ "type": "Version", "value": "1.34" }, { "type": "ReleaseVersion", "value": "1.34.1-20261101" }]);
    let up = |at| update(at, "VersionUpdate", "Successful", to("1.34"));
    for (name, updates, date, expected) in [
        ("the same day", json!([up("2026-11-20T10:00:00Z")]), "2026-11-20", "true 2026-11-27T10:00:00Z 1.33"),
        ("the last day", json!([up("2026-11-20T10:00:00Z")]), "2026-11-27", "true 2026-11-27T10:00:00Z 1.33"),
        ("too late", json!([up("2026-11-20T10:00:00Z")]), "2026-11-28", "false 2026-11-27T10:00:00Z 1.33"),
        ("none", json!([]), "2026-11-24", "false null null"),
        (
            "failed",
            json!([update("2026-11-20", "VersionUpdate", "Failed", to("1.34"))]),
            "2026-11-24",
            "false null null",
        ),
        (
            "of a node group",
            json!([update("2026-11-20", "VersionUpdate", "Successful", of_nodes)]),
            "2026-11-24",
            "false null null",
        ),
        (
            "another type",
            json!([update("2026-11-20", "LoggingUpdate", "Successful", json!([]))]),
            "2026-11-24",
            "false null null",
        ),
        (
            "rolled back",
            json!([
                update("2026-11-21", "VersionRollback", "Successful", to("1.34")),
                update("2026-11-20", "VersionUpdate", "Successful", to("1.35"))
            ]),
            "2026-11-24",
            "false null null",
        ),
        (
            "older first",
            json!([up("2026-01-20T10:00:00Z"), up("2026-11-20T10:00:00Z")]),
            "2026-11-24",
            "true 2026-11-27T10:00:00Z 1.33",
        ),
        (
            "another version",
            json!([update("2026-11-20", "VersionUpdate", "Successful", to("1.33"))]),
            "2026-11-24",
            "? ? ?",
        ),
        (
            "no time",
            json!([{ "id": "u", "type": "VersionUpdate", "status": "Successful", "params": to("1.34") }]),
            "2026-11-24",
            "? ? ?",
        ),
        (
            "no version",
            json!([update("2026-11-20", "VersionUpdate", "Successful", json!([]))]),
            "2026-11-24",
            "? ? ?",
        ),
    ] {
        let mut snapshot = upgraded();
        snapshot["updates"] = updates;
        let facts = &facts_of(&snapshot, date)["cluster"]["version"]["rollback"];
        let unknown = facts["unknown"].is_string();
        let got = ["isOpen", "until", "to"]
            .map(|field| if unknown { "?".to_owned() } else { short(&facts[field]) });
        assert_eq!(got.join(" "), expected, "{name}: {ROLLBACK}");
    }
}

#[test]
fn an_unread_update_matters_only_where_no_open_window_is_found() {
    let mut snapshot = upgraded();
    snapshot["schemaVersion"] = json!(1);
    snapshot["notCollected"] = json!([{ "at": "/updates/1", "reason": "Throttled", "kind": "error" }]);
    let is_open = |date| short(&facts_of(&snapshot, date)["cluster"]["version"]["rollback"]["isOpen"]);
    assert_eq!(is_open("2026-11-24"), "true");
    assert_eq!(is_open("2026-12-24"), "null");
    let mut unread = upgraded();
    unread.as_object_mut().expect("an object").remove("updates");
    let rollback = &facts_of(&unread, "2026-11-24")["cluster"]["version"]["rollback"];
    assert_eq!(rollback["unknown"], json!("updates is not in the snapshot"));
}

#[test]
fn what_stands_in_the_way_of_a_rollback() {
    let obstacles = |change: &dyn Fn(&mut Value)| {
        let mut snapshot = upgraded();
        change(&mut snapshot);
        let facts = facts_of(&snapshot, "2026-11-24")["cluster"]["version"]["rollback"].clone();
        let Some(list) = facts["obstacles"].as_array() else { return short(&facts["obstacles"]) };
        list.iter()
            .map(|one| format!("{} {}", short(&one["kind"]), short(&one["name"])))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let proxy = |build| json!([{ "addonName": "kube-proxy", "addonVersion": build }]);
    let nodes = |version| json!([{ "nodegroupName": "web", "version": version }]);
    assert_eq!(obstacles(&|_| ()), "", "{ROLLBACK}");
    assert_eq!(obstacles(&|s| s["nodegroups"] = nodes("1.33")), "");
    assert_eq!(obstacles(&|s| s["nodegroups"] = nodes("1.34")), "nodegroup web");
    assert_eq!(obstacles(&|s| s["addons"] = proxy("v1.34.0-eksbuild.2")), "addon kube-proxy");
    assert_eq!(obstacles(&|s| s["addons"] = proxy("v1.33.0-eksbuild.2")), "", "not known is no obstacle");
    assert_eq!(obstacles(&|s| s["cluster"]["status"] = json!("UPDATING")), "status UPDATING");
    let standard = |s: &mut Value| s["cluster"]["upgradePolicy"]["supportType"] = json!("STANDARD");
    assert_eq!(obstacles(&standard), "upgradePolicy STANDARD", "1.33 is in extended support");
    assert_eq!(obstacles(&|s| drop(s.as_object_mut().expect("an object").remove("nodegroups"))), "?");
}

#[test]
fn a_version_without_support_cannot_be_rolled_back_to() {
    let snapshot = json!({
        "cluster": cluster("1.31", Some("EXTENDED")), "nodegroups": [], "addons": [],
        "updates": [{ "type": "VersionUpdate", "status": "Successful", "createdAt": "2026-07-25T10:00:00Z",
            "id": "u1", "params": [{ "type": "Version", "value": "1.31" }] }],
    });
    let facts = &facts_of(&snapshot, "2026-07-26")["cluster"]["version"]["rollback"];
    assert_eq!(
        (short(&facts["isOpen"]), short(&facts["why"])),
        ("false".into(), "EKS no longer supports 1.30".into()),
        "{ROLLBACK}"
    );
}

#[test]
fn add_ons_fit_as_far_as_aws_says() {
    let build = |version: &str, fits: &[(&str, &str, bool)]| {
        let row = |(version, platform, default): &(&str, &str, bool)| json!({ "clusterVersion": version, "platformVersions": [platform], "defaultVersion": default });
        json!({ "addonVersion": version, "compatibilities": fits.iter().map(row).collect::<Vec<_>>() })
    };
    let offers = json!([{ "addonName": "coredns", "addonVersions": [
        build("v1.9.0-eksbuild.1", &[("1.33", "*", true)]),
        build("v1.10.0-eksbuild.1", &[("1.33", "*", false), ("1.34", "eks.5", true)]),
        build("v1.10.0-eksbuild.12", &[("1.34", "*", false)]),
        build("v1.10.0-eksbuild.3", &[("1.34", "eks.9", false)]),
    ] }]);
    // The installed build; whether it fits the cluster's 1.34 on eks.5, and 1.35.
    for (installed, expected) in [
        (json!("v1.10.0-eksbuild.12"), "true ?"),
        (json!("v1.10.0-eksbuild.1"), "true ?"),
        (json!("v1.10.0-eksbuild.3"), "false ?"),
        (json!("v1.9.0-eksbuild.1"), "false ?"),
        (json!("v1.8.0-eksbuild.1"), "? ?"),
        (json!(null), "? ?"),
    ] {
        let snapshot = json!({ "cluster": cluster("1.34", Some("STANDARD")), "addonVersions": offers,
            "addons": [{ "addonName": "coredns", "addonVersion": installed }] });
        let facts = &facts_of(&snapshot, "2026-11-24")["addons"]["coredns"];
        let got = ["compatible", "compatibleWithNext"].map(|field| short(&facts[field])).join(" ");
        assert_eq!(got, expected, "{installed}: {ADDONS}");
        assert_eq!(short(&facts["defaultVersion"]), "v1.10.0-eksbuild.1");
        assert_eq!(short(&facts["latestVersion"]), "v1.10.0-eksbuild.12");
    }
}

#[test]
fn hostile_sections_cost_no_more_than_their_size() {
    let builds: Vec<_> = (0..3000)
        .map(
            |n| json!({ "addonVersion": format!("v{n}"), "compatibilities": [{ "clusterVersion": "1.34" }] }),
        )
        .collect();
    let addons: Vec<_> =
        (0..3000).map(|_| json!({ "addonName": "coredns", "addonVersion": "none" })).collect();
    let snapshot = json!({ "cluster": cluster("1.34", Some("STANDARD")), "addons": addons,
        "addonVersions": [{ "addonName": "coredns", "addonVersions": builds }] });
    let started = std::time::Instant::now();
    let facts = facts_of(&snapshot, "2026-11-24");
    assert!(short(&facts["cluster"]["version"]["forecast"]).contains("not known whether 3000 add-ons fit"));
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

/// Every place in a value, as a JSON pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| places(field, &format!("{at}/{name}"), found))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| places(item, &format!("{at}/{n}"), found))
        }
        _ => {}
    }
}

#[test]
fn no_value_at_any_place_makes_facts_panic() {
    let mut whole = upgraded();
    whole["nodegroups"] = json!([{ "nodegroupName": "web", "version": "1.33" }]);
    whole["addons"] = json!([{ "addonName": "kube-proxy", "addonVersion": "v1.33.0-eksbuild.2" }]);
    whole["addonVersions"] = json!([{ "addonName": "kube-proxy", "addonVersions": [{ "addonVersion": "v1.33.0-eksbuild.2",
        "compatibilities": [{ "clusterVersion": "1.34", "platformVersions": ["*"] }] }] }]);
    whole["clusterVersions"] = json!([{ "clusterVersion": "1.34", "endOfStandardSupportDate": "2026-12-02",
        "endOfExtendedSupportDate": "2027-12-02" }]);
    whole["cluster"]["resourcesVpcConfig"] =
        json!({ "endpointPublicAccess": true, "publicAccessCidrs": ["10.0.0.0/8"] });
    let mut found = Vec::new();
    places(&whole, "", &mut found);
    let odd = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("1.9223372036854775807"),
        json!("1.9999"),
        json!("9999-12-31T23:59:59Z"),
        json!("::/0"),
        json!([]),
        json!([[]]),
        json!({}),
    ];
    for place in found.iter().filter(|place| !place.is_empty()) {
        for value in &odd {
            let mut snapshot = whole.clone();
            *snapshot.pointer_mut(place).expect("a place") = value.clone();
            let text = snapshot.to_string();
            let arena = Bump::new();
            let root = Json::parse(&text, &arena).expect("JSON");
            for snapshot in Snapshot::read(root, &arena).unwrap_or_default() {
                let as_of = AsOf { date: "2026-11-24".parse().expect("a date") };
                facts(&snapshot, as_of, FactSet::ALL, &arena);
            }
        }
    }
}
