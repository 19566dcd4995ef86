//! The types that the checker follows through an expression.

use crate::snapshot::{Section, Type, schema};

/// The type of an expression, as far as it can be known before there is a snapshot.
#[derive(Clone, Debug, PartialEq)]
pub enum Ty {
    /// Anything.
    Dyn,
    /// `null`
    Null,
    /// A boolean.
    Bool,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Double,
    /// A string.
    Str,
    /// Bytes.
    Bytes,
    /// A point in time.
    Timestamp,
    /// A point in time as AWS writes it, before `time()`.
    RawTime,
    /// A span of time.
    Duration,
    /// A value that may be missing, of any type.
    Optional,
    /// A value that may be missing.
    OptionalOf(Box<Ty>),
    /// A list of anything.
    List,
    /// A list of strings.
    Strings,
    /// A list of items of a type.
    ListOf(Box<Ty>),
    /// Of a function: a list like the one it is called on.
    SameList,
    /// A map.
    Map,
    /// A list or an object of the snapshot.
    Snapshot(Type),
    /// A section of the snapshot that is a list.
    Section(&'static Section),
    /// The rule's parameters.
    Params,
    /// What `cidr()` gives.
    Cidr,
    /// What `ip()` gives.
    Ip,
    /// What `cidrs()` gives.
    Cidrs,
    /// What `semver()` gives.
    Semver,
}

impl Ty {
    /// The type of a field of that type in the schema.
    pub fn of_schema(ty: Type) -> Self {
        match ty {
            Type::Any => Self::Dyn,
            Type::String => Self::Str,
            Type::Int => Self::Int,
            Type::Double => Self::Double,
            Type::Bool => Self::Bool,
            Type::Timestamp => Self::RawTime,
            Type::List(_) | Type::Map(_) | Type::Struct(_) => Self::Snapshot(ty),
        }
    }

    /// The type of a section.
    pub fn of_section(section: &'static Section) -> Self {
        match section.is_list() {
            true => Self::Section(section),
            false => Self::of_schema(schema().section(&section.name)),
        }
    }

    /// The type in the schema, for what keeps one.
    pub fn schema_type(&self) -> Type {
        match self {
            Self::Snapshot(ty) => *ty,
            Self::Section(section) => schema().section(&section.name),
            Self::Str => Type::String,
            Self::Int => Type::Int,
            Self::Double => Type::Double,
            Self::Bool => Type::Bool,
            Self::RawTime => Type::Timestamp,
            Self::Strings => schema().list_of(Type::String),
            Self::ListOf(item) => schema().list_of(item.schema_type()),
            _ => Type::Any,
        }
    }

    /// What a loop over it goes through; none for what has no items.
    pub fn item(&self) -> Option<Self> {
        match self {
            Self::Dyn | Self::List | Self::SameList => Some(Self::Dyn),
            Self::Strings | Self::Map | Self::Params => Some(Self::Str),
            Self::ListOf(item) => Some((**item).clone()),
            Self::Section(section) => Some(Self::of_schema(schema().item(schema().section(&section.name)))),
            Self::Snapshot(Type::Map(_) | Type::Struct(_)) => Some(Self::Str),
            Self::Snapshot(list) => Some(Self::of_schema(schema().item(*list))),
            _ => None,
        }
    }

    /// Whether values of it are compared by CEL itself, rather than item by item.
    pub fn is_scalar(&self) -> bool {
        matches!(
            self,
            Self::Null
                | Self::Bool
                | Self::Int
                | Self::Double
                | Self::Str
                | Self::Bytes
                | Self::Timestamp
                | Self::Duration
                | Self::Cidr
                | Self::Ip
                | Self::Semver
        )
    }

    /// Whether all its values take little room.
    pub fn is_small(&self) -> bool {
        self.is_scalar() && !matches!(self, Self::Str | Self::Bytes)
    }

    /// Whether `<` and its like may know its values.
    pub fn has_order(&self) -> bool {
        matches!(self, Self::Dyn) || self.is_scalar() && !matches!(self, Self::Null | Self::Cidr | Self::Ip)
    }

    /// Whether `-`, `*` and their like may know its values.
    pub fn computes(&self) -> bool {
        matches!(self, Self::Dyn | Self::Int | Self::Double | Self::Timestamp | Self::Duration)
    }

    /// Whether `+` may know its values.
    pub fn adds(&self) -> bool {
        self.computes() || matches!(self, Self::Str) || (*self != Self::Null && self.may_be(&Self::List))
    }

    /// Whether it may hold nothing.
    pub fn is_optional(&self) -> bool {
        matches!(self, Self::Optional | Self::OptionalOf(_))
    }

    /// Whether a value of this type may be used where one of the other is wanted.
    pub fn may_be(&self, wanted: &Self) -> bool {
        let numbers = |ty: &Self| matches!(ty, Self::Int | Self::Double);
        let lists = |ty: &Self| match ty {
            Self::List | Self::Strings | Self::ListOf(_) | Self::SameList | Self::Section(_) => true,
            Self::Snapshot(ty) => matches!(ty, Type::List(_)),
            _ => false,
        };
        match (self, wanted) {
            (Self::Dyn | Self::Null, _) | (_, Self::Dyn | Self::Null) => true,
            (a, b) if a.is_optional() && b.is_optional() => true,
            (a, b) if numbers(a) && numbers(b) => true,
            (a, b) if lists(a) && lists(b) => true,
            (Self::Map, Self::Snapshot(Type::Map(_) | Type::Struct(_))) => true,
            (Self::Snapshot(Type::Map(_) | Type::Struct(_)), Self::Map) => true,
            (a, b) => a == b,
        }
    }

    /// As text that a rule author knows.
    pub fn describe(&self) -> String {
        match self {
            Self::Snapshot(ty) => schema().describe(*ty),
            Self::Section(section) => format!("the section {}", section.name),
            Self::OptionalOf(inner) => format!("optional {}", inner.describe()),
            Self::ListOf(item) => format!("list<{}>", item.describe()),
            other => other.word().to_owned(),
        }
    }

    /// As [`describe`](Self::describe), with an article.
    pub fn described(&self) -> String {
        let text = self.describe();
        match text.chars().next() {
            _ if text.starts_with("the ") => text,
            Some('a' | 'e' | 'i' | 'o' | 'u') => format!("an {text}"),
            _ => format!("a {text}"),
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Double => "double",
            Self::Str => "string",
            Self::Bytes => "bytes",
            Self::Timestamp => "timestamp",
            Self::RawTime => "time as AWS writes it",
            Self::Duration => "duration",
            Self::Optional => "optional",
            Self::List | Self::SameList => "list",
            Self::Strings => "list<string>",
            Self::Map => "map",
            Self::Params => "the rule's parameters",
            Self::Cidr => "CIDR",
            Self::Ip => "IP address",
            Self::Cidrs => "list of CIDRs",
            Self::Semver => "semantic version",
            _ => "any",
        }
    }
}
