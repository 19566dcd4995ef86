//! Which cluster an answer is about. Most answers say so: by the cluster's name, an ARN or the VPC.
//! For the others, the names of the file and of its folders do, or the clusters described nearby.

use super::ImportFile;
use super::read::Answers;
use crate::snapshot::envelope::ENVELOPES;
use crate::snapshot::section::SectionScope;
use crate::snapshot::{Identity, Section};
use crate::source::assemble::{ClusterContext, Piece, PieceItem, vpcs};
use crate::value::Json;
use std::collections::BTreeSet;
use std::fmt;

/// All clusters that the answers are about.
#[derive(Debug)]
pub(super) struct Clusters<'t> {
    /// In the order of the files.
    pub(super) all: Vec<ClusterContext<'t>>,
    /// For each of them, the files that name it.
    files: Vec<BTreeSet<usize>>,
    texts: &'t [ImportFile],
}

/// Whether two clusters have in common what a section is a part of.
fn is_shared(scope: SectionScope, a: &ClusterContext<'_>, b: &ClusterContext<'_>) -> bool {
    let account = a.identity.account == b.identity.account;
    match scope {
        SectionScope::Cluster => false,
        SectionScope::Vpc => a.vpc.is_some() && a.vpc == b.vpc,
        SectionScope::Region => account && a.identity.region == b.identity.region,
        SectionScope::Account => account,
    }
}

/// The cluster that a resource of EKS names.
fn named_in(section: &Section, node: Json<'_>) -> Option<Identity> {
    match section.service.as_deref() {
        _ if section.name == "cluster" => Some(Identity::of_cluster(node)),
        Some("eks") => Identity::of_item(&node),
        _ => None,
    }
}

impl<'t> Clusters<'t> {
    /// Finds the clusters that answers describe, and those that they name.
    pub(super) fn find(answers: &mut Answers<'t>, texts: &'t [ImportFile]) -> Self {
        let mut clusters = Self { all: Vec::new(), files: Vec::new(), texts };
        let mut notes = Vec::new();
        for piece in answers.pieces.iter().filter(|piece| piece.section.name == "cluster") {
            for (item, file) in piece.items.iter().filter_map(|item| Some((item, item.file?))) {
                notes.extend(clusters.describe(item.node, file).map(|message| (file, message)));
            }
        }
        notes.into_iter().for_each(|(file, message)| answers.note(file, message));
        for piece in &answers.pieces {
            for (item, file) in piece.items.iter().filter_map(|item| Some((item, item.file?))) {
                if let Some(identity) = named_in(piece.section, item.node) {
                    clusters.name(identity, file);
                }
            }
        }
        clusters
    }

    fn add(&mut self, identity: Identity, node: Option<Json<'t>>, file: usize) {
        self.all.push(ClusterContext::of(identity, node));
        self.files.push(BTreeSet::from([file]));
    }

    /// Adds a cluster's description; says so if it adds nothing.
    fn describe(&mut self, node: Json<'t>, file: usize) -> Option<String> {
        let identity = Identity::of_cluster(node);
        let Some(name) = identity.name.clone() else {
            return Some("describes a cluster without name and ARN".to_owned());
        };
        let [at] = self.named(&identity)[..] else {
            self.add(identity, Some(node), file);
            return None;
        };
        let first = self.files[at].iter().next().map(|file| self.texts[*file].name.as_str());
        let message =
            format!("describes {name} differently from {}, which is used", first.unwrap_or_default());
        self.files[at].insert(file);
        (self.all[at].node != Some(node)).then_some(message)
    }

