//! The facts of `facts.podIdentityAssociations[…]`: why an association cannot work.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html>,
//! <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html>

use super::admission::{Admission, Refusal, judge, refused};
use super::pod_request::{ChainPermission, ChainRequest, PodRequest, PodSession, names_directly};
use super::policy::Document;
use super::rights::RoleRights;
use super::tables::{ASSUME_ROLE, TAG_SESSION};
use super::trust::{PODS, account_of};
use super::wildcard::matches;
use super::{Iam, Role};
use crate::facts::known::{Known, all, any, not};
use crate::facts::view::{ObjectView, ResourceView};
use crate::snapshot::Unknown;
use crate::value::{Json, Pointer};

/// Something that keeps an identity from working.
#[derive(Clone, Debug)]
pub struct IdentityProblem {
    /// What, as text.
    pub reason: String,
    /// The field or the statement.
    pub place: Pointer,
}

/// What follows about an association.
pub(crate) struct AssociationFacts<'t> {
    arn: &'t str,
    pub(crate) place: Pointer,
    /// Why it cannot work; none where it does.
    pub(crate) problems: Known<Vec<IdentityProblem>>,
}

/// The facts about all associations, by ARN.
pub(super) fn facts<'t>(iam: &Iam<'t>) -> Json<'t> {
    let builder = iam.builder;
    let problem = |problem: &IdentityProblem| {
        builder.object_at(problem.place.as_str(), [("reason", builder.text(&problem.reason))])
    };
    let node = |association: AssociationFacts<'t>| {
        let problems = association.problems.map(|all| builder.list(all.iter().map(problem)));
        let fields = [("problems", builder.known(problems))];
        (association.arn, builder.object_at(association.place.as_str(), fields))
    };
    let associations = associations(iam).map(|all| builder.object(all.into_iter().map(node)));
    builder.known(associations)
}

/// What follows about all associations that have an ARN.
pub(super) fn associations<'t>(iam: &Iam<'t>) -> Known<Vec<AssociationFacts<'t>>> {
    iam.view.section("podIdentityAssociations")?;
    let fargate_only = FargateOnly { iam };
    let rights = RoleRights::of(iam);
    let facts = iam.view.items("podIdentityAssociations").filter_map(|resource| {
        let problems = Association { iam, resource, rights: &rights }.problems(&fargate_only);
        Some(AssociationFacts { arn: resource.key()?, problems, place: resource.pointer() })
    });
    Ok(facts.collect())
}

struct Association<'i, 't> {
    iam: &'i Iam<'t>,
    resource: ResourceView<'t>,
    rights: &'i RoleRights<'i, 't>,
}

