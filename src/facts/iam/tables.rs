//! The tables of `rules/data`: which actions make more of a role, and which of them policies that AWS
//! manages allow.

use super::symbols::{has_symbol, split_once};
use super::wildcard::{is_pattern, matches};
use crate::value::symbolic::is_one_symbol;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// A set of asks, by position.
pub(super) type ActionSet = u128;

/// Whether a role may do an action on a kind of resource.
#[derive(Debug, PartialEq, Eq)]
struct Ask {
    action: String,
    /// Position in `resources`.
    resource: usize,
    /// For `iam:PassRole`: the services one of which gets the role; empty for any.
    passed_to: Vec<String>,
}

/// An action of the tables.
#[derive(Debug)]
struct Action {
    name: String,
    /// What is asked of it without a condition on the service that gets a role.
    asks: ActionSet,
}

/// What a policy that AWS manages allows and denies on every resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Managed {
    pub(super) allow: ActionSet,
    pub(super) deny: ActionSet,
    pub(super) named: NamedActions,
}

/// What a policy that AWS manages says about the actions that facts ask for by name, on whatever resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct NamedActions {
    assume_role: bool,
    tag_session: bool,
    assign_ipv6: bool,
    /// Whether it forbids them.
    pub(super) denied: bool,
}

impl NamedActions {
    /// Whether it allows one of these actions.
    pub(super) fn allows(self, action: &str) -> bool {
        match action {
            ASSUME_ROLE => self.assume_role,
            TAG_SESSION => self.tag_session,
            ASSIGN_IPV6 => self.assign_ipv6,
            _ => false,
        }
    }

    fn of(row: &ManagedRow) -> Self {
        let names = |actions: &[String], name| actions.iter().any(|action| action == name);
        Self {
            assume_role: names(&row.chains, ASSUME_ROLE),
            tag_session: names(&row.chains, TAG_SESSION),
            assign_ipv6: row.assigns_ipv6,
            denied: row.never_chains,
        }
    }
}

/// A set of actions that makes more of a role.
#[derive(Debug)]
pub(super) struct Escalation {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) actions: Vec<String>,
    /// For each action the asks one of which is enough.
    pub(super) needs: Vec<ActionSet>,
}

/// All tables.
#[derive(Debug)]
pub(super) struct Tables {
    asks: Vec<Ask>,
    actions: Vec<Action>,
    /// Templates of the resources that are asked for.
    pub(super) resources: Vec<String>,
    /// For each resource, what is asked of it.
    pub(super) of_resource: Vec<ActionSet>,
    /// For each action of administrators the asks one of which is enough.
    pub(super) administrator: Vec<ActionSet>,
    /// For each action that changes what is in Amazon ECR its ask.
    pub(super) ecr_writes: Vec<(String, ActionSet)>,
    pub(super) escalations: Vec<Escalation>,
    managed: HashMap<String, Managed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EscalationFile {
    resources: BTreeMap<String, String>,
    actions: BTreeMap<String, Vec<String>>,
    administrator: Vec<String>,
    ecr_writes: Vec<String>,
    escalations: Vec<EscalationRow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EscalationRow {
    name: String,
    title: String,
    actions: Vec<String>,
    #[serde(default)]
    passed_to: Vec<String>,
}

#[derive(Deserialize)]
struct ManagedFile {
    policies: Vec<ManagedRow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ManagedRow {
    name: String,
    #[serde(default)]
    allows: Vec<String>,
    #[serde(default)]
    denies: Vec<String>,
    #[serde(default)]
    passes_roles_to: Vec<String>,
    /// The actions of AWS STS that it allows on every role.
    #[serde(default)]
    chains: Vec<String>,
    /// Whether it denies these on every role.
    #[serde(default)]
    never_chains: bool,
    /// Whether it allows to give network interfaces IPv6 addresses.
    #[serde(default)]
    assigns_ipv6: bool,
}

/// The action that hands a role to a service.
const PASS_ROLE: &str = "iam:PassRole";
/// The actions with which a role assumes another and hands tags on.
pub(super) const ASSUME_ROLE: &str = "sts:AssumeRole";
pub(super) const TAG_SESSION: &str = "sts:TagSession";
/// The action with which the VPC CNI gives pods of an IPv6 cluster their addresses.
pub(super) const ASSIGN_IPV6: &str = "ec2:AssignIpv6Addresses";
/// The resource of the actions that change what is in Amazon ECR.
const REPOSITORY: &str = "repository";

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let escalations = include_str!("../../../rules/data/privilege-escalation.yaml");
    let managed = include_str!("../../../rules/data/aws-managed-policies.yaml");
    let file = serde_saphyr::from_str(escalations).expect("an embedded file is valid");
    let managed: ManagedFile = serde_saphyr::from_str(managed).expect("an embedded file is valid");
    Tables::new(file, managed)
});

/// The tables, read once.
pub(super) fn tables() -> &'static Tables {
    &TABLES
}

