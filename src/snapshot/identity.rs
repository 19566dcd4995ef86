//! Who a cluster is: its name and place, as far as a description of it says.

use super::template::TemplateAddress;
use crate::text::bounded_name;
use crate::value::Json;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Name and place of a cluster, as far as the snapshot says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// What people call the cluster: its name. Where only a template knows it, its address there, else its symbol.
    pub name: Option<String>,
    /// Whether the cluster gets another name than what people call it, which is known only after apply.
    pub is_renamed: bool,
    /// Where a template describes it.
    pub template: Option<TemplateAddress>,
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
        let literal = text("name").or_else(named);
        let stands_in = if literal.is_none() { symbol() } else { None };
        Self {
            is_renamed: stands_in.is_some(),
            template: None,
            name: literal.or(stands_in),
            region: field(3),
            account: field(4),
            arn,
            tags: tags_of(cluster),
        }
    }

    /// The same cluster, as a template describes it. Without a name it is called by its address there.
    pub(super) fn in_template(mut self, template: Option<TemplateAddress>) -> Self {
        let address = template.as_ref().and_then(|template| template.address.as_deref());
        if let (Some(address), None) = (address, self.literal_name()) {
            self.name = Some(bounded_name(address));
            self.is_renamed = true;
        }
        Self { template, ..self }
    }

    /// The name that AWS knows the cluster by, if it is known.
    pub fn literal_name(&self) -> Option<&str> {
        self.name.as_deref().filter(|_| !self.is_renamed)
    }

    /// Where it is: the environment of a template, the region, the account; as far as these are known.
    pub fn place(&self) -> impl Iterator<Item = &str> {
        let environment = self.template.as_ref().and_then(|template| template.environment.as_deref());
        [environment, self.region.as_deref(), self.account.as_deref()].into_iter().flatten()
    }

    /// The same in a line: `ap-northeast-2 111122223333`.
    pub fn place_in_words(&self) -> String {
        self.place().collect::<Vec<_>>().join(" ")
    }

    /// What tells the cluster apart from all others: its ARN, else where a template describes it, else its name.
    pub fn unique_name(&self) -> Option<Cow<'_, str>> {
        match (&self.arn, &self.template) {
            (Some(arn), _) => Some(arn.into()),
            (None, Some(template)) => Some(template.in_words().into()),
            (None, None) => self.name.as_deref().map(Cow::from),
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
            is_renamed: matches!(item.get_go_cased("clusterName"), Some(Json::Symbol(_))),
            arn,
            account: text(account),
            region: text(region),
            ..Self::default()
        })
    }
}

/// The partition that a region belongs to.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
pub(crate) fn partition_of_region(region: &str) -> &'static str {
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
