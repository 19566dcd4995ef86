//! What documents are taken for: every shape that the AWS CLI and other tools print.

use super::*;
use crate::snapshot::{TemplateSource, Unknown, UnknownKind};

/// Reads a document and hands its snapshots on.
fn read<T>(text: &str, check: impl FnOnce(Vec<Snapshot<'_>>) -> T) -> T {
    let arena = Bump::new();
    let root = Json::parse(text, &arena).unwrap();
    check(Snapshot::read(root, &arena).unwrap_or_else(|error| panic!("{text}: {error}")))
}

/// What a document is instead of a snapshot.
fn refused(text: &str) -> String {
    let arena = Bump::new();
    let root = Json::parse(text, &arena).unwrap();
    Snapshot::read(root, &arena).expect_err(text).to_string()
}

/// Section, pointer, pointers of the items, and whether it is complete.
fn outline(text: &str) -> Vec<(String, String, Vec<String>, bool)> {
    read(text, |snapshots| {
        let part = |part: &Part<'_>| {
            let items = (0..part.items().len()).map(|at| part.item_pointer(at).to_string()).collect();
            (part.section.name.clone(), part.pointer().to_string(), items, part.incomplete.is_none())
        };
        snapshots.iter().flat_map(|snapshot| snapshot.parts().map(part).collect::<Vec<_>>()).collect()
    })
}

fn part(section: &str, pointer: &str, items: &[&str], complete: bool) -> (String, String, Vec<String>, bool) {
    (section.to_owned(), pointer.to_owned(), items.iter().map(|&item| item.to_owned()).collect(), complete)
}

fn gap(text: &str, section: &str, at: usize, field: &str) -> Option<Unknown> {
    read(text, |snapshots| {
        let part = snapshots[0].part_named(section).expect(section);
        let object = part.items()[at].as_object().expect("an object");
        snapshots[0].why_missing(object, field).cloned()
    })
}