impl<'t> Association<'_, 't> {
    /// The problems that are known. Not known if none is, and there may be one.
    fn problems(&self, fargate_only: &FargateOnly<'_, 't>) -> Known<Vec<IdentityProblem>> {
        self.resource.why_incomplete().map_or(Ok(()), Err)?;
        let checks = [
            self.with_tags(|tags| self.role(tags)),
            self.with_tags(|tags| self.target(tags)),
            self.with_tags(|tags| self.own_right(tags)),
            self.fargate(fargate_only),
        ];
        let (mut problems, mut more) = (Vec::new(), None);
        for check in checks {
            match check {
                Ok(found) => problems.extend(found),
                Err(unknown) => more = more.or(Some(unknown)),
            }
        }
        match more {
            Some(unknown) if problems.is_empty() => Err(unknown),
            _ => Ok(problems),
        }
    }

    /// A check that depends on whether sessions get tags: where that is not known, both must agree.
    fn with_tags(&self, check: impl Fn(bool) -> Found) -> Found {
        let unknown = match self.tags() {
            Ok(tags) => return check(tags),
            Err(unknown) => unknown,
        };
        match (check(true)?, check(false)?) {
            (Some(problem), Some(_)) => Ok(Some(problem)),
            (None, None) => Ok(None),
            _ => Err(unknown),
        }
    }

    /// Whether its sessions get tags. With a policy of its own it has them turned off:
    /// <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html>
    fn tags(&self) -> Known<bool> {
        match self.resource.optional("disableSessionTags")? {
            Some(_) => Ok(!self.resource.flag("disableSessionTags")?),
            None if self.resource.optional("policy")?.is_some() => Ok(false),
            None => Err(self.resource.absent(&["disableSessionTags"])),
        }
    }

    fn target_role(&self) -> Known<Option<&'t str>> {
        self.resource.whole().optional_reference("targetRoleArn")
    }

    fn session(&self, tags: bool) -> PodSession<'t> {
        PodSession { view: self.iam.view, association: self.resource, tags }
    }

    fn problem(&self, field: &str, reason: String) -> IdentityProblem {
        IdentityProblem { reason, place: self.resource.place(field) }
    }

    /// Whether the role is there and lets EKS in.
    fn role(&self, tags: bool) -> Found {
        let arn = self.resource.reference(&["roleArn"])?;
        let Some(role) = existing_role(self.iam, arn)? else {
            return Ok(Some(self.problem("roleArn", format!("the role {arn} does not exist"))));
        };
        let trust = role.trust.as_ref().map_err(Clone::clone)?;
        let session = self.session(tags);
        let request = PodRequest(&session);
        first(actions(tags).iter().map(|action| {
            let Admission::Refused(refusal) = judge(trust.statements.iter(), action, &request)? else {
                return Ok(None);
            };
            let sends = |key: &str| session.sends(key, &request);
            Ok(Some(self.problem("roleArn", refused(&refusal, (arn, action, PODS), sends))))
        }))
    }

    /// Whether the target role is there and lets the first one in.
    fn target(&self, tags: bool) -> Found {
        let Some(target) = self.target_role()? else { return Ok(None) };
        let arn = self.resource.reference(&["roleArn"])?;
        let Some(role) = existing_role(self.iam, target)? else {
            let reason = format!("the target role {target} does not exist");
            return Ok(Some(self.problem("targetRoleArn", reason)));
        };
        let trust = role.trust.as_ref().map_err(Clone::clone)?;
        let session = self.session(tags);
        let request = ChainRequest { session: &session, role: arn, target };
        first(actions(tags).iter().map(|action| {
            let Admission::Refused(refusal) = judge(trust.statements.iter(), action, &request)? else {
                return Ok(None);
            };
            let by_id =
                matches!(&refusal, Refusal::Condition(condition) if condition.is_on("sts:ExternalId"));
            let sends = |key: &str| session.sends(key, &request);
            let field = if by_id { "externalId" } else { "targetRoleArn" };
            Ok(Some(self.problem(field, refused(&refusal, (target, action, arn), sends))))
        }))
    }

    /// Whether the first role may assume the target role, for which EKS uses its credentials. Between
    /// accounts both sides must allow it; within one the trust policy is enough if it names the role.
    /// The association's own policy limits the session of the target role alone:
    /// <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html>
    fn own_right(&self, tags: bool) -> Found {
        let Some(target) = self.target_role()? else { return Ok(None) };
        let arn = self.resource.reference(&["roleArn"])?;
        // That it is gone is a problem of its own.
        let Some(role) = existing_role(self.iam, arn)? else { return Ok(None) };
        let session = self.session(tags);
        let permission = ChainPermission(ChainRequest { session: &session, role: arn, target });
        first(actions(tags).iter().map(|action| {
            let missing = self.rights.missing(role, action, &permission)?;
            let enough = match &missing {
                Some(right) if !right.forbidden => self.trusts_by_name(role, action, &permission.0)?,
                _ => false,
            };
            Ok(missing.filter(|_| !enough).map(|right| self.problem("targetRoleArn", right.reason)))
        }))
    }

    /// Whether the target role, of the same account, names the role itself in its trust policy.
    fn trusts_by_name(&self, role: &Role<'t>, action: &str, request: &ChainRequest<'_, 't>) -> Known<bool> {
        let target = request.target;
        self.iam.view.literal(target)?;
        self.iam.view.literal(role.arn)?;
        if account_of(target) != account_of(role.arn) {
            return Ok(false);
        }
        // Whatever is wrong with its trust is a problem of its own.
        let Some(target) = existing_role(self.iam, target)? else { return Ok(true) };
        let trust: &Document<'t> = target.trust.as_ref().map_err(Clone::clone)?;
        Ok(match judge(trust.statements.iter(), action, request)? {
            Admission::Granted(statements) => {
                statements.iter().any(|statement| names_directly(statement, role.arn))
            }
            Admission::Refused(_) => true,
        })
    }

    /// Pod Identity does not work on Fargate.
    /// <https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html#pod-id-considerations>
    fn fargate(&self, fargate_only: &FargateOnly<'_, 't>) -> Known<Option<IdentityProblem>> {
        let namespace = self.resource.text("namespace")?;
        let on_fargate = all([fargate_only.selects(namespace), fargate_only.no_nodes()])?;
        let reason = format!(
            "pods of the namespace {namespace} can run on Fargate only, where Pod Identity does not work"
        );
        Ok(on_fargate.then(|| IdentityProblem { reason, place: self.resource.place("namespace") }))
    }
}

