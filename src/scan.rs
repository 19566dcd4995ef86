//! One scan: reads each input, judges its snapshots, and finds the lines of what was found. Inputs
//! go through rayon; the results keep the order of the inputs.

mod addresses;
mod composed;
mod conditions;
mod digests;
mod excerpt;
mod holds;
mod lines;
mod read;

pub(crate) use composed::located;
pub use digests::InputDigest;
pub use holds::clusters_held;
pub use read::{MadeOrNot, Opened, Read, Skipped, of_clusters, read_content, read_each, read_some};

use crate::engine::judge::Judge;
use crate::engine::{Finding, Judgement, Outcome, RuleTrace};
use crate::explain::{Explained, Explanation, VersionOutlook, explain, version_outlook};
use crate::rule::cel::EVALUATE_STACK;
use crate::snapshot::{Snapshot, Unknown};
use crate::source::cluster_choice::ClusterChoice;
use crate::source::composed::ComposedCluster;
use crate::source::file::STDIN;
use crate::source::iac::terraform::hcl::LOAD_STACK;
use crate::source::{Input, InputContent, InputKind};
use crate::threads;
use crate::value::position::LineSpan;
use crate::value::{Location, Pointer, Problem, SourceFile, SourceFileKind};
use bumpalo::Bump;
use chrono::{DateTime, Utc};
use lines::Lines;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// What a scan gave.
#[derive(Debug, Default)]
pub struct Scan {
    /// The inputs, in order.
    pub inputs: Vec<ScannedInput>,
    /// The clusters, in the order of the inputs.
    pub clusters: Vec<ClusterScan>,
    /// What was found in the configuration and the baseline, file by file: it is about no cluster.
    pub policy_findings: Vec<Finding>,
    /// What is wrong with inputs, in their order.
    pub problems: Vec<Problem>,
    /// The names of clusters that were not asked for.
    pub not_asked_for: BTreeSet<String>,
    /// Documents that are ours, and of which no rule can be evaluated without their cluster.
    pub alone: Vec<Problem>,
    /// What is good to know of inputs, and nothing is wrong with.
    pub notices: Vec<Problem>,
}

/// An input that was read.
#[derive(Debug)]
pub struct ScannedInput {
    /// What to call it.
    pub name: String,
    /// What readers can do with its name.
    pub kind: SourceFileKind,
    /// What it holds.
    pub holds: InputKind,
    /// How many of the clusters stand in it.
    pub clusters: usize,
    /// Why it was skipped, if it was found in a directory and is no snapshot.
    pub skipped: Option<Skipped>,
    /// The digests of its files, if they were asked for.
    pub digests: Vec<InputDigest>,
}

/// What judging one cluster gave.
#[derive(Debug)]
pub struct ClusterScan {
    /// The file that describes the cluster. What is found about it may lie in others.
    pub file: Arc<SourceFile>,
    /// Its position among all snapshots in its input.
    pub position: usize,
    /// When it was read, if the snapshot says so.
    pub captured_at: Option<DateTime<Utc>>,
    /// Whether its description is there, rather than only a part of what belongs to it.
    pub is_cluster: bool,
    /// What rules say about it. Findings are in the order of reports.
    pub judgement: Judgement,
    /// Which way the traffic goes, if that was asked for and is what a finding is about.
    pub flows: Option<Box<Explanation>>,
    /// What is understood about it, with the lines of that, if that was asked for.
    pub explained: Option<Box<Explained>>,
    /// Its version and how long AWS supports it, if that was asked for and is known.
    pub version: Option<Box<VersionOutlook>>,
    /// What the snapshot says that it lacks.
    pub uncollected: Vec<Unknown>,
    /// What the parts of some rules gave, if that was asked for.
    pub traces: Vec<RuleTrace>,
}

/// What a scan keeps of snapshots besides what rules say about them: some outputs show it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// The lines around findings.
    pub excerpts: bool,
    /// Which way the traffic goes, of clusters with findings about that.
    pub flows: bool,
    /// What is understood about each cluster, with the lines of that.
    pub explained: bool,
    /// The version of each cluster, and how long AWS supports it.
    pub versions: bool,
    /// The digests of all inputs.
    pub digests: bool,
}

