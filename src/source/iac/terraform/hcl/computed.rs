//! What is known of the form of what resources say of themselves.

use crate::source::iac::{Symbol, TemplateValue, TextPart, ValueKind};
use std::sync::Arc;

/// Texts that begin with something known: type, attribute, beginning.
const BEGINNINGS: [(&str, &str, &str); 1] = [("aws_eks_cluster", "identity[0].oidc[0].issuer", "https://")];

/// What is a list of one: type, attribute.
const LISTS_OF_ONE: [(&str, &str); 3] = [
    ("aws_eks_cluster", "identity"),
    ("aws_eks_cluster", "identity[0].oidc"),
    ("aws_eks_cluster", "certificate_authority"),
];

/// A symbol whose form is known as a text with a symbol in it.
pub fn formed(value: TemplateValue) -> TemplateValue {
    let form = match &value.kind {
        ValueKind::Symbol(symbol) => {
            let kind = symbol.resource.as_deref().map(kind_of_address).unwrap_or_default();
            known_form(kind, symbol)
        }
        _ => None,
    };
    match form {
        Some(parts) => TemplateValue { kind: ValueKind::Mixed(parts), ..value },
        None => value,
    }
}

/// The text that an attribute is, with a symbol in it, if its form is known.
fn known_form(kind: &str, symbol: &Symbol) -> Option<Arc<[TextPart]>> {
    let (_, _, beginning) =
        BEGINNINGS.iter().find(|(known, attribute, _)| *known == kind && *attribute == &*symbol.attribute)?;
    let parts = [TextPart::Literal((*beginning).into()), TextPart::Symbol(Arc::new(symbol.clone()))];
    Some(parts.into())
}

/// Names of zones of all sorts of regions, Local Zones too. Those of the European Sovereign Cloud begin in another way, and modules
/// take them for ids.
const ZONE_NAMES: [&str; 14] = [
    "af-south-1a",
    "ap-northeast-2d",
    "ap-southeast-3c",
    "ca-west-1b",
    "cn-north-1a",
    "eu-central-1c",
    "il-central-1a",
    "me-south-1b",
    "mx-central-1c",
    "sa-east-1a",
    "us-east-1f",
    "us-gov-west-1b",
    "us-iso-east-1a",
    "us-west-2-lax-1a",
];

/// Texts that stand for all that an attribute may be, if there are some.
pub(super) fn known_texts(symbol: &Symbol) -> Option<&'static [&'static str]> {
    let kind = symbol.resource.as_deref().map(kind_of_address)?;
    let is_name = symbol.attribute.strip_prefix("names[").is_some_and(|rest| rest.ends_with(']'));
    (kind == "aws_availability_zones" && is_name).then_some(&ZONE_NAMES)
}

/// Whether an attribute is a list of one.
pub(super) fn is_list_of_one(symbol: &Symbol) -> bool {
    let kind = symbol.resource.as_deref().map(kind_of_address).unwrap_or_default();
    LISTS_OF_ONE.iter().any(|(known, attribute)| *known == kind && *attribute == &*symbol.attribute)
}

/// The type in an address: `aws_subnet` of `module.a["x.y"].aws_subnet.b[0]`.
pub(super) fn kind_of_address(address: &str) -> &str {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let mut dots = [0_usize; 2];
    let mut count = 0;
    for (at, byte) in address.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' if !quoted => depth += 1,
            b']' if !quoted => depth = depth.saturating_sub(1),
            b'.' if !quoted && depth == 0 => {
                dots = [dots[1], at];
                count += 1;
            }
            _ => {}
        }
    }
    let start = if count > 1 { dots[0] + 1 } else { 0 };
    address.get(start..dots[1]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::kind_of_address;

    #[test]
    fn addresses_have_types() {
        for (address, kind) in [
            ("aws_subnet.b", "aws_subnet"),
            ("aws_subnet.b[\"x.y\"]", "aws_subnet"),
            ("module.a[\"x.\\\"].y\"].data.aws_vpc.b[0]", "aws_vpc"),
            ("", ""),
        ] {
            assert_eq!(kind_of_address(address), kind, "{address}");
        }
    }
}
