//! The XML answers of EC2 and IAM as the AWS CLI prints them: one table, generated from the API
//! models, says how XML names each field and which type it has. What the table does not know keeps
//! its place under the name that the service's own rule gives it, so a new field needs no release.

use crate::snapshot::{Type, schema};
use crate::source::assemble::policy_document;
use crate::value::Json;
use bumpalo::Bump;
use roxmltree::{Document, Node as Xml};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::sync::LazyLock;

/// Answers nest less deep than this.
const MAX_DEPTH: usize = 64;

/// `wire.json`.
#[derive(Deserialize)]
struct WireTable {
    /// Structure → XML name → field, where the service's rule does not make the one of the other.
    names: FxHashMap<String, FxHashMap<String, String>>,
    /// API → XML name → field and type.
    answers: FxHashMap<String, FxHashMap<String, (String, String)>>,
}

static TABLE: LazyLock<WireTable> =
    LazyLock::new(|| serde_json::from_str(include_str!("wire.json")).expect("an embedded file is valid"));

/// The answer of an API call, as the AWS CLI prints it.
///
/// # Errors
///
/// It is not the XML of such an answer, in words.
pub(super) fn read<'t>(api: &str, text: &str, arena: &'t Bump) -> Result<Json<'t>, String> {
    let document = Document::parse(text).map_err(|error| format!("is not XML: {error}"))?;
    let root = document.root_element();
    // IAM wraps its answer once more: <GetRoleResponse><GetRoleResult>.
    let wrapped =
        root.children().find(|child| child.is_element() && child.tag_name().name().ends_with("Result"));
    let known = TABLE.answers.get(api);
    let reader = XmlReader { arena, lower: api.starts_with("ec2:") };
    let fields = elements(wrapped.unwrap_or(root)).map(|field| {
        let wire = field.tag_name().name();
        let (name, ty) = known.and_then(|known| known.get(wire)).map_or(("", "any"), |(n, t)| (n, t));
        let name = if name.is_empty() { reader.usual(wire) } else { arena.alloc_str(name) };
        Ok((name, reader.answer(field, ty)?))
    });
    Ok(Json::object(arena, fields.collect::<Result<Vec<_>, String>>()?))
}

fn elements<'a, 'input>(node: Xml<'a, 'input>) -> impl Iterator<Item = Xml<'a, 'input>> + use<'a, 'input> {
    node.children().filter(Xml::is_element)
}

struct XmlReader<'t> {
    arena: &'t Bump,
    /// Whether XML names start in lower case.
    lower: bool,
}