    /// Notes the cluster that a resource names.
    fn name(&mut self, identity: Identity, file: usize) {
        if identity.name.is_none() {
            return;
        }
        match self.named(&identity)[..] {
            [] => self.add(identity, None, file),
            [at] => {
                self.files[at].insert(file);
                if self.all[at].identity.arn.is_none() {
                    self.all[at].identity = identity;
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
        let scope = piece.section.scope;
        piece.about = piece.file().map_or_else(Vec::new, |file| self.near(file, scope));
        if scope == SectionScope::Cluster {
            let section = piece.section;
            piece.items.iter_mut().for_each(|item| item.cluster = self.owner_of(section, item));
        }
    }

    fn owner_of(&self, section: &Section, item: &PieceItem<'t>) -> Option<usize> {
        self.owner(named_in(section, item.node).as_ref(), item.file?)
    }

    /// The cluster that is named in a file, or else the one that the file is about.
    pub(super) fn owner(&self, named: Option<&Identity>, file: usize) -> Option<usize> {
        let named = named.map(|identity| self.named(identity));
        match named.as_deref() {
            Some([at]) => Some(*at),
            Some(several) => self.about(file, SectionScope::Cluster, several).first().copied(),
            None => self.near(file, SectionScope::Cluster).first().copied(),
        }
    }

    /// The clusters that an answer is about which names none.
    pub(super) fn near(&self, file: usize, scope: SectionScope) -> Vec<usize> {
        let all: Vec<_> = (0..self.all.len()).collect();
        self.about(file, scope, &all)
    }

    /// Those of some clusters that a file is about: its names narrow them down, and then the folder.
    /// None if what is left does not have the scope in common.
    fn about(&self, file: usize, scope: SectionScope, among: &[usize]) -> Vec<usize> {
        let path = &self.texts[file].path;
        let mut left = among.to_vec();
        for hint in hints(path) {
            let fits = |at: &&usize| is_called(&self.all[**at], hint);
            let fitting: Vec<_> = left.iter().filter(fits).copied().collect();
            if !fitting.is_empty() {
                left = fitting;
            }
        }
        let folders = path.rmatch_indices('/').map(|(at, _)| &path[..=at]).chain([""]);
        for folder in folders {
            let inside =
                |at: &&usize| self.files[**at].iter().any(|file| self.texts[*file].path.starts_with(folder));
            let near: Vec<_> = left.iter().filter(inside).copied().collect();
            if !near.is_empty() {
                left = near;
                break;
            }
        }
        match left.split_first() {
            Some((first, others))
                if others.iter().all(|at| is_shared(scope, &self.all[*first], &self.all[*at])) =>
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

fn is_called(cluster: &ClusterContext<'_>, hint: &str) -> bool {
    let Identity { name, account, region, .. } = &cluster.identity;
    [name.as_deref(), account.as_deref(), region.as_deref(), cluster.vpc].contains(&Some(hint))
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
pub(super) enum UnusedReason {
    /// There is no cluster at all.
    NoCluster,
    /// It does not say what it is about.
    NoPlace { scope: SectionScope },
    /// It is about VPCs that no cluster is in.
    OtherVpc { vpcs: Vec<String> },
    /// Nothing that the clusters name.
    NotNamed { title: String },
}

impl UnusedReason {
    /// The reason for a piece.
    pub(super) fn of(piece: &Piece<'_>, clusters: &Clusters<'_>) -> Self {
        let scope = piece.section.scope;
        let named: BTreeSet<_> = piece.items.iter().flat_map(|item| vpcs(&item.node)).collect();
        if clusters.all.is_empty() {
            Self::NoCluster
        } else if scope == SectionScope::Vpc && !named.is_empty() {
            Self::OtherVpc { vpcs: named.into_iter().map(str::to_owned).collect() }
        } else if !piece.items.is_empty() && scope != SectionScope::Cluster {
            Self::NotNamed { title: piece.section.title.clone() }
        } else {
            Self::NoPlace { scope }
        }
    }
}

impl fmt::Display for UnusedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCluster => f.write_str("belongs to no cluster, because no file describes one"),
            Self::NoPlace { scope } => {
                let what = match scope {
                    SectionScope::Cluster => "cluster",
                    SectionScope::Vpc => "VPC",
                    SectionScope::Region => "region",
                    SectionScope::Account => "account",
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
