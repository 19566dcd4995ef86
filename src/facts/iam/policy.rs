//! IAM policy documents as their statements. A document that IAM would not accept, or that is too
//! large to be one, is not known: it is never read as one that allows nothing.
//!
//! Grammar: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use super::condition::{self, Condition, Meets, Test};
use super::symbols::{has_symbol, json_safe, same_but_case};
use super::wildcard::{covers, matches};
use crate::facts::known::Known;
use crate::snapshot::{Unknown, template};
use crate::value::{Json, Object};
use bumpalo::Bump;
use std::cell::Cell;

/// The longest document, in bytes. Policies that AWS manages are the longest, with some 60 KB.
const MAX_BYTES: usize = 256 * 1024;
/// The longest trust policy, in bytes. IAM's own limit is 4,096 characters:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const MAX_TRUST_BYTES: usize = 32 * 1024;
/// How the keys of what a token says end.
pub(super) const CLAIMS: [&str; 3] = [":sub", ":aud", ":amr"];
/// The key of the condition on the service to which a role is passed.
const PASSED_TO: &str = "iam:PassedToService";
/// The most statements of a document.
const MAX_STATEMENTS: usize = 1000;

/// What a document is attached to decides what its statements must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// To an identity: each statement names resources.
    Identity,
    /// To a role, as whom it trusts: each statement names principals.
    Trust,
}

/// The statements of a document.
#[derive(Debug)]
pub(super) struct Document<'t> {
    pub(super) statements: Vec<Statement<'t>>,
}

/// One statement.
#[derive(Debug)]
pub(super) struct Statement<'t> {
    /// Where it stands, as a pointer from the document: empty where the document is a text.
    pub(super) place: String,
    pub(super) sid: &'t str,
    pub(super) effect: Effect,
    pub(super) actions: Patterns<'t>,
    /// None in the trust of a role: it is about the role.
    pub(super) resources: Option<Patterns<'t>>,
    pub(super) principals: Principals<'t>,
    pub(super) conditions: Vec<Condition<'t>>,
    /// Whether a principal or a resource of it is a text with symbols.
    pub(super) has_symbols: bool,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// One text or a list of texts, as policies may write either.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Texts<'t>(&'t [Json<'t>]);

/// Patterns with `*` and `?`, or everything that none of them matches (`NotAction`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Patterns<'t> {
    pub(super) texts: Texts<'t>,
    pub(super) negated: bool,
}

/// Whom a statement is about, or about whom it is not (`NotPrincipal`).
#[derive(Debug, Default)]
pub(super) struct Principals<'t> {
    pub(super) list: Vec<Principal<'t>>,
    pub(super) negated: bool,
}

/// One principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Principal<'t> {
    /// `*`, of whatever sort.
    Everyone,
    /// An account, or something in one.
    Aws(&'t str),
    Service(&'t str),
    Federated(&'t str),
    /// Principals that roles cannot trust.
    Other,
}

impl<'t> Texts<'t> {
    fn of(node: &'t Json<'t>) -> Option<Self> {
        let texts = match node {
            Json::List(items) => items,
            one => std::slice::from_ref(one),
        };
        texts.iter().all(|text| matches!(text, Json::Str(_) | Json::Symbol(_))).then_some(Self(texts))
    }

    pub(super) fn iter(self) -> impl Iterator<Item = &'t str> {
        self.0.iter().filter_map(Json::as_written)
    }

    fn has_symbol(self) -> bool {
        self.iter().any(has_symbol)
    }
}

impl Patterns<'_> {
    /// Whether an action is among them. Actions are not case-sensitive.
    pub(super) fn cover_action(&self, action: &str) -> bool {
        self.texts.iter().any(|pattern| matches(pattern, action, true)) != self.negated
    }

    /// Whether a resource is among them.
    pub(super) fn cover_resource(&self, arn: &str) -> bool {
        self.texts.iter().any(|pattern| matches(pattern, arn, false)) != self.negated
    }

    /// Whether a resource is among them, where policy variables and symbols may stand for anything.
    pub(super) fn meet_resource(&self, arn: &str) -> Meets {
        match self.may_cover(arn) {
            None => Meets::Perhaps,
            Some(covered) if covered != self.negated => Meets::Always,
            Some(_) => Meets::Never,
        }
    }

    /// Whether some pattern covers a resource, if that is known.
    fn may_cover(&self, arn: &str) -> Option<bool> {
        let mut known = Some(false);
        for pattern in self.texts.iter() {
            match covers(pattern, arn) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => known = None,
            }
        }
        known
    }

    /// The first pattern in which there is a symbol.
    pub(super) fn symbol(&self) -> Option<&str> {
        self.texts.iter().find(|text| has_symbol(text))
    }

    /// Whether there is nothing that they do not cover.
    pub(super) fn cover_everything(&self) -> bool {
        let all = |pattern: &str| !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*');
        !self.negated && self.texts.iter().any(all)
    }
}

