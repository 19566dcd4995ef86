//! Which cluster an answer is about. Most answers say so: by the cluster's name, an ARN or the VPC.
//! For the others, the names of the file and of its folders do, or the clusters described nearby.

use super::Text;
use super::collect::{Collected, Item, Piece};
use crate::snapshot::envelope::ENVELOPES;
use crate::snapshot::{Identity, Section};
use crate::source::belongs::vpcs;
use crate::value::Node;
use std::collections::BTreeSet;
use std::fmt;

/// A cluster that the answers are about.
#[derive(Debug)]
pub(super) struct Cluster<'t> {
    /// Name, ARN, account and region, as far as they are known.
    pub(super) identity: Identity,
    /// Its description.
    pub(super) node: Option<Node<'t>>,
    /// Its VPC.
    pub(super) vpc: Option<&'t str>,
    /// The files that name it.
    files: BTreeSet<usize>,
}

/// All clusters.
#[derive(Debug)]
pub(super) struct Clusters<'t> {
    /// In the order of the files.
    pub(super) all: Vec<Cluster<'t>>,
    texts: &'t [Text],
}

/// What an answer is about that names nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// One cluster.
    Cluster,
    /// A VPC.
    Vpc,
    /// A region of an account.
    Region,
    /// An account.
    Account,
}

/// Sections whose items name their VPC.
const OF_A_VPC: [&str; 13] = [
    "vpc",
    "subnets",
    "routeTables",
    "internetGateways",
    "egressOnlyInternetGateways",
    "natGateways",
    "vpcPeeringConnections",
    "securityGroups",
    "networkAcls",
    "networkInterfaces",
    "vpcEndpoints",
    "instances",
    "loadBalancers",
];

impl Scope {
    /// What the answers of a section are about.
    pub(super) fn of(section: &Section) -> Self {
        match (section.name.as_str(), section.service.as_deref()) {
            ("clusterVersions" | "addonVersions" | "regionClusters", _) => Self::Region,
            ("configMaps", _) | (_, Some("eks")) => Self::Cluster,
            (name, _) if OF_A_VPC.contains(&name) => Self::Vpc,
            (_, Some("iam")) => Self::Account,
            _ => Self::Region,
        }
    }

    /// Whether two clusters have it in common.
    fn is_shared(self, a: &Cluster<'_>, b: &Cluster<'_>) -> bool {
        let account = a.identity.account == b.identity.account;
        match self {
            Self::Cluster => false,
            Self::Vpc => a.vpc.is_some() && a.vpc == b.vpc,
            Self::Region => account && a.identity.region == b.identity.region,
            Self::Account => account,
        }
    }
}

impl<'t> Clusters<'t> {
    /// Finds the clusters that answers describe, and those that they name.
    pub(super) fn find(collected: &mut Collected<'t>, texts: &'t [Text]) -> Self {
        let mut clusters = Self { all: Vec::new(), texts };
        let is_cluster = |piece: &&Piece<'_>| piece.section.name == "cluster";
        let described: Vec<_> =
            collected.pieces.iter().filter(is_cluster).flat_map(|p| p.items.clone()).collect();
        for item in described {
            if let Some(message) = clusters.describe(&item) {
                collected.note(item.file, message);
            }
        }
        for item in collected.pieces.iter().flat_map(|piece| &piece.items) {
            clusters.name(item);
        }
        clusters
    }

    /// Adds a cluster's description; says so if it adds nothing.
    fn describe(&mut self, item: &Item<'t>) -> Option<String> {
        let identity = item.owner.clone().unwrap_or_default();
        let Some(name) = identity.name.clone() else {
            return Some("describes a cluster without name and ARN".to_owned());
        };
        if let [at] = self.named(&identity)[..] {
            let first = &mut self.all[at];
            let file = first.files.iter().next().map(|file| self.texts[*file].name.as_str());
            let other = first.node != Some(item.node);
            first.files.insert(item.file);
            return other.then(|| {
                format!("describes {name} otherwise than {}, which was taken", file.unwrap_or_default())
            });
        }
        let vpc = item.node.at(&["resourcesVpcConfig", "vpcId"]).and_then(|node| node.as_str());
        let files = BTreeSet::from([item.file]);
        self.all.push(Cluster { identity, node: Some(item.node), vpc, files });
        None
    }

