//! One scan: reads each input, judges its snapshots, and finds the lines of what was found. Inputs
//! go through rayon; the results keep the order of the inputs.

mod excerpt;

pub use excerpt::Excerpt;

use crate::engine::judge::{Judge, Outcome, RuleError};
use crate::engine::{Finding, Judgement};
use crate::facts::explain;
use crate::facts::explanation::Explanation;
use crate::rule::cel::EVALUATE_STACK;
use crate::snapshot::{Identity, Snapshot, Unknown};
use crate::source::{Document, Input};
use crate::value::position::{LineColumn, LineIndex};
use crate::value::{Node, Pointer, Problem};
use bumpalo::Bump;
use rayon::prelude::*;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a scan gave.
#[derive(Debug, Default)]
pub struct Scan {
    /// The inputs, in order.
    pub files: Vec<FileScan>,
}

/// What one input gave.
#[derive(Debug, Default)]
pub struct FileScan {
    /// What to call it.
    pub name: String,
    /// What it is.
    pub kind: InputKind,
    /// The snapshots in it.
    pub snapshots: Vec<SnapshotScan>,
    /// What is wrong with it.
    pub errors: Vec<Problem>,
    /// Why it was passed over, if it was found in a directory and is no snapshot.
    pub skipped: Option<String>,
}

/// What an input is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InputKind {
    /// A file with snapshots.
    #[default]
    Snapshots,
    /// A live cluster whose snapshot is not kept: its name is the name of no file.
    Live,
    /// The configuration, or a baseline: what is found there is about no cluster.
    Configuration,
}

/// What one snapshot gave.
#[derive(Debug, Default)]
pub struct SnapshotScan {
    /// The cluster.
    pub cluster: Arc<Identity>,
    /// In NDJSON: its line.
    pub document: Option<u32>,
    /// What is wrong, worst first, then by place.
    pub findings: Vec<Finding>,
    /// For each finding, the lines around it, if they were asked for.
    pub excerpts: Vec<Excerpt>,
    /// Which way the traffic goes, if that was asked for and is what a finding is about.
    pub flows: Option<Box<Explanation>>,
    /// The outcome of each rule.
    pub outcomes: Vec<Outcome>,
    /// For each rule that was not evaluated, why, and how often.
    pub unknowns: BTreeMap<(usize, Unknown), usize>,
    /// Rules that failed.
    pub errors: Vec<RuleError>,
    /// What the snapshot says that it lacks.
    pub uncollected: Vec<Unknown>,
}

/// What a scan keeps of snapshots besides what rules say about them: some outputs show it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// The lines around findings.
    pub excerpts: bool,
    /// Which way the traffic goes, of clusters with findings about that.
    pub flows: bool,
}

/// The areas whose rules are about traffic.
pub const TRAFFIC: [&str; 2] = ["endpoint", "network"];

/// Scans inputs.
pub fn scan(inputs: &[Input], judge: &Judge<'_>, keep: Keep) -> Scan {
    let work = || {
        let each =
            |arena: &mut Bump, input: &Input| File { name: input.name(), judge, keep }.scan(input, arena);
        inputs.par_iter().map_init(Bump::new, each).collect()
    };
    Scan { files: on_large_stacks(work) }
}

/// Scans texts that come one after another, such as live snapshots: name, text. The results are in
/// the order of the names.
pub fn scan_each(
    texts: impl Iterator<Item = (String, String)> + Send,
    judge: &Judge<'_>,
    keep: Keep,
) -> Vec<FileScan> {
    let work = || {
        let each = |arena: &mut Bump, (name, text): (String, String)| {
            File { name, judge, keep }.scan_text(&text, true, arena)
        };
        texts.par_bridge().map_init(Bump::new, each).collect()
    };
    let mut files: Vec<FileScan> = on_large_stacks(work);
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

/// Runs work on threads whose stacks evaluation fits on.
pub(crate) fn on_large_stacks<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match rayon::ThreadPoolBuilder::new().stack_size(EVALUATE_STACK).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

/// Scans a text that is already in memory.
pub fn scan_text(name: &str, text: &str, judge: &Judge<'_>, keep: Keep) -> FileScan {
    File { name: name.to_owned(), judge, keep }.scan_text(text, true, &mut Bump::new())
}

/// A document of a text that was read as snapshots.
#[derive(Debug)]
pub struct Opened<'d> {
    /// The document.
    pub document: Document<'d>,
    /// Its tree.
    pub root: Node<'d>,
    /// The snapshots in it.
    pub snapshots: Vec<Snapshot<'d>>,
}

