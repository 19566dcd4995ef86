//! What an answer says, as a snapshot holds it: fields under their API names, no secrets, policy
//! documents as objects, times as the AWS CLI prints them. All sources clean alike, so that all give
//! the same snapshot.

use super::user_data;
use crate::facts::time;
use crate::snapshot::{Section, Type, schema};
use crate::text::hexadecimal;
use crate::value::Json;
use bumpalo::Bump;
use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// A resource of a section, or the section itself where it is one object.
pub(crate) fn clean<'t>(section: &Section, node: Json<'t>, arena: &'t Bump) -> Json<'t> {
    let ty = schema().section(&section.name);
    let ty = if section.is_list() { schema().item(ty) } else { ty };
    let node = Cleaner { section, arena }.node(node, ty, "");
    match section.name.as_str() {
        "identityProviderConfigs" => identity_provider(node, arena),
        _ => node,
    }
}

/// A policy document as an object. The API gives it URL-encoded, the AWS CLI as an object.
pub(crate) fn policy_document<'t>(node: Json<'t>, arena: &'t Bump) -> Json<'t> {
    let decoded = || {
        let text = node.as_str()?;
        let text = match text.trim_start().starts_with('{') {
            true => text.to_owned(),
            false => percent_decoded(text)?,
        };
        Json::parse(arena.alloc_str(&text), arena).ok().filter(|node| node.as_object().is_some())
    };
    decoded().unwrap_or(node)
}

struct Cleaner<'s, 't> {
    section: &'s Section,
    arena: &'t Bump,
}

impl<'t> Cleaner<'_, 't> {
    /// `path` leads here from the resource: field names with dots, lists passed through.
    fn node(&self, node: Json<'t>, ty: Type, path: &str) -> Json<'t> {
        match (node, ty) {
            (Json::List(items), Type::List(_)) => {
                let item = schema().item(ty);
                Json::list(self.arena, items.iter().map(|node| self.node(*node, item, path)))
            }
            (Json::Object(object), Type::Struct(_) | Type::Map(_)) => self.object(object.entries(), ty, path),
            (_, Type::Timestamp) => timestamp(node, self.arena),
            _ => node,
        }
    }

    /// The last of fields with the same name counts.
    fn object(&self, entries: &[(&'t str, Json<'t>)], ty: Type, path: &str) -> Json<'t> {
        let names: Vec<_> = entries.iter().map(|(name, _)| self.name(name, ty)).collect();
        let last: HashMap<_, _> = names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
        let fields = entries.iter().zip(&names).enumerate();
        let kept = fields.filter(|(at, (_, name))| last.get(*name) == Some(at));
        let mut cleaned = Vec::with_capacity(entries.len());
        for (_, ((_, node), name)) in kept {
            self.field(name, *node, ty, path, &mut cleaned);
        }
        Json::object(self.arena, cleaned)
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

    fn field(
        &self,
        name: &'t str,
        node: Json<'t>,
        ty: Type,
        path: &str,
        cleaned: &mut Vec<(&'t str, Json<'t>)>,
    ) {
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let field = schema().select(ty, name).ok().flatten();
        let secret = field.is_some_and(|field| field.secret);
        if secret || self.section.drop.contains(&path) {
            if let (Json::Str(user_data), "UserData") = (node, name) {
                cleaned.extend(user_data_fields(user_data, self.arena));
            }
            return;
        }
        let is_policy = field.is_some_and(|field| field.ty == Type::Any);
        let node = match is_policy && self.section.service.as_deref() == Some("iam") {
            true => policy_document(node, self.arena),
            false => self.node(node, field.map_or(Type::Any, |field| field.ty), &path),
        };
        cleaned.push((name, node));
    }
}

/// What stands for user data, which comes as base64: whether it changed, and what rules may know of it.
pub(crate) fn user_data_fields<'t>(user_data: &str, arena: &'t Bump) -> [(&'static str, Json<'t>); 2] {
    let digest = Json::Str(arena.alloc_str(&sha256(user_data)));
    [("UserDataDigest", digest), ("UserDataFacts", user_data::reduce(user_data, arena))]
}

/// A time as the AWS CLI prints it in UTC: microseconds only where there are some. What is no time,
/// or has no year of four digits, stays as it is.
fn timestamp<'t>(node: Json<'t>, arena: &'t Bump) -> Json<'t> {
    let time = match node {
        Json::Str(text) => time::from_text(text),
        Json::Int(seconds) => from_epoch(seconds as f64),
        Json::Double(seconds) => from_epoch(seconds),
        _ => None,
    };
    let Some(time) = time.filter(|time| (1..=9999).contains(&time.year())) else { return node };
    let whole = time.timestamp_subsec_micros() % 1_000_000 == 0;
    let format = if whole { SecondsFormat::Secs } else { SecondsFormat::Micros };
    Json::Str(arena.alloc_str(&time.to_rfc3339_opts(format, false)))
}