/// A problem, if there is one.
type Found = Known<Option<IdentityProblem>>;

/// The first problem; none only if all are known.
fn first(checks: impl Iterator<Item = Found>) -> Found {
    let mut unknown = None;
    for check in checks {
        match check {
            Ok(None) => {}
            Ok(problem) => return Ok(problem),
            Err(why) => unknown = unknown.or(Some(why)),
        }
    }
    unknown.map_or(Ok(None), Err)
}

/// What must be allowed: tags need a right of their own.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required>
fn actions(tags: bool) -> &'static [&'static str] {
    if tags { &[ASSUME_ROLE, TAG_SESSION] } else { &[ASSUME_ROLE] }
}

/// A role that the snapshot has; none if it is of this account and gone.
fn existing_role<'i, 't>(iam: &'i Iam<'t>, arn: &str) -> Known<Option<&'i Role<'t>>> {
    if let Some(role) = iam.role(arn) {
        return Ok(Some(role));
    }
    if let Some(unknown) = iam.view.more("roles") {
        return Err(unknown);
    }
    iam.view.known_id("roles", arn)?;
    match account_of(arn) == Some(iam.account()?) {
        true => Ok(None),
        false => Err(Unknown::undecided(format!("the role {arn} is of another account"))),
    }
}

/// Whether pods of a namespace can run on Fargate alone.
struct FargateOnly<'i, 't> {
    iam: &'i Iam<'t>,
}

impl<'t> FargateOnly<'_, 't> {
    /// Whether some profile selects all pods of the namespace, whatever their labels.
    fn selects(&self, namespace: &str) -> Known<bool> {
        let profile = |profile: ResourceView<'t>| {
            let selects = |selector: Known<ObjectView<'t>>| {
                let selector = selector?;
                let labels = selector.object(&["selectors", "*", "labels"])?;
                let any_label = labels.is_none_or(|labels| labels.entries().is_empty());
                Ok(any_label && matches(selector.text("namespace")?, namespace, false))
            };
            any(profile.objects(&["selectors", "*"])?.map(selects))
        };
        let more = self.iam.view.more("fargateProfiles").map(Err);
        any(self.iam.view.items("fargateProfiles").map(profile).chain(more))
    }

    /// Whether the cluster has nothing but Fargate to run pods on.
    fn no_nodes(&self) -> Known<bool> {
        let view = self.iam.view;
        let empty = |name: &str| {
            let part = view.section(name)?;
            match &part.incomplete {
                Some(unknown) if part.items().is_empty() && part.names.is_empty() => Err(unknown.clone()),
                _ => Ok(part.items().is_empty() && part.names.is_empty()),
            }
        };
        let cluster = view.cluster()?;
        let auto_mode = match cluster.optional_under(&["computeConfig", "enabled"])? {
            Some(_) => cluster.flag_under(&["computeConfig", "enabled"]),
            None => Ok(false),
        };
        // Hybrid nodes are no instances.
        let remote = cluster.list_under(&["remoteNetworkConfig", "remoteNodeNetworks"]);
        let no_remote = remote.map(|networks| networks.is_empty());
        all([not(auto_mode), no_remote, empty("nodegroups"), empty("instances")])
    }
}
