//! What an answer prints, as a snapshot holds it: fields under their API names, no secrets, policy
//! documents as objects.

use crate::snapshot::{Section, Type, schema};
use crate::value::Node;
use bumpalo::Bump;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write;

/// A resource of a section, or the section itself where it is one object.
pub(super) fn clean<'t>(section: &Section, node: Node<'t>, arena: &'t Bump) -> Node<'t> {
    let ty = schema().section(&section.name);
    let ty = if section.is_list() { schema().item(ty) } else { ty };
    let node = Cleaner { section, arena }.node(node, ty, "");
    match section.name.as_str() {
        "identityProviderConfigs" => identity_provider(node, arena),
        _ => node,
    }
}

/// A policy document as an object. The API gives it URL-encoded, the AWS CLI as an object.
pub(super) fn policy<'t>(node: Node<'t>, arena: &'t Bump) -> Node<'t> {
    let decoded = || {
        let text = node.as_str()?;
        let text = match text.trim_start().starts_with('{') {
            true => text.to_owned(),
            false => percent_decoded(text)?,
        };
        Node::parse(arena.alloc_str(&text), arena).ok().filter(|node| node.as_object().is_some())
    };
    decoded().unwrap_or(node)
}

struct Cleaner<'s, 't> {
    section: &'s Section,
    arena: &'t Bump,
}

impl<'t> Cleaner<'_, 't> {
    /// `path` leads here from the resource: field names with dots, lists passed through.
    fn node(&self, node: Node<'t>, ty: Type, path: &str) -> Node<'t> {
        match (node, ty) {
            (Node::List(items), Type::List(_)) => {
                let item = schema().item(ty);
                Node::list(self.arena, items.iter().map(|node| self.node(*node, item, path)))
            }
            (Node::Object(object), Type::Struct(_) | Type::Map(_)) => self.object(object.entries(), ty, path),
            _ => node,
        }
    }

    /// The last of fields with the same name counts.
    fn object(&self, entries: &[(&'t str, Node<'t>)], ty: Type, path: &str) -> Node<'t> {
        let names: Vec<_> = entries.iter().map(|(name, _)| self.name(name, ty)).collect();
        let last: HashMap<_, _> = names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
        let fields = entries.iter().zip(&names).enumerate();
        let kept = fields.filter(|(at, (_, name))| last.get(*name) == Some(at));
        let cleaned: Vec<_> =
            kept.filter_map(|(_, ((_, node), name))| self.field(name, *node, ty, path)).collect();
        Node::object(self.arena, cleaned)
    }

    /// A field's name in the API: Go tools print `RoleArn` for `roleArn`.
    fn name(&self, name: &'t str, ty: Type) -> &'t str {
        let known = |name: &str| matches!(schema().select(ty, name), Ok(Some(_)));
        match (ty, schema().select_go_cased(ty, name)) {
            (Type::Struct(_), Some(_)) if !known(name) => {
                let (first, rest) = name.split_at(1);
                self.arena.alloc_str(&format!("{}{rest}", first.to_ascii_lowercase()))
            }
            _ => name,
        }
    }

    fn field(&self, name: &'t str, node: Node<'t>, ty: Type, path: &str) -> Option<(&'t str, Node<'t>)> {
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let field = schema().select(ty, name).ok().flatten();
        let secret = field.is_some_and(|field| field.secret);
        if secret || self.section.drop.contains(&path) {
            let digest = node.as_str().filter(|_| name == "UserData")?;
            return Some(("UserDataDigest", Node::Str(self.arena.alloc_str(&sha256(digest)))));
        }
        let is_policy = field.is_some_and(|field| field.ty == Type::Any);
        if is_policy && self.section.service.as_deref() == Some("iam") {
            return Some((name, policy(node, self.arena)));
        }
        Some((name, self.node(node, field.map_or(Type::Any, |field| field.ty), &path)))
    }
}

