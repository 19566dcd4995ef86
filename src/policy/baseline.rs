//! The baseline: findings that were there when ekslint came, one a line, made to be reviewed in a
//! diff. They do not count; new ones do. It can only get smaller: an entry that is no longer found
//! is a finding itself until it is taken out.

use super::config::ConfigErrors;
use super::coverage::ScanCoverage;
use crate::engine::{Finding, Fingerprint, Judgement, Standing};
use crate::scan::Scan;
use crate::snapshot::Identity;
use crate::source::bounded::{self, ReadError};
use crate::text::{is_unprintable, json_escape};
use crate::value::Problem;
use crate::value::position::LineColumn;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What the file is called by default.
pub const FILE_NAME: &str = "ekslint-baseline.jsonl";
/// The version of the format.
const VERSION: u32 = 1;
/// The largest file, in bytes: about 200,000 entries.
const MAX_FILE: u64 = 64 << 20;

/// Known findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Whether account ids are masked: then they are not in the fingerprints either.
    pub masked: bool,
    /// The entries, in the order of the file.
    pub entries: Vec<BaselineEntry>,
}

/// The first line.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Header {
    ekslint_baseline: u32,
    accounts_masked: bool,
}

/// A baseline that was read.
#[derive(Debug)]
pub struct KnownFile {
    /// What to call the file.
    pub name: String,
    /// Its text.
    pub text: String,
    /// What is in it.
    pub baseline: Baseline,
}

impl KnownFile {
    /// Reads a baseline.
    ///
    /// # Errors
    ///
    /// It cannot be read, or a line is no entry.
    pub fn read(name: &str) -> Result<Self, ConfigErrors> {
        let error = |message| ConfigErrors(vec![Problem::of_file(name, message)]);
        let text = bounded::read_text(name.as_ref(), MAX_FILE).map_err(|why| error(unreadable(&why)))?;
        Ok(Self { name: name.to_owned(), baseline: Baseline::parse(name, &text)?, text })
    }
}

/// One known finding. The fingerprint decides; all else is for the people who review it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineEntry {
    /// The cluster, by ARN, else by its place in a template, else by name.
    pub cluster: String,
    /// The rule.
    pub rule: String,
    /// The resource: its kind, and its name if it has one.
    pub resource: String,
    /// The place in the snapshot when the entry was written.
    pub at: String,
    /// The finding's fingerprint.
    #[serde(with = "as_text")]
    pub fingerprint: Fingerprint,
}

/// A fingerprint as text.
mod as_text {
    use crate::engine::Fingerprint;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        fingerprint: &Fingerprint,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(fingerprint)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Fingerprint, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Baseline {
    /// What a scan found and what counts, as a baseline.
    pub fn of(scan: &Scan, rule: impl Fn(&Finding) -> String, masked: bool) -> Self {
        let mut entries = BTreeSet::new();
        for Judgement { cluster, findings, .. } in scan.clusters.iter().map(|cluster| &cluster.judgement) {
            let open = findings.iter().filter(|finding| !matches!(finding.standing, Standing::Waived(_)));
            entries.extend(open.map(|finding| BaselineEntry::of(cluster, finding, rule(finding), masked)));
        }
        Self { masked, entries: entries.into_iter().collect() }
    }

    /// Reads the text of a baseline.
    ///
    /// # Errors
    ///
    /// A line is no entry: all such lines.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigErrors> {
        let error = |line: usize, message: String| Problem::at(file, LineColumn::of(line + 1, 1), message);
        let mut lines = text.lines().enumerate();
        let first = lines.next().map(|(_, line)| line).unwrap_or_default();
        let header: Header =
            serde_json::from_str(first).map_err(|_| ConfigErrors(vec![error(0, no_header())]))?;
        if header.ekslint_baseline != VERSION {
            let message = format!("has version {}; this ekslint reads {VERSION}", header.ekslint_baseline);
            return Err(ConfigErrors(vec![error(0, message)]));
        }
        let (mut entries, mut errors) = (Vec::new(), Vec::new());
        for (at, line) in lines {
            match serde_json::from_str(line) {
                Ok(entry) => entries.push(entry),
                Err(why) => errors.push(error(at, no_entry(line, &why))),
            }
        }
        match errors.is_empty() {
            true => Ok(Self { masked: header.accounts_masked, entries }),
            false => Err(ConfigErrors(errors)),
        }
    }

    /// The text of the file: a first line, and a line for each entry, sorted by cluster and rule.
    pub fn text(&self) -> String {
        let header = Header { ekslint_baseline: VERSION, accounts_masked: self.masked };
        let mut text = line(&header);
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort();
        entries.into_iter().for_each(|entry| text += &line(entry));
        text
    }

    /// The baseline without some of its entries, by position, in ascending order.
    #[must_use]
    pub fn without(&self, entries: &[usize]) -> Self {
        let kept = self.entries.iter().enumerate().filter(|(at, _)| entries.binary_search(at).is_err());
        Self { masked: self.masked, entries: kept.map(|(_, entry)| entry.clone()).collect() }
    }

