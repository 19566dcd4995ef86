//! Whether the policies of a role let it do something, such as assume another role.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use super::admission::{Admission, PolicyRequest, Refusal, judge, unmet};
use super::policy::{Document, Use};
use super::tables::{NamedActions, managed_name, tables};
use super::{Iam, Role};
use crate::facts::known::Known;
use crate::facts::view::ObjectView;
use crate::snapshot::Unknown;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// What a role wants to do to something.
pub(super) trait RoleRequest: PolicyRequest {
    /// To what, as text.
    fn target(&self) -> &str;

    /// What it sends under a condition key, in words.
    fn sends(&self, key: &str) -> String;
}

/// Why the policies of a role do not let it do something.
#[derive(Debug)]
pub(super) struct MissingRight {
    /// What, as text.
    pub(super) reason: String,
    /// Whether something forbids it, which no trust policy can make good.
    pub(super) forbidden: bool,
}

/// The policies of a role, as far as they are known.
struct OwnPolicies<'t> {
    documents: Vec<Document<'t>>,
    /// Those that AWS manages and whose documents are not in the snapshot.
    managed: Vec<NamedActions>,
    /// Why one may allow something.
    may_allow: Option<Unknown>,
    /// Why one may deny something.
    may_deny: Option<Unknown>,
    /// The permissions boundary, if there is one.
    boundary: Known<Option<OwnPolicy<'t>>>,
}

/// A policy, from the snapshot or from the table.
enum OwnPolicy<'t> {
    Document(Document<'t>),
    Managed(NamedActions),
}

/// The policies of roles, each read once: thousands of associations may have the same role.
pub(super) struct RoleRights<'i, 't> {
    iam: &'i Iam<'t>,
    read: RefCell<HashMap<&'t str, Rc<OwnPolicies<'t>>>>,
}

impl<'i, 't> RoleRights<'i, 't> {
    pub(super) fn of(iam: &'i Iam<'t>) -> Self {
        Self { iam, read: RefCell::default() }
    }

    /// What keeps a role from an action on its target; none where nothing does.
    pub(super) fn missing(
        &self,
        role: &Role<'t>,
        action: &str,
        request: &impl RoleRequest,
    ) -> Known<Option<MissingRight>> {
        let policies = self.policies(role);
        let own = own_right(&policies, role, action, request);
        if let Ok(Some(right)) = own {
            return Ok(Some(right));
        }
        match within_boundary(&policies, role, action, request)? {
            Some(right) => Ok(Some(right)),
            None => own,
        }
    }

    fn policies(&self, role: &Role<'t>) -> Rc<OwnPolicies<'t>> {
        let read = || Rc::new(OwnPolicies::of(self.iam, role));
        Rc::clone(self.read.borrow_mut().entry(role.arn).or_insert_with(read))
    }
}

fn own_right<'t>(
    policies: &OwnPolicies<'t>,
    role: &Role<'t>,
    action: &str,
    request: &impl RoleRequest,
) -> Known<Option<MissingRight>> {
    let (arn, target) = (role.arn, request.target());
    let may_deny = || policies.may_deny.clone().map_or(Ok(None), Err);
    let denied = |reason| Ok(Some(MissingRight { reason, forbidden: true }));
    if policies.managed.iter().any(|managed| managed.denied) {
        return denied(format!("a policy of {arn} forbids {action} on {target}"));
    }
    let statements = policies.documents.iter().flat_map(|document| &document.statements);
    let by_table = policies.managed.iter().any(|managed| managed.allows(action));
    let reason = match judge(statements, action, request) {
        Ok(Admission::Refused(Refusal::Denied)) => {
            return denied(format!("a Deny in the policies of {arn} forbids {action} on {target}"));
        }
        Ok(Admission::Granted(_)) => return may_deny(),
        Ok(Admission::Refused(_)) if by_table => return may_deny(),
        Ok(Admission::Refused(Refusal::NotAllowed)) => {
            format!("no policy of {arn} allows {action} on {target}")
        }
        Ok(Admission::Refused(Refusal::Condition(condition))) => {
            let unmet = unmet(condition, &request.sends(condition.key));
            format!("the policy of {arn} that allows {action} on {target} {unmet}")
        }
        Err(unknown) => return Err(unknown),
    };
    let unknown = policies.may_allow.clone().or(policies.may_deny.clone());
    unknown.map_or(Ok(Some(MissingRight { reason, forbidden: false })), Err)
}