/// The areas whose rules are about traffic.
pub const TRAFFIC: [&str; 2] = ["endpoint", "network"];

/// Scans inputs.
pub fn scan(inputs: &[Input], judge: &Judge<'_>, keep: Keep) -> Scan {
    scan_chosen(inputs, judge, keep, None)
}

/// Scans those clusters of inputs that are asked for.
pub fn scan_chosen(inputs: &[Input], judge: &Judge<'_>, keep: Keep, choice: Option<&ClusterChoice>) -> Scan {
    let work = || {
        let each = |arena: &mut Bump, input: &Input| {
            let kind = SourceFileKind::File;
            let scan = InputScan { name: input.name(), kind, judge, keep, choice };
            whatever_happens(&input.name(), kind, || scan.input(input, arena))
        };
        inputs.par_iter().map_init(Bump::new, each).collect::<Vec<_>>()
    };
    on_large_stacks(work).into_iter().collect()
}

/// Scans texts that come one after another, such as live snapshots: name, text. The results are in
/// the order of the names.
pub fn scan_each(
    texts: impl Iterator<Item = (String, String)> + Send,
    kind: SourceFileKind,
    judge: &Judge<'_>,
    keep: Keep,
) -> Scan {
    let work = || {
        let each = |arena: &mut Bump, (name, text): (String, String)| {
            let scan = InputScan { name: name.clone(), kind, judge, keep, choice: None };
            let mut scan = whatever_happens(&name, kind, || scan.text(&text, true, arena));
            if let Some(read) = scan.inputs.first_mut().filter(|_| keep.digests) {
                read.digests = vec![InputDigest::of_text(&name, &text)];
            }
            (name, scan)
        };
        texts.par_bridge().map_init(Bump::new, each).collect()
    };
    let mut scans: Vec<(String, Scan)> = on_large_stacks(work);
    scans.sort_by(|(a, _), (b, _)| a.cmp(b));
    scans.into_iter().map(|(_, scan)| scan).collect()
}

/// Scans one input. A bug that panics costs this input, and no other.
fn whatever_happens(name: &str, kind: SourceFileKind, work: impl FnOnce() -> Scan) -> Scan {
    std::panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Scan {
        inputs: vec![ScannedInput {
            name: name.to_owned(),
            kind,
            holds: InputKind::default(),
            clusters: 0,
            skipped: None,
            digests: Vec::new(),
        }],
        problems: vec![Problem::of_file(name, "could not be evaluated, and that is a bug in ekslint")],
        ..Scan::default()
    })
}

/// Runs work on threads whose stacks evaluation fits on, also that of templates: a thread of its own for each of them would
/// cost as much as reading a small one.
pub fn on_large_stacks<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    threads::run(EVALUATE_STACK.max(LOAD_STACK), usize::MAX, work)
}

/// Scans a text that is already in memory.
pub fn scan_text(name: &str, text: &str, judge: &Judge<'_>, keep: Keep) -> Scan {
    let kind = SourceFileKind::File;
    InputScan { name: name.to_owned(), kind, judge, keep, choice: None }.text(text, true, &mut Bump::new())
}

/// The scan of one input.
struct InputScan<'j> {
    name: String,
    kind: SourceFileKind,
    judge: &'j Judge<'j>,
    keep: Keep,
    /// Which clusters are asked for; all if there is none.
    choice: Option<&'j ClusterChoice>,
}

