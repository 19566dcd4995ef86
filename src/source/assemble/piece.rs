//! What a source says of one section: resources, whether these are all that there are, and what is
//! missing. Every source yields pieces, and the builder makes snapshots of them.

use super::normalize::clean;
use crate::snapshot::{Identity, NotCollected, Section, UnknownKind, section};
use crate::value::{Json, Pointer};
use bumpalo::Bump;

/// A cluster that a snapshot is made of.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClusterContext<'t> {
    /// Name, ARN, account and region, as far as they are known.
    pub(crate) identity: Identity,
    /// Its description, or what is known instead.
    pub(crate) node: Option<Json<'t>>,
    /// What is missing of that.
    pub(crate) missing: Vec<MissingField>,
    /// Its VPC.
    pub(crate) vpc: Option<&'t str>,
    /// When AWS was asked. None for what somebody saved.
    pub(crate) captured_at: Option<&'t str>,
}

impl<'t> ClusterContext<'t> {
    /// A cluster and its description.
    pub(crate) fn of(identity: Identity, node: Option<Json<'t>>) -> Self {
        let vpc = node.and_then(|node| node.at(&["resourcesVpcConfig", "vpcId"])?.as_str());
        Self { identity, node, vpc, ..Self::default() }
    }

    /// The issuer of its service accounts' tokens, without `https://`.
    pub(super) fn issuer(&self) -> Option<&'t str> {
        let issuer = self.node?.at(&["identity", "oidc", "issuer"])?.as_str()?;
        Some(issuer.trim_start_matches("https://"))
    }

    /// Its name; empty if that is not known.
    pub(super) fn name(&self) -> &str {
        self.identity.name.as_deref().unwrap_or_default()
    }
}

/// What one answer, or one file, says of a section.
#[derive(Debug)]
pub(crate) struct Piece<'t> {
    /// The section.
    pub(crate) section: &'static Section,
    /// Where it comes from.
    pub(crate) origin: PieceOrigin,
    /// Resources.
    pub(crate) items: Vec<PieceItem<'t>>,
    /// Resources of which only the names are known.
    pub(crate) names: Vec<&'t str>,
    /// How much of the section it is.
    pub(crate) extent: Extent,
    /// Why resources may be missing that exist, if the source knows.
    pub(crate) missing: Option<MissingReason>,
    /// The clusters that it is about as a whole, by position.
    pub(crate) about: Vec<usize>,
}

/// Where a piece comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PieceOrigin {
    /// AWS was asked for what the clusters name, and for nothing else: what is not there does not exist.
    #[cfg_attr(not(feature = "live"), allow(dead_code, reason = "only live scans ask AWS"))]
    Asked,
    /// A file, by position: what was asked for when it was written is not known.
    File(usize),
}

/// How much of a section a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All that was asked for.
    All,
    /// Some resources; there may be more.
    Some,
    /// The first pages.
    Cut,
}

impl<'t> Piece<'t> {
    /// Some resources of a section, in a file.
    pub(crate) fn in_file(section: &'static Section, file: usize, items: Vec<PieceItem<'t>>) -> Self {
        Self {
            section,
            origin: PieceOrigin::File(file),
            items,
            names: Vec::new(),
            extent: Extent::Some,
            missing: None,
            about: Vec::new(),
        }
    }

    /// The file that it is in, by position.
    pub(crate) fn file(&self) -> Option<usize> {
        match self.origin {
            PieceOrigin::File(file) => Some(file),
            PieceOrigin::Asked => None,
        }
    }

    /// Whether it is of that section.
    pub(crate) fn is_of(&self, section: &'static Section) -> bool {
        std::ptr::eq(self.section, section)
    }

    /// Whether AWS was asked for all that the clusters name.
    pub(super) fn is_asked(&self) -> bool {
        self.origin == PieceOrigin::Asked
    }
}

/// One resource, as one answer describes it.
#[derive(Clone, Debug)]
pub(crate) struct PieceItem<'t> {
    /// As a snapshot holds it.
    pub(crate) node: Json<'t>,
    /// What is missing of it.
    pub(crate) missing: Vec<MissingField>,
    /// The file that it is in, by position.
    pub(crate) file: Option<usize>,
    /// For resources of EKS: the cluster that it belongs to, by position.
    pub(crate) cluster: Option<usize>,
}

impl<'t> PieceItem<'t> {
    /// A resource in a file, as the file has it.
    pub(crate) fn in_file(section: &Section, node: Json<'t>, file: usize, arena: &'t Bump) -> Self {
        Self { node: clean(section, node, arena), missing: Vec::new(), file: Some(file), cluster: None }
    }

    /// Whether a describe call would say more.
    pub(crate) fn is_summary(&self) -> bool {
        self.missing.iter().any(|missing| missing.field.is_none())
    }
}

/// A field that is missing of a resource, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MissingField {
    /// The field; none for whatever the resource lacks.
    pub(crate) field: Option<&'static str>,
    /// Why.
    pub(crate) reason: MissingReason,
}

/// Why something is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MissingReason {
    /// The call that would tell: `eks:DescribeAddon`.
    pub(crate) api: Option<&'static str>,
    /// Which sort of reason.
    pub(crate) kind: MissingKind,
    /// The reason as text.
    pub(crate) reason: String,
}

/// The sorts of reasons why something is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "live"), allow(dead_code, reason = "calls are made and fail in live scans only"))]
pub(crate) enum MissingKind {
    /// A permission is missing.
    Denied,
    /// AWS does not know the resource, or no longer.
    Gone,
    /// AWS does not answer this request about this resource; often, because of the cluster's kind.
    Refused,
    /// The call failed otherwise.
    Failed,
    /// There is nothing to know, or not for this account.
    NotApplicable,
    /// The VPC is another account's, which alone may see this.
    SharedVpc,
    /// The user did not ask for it.
    NotRequested,
    /// No file has the answer.
    NotInSnapshot,
}

impl MissingReason {
    /// No file has the answer of a call.
    pub(crate) fn not_in_snapshot(api: Option<&'static str>, reason: String) -> Self {
        Self { api, kind: MissingKind::NotInSnapshot, reason }
    }

    /// The entry of `notCollected`. A refusal that the cluster's nature explains misses nothing.
    pub(crate) fn entry(&self, at: Pointer, nature: Option<&str>) -> NotCollected {
        let kind = match self.kind {
            MissingKind::Gone | MissingKind::Refused if nature.is_some() => UnknownKind::NotApplicable,
            MissingKind::Gone | MissingKind::Refused | MissingKind::Failed => UnknownKind::Error,
            MissingKind::Denied => UnknownKind::Denied,
            MissingKind::NotApplicable => UnknownKind::NotApplicable,
            MissingKind::SharedVpc => UnknownKind::SharedVpc,
            MissingKind::NotRequested => UnknownKind::NotRequested,
            MissingKind::NotInSnapshot => UnknownKind::NotInSnapshot,
        };
        let action = || section::calls().find(|call| Some(call.api.as_str()) == self.api);
        let action = action().filter(|_| kind == UnknownKind::Denied).map(|call| call.action.clone());
        // AWS's own words for it are about the call.
        let reason = nature.filter(|_| matches!(self.kind, MissingKind::Gone | MissingKind::Refused));
        let reason = reason.unwrap_or(&self.reason).to_owned();
        NotCollected { at, kind, reason, api: self.api.map(str::to_owned), action }
    }
}
