//! Snapshots of pieces as a source yields them that asks AWS.

use super::*;
use crate::source::assemble::piece::PieceOrigin;
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";
const OWNER: &str = "444455556666";

/// What AWS answered about a section: resources, or why there are none.
type Answer<'a> = (&'a str, Result<Value, MissingKind>);

fn piece<'t>((name, answer): &'t Answer<'_>, arena: &'t Bump) -> Piece<'t> {
    let section = section::by_name(name).expect("a section");
    let item = |value: &'t Value| PieceItem {
        node: Json::of(value, arena),
        missing: Vec::new(),
        file: None,
        cluster: Some(0),
    };
    let values =
        answer.as_ref().ok().map(|value| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice));
    let reason =
        |kind: &MissingKind| MissingReason { api: Some("x:Call"), kind: *kind, reason: "no".to_owned() };
    Piece {
        section,
        origin: PieceOrigin::Asked,
        items: values.unwrap_or_default().iter().map(item).collect(),
        names: Vec::new(),
        extent: if answer.is_ok() { Extent::All } else { Extent::Some },
        missing: answer.as_ref().err().map(reason),
        about: vec![0],
    }
}

/// The snapshot, and its `notCollected`: place and kind.
fn assembled(answers: &[Answer<'_>]) -> (Value, Vec<(String, String)>) {
    assembled_of(json!({"name": "prod", "resourcesVpcConfig": {"vpcId": "vpc-1"}}), answers)
}

fn assembled_of(cluster: Value, answers: &[Answer<'_>]) -> (Value, Vec<(String, String)>) {
    let arena = Bump::new();
    let identity =
        Identity { name: Some("prod".to_owned()), account: Some(ACCOUNT.to_owned()), ..Identity::default() };
    let context = ClusterContext::of(identity, Some(Json::of(&cluster, &arena)));
    let pieces: Vec<_> = answers.iter().map(|answer| piece(answer, &arena)).collect();
    let built = SnapshotBuilder::new(&[context], 0, &pieces, &arena).build();
    let snapshot = serde_json::to_value(built.snapshot).expect("JSON");
    let text = |entry: &Value, field: &str| entry[field].as_str().unwrap_or_default().to_owned();
    let entries = snapshot["notCollected"].as_array().cloned().unwrap_or_default();
    let missing = entries.iter().map(|entry| (text(entry, "at"), text(entry, "kind"))).collect();
    (snapshot, missing)
}

/// <https://docs.aws.amazon.com/eks/latest/userguide/eks-outposts-instance-store-local-cluster-overview.html>:
/// what has add-ons, access entries and Pod Identity, and is refused an answer about them, lacks that answer.
#[test]
fn a_refusal_is_explained_only_by_what_a_kind_of_cluster_cannot_have() {
    let local = |config: Value| json!({"name": "prod", "resourcesVpcConfig": {}, "outpostConfig": config});
    let on_ebs = local(json!({"controlPlaneInstanceType": "m5.large"}));
    let on_store = local(json!({"controlPlaneInstanceType": "m5.large", "etcdInstanceType": "m5.large"}));
    let connected = json!({"name": "prod", "connectorConfig": {"provider": "GKE"}});
    let cloud = json!({"name": "prod", "resourcesVpcConfig": {}});
    let config_map = json!({"name": "prod", "resourcesVpcConfig": {}, "accessConfig": {"authenticationMode": "CONFIG_MAP"}});
    let (not_applicable, error) = ("notApplicable", "error");
    for (cluster, section, expected) in [
        (&on_ebs, "addons", not_applicable),
        (&on_ebs, "accessEntries", not_applicable),
        (&on_ebs, "podIdentityAssociations", not_applicable),
        (&on_ebs, "nodegroups", not_applicable),
        (&on_ebs, "updates", error),
        (&on_ebs, "addonVersions", error),
        (&on_store, "addons", error),
        (&on_store, "accessEntries", error),
        (&on_store, "podIdentityAssociations", error),
        (&on_store, "identityProviderConfigs", error),
        (&on_store, "nodegroups", not_applicable),
        (&on_store, "fargateProfiles", not_applicable),
        (&connected, "updates", not_applicable),
        (&cloud, "nodegroups", error),
        (&cloud, "accessEntries", error),
        (&config_map, "accessEntries", not_applicable),
    ] {
        let (_, missing) = assembled_of(cluster.clone(), &[(section, Err(MissingKind::Refused))]);
        assert_eq!(missing, noted(&[(&format!("/{section}"), expected)]), "{cluster}");
    }
}

fn noted(entries: &[(&str, &str)]) -> Vec<(String, String)> {
    entries.iter().map(|(at, kind)| ((*at).to_owned(), (*kind).to_owned())).collect()
}

#[test]
fn what_was_asked_for_and_is_not_there_does_not_exist() {
    let others = json!([{"NatGatewayId": "nat-1", "VpcId": "vpc-2"}, {"NatGatewayId": "nat-2", "VpcId": "vpc-1", "State": "deleted"}]);
    let volumes = json!([{"VolumeId": "vol-1"}]);
    let (snapshot, missing) = assembled(&[("natGateways", Ok(others)), ("volumes", Ok(volumes))]);
    assert_eq!((&snapshot["natGateways"], &snapshot["volumes"]), (&json!([]), &json!([])));
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_section_lacks_what_those_lack_that_name_its_items() {
    let (snapshot, missing) = assembled(&[
        ("nodegroups", Err(MissingKind::Denied)),
        ("instances", Err(MissingKind::Failed)),
        ("volumes", Ok(json!([]))),
        ("roles", Ok(json!([]))),
        ("users", Ok(json!([]))),
    ]);
    let want =
        [("/nodegroups", "denied"), ("/instances", "error"), ("/volumes", "error"), ("/roles", "denied")];
    assert_eq!(missing, noted(&want));
    assert!(snapshot.get("nodegroups").is_none() && snapshot["roles"] == json!([]));
}

#[test]
fn a_participant_of_a_shared_vpc_keeps_what_is_its_own() {
    let vpc = |tags: Value| json!({"VpcId": "vpc-1", "OwnerId": OWNER, "Tags": tags});
    let endpoints = json!([{"VpcEndpointId": "vpce-1", "VpcId": "vpc-1"}]);
    let answers = |tags| {
        [
            ("vpc", Ok(vpc(tags))),
            ("natGateways", Ok(json!([]))),
            ("vpcEndpoints", Ok(endpoints.clone())),
            ("flowLogs", Err(MissingKind::Denied)),
        ]
    };
    let hidden = [
        ("/egressOnlyInternetGateways", "sharedVpc"),
        ("/natGateways", "sharedVpc"),
        ("/vpcPeeringConnections", "sharedVpc"),
        ("/vpcEndpoints", "sharedVpc"),
        ("/flowLogs", "sharedVpc"),
    ];
    let (snapshot, missing) = assembled(&answers(json!([])));
    assert_eq!(missing, noted(&[&[("/vpc/Tags", "sharedVpc")][..], &hidden[..]].concat()));
    assert_eq!(snapshot["vpc"], json!({"VpcId": "vpc-1", "OwnerId": OWNER}));
    assert_eq!((snapshot.get("natGateways"), &snapshot["vpcEndpoints"]), (None, &endpoints));
    let own = json!([{"Key": "own", "Value": "1"}]);
    let (snapshot, missing) = assembled(&answers(own.clone()));
    assert_eq!((missing, &snapshot["vpc"]["Tags"]), (noted(&hidden), &own));
}

#[test]
fn bastions_are_kept_and_nodes_of_other_clusters_are_not() {
    let instance = |id: &str, key: &str| json!({"InstanceId": id, "VpcId": "vpc-1", "Tags": [{"Key": key, "Value": "owned"}]});
    let instances = json!([
        instance("i-1", "kubernetes.io/cluster/prod"),
        instance("i-2", "kubernetes.io/cluster/test"),
        instance("i-3", "bastion"),
    ]);
    let (snapshot, _) = assembled(&[("instances", Ok(instances))]);
    let ids: Vec<_> =
        snapshot["instances"].as_array().into_iter().flatten().map(|one| &one["InstanceId"]).collect();
    assert_eq!(ids, ["i-1", "i-3"]);
}