impl InputScan<'_> {
    fn input(self, input: &Input, arena: &mut Bump) -> Scan {
        match input.open() {
            Ok(content) => {
                let digests = self.keep.digests.then(|| digests::of_input(input, &content.parts));
                let mut scan = self.content(content, input.named, arena);
                if let (Some(digests), Some(read)) = (digests, scan.inputs.first_mut()) {
                    read.digests = digests;
                }
                scan
            }
            Err(message) => {
                let problem = Problem::of_file(&self.name, message);
                self.scan(Read::failed(problem))
            }
        }
    }

    /// Scans all that an input holds, one after another.
    fn content(&self, content: InputContent, named: bool, arena: &mut Bump) -> Scan {
        let mut scan = Scan::default();
        for (at, part) in content.parts.iter().enumerate() {
            let mut of_part = match part.composed() {
                Some(cluster) => self.composed(cluster, named, arena),
                None => self.named(part.name(&self.name)).text(part.text(), named, arena),
            };
            if let (Some(cluster), Some(scan)) = (part.composed(), of_part.clusters.first_mut()) {
                self.by_conditions(cluster, scan, arena);
                // Each of these parts holds one snapshot.
                scan.position = at;
            }
            // What of a template is no cluster's and says nothing to any rule is no matter of ekslint.
            if content.kind.is_template() {
                of_part.alone.clear();
            }
            scan.append(of_part);
        }
        if content.kind.is_template() {
            // Of what could not be read, nobody knows what it describes.
            let is_read = scan.problems.is_empty() && content.problems.is_empty();
            let skipped = (scan.clusters.is_empty() && is_read).then(Skipped::says_nothing);
            let (name, clusters) = (self.name.clone(), scan.clusters.len());
            let (kind, holds) = (self.kind, content.kind);
            scan.inputs = vec![ScannedInput { name, kind, holds, clusters, skipped, digests: Vec::new() }];
        }
        scan.problems.extend(content.problems);
        scan.notices.extend(content.notices);
        scan
    }

    /// Scans a cluster that is written otherwise than as one document: what is found is found there.
    fn composed(&self, cluster: &dyn ComposedCluster, named: bool, arena: &mut Bump) -> Scan {
        let mut scan = self.named(cluster.name()).text(cluster.text(), named, arena);
        composed::relocate(cluster, &mut scan.clusters, self.keep.excerpts);
        scan
    }

    /// Evaluates what depends on conditions that are not known: in each case, and it stands if it is so in all.
    fn by_conditions(&self, cluster: &dyn ComposedCluster, scan: &mut ClusterScan, arena: &mut Bump) {
        let reasons = conditions::reasons(scan);
        if reasons.is_empty() {
            return;
        }
        let reasons: Vec<_> = reasons.iter().map(String::as_str).collect();
        let cases_of = InputScan {
            keep: Keep { explained: false, flows: false, ..self.keep },
            ..self.named(&self.name)
        };
        for condition in cluster.conditions(&reasons) {
            let mut judged = |case: Option<Arc<dyn ComposedCluster>>| {
                let scan = cases_of.composed(&*case?, true, arena).clusters.into_iter().next();
                scan.map(|scan| scan.judgement)
            };
            let cases = condition.cases.into_iter();
            let cases = cases.filter_map(|(words, case)| Some((words, judged(case)?))).collect::<Vec<_>>();
            conditions::decide(&mut scan.judgement, &condition.condition, &cases);
        }
        sort_findings(&mut scan.judgement.findings);
    }

    /// The same scan of another text.
    fn named(&self, name: &str) -> Self {
        let InputScan { kind, judge, keep, choice, .. } = *self;
        Self { name: name.to_owned(), kind, judge, keep, choice }
    }

    fn text(self, text: &str, named: bool, arena: &mut Bump) -> Scan {
        let lines = Lines::new(text);
        let (mut first, mut others) = (0, BTreeSet::new());
        let read = read_some(&self.name, text, named, arena, |opened, arena| {
            let made = self.document(opened, first, &lines, arena);
            first += opened.snapshots.len();
            let names = opened.snapshots.iter().filter_map(|snapshot| snapshot.identity.name.clone());
            others.extend(names.filter(|name| !self.is_chosen(Some(name))));
            made
        });
        Scan { not_asked_for: others, ..self.scan(read) }
    }

    fn scan(self, read: Read<ClusterScan>) -> Scan {
        let Read { made: clusters, errors: problems, alone, skipped, notices } = read;
        let (kind, holds, held) = (self.kind, InputKind::Snapshot, clusters.len());
        let (name, digests) = (self.name, Vec::new());
        let input = ScannedInput { name, kind, holds, clusters: held, skipped, digests };
        Scan { inputs: vec![input], clusters, problems, alone, notices, ..Scan::default() }
    }

    /// Judges the snapshots of a document, of which the first has this position in the input.
    fn document<'d>(
        &self,
        opened: &'d Opened<'d>,
        first: usize,
        lines: &Lines<'_>,
        arena: &'d Bump,
    ) -> Vec<MadeOrNot<ClusterScan>> {
        let (name, document) = (self.name.clone(), opened.document.line);
        let file = Arc::new(SourceFile { name, kind: self.kind, document });
        let chosen =
            |(_, snapshot): &(usize, &Snapshot<'_>)| self.is_chosen(snapshot.identity.name.as_deref());
        let numbered = (first..).zip(&opened.snapshots).filter(chosen);
        let mut made: Vec<_> =
            numbered.map(|(at, snapshot)| self.snapshot(snapshot, at, &file, arena)).collect();
        let (mut findings, mut places) = (Vec::new(), Vec::new());
        for cluster in made.iter_mut().flatten() {
            findings.extend(&mut cluster.judgement.findings);
            places.extend(cluster.traces.iter_mut().flat_map(RuleTrace::locations_mut));
            places
                .extend(cluster.explained.iter_mut().flat_map(|explained| explained.locations.values_mut()));
        }
        lines.find(opened, findings, places, self.keep.excerpts);
        made.iter_mut().flatten().for_each(|cluster| sort_findings(&mut cluster.judgement.findings));
        made
    }

    fn is_chosen(&self, name: Option<&str>) -> bool {
        self.choice.is_none_or(|choice| choice.fits(name))
    }

    fn snapshot<'d>(
        &self,
        snapshot: &'d Snapshot<'d>,
        position: usize,
        file: &Arc<SourceFile>,
        arena: &'d Bump,
    ) -> MadeOrNot<ClusterScan> {
        let judgement = self.judge.judge(snapshot, file, arena);
        if !self.judge.says_anything(snapshot, &judgement, arena) {
            return Err((snapshot.pointer.clone(), snapshot.alone()));
        }
        let traces = self.judge.trace(snapshot, file, arena, &judgement);
        let explained = self.keep.explained.then(|| Box::new(self.explained(snapshot, file, arena)));
        let known = explained.as_ref().map(|explained| &explained.explanation);
        let flows = self.flows(&judgement, snapshot, known, arena);
        let (uncollected, is_cluster) = (snapshot.uncollected().to_vec(), snapshot.is_of_cluster());
        let version = self.keep.versions.then(|| version_outlook(snapshot, self.judge.as_of).ok()).flatten();
        let (file, version) = (Arc::clone(file), version.map(Box::new));
        let captured_at = snapshot.captured_at;
        Ok(ClusterScan {
            file,
            position,
            captured_at,
            is_cluster,
            judgement,
            flows,
            explained,
            version,
            uncollected,
            traces,
        })
    }

    /// What is understood about a cluster; the lines of that are looked up with those of findings.
    fn explained<'d>(
        &self,
        snapshot: &'d Snapshot<'d>,
        file: &Arc<SourceFile>,
        arena: &'d Bump,
    ) -> Explained {
        let explanation = explain(snapshot, self.judge.as_of, arena);
        let location = |pointer: &Pointer| Location {
            file: Arc::clone(file),
            pointer: pointer.clone(),
            span: LineSpan::default(),
            excerpt: None,
        };
        let places = explanation.places().into_iter();
        let locations = places.map(|place| (place.clone(), location(place))).collect();
        let (file, document) = (file.name.clone(), file.document);
        Explained { file, document, explanation, locations, is_joined: false }
    }

    fn flows<'d>(
        &self,
        judgement: &Judgement,
        snapshot: &'d Snapshot<'d>,
        known: Option<&Explanation>,
        arena: &'d Bump,
    ) -> Option<Box<Explanation>> {
        let area = |finding: &Finding| self.judge.rule(finding.rule).area.as_str();
        let about_traffic = |finding| TRAFFIC.contains(&area(finding));
        let wanted = self.keep.flows && judgement.findings.iter().any(about_traffic);
        let explanation = || known.cloned().unwrap_or_else(|| explain(snapshot, self.judge.as_of, arena));
        wanted.then(|| Box::new(explanation()))
    }
}

