//! The rule file as it is written: one YAML document, every key known, every expression with its
//! place.

use crate::snapshot::ClusterType;
use crate::text::{bounded, not_known};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// A piece of text with its place in the file.
pub type SpannedText = Spanned<String>;

/// Whether a text is fit to be a rule's id: lower-case words joined by `-`.
pub fn is_id(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.split('-').all(|word| !word.is_empty() && word.bytes().all(fits))
}

/// A rule file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    pub(super) id: SpannedText,
    pub(super) title: String,
    pub(super) severity: Severity,
    #[serde(default)]
    pub(super) level: Level,
    #[serde(default)]
    pub(super) precision: Precision,
    pub(super) since: String,
    pub(super) resource: SpannedText,
    #[serde(default = "default_clusters")]
    pub(super) clusters: Vec<ClusterType>,
    #[serde(default)]
    pub(super) params: Ordered<Param>,
    #[serde(default, rename = "let")]
    pub(super) lets: Ordered<SpannedText>,
    pub(super) when: Option<SpannedText>,
    pub(super) checks: Option<Vec<CheckFile>>,
    pub(super) each: Option<Spanned<Each>>,
    pub(super) assert: Option<SpannedText>,
    pub(super) at: Option<SpannedText>,
    pub(super) key: Option<SpannedText>,
    pub(super) message: Option<SpannedText>,
    #[serde(default)]
    pub(super) related: Vec<RelatedFile>,
    pub(super) rationale: String,
    pub(super) remediation: RemediationFile,
    #[serde(default)]
    pub(super) references: Vec<String>,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    #[serde(default)]
    pub(super) frameworks: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(super) supersedes: Vec<SpannedText>,
    #[serde(default)]
    pub(super) examples: Vec<Spanned<Example>>,
}

fn default_clusters() -> Vec<ClusterType> {
    ClusterType::IN_VPC.to_vec()
}

/// One check of a rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckFile {
    pub(super) each: Option<Spanned<Each>>,
    pub(super) assert: SpannedText,
    pub(super) at: Option<SpannedText>,
    pub(super) key: Option<SpannedText>,
    pub(super) message: SpannedText,
    #[serde(default)]
    pub(super) related: Vec<RelatedFile>,
}

/// The second place of a finding.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelatedFile {
    pub(super) at: SpannedText,
    pub(super) message: SpannedText,
}

/// How to fix what a rule finds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemediationFile {
    pub(super) summary: Option<SpannedText>,
    pub(super) text: String,
    pub(super) awscli: Option<SpannedText>,
    pub(super) terraform: Option<String>,
    pub(super) cloudformation: Option<String>,
    pub(super) eksctl: Option<String>,
}

/// What a check goes through: one list, or lists within lists.
#[derive(Debug)]
pub enum Each {
    /// One list; each item is `item`.
    One(String),
    /// Named lists, outermost first.
    Nested(Ordered<SpannedText>),
}

impl<'de> Deserialize<'de> for Each {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EachVisitor;
        impl<'de> Visitor<'de> for EachVisitor {
            type Value = Each;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an expression, or names with an expression each")
            }

            fn visit_str<E>(self, text: &str) -> Result<Each, E> {
                Ok(Each::One(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Each, A::Error> {
                OrderedVisitor(PhantomData).visit_map(map).map(Each::Nested)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Each, A::Error> {
                let mut items = Vec::<String>::new();
                while let Some(item) = seq.next_element::<serde_json::Value>()? {
                    items.push(item.to_string());
                }
                Ok(Each::One(format!("[{}]", items.join(", "))))
            }
        }
        deserializer.deserialize_any(EachVisitor)
    }
}

/// A mapping in the order of the file.
#[derive(Clone, Debug)]
pub struct Ordered<T>(pub Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

struct OrderedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OrderedVisitor<T> {
    type Value = Ordered<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered<T>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Ordered(entries))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OrderedVisitor(PhantomData))
    }
}

/// A parameter of a rule: what users may set.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// What it means.
    pub description: Option<String>,
    /// Which type its value has.
    pub ty: ParamType,
    /// Its value, unless the user sets another. A rule without it needs configuration.
    pub default: Option<serde_json::Value>,
    /// The list of the configuration's `[organization]` that feeds it: `allowed-cidrs`.
    pub organization: Option<String>,
}

/// The types of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ParamType {
    /// A string.
    String,
    /// A whole number.
    Int,
    /// A boolean.
    Bool,
    /// A list of strings.
    List,
}

