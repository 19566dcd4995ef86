//! The facts of whole snapshots: what is taken away never turns into another answer, and hostile
//! data neither panics nor takes long.

use crate::support::cpu_time;
use bumpalo::Bump;
use ekslint::facts::{ASSUMED, AsOf, FactSet, facts};
use ekslint::snapshot::{Snapshot, section};
use ekslint::value::Json;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// A few seconds in a debug build on a busy machine; what hangs takes hours.
const LIMIT: Duration = Duration::from_secs(30);

/// All facts of a document, as JSON; what is not known reads `{"unknown": "…"}`.
fn all_facts(document: &Value) -> Option<Value> {
    some_facts(document, FactSet::ALL)
}

/// Some facts of a document.
fn some_facts(document: &Value, wanted: FactSet) -> Option<Value> {
    let (text, arena) = (document.to_string(), Bump::new());
    let root = Json::parse(&text, &arena).ok()?;
    let snapshots = Snapshot::read(root, &arena).ok()?;
    let date = "2026-11-21".parse().expect("a date");
    let node = facts(&snapshots[0], AsOf { date }, wanted, &arena);
    Some(serde_json::to_value(node).expect("facts are JSON"))
}

fn fixtures() -> Vec<(String, Value)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut files: Vec<_> = fs::read_dir(directory)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    let read = |path: &Path| {
        let text = fs::read_to_string(path).expect("readable");
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        (name, serde_json::from_str(&text).expect("JSON"))
    };
    files.iter().map(|path| read(path)).collect()
}

fn is_unknown(fact: &Value) -> bool {
    fact.as_object().is_some_and(|fields| fields.len() == 1 && fields.contains_key("unknown"))
}

/// Fields that say what is behind an answer, in words or as far as it is known.
const EXPLAINING: [&str; 14] = [
    "reason",
    "hops",
    "via",
    "addresses",
    "usedBy",
    "usedAs",
    "forecast",
    "calendar",
    "why",
    "origin",
    "obstacles",
    "subnets",
    "zonesServed",
    "neededBy",
];

/// Where facts of less differ from the facts of all, other than by not being known.
fn differences(less: &Value, all: &Value, place: &str, found: &mut Vec<String>) {
    if is_unknown(less) || less == all {
        return;
    }
    match (less, all) {
        (Value::Object(less), Value::Object(all)) if !is_unknown(&Value::Object(all.clone())) => {
            for (name, fact) in less.iter().filter(|(name, _)| !EXPLAINING.contains(&name.as_str())) {
                let other = all.get(name).unwrap_or(&Value::Null);
                differences(fact, other, &format!("{place}/{name}"), found);
            }
        }
        // Which usable endpoints are needed changes nothing.
        (Value::Array(less), Value::Array(all)) if place.ends_with("/vpcEndpoints") => {
            let wrong = |list: &[Value]| -> Vec<Value> {
                list.iter()
                    .filter(|item| item["state"] != "usable" && !is_unknown(&item["state"]))
                    .cloned()
                    .collect()
            };
            if !wrong(less).iter().all(|item| all.contains(item)) {
                found.push(format!("{place}: {less:?} instead of {all:?}"));
            }
        }
        // A list with something unknown in it may lack anything.
        (Value::Array(less), Value::Array(_)) if less.iter().any(is_unknown) => {}
        (Value::Array(less), Value::Array(all)) if less.len() == all.len() => {
            for (at, (fact, other)) in less.iter().zip(all).enumerate() {
                differences(fact, other, &format!("{place}/{at}"), found);
            }
        }
        _ => found.push(format!("{place}: {less} instead of {all}")),
    }
}