/// Puts findings into the order of reports, and gives back what growing left over: of a fleet, every
/// finding is kept until it is reported.
pub(crate) fn sort_findings(findings: &mut Vec<Finding>) {
    findings.sort_by(Finding::cmp_in_report);
    // Into a list of the right size: shrinking one in place leaves up to half of it unused.
    let mut sized = Vec::with_capacity(findings.len());
    sized.append(findings);
    *findings = sized;
    findings.iter_mut().for_each(|finding| finding.primary.pointer.shrink_to_fit());
}

impl Scan {
    /// What several scans gave, one after another.
    pub fn append(&mut self, other: Self) {
        self.inputs.extend(other.inputs);
        self.clusters.extend(other.clusters);
        self.policy_findings.extend(other.policy_findings);
        self.problems.extend(other.problems);
        self.alone.extend(other.alone);
        self.notices.extend(other.notices);
        self.not_asked_for.extend(other.not_asked_for);
    }

    /// The files that were skipped, and why.
    pub fn skipped(&self) -> impl Iterator<Item = (&str, &Skipped)> {
        self.inputs.iter().filter_map(|input| Some((input.name.as_str(), input.skipped.as_ref()?)))
    }

    /// The names of all clusters, whether asked for or not.
    pub fn names(&self) -> BTreeSet<String> {
        let evaluated = self.clusters.iter().filter_map(|cluster| cluster.judgement.cluster.name.clone());
        evaluated.chain(self.not_asked_for.iter().cloned()).collect()
    }

