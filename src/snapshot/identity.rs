//! Who a cluster is: its name and place, as far as a description of it says.

use crate::text::bounded_name;
use crate::value::Json;
use std::collections::BTreeMap;

/// Name and place of a cluster, as far as the snapshot says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The cluster's name.
    pub name: Option<String>,
    /// Its ARN; put together from the snapshot's account and region where it is not written.
    pub arn: Option<String>,
    /// The AWS account.
    pub account: Option<String>,
    /// The AWS region.
    pub region: Option<String>,
    /// The cluster's tags, as far as the snapshot has them.
    pub tags: BTreeMap<String, String>,
}

/// The tags of a cluster: texts only.
fn tags_of(cluster: Json<'_>) -> BTreeMap<String, String> {
    let tags = cluster.get_go_cased("tags").and_then(|node| node.as_object());
    let entries = tags.map(|tags| tags.entries()).unwrap_or_default();
    entries.iter().filter_map(|(key, value)| Some(((*key).to_owned(), value.as_str()?.to_owned()))).collect()
}

impl Identity {
    /// What a cluster's own description says.
    pub fn of_cluster(cluster: Json<'_>) -> Self {
        let text = |field: &str| {
            let text = cluster.get_go_cased(field).and_then(|node| node.as_str());
            text.filter(|text| !text.is_empty()).map(bounded_name)
        };
        // A symbol names a cluster as well as a name does; an ARN that is one says nothing.
        let symbol = || cluster.get_go_cased("name").and_then(|node| node.as_written()).map(bounded_name);
        let arn = text("arn");
        let fields: Vec<_> = arn.as_deref().unwrap_or_default().split(':').collect();
        let field = |at: usize| fields.get(at).filter(|f| !f.is_empty()).map(|f| (*f).to_owned());
        let named = || field(5)?.strip_prefix("cluster/").map(str::to_owned);
        Self {
            name: text("name").or_else(named).or_else(symbol),
            region: field(3),
            account: field(4),
            arn,
            tags: tags_of(cluster),
        }
    }

    /// The partition of AWS: as its ARN says, else as its region does.
    pub fn partition(&self) -> Option<&str> {
        let of_arn =
            self.arn.as_deref().and_then(|arn| arn.split(':').nth(1)).filter(|name| !name.is_empty());
        of_arn.or_else(|| self.region.as_deref().map(partition_of_region))
    }

    /// The cluster of a part of it, as its `clusterName` and its own ARN say.
    pub fn of_item(item: &Json<'_>) -> Option<Self> {
        let item = item.get("oidc").unwrap_or(*item);
        let arn = item.as_object()?.entries().iter().find_map(|(_, node)| eks_arn(node.as_str()?));
        let (partition, region, account, resource) = arn.unwrap_or_default();
        let named = item.get_go_cased("clusterName").and_then(|node| node.as_written());
        let name = named.or_else(|| resource.split('/').nth(1))?;
        let arn = arn.map(|_| format!("arn:{partition}:eks:{region}:{account}:cluster/{name}"));
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Some(Self {
            name: text(name),
            arn,
            account: text(account),
            region: text(region),
            tags: BTreeMap::new(),
        })
    }
}

/// The partition that a region belongs to.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
pub(super) fn partition_of_region(region: &str) -> &'static str {
    const PARTITIONS: [(&str, &str); 6] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eusc-", "aws-eusc"),
        ("", "aws"),
    ];
    PARTITIONS.iter().find(|(start, _)| region.starts_with(start)).map_or("aws", |(_, name)| name)
}

/// Partition, region, account and resource of the ARN of a part of a cluster.
fn eks_arn(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (partition, rest) = text.strip_prefix("arn:")?.split_once(":eks:")?;
    let mut fields = rest.splitn(3, ':');
    let arn = (partition, fields.next()?, fields.next()?, fields.next()?);
    (!arn.3.starts_with("cluster/")).then_some(arn)
}