/// What reading a text gave.
#[derive(Debug)]
pub struct Read<T> {
    /// What was made of its documents, in order.
    pub made: Vec<T>,
    /// What is wrong with it.
    pub errors: Vec<Problem>,
    /// Why it was passed over, if it was not named and is no snapshot.
    pub skipped: Option<String>,
}

/// Reads a text and makes something of each of its documents. What is wrong with one document does
/// not lose the others.
pub fn read_each<T>(
    name: &str,
    text: &str,
    named: bool,
    arena: &mut Bump,
    mut make: impl for<'d> FnMut(&'d Opened<'d>, &'d Bump) -> Vec<T>,
) -> Read<T> {
    let mut read = Read { made: Vec::new(), errors: Vec::new(), skipped: None };
    for document in Document::split(text) {
        match document.parse(arena) {
            Err(not_json) => read.errors.push(not_json.in_file(name)),
            Ok(root) => match Snapshot::read(root, arena) {
                Ok(snapshots) => read.made.extend(make(&Opened { document, root, snapshots }, arena)),
                Err(problem) if named || document.line.is_some() => {
                    let place = document.line.map(LineColumn::line_start);
                    read.errors.push(Problem { place, ..Problem::of_file(name, problem.to_string()) });
                }
                Err(problem) => read.skipped = Some(problem.to_string()),
            },
        }
        // What one document took is free for the next.
        arena.reset();
    }
    read
}

struct File<'j> {
    name: String,
    judge: &'j Judge<'j>,
    keep: Keep,
}

impl File<'_> {
    fn scan(self, input: &Input, arena: &mut Bump) -> FileScan {
        match input.read() {
            Ok(text) => self.scan_text(&text, input.named, arena),
            Err(message) => {
                let error = Problem::of_file(&self.name, message);
                FileScan { name: self.name, errors: vec![error], ..FileScan::default() }
            }
        }
    }

    fn scan_text(self, text: &str, named: bool, arena: &mut Bump) -> FileScan {
        let lines = OnceCell::new();
        let read = read_each(&self.name, text, named, arena, |opened, arena| {
            self.document(opened, text, &lines, arena)
        });
        let Read { mut made, errors, skipped } = read;
        made.shrink_to_fit();
        FileScan { name: self.name, snapshots: made, errors, skipped, ..FileScan::default() }
    }

    fn document<'t, 'd>(
        &self,
        opened: &'d Opened<'d>,
        text: &'t str,
        lines: &OnceCell<LineIndex<'t>>,
        arena: &'d Bump,
    ) -> Vec<SnapshotScan> {
        let Opened { document, root, snapshots } = opened;
        let one = |snapshot| {
            let judgement = self.judge.judge(snapshot, arena);
            let flows = self.flows(&judgement, snapshot, arena);
            SnapshotScan { flows, ..scanned(judgement, document.line, snapshot.uncollected()) }
        };
        let mut scans: Vec<_> = snapshots.iter().map(one).collect();
        // Only excerpts could show a secret.
        let secrets = if self.keep.excerpts { excerpt::secrets(snapshots) } else { Vec::new() };
        self.find_lines(&mut scans, *document, *root, text, lines, &secrets);
        for scan in &mut scans {
            scan.sort();
        }
        scans
    }

    fn flows<'d>(
        &self,
        judgement: &Judgement,
        snapshot: &'d Snapshot<'d>,
        arena: &'d Bump,
    ) -> Option<Box<Explanation>> {
        let area = |finding: &Finding| self.judge.rules[finding.rule].rule.area.as_str();
        let about_traffic = |finding| TRAFFIC.contains(&area(finding));
        let wanted = self.keep.flows && judgement.findings.iter().any(about_traffic);
        wanted.then(|| Box::new(explain(snapshot, self.judge.as_of, arena)))
    }

    /// Looks up the places of all findings of a document in one pass over its text.
    fn find_lines<'t>(
        &self,
        scans: &mut [SnapshotScan],
        document: Document<'_>,
        root: Node<'_>,
        text: &'t str,
        lines: &OnceCell<LineIndex<'t>>,
        secrets: &[Pointer],
    ) {
        if scans.iter().all(|scan| scan.findings.is_empty()) {
            return;
        }
        let findings = scans.iter().flat_map(|scan| &scan.findings);
        let pointers: Vec<&Pointer> = findings
            .flat_map(|finding| {
                std::iter::once(&finding.pointer).chain(finding.related.iter().map(|r| &r.pointer))
            })
            .chain(secrets)
            .collect();
        let places = document.places(root, &pointers);
        let secret_places = &places[places.len() - secrets.len()..];
        let index = lines.get_or_init(|| LineIndex::new(text));
        let mut place = places.iter();
        for scan in scans {
            for finding in &mut scan.findings {
                let Some(range) = place.next() else { return };
                finding.region = index.region(range);
                if self.keep.excerpts {
                    scan.excerpts.push(Excerpt::new(text, index, range, secret_places));
                }
                for (related, range) in finding.related.iter_mut().zip(&mut place) {
                    related.region = index.region(range);
                }
            }
        }
    }
}