impl ParamType {
    /// The type that a value has, if a parameter may have it.
    pub fn of(value: &serde_json::Value) -> Option<Self> {
        use serde_json::Value;
        match value {
            Value::String(_) => Some(Self::String),
            Value::Number(number) if number.is_i64() => Some(Self::Int),
            Value::Bool(_) => Some(Self::Bool),
            Value::Array(items) if items.iter().all(Value::is_string) => Some(Self::List),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LongParam {
    description: Option<String>,
    #[serde(rename = "type")]
    ty: Option<ParamType>,
    default: Option<serde_json::Value>,
    organization: Option<String>,
}

impl LongParam {
    const KEYS: [&str; 4] = ["description", "type", "default", "organization"];
}

impl<'de> Deserialize<'de> for Param {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let value = serde_json::Value::deserialize(deserializer)?;
        let unknown = |name: &&String| !LongParam::KEYS.contains(&name.as_str());
        if let Some(name) = value.as_object().and_then(|fields| fields.keys().find(unknown)) {
            return Err(D::Error::custom(not_known("key", name, &LongParam::KEYS)));
        }
        let long = match value {
            serde_json::Value::Object(_) => serde_json::from_value(value).map_err(D::Error::custom)?,
            value => LongParam { description: None, ty: None, default: Some(value), organization: None },
        };
        let found = long.default.as_ref().map(|value| {
            let message = "a parameter is a string, a whole number, a boolean or a list of strings";
            ParamType::of(value).ok_or_else(|| D::Error::custom(message))
        });
        let ty = match (long.ty, found.transpose()?) {
            (Some(ty), Some(found)) if ty != found => {
                return Err(D::Error::custom("the default is not of the parameter's type"));
            }
            (Some(ty), _) | (None, Some(ty)) => ty,
            (None, None) => return Err(D::Error::custom("a parameter without default needs a type")),
        };
        if let Some(list) = &long.organization {
            feeds(list, ty).map_err(D::Error::custom)?;
        }
        Ok(Self { description: long.description, ty, default: long.default, organization: long.organization })
    }
}

/// Whether a list of the configuration can feed a parameter of that type.
fn feeds(list: &str, ty: ParamType) -> Result<(), String> {
    let name = bounded(list);
    match (ty, is_id(list)) {
        (ParamType::List, true) => Ok(()),
        (ParamType::List, false) => {
            Err(format!("`{name}` is no name for a list of the organization; write it as allowed-cidrs"))
        }
        _ => Err(format!("the organization's `{name}` is a list, and the parameter is none")),
    }
}

/// An example of a rule: its documentation and its test.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The snapshot.
    pub snapshot: serde_json::Value,
    /// The day to take as today.
    pub as_of: Option<chrono::NaiveDate>,
    /// Parameters set for it.
    #[serde(default)]
    pub params: serde_json::Map<String, serde_json::Value>,
    /// The pointers of the findings, in order.
    pub finds: Option<Vec<String>>,
    /// The outcome, where there are no findings to expect.
    pub outcome: Option<ExpectedOutcome>,
    /// Its line in the file, from 1.
    #[serde(skip)]
    pub line: usize,
}

/// The outcomes that an example may expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExpectedOutcome {
    /// Nothing is wrong.
    Pass,
    /// The rule does not apply.
    NotApplicable,
    /// Something that decides is not known.
    NotEvaluated,
    /// The rule itself fails.
    Error,
    /// A required parameter is not set.
    NeedsConfiguration,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A weakness that needs others to matter.
    Low,
    /// A weakness.
    Medium,
    /// An open door or an outage ahead.
    High,
    /// Access without credentials.
    Critical,
}

impl Severity {
    /// All, worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// What it stands for.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Info => "what is worth knowing",
            Self::Low => "a weakness that needs others to matter",
            Self::Medium => "a weakness",
            Self::High => "an open door or an outage ahead",
            Self::Critical => "access without credentials",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Who wants a rule: `scan` runs the default ones without being asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nearly everybody.
    #[default]
    Default,
    /// Who hardens clusters.
    Strict,
    /// Who looks for advice.
    Advice,
}

impl Level {
    /// All, from the rules that every scan runs on.
    pub const ALL: [Self; 3] = [Self::Default, Self::Strict, Self::Advice];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Strict => "strict",
            Self::Advice => "advice",
        }
    }

    /// Who wants its rules.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Default => "nearly everybody",
            Self::Strict => "who hardens clusters",
            Self::Advice => "who looks for advice",
        }
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// It is certain.
    VeryHigh,
    /// It is very likely.
    #[default]
    High,
    /// It depends on what the snapshot cannot show.
    Medium,
    /// It is a hint.
    Low,
}

impl Precision {
    /// Its name, as SARIF has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VeryHigh => "very-high",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    /// What it says of a finding.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::VeryHigh => "a finding is certain",
            Self::High => "a finding is very likely right",
            Self::Medium => "a finding depends on what the snapshot cannot show",
            Self::Low => "a finding is a hint",
        }
    }
}
