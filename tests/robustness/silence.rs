//! Where silence is right, because what is left is a cluster as AWS may describe it: another one.

use crate::document::{Place, Shape};
use ekslint::snapshot::schema;

/// Fields that AWS leaves out where there is nothing to say, and what rules or facts then take for granted. The
/// other fields whose absence has a meaning are in `absence.json`.
const LEFT_OUT: [(&str, &str); 5] = [
    // It alone says that a cluster runs outside AWS.
    ("eks.Cluster", "connectorConfig"),
    // Without remote access: https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html
    ("eks.Nodegroup", "remoteAccess"),
    // Remote access that names groups, and no key: nobody can log in.
    ("eks.RemoteAccessConfig", "ec2SshKey"),
    ("ec2.Instance", "Tags"),
    ("ec2.Instance", "PublicIpAddress"),
];

/// Whether a rule may be silent about a place that is broken so.
pub(crate) fn is_meant(place: &Place, shape: Shape) -> bool {
    if let Some(inside) = place.inside_condition() {
        // A condition less, or with another value, is another policy.
        return match shape {
            Shape::Gone | Shape::EmptyObject => true,
            Shape::Number | Shape::EmptyText => inside,
            _ => false,
        };
    }
    let Some((structure, field)) = &place.field else { return false };
    let (structure, field) = (structure.as_str(), field.as_str());
    match shape {
        Shape::Gone | Shape::Null => may_be_absent(structure, field),
        // An object of which each field that a rule reads may be absent.
        Shape::EmptyObject => matches!(field, "resourcesVpcConfig" | "remoteAccess"),
        // Any tag may have an empty value.
        Shape::EmptyText => (structure, field) == ("ec2.Tag", "Value"),
        _ => false,
    }
}

fn may_be_absent(structure: &str, field: &str) -> bool {
    let documented = schema().field(structure, field).is_some_and(|field| field.absent.is_some());
    documented || LEFT_OUT.contains(&(structure, field))
}
