//! How far the API server's endpoint is exposed: arithmetic on the list of public access CIDRs.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>

use super::builder::FactBuilder;
use super::cidrs::Union;
use super::known::Known;
use super::reserved;
use super::version::{not_applicable, place, place_in_cluster};
use super::view::why_absent;
use crate::snapshot::{Kind, Snapshot, Unknown};
use crate::value::{Node, Pointer};
use ipnet::IpNet;

/// The facts of `facts.cluster.endpoint`.
pub(super) fn of_cluster<'t>(snapshot: &Snapshot<'t>, builder: FactBuilder<'t>) -> Node<'t> {
    let Some(cluster) = snapshot.cluster() else {
        return builder.unknown(&why_absent(snapshot, "cluster"));
    };
    if snapshot.kind == Kind::Connected {
        return builder.unknown(&not_applicable("a connected cluster has no endpoint in AWS"));
    }
    let Some(config) = cluster.at(&["resourcesVpcConfig"]) else {
        return builder.unknown(&super::version::field_absent("resourcesVpcConfig"));
    };
    match (flag(config, "endpointPublicAccess", true), flag(config, "endpointPrivateAccess", false)) {
        (Ok(public), Ok(private)) => {
            let place = place_in_cluster(snapshot, "resourcesVpcConfig");
            let list = if public { List::of(config, &place) } else { List::default() };
            let mut fields = vec![("mode", Node::Str(mode(public, private)))];
            fields.extend(list.sizes(builder));
            fields.extend(list.entries(builder));
            builder.object_at(list.place.as_str(), fields)
        }
        (Err(unknown), _) | (_, Err(unknown)) => builder.unknown(&unknown),
    }
}

fn mode(public: bool, private: bool) -> &'static str {
    match (public, private) {
        (true, false) => "public",
        (true, true) => "public-and-private",
        (false, _) => "private",
    }
}

fn flag(config: Node<'_>, name: &str, absent: bool) -> Known<bool> {
    let Some(node) = config.get_go_cased(name) else { return Ok(absent) };
    let at = format!("/cluster/resourcesVpcConfig/{name}");
    node.as_bool().ok_or_else(|| Unknown::invalid(format!("{node} is neither true nor false"), &at))
}

/// An entry of the list, with its position.
struct Entry<'t> {
    at: usize,
    text: &'t str,
    block: IpNet,
}

/// The public access CIDRs.
#[derive(Default)]
struct List<'t> {
    place: Pointer,
    entries: Vec<Entry<'t>>,
    union: Union,
    /// The first entry that is no CIDR.
    invalid: Option<Unknown>,
}

impl<'t> List<'t> {
    /// The list of a public endpoint. None means everyone.
    fn of(config: Node<'t>, config_at: &Pointer) -> Self {
        let place = place(config_at, &config, "publicAccessCidrs");
        let items =
            config.get_go_cased("publicAccessCidrs").and_then(|node| node.as_list()).unwrap_or_default();
        if items.is_empty() {
            let everyone = ["0.0.0.0/0", "::/0"].iter().filter_map(|all| all.parse().ok());
            return Self { place, union: Union::of(everyone), ..Self::default() };
        }
        let (mut entries, mut invalid) = (Vec::new(), None);
        for (at, item) in items.iter().enumerate() {
            match item.as_str().and_then(|text| Some((text, text.parse::<IpNet>().ok()?))) {
                Some((text, block)) => entries.push(Entry { at, text, block: block.trunc() }),
                None => {
                    let at = "/cluster/resourcesVpcConfig/publicAccessCidrs/0";
                    invalid.get_or_insert_with(|| Unknown::invalid(format!("{item} is not a CIDR"), at));
                }
            }
        }
        let union = Union::of(entries.iter().map(|entry| entry.block));
        Self { place, entries, union, invalid }
    }

    /// How much it holds. Blocks that are known to be wide decide, whatever the others are.
    fn sizes(&self, builder: FactBuilder<'t>) -> [(&'static str, Node<'t>); 6] {
        let (union, open) = (&self.union, self.union.wider_than(1, 4));
        let number = |number: f64| self.known(Node::Double(number), builder);
        let open = if open { Node::Bool(true) } else { self.known(Node::Bool(false), builder) };
        [
            ("openToInternet", open),
            ("ipv4Addresses", number(union.v4_addresses())),
            ("ipv6Prefixes64", number(union.v6_networks())),
            ("ipv4Share", number(union.v4_share())),
            ("ipv6Share", number(union.v6_share())),
            ("ranges", self.known(builder.texts(union.ranges()), builder)),
        ]
    }