#[test]
fn every_describe_answer_fills_its_section() {
    let rows =
        envelope::ENVELOPES.iter().filter(|row| row.holds == Holds::Resources && row.field != "update");
    for row in rows {
        let section = row.section().expect("a section");
        let key =
            section.key.as_deref().or(section.compound_key.first().map(String::as_str)).unwrap_or("name");
        let item = format!(r#"{{"{key}": "x", "VersionNumber": 1}}"#);
        let list = row.field.ends_with('s') || row.field == "fargateProfileNames";
        let text = match row.field {
            "Reservations" => format!(r#"{{"Reservations": [{{"Instances": [{item}]}}]}}"#),
            field if list => format!(r#"{{"{field}": [{item}]}}"#),
            field => format!(r#"{{"{field}": {item}}}"#),
        };
        let outline = outline(&text);
        assert_eq!(outline.len(), 1, "{text}");
        assert_eq!(outline[0].0, row.section, "{text}");
    }
}

#[test]
fn pointers_are_those_of_the_document_as_written() {
    let subnets = r#"{"Subnets": [{"SubnetId": "a"}, {"SubnetId": "b"}]}"#;
    assert_eq!(outline(subnets), [part("subnets", "/Subnets", &["/Subnets/0", "/Subnets/1"], true)]);
    let nodegroup = r#"{"nodegroup": {"nodegroupName": "a"}}"#;
    assert_eq!(outline(nodegroup), [part("nodegroups", "/nodegroup", &["/nodegroup"], false)]);
    let association = r#"{"association": {"associationArn": "a"}}"#;
    assert_eq!(
        outline(association),
        [part("podIdentityAssociations", "/association", &["/association"], false)]
    );
    let instances = r#"{"Reservations": [{"Instances": []}, {"Instances": [{"InstanceId": "i"}]}]}"#;
    assert_eq!(
        outline(instances),
        [part("instances", "/Reservations", &["/Reservations/1/Instances/0"], true)]
    );
    assert_eq!(outline(r#"{"Reservations": []}"#), [part("instances", "/Reservations", &[], true)]);
    assert_eq!(outline(r#"{"Vpcs": [{"VpcId": "v"}]}"#), [part("vpc", "/Vpcs/0", &[], true)]);
    assert_eq!(outline(r#"{"cluster": {"name": "a"}}"#), [part("cluster", "/cluster", &[], true)]);
}

#[test]
fn answers_without_an_envelope_are_known_by_their_fields() {
    let cluster = r#"{"name": "a", "arn": "x", "resourcesVpcConfig": {}}"#;
    assert_eq!(outline(cluster), [part("cluster", "", &[], true)]);
    assert_eq!(
        outline(r#"{"EbsEncryptionByDefault": false}"#),
        [part("ebsEncryptionByDefault", "", &[], true)]
    );
    assert_eq!(
        outline(r#"{"AccountLevel": {"HttpTokens": "required"}}"#),
        [part("instanceMetadataDefaults", "", &[], true)]
    );
}

#[test]
fn a_list_of_clusters_is_a_list_of_snapshots() {
    let text = r#"[{"Name": "a", "Arn": "x", "ResourcesVpcConfig": {}}, {"cluster": {"name": "b"}}]"#;
    read(text, |snapshots| {
        let pointers: Vec<_> = snapshots.iter().map(|snapshot| snapshot.pointer.to_string()).collect();
        assert_eq!(pointers, ["/0", "/1"]);
        let names: Vec<_> = snapshots.iter().map(|snapshot| snapshot.identity.name.as_deref()).collect();
        assert_eq!(names, [Some("a"), Some("b")]);
    });
    assert_eq!(outline(text)[1], part("cluster", "/1/cluster", &[], true));
}

#[test]
fn addons_with_versions_are_another_section() {
    let versions = r#"{"addons": [{"addonName": "vpc-cni", "addonVersions": []}]}"#;
    assert_eq!(outline(versions)[0].0, "addonVersions");
    assert_eq!(outline(r#"{"addons": [{"addonName": "vpc-cni"}]}"#)[0].0, "addons");
}

#[test]
fn names_alone_leave_a_section_incomplete() {
    for (text, section, names) in [
        (r#"{"nodegroups": ["a", "b"]}"#, "nodegroups", ["a", "b"]),
        (r#"{"fargateProfileNames": ["a", "b"]}"#, "fargateProfiles", ["a", "b"]),
        (r#"{"accessEntries": ["a", "b"]}"#, "accessEntries", ["a", "b"]),
        (r#"{"clusters": ["a", "b"]}"#, "regionClusters", ["a", "b"]),
    ] {
        read(text, |snapshots| {
            let part = snapshots[0].part_named(section).expect(section);
            assert!(part.items().is_empty());
            assert_eq!(part.names, names);
            let unknown = part.incomplete.as_ref().expect("incomplete");
            assert_eq!(unknown.kind, UnknownKind::Incomplete, "{text}");
        });
    }
    assert_eq!(outline(r#"{"nodegroups": []}"#), [part("nodegroups", "/nodegroups", &[], true)]);
}

#[test]
fn what_a_list_call_says_of_an_item_is_not_all() {
    let summary = r#"{"associations": [{"associationArn": "a"}, {"associationArn": "b", "roleArn": "r"}]}"#;
    let unknown = gap(summary, "podIdentityAssociations", 0, "targetRoleArn").expect("a gap");
    assert_eq!(unknown.api.as_deref(), Some("eks:DescribePodIdentityAssociation"));
    assert_eq!(unknown.at, "/podIdentityAssociations/*");
    assert_eq!(gap(summary, "podIdentityAssociations", 1, "targetRoleArn"), None);
    let roles = r#"{"Roles": [{"Arn": "a"}]}"#;
    assert!(gap(roles, "roles", 0, "PermissionsBoundary").is_some());
    assert!(gap(r#"{"insights": [{"id": "a"}]}"#, "insights", 0, "resources").is_some());
    // In a snapshot, the same field holds whole items.
    assert_eq!(gap(r#"{"schemaVersion": 1, "insights": [{"id": "a"}]}"#, "insights", 0, "resources"), None);
}

#[test]
fn an_answer_that_is_cut_off_is_not_complete() {
    for text in [
        r#"{"Subnets": [{"SubnetId": "a"}], "NextToken": "t"}"#,
        r#"{"addons": [{"addonName": "a"}], "nextToken": "t"}"#,
        r#"{"Roles": [{"Arn": "a"}], "IsTruncated": true, "Marker": "m"}"#,
    ] {
        read(text, |snapshots| {
            let part = snapshots[0].parts().next().expect("a part");
            let reason = &part.incomplete.as_ref().expect("incomplete").reason;
            assert!(reason.ends_with("is cut off in the snapshot: more pages follow"), "{reason}");
        });
    }
    assert!(outline(r#"{"Subnets": [], "NextToken": null}"#)[0].3);
    assert!(outline(r#"{"Roles": [], "IsTruncated": false}"#)[0].3);
}

#[test]
fn vpc_attributes_are_booleans() {
    for text in [
        r#"{"VpcId": "v", "EnableDnsSupport": {"Value": false}}"#,
        r#"{"vpc": {"VpcId": "v", "EnableDnsSupport": {"Value": false}}}"#,
        r#"{"vpc": {"VpcId": "v", "EnableDnsSupport": false}}"#,
        r#"{"Vpcs": [{"VpcId": "v", "EnableDnsSupport": {"Value": false}}]}"#,
    ] {
        read(text, |snapshots| {
            let vpc = snapshots[0].part_named("vpc").expect(text).node;
            assert_eq!(vpc.get("EnableDnsSupport"), Some(Json::Bool(false)), "{text}");
            assert_eq!(vpc.get("VpcId"), Some(Json::Str("v")), "{text}");
        });
    }
    // One attribute says nothing of the rest.
    read(r#"{"VpcId": "v", "EnableDnsHostnames": {"Value": true}}"#, |snapshots| {
        let vpc = snapshots[0].part_named("vpc").expect("vpc").node.as_object().expect("an object");
        assert_eq!(snapshots[0].why_missing(vpc, "Tags").expect("a gap").at, "/vpc");
    });
}

#[test]
fn a_refused_call_on_a_section_is_why_it_is_absent() {
    let text = r#"{"schemaVersion": 1, "cluster": {"name": "a"}, "notCollected":
        [{"at": "/subnets", "api": "ec2:DescribeSubnets", "reason": "AccessDenied", "kind": "denied"}]}"#;
    read(text, |snapshots| {
        let unknown = snapshots[0].why_absent(section::by_name("subnets").expect("a section"));
        assert_eq!((unknown.kind, unknown.reason.as_str()), (UnknownKind::Denied, "AccessDenied"));
        assert_eq!(unknown.action.as_deref(), Some("ec2:DescribeSubnets"));
        let other = snapshots[0].why_absent(section::by_name("volumes").expect("a section"));
        assert_eq!(other.kind, UnknownKind::NotInSnapshot);
    });
}

#[test]
fn a_note_on_a_section_that_is_there_leaves_it_incomplete() {
    for at in ["/nodegroups", "/nodegroups/7"] {
        let text = format!(
            r#"{{"schemaVersion": 1, "nodegroups": [{{"nodegroupName": "a"}}],
                "notCollected": [{{"at": "{at}", "api": "eks:DescribeNodegroup", "reason": "no", "kind": "error"}}]}}"#
        );
        read(&text, |snapshots| {
            let part = snapshots[0].part_named("nodegroups").expect("nodegroups");
            assert_eq!(part.incomplete.as_ref().expect("incomplete").reason, "no", "{at}");
            assert_eq!(part.items().len(), 1);
        });
    }
}

#[test]
fn a_note_on_an_item_concerns_that_item() {
    let text = r#"{"schemaVersion": 1, "nodegroups": [{"nodegroupName": "a"}, {"nodegroupName": "b"}],
        "notCollected": [{"at": "/nodegroups/1", "api": "x:Y", "reason": "no", "kind": "error"}]}"#;
    assert_eq!(gap(text, "nodegroups", 0, "labels"), None);
    assert_eq!(gap(text, "nodegroups", 1, "labels").expect("a gap").reason, "no");
    assert!(outline(text)[0].3, "the section itself is complete");
}

#[test]
fn a_note_on_a_field_concerns_that_field() {
    for field in ["", r#", "AttachedPolicies": null"#] {
        let text = format!(
            r#"{{"schemaVersion": 1, "roles": [{{"Arn": "a"{field}}}], "notCollected":
                [{{"at": "/roles/0/AttachedPolicies", "reason": "no", "kind": "denied"}}]}}"#
        );
        assert_eq!(
            gap(&text, "roles", 0, "AttachedPolicies").expect("a gap").at,
            "/roles/*/AttachedPolicies"
        );
        assert_eq!(gap(&text, "roles", 0, "InlinePolicies"), None);
    }
}

#[test]
fn odd_notes_harm_nothing() {
    let text = r#"{"schemaVersion": 1, "cluster": {"name": "a", "version": "1.30"}, "subnets": [],
        "notCollected": [null, 1, {}, {"at": 3}, {"at": ""}, {"at": "/nowhere"}, {"at": "/cluster/version/x"},
        {"at": "/subnets/99999999999999999999"}, {"at": "/subnets/-1/x"}, {"at": "//"}]}"#;
    assert_eq!(outline(text).len(), 2);
}

#[test]
fn errors_and_updates_are_called_what_they_are() {
    for text in [
        r#"{"Error": {"Code": "AccessDenied", "Message": "no"}}"#,
        r#"{"__type": "AccessDenied", "message": "no"}"#,
        r#"{"code": "AccessDenied", "message": "no"}"#,
        r#"{"Code": "AccessDenied", "Message": "no"}"#,
    ] {
        assert_eq!(refused(text), "is an AWS error answer, not a snapshot: AccessDenied: no", "{text}");
    }
    assert_eq!(refused(r#"{"message": "no"}"#), "is an AWS error answer, not a snapshot: no");
    let update = r#"{"update": {"id": "1", "type": "EndpointAccessUpdate", "params": []}}"#;
    assert!(refused(update).starts_with("is the answer to a change (EndpointAccessUpdate), "));
}

#[test]
fn other_versions_are_refused() {
    for version in ["0", "3", "1.5", "\"2\"", "true"] {
        let refused = refused(&format!(r#"{{"schemaVersion": {version}, "cluster": {{"name": "a"}}}}"#));
        let expected =
            format!("has schemaVersion {version}; this version of ekslint reads schemaVersion 1 and 2");
        assert!(refused.starts_with(&expected), "{refused}");
    }
    for version in [1, 2] {
        let text = format!(r#"{{"schemaVersion": {version}, "cluster": {{"name": "a"}}}}"#);
        assert_eq!(outline(&text).len(), 1);
    }
}

/// A snapshot of a template with these references.
fn referring(references: &str) -> String {
    format!(
        r#"{{"schemaVersion": 2, "source": "terraform", "region": "${{var.region}}",
            "cluster": {{"name": "${{var.name}}", "version": "1.30", "tags": {{"a/b": "${{local.x}}", "empty": ""}},
            "logging": {{"clusterLogging": [{{"types": ["api"], "enabled": true}}]}}}},
            "nodegroups": [{{"nodegroupName": "a", "subnets": ["${{aws_subnet.a.id}}"]}}],
            "references": {references}}}"#
    )
}

#[test]
fn references_are_symbols() {
    let references =
        r#"["/cluster/name", "/region", "/cluster/tags/a~1b", "/nodegroups/0/subnets/0", "/cluster/name"]"#;
    read(&referring(references), |snapshots| {
        let snapshot = &snapshots[0];
        let cluster = snapshot.cluster().unwrap();
        assert_eq!(cluster.get("name"), Some(Json::Symbol("${var.name}")));
        assert_eq!(cluster.get("tags").unwrap().get("a/b"), Some(Json::Symbol("${local.x}")));
        assert_eq!(cluster.get("version"), Some(Json::Str("1.30")));
        let subnets = snapshot.part_named("nodegroups").unwrap().items()[0].get("subnets").unwrap();
        assert_eq!(subnets.as_list().unwrap(), [Json::Symbol("${aws_subnet.a.id}")]);
        assert!(snapshot.is_symbol("${var.name}") && !snapshot.is_symbol("1.30"));
        assert_eq!(snapshot.identity.name.as_deref(), Some("${var.name}"));
        assert_eq!(snapshot.identity.region, None);
        assert_eq!(snapshot.source, Some(TemplateSource::Terraform));
    });
}

#[test]
fn references_that_are_none_are_named() {
    for (references, expected) in [
        (r#""/cluster/name""#, "has `references` that are a string, not a list of JSON pointers"),
        ("[7]", "has the reference 7 (/references/0), which is no JSON pointer"),
        (
            r#"["/cluster/name", "/cluster/nam"]"#,
            "has the reference \"/cluster/nam\" (/references/1), which leads to no text of the snapshot",
        ),
        (r#"["/nodegroups/1/subnets/0"]"#, "leads to no text of the snapshot"),
        (r#"["/nodegroups/0/subnets/00x"]"#, "leads to no text of the snapshot"),
        (r#"["/cluster/tags"]"#, "leads to no text of the snapshot"),
        (r#"["/cluster/name/x"]"#, "leads to no text of the snapshot"),
        (r#"["/cluster/logging/clusterLogging/0/enabled"]"#, "leads to no text of the snapshot"),
        (r#"["/cluster/version"]"#, "leads to a text without a symbol: write one as `${…}`"),
        (r#"["/cluster/tags/empty"]"#, "leads to a text without a symbol"),
        (r#"[""]"#, "leads to no part of the snapshot"),
        (r#"["/references/0"]"#, "leads to no part of the snapshot"),
        (r#"["/notCollected/0/at"]"#, "leads to no part of the snapshot"),
        (r#"["cluster/name"]"#, "leads to no part of the snapshot"),
    ] {
        let refused = refused(&referring(references));
        assert!(refused.contains(expected), "{references}: {refused}");
    }
}

#[test]
fn what_only_templates_have_needs_their_version() {
    for (fields, expected) in [
        (r#""schemaVersion": 1, "references": []"#, "has `references`, which needs `\"schemaVersion\": 2`"),
        (r#""references": ["/cluster/name"]"#, "has `references`, which needs `\"schemaVersion\": 2`"),
        (r#""schemaVersion": 1, "source": "terraform""#, "has `source`, which needs `\"schemaVersion\": 2`"),
        (
            r#""schemaVersion": 2, "source": "terrafrom""#,
            "has the source \"terrafrom\", which ekslint does not know; did you mean `terraform`?",
        ),
        (
            r#""schemaVersion": 2, "source": 5"#,
            "has the source 5, which ekslint does not know; known are terraform, cloudformation, eksctl",
        ),
    ] {
        let refused = refused(&format!(r#"{{{fields}, "cluster": {{"name": "a"}}}}"#));
        assert_eq!(refused, expected);
    }
}

#[test]
fn many_references_cost_little() {
    let wide: Vec<_> = (0..50_000).map(|at| format!(r#""t{at}": "${{t{at}}}""#)).collect();
    let mut references: Vec<_> = (0..50_000).map(|at| format!(r#""/cluster/tags/t{at}""#)).collect();
    references.extend(vec![r#""/cluster/name""#.to_owned(); 50_000]);
    let notes: Vec<_> = (0..50_000).map(|at| format!(r#"{{"at": "/cluster/tags/t{at}/x"}}"#)).collect();
    let deep = "/0".repeat(1_000_000);
    let text = |references: &[String]| {
        format!(
            r#"{{"schemaVersion": 2, "cluster": {{"name": "${{n}}", "tags": {{{}}}}}, "references": [{}], "notCollected": [{}, {{"at": "/cluster/tags{deep}"}}]}}"#,
            wide.join(","),
            references.join(","),
            notes.join(",")
        )
    };
    let before = std::time::Instant::now();
    read(&text(&references), |snapshots| assert_eq!(snapshots[0].symbols().count(), 50_001));
    references.push(format!("\"/cluster{deep}\""));
    assert!(refused(&text(&references)).contains("leads to no text"));
    assert!(before.elapsed().as_secs() < 60, "{:?}", before.elapsed());
}

/// What stands at a place of a resource.
fn at(text: &str, section: &str, way: &[&str]) -> String {
    read(text, |snapshots| {
        let part = snapshots[0].part_named(section).expect(section);
        assert!(part.incomplete.is_none(), "{text}: {:?}", part.incomplete);
        let node = way.iter().fold(part.node, |node, step| match node {
            Json::List(items) => items[step.parse::<usize>().unwrap()],
            node => node.get(step).unwrap_or(Json::Null),
        });
        format!("{node:?}").chars().take(12).collect()
    })
}

#[test]
fn a_note_on_a_value_that_is_there_concerns_that_value() {
    let text = |note: &str| {
        format!(
            r#"{{"schemaVersion": 2, "cluster": {{"name": "a", "version": "1.30", "deletionProtection": false,
                "resourcesVpcConfig": {{"subnetIds": ["s1", null, "s2"], "publicAccessCidrs": []}}}},
                "nodegroups": [{{"nodegroupName": "a", "subnets": ["s1"], "scalingConfig": {{"minSize": 1}}}}],
                "notCollected": [{{"at": "{note}", "kind": "untilApply", "reason": "not yet"}}]}}"#
        )
    };
    let unknown = "Unknown(Reas";
    for (note, section, way) in [
        ("/cluster/version", "cluster", &["version"][..]),
        ("/cluster/version/below", "cluster", &["version"]),
        ("/cluster/deletionProtection", "cluster", &["deletionProtection"]),
        ("/cluster/resourcesVpcConfig/subnetIds", "cluster", &["resourcesVpcConfig", "subnetIds"]),
        (
            "/cluster/resourcesVpcConfig/publicAccessCidrs",
            "cluster",
            &["resourcesVpcConfig", "publicAccessCidrs"],
        ),
        ("/cluster/resourcesVpcConfig/subnetIds/0", "cluster", &["resourcesVpcConfig", "subnetIds", "0"]),
        ("/cluster/resourcesVpcConfig/subnetIds/1", "cluster", &["resourcesVpcConfig", "subnetIds", "1"]),
        // There may be another one.
        ("/cluster/resourcesVpcConfig/subnetIds/3", "cluster", &["resourcesVpcConfig", "subnetIds", "3"]),
        ("/nodegroups/0/subnets", "nodegroups", &["0", "subnets"]),
        ("/nodegroups/0/subnets/0", "nodegroups", &["0", "subnets", "0"]),
        ("/nodegroups/0/scalingConfig/minSize", "nodegroups", &["0", "scalingConfig", "minSize"]),
    ] {
        let text = text(note);
        assert_eq!(at(&text, section, way), unknown, "{note}");
        assert_eq!(at(&text, "cluster", &["name"]), "Str(\"a\")");
        assert_eq!(read(&text, |snapshots| snapshots[0].uncollected().len()), 1);
    }
    // A note on the second item leaves the first, and one on an object leaves what it has.
    assert_eq!(
        at(
            &text("/cluster/resourcesVpcConfig/subnetIds/1"),
            "cluster",
            &["resourcesVpcConfig", "subnetIds", "0"]
        ),
        "Str(\"s1\")"
    );
    assert_eq!(
        at(&text("/nodegroups/0/scalingConfig"), "nodegroups", &["0", "scalingConfig", "minSize"]),
        "Int(1)"
    );
    // Of whole sections, and of resources, it is the section that may have more.
    for note in ["/nodegroups", "/nodegroups/1", "/nodegroups/1/subnets"] {
        read(&text(note), |snapshots| {
            let part = snapshots[0].part_named("nodegroups").unwrap();
            assert_eq!(
                part.incomplete.as_ref().map(|unknown| unknown.kind),
                Some(UnknownKind::UntilApply),
                "{note}"
            );
        });
    }
}

#[test]
fn templates_lack_what_only_a_running_cluster_shows() {
    read(
        r#"{"schemaVersion": 2, "source": "eksctl", "cluster": {"name": "a"}, "instances": []}"#,
        |snapshots| {
            let why = |name: &str| snapshots[0].why_absent(section::by_name(name).unwrap()).kind;
            assert_eq!(why("insights"), UnknownKind::NotInTemplate);
            assert_eq!(why("nodegroups"), UnknownKind::NotInSnapshot);
            assert!(snapshots[0].part_named("instances").is_some());
        },
    );
}

#[test]
fn a_part_of_a_resource_is_for_import() {
    for (text, command) in [
        (r#"{"AttachedPolicies": []}"#, "iam list-attached-role-policies"),
        (r#"{"PolicyNames": []}"#, "iam list-role-policies"),
        (r#"{"RoleName": "a", "PolicyName": "b", "PolicyDocument": {}}"#, "iam get-role-policy"),
        (r#"{"PolicyVersion": {}}"#, "iam get-policy-version"),
        (r#"{"Entries": []}"#, "ec2 get-managed-prefix-list-entries"),
        (r#"{"associatedAccessPolicies": []}"#, "eks list-associated-access-policies"),
        (r#"{"Url": "u", "ThumbprintList": []}"#, "iam get-open-id-connect-provider"),
        (r#"{"Vpcs": [{"VpcId": "a"}, {"VpcId": "b"}]}"#, "ec2 describe-vpcs"),
    ] {
        let message = refused(text);
        assert!(message.contains(&format!("`aws {command}`")), "{message}");
        assert!(message.contains("ekslint snapshot import DIR"), "{message}");
    }
}

#[test]
fn other_json_is_described() {
    assert_eq!(refused("[]"), "is not a snapshot of an EKS cluster but an empty list");
    assert_eq!(refused("{}"), "is not a snapshot of an EKS cluster but an empty object");
    assert_eq!(refused("null"), "is not a snapshot of an EKS cluster but null");
    assert_eq!(refused("[1]"), "is not a snapshot of an EKS cluster but a list with a number");
    let package = r#"{"name": "x", "version": "1", "a": 1, "b": 2}"#;
    assert_eq!(
        refused(package),
        r#"is not a snapshot of an EKS cluster but an object with "name", "version", "a""#
    );
    for text in
        [r#"{"cluster": null}"#, r#"{"cluster": "x"}"#, r#"{"nodegroups": 3}"#, r#"{"Subnets": [{}]}"#]
    {
        assert!(refused(text).starts_with("is not a snapshot"), "{text}");
    }
}

#[test]
fn the_control_plane_decides_the_kind() {
    let kind = |text: &str| read(text, |snapshots| snapshots[0].kind);
    assert_eq!(kind(r#"{"cluster": {"name": "a", "resourcesVpcConfig": {}}}"#), ClusterType::Eks);
    assert_eq!(
        kind(r#"{"cluster": {"name": "a", "resourcesVpcConfig": {}, "outpostConfig": {}}}"#),
        ClusterType::Outpost
    );
    let local = |config: &str| {
        kind(&format!(
            r#"{{"cluster": {{"name": "a", "resourcesVpcConfig": {{}}, "outpostConfig": {config}}}}}"#
        ))
    };
    // https://docs.aws.amazon.com/eks/latest/APIReference/API_OutpostConfigRequest.html: instance store alone has etcd instances.
    assert_eq!(local(r#"{"controlPlaneInstanceType": "m5.large"}"#), ClusterType::Outpost);
    assert_eq!(local(r#"{"etcdInstanceType": null}"#), ClusterType::Outpost);
    assert_eq!(local(r#"{"etcdInstanceType": "m5.large"}"#), ClusterType::OutpostInstanceStore);
    assert_eq!(local(r#"{"etcdInstanceType": 3}"#), ClusterType::OutpostInstanceStore);
    // A file that lacks the network of its cluster has a gap; it says nothing of where the cluster runs.
    assert_eq!(kind(r#"{"cluster": {"name": "a"}}"#), ClusterType::Eks);
    assert_eq!(
        kind(r#"{"cluster": {"name": "a", "connectorConfig": {"provider": "GKE"}}}"#),
        ClusterType::Connected
    );
    // Go tools print every field, most of them null.
    assert_eq!(
        kind(r#"[{"Name": "a", "Arn": "x", "ResourcesVpcConfig": {}, "ConnectorConfig": null}]"#),
        ClusterType::Eks
    );
    assert_eq!(
        kind(
            r#"[{"Name": "a", "Arn": "x", "ResourcesVpcConfig": null, "ConnectorConfig": {"Provider": "GKE"}}]"#
        ),
        ClusterType::Connected
    );
    // Without a cluster nothing says otherwise.
    assert_eq!(kind(r#"{"Subnets": []}"#), ClusterType::Eks);
}

#[test]
fn a_field_of_another_type_says_no_kind() {
    let unknown = |field: &str| {
        let text = format!(r#"{{"cluster": {{"name": "a", "{field}": "x", "resourcesVpcConfig": {{}}}}}}"#);
        read(&text, |snapshots| snapshots[0].why_kind_unknown().map(|unknown| unknown.reason.clone()))
    };
    for field in ["connectorConfig", "outpostConfig"] {
        assert_eq!(unknown(field).as_deref(), Some(&*format!("{field} is a string, not an object")));
    }
    assert_eq!(unknown("logging"), None);
}

/// Why a section may lack items, or why it is not there.
fn why(text: &str, section: &str) -> Option<String> {
    read(text, |snapshots| {
        let section = crate::snapshot::section::by_name(section).expect("a section");
        let unknown = match snapshots[0].part(section) {
            Some(part) => part.incomplete.clone(),
            None => Some(snapshots[0].why_absent(section)),
        };
        unknown.map(|unknown| unknown.reason)
    })
}

#[test]
fn an_item_whose_key_cannot_be_read_may_be_any() {
    let roles = |key: &str| why(&format!(r#"{{"roles": [{{"Arn": "a"}}, {key}]}}"#), "roles");
    let unusable = Some("roles has an item without a usable Arn".to_owned());
    for key in [r#"{"Arn": 1.5}"#, r#"{"Arn": ""}"#, r#"{"Arn": []}"#, r#"{"Arn": null}"#, "{}"] {
        assert_eq!(roles(key), unusable, "{key}");
    }
    let whole = r#"{"schemaVersion": 1, "roles": [{"RoleName": "a"}]}"#;
    assert_eq!(why(whole, "roles"), unusable);
    assert_eq!(roles(r#"{"Arn": "b"}"#), None);
    let noted = |at: &str| {
        why(
            &format!(
                r#"{{"schemaVersion": 1, "roles": [{{"RoleName": "a"}}], "notCollected": [{{"at": "/roles/0/{at}", "reason": "var.a has no value", "kind": "untilApply"}}]}}"#
            ),
            "roles",
        )
    };
    assert_eq!(noted("Arn").as_deref(), Some("var.a has no value"));
    assert_eq!(noted("Path"), unusable);
    assert_eq!(roles("7").as_deref(), Some("an item of roles is a number, not an object"));
    assert_eq!(roles("null").as_deref(), Some("an item of roles is null, not an object"));
    assert_eq!(roles(r#""b""#).as_deref(), Some("roles is not complete in the snapshot"));
}

#[test]
fn a_section_of_another_type_is_said_to_be_one() {
    let vpc = |value: &str| why(&format!(r#"{{"roles": [], "vpc": {value}, "subnets": {value}}}"#), "vpc");
    assert_eq!(vpc("3").as_deref(), Some("vpc is a number, not an object"));
    assert_eq!(vpc("null").as_deref(), Some("vpc is not in the snapshot"));
    let text = r#"{"roles": [], "subnets": {"SubnetId": "subnet-1"}}"#;
    assert_eq!(why(text, "subnets").as_deref(), Some("subnets is an object, not a list of objects"));
}

#[test]
fn parts_say_whose_they_are() {
    let identity = |text: &str| read(text, |snapshots| snapshots[0].identity.clone());
    let arn = "arn:aws-cn:eks:cn-north-1:111122223333:cluster/prod";
    let whole = Identity {
        name: Some("prod".to_owned()),
        arn: Some(arn.to_owned()),
        account: Some("111122223333".to_owned()),
        region: Some("cn-north-1".to_owned()),
        ..Identity::default()
    };
    assert_eq!(identity(&format!(r#"{{"cluster": {{"name": "prod", "arn": "{arn}"}}}}"#)), whole);
    assert_eq!(identity(&format!(r#"{{"cluster": {{"Arn": "{arn}"}}}}"#)), whole);
    let item = "arn:aws-cn:eks:cn-north-1:111122223333:nodegroup/prod/a/1";
    let nodegroup = format!(
        r#"{{"nodegroup": {{"nodegroupName": "a", "clusterName": "prod", "nodegroupArn": "{item}"}}}}"#
    );
    assert_eq!(identity(&nodegroup), whole);
    let head = r#"{"schemaVersion": 1, "account": "111122223333", "region": "cn-north-1", "partition": "aws-cn",
        "cluster": {"name": "prod"}}"#;
    assert_eq!(identity(head), whole);
    let named = r#"{"fargateProfile": {"fargateProfileName": "a", "clusterName": "prod"}}"#;
    assert_eq!(identity(named), Identity { name: Some("prod".to_owned()), ..Identity::default() });
    let others = format!(r#"{{"clusters": [{{"name": "x", "arn": "{arn}"}}]}}"#);
    assert_eq!(identity(&others), Identity::default());
    // eksctl's own tests print ARNs that are none.
    let odd = identity(r#"[{"Name": "a", "Arn": "arn-1", "ResourcesVpcConfig": {}}]"#);
    assert_eq!((odd.name.as_deref(), odd.account, odd.region), (Some("a"), None, None));
}

/// A cluster in a VPC of another account, as the AWS CLI prints it to the participant.
const SHARED: &str = r#"{
    "cluster": {"name": "a", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/a", "resourcesVpcConfig": {"vpcId": "vpc-1"}},
    "Vpcs": [{"VpcId": "vpc-1", "OwnerId": "444455556666", "Tags": []}],
    "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "OwnerId": "444455556666", "Tags": []},
        {"SubnetId": "subnet-2", "VpcId": "vpc-1", "OwnerId": "444455556666"},
        {"SubnetId": "subnet-3", "VpcId": "vpc-1", "OwnerId": "444455556666", "Tags": [{"Key": "own", "Value": "1"}]}],
    "NatGateways": [], "FlowLogs": [], "VpcEndpoints": [{"VpcEndpointId": "vpce-1", "VpcId": "vpc-1"}], "RouteTables": []}"#;

#[test]
fn what_the_owner_of_a_vpc_alone_sees_is_not_empty() {
    read(SHARED, |snapshots| {
        let snapshot = &snapshots[0];
        // The last of these was not asked for: an answer would not say more.
        for name in ["natGateways", "flowLogs", "vpcPeeringConnections"] {
            let unknown = snapshot.why_absent(section::by_name(name).expect("a section"));
            assert!(snapshot.part_named(name).is_none(), "{name}");
            assert_eq!((unknown.kind, unknown.at), (UnknownKind::SharedVpc, format!("/{name}")));
            assert_eq!(unknown.reason, "the VPC belongs to 444455556666, which alone may see this");
        }
        let endpoints = snapshot.part_named("vpcEndpoints").expect("the participant's own");
        let kind = endpoints.incomplete.as_ref().map(|unknown| unknown.kind);
        assert_eq!((endpoints.items().len(), kind), (1, Some(UnknownKind::SharedVpc)));
        let routes = snapshot.part_named("routeTables").expect("a participant sees them");
        assert!(routes.incomplete.is_none());
    });
}

#[test]
fn tags_that_the_owner_of_a_vpc_gave_are_unknown() {
    let kind = |name, at| gap(SHARED, name, at, "Tags").map(|unknown| (unknown.kind, unknown.at));
    for at in [0, 1] {
        assert_eq!(kind("subnets", at), Some((UnknownKind::SharedVpc, "/subnets/*/Tags".to_owned())));
    }
    assert_eq!(kind("subnets", 2), None, "the participant gave it");
    read(SHARED, |snapshots| {
        let tags = |item: &Json<'_>| item.get("Tags").is_some();
        let subnets = snapshots[0].part_named("subnets").expect("subnets").items();
        assert_eq!(subnets.iter().map(tags).collect::<Vec<_>>(), [false, false, true]);
        let vpc = snapshots[0].part_named("vpc").expect("a VPC").node;
        let unknown = snapshots[0].why_missing(vpc.as_object().expect("an object"), "Tags");
        assert_eq!(unknown.map(|unknown| unknown.kind), Some(UnknownKind::SharedVpc));
    });
}

#[test]
fn whose_a_vpc_is_must_be_known_to_be_another_account_s() {
    let own = SHARED.replace("444455556666", "111122223333");
    let other_vpc = SHARED.replace(r#""vpcId": "vpc-1""#, r#""vpcId": "vpc-2""#);
    let nobody = SHARED.replace("OwnerId", "Nothing");
    let no_account = SHARED.replace("arn:aws:eks:eu-west-1:111122223333:cluster/a", "a");
    for text in [own, other_vpc, nobody, no_account] {
        read(&text, |snapshots| {
            assert_eq!(
                snapshots[0].part_named("natGateways").map(|part| part.incomplete.is_none()),
                Some(true)
            );
        });
        assert_eq!(gap(&text, "subnets", 0, "Tags"), None, "{text}");
    }
    // One subnet is enough.
    read(&SHARED.replacen("OwnerId", "Nothing", 2), |snapshots| {
        assert!(snapshots[0].part_named("natGateways").is_none());
    });
}

#[test]
fn what_a_snapshot_says_itself_of_a_shared_vpc_counts() {
    let text = r#"{"schemaVersion": 1, "account": "111122223333", "cluster": {"name": "a"},
        "vpc": {"VpcId": "v", "OwnerId": "444455556666"}, "natGateways": [],
        "notCollected": [{"at": "/natGateways", "kind": "denied", "reason": "no"}, {"at": "/flowLogs", "kind": "denied", "reason": "no"}]}"#;
    read(text, |snapshots| {
        let kind = |name| snapshots[0].why_absent(section::by_name(name).expect("a section")).kind;
        assert_eq!(["natGateways", "flowLogs"].map(kind), [UnknownKind::Denied; 2]);
        assert_eq!(kind("vpcEndpoints"), UnknownKind::SharedVpc);
    });
}
