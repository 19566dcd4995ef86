//! The facts of `facts.podIdentityAssociations[…]`: why an association cannot work.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html>,
//! <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html>

use super::policy::{Effect, Principal};
use super::trust::{ASSUME_ROLE, account_of};
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
    let facts = iam.view.items("podIdentityAssociations").filter_map(|resource| {
        let problems = Association { iam, resource }.problems(&fargate_only);
        Some(AssociationFacts { arn: resource.key()?, problems, place: resource.pointer() })
    });
    Ok(facts.collect())
}

struct Association<'i, 't> {
    iam: &'i Iam<'t>,
    resource: ResourceView<'t>,
}

impl<'t> Association<'_, 't> {
    /// The problems that are known. Not known if none is, and there may be one.
    fn problems(&self, fargate_only: &FargateOnly<'_, 't>) -> Known<Vec<IdentityProblem>> {
        self.resource.why_incomplete().map_or(Ok(()), Err)?;
        let checks = [self.role(), self.target(), self.fargate(fargate_only)];
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

    /// Whether the role trusts Pod Identity.
    fn role(&self) -> Known<Option<IdentityProblem>> {
        let arn = self.resource.text("roleArn")?;
        let role = known_role(self.iam, arn)?;
        let trust = role.trust.as_ref().map_err(Clone::clone)?;
        let pods = trust.pod_identity();
        let reason = match (pods.trusts, pods.tag_session) {
            (true, true) => return Ok(None),
            (true, false) => {
                format!("the trust policy of {arn} does not allow sts:TagSession to pods.eks.amazonaws.com")
            }
            (false, _) => {
                format!("the trust policy of {arn} does not allow sts:AssumeRole to pods.eks.amazonaws.com")
            }
        };
        Ok(Some(IdentityProblem { reason, place: self.resource.place("roleArn") }))
    }

    /// Whether the role of the other account, or the second role, trusts the first.
    fn target(&self) -> Known<Option<IdentityProblem>> {
        let Some(target) = self.resource.optional_text("targetRoleArn")? else { return Ok(None) };
        let arn = self.resource.text("roleArn")?;
        let role = known_role(self.iam, target)?;
        let trust = role.trust.as_ref().map_err(Clone::clone)?;
        let account = account_of(arn).unwrap_or_default();
        let names = |principal: &Principal<'_>| match principal {
            Principal::Everyone => true,
            Principal::Aws(name) => {
                *name == arn || *name == account || name.ends_with(&format!("::{account}:root"))
            }
            _ => false,
        };
        let external_id = self.resource.optional_text("externalId")?;
        let allowing = trust.statements.iter().filter(|statement| {
            statement.effect == Effect::Allow
                && statement.actions.cover_action(ASSUME_ROLE)
                && (statement.principals.negated || statement.principals.list.iter().any(names))
        });
        let mut wrong_id = false;
        for statement in allowing {
            let ids = statement.conditions.iter().filter(|c| c.is_on("sts:ExternalId"));
            // EKS makes an id for every association with a target role.
            if external_id.is_none() && ids.clone().next().is_some() {
                return Err(self.resource.absent(&["externalId"]));
            }
            let mismatch = ids.clone().any(|condition| !meets_id(condition, external_id.unwrap_or_default()));
            if !mismatch {
                return Ok(None);
            }
            wrong_id = true;
        }
        let reason = match wrong_id {
            true => format!(
                "the trust policy of {target} asks for another sts:ExternalId than the association has"
            ),
            false => format!("the trust policy of {target} does not allow sts:AssumeRole to {arn}"),
        };
        let field = if wrong_id { "externalId" } else { "targetRoleArn" };
        Ok(Some(IdentityProblem { reason, place: self.resource.place(field) }))
    }

    /// Pod Identity does not work on Fargate.
    /// <https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html#pod-id-considerations>
    fn fargate(&self, fargate_only: &FargateOnly<'_, 't>) -> Known<Option<IdentityProblem>> {
        let namespace = self.resource.text("namespace")?;
        let on_fargate = all([fargate_only.selects(namespace), fargate_only.no_nodes()])?;
        let reason =
            format!("pods of the namespace {namespace} run on Fargate, where Pod Identity does not work");
        Ok(on_fargate.then(|| IdentityProblem { reason, place: self.resource.place("namespace") }))
    }
}

/// Whether a condition on the external id lets the association's through.
fn meets_id(condition: &super::condition::Condition<'_>, id: &str) -> bool {
    let operator = condition.operator;
    let fold = operator.test == super::condition::Test::EqualsIgnoreCase;
    let equal = |value: &&str| match operator.has_wildcards() {
        true => matches(value, id, false),
        false => *value == id || fold && value.eq_ignore_ascii_case(id),
    };
    // Nothing is said about operators that do not compare texts.
    let compares = operator.negated || operator.wants_a_value();
    !compares || condition.values.iter().any(equal) != operator.negated
}

/// A role of this account that the snapshot has.
fn known_role<'i, 't>(iam: &'i Iam<'t>, arn: &str) -> Known<&'i Role<'t>> {
    if let Some(role) = iam.role(arn) {
        return Ok(role);
    }
    let unknown = || Unknown::undecided(format!("the role {arn} is not in the snapshot"));
    Err(iam.view.more("roles").unwrap_or_else(unknown))
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
