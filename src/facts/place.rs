//! The facts `facts.region` and `facts.partition`: where the cluster is, for commands and ARNs.

use super::builder::{FactBuilder, Field};
use super::view::SnapshotView;
use crate::snapshot::Unknown;
use crate::value::Json;

/// Where the cluster is: as its ARN says, the snapshot, or the ARNs of its parts.
pub(super) fn facts<'s>(view: SnapshotView<'s>, builder: FactBuilder<'s>) -> [Field<'s>; 2] {
    let identity = &view.snapshot.identity;
    let text = |text: Option<&'s str>, what: &str| {
        let unknown = || Unknown::undecided(format!("nothing in the snapshot says which {what} it is of"));
        builder.known(text.map(Json::Str).ok_or_else(unknown))
    };
    [
        ("region", text(identity.region.as_deref(), "region")),
        ("partition", text(identity.partition(), "partition")),
    ]
}

#[cfg(test)]
mod tests {
    use crate::facts::{AsOf, FactSet, facts};
    use crate::snapshot::Snapshot;
    use crate::value::Json;
    use bumpalo::Bump;
    use serde_json::{Value, json};

    /// Region and partition of a snapshot, `?` where they are not known.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
    #[test]
    fn the_region_stands_in_arns_or_beside_them() {
        let cluster = |arn: Option<&str>| json!({"name": "a", "arn": arn, "resourcesVpcConfig": {}});
        let group = json!([{"nodegroupName": "g", "clusterName": "a",
            "nodegroupArn": "arn:aws-us-gov:eks:us-gov-east-1:111122223333:nodegroup/a/g/0a"}]);
        let own = Some("arn:aws-cn:eks:cn-north-1:111122223333:cluster/a");
        for (snapshot, expected) in [
            (json!({"cluster": cluster(own)}), "cn-north-1 aws-cn"),
            (json!({"cluster": cluster(own), "region": "eu-west-1"}), "cn-north-1 aws-cn"),
            (json!({"cluster": cluster(None), "region": "us-gov-west-1"}), "us-gov-west-1 aws-us-gov"),
            (json!({"cluster": cluster(None), "region": "eu-west-1"}), "eu-west-1 aws"),
            (json!({"cluster": cluster(None), "nodegroups": group}), "us-gov-east-1 aws-us-gov"),
            (json!({"cluster": cluster(None)}), "? ?"),
        ] {
            let mut snapshot = snapshot;
            snapshot["schemaVersion"] = 1.into();
            if snapshot["cluster"]["arn"].is_null() {
                snapshot["cluster"].as_object_mut().expect("a cluster").remove("arn");
            }
            let arena = Bump::new();
            let snapshots = Snapshot::read(Json::of(&snapshot, &arena), &arena).expect("a snapshot");
            let as_of = AsOf { date: chrono::NaiveDate::default() };
            let facts =
                serde_json::to_value(facts(&snapshots[0], as_of, FactSet::ALL, &arena)).expect("JSON");
            let shown = ["region", "partition"].map(|field| match &facts[field] {
                Value::String(text) => text.clone(),
                _ => "?".to_owned(),
            });
            assert_eq!(shown.join(" "), expected, "{snapshot}");
        }
    }
}
