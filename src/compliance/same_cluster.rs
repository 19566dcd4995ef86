//! Which cluster of an older state is the same as one of now: by ARN, else by account, region and name, else by name, else
//! by its place in a template. What contradicts each other is never the same.

use crate::snapshot::Identity;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::path::Path;

/// A cluster of one state, as far as it matters here.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClusterLabel<'c> {
    /// Which it is.
    pub(super) identity: &'c Identity,
    /// The file that describes it.
    pub(super) file: &'c str,
    /// When it was read, if that is known.
    pub(super) captured_at: Option<DateTime<Utc>>,
}

/// Which clusters are the same.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SameClusters {
    /// For each cluster of now, the one of the older state.
    pub(super) earlier: Vec<Option<usize>>,
    /// The clusters of the older state that are not there now.
    pub(super) gone: Vec<usize>,
}

/// By what clusters are the same, the surest first.
const LEVELS: [SameLevel; 6] = [
    SameLevel::Arn,
    SameLevel::Place,
    SameLevel::NameInTemplate,
    SameLevel::Name,
    SameLevel::Template,
    SameLevel::File,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SameLevel {
    Arn,
    Place,
    NameInTemplate,
    Name,
    Template,
    File,
}

impl SameLevel {
    /// Whether two clusters that have it in common are one for sure, however many of them there are.
    fn is_sure(self) -> bool {
        matches!(self, Self::Arn | Self::Place | Self::NameInTemplate)
    }
}

/// Finds for each cluster of now the older one.
pub(super) fn same_clusters(now: &[ClusterLabel<'_>], before: &[ClusterLabel<'_>]) -> SameClusters {
    let mut found = Matches { now, before, earlier: vec![None; now.len()], taken: vec![false; before.len()] };
    LEVELS.into_iter().for_each(|level| found.pair(level));
    // The same cluster may stand in several files of either state.
    LEVELS.into_iter().filter(|level| level.is_sure()).for_each(|level| found.share(level));
    let gone = found.taken.iter().enumerate().filter(|(_, taken)| !**taken).map(|(at, _)| at).collect();
    SameClusters { earlier: found.earlier, gone }
}

struct Matches<'m, 'c> {
    now: &'m [ClusterLabel<'c>],
    before: &'m [ClusterLabel<'c>],
    earlier: Vec<Option<usize>>,
    taken: Vec<bool>,
}

impl Matches<'_, '_> {
    /// Pairs clusters that have nothing yet, one with one.
    fn pair(&mut self, level: SameLevel) {
        let index = self.index(level);
        for at in 0..self.now.len() {
            let Some(key) = self.now[at].key(level).filter(|_| self.earlier[at].is_none()) else { continue };
            let free = index.get(&key).into_iter().flatten().copied().filter(|other| !self.taken[*other]);
            let fits: Vec<_> = free.filter(|other| !self.now[at].contradicts(&self.before[*other])).collect();
            if let Some(other) = self.best(at, &fits, level) {
                self.earlier[at] = Some(other);
                self.taken[other] = true;
            }
        }
    }

    /// Lets clusters that are the same for sure share one of the other state.
    fn share(&mut self, level: SameLevel) {
        let index = self.index(level);
        for at in 0..self.now.len() {
            let Some(key) = self.now[at].key(level) else { continue };
            let all = index.get(&key).into_iter().flatten().copied();
            let fits: Vec<_> = all.filter(|other| !self.now[at].contradicts(&self.before[*other])).collect();
            if self.earlier[at].is_none() {
                self.earlier[at] = self.best(at, &fits, level);
            }
            fits.into_iter().for_each(|other| self.taken[other] = true);
        }
    }

    fn index(&self, level: SameLevel) -> HashMap<String, Vec<usize>> {
        let mut index: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, label) in self.before.iter().enumerate() {
            if let Some(key) = label.key(level) {
                index.entry(key).or_default().push(at);
            }
        }
        index
    }

    /// Of several, the one in a file of the same name, else the one that was read last; none where they may be different
    /// clusters.
    fn best(&self, at: usize, fits: &[usize], level: SameLevel) -> Option<usize> {
        let own = base(self.now[at].file);
        let same_file: Vec<_> = fits.iter().filter(|other| base(self.before[**other].file) == own).collect();
        match (fits, same_file.as_slice()) {
            ([only], _) => Some(*only),
            (_, [only]) => Some(**only),
            _ if level.is_sure() => {
                fits.iter().copied().max_by_key(|other| (self.before[*other].captured_at, *other))
            }
            _ => None,
        }
    }
}

impl ClusterLabel<'_> {
    /// What is the same for the same cluster, as far as it is known.
    fn key(&self, level: SameLevel) -> Option<String> {
        let Identity { region, template, .. } = self.identity;
        let name = || self.identity.literal_name();
        match level {
            SameLevel::Arn => self.arn().map(str::to_owned),
            SameLevel::Place => Some(format!("{} {} {}", self.account()?, region.as_ref()?, name()?)),
            SameLevel::NameInTemplate => Some(format!("{} {:?}", name()?, template.as_ref()?)),
            SameLevel::Name => name().map(str::to_owned),
            SameLevel::Template => template.as_ref().map(|template| format!("{template:?}")),
            SameLevel::File => {
                let is_unnamed = self.arn().is_none() && self.identity.name.is_none() && template.is_none();
                is_unnamed.then(|| base(self.file))
            }
        }
    }

    /// The ARN, unless its account is masked.
    fn arn(&self) -> Option<&str> {
        let arn = self.identity.arn.as_deref()?;
        arn.split(':').nth(4).is_none_or(is_account).then_some(arn)
    }

    /// The account, unless it is masked.
    fn account(&self) -> Option<&str> {
        self.identity.account.as_deref().filter(|account| is_account(account))
    }

    /// Whether both say something that cannot be true of one cluster.
    fn contradicts(&self, other: &Self) -> bool {
        let differ = |own: Option<&str>, other: Option<&str>| matches!((own, other), (Some(own), Some(other)) if own != other);
        let environment =
            |label: &Self| label.identity.template.as_ref().and_then(|one| one.environment.clone());
        differ(self.arn(), other.arn())
            || differ(self.account(), other.account())
            || differ(self.identity.region.as_deref(), other.identity.region.as_deref())
            || differ(self.identity.literal_name(), other.identity.literal_name())
            || differ(environment(self).as_deref(), environment(other).as_deref())
    }
}

fn is_account(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The name of a file without its folders.
fn base(file: &str) -> String {
    Path::new(file).file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
