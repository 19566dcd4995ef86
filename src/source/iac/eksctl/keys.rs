//! The keys of configurations, with the types of their values: the table `keys.json`, made from eksctl's JSON schema.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The object that a document is.
const ROOT: &str = "ClusterConfig";

/// The objects of configurations and their keys.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigKeys {
    /// The release of eksctl whose keys they are.
    pub version: &'static str,
    /// Where they are from.
    pub source: &'static str,
    /// By the name of the object, the types of its keys: see [`KeyType`].
    pub objects: BTreeMap<&'static str, BTreeMap<&'static str, &'static str>>,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyType {
    /// Anything.
    Any,
    /// A text; what else is no list and no object becomes one.
    Text,
    /// Yes or no.
    Bool,
    /// A number.
    Number,
    /// A list, of what this is the type.
    List(&'static str),
    /// An object with any keys, of whose values this is the type.
    Map(&'static str),
    /// An object of the table.
    Object(&'static BTreeMap<&'static str, &'static str>),
}

static KEYS: LazyLock<ConfigKeys> =
    LazyLock::new(|| serde_json::from_str(include_str!("keys.json")).expect("an embedded file is valid"));

/// By object, the keys that ekslint only knows the names of.
static UNREAD: LazyLock<BTreeMap<&'static str, Vec<&'static str>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("unread.json")).expect("an embedded file is valid"));

/// By object, the keys of which ekslint knows the names and nothing else: no rule reads what they say.
pub fn unread_keys() -> &'static BTreeMap<&'static str, Vec<&'static str>> {
    &UNREAD
}

/// The keys that eksctl knows.
pub fn config_keys() -> &'static ConfigKeys {
    &KEYS
}

impl KeyType {
    /// The type of a document.
    pub(super) fn of_document() -> Self {
        Self::of(ROOT)
    }

    /// What a name in the table means.
    pub(super) fn of(name: &'static str) -> Self {
        let within = |open, close| name.strip_prefix(open).and_then(|name| name.strip_suffix(close));
        match name {
            "any" => Self::Any,
            "text" => Self::Text,
            "bool" => Self::Bool,
            "number" => Self::Number,
            name => match (within('[', ']'), within('{', '}'), KEYS.objects.get(name)) {
                (Some(item), ..) => Self::List(item),
                (_, Some(value), _) => Self::Map(value),
                (.., Some(object)) => Self::Object(object),
                _ => Self::Any,
            },
        }
    }

    /// What messages call such a value.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Any => "anything",
            Self::Text => "a text",
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::List(_) => "a list",
            Self::Map(_) | Self::Object(_) => "an object",
        }
    }
}

/// The objects that have a key, by the only path to one: `vpc`. None for what several or no objects have.
pub(super) fn home_of(key: &str) -> Option<&'static str> {
    let root = KEYS.objects.get(ROOT)?;
    let mut homes =
        root.iter().filter(|(_, of)| KEYS.objects.get(*of).is_some_and(|of| of.contains_key(key)));
    let (name, _) = homes.next()?;
    homes.next().is_none().then_some(*name)
}

#[cfg(test)]
mod tests {
    use super::{KEYS, KeyType, home_of};

    #[test]
    fn every_type_of_the_table_is_known() {
        fn check(name: &'static str, path: &str) {
            match KeyType::of(name) {
                KeyType::Any => assert_eq!(name, "any", "{path}"),
                KeyType::List(inner) | KeyType::Map(inner) => check(inner, path),
                _ => {}
            }
        }
        for (object, keys) in &KEYS.objects {
            keys.iter().for_each(|(key, of)| check(of, &format!("{object}.{key}")));
        }
        assert!(matches!(KeyType::of_document(), KeyType::Object(keys) if keys.contains_key("vpc")));
    }

    #[test]
    fn a_key_that_stands_elsewhere_has_a_home() {
        assert_eq!(home_of("publicAccessCIDRs"), Some("vpc"));
        assert_eq!(home_of("nothing"), None);
        assert_eq!(home_of("enabled"), None);
    }
}
