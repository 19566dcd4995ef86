//! How far the API server's endpoint is exposed: its mode, and arithmetic on the list of public access CIDRs.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>

use crate::facts::access_list::{AccessList, CidrEntry, VPC_CONFIG};
use crate::facts::builder::{FactBuilder, Field};
use crate::facts::known::Known;
use crate::facts::reserved;
use crate::facts::view::{SnapshotView, not_applicable};
use crate::snapshot::ClusterType;
use crate::value::Json;

/// How far the API server's endpoint is exposed.
#[derive(Clone, Debug)]
pub(crate) struct EndpointExposure<'s> {
    /// From where it can be reached at all.
    pub(crate) mode: EndpointMode,
    /// Whom the public endpoint accepts; nobody, if there is none.
    pub(crate) accepts: AccessList<'s>,
}

/// From where the endpoint can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointMode {
    /// Through the public endpoint.
    Public,
    /// Through both.
    PublicAndPrivate,
    /// Through the private one.
    Private,
}

impl EndpointMode {
    fn of(public: bool, private: bool) -> Self {
        match (public, private) {
            (true, false) => Self::Public,
            (true, true) => Self::PublicAndPrivate,
            (false, _) => Self::Private,
        }
    }

    /// The word that rules and programs compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::PublicAndPrivate => "public-and-private",
            Self::Private => "private",
        }
    }
}

impl<'s> EndpointExposure<'s> {
    /// The exposure of the cluster's endpoint.
    pub(crate) fn of(view: SnapshotView<'s>) -> Known<Self> {
        let cluster = view.cluster()?;
        if view.snapshot.kind == ClusterType::Connected {
            return Err(not_applicable("a connected cluster has no endpoint in AWS"));
        }
        cluster.field(VPC_CONFIG)?;
        let flag = |name| cluster.flag_under(&[VPC_CONFIG, name]);
        let (public, private) = (flag("endpointPublicAccess")?, flag("endpointPrivateAccess")?);
        let accepts = if public { AccessList::of(&cluster)? } else { AccessList::default() };
        Ok(Self { mode: EndpointMode::of(public, private), accepts })
    }
}

/// The facts of `facts.cluster.endpoint`.
pub(crate) fn facts<'s>(exposure: &Known<EndpointExposure<'s>>, builder: FactBuilder<'s>) -> Json<'s> {
    let exposure = match exposure {
        Ok(exposure) => exposure,
        Err(unknown) => return builder.unknown(unknown),
    };
    let mut fields = vec![("mode", Json::Str(exposure.mode.as_str()))];
    fields.extend(exposure.accepts.sizes(builder));
    fields.extend(exposure.accepts.remarkable(builder));
    builder.object_at(exposure.accepts.place.as_str(), fields)
}

impl<'s> AccessList<'s> {
    /// How much it holds.
    fn sizes(&self, builder: FactBuilder<'s>) -> [Field<'s>; 6] {
        let number = |number: Known<f64>| builder.known(number.map(Json::Double));
        let ranges = self.known(()).map(|()| builder.texts(self.blocks.union().ranges()));
        [
            ("openToInternet", builder.flag(self.open_to_internet())),
            ("ipv4Addresses", number(self.ipv4_addresses())),
            ("ipv6Prefixes64", number(self.ipv6_networks())),
            ("ipv4Share", number(self.known(self.blocks.union().v4_share()))),
            ("ipv6Share", number(self.known(self.blocks.union().v6_share()))),
            ("ranges", builder.known(ranges)),
        ]
    }

    /// What is remarkable about single entries.
    fn remarkable(&self, builder: FactBuilder<'s>) -> [Field<'s>; 3] {
        let reserved = self.entries.iter().filter_map(|entry| {
            let reserved = reserved::holding(&entry.block)?;
            let more = [("kind", Json::Str(reserved.kind)), ("by", Json::Str(reserved.by))];
            Some(self.entry(entry, more, builder))
        });
        let hosts =
            self.entries.iter().filter(|entry| entry.block.prefix_len() == entry.block.max_prefix_len());
        let redundant = redundant(&self.entries).into_iter().map(|(entry, within)| {
            let kind = if entry.block == within.block { "duplicate" } else { "contained" };
            self.entry(entry, [("kind", Json::Str(kind)), ("within", Json::Str(within.text))], builder)
        });
        let known = |list| builder.known(self.known(list));
        [
            ("reservedBlocks", known(builder.list(reserved))),
            ("singleHosts", known(builder.list(hosts.map(|host| self.entry(host, [], builder))))),
            ("redundantBlocks", known(builder.list(redundant))),
        ]
    }

    fn entry<const N: usize>(
        &self,
        entry: &CidrEntry<'s>,
        more: [Field<'s>; N],
        builder: FactBuilder<'s>,
    ) -> Json<'s> {
        let cidr = std::iter::once(("cidr", Json::Str(entry.text)));
        builder.object_at(self.place.index(entry.at).as_str(), cidr.chain(more))
    }
}