impl SnapshotScan {
    /// The worst first, then in the order of the text.
    fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.findings.len()).collect();
        order.sort_by_key(|at| {
            let finding = &self.findings[*at];
            (std::cmp::Reverse(finding.severity), finding.region, finding.rule, *at)
        });
        let mut findings: Vec<_> = std::mem::take(&mut self.findings).into_iter().map(Some).collect();
        let mut excerpts: Vec<_> = std::mem::take(&mut self.excerpts).into_iter().map(Some).collect();
        self.findings = Vec::with_capacity(order.len());
        self.findings.extend(order.iter().filter_map(|at| findings[*at].take()));
        self.excerpts = order.iter().filter_map(|at| excerpts.get_mut(*at)?.take()).collect();
        self.shrink();
    }

    /// Gives back what growing left over: of a fleet, every finding is kept until it is reported.
    fn shrink(&mut self) {
        self.excerpts.shrink_to_fit();
        self.findings.iter_mut().for_each(|finding| finding.pointer.shrink_to_fit());
    }
}

fn scanned(judgement: Judgement, document: Option<u32>, uncollected: &[Unknown]) -> SnapshotScan {
    SnapshotScan {
        cluster: judgement.cluster,
        document,
        findings: judgement.findings,
        excerpts: Vec::new(),
        flows: None,
        outcomes: judgement.outcomes,
        unknowns: judgement.unknowns,
        errors: judgement.errors,
        uncollected: uncollected.to_vec(),
    }
}

impl FileScan {
    /// The findings about a file of the configuration, in the order of its text.
    pub fn of_configuration(name: &str, text: &str, findings: Vec<Finding>, excerpts: bool) -> Self {
        let index = LineIndex::new(text);
        let excerpt = |finding: &Finding| Excerpt::new(text, &index, &index.range(finding.region), &[]);
        let mut scan = SnapshotScan {
            excerpts: if excerpts { findings.iter().map(excerpt).collect() } else { Vec::new() },
            findings,
            ..SnapshotScan::default()
        };
        scan.sort();
        Self {
            name: name.to_owned(),
            kind: InputKind::Configuration,
            snapshots: vec![scan],
            ..Self::default()
        }
    }
}

impl Scan {
    /// The clusters that were judged, with the file that each stands in.
    pub fn clusters(&self) -> impl Iterator<Item = (&FileScan, &SnapshotScan)> {
        self.snapshots().filter(|(file, _)| file.kind != InputKind::Configuration)
    }

    /// All snapshots, with the file they stand in.
    pub fn snapshots(&self) -> impl Iterator<Item = (&FileScan, &SnapshotScan)> {
        self.files.iter().flat_map(|file| file.snapshots.iter().map(move |snapshot| (file, snapshot)))
    }

    /// All findings, to be changed.
    pub fn findings_mut(&mut self) -> impl Iterator<Item = &mut Finding> {
        let snapshots = self.files.iter_mut().flat_map(|file| &mut file.snapshots);
        snapshots.flat_map(|snapshot| &mut snapshot.findings)
    }

    /// All findings, with file and snapshot.
    pub fn findings(&self) -> impl Iterator<Item = (&FileScan, &SnapshotScan, &Finding)> {
        self.snapshots().flat_map(|(file, snapshot)| {
            snapshot.findings.iter().map(move |finding| (file, snapshot, finding))
        })
    }

    /// Clusters that stand in more than one place: ARN and places.
    pub fn repeated(&self) -> Vec<(String, Vec<String>)> {
        let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (file, snapshot) in self.snapshots() {
            let whole = snapshot.outcomes.iter().any(|outcome| *outcome != Outcome::NotEvaluated);
            if let (Some(arn), true) = (&snapshot.cluster.arn, whole) {
                let line = snapshot.document.map_or_else(String::new, |line| format!(":{line}"));
                let (place, known) = (format!("{}{line}", file.name), places.entry(arn).or_default());
                if known.last() != Some(&place) {
                    known.push(place);
                }
            }
        }
        let repeated = places.into_iter().filter(|(_, places)| places.len() > 1);
        repeated.map(|(arn, places)| (arn.to_owned(), places)).collect()
    }
}
