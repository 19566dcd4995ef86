use super::{at, has_unknown, mapped, shown, unknown_is_never_none};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const VERSION: &str = "launchTemplateVersions";

fn data(values: Value, pointer: &str) -> Value {
    let outcome = mapped(&[("aws_launch_template.a", values)]);
    let item = outcome.item(VERSION, "aws_launch_template.a");
    shown(at(item, "/LaunchTemplateData")).pointer(pointer).cloned().unwrap_or(Value::Null)
}

#[test]
fn a_launch_template_has_one_version() {
    let outcome = mapped(&[
        (
            "aws_launch_template.a",
            json!({"name": "nodes", "image_id": "ami-1", "update_default_version": true,
            "vpc_security_group_ids": ["${aws_security_group.a.id}"]}),
        ),
        (
            "aws_eks_node_group.a",
            json!({"cluster_name": "c", "launch_template": [{"id": "${aws_launch_template.a.id}",
            "version": "${aws_launch_template.a.latest_version}"}]}),
        ),
    ]);
    let template = outcome.item("launchTemplates", "aws_launch_template.a");
    assert_eq!(shown(at(template, "/LaunchTemplateName")), json!("nodes"));
    assert_eq!(shown(at(template, "/LatestVersionNumber")), json!(1));
    let version = outcome.item(VERSION, "aws_launch_template.a");
    assert_eq!(shown(at(version, "/LaunchTemplateId")), json!("${aws_launch_template.a.id}"));
    assert_eq!(shown(at(version, "/VersionNumber")), json!(1));
    assert_eq!(shown(at(version, "/LaunchTemplateData/ImageId")), json!("ami-1"));
    assert_eq!(
        shown(at(version, "/LaunchTemplateData/SecurityGroupIds")),
        json!(["${aws_security_group.a.id}"])
    );
    assert_eq!(
        outcome.place_of(at(version, "/LaunchTemplateData/ImageId")),
        "aws_launch_template.a/image_id"
    );
}

#[test]
fn booleans_of_launch_templates_are_texts() {
    let volume = |encrypted: Value| {
        json!({"block_device_mappings": [{"device_name": "/dev/xvda", "ebs": [
        {"encrypted": encrypted, "volume_size": "20", "kms_key_id": "${aws_kms_key.a.arn}"}]}]})
    };
    for (written, expected) in [
        (json!("true"), json!(true)),
        (json!(true), json!(true)),
        (json!("1"), json!(true)),
        (json!("false"), json!(false)),
        (json!(""), Value::Null),
        (Value::Null, Value::Null),
        (json!("?var.encrypted"), json!("?var.encrypted has no value")),
    ] {
        assert_eq!(
            data(volume(written.clone()), "/BlockDeviceMappings/0/Ebs/Encrypted"),
            expected,
            "{written}"
        );
    }
    assert_eq!(data(volume(json!(true)), "/BlockDeviceMappings/0/Ebs/VolumeSize"), json!(20));
    let interface = json!({"network_interfaces": [{"associate_public_ip_address": "false", "security_groups": ["sg-1"]}]});
    assert_eq!(data(interface.clone(), "/NetworkInterfaces/0/AssociatePublicIpAddress"), json!(false));
    assert_eq!(data(interface, "/NetworkInterfaces/0/Groups"), json!(["sg-1"]));
}

#[test]
fn tokens_that_are_not_set_are_not_known() {
    let tokens = "/MetadataOptions/HttpTokens";
    for values in [json!({}), json!({"metadata_options": [{"http_endpoint": "enabled"}]})] {
        let found = data(values, tokens);
        assert!(found.as_str().unwrap().starts_with("?http_tokens: it is not set"), "{found}");
    }
    let options =
        json!({"metadata_options": [{"http_tokens": "required", "http_put_response_hop_limit": "1"}]});
    assert_eq!(data(options.clone(), tokens), json!("required"));
    assert_eq!(data(options, "/MetadataOptions/HttpPutResponseHopLimit"), json!(1));
}

#[test]
fn of_user_data_only_what_rules_may_know_is_left() {
    let secret = "#!/bin/bash\nset -e\n/etc/eks/bootstrap.sh prod --kubelet-extra-args '--anonymous-auth=true'\n# hunter2";
    let outcome = mapped(&[("aws_launch_template.a", json!({"user_data": STANDARD.encode(secret)}))]);
    let version = outcome.item(VERSION, "aws_launch_template.a");
    assert_eq!(shown(at(version, "/LaunchTemplateData/UserDataFacts/format")), json!("shell"));
    assert_eq!(shown(at(version, "/LaunchTemplateData/UserDataFacts/clusterName")), json!("prod"));
    assert_eq!(
        outcome.place_of(at(version, "/LaunchTemplateData/UserDataFacts")),
        "aws_launch_template.a/user_data"
    );
    let all = shown(version).to_string();
    assert!(!all.contains("hunter2") && !all.contains(&STANDARD.encode(secret)[..20]), "{all}");
    for unknown in ["?var.data", "${data.cloudinit_config.a.rendered}"] {
        let outcome = mapped(&[("aws_launch_template.a", json!({"user_data": unknown}))]);
        let version = outcome.item(VERSION, "aws_launch_template.a");
        for field in ["UserDataFacts", "UserDataDigest"] {
            assert!(has_unknown(at(version, &format!("/LaunchTemplateData/{field}"))), "{unknown}");
        }
    }
}

#[test]
fn tags_of_what_is_started_are_lists() {
    let values =
        json!({"tag_specifications": [{"resource_type": "instance", "tags": {"Name": "node"}}, "?var.more"]});
    assert_eq!(
        data(values, "/TagSpecifications"),
        json!([{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "node"}]}, "?var.more has no value"])
    );
}

#[test]
fn what_holds_for_a_region() {
    let outcome = mapped(&[
        ("aws_ebs_encryption_by_default.a", json!({})),
        (
            "aws_ec2_instance_metadata_defaults.a",
            json!({"http_tokens": "required", "http_put_response_hop_limit": -1,
            "http_endpoint": "no-preference"}),
        ),
    ]);
    let encryption = outcome.item("ebsEncryptionByDefault", "aws_ebs_encryption_by_default.a");
    assert_eq!(shown(encryption), json!({"EbsEncryptionByDefault": true}));
    let metadata = outcome.item("instanceMetadataDefaults", "aws_ec2_instance_metadata_defaults.a");
    assert_eq!(shown(metadata), json!({"AccountLevel": {"HttpTokens": "required"}}));
}

#[test]
fn no_unknown_argument_becomes_none() {
    unknown_is_never_none(
        &[
            (
                "aws_launch_template.a",
                json!({"name": "a", "image_id": "ami-1", "instance_type": "t3.large", "key_name": "k",
                "vpc_security_group_ids": [], "iam_instance_profile": [{"name": "p"}], "metadata_options": [{}],
                "block_device_mappings": [], "network_interfaces": [], "user_data": "", "tag_specifications": [],
                "ebs_optimized": "true", "monitoring": [{"enabled": true}]}),
            ),
            ("aws_ebs_encryption_by_default.a", json!({"enabled": true})),
            ("aws_ec2_instance_metadata_defaults.a", json!({"http_tokens": "required"})),
        ],
        &[],
    );
}