impl Tables {
    fn new(file: EscalationFile, managed: ManagedFile) -> Self {
        let (kinds, resources): (Vec<_>, Vec<_>) = file.resources.into_iter().unzip();
        let mut tables = Self {
            asks: Vec::new(),
            actions: Vec::new(),
            of_resource: vec![0; resources.len()],
            resources,
            administrator: Vec::new(),
            ecr_writes: Vec::new(),
            escalations: Vec::new(),
            managed: HashMap::new(),
        };
        let writes = file.ecr_writes.iter().map(|action| (action.clone(), vec![REPOSITORY.to_owned()]));
        let on: BTreeMap<String, Vec<usize>> = file
            .actions
            .into_iter()
            .chain(writes)
            .map(|(action, names)| {
                let of = |name: &String| kinds.iter().position(|kind| kind == name);
                (action, names.iter().filter_map(of).collect())
            })
            .collect();
        for row in file.escalations {
            let needs = row.actions.iter().map(|action| tables.ask(&on, action, &row.passed_to)).collect();
            let EscalationRow { name, title, actions, .. } = row;
            tables.escalations.push(Escalation { name, title, actions, needs });
        }
        tables.administrator = file.administrator.iter().map(|action| tables.ask(&on, action, &[])).collect();
        tables.ecr_writes = file
            .ecr_writes
            .into_iter()
            .map(|action| (action.clone(), tables.ask(&on, &action, &[])))
            .collect();
        tables.managed = managed.policies.into_iter().map(|row| tables.managed_row(row)).collect();
        tables
    }

    /// The asks about an action, added where they are new.
    fn ask(&mut self, on: &BTreeMap<String, Vec<usize>>, action: &str, passed_to: &[String]) -> ActionSet {
        let passed_to = if action == PASS_ROLE { passed_to } else { &[] };
        let mut found = 0;
        for resource in on.get(action).into_iter().flatten() {
            let ask = Ask { action: action.to_owned(), resource: *resource, passed_to: passed_to.to_vec() };
            let at = self.asks.iter().position(|known| *known == ask).unwrap_or_else(|| {
                self.asks.push(ask);
                self.asks.len() - 1
            });
            found |= 1 << at;
            self.of_resource[*resource] |= 1 << at;
        }
        match self.actions.iter_mut().find(|known| known.name == action) {
            Some(known) => known.asks |= found,
            None => self.actions.push(Action { name: action.to_owned(), asks: found }),
        }
        found
    }

    fn managed_row(&self, row: ManagedRow) -> (String, Managed) {
        let all = |patterns: &[String]| {
            let covered = patterns.iter().map(|pattern| self.asks_of(pattern));
            covered.fold(0, |all, asks| all | asks)
        };
        let named = NamedActions::of(&row);
        let passes = row.passes_roles_to.iter().map(|service| self.passed_to(service));
        let allow = passes.fold(all(&row.allows), |all, asks| all | asks);
        (row.name, Managed { allow, deny: all(&row.denies), named })
    }

