//! A value of a template: what is known of it, and where it is written.
//!
//! There are three sorts of values. Known ones are those of JSON. A **symbol** is known to be there, and is equal to itself:
//! what another resource of the template says about itself after it was made, such as the id of a subnet. What is **unknown**
//! may be anything, `null` too: a variable without a value.

use super::field_map::FieldMap;
use super::place::Place;
use serde_json::Number;
use std::sync::Arc;

/// A value, where it is written, and how it came about. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateValue {
    /// What it is.
    pub kind: ValueKind,
    /// Where it is written; none for what nobody wrote.
    pub place: Option<Place>,
    /// Who said it.
    pub origin: ValueOrigin,
    /// Whether it must never be shown.
    pub sensitive: bool,
    /// For a list: whether what is known of its items is in it for sure, but neither their order nor, as two that are not known
    /// may be the same or may be left out, how many there are. A set or the distinct items of a list that has symbols.
    pub loose: bool,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueKind {
    /// Nothing: as if it were not set.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(Arc<str>),
    /// A text of which parts are symbols or unknown; at least one is, and it is more than one symbol alone.
    Mixed(Arc<[TextPart]>),
    /// A list, a tuple or a set.
    List(Arc<Vec<TemplateValue>>),
    /// An object, a map or a block. The blocks of one name in it are a list.
    Map(Arc<FieldMap<TemplateValue>>),
    /// Known to be there, and nothing else.
    Symbol(Arc<Symbol>),
    /// Not known, not even whether it is null.
    Unknown(Arc<UnknownValue>),
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum TextPart {
    /// What is known.
    Literal(Arc<str>),
    /// What is known to be there, and not empty.
    Symbol(Arc<Symbol>),
    /// What may be anything, also empty.
    Unknown(Arc<UnknownValue>),
}

/// What is known only after the template was applied.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol {
    /// What it is called, without `${}`: `module.vpc.aws_subnet.private[0].id`. Two that are called the same are the same.
    pub name: Arc<str>,
    /// The address of the resource that has it, if one has: `module.vpc.aws_subnet.private[0]`.
    pub resource: Option<Arc<str>>,
    /// Its attribute: `id`, or `vpc_config[0].cluster_security_group_id`. Empty for none.
    pub attribute: Arc<str>,
}

/// Why a value is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownValue {
    /// In words, with the way out: `var.cidrs has no value; pass --var-file`.
    pub reason: String,
    /// What it is called, if it is always the same value where it is called so: `var.cluster_name`.
    pub name: Option<Arc<str>>,
}

/// Who said a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ValueOrigin {
    /// Somebody wrote it.
    #[default]
    Set,
    /// Nobody did: it is the default of what is named here, in words: `the AWS provider`, `EKS`.
    DefaultOf(Arc<str>),
}

impl Symbol {
    /// Whether it is a text, so no list: by the name of its attribute, which means a text wherever there is one.
    pub fn is_text(&self) -> bool {
        let last = self.attribute.rsplit('.').next();
        matches!(last, Some("arn" | "id" | "json" | "key_arn" | "name" | "Arn" | "Ref"))
            && !self.attribute.contains('*')
    }
}

impl TemplateValue {
    /// A value that somebody wrote.
    pub fn new(kind: ValueKind, place: Option<Place>) -> Self {
        Self { kind, place, origin: ValueOrigin::Set, sensitive: false, loose: false }
    }

    /// A text.
    pub fn text(text: impl Into<Arc<str>>, place: Option<Place>) -> Self {
        Self::new(ValueKind::Text(text.into()), place)
    }

    /// A list.
    pub fn list(items: Vec<Self>, place: Option<Place>) -> Self {
        Self::new(ValueKind::List(Arc::new(items)), place)
    }