/// The entries that another one holds already, in the order of the list. Of equal ones the first counts.
fn redundant<'e, 's>(entries: &'e [CidrEntry<'s>]) -> Vec<(&'e CidrEntry<'s>, &'e CidrEntry<'s>)> {
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_by_key(|entry| (entry.block.network(), entry.block.prefix_len(), entry.at));
    let (mut found, mut around) = (Vec::new(), None::<&CidrEntry<'s>>);
    // What starts inside a block lies in it as a whole, so the last one that nothing holds is enough.
    for entry in sorted {
        match around.filter(|outer| outer.block.contains(&entry.block)) {
            Some(outer) => found.push((entry, outer)),
            None => around = Some(entry),
        }
    }
    found.sort_by_key(|(entry, _)| entry.at);
    found
}

#[cfg(test)]
mod tests {
    use super::{CidrEntry, EndpointExposure, redundant};
    use crate::facts::builder::FactBuilder;
    use crate::facts::view::SnapshotView;
    use crate::snapshot::Snapshot;
    use crate::value::Json;
    use bumpalo::Bump;
    use proptest::prelude::*;
    use serde_json::json;

    /// The facts of a public endpoint with that list: each asked for, as its text.
    fn facts_of<const N: usize>(cidrs: &serde_json::Value, fields: [&str; N]) -> [String; N] {
        let arena = Bump::new();
        let config = json!({ "endpointPublicAccess": true, "publicAccessCidrs": cidrs });
        let text = json!({ "cluster": { "name": "demo", "resourcesVpcConfig": config } }).to_string();
        let snapshots =
            Snapshot::read(Json::parse(&text, &arena).expect("JSON"), &arena).expect("a snapshot");
        let exposure = EndpointExposure::of(SnapshotView { snapshot: &snapshots[0] });
        let facts = super::facts(&exposure, FactBuilder::new(&arena));
        fields.map(|field| match facts.get(field) {
            Some(Json::Unknown(reason)) => format!("? {}", reason.words),
            Some(Json::List(items)) => {
                items.iter().map(|item| entry_text(*item)).collect::<Vec<_>>().join(", ")
            }
            fact => fact.map_or_else(String::new, |fact| fact.to_string()),
        })
    }

    /// Where an entry stands in the list, and what is said of it.
    fn entry_text(item: Json<'_>) -> String {
        let Some(object) = item.as_object() else { return item.as_str().unwrap_or_default().to_owned() };
        let place = object.origin().and_then(|origin| origin.rsplit('/').next());
        let said = object.entries().iter().filter_map(|(_, node)| node.as_str());
        place.into_iter().chain(said).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_list_is_measured_as_a_whole_and_entry_by_entry() {
        let list = json!(["203.0.113.7/32", "10.0.0.0/9", "10.128.0.0/9", "10.1.0.0/16", "2600::/16"]);
        let fields = [
            "mode",
            "openToInternet",
            "ranges",
            "ipv6Share",
            "reservedBlocks",
            "singleHosts",
            "redundantBlocks",
        ];
        assert_eq!(
            facts_of(&list, fields),
            [
                "\"public\"",
                "false",
                "10.0.0.0/8, 203.0.113.7/32, 2600::/16",
                "0.0001220703125",
                "0 203.0.113.7/32 documentation RFC 5737, 1 10.0.0.0/9 private RFC 1918, \
             2 10.128.0.0/9 private RFC 1918, 3 10.1.0.0/16 private RFC 1918",
                "0 203.0.113.7/32",
                "3 10.1.0.0/16 contained 10.0.0.0/9",
            ]
        );
    }

    #[test]
    fn no_list_is_everyone() {
        // https://docs.aws.amazon.com/eks/latest/APIReference/API_VpcConfigResponse.html
        let fields = ["openToInternet", "ranges", "ipv4Share", "ipv6Share", "redundantBlocks"];
        for none in [json!(null), json!([])] {
            assert_eq!(facts_of(&none, fields), ["true", "0.0.0.0/0, ::/0", "1.0", "1.0", ""]);
        }
    }

    #[test]
    fn what_is_no_cidr_matters_only_where_it_could_change_the_answer() {
        let fields = ["openToInternet", "ipv4Share"];
        let unread = "? \"office\" is not a CIDR";
        assert_eq!(facts_of(&json!(["203.0.113.7/32", "office"]), fields), [unread, unread]);
        assert_eq!(facts_of(&json!(["office", "0.0.0.0/0"]), fields), ["true", unread]);
    }

    fn entries<'t>(texts: &[&'t str]) -> Vec<CidrEntry<'t>> {
        let entry = |(at, text): (usize, &&'t str)| {
            let block: ipnet::IpNet = text.parse().expect("a CIDR");
            CidrEntry { at, text, block: block.trunc() }
        };
        texts.iter().enumerate().map(entry).collect()
    }

    #[test]
    fn an_entry_inside_another_or_written_twice_is_redundant() {
        let list = entries(&[
            "10.1.0.0/16",
            "10.0.0.0/8",
            "10.0.0.1/8",
            "11.0.0.0/8",
            "2001:db8::1/128",
            "2001:db8::/32",
        ]);
        let found: Vec<_> = redundant(&list).iter().map(|(entry, outer)| (entry.at, outer.at)).collect();
        assert_eq!(found, [(0, 1), (2, 1), (4, 5)]);
    }

    proptest! {
        #[test]
        fn an_entry_is_redundant_exactly_when_another_one_holds_it(
            blocks in prop::collection::vec((any::<u8>(), 0_u8..=8), 0..10),
        ) {
            let texts: Vec<_> = blocks.iter().map(|(last, host)| format!("10.0.0.{last}/{}", 32 - host)).collect();
            let list = entries(&texts.iter().map(String::as_str).collect::<Vec<_>>());
            let held = |entry: &CidrEntry<'_>| {
                list.iter().any(|other| {
                    let wider = other.block.contains(&entry.block) && other.block != entry.block;
                    wider || (other.block == entry.block && other.at < entry.at)
                })
            };
            let expected: Vec<_> = list.iter().filter(|entry| held(entry)).map(|entry| entry.at).collect();
            let found: Vec<_> = redundant(&list).iter().map(|(entry, _)| entry.at).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
