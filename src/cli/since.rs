//! `report --since`: the older state that a report is compared with.

use super::input::{LeftOut, no_snapshots, unsearched};
use super::judging::{CommandPolicy, ControlJudge, Judged, SourceOptions};
use super::overwrite;
use crate::compliance::{Assessor, EarlierState, read_report};
use crate::policy::KnownFile;
use crate::report::Report;
use crate::scan::{Keep, scan_chosen};
use crate::source::cluster_choice::ClusterChoice;
use crate::source::{Discovered, Input, Origin};
use crate::text::{listed, nearest};
use crate::value::Problem;
use anyhow::bail;
use bumpalo::Bump;
use std::path::{Path, PathBuf};

/// What an older state is read from.
#[derive(Debug)]
pub(super) enum SinceInput {
    /// A report in JSON, and its file.
    Report(Box<EarlierState>, PathBuf),
    /// Snapshots or templates.
    Files {
        /// What was named.
        path: PathBuf,
        /// What is there.
        found: Box<Discovered>,
        /// Which clusters are asked for.
        choice: Option<ClusterChoice>,
    },
}

/// An older state, and what is to be said of it.
#[derive(Debug)]
pub(super) struct SinceState {
    pub(super) state: EarlierState,
    /// What is wrong with its inputs.
    pub(super) errors: Vec<Problem>,
    /// What is worth knowing of them.
    pub(super) notices: Vec<String>,
}

impl SinceInput {
    /// Finds what is named.
    ///
    /// # Errors
    ///
    /// It is a report that is broken or about other frameworks.
    pub(super) fn find(path: &Path, policy: &CommandPolicy, source: &SourceOptions) -> anyhow::Result<Self> {
        if path.as_os_str() == "-" {
            bail!("--since: standard input cannot be compared; write it to a file first");
        }
        let (found, choice) = source.earlier(path, &policy.config)?;
        let Some(read) = report(path) else {
            return Ok(Self::Files { path: path.to_owned(), found: Box::new(found), choice });
        };
        let mut state = read.map_err(|error| anyhow::anyhow!("--since: {error}"))?;
        has_frameworks(&state, policy)?;
        if let Some(choice) = &choice {
            state.retain(|cluster| choice.fits(cluster.identity.name.as_deref()));
        }
        Ok(Self::Report(Box::new(state), path.to_owned()))
    }

    /// The files that it is read from.
    pub(super) fn files(&self) -> Vec<&Path> {
        match self {
            Self::Report(_, path) => vec![path],
            Self::Files { found, .. } => overwrite::named(&found.inputs).collect(),
        }
    }

    /// The older state; snapshots and templates are judged by the policy of the report.
    pub(super) fn state(
        self,
        policy: &CommandPolicy,
        baseline: Option<&KnownFile>,
        verbose: bool,
    ) -> anyhow::Result<SinceState> {
        match self {
            Self::Report(state, _) => {
                Ok(SinceState { state: *state, errors: Vec::new(), notices: Vec::new() })
            }
            Self::Files { path, found, choice } => {
                judged(&path, &found, choice.as_ref(), (policy, baseline, verbose))
            }
        }
    }
}

impl Judged {
    /// The older state. What is to be said of its inputs is said with what is said of those of now.
    pub(super) fn also(&mut self, since: SinceState) -> EarlierState {
        self.errors.extend(since.errors);
        self.notices.extend(since.notices);
        since.state
    }
}

/// The report that a file holds, if it is one.
fn report(path: &Path) -> Option<Result<EarlierState, String>> {
    if !path.is_file() {
        return None;
    }
    let content = Input::new(Origin::File(path.to_owned()), true).open().ok()?;
    read_report(&path.display().to_string(), content.parts.first()?.text())
}

/// Whether a report is about all frameworks that are asked for.
fn has_frameworks(state: &EarlierState, policy: &CommandPolicy) -> anyhow::Result<()> {
    let ids: Vec<_> = state.frameworks.iter().map(|framework| framework.id.clone()).collect();
    match policy.frameworks.chosen().find(|framework| !ids.contains(&framework.id)) {
        None => Ok(()),
        Some(missing) => {
            let hint = nearest(&missing.id, ids.iter().map(String::as_str));
            bail!("--since: {} is a report on {}, not on {}{hint}", state.source, listed(&ids), missing.id)
        }
    }
}

fn judged(
    path: &Path,
    found: &Discovered,
    choice: Option<&ClusterChoice>,
    (policy, baseline, verbose): (&CommandPolicy, Option<&KnownFile>, bool),
) -> anyhow::Result<SinceState> {
    let arena = Bump::new();
    let ControlJudge { judge, why_off, .. } = policy.control_judge(false, &arena)?;
    let mut scan = scan_chosen(&found.inputs, &judge, Keep::default(), choice);
    policy.reviewer(&judge, baseline, false).review(&mut scan);
    let mut errors: Vec<_> =
        unsearched(found).chain(scan.problems.iter().cloned()).chain(Report::rule_failures(&scan)).collect();
    if scan.clusters.is_empty() && scan.not_asked_for.is_empty() && errors.is_empty() {
        errors.push(no_snapshots(&[path.to_owned()]));
    }
    let notices = LeftOut::of(found, &scan).notices(verbose);
    let (rules, config) = (judge.rules.as_slice(), policy.config.name());
    let assessor = Assessor { scan: &scan, rules, why_off: &why_off, config };
    let results: Vec<_> = policy.frameworks.chosen().map(|framework| assessor.assess(framework)).collect();
    let state = EarlierState::judged(path.display().to_string(), &scan, &results, errors.is_empty());
    Ok(SinceState { state, errors, notices })
}