    /// Notes the cluster that an item names.
    fn name(&mut self, item: &Item<'t>) {
        let Some(identity) = item.owner.as_ref().filter(|owner| owner.name.is_some()) else { return };
        match self.named(identity)[..] {
            [] => {
                let files = BTreeSet::from([item.file]);
                self.all.push(Cluster { identity: identity.clone(), node: None, vpc: None, files });
            }
            [at] => {
                let known = &mut self.all[at];
                known.files.insert(item.file);
                if known.identity.arn.is_none() {
                    known.identity = identity.clone();
                }
            }
            _ => {}
        }
    }

    /// The clusters that an identity may mean.
    fn named(&self, identity: &Identity) -> Vec<usize> {
        let same = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        let means = |known: &Identity| {
            known.name == identity.name
                && same(&known.region, &identity.region)
                && same(&known.account, &identity.account)
        };
        (0..self.all.len()).filter(|at| means(&self.all[*at].identity)).collect()
    }

    /// Finds what an answer is about, and each of its resources.
    pub(super) fn place(&self, piece: &mut Piece<'t>) {
        let scope = Scope::of(piece.section);
        piece.about = self.near(piece.file, scope);
        if scope == Scope::Cluster {
            for item in &mut piece.items {
                item.cluster = self.owner(item.owner.as_ref(), item.file);
            }
        }
    }

    /// The cluster that is named in a file, or else the one that the file is about.
    pub(super) fn owner(&self, named: Option<&Identity>, file: usize) -> Option<usize> {
        let named = named.map(|identity| self.named(identity));
        match named.as_deref() {
            Some([at]) => Some(*at),
            Some(several) => self.about(file, Scope::Cluster, several).first().copied(),
            None => self.near(file, Scope::Cluster).first().copied(),
        }
    }

    /// The clusters that an answer is about which names none.
    pub(super) fn near(&self, file: usize, scope: Scope) -> Vec<usize> {
        let all: Vec<_> = (0..self.all.len()).collect();
        self.about(file, scope, &all)
    }

    /// Those of some clusters that a file is about: its names narrow them down, and then the folder.
    /// None if what is left does not have the scope in common.
    fn about(&self, file: usize, scope: Scope, among: &[usize]) -> Vec<usize> {
        let path = &self.texts[file].path;
        let mut left = among.to_vec();
        for hint in hints(path) {
            let fits = |at: &&usize| self.all[**at].is_called(hint);
            let fitting: Vec<_> = left.iter().filter(fits).copied().collect();
            if !fitting.is_empty() {
                left = fitting;
            }
        }
        let folders = path.rmatch_indices('/').map(|(at, _)| &path[..=at]).chain([""]);
        for folder in folders {
            let inside = |at: &&usize| {
                self.all[**at].files.iter().any(|file| self.texts[*file].path.starts_with(folder))
            };
            let near: Vec<_> = left.iter().filter(inside).copied().collect();
            if !near.is_empty() {
                left = near;
                break;
            }
        }
        match left.split_first() {
            Some((first, others))
                if others.iter().all(|at| scope.is_shared(&self.all[*first], &self.all[*at])) =>
            {
                left
            }
            _ => Vec::new(),
        }
    }

    /// The clusters by ARN, those without by name.
    pub(super) fn order(&self) -> Vec<usize> {
        let mut order: Vec<_> = (0..self.all.len()).collect();
        let key = |at: &usize| (&self.all[*at].identity.arn, &self.all[*at].identity.name);
        order.sort_by(|a, b| key(a).cmp(&key(b)));
        order
    }
}

impl Cluster<'_> {
    fn is_called(&self, hint: &str) -> bool {
        let Identity { name, account, region, .. } = &self.identity;
        [name.as_deref(), account.as_deref(), region.as_deref(), self.vpc].contains(&Some(hint))
    }
}