/// DescribeIdentityProviderConfig says type and name by its field alone.
fn identity_provider<'t>(node: Node<'t>, arena: &'t Bump) -> Node<'t> {
    let (Some(oidc), None) = (node.get("oidc"), node.get("name")) else { return node };
    let name = oidc.get("identityProviderConfigName").unwrap_or(Node::Null);
    Node::object(arena, [("type", Node::Str("oidc")), ("name", name), ("oidc", oidc)])
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if let (b'%', [high, low, after @ ..]) = (first, tail) {
            let digit = |byte: &u8| char::from(*byte).to_digit(16);
            bytes.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::section;

    fn cleaned(name: &str, text: &str) -> String {
        let arena = Bump::new();
        let node = Node::parse(arena.alloc_str(text), &arena).unwrap();
        clean(section::by_name(name).unwrap(), node, &arena).to_string()
    }

    #[test]
    fn go_names_become_api_names_and_names_that_are_data_stay() {
        let text = r#"{"Name": "a", "ResourcesVpcConfig": {"VpcId": "v"}, "Tags": {"Owner": "me"}, "New": {"X": 1}}"#;
        let want = r#"{"name":"a","resourcesVpcConfig":{"vpcId":"v"},"tags":{"Owner":"me"},"New":{"X":1}}"#;
        assert_eq!(cleaned("cluster", text), want);
    }

    #[test]
    fn secrets_are_dropped_under_either_name() {
        let text = r#"{"name": "a", "certificateAuthority": {"data": "x"}, "ClientRequestToken": "x",
            "connectorConfig": {"activationCode": "x", "provider": "EKS_ANYWHERE"}}"#;
        assert_eq!(cleaned("cluster", text), r#"{"name":"a","connectorConfig":{"provider":"EKS_ANYWHERE"}}"#);
        assert_eq!(
            cleaned("cluster", r#"{"name": "a", "CertificateAuthority": {"Data": "x"}}"#),
            r#"{"name":"a"}"#
        );
        let listener =
            r#"{"DefaultActions": [{"AuthenticateOidcConfig": {"ClientSecret": "x", "ClientId": "c"}}]}"#;
        let want = r#"{"DefaultActions":[{"AuthenticateOidcConfig":{"ClientId":"c"}}]}"#;
        assert_eq!(cleaned("listeners", listener), want);
    }

    #[test]
    fn user_data_becomes_its_digest() {
        let text = r#"{"LaunchTemplateData": {"UserData": "aGVsbG8=", "ImageId": "ami-1"}}"#;
        let digest = "333d6b3a3c1f5db6c9bdda5939b136986d170f4649172a68368d54ecb44c2ff2";
        let want = format!(r#"{{"LaunchTemplateData":{{"UserDataDigest":"{digest}","ImageId":"ami-1"}}}}"#);
        assert_eq!(cleaned("launchTemplateVersions", text), want);
    }

    #[test]
    fn policy_documents_become_objects() {
        for text in [
            r#"{"AssumeRolePolicyDocument": "%7B%22Version%22%3A%20%222012-10-17%22%7D"}"#,
            r#"{"AssumeRolePolicyDocument": "{\"Version\": \"2012-10-17\"}"}"#,
            r#"{"AssumeRolePolicyDocument": {"Version": "2012-10-17"}}"#,
        ] {
            assert_eq!(cleaned("roles", text), r#"{"AssumeRolePolicyDocument":{"Version":"2012-10-17"}}"#);
        }
        for text in ["%", "%7", "%GG", "%FF", "x", "%7B"] {
            let role = format!(r#"{{"AssumeRolePolicyDocument":"{text}"}}"#);
            assert_eq!(cleaned("roles", &role), role);
        }
    }

    #[test]
    fn the_last_of_duplicate_fields_counts() {
        assert_eq!(
            cleaned("cluster", r#"{"Name": "a", "name": "b", "x": 1, "x": 2}"#),
            r#"{"name":"b","x":2}"#
        );
    }
}