/// As [`time::from_epoch`], to the nearest microsecond: a double near a time of our day is at most an
/// eighth of one off.
fn from_epoch(seconds: f64) -> Option<DateTime<Utc>> {
    let seconds = if seconds.abs() >= 1e11 { seconds / 1000.0 } else { seconds };
    let micros = (seconds * 1e6).round();
    // Beyond every year of four digits; casts of what is smaller are exact.
    if !micros.is_finite() || micros.abs() > 1e18 {
        return None;
    }
    DateTime::from_timestamp_micros(micros as i64)
}

/// DescribeIdentityProviderConfig says type and name by its field alone.
fn identity_provider<'t>(node: Json<'t>, arena: &'t Bump) -> Json<'t> {
    let (Some(oidc), None) = (node.get("oidc"), node.get("name")) else { return node };
    let name = oidc.get("identityProviderConfigName").unwrap_or(Json::Null);
    Json::object(arena, [("type", Json::Str("oidc")), ("name", name), ("oidc", oidc)])
}

fn sha256(text: &str) -> String {
    hexadecimal(Sha256::digest(text))
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
    use proptest::prelude::*;

    fn cleaned(name: &str, text: &str) -> String {
        let arena = Bump::new();
        let node = Json::parse(arena.alloc_str(text), &arena).unwrap();
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
    fn user_data_becomes_its_digest_and_its_facts() {
        let text = r#"{"LaunchTemplateData": {"UserData": "aGVsbG8=", "ImageId": "ami-1"}}"#;
        let digest = "333d6b3a3c1f5db6c9bdda5939b136986d170f4649172a68368d54ecb44c2ff2";
        let facts = r#""UserDataFacts":{"format":"other","secretPatterns":[]}"#;
        let want =
            format!(r#"{{"LaunchTemplateData":{{"UserDataDigest":"{digest}",{facts},"ImageId":"ami-1"}}}}"#);
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

    fn time_of(node: Json<'_>) -> String {
        timestamp(node, &Bump::new()).to_string()
    }

    #[test]
    fn times_are_printed_as_the_aws_cli_prints_them() {
        for (node, want) in [
            (Json::Str("2026-11-12T03:02:11.000Z"), "2026-11-12T03:02:11+00:00"),
            (Json::Str("2026-11-12T03:02:11Z"), "2026-11-12T03:02:11+00:00"),
            (Json::Str("2026-11-12T12:02:11.25+09:00"), "2026-11-12T03:02:11.250000+00:00"),
            (Json::Str("2026-02-24T02:11:45.544999999Z"), "2026-02-24T02:11:45.544999+00:00"),
            (Json::Str("2026-02-24"), "2026-02-24T00:00:00+00:00"),
            (Json::Int(1_794_452_531), "2026-11-12T03:02:11+00:00"),
            (Json::Double(1_794_452_531.0), "2026-11-12T03:02:11+00:00"),
            (Json::Double(1_771_899_105.544), "2026-02-24T02:11:45.544000+00:00"),
            (Json::Double(1_771_899_105.999_999_9), "2026-02-24T02:11:46+00:00"),
            (Json::Double(-0.5), "1969-12-31T23:59:59.500000+00:00"),
            (Json::Int(1_794_452_531_000), "2026-11-12T03:02:11+00:00"),
        ] {
            assert_eq!(time_of(node), format!("\"{want}\""), "{node}");
        }
    }

    #[test]
    fn what_is_no_time_stays() {
        for node in [
            Json::Str("yesterday"),
            Json::Str(""),
            Json::Str("+12345-01-01T00:00:00Z"),
            Json::Int(i64::MAX),
            Json::Double(1e300),
            Json::Bool(true),
            Json::Null,
        ] {
            assert_eq!(time_of(node), node.to_string());
        }
    }

    #[test]
    fn times_are_found_by_the_schema() {
        assert_eq!(
            cleaned("cluster", r#"{"CreatedAt": 1771899105.544, "tags": {"createdAt": "2026-02-24"}}"#),
            r#"{"createdAt":"2026-02-24T02:11:45.544000+00:00","tags":{"createdAt":"2026-02-24"}}"#
        );
        assert_eq!(
            cleaned("instances", r#"{"LaunchTime": "2026-11-12T03:02:11.000Z"}"#),
            r#"{"LaunchTime":"2026-11-12T03:02:11+00:00"}"#
        );
    }

    proptest! {
        /// All times whose doubles tell microseconds apart, that is until 2106.
        #[test]
        fn every_microsecond_survives_a_double(micros in 0..(1_i64 << 32) * 1_000_000) {
            let text = time_of(Json::Double(micros as f64 / 1e6));
            let time = time::from_text(text.trim_matches('"'));
            prop_assert_eq!(time.map(|time| time.timestamp_micros()), Some(micros));
        }

        #[test]
        fn cleaning_twice_changes_nothing(seconds: f64, text in "[-+0-9TZ:. ]{0,30}") {
            let arena = Bump::new();
            for node in [Json::Double(seconds), Json::Double(seconds.rem_euclid(4e9)), Json::Str(arena.alloc_str(&text))] {
                let once = timestamp(node, &arena);
                prop_assert_eq!(timestamp(once, &arena).to_string(), once.to_string());
            }
        }
    }
}