/// What the names of a file and of its folders may say, the most telling first:
/// `list-nodegroups.prod.json` and `prod/list-nodegroups.json` say `prod`.
pub(super) fn hints(path: &str) -> Vec<&str> {
    let stem = stem(path);
    let parts = stem.split('.').filter(|part| *part != stem);
    let folders = path.rsplit('/').skip(1);
    let hints = named_after(path).into_iter().chain([stem]).chain(parts).chain(folders);
    hints.filter(|hint| !hint.is_empty()).collect()
}

/// What a file is named after, beside the command that filled it.
pub(super) fn named_after(path: &str) -> Option<&str> {
    let stem = stem(path);
    let between = |c: char| matches!(c, '.' | '_' | '-' | '@' | ' ');
    // The longest command: `describe-cluster-versions` is not about a cluster called `versions`.
    let commands = || ENVELOPES.iter().filter_map(|row| row.command.split(' ').nth(1));
    let before = commands().filter(|command| stem.starts_with(command)).map(str::len).max();
    let after = commands().filter(|command| stem.ends_with(command)).map(str::len).max();
    match (before, after) {
        (Some(length), _) => stem[length..].strip_prefix(between),
        (None, Some(length)) => stem[..stem.len() - length].strip_suffix(between),
        (None, None) => None,
    }
}

/// The name of a file without its folders and what stands after the last dot.
fn stem(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or_default();
    file.rfind('.').map_or(file, |dot| &file[..dot])
}

/// Why no snapshot took an answer.
#[derive(Debug)]
pub(super) enum Why {
    /// There is no cluster at all.
    NoCluster,
    /// It does not say what it is about.
    NoPlace { scope: Scope },
    /// It is about VPCs that no cluster is in.
    OtherVpc { vpcs: Vec<String> },
    /// Nothing that the clusters name.
    NotNamed { title: String },
}

impl Why {
    /// The reason for a piece.
    pub(super) fn of(piece: &Piece<'_>, clusters: &Clusters<'_>) -> Self {
        let scope = Scope::of(piece.section);
        let named: BTreeSet<_> = piece.items.iter().flat_map(|item| vpcs(&item.node)).collect();
        if clusters.all.is_empty() {
            Self::NoCluster
        } else if scope == Scope::Vpc && !named.is_empty() {
            Self::OtherVpc { vpcs: named.into_iter().map(str::to_owned).collect() }
        } else if !piece.items.is_empty() && scope != Scope::Cluster {
            Self::NotNamed { title: piece.section.title.clone() }
        } else {
            Self::NoPlace { scope }
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCluster => f.write_str("belongs to no cluster, because no file describes one"),
            Self::NoPlace { scope } => {
                let what = match scope {
                    Scope::Cluster => "cluster",
                    Scope::Vpc => "VPC",
                    Scope::Region => "region",
                    Scope::Account => "account",
                };
                write!(
                    f,
                    "does not say of which {what} it is: put it into a folder with the description of its cluster, or end its name with the cluster's, as in list-nodegroups.CLUSTER.json"
                )
            }
            Self::OtherVpc { vpcs } => {
                write!(f, "is about {}, and no cluster here is known to be in it", vpcs.join(", "))
            }
            Self::NotNamed { title } => write!(f, "has no {title} that belongs to a cluster here"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::hints;

    #[test]
    fn files_and_folders_say_what_an_answer_is_about() {
        let first = |path| hints(path).first().copied();
        assert_eq!(first("list-nodegroups.prod.json"), Some("prod"));
        assert_eq!(first("list-attached-role-policies.a.b@c.json"), Some("a.b@c"));
        assert_eq!(first("prod-list-nodegroups.json"), Some("prod"));
        assert_eq!(hints("eu-west-1/prod/list-nodegroups.json"), ["list-nodegroups", "prod", "eu-west-1"]);
        assert!(!hints("describe-cluster-versions.json").contains(&"versions"));
        assert_eq!(hints("x.y.json"), ["x.y", "x", "y"]);
        assert_eq!(hints(""), [""; 0]);
    }
}
