//! The facts `facts.region` and `facts.partition`: where the cluster is, for commands and ARNs.

use super::builder::{FactBuilder, Field};
use super::view::SnapshotView;
use crate::snapshot::Unknown;
use crate::value::Json;

/// Where the cluster is: as its ARN says, the snapshot, or the ARNs of its parts.
pub(super) fn facts<'s>(view: SnapshotView<'s>, builder: FactBuilder<'s>) -> [Field<'s>; 2] {
    let identity = &view.snapshot.identity;
    let text = |text: Option<&'s str>, what: &str| {
        let unknown = || Unknown::undecided(format!("nothing in the snapshot says which {what} it is of"));
        builder.known(text.map(Json::Str).ok_or_else(unknown))
    };
    [
        ("region", text(identity.region.as_deref(), "region")),
        ("partition", text(identity.partition(), "partition")),
    ]
}