    /// What is remarkable about single entries.
    fn entries(&self, builder: FactBuilder<'t>) -> [(&'static str, Node<'t>); 3] {
        let reserved = self.entries.iter().filter_map(|entry| {
            let reserved = reserved::holding(&entry.block)?;
            let more = [("kind", Node::Str(reserved.kind)), ("by", Node::Str(reserved.by))];
            Some(self.entry(entry, more, builder))
        });
        let hosts =
            self.entries.iter().filter(|entry| entry.block.prefix_len() == entry.block.max_prefix_len());
        let redundant = redundant(&self.entries).into_iter().map(|(entry, within)| {
            let kind = if entry.block == within.block { "duplicate" } else { "contained" };
            self.entry(entry, [("kind", Node::Str(kind)), ("within", Node::Str(within.text))], builder)
        });
        [
            ("reservedBlocks", self.known(builder.list(reserved), builder)),
            (
                "singleHosts",
                self.known(builder.list(hosts.map(|host| self.entry(host, [], builder))), builder),
            ),
            ("redundantBlocks", self.known(builder.list(redundant), builder)),
        ]
    }

    fn entry<const N: usize>(
        &self,
        entry: &Entry<'t>,
        more: [(&'static str, Node<'t>); N],
        builder: FactBuilder<'t>,
    ) -> Node<'t> {
        let cidr = std::iter::once(("cidr", Node::Str(entry.text)));
        builder.object_at(self.place.index(entry.at).as_str(), cidr.chain(more))
    }

    /// A fact, unless an entry could not be read.
    fn known(&self, fact: Node<'t>, builder: FactBuilder<'t>) -> Node<'t> {
        self.invalid.as_ref().map_or(fact, |unknown| builder.unknown(unknown))
    }
}

/// The entries that another one holds already, in the order of the list. Of equal ones the first counts.
fn redundant<'e, 't>(entries: &'e [Entry<'t>]) -> Vec<(&'e Entry<'t>, &'e Entry<'t>)> {
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_by_key(|entry| (entry.block.network(), entry.block.prefix_len(), entry.at));
    let (mut found, mut around) = (Vec::new(), None::<&Entry<'t>>);
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
    use super::{Entry, redundant};
    use crate::facts::builder::FactBuilder;
    use crate::snapshot::Snapshot;
    use crate::value::Node;
    use bumpalo::Bump;
    use proptest::prelude::*;
    use serde_json::json;

    /// The facts of a public endpoint with that list: each asked for, as its text.
    fn facts_of<const N: usize>(cidrs: &serde_json::Value, fields: [&str; N]) -> [String; N] {
        let arena = Bump::new();
        let config = json!({ "endpointPublicAccess": true, "publicAccessCidrs": cidrs });
        let text = json!({ "cluster": { "name": "demo", "resourcesVpcConfig": config } }).to_string();
        let snapshots =
            Snapshot::read(Node::parse(&text, &arena).expect("JSON"), &arena).expect("a snapshot");
        let facts = super::of_cluster(&snapshots[0], FactBuilder::new(&arena));
        fields.map(|field| match facts.get(field) {
            Some(Node::Unknown(reason)) => format!("? {}", reason.words),
            Some(Node::List(items)) => {
                items.iter().map(|item| entry_text(*item)).collect::<Vec<_>>().join(", ")
            }
            fact => fact.map_or_else(String::new, |fact| fact.to_string()),
        })
    }

    /// Where an entry stands in the list, and what is said of it.
    fn entry_text(item: Node<'_>) -> String {
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

    fn entries<'t>(texts: &[&'t str]) -> Vec<Entry<'t>> {
        let entry = |(at, text): (usize, &&'t str)| {
            let block: ipnet::IpNet = text.parse().expect("a CIDR");
            Entry { at, text, block: block.trunc() }
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
            let held = |entry: &Entry<'_>| {
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