impl<'t> Document<'t> {
    /// Reads the document at a pointer: an object, or a text that holds one, perhaps URL-encoded. Symbols in it are unknown.
    pub(super) fn read(node: Json<'t>, at: &str, of: Use, arena: &'t Bump) -> Known<Self> {
        Self::read_with(node, at, of, arena, false)
    }

    /// The same, where `symbols` says that texts in it may be symbols, and that `${` in a name of it begins one.
    pub(super) fn read_with(
        node: Json<'t>,
        at: &str,
        of: Use,
        arena: &'t Bump,
        symbols: bool,
    ) -> Known<Self> {
        // What cannot be read because it is not known yet is no mistake.
        let invalid = |words: String| {
            let wrong = || Unknown::invalid(format!("the policy document {words}"), at);
            not_known_in(&node, at, symbols).unwrap_or_else(wrong)
        };
        let limit = if of == Use::Trust { MAX_TRUST_BYTES } else { MAX_BYTES };
        let (object, is_text) = match node {
            Json::Object(object) => (object, false),
            // URL-encoding makes three characters of one.
            Json::Str(text) if text.len() > 3 * limit => return Err(invalid(too_long(limit))),
            Json::Str(text) => (parse(text, arena).map_err(invalid)?, true),
            Json::Symbol(text) if symbols && text.len() <= limit => {
                (parse(arena.alloc_str(&json_safe(text)), arena).map_err(invalid)?, true)
            }
            other => return Err(invalid(format!("is {}", other.kind()))),
        };
        let statements =
            Reader { arena, of, limit, left: limit, symbols: Cell::new(symbols.then_some(false)) }
                .statements(object)
                .map_err(invalid)?;
        let mut document = Self { statements };
        if is_text {
            document.statements.iter_mut().for_each(|statement| statement.place.clear());
        }
        Ok(document)
    }
}

/// Why a part of a document is not known, if there is such a part.
fn not_known_in(node: &Json<'_>, at: &str, symbols: bool) -> Option<Unknown> {
    let in_name = |name: &str| (symbols && has_symbol(name)).then(|| template::not_known(name, at));
    match node {
        Json::List(items) => items.iter().find_map(|item| not_known_in(item, at, symbols)),
        Json::Object(object) => {
            let mut entries = object.entries().iter();
            entries.find_map(|(name, field)| in_name(name).or_else(|| not_known_in(field, at, symbols)))
        }
        node => template::why_not_known(node, at),
    }
}

/// The object that a text holds.
fn parse<'t>(text: &'t str, arena: &'t Bump) -> Result<&'t Object<'t>, String> {
    let text = match text.trim_start().starts_with('%') {
        true => arena.alloc_str(&percent_decoded(text).ok_or("is not URL-encoded UTF-8")?),
        false => text,
    };
    let node = Json::parse(text, arena).map_err(|error| format!("is not JSON: {error}"))?;
    node.as_object().ok_or_else(|| format!("holds {}", node.kind()))
}

/// RFC 3986, as IAM encodes documents:
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyVersion.html>
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                bytes.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
                tail
            }
            (b'%', _) => return None,
            (byte, tail) => {
                bytes.push(*byte);
                tail
            }
        };
    }
    String::from_utf8(bytes).ok()
}

fn too_long(limit: usize) -> String {
    format!("is longer than {} KiB", limit / 1024)
}

struct Reader<'t> {
    arena: &'t Bump,
    of: Use,
    limit: usize,
    /// How many more bytes a document of this size may have.
    left: usize,
    /// Whether texts may be symbols: then whether a principal or a resource of the statement is one.
    symbols: Cell<Option<bool>>,
}

/// A field of an object, whatever the case of its name. IAM accepts no `null`, so neither is it absent here.
fn field<'t>(object: &'t Object<'t>, name: &str) -> Option<&'t Json<'t>> {
    let mut fields = object.entries().iter().rev();
    fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, node)| node)
}

