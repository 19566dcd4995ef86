//! What a snapshot says twice. Nobody knows which of two fields counts, so such a snapshot is not judged.

use super::schema::{Type, schema};
use crate::value::{Json, Pointer};
use std::collections::HashMap;
use std::fmt;

/// Two fields that say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// The object that has them.
    pub object: Pointer,
    /// Their names.
    pub names: [String; 2],
}

impl Repeated {
    /// Two fields of an object.
    pub(super) fn of(object: Pointer, names: [&str; 2]) -> Self {
        Self { object, names: names.map(str::to_owned) }
    }

    /// The first field that a value has twice: under one name, or under the names of the AWS CLI and of Go
    /// tools where it is AWS that names fields, as the type says. Keys that people choose, such as
    /// those of tags, may differ in their case alone.
    pub(super) fn find(node: Json<'_>, ty: Type, place: &Pointer) -> Option<Self> {
        match node {
            Json::List(items) => {
                let mut items = items.iter().enumerate();
                items.find_map(|(at, item)| Self::find(*item, schema().item(ty), &place.index(at)))
            }
            Json::Object(object) => {
                let entries = object.entries();
                let mut known = HashMap::with_capacity(entries.len());
                for (name, _) in entries {
                    if let Some(first) = known.insert(identity(ty, name), *name) {
                        return Some(Self::of(place.clone(), [first, name]));
                    }
                }
                let field = |name| schema().select_go_cased(ty, name).map_or(Type::Any, |field| field.ty);
                entries.iter().find_map(|(name, node)| Self::find(*node, field(name), &place.key(name)))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Repeated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = &self.names;
        match first == second {
            true => write!(f, "has `{second}` twice"),
            false => write!(f, "has `{first}` and `{second}`, which say the same"),
        }
    }
}

/// What is the same for two names of one field: the case of the first letter is not, where it is AWS that
/// names fields.
fn identity(ty: Type, name: &str) -> (Option<u8>, &[u8]) {
    let is_of_aws = matches!(ty, Type::Struct(_)) && schema().select_go_cased(ty, name).is_some();
    let first = name.bytes().next();
    let first = first.map(|first| if is_of_aws { first.to_ascii_lowercase() } else { first });
    (first, name.as_bytes().get(1..).unwrap_or_default())
}