    /// The line of an entry in the file it was read from, from 1.
    pub fn line_of(entry: usize) -> u32 {
        u32::try_from(entry + 2).unwrap_or(u32::MAX)
    }
}

impl BaselineEntry {
    fn of(cluster: &Identity, finding: &Finding, rule: String, masked: bool) -> Self {
        let mask = |text: &str| masked_if(text, masked);
        Self {
            cluster: mask(&unique_name(cluster)),
            rule,
            resource: mask(&finding.resource.in_words()),
            at: mask(finding.primary.pointer.as_str()),
            fingerprint: finding.fingerprint,
        }
    }

    fn is_about(&self, cluster: &Identity, masked: bool) -> bool {
        let name = unique_name(cluster);
        self.cluster == name || masked && self.cluster == crate::engine::mask::masked(&name)
    }
}

fn masked_if(text: &str, masked: bool) -> String {
    if masked { crate::engine::mask::masked(text).into_owned() } else { text.to_owned() }
}

fn unique_name(cluster: &Identity) -> Cow<'_, str> {
    cluster.unique_name().unwrap_or_default()
}

/// A line of the file. What some readers take for the end of a line, or show as nothing, is written by its number.
fn line(value: &impl Serialize) -> String {
    let mut line = serde_json::to_string(value).unwrap_or_default();
    if line.contains(is_unprintable) {
        let written = |c: char| if is_unprintable(c) { json_escape(c) } else { c.to_string() };
        line = line.chars().map(written).collect();
    }
    line + "\n"
}

fn no_header() -> String {
    format!(
        "is no baseline: its first line must be {}",
        line(&Header { ekslint_baseline: VERSION, accounts_masked: false }).trim_end()
    )
}

fn no_entry(line: &str, why: &serde_json::Error) -> String {
    if line.starts_with(['<', '=', '>']) {
        return "is left over from a merge: keep the entries of both sides, then run `ekslint baseline prune`".to_owned();
    }
    format!("is no entry of a baseline: {why}")
}

fn unreadable(why: &ReadError) -> String {
    match why {
        ReadError::Io(error) if error.kind() == std::io::ErrorKind::NotFound => {
            "there is no such baseline; `ekslint baseline write` makes one".to_owned()
        }
        why => why.to_string(),
    }
}

/// A baseline while a scan is compared with it.
#[derive(Debug)]
pub(super) struct KnownFindings<'b> {
    baseline: &'b Baseline,
    /// The positions of the entries with each fingerprint: twins in two root modules have the same ones.
    entries: HashMap<Fingerprint, Vec<usize>>,
    /// Whether each entry is about a cluster that was scanned.
    is_of_scan: Vec<bool>,
    found: Vec<bool>,
}

impl<'b> KnownFindings<'b> {
    pub(super) fn new(baseline: &'b Baseline, scan: &Scan) -> Self {
        let mut entries: HashMap<Fingerprint, Vec<usize>> = HashMap::new();
        for (at, entry) in baseline.entries.iter().enumerate() {
            entries.entry(entry.fingerprint).or_default().push(at);
        }
        let clusters = scan.clusters.iter().map(|cluster| unique_name(&cluster.judgement.cluster));
        let names: HashSet<_> = clusters.map(|name| masked_if(&name, baseline.masked)).collect();
        let is_of_scan = baseline.entries.iter().map(|entry| names.contains(&entry.cluster));
        Self {
            baseline,
            entries,
            is_of_scan: is_of_scan.collect(),
            found: vec![false; baseline.entries.len()],
        }
    }

    /// Whether a finding is known: an entry is about it, or about a cluster that is no longer where it was. An entry about another
    /// cluster of the scan says nothing of its twin.
    pub(super) fn has(&mut self, finding: &Finding, cluster: &Identity) -> bool {
        let Some(entries) = self.entries.get(&finding.fingerprint) else { return false };
        let is_about = |at: &&usize| self.baseline.entries[**at].is_about(cluster, self.baseline.masked);
        let own = entries.iter().rev().find(is_about);
        let entry = own.or_else(|| entries.iter().rev().find(|at| !self.is_of_scan[**at])).copied();
        if let Some(at) = entry {
            self.found[at] = true;
        }
        entry.is_some()
    }

    /// The entries that are no longer found, though what they are about was judged. Of two entries
    /// with one fingerprint and cluster, one is too many.
    pub(super) fn unused(&self, scope: &ScanCoverage<'_>) -> Vec<usize> {
        let unused = |at: &usize| {
            let entry = &self.baseline.entries[*at];
            let equals = self.entries.get(&entry.fingerprint).into_iter().flatten();
            let is_second = equals
                .skip_while(|other| *other <= at)
                .any(|other| self.baseline.entries[*other].cluster == entry.cluster);
            let masked = self.baseline.masked;
            !self.found[*at]
                && (is_second || scope.is_known(&entry.rule, |cluster| entry.is_about(cluster, masked)))
        };
        (0..self.baseline.entries.len()).filter(unused).collect()
    }
}