    /// Every ask about an action that a pattern covers.
    pub(super) fn asks_of(&self, pattern: &str) -> ActionSet {
        let service = pattern.split(':').next().unwrap_or_default();
        let any_service = is_pattern(service);
        // Policies name hundreds of actions, most of them of services that the tables do not have.
        let near = |action: &Action| {
            let prefix = action.name.get(..service.len());
            any_service || prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(service))
        };
        let covered =
            self.actions.iter().filter(|action| near(action) && matches(pattern, &action.name, true));
        covered.fold(0, |all, action| all | action.asks)
    }

    /// What is asked about passing roles to one service.
    pub(super) fn passed_to(&self, pattern: &str) -> ActionSet {
        let pattern = pattern.strip_suffix(".cn").unwrap_or(pattern);
        let names = |ask: &Ask| ask.passed_to.iter().any(|service| matches(pattern, service, true));
        let asks = self.asks.iter().enumerate().filter(|(_, ask)| names(ask));
        asks.fold(0, |all, (at, _)| all | 1 << at)
    }

    /// What a policy that AWS manages allows, if it is in the table. Its ARN is the same in every
    /// partition but for the partition.
    pub(super) fn managed(&self, arn: &str) -> Option<Managed> {
        self.managed.get(managed_name(arn)?).copied()
    }

    /// Everything that is asked.
    pub(super) fn all(&self) -> ActionSet {
        (1 << self.asks.len()) - 1
    }

    /// The resource of the actions that change what is in Amazon ECR.
    pub(super) fn repositories(&self) -> ActionSet {
        self.ecr_writes.iter().fold(0, |all, (_, asks)| all | asks)
    }
}

/// The name, with its path, of a policy that AWS manages, also where a symbol is the partition.
pub(super) fn managed_name(arn: &str) -> Option<&str> {
    let (partition, rest) = split_once(arn.strip_prefix("arn:")?, ':')?;
    let is_partition = partition.starts_with("aws") || is_one_symbol(partition);
    rest.strip_prefix("iam::aws:policy/").filter(|name| is_partition && !has_symbol(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_of_the_tables_is_asked_about() {
        let tables = tables();
        assert!(tables.asks.len() < 128, "{} asks are too many", tables.asks.len());
        for escalation in &tables.escalations {
            assert!(escalation.needs.iter().all(|asks| *asks != 0), "{}", escalation.name);
        }
        assert!(tables.administrator.iter().all(|asks| *asks != 0));
        assert!(tables.ecr_writes.iter().all(|(_, asks)| asks.count_ones() == 1));
        assert_eq!(tables.of_resource.iter().fold(0, |all, asks| all | asks), tables.all());
        let mut names: Vec<_> = tables.escalations.iter().map(|escalation| &escalation.name).collect();
        names.dedup();
        assert_eq!(names.len(), tables.escalations.len());
    }

    #[test]
    fn every_row_of_a_managed_policy_names_actions_of_the_tables() {
        let text = include_str!("../../../rules/data/aws-managed-policies.yaml");
        let file: ManagedFile = serde_saphyr::from_str(text).expect("a table");
        for row in file.policies {
            for pattern in row.allows.iter().chain(&row.denies) {
                assert_ne!(tables().asks_of(pattern), 0, "{} of {}", pattern, row.name);
            }
            assert!(
                row.passes_roles_to.iter().all(|service| tables().passed_to(service) != 0),
                "{}",
                row.name
            );
        }
    }

    #[test]
    fn managed_policies_are_found_in_every_partition() {
        for partition in ["aws", "aws-cn", "aws-us-gov"] {
            let found = |name: &str| tables().managed(&format!("arn:{partition}:iam::aws:policy/{name}"));
            assert_eq!(found("AdministratorAccess").map(|managed| managed.allow), Some(tables().all()));
            assert_eq!(found("AmazonEKSWorkerNodePolicy"), Some(Managed::default()));
            assert!(found("service-role/AmazonEBSCSIDriverPolicy").is_some());
            assert!(found("NoSuchPolicy").is_none());
        }
        assert!(tables().managed("arn:aws:iam::111122223333:policy/AdministratorAccess").is_none());
    }

    #[test]
    fn patterns_cover_the_actions_of_their_service() {
        let one = tables().asks_of("eks:updateclusterconfig");
        assert_eq!(one.count_ones(), 1);
        assert_eq!(tables().asks_of("eks:Update*") & one, one);
        assert_eq!(tables().asks_of("*") & one, one);
        assert_eq!(tables().asks_of("e*:UpdateClusterConfig"), one);
        assert_eq!(tables().asks_of("ecs:*") & one, 0);
        assert_eq!(tables().asks_of("s3:*"), 0);
        assert_eq!(tables().asks_of(""), 0);
    }
}
