//! What resources of a stack say of themselves once they are there.

use crate::source::iac::{Place, Symbol, TemplateValue, TextPart, ValueKind};
use std::sync::Arc;

/// The attribute that `Ref` stands for.
pub const REF: &str = "Ref";

/// The issuer of a cluster's tokens: the only attribute whose beginning is known.
pub(super) const ISSUER: &str = "OpenIdConnectIssuerUrl";

/// How a value begins that CloudFormation gets from elsewhere, and how it ends.
const DYNAMIC: (&str, &str) = ("{{resolve:", "}}");

/// A text in its parts: what CloudFormation gets from elsewhere, `{{resolve:ssm:/ami}}`, is there and not known. None for one that
/// does not end.
pub(super) fn with_dynamic_references(text: &Arc<str>) -> Option<Vec<TextPart>> {
    let mut parts = Vec::new();
    let mut rest: &str = text;
    while let Some((before, after)) = rest.split_once(DYNAMIC.0) {
        let (reference, after) = after.split_once(DYNAMIC.1)?;
        if !before.is_empty() {
            parts.push(TextPart::Literal(before.into()));
        }
        let name = format!("resolve:{reference}").into();
        parts.push(TextPart::Symbol(Arc::new(Symbol { name, resource: None, attribute: "".into() })));
        rest = after;
    }
    match (rest, parts.is_empty()) {
        (_, true) => return Some(vec![TextPart::Literal(Arc::clone(text))]),
        ("", false) => {}
        (rest, false) => parts.push(TextPart::Literal(rest.into())),
    }
    Some(parts)
}

/// The symbol of an attribute of a resource: `Cluster.Arn`, and `Cluster` for `Ref`.
pub fn stack_symbol(resource: &Arc<str>, attribute: &str, place: Option<&Place>) -> TemplateValue {
    let name = match attribute {
        REF => Arc::clone(resource),
        _ => format!("{resource}.{attribute}").into(),
    };
    let symbol = Arc::new(Symbol { name, resource: Some(Arc::clone(resource)), attribute: attribute.into() });
    let kind = match attribute {
        ISSUER => ValueKind::Mixed([TextPart::Literal("https://".into()), TextPart::Symbol(symbol)].into()),
        _ => ValueKind::Symbol(symbol),
    };
    TemplateValue::new(kind, place.cloned())
}