    /// An object.
    pub fn map<K: Into<Arc<str>>>(fields: impl IntoIterator<Item = (K, Self)>, place: Option<Place>) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value)).collect();
        Self::new(ValueKind::Map(Arc::new(fields)), place)
    }

    /// A value that nobody wrote: the default of what is named here.
    pub fn default_of(who: impl Into<Arc<str>>, value: &serde_json::Value) -> Self {
        use serde_json::Value;
        let who = who.into();
        let value = match value {
            Value::Null => Self::null(None),
            Value::Bool(value) => Self::new(ValueKind::Bool(*value), None),
            Value::Number(number) => Self::new(ValueKind::Number(number.clone()), None),
            Value::String(text) => Self::text(text.as_str(), None),
            Value::Array(items) => {
                Self::list(items.iter().map(|item| Self::default_of(who.clone(), item)).collect(), None)
            }
            Value::Object(fields) => {
                let field = |(name, value): (&String, _)| {
                    (name.as_str().to_owned(), Self::default_of(who.clone(), value))
                };
                Self::map(fields.iter().map(field), None)
            }
        };
        Self { origin: ValueOrigin::DefaultOf(who), ..value }
    }

    /// The same with other values for some that are in it; none if none changes. Lists and objects in which nothing changes stay
    /// shared: most do.
    pub fn changed<F>(&self, change: &F) -> Option<Self>
    where
        F: Fn(&ValueKind) -> Option<ValueKind> + ?Sized,
    {
        let kind = match &self.kind {
            ValueKind::List(items) => {
                let item = |(at, item): (usize, &Self)| Some((at, item.changed(change)?));
                let changed: Vec<_> = items.iter().enumerate().filter_map(item).collect();
                let mut items = Arc::clone((!changed.is_empty()).then_some(items)?);
                let all = Arc::make_mut(&mut items);
                changed.into_iter().for_each(|(at, item)| all[at] = item);
                ValueKind::List(items)
            }
            ValueKind::Map(fields) => {
                let field = |(name, value): (&Arc<str>, &Self)| Some((name.clone(), value.changed(change)?));
                let changed: Vec<_> = fields.iter().filter_map(field).collect();
                let mut fields = Arc::clone((!changed.is_empty()).then_some(fields)?);
                let all = Arc::make_mut(&mut fields);
                changed.into_iter().for_each(|(name, value)| drop(all.insert(name, value)));
                ValueKind::Map(fields)
            }
            scalar => change(scalar)?,
        };
        Some(Self { kind, ..self.clone() })
    }

    /// Nothing.
    pub fn null(place: Option<Place>) -> Self {
        Self::new(ValueKind::Null, place)
    }

    /// A value that is not known.
    pub fn unknown(reason: impl Into<String>, name: Option<Arc<str>>, place: Option<Place>) -> Self {
        Self::new(ValueKind::Unknown(Arc::new(UnknownValue { reason: reason.into(), name })), place)
    }

    /// The same value at another place.
    #[must_use]
    pub fn at(self, place: Option<Place>) -> Self {
        Self { place, ..self }
    }

    /// A field of an object that is there, and is not null.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match &self.kind {
            ValueKind::Map(fields) => fields.get(name).filter(|value| !value.is_null()),
            _ => None,
        }
    }

    /// The items of a list; a block that stands alone counts as a list of one, as `.tf.json` may write it.
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            ValueKind::List(items) => items,
            ValueKind::Map(_) => std::slice::from_ref(self),
            _ => &[],
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        self.kind == ValueKind::Null
    }

    /// Whether nothing is known of it.
    pub fn is_unknown(&self) -> bool {
        matches!(self.kind, ValueKind::Unknown(_))
    }

    /// Whether all of it is known.
    pub fn is_known(&self) -> bool {
        match &self.kind {
            ValueKind::List(items) => items.iter().all(Self::is_known),
            ValueKind::Map(fields) => fields.values().all(Self::is_known),
            ValueKind::Mixed(_) | ValueKind::Symbol(_) | ValueKind::Unknown(_) => false,
            _ => true,
        }
    }

    /// Its text, if it is one and known.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            ValueKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it may be the same as what is called otherwise: it is not known, or a part of its text is not, or no resource
    /// says what it is.
    pub fn may_be_any(&self) -> bool {
        match &self.kind {
            ValueKind::Unknown(_) => true,
            ValueKind::Symbol(symbol) => symbol.resource.is_none(),
            ValueKind::Mixed(parts) => parts.iter().any(TextPart::may_be_any),
            _ => self.join_key().is_none(),
        }
    }

    /// What it is the same as wherever it stands: a known text, a symbol, or an unknown value that has a name. Resources are
    /// joined by it.
    pub fn join_key(&self) -> Option<String> {
        match &self.kind {
            ValueKind::Text(text) => Some(text.to_string()),
            ValueKind::Number(number) => Some(number.to_string()),
            ValueKind::Symbol(symbol) => Some(format!("${{{}}}", symbol.name)),
            ValueKind::Mixed(parts) => parts.iter().all(TextPart::is_itself).then(|| written(parts)),
            ValueKind::Unknown(unknown) => unknown.name.as_ref().map(|name| format!("${{{name}}}")),
            _ => None,
        }
    }
}

impl TextPart {
    /// Why it may be anything, if it may.
    pub fn why_not_known(&self) -> Option<&str> {
        match self {
            Self::Unknown(unknown) => Some(&unknown.reason),
            Self::Literal(_) | Self::Symbol(_) => None,
        }
    }

    /// Whether it may be any text.
    fn may_be_any(&self) -> bool {
        match self {
            Self::Literal(_) => false,
            Self::Symbol(symbol) => symbol.resource.is_none(),
            Self::Unknown(_) => true,
        }
    }

    /// Whether it is the same wherever it is written so.
    fn is_itself(&self) -> bool {
        !matches!(self, Self::Unknown(unknown) if unknown.name.is_none())
    }
}

/// A text with its symbols in `${}`.
pub(super) fn written(parts: &[TextPart]) -> String {
    let part = |part: &TextPart| match part {
        TextPart::Literal(text) => text.to_string(),
        TextPart::Symbol(symbol) => format!("${{{}}}", symbol.name),
        TextPart::Unknown(unknown) => format!("${{{}}}", unknown.name.as_deref().unwrap_or("unknown")),
    };
    parts.iter().map(part).collect()
}