impl<'t> XmlReader<'t> {
    /// A field of an answer, by the type as the table writes it.
    fn answer(&self, xml: Xml<'_, '_>, ty: &str) -> Result<Json<'t>, String> {
        match ty.strip_prefix("list<").and_then(|inner| inner.strip_suffix('>')) {
            Some(item) => self.list(xml, schema().named(item), 1),
            None => self.value(xml, schema().named(ty), 1),
        }
    }

    fn value(&self, xml: Xml<'_, '_>, ty: Type, depth: usize) -> Result<Json<'t>, String> {
        if depth > MAX_DEPTH {
            return Err("nests too deep".to_owned());
        }
        match ty {
            Type::List(_) => self.list(xml, schema().item(ty), depth + 1),
            Type::Map(_) => self.map(xml, ty, depth + 1),
            Type::Struct(_) => self.object(xml, ty, depth + 1),
            Type::Any if elements(xml).next().is_some() => self.unknown(xml, depth + 1),
            ty => Ok(self.scalar(xml, ty)),
        }
    }

    fn list(&self, xml: Xml<'_, '_>, item: Type, depth: usize) -> Result<Json<'t>, String> {
        let items = elements(xml).map(|child| self.value(child, item, depth));
        Ok(Json::list(self.arena, items.collect::<Result<Vec<_>, _>>()?))
    }

    /// `<entry><key/><value/></entry>`
    fn map(&self, xml: Xml<'_, '_>, ty: Type, depth: usize) -> Result<Json<'t>, String> {
        let value_type = schema().select(ty, "").ok().flatten().map_or(Type::Any, |field| field.ty);
        let part = |entry: Xml<'_, '_>, name: &str| {
            elements(entry).find(|part| part.has_tag_name(name)).map(|part| part.id())
        };
        let entries = elements(xml).filter_map(|entry| {
            let find = |name| part(entry, name).and_then(|id| xml.document().get_node(id));
            Some((self.text(find("key")?), self.value(find("value")?, value_type, depth)))
        });
        let entries = entries.map(|(key, value)| Ok((key, value?))).collect::<Result<Vec<_>, String>>()?;
        Ok(Json::object(self.arena, entries))
    }

    fn object(&self, xml: Xml<'_, '_>, ty: Type, depth: usize) -> Result<Json<'t>, String> {
        let names = match ty {
            Type::Struct(id) => TABLE.names.get(&schema().structure(id).name),
            _ => None,
        };
        let fields = elements(xml).map(|child| {
            let wire = child.tag_name().name();
            let unusual = names.and_then(|names| names.get(wire));
            let name = unusual.map_or_else(|| self.usual(wire), |name| self.arena.alloc_str(name));
            let field = schema().select(ty, name).ok().flatten();
            Ok((name, self.value(child, field.map_or(Type::Any, |field| field.ty), depth)?))
        });
        Ok(Json::object(self.arena, fields.collect::<Result<Vec<_>, String>>()?))
    }

    /// An element that no model knows: a list where its children are called as the items of lists are.
    fn unknown(&self, xml: Xml<'_, '_>, depth: usize) -> Result<Json<'t>, String> {
        let is_item = |child: Xml<'_, '_>| matches!(child.tag_name().name(), "item" | "member");
        match elements(xml).all(is_item) {
            true => self.list(xml, Type::Any, depth),
            false => self.object(xml, Type::Any, depth),
        }
    }

    fn scalar(&self, xml: Xml<'_, '_>, ty: Type) -> Json<'t> {
        let text = self.text(xml);
        match ty {
            Type::Bool => text.parse().map_or(Json::Str(text), Json::Bool),
            Type::Int => text.parse().map_or(Json::Str(text), Json::Int),
            Type::Double => text.parse().map_or(Json::Str(text), Json::Double),
            // IAM writes policy documents URL-encoded.
            Type::Any if !self.lower => policy_document(Json::Str(text), self.arena),
            _ => Json::Str(text),
        }
    }

    fn text(&self, xml: Xml<'_, '_>) -> &'t str {
        let mut text = bumpalo::collections::String::new_in(self.arena);
        xml.children()
            .filter_map(|child| child.text().filter(|_| child.is_text()))
            .for_each(|part| text.push_str(part));
        text.into_bump_str()
    }

    /// The field that an XML name stands for by the rule of the service.
    fn usual(&self, wire: &str) -> &'t str {
        let mut name = wire.to_owned();
        if let (true, Some(first)) = (self.lower, name.get_mut(..1)) {
            first.make_ascii_uppercase();
        }
        self.arena.alloc_str(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(api: &str, xml: &str) -> String {
        let arena = Bump::new();
        read(api, xml, &arena).map_or_else(|error| error, |node| node.to_string())
    }

    #[test]
    fn ec2_answers_read_as_the_aws_cli_prints_them() {
        let xml = r#"<?xml version="1.0"?><DescribeSubnetsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
            <requestId>r</requestId><subnetSet><item><subnetId>subnet-1</subnetId>
            <availableIpAddressCount>251</availableIpAddressCount><mapPublicIpOnLaunch>false</mapPublicIpOnLaunch>
            <tagSet><item><key>a &amp; b</key><value/></item></tagSet><cidrBlock>10.0.0.0/24</cidrBlock>
            </item></subnetSet></DescribeSubnetsResponse>"#;
        let want = r#"{"RequestId":"r","Subnets":[{"SubnetId":"subnet-1","AvailableIpAddressCount":251,"MapPublicIpOnLaunch":false,"Tags":[{"Key":"a & b","Value":""}],"CidrBlock":"10.0.0.0/24"}]}"#;
        assert_eq!(json("ec2:DescribeSubnets", xml), want);
    }

    #[test]
    fn names_that_follow_no_rule_come_from_the_table() {
        let xml = "<R><reservationSet><item><instancesSet><item><instanceState><code>16</code><name>running</name>\
            </instanceState><groupSet><item><groupId>sg-1</groupId></item></groupSet><ipAddress>203.0.113.9</ipAddress>\
            </item></instancesSet></item></reservationSet></R>";
        let want = r#"{"Reservations":[{"Instances":[{"State":{"Code":16,"Name":"running"},"SecurityGroups":[{"GroupId":"sg-1"}],"PublicIpAddress":"203.0.113.9"}]}]}"#;
        assert_eq!(json("ec2:DescribeInstances", xml), want);
    }

    #[test]
    fn iam_answers_are_unwrapped() {
        let xml = "<GetRoleResponse><GetRoleResult><Role><RoleName>r</RoleName><MaxSessionDuration>3600</MaxSessionDuration>\
            <AssumeRolePolicyDocument>%7B%7D</AssumeRolePolicyDocument></Role></GetRoleResult>\
            <ResponseMetadata/></GetRoleResponse>";
        let want = r#"{"Role":{"RoleName":"r","MaxSessionDuration":3600,"AssumeRolePolicyDocument":{}}}"#;
        assert_eq!(json("iam:GetRole", xml), want);
    }

    #[test]
    fn fields_that_no_model_knows_stay() {
        let xml = "<R><vpcSet><item><vpcId>vpc-1</vpcId><newThing><item>a</item><item>b</item></newThing>\
            <newState><code>x</code></newState></item></vpcSet></R>";
        let want = r#"{"Vpcs":[{"VpcId":"vpc-1","NewThing":["a","b"],"NewState":{"Code":"x"}}]}"#;
        assert_eq!(json("ec2:DescribeVpcs", xml), want);
    }

    #[test]
    fn what_is_no_answer_is_said() {
        assert!(json("ec2:DescribeVpcs", "<").starts_with("is not XML"));
        let deep = format!("<R>{}{}</R>", "<a>".repeat(100), "</a>".repeat(100));
        assert_eq!(json("ec2:DescribeVpcs", &deep), "nests too deep");
        let bomb = r#"<!DOCTYPE r [<!ENTITY a "aa">]><R>&a;</R>"#;
        assert!(json("ec2:DescribeVpcs", bomb).starts_with("is not XML"));
    }

    #[test]
    fn every_type_of_the_table_is_in_the_schema() {
        for (api, fields) in &TABLE.answers {
            for (name, ty) in fields.values() {
                let inner = ty.trim_start_matches("list<").trim_end_matches('>');
                let known = inner == "any" || schema().named(inner) != Type::Any;
                assert!(known, "{api}: {name} is {ty}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[<>a-z/&;\"= !\\[\\]]{0,80}") {
            let _ = json("ec2:DescribeVpcs", &text);
        }
    }
}