impl<'t> Reader<'t> {
    fn statements(&mut self, document: &'t Object<'t>) -> Result<Vec<Statement<'t>>, String> {
        match field(document, "Statement") {
            Some(Json::List(items)) if items.len() > MAX_STATEMENTS => {
                Err(format!("has more than {MAX_STATEMENTS} statements"))
            }
            Some(Json::List(items)) => {
                let read = |(at, item): (usize, &Json<'t>)| {
                    let statement =
                        item.as_object().ok_or_else(|| format!("has {} as a statement", item.kind()))?;
                    self.statement(statement, format!("/Statement/{at}"))
                };
                items.iter().enumerate().map(read).collect()
            }
            Some(Json::Object(statement)) => Ok(vec![self.statement(statement, "/Statement".to_owned())?]),
            Some(other) => Err(format!("has {} for statements", other.kind())),
            None => Err("has no Statement".to_owned()),
        }
    }

    fn statement(&mut self, object: &'t Object<'t>, place: String) -> Result<Statement<'t>, String> {
        let effect = match field(object, "Effect").and_then(Json::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => return Err("has a statement whose Effect is neither Allow nor Deny".to_owned()),
        };
        self.symbols.set(self.symbols.get().map(|_| false));
        let actions =
            self.patterns(object, "Action", "NotAction")?.ok_or("has a statement without Action")?;
        if self.symbols.get() == Some(true) {
            return Err("has a symbol as Action".to_owned());
        }
        let resources = self.patterns(object, "Resource", "NotResource")?;
        let principals = self.principals(object)?;
        let has_symbols = self.symbols.get() == Some(true);
        if has_symbols && !principals.list.is_empty() && (principals.negated || effect == Effect::Deny) {
            return Err("denies something to a symbol".to_owned());
        }
        match self.of {
            Use::Identity if resources.is_none() => return Err("has a statement without Resource".to_owned()),
            Use::Trust if principals.list.is_empty() => {
                return Err("has a statement without Principal".to_owned());
            }
            _ => {}
        }
        let conditions = self.conditions(object)?;
        let sid = field(object, "Sid").and_then(Json::as_str).unwrap_or_default();
        Ok(Statement { place, sid, effect, actions, resources, principals, conditions, has_symbols })
    }

    fn patterns(
        &mut self,
        object: &'t Object<'t>,
        name: &str,
        negated: &str,
    ) -> Result<Option<Patterns<'t>>, String> {
        match (field(object, name), field(object, negated)) {
            (Some(_), Some(_)) => Err(format!("has a statement with {name} and {negated}")),
            (Some(node), None) => Ok(Some(Patterns { texts: self.texts(node, name)?, negated: false })),
            (None, Some(node)) => Ok(Some(Patterns { texts: self.texts(node, negated)?, negated: true })),
            (None, None) => Ok(None),
        }
    }

    fn texts(&mut self, node: &'t Json<'t>, name: &str) -> Result<Texts<'t>, String> {
        let texts = Texts::of(node).ok_or_else(|| format!("has {name} that is not text"))?;
        if texts.has_symbol() && self.symbols.get().is_some() {
            self.symbols.set(Some(true));
        } else if texts.0.iter().any(|text| matches!(text, Json::Symbol(_))) {
            return Err(format!("has {name} that is not text"));
        }
        if texts.0.is_empty() || texts.iter().any(str::is_empty) {
            return Err(format!("has an empty {name}"));
        }
        self.pay(texts.iter().map(|text| text.len() + 1).sum())?;
        Ok(texts)
    }

    fn pay(&mut self, bytes: usize) -> Result<(), String> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| too_long(self.limit))?;
        Ok(())
    }

    fn principals(&mut self, object: &'t Object<'t>) -> Result<Principals<'t>, String> {
        let (node, negated) = match (field(object, "Principal"), field(object, "NotPrincipal")) {
            (Some(node), None) => (node, false),
            (None, Some(node)) => (node, true),
            (None, None) => return Ok(Principals::default()),
            (Some(_), Some(_)) => return Err("has a statement with Principal and NotPrincipal".to_owned()),
        };
        let list = match node {
            Json::Str("*") => vec![Principal::Everyone],
            Json::Object(sorts) => self.sorts_of_principals(sorts)?,
            other => return Err(format!("has {other} as Principal")),
        };
        Ok(Principals { list, negated })
    }

    fn sorts_of_principals(&mut self, sorts: &'t Object<'t>) -> Result<Vec<Principal<'t>>, String> {
        let mut list = Vec::new();
        // Terraform writes none of a sort as an empty list, and IAM takes that where there is another sort.
        let is_none = |node: &Json<'t>| matches!(node, Json::List([]));
        let has_some = sorts.entries().iter().any(|(_, node)| !is_none(node));
        for (sort, node) in sorts.entries().iter().filter(|(_, node)| !has_some || !is_none(node)) {
            for text in self.texts(node, "Principal")?.iter() {
                list.push(match (sort.to_ascii_lowercase().as_str(), text) {
                    ("aws", "*") => Principal::Everyone,
                    ("aws", text) => Principal::Aws(text),
                    ("service", text) => Principal::Service(text),
                    ("federated", text) => Principal::Federated(text),
                    _ => Principal::Other,
                });
            }
        }
        Ok(list)
    }

    fn conditions(&mut self, object: &'t Object<'t>) -> Result<Vec<Condition<'t>>, String> {
        let operators = match field(object, "Condition") {
            None => return Ok(Vec::new()),
            Some(Json::Object(operators)) => operators.entries(),
            Some(other) => return Err(format!("has {} as Condition", other.kind())),
        };
        let mut conditions = Vec::new();
        for (operator, keys) in operators {
            let keys = keys.as_object().ok_or_else(|| format!("has {} in a Condition", keys.kind()))?;
            for (key, values) in keys.entries() {
                self.pay(operator.len() + key.len())?;
                let (operator, values) = (condition::Operator::read(operator), self.values(values)?);
                let has_symbols = self.has_symbols(operator.test, key, &values)?;
                conditions.push(Condition { operator, key, values, has_symbols });
            }
        }
        Ok(conditions)
    }

    /// Whether a condition has symbols, where it can be read all the same: keys that are of a provider of tokens, and
    /// values that are compared as texts.
    fn has_symbols(&self, test: Test, key: &str, values: &[&str]) -> Result<bool, String> {
        if self.symbols.get().is_none() {
            return Ok(false);
        }
        let (in_key, in_value) = (has_symbol(key), values.iter().any(|value| has_symbol(value)));
        // What is under a key of which a part is not known is not known either. For what a policy allows, any condition is one, but
        // for that on the service to which a role is passed.
        let is_any = self.of == Use::Identity && same_but_case(key, PASSED_TO) == Some(false);
        if in_key && !is_any && !CLAIMS.iter().any(|claim| key.ends_with(claim)) {
            return Err("has a symbol as the key of a condition".to_owned());
        }
        if in_value && !matches!(test, Test::Equals | Test::EqualsIgnoreCase | Test::Like) {
            return Err("has a symbol as the value of a condition that is no text".to_owned());
        }
        Ok(in_key || in_value)
    }

    /// Values of conditions: texts, and what JSON has for numbers and booleans.
    fn values(&mut self, node: &'t Json<'t>) -> Result<Vec<&'t str>, String> {
        let values = node.as_list().unwrap_or(std::slice::from_ref(node));
        let text = |value: &Json<'t>| -> Result<&'t str, String> {
            let text = match value {
                Json::Str(text) => *text,
                Json::Symbol(text) if self.symbols.get().is_some() => *text,
                Json::Bool(_) | Json::Int(_) | Json::Double(_) => self.arena.alloc_str(&value.to_string()),
                other => return Err(format!("has {} as the value of a condition", other.kind())),
            };
            self.pay(text.len() + 1)?;
            Ok(text)
        };
        if values.is_empty() {
            return Err("has a condition without a value".to_owned());
        }
        values.iter().map(text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::UnknownKind;

    fn read<'t>(text: &'t str, of: Use, arena: &'t Bump) -> Known<Document<'t>> {
        Document::read(
            Json::parse(text, arena).expect("JSON"),
            "/roles/0/AssumeRolePolicyDocument",
            of,
            arena,
        )
    }

    #[test]
    fn documents_are_read_as_object_as_text_and_url_encoded() {
        let arena = Bump::new();
        let object = r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
        let text = serde_json::to_string(object).expect("JSON");
        let encoded: String = object.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let encoded = serde_json::to_string(&encoded).expect("JSON");
        for (document, place) in [(object, "/Statement"), (&text, ""), (&encoded, "")] {
            let read = read(document, Use::Identity, &arena).expect("a document");
            assert_eq!(read.statements.len(), 1, "{document}");
            assert_eq!(read.statements[0].place, place);
            assert!(read.statements[0].actions.cover_action("S3:getobject"));
        }
    }

    #[test]
    fn none_of_a_sort_of_principals_is_nobody() {
        let arena = Bump::new();
        let trust = |principal: &str| {
            let text = format!(
                r#"{{"Statement": {{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {principal}}}}}"#
            );
            read(arena.alloc_str(&text), Use::Trust, &arena)
                .map(|document| document.statements[0].principals.list.clone())
        };
        let service = trust(r#"{"AWS": [], "Service": "ec2.amazonaws.com"}"#);
        assert_eq!(service, Ok(vec![Principal::Service("ec2.amazonaws.com")]));
        assert!(trust(r#"{"AWS": []}"#).is_err());
        assert!(trust(r#"{"AWS": "", "Service": "ec2.amazonaws.com"}"#).is_err());
    }

    #[test]
    fn what_iam_does_not_accept_is_not_known() {
        let arena = Bump::new();
        for text in [
            "1",
            "[]",
            "\"\"",
            "\"%zz\"",
            "\"%ff\"",
            "\"[]\"",
            "{}",
            r#"{"Statement": 1}"#,
            r#"{"Statement": [1]}"#,
            r#"{"Statement": {"Effect": "allow", "Action": "*", "Resource": "*"}}"#,
            r#"{"Statement": {"Effect": "Allow", "Resource": "*"}}"#,
            r#"{"Statement": {"Effect": "Allow", "Action": "*"}}"#,
            r#"{"Statement": {"Effect": "Allow", "Action": [1], "Resource": "*"}}"#,
            r#"{"Statement": {"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"}}"#,
            r#"{"Statement": {"Effect": "Allow", "Action": "", "Resource": "*"}}"#,
            r#"{"Statement": {"Effect": "Allow", "Action": ["*", ""], "Resource": "*"}}"#,
            r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": null}}"#,
            r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"a": []}}}}"#,
            r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": []}}"#,
            r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"a": {}}}}}"#,
        ] {
            let unknown = read(text, Use::Identity, &arena).expect_err(text);
            assert_eq!(unknown.kind, UnknownKind::Invalid, "{text}");
            assert_eq!(unknown.at, "/roles/*/AssumeRolePolicyDocument");
        }
        let trust = r#"{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole"}}"#;
        assert!(read(trust, Use::Trust, &arena).is_err());
    }

    #[test]
    fn huge_documents_are_not_read() {
        let arena = Bump::new();
        let statement = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
        let many = format!(r#"{{"Statement": [{}]}}"#, [statement; 1001].join(","));
        let long = format!(
            r#"{{"Statement": {{"Effect": "Allow", "Action": "{}", "Resource": "*"}}}}"#,
            "a".repeat(MAX_BYTES)
        );
        let text = serde_json::to_string(&long).expect("JSON");
        let deep = format!("\"{}\"", "[".repeat(100_000));
        for (document, reason) in
            [(&many, "1000 statements"), (&long, "256 KiB"), (&text, "256 KiB"), (&deep, "not JSON")]
        {
            let unknown = read(document, Use::Identity, &arena).expect_err(reason);
            assert!(unknown.reason.contains(reason), "{}", unknown.reason);
        }
    }

    #[test]
    fn principals_of_every_sort_are_read() {
        let arena = Bump::new();
        let principals = |text: &str| {
            let text = format!(
                r#"{{"Statement": {{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {text}}}}}"#
            );
            let text: &str = arena.alloc_str(&text);
            read(text, Use::Trust, &arena).expect("a document").statements.remove(0).principals.list
        };
        assert_eq!(principals(r#""*""#), [Principal::Everyone]);
        assert_eq!(principals(r#"{"AWS": "*"}"#), [Principal::Everyone]);
        let several = r#"{"AWS": ["111122223333", "b"], "Service": "eks.amazonaws.com", "Federated": "f"}"#;
        assert_eq!(
            principals(several),
            [
                Principal::Aws("111122223333"),
                Principal::Aws("b"),
                Principal::Service("eks.amazonaws.com"),
                Principal::Federated("f")
            ]
        );
    }
}