    /// Clusters that stand in more than one place, by ARN.
    pub fn repeated(&self) -> Vec<RepeatedCluster> {
        let mut places: BTreeMap<&str, Vec<ClusterPlace>> = BTreeMap::new();
        for ClusterScan { file: scanned, judgement, captured_at, .. } in &self.clusters {
            let whole = judgement.outcomes.iter().any(|outcome| *outcome != Outcome::NotEvaluated);
            if let (Some(arn), true) = (&judgement.cluster.arn, whole) {
                let known = places.entry(arn).or_default();
                let (file, document) = (scanned.name.clone(), scanned.document);
                let is_whole_file = scanned.is_whole_snapshot() && file != STDIN;
                let place = ClusterPlace { file, document, is_whole_file, captured_at: *captured_at };
                if known.last() != Some(&place) {
                    known.push(place);
                }
            }
        }
        let repeated = places.into_iter().filter(|(_, places)| places.len() > 1);
        repeated.map(|(arn, places)| RepeatedCluster { arn: arn.to_owned(), places }).collect()
    }
}

/// A cluster that stands in more than one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepeatedCluster {
    /// Its ARN.
    pub arn: String,
    /// Where, in the order of the inputs.
    pub places: Vec<ClusterPlace>,
}

/// Where a cluster stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterPlace {
    /// The file.
    pub file: String,
    /// The line of its document, if that is not the whole file.
    pub document: Option<u32>,
    /// Whether it is a file that holds nothing else.
    pub is_whole_file: bool,
    /// When it was read, if the snapshot says so.
    pub captured_at: Option<DateTime<Utc>>,
}

impl fmt::Display for ClusterPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.document {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

impl RepeatedCluster {
    /// The place that was read last, if all places say when.
    pub fn newest(&self) -> Option<&ClusterPlace> {
        let known = self.places.iter().all(|place| place.captured_at.is_some());
        let newest = self.places.iter().filter(|_| known).max_by_key(|place| place.captured_at)?;
        let is_newest = |place: &&ClusterPlace| place.captured_at == newest.captured_at;
        (self.places.iter().filter(is_newest).count() == 1).then_some(newest)
    }
}

impl FromIterator<Self> for Scan {
    fn from_iter<I: IntoIterator<Item = Self>>(scans: I) -> Self {
        scans.into_iter().fold(Self::default(), |mut all, scan| {
            all.append(scan);
            all
        })
    }
}

#[cfg(test)]
mod tests {
    use super::whatever_happens;
    use crate::value::SourceFileKind;

    #[test]
    fn a_bug_costs_one_input_and_is_said() {
        let scan = whatever_happens("a.json", SourceFileKind::File, || panic!("for a test"));
        let said: Vec<_> = scan.problems.iter().map(ToString::to_string).collect();
        assert_eq!(said, ["a.json: could not be evaluated, and that is a bug in ekslint"]);
        assert_eq!((scan.inputs.len(), scan.clusters.len()), (1, 0));
    }
}