/// A boundary allows nothing by itself, but what it does not allow is denied.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>
fn within_boundary<'t>(
    policies: &OwnPolicies<'t>,
    role: &Role<'t>,
    action: &str,
    request: &impl RoleRequest,
) -> Known<Option<MissingRight>> {
    let boundary = match &policies.boundary {
        Ok(None) => return Ok(None),
        Ok(Some(boundary)) => boundary,
        Err(unknown) => return Err(unknown.clone()),
    };
    let allows = match boundary {
        OwnPolicy::Managed(managed) => managed.allows(action) && !managed.denied,
        OwnPolicy::Document(document) => {
            matches!(judge(document.statements.iter(), action, request)?, Admission::Granted(_))
        }
    };
    let reason =
        || format!("the permissions boundary of {} leaves no {action} on {}", role.arn, request.target());
    Ok((!allows).then(|| MissingRight { reason: reason(), forbidden: true }))
}

impl<'t> OwnPolicies<'t> {
    fn of(iam: &Iam<'t>, role: &Role<'t>) -> Self {
        let boundary = boundary(iam, role);
        let (documents, managed) = (Vec::new(), Vec::new());
        let mut policies = Self { documents, managed, may_allow: None, may_deny: None, boundary };
        for item in role.resource.objects_or_unknown(&["AttachedPolicies", "*"]) {
            let arn = item.and_then(|item| item.reference("PolicyArn"));
            let of_aws = arn.as_ref().is_ok_and(|arn| managed_name(arn).is_some());
            policies.add(arn.and_then(|arn| attached(iam, arn)), !of_aws);
        }
        for (at, item) in role.resource.objects_or_unknown(&["InlinePolicies", "*"]).into_iter().enumerate() {
            let place = format!("{}/InlinePolicies/{at}/PolicyDocument", role.resource.pointer());
            policies.add(item.and_then(|item| inline(iam, &item, &place)).map(OwnPolicy::Document), true);
        }
        policies
    }

    /// Adds one. Those that AWS manages are made to allow, and deny nothing that matters here.
    fn add(&mut self, policy: Known<OwnPolicy<'t>>, may_deny: bool) {
        match policy {
            Ok(OwnPolicy::Document(document)) => self.documents.push(document),
            Ok(OwnPolicy::Managed(managed)) => self.managed.push(managed),
            Err(unknown) => {
                if may_deny {
                    self.may_deny.get_or_insert_with(|| unknown.clone());
                }
                self.may_allow.get_or_insert(unknown);
            }
        }
    }
}

fn boundary<'t>(iam: &Iam<'t>, role: &Role<'t>) -> Known<Option<OwnPolicy<'t>>> {
    if !role.has_boundary()? {
        return Ok(None);
    }
    let arn = role.resource.reference(&["PermissionsBoundary", "PermissionsBoundaryArn"])?;
    attached(iam, arn).map(Some)
}

fn inline<'t>(iam: &Iam<'t>, item: &ObjectView<'t>, at: &str) -> Known<Document<'t>> {
    iam.document(item.field("PolicyDocument")?, at, Use::Identity)
}

/// A policy by its ARN: the document of the snapshot, else what the table says.
fn attached<'t>(iam: &Iam<'t>, arn: &str) -> Known<OwnPolicy<'t>> {
    let from_table = || tables().managed(arn).map(|managed| OwnPolicy::Managed(managed.named));
    let document =
        iam.policy_document(arn).and_then(|(document, at)| iam.document(document, &at, Use::Identity));
    document.map(OwnPolicy::Document).or_else(|unknown| from_table().ok_or(unknown))
}
