//! The facts of hostile snapshots: they neither panic nor take long. What becomes of facts when something
//! is broken or taken away is in `tests/mutation`.

use crate::support::cpu_time;
use bumpalo::Bump;
use ekslint::facts::{AsOf, FactSet, facts};
use ekslint::snapshot::Snapshot;
use ekslint::value::Json;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// A few seconds in a debug build on a busy machine; what hangs takes hours.
const LIMIT: Duration = Duration::from_secs(30);

/// All facts of a document, as JSON; what is not known reads `{"unknown": "…"}`.
fn all_facts(document: &Value) -> Option<Value> {
    let (text, arena) = (document.to_string(), Bump::new());
    let root = Json::parse(&text, &arena).ok()?;
    let snapshots = Snapshot::read(root, &arena).ok()?;
    let date = "2026-11-21".parse().expect("a date");
    let node = facts(&snapshots[0], AsOf { date }, FactSet::ALL, &arena);
    Some(serde_json::to_value(node).expect("facts are JSON"))
}

fn is_unknown(fact: &Value) -> bool {
    fact.as_object().is_some_and(|fields| fields.len() == 1 && fields.contains_key("unknown"))
}

fn document(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/{name}.json"));
    serde_json::from_str(&fs::read_to_string(file).expect("the fixture is there")).expect("JSON")
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
