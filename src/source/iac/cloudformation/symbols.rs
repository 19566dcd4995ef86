//! What resources of a stack say of themselves once they are there.

use crate::source::iac::{Place, Symbol, TemplateValue, TextPart, ValueKind};
use std::sync::Arc;

/// The attribute that `Ref` stands for.
pub const REF: &str = "Ref";

/// The issuer of a cluster's tokens: the only attribute whose beginning is known.
pub(super) const ISSUER: &str = "OpenIdConnectIssuerUrl";

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