#[test]
fn a_section_that_is_taken_away_never_brings_another_answer() {
    let mut found = Vec::new();
    for (name, document) in fixtures() {
        let all = all_facts(&document).expect("a snapshot");
        for section in section::all().iter().filter(|section| !ASSUMED.contains(&section.name.as_str())) {
            let mut less = document.clone();
            let removed = less.as_object_mut().expect("an object").remove(&section.name);
            let Some(facts) = removed.and_then(|_| all_facts(&less)) else { continue };
            let mut differing = Vec::new();
            differences(&facts, &all, "", &mut differing);
            found
                .extend(differing.into_iter().map(|text| format!("{name} without {}: {text}", section.name)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The groups of facts, by structure and field.
const GROUPS: [(&str, &str); 19] = [
    ("facts.Cluster", "version"),
    ("facts.Cluster", "endpoint"),
    ("facts.Cluster", "network"),
    ("facts.Cluster", "flows"),
    ("facts.Cluster", "serviceAccounts"),
    ("facts.Cluster", "workloadIdentity"),
    ("facts.Nodegroup", "version"),
    ("facts.Nodegroup", "ami"),
    ("facts.Facts", "addons"),
    ("facts.Facts", "subnets"),
    ("facts.Facts", "routeTables"),
    ("facts.Facts", "natGateways"),
    ("facts.Facts", "securityGroups"),
    ("facts.Facts", "networkAcls"),
    ("facts.Facts", "instances"),
    ("facts.Facts", "roles"),
    ("facts.Facts", "podIdentityAssociations"),
    ("facts.Facts", "accessEntries"),
    ("facts.Facts", "openIDConnectProviders"),
];

#[test]
fn facts_follow_from_the_sections_that_they_name_and_no_others() {
    let mut found = Vec::new();
    for (structure, field) in GROUPS {
        let mut wanted = FactSet::default();
        wanted.add(structure, field);
        let named: Vec<_> = wanted.sections().map(|section| section.name.as_str()).collect();
        for (name, document) in fixtures() {
            let whole = some_facts(&document, wanted);
            for section in section::all().iter().filter(|section| !named.contains(&section.name.as_str())) {
                let mut less = document.clone();
                let removed = less.as_object_mut().expect("an object").remove(&section.name);
                if removed.is_some() && some_facts(&less, wanted) != whole {
                    found.push(format!("{structure}.{field} follows from {} ({name})", section.name));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// All places of a document.
fn places(value: &Value, place: &str, all: &mut Vec<String>) {
    all.push(place.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(value, &format!("{place}/{name}"), all);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                places(value, &format!("{place}/{at}"), all);
            }
        }
        _ => {}
    }
}

#[test]
fn odd_values_in_any_place_bring_no_panic() {
    let odd = [
        Value::Null,
        json!(""),
        json!([]),
        json!({}),
        json!(-9_223_372_036_854_775_808_i64),
        json!(1e300),
        json!("\u{0}é::/0"),
        json!([null, 1, "x", {"GroupId": 1}]),
    ];
    let mut at = 0;
    for (_, document) in fixtures() {
        let mut all = Vec::new();
        places(&document, "", &mut all);
        // Each run of eight places sees every value.
        for place in all.iter().step_by(8) {
            let mut changed = document.clone();
            if let Some(value) = changed.pointer_mut(place) {
                *value = odd[at % odd.len()].clone();
                at += 1;
                all_facts(&changed);
            }
        }
    }
    assert!(at > 500);
}

/// Fields whose absence has a meaning of its own: AWS leaves them out, or documents a default; and
/// what stands in policy documents, where less is another policy.
const MEANINGFUL: [&str; 19] = [
    // Of no weight: a policy is known by its document, an interface by its description.
    "PolicyName",
    "NetworkInterfaceId",
    "endpointPublicAccess",
    "endpointPrivateAccess",
    "publicAccessCidrs",
    "PublicIpAddress",
    "Tags",
    "Key",
    "Value",
    "IpRanges",
    "Ipv6Ranges",
    "UserIdGroupPairs",
    "PrefixListIds",
    "FromPort",
    "ToPort",
    "serviceAccountRoleArn",
    "launchTemplate",
    "remoteAccessSecurityGroup",
    "BlockPublicAccessStates",
];

/// Every place would take a minute; each run looks at one in so many.
const STEP: usize = 7;

#[test]
fn a_field_that_is_taken_away_never_brings_another_answer() {
    let mut found = Vec::new();
    for (name, document) in fixtures() {
        let all = all_facts(&document).expect("a snapshot");
        let mut all_places = Vec::new();
        places(&document, "", &mut all_places);
        let told = |place: &str| {
            let (parent, field) = place.rsplit_once('/').unwrap_or_default();
            parent.is_empty() || place.contains("Document/") || MEANINGFUL.contains(&field)
        };
        for place in all_places.iter().filter(|place| !told(place)).step_by(STEP) {
            let (parent, field) = place.rsplit_once('/').unwrap_or_default();
            let mut less = document.clone();
            let Some(Value::Object(fields)) = less.pointer_mut(parent) else { continue };
            fields.remove(field);
            let Some(facts) = all_facts(&less) else { continue };
            let mut differing = Vec::new();
            differences(&facts, &all, "", &mut differing);
            found.extend(differing.into_iter().map(|text| format!("{name} without {place}: {text}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

fn document(name: &str) -> Value {
    fixtures().into_iter().find(|(known, _)| known == name).expect("the fixture is there").1
}

fn in_time(name: &str, document: &Value) -> Value {
    cpu_time::within(LIMIT, name, || all_facts(document)).expect("a snapshot")
}

#[test]
fn ten_thousand_security_group_rules() {
    let mut snapshot = document("locked-out-nodes");
    let ranges: Vec<_> = (0..10_000)
        .map(|at| json!({"CidrIp": format!("10.{}.{}.{}/32", at / 65_536, at / 256 % 256, at % 256)}))
        .collect();
    for group in snapshot["securityGroups"].as_array_mut().expect("a list") {
        group["IpPermissions"] =
            json!([{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 65_535, "IpRanges": ranges}]);
    }
    let groups: Vec<_> = (0..100)
        .map(|at| {
            let mut group = snapshot["nodegroups"][0].clone();
            group["nodegroupName"] = json!(format!("apps-{at}"));
            group
        })
        .collect();
    snapshot["nodegroups"] = Value::Array(groups);
    let facts = in_time("ten thousand rules", &snapshot);
    let flows = facts["cluster"]["flows"]["kubeletToApiServer"].as_array().expect("flows");
    assert!(flows.len() >= 200);
}

#[test]
fn routes_that_lead_in_a_circle() {
    let mut snapshot = document("locked-out-nodes");
    let gateway = snapshot["natGateways"][0].clone();
    let subnet = gateway["SubnetId"].clone();
    // The NAT gateway's own subnet sends everything to the NAT gateway.
    for table in snapshot["routeTables"].as_array_mut().expect("a list") {
        let names = table["Associations"].as_array().expect("a list").iter().any(|a| a["SubnetId"] == subnet);
        if names {
            table["Routes"] =
                json!([{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": gateway["NatGatewayId"]}]);
        }
    }
    let facts = in_time("a circle", &snapshot);
    for flow in facts["cluster"]["flows"]["kubeletToApiServer"].as_array().expect("flows") {
        assert!(is_unknown(&flow["verdict"]), "{flow}");
    }
}

#[test]
fn a_block_that_does_not_parse_is_named() {
    let mut snapshot = document("locked-out-nodes");
    for subnet in snapshot["subnets"].as_array_mut().expect("a list") {
        subnet["CidrBlock"] = json!("10.0.0.0/99");
    }
    let facts = in_time("a bad block", &snapshot);
    let verdict = &facts["cluster"]["flows"]["apiServerToKubelet"][0]["verdict"];
    let reason = verdict["unknown"].as_str();
    assert!(reason.is_some_and(|reason| reason.contains("'10.0.0.0/99' is not a CIDR")), "{verdict}");
}

#[test]
fn policies_that_are_huge_or_nested() {
    let mut snapshot = document("private-hardened");
    let role = snapshot["cluster"]["roleArn"].clone();
    let statement = json!({"Effect": "Allow", "Action": "*".repeat(500) + "a", "Resource": "*"});
    let huge = json!({"Version": "2012-10-17", "Statement": vec![statement; 20_000]});
    let nested = (0..100).fold(json!("*"), |inner, _| json!([inner]));
    let nested = json!({"Statement": [{"Effect": "Allow", "Action": nested, "Resource": "*"}]});
    for (name, policy) in [("huge", huge), ("nested", nested)] {
        for known in snapshot["roles"].as_array_mut().expect("a list").iter_mut().filter(|r| r["Arn"] == role)
        {
            known["InlinePolicies"] = json!([{"PolicyName": name, "PolicyDocument": policy}]);
        }
        let facts = in_time(name, &snapshot);
        let administrator = &facts["roles"][role.as_str().expect("an ARN")]["administrator"];
        let unknown =
            is_unknown(administrator) || administrator.as_array().is_some_and(|a| a.iter().any(is_unknown));
        assert!(unknown, "{name}: {administrator}");
    }
}
