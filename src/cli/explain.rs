//! `ekslint explain`: what is understood about clusters, for people.

mod pictures;
mod rule;

use super::input::{InputOptions, LeftOut, choice, unmatched, unsearched};
use super::judging::today;
use super::overwrite::{self, ReadFiles};
use super::target::{self, Target};
use super::verbosity::Verbosity;
use super::{EXIT_ERROR, output};
use crate::engine::mask::Masking;
use crate::facts::AsOf;
use crate::report::explain::{ExplainFormat, ExplainReport, read};
use crate::report::{Detail, Style};
use crate::source::cluster_choice::ClusterChoice;
use anyhow::bail;
use clap::Args;
use rule::RuleTraceOptions;
use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;

/// Longer lines are hard to read, however wide the terminal is.
const MAX_WIDTH: usize = 120;

/// `ekslint explain`
#[derive(Debug, Args)]
#[command(
    mut_arg("config", |arg| arg.requires("rule").hide_short_help(true)),
    mut_arg("no_config", |arg| arg.requires("rule")),
    after_help = EXAMPLES
)]
pub(super) struct ExplainCommand {
    #[command(flatten)]
    input: InputOptions,
    /// Only clusters of this name or glob (repeat it, or separate several by commas)
    #[arg(long, value_name = "GLOB", value_delimiter = ',', help_heading = "Input")]
    cluster: Vec<String>,

    #[command(flatten)]
    trace: RuleTraceOptions,
    /// Show the three flows of traffic only
    #[arg(long, conflicts_with = "rule")]
    flows: bool,
    /// The day to take as today [default: today, UTC]
    #[arg(long, value_name = "DATE")]
    as_of: Option<AsOf>,

    #[arg(long, short, value_name = "FORMAT[=FILE]", help_heading = "Output", help = FORMAT_HELP, long_help = target::help::<ExplainFormat>())]
    format: Vec<Target<ExplainFormat>>,
    /// Mask account ids in everything that is written, for public repositories
    #[arg(long, help_heading = "Output")]
    mask_account: bool,
    #[command(flatten)]
    verbosity: Verbosity,
}

const EXAMPLES: &str = "\
Examples:
  One cluster, on a page:
    ekslint explain fixtures/study-lab.json
  Which way the traffic of each cluster goes, and what decides it:
    ekslint explain --flows fixtures/
  Why a rule found something, or did not:
    ekslint explain --rule endpoint-open-to-internet fixtures/study-lab.json
  A diagram for GitHub, in a fence of the language mermaid:
    ekslint explain --flows --format mermaid prod.json
  A picture of each cluster with its flows, in a folder:
    ekslint explain --format svg=pictures/ fixtures/
  A live cluster:
    ekslint snapshot --region ap-northeast-2 --cluster prod -o - | ekslint explain -

Exit codes:
  0  everything was explained
  2  something is wrong with the command or an input";

const FORMAT_HELP: &str = "text, json, mermaid, svg, html [default: text]";

/// What to do when no input is named.
const HOW_TO_START: &str = "\
nothing to explain. Two ways to start:
  ekslint explain fixtures/                                     snapshots in a directory
  aws eks describe-cluster --name prod | ekslint explain -      one cluster, straight from the AWS CLI
`ekslint explain --help` shows all options.";

impl ExplainCommand {
    /// Runs the command.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        if self.trace.is_asked() {
            return self.trace();
        }
        if self.input.is_empty() {
            bail!(HOW_TO_START);
        }
        let outputs = self.outputs();
        target::check(&outputs)?;
        let chosen = choice(&self.cluster)?;
        let found = self.input.discover()?;
        let read_files = ReadFiles::default().and(overwrite::named(&found.inputs));
        pictures::spare(&read_files, &outputs)?;
        let as_of = self.as_of.unwrap_or_else(today);
        let mut report =
            ExplainReport { as_of: as_of.date, flows_only: self.flows, ..ExplainReport::default() };
        report.errors.extend(unsearched(&found));
        let (mut skipped, mut alone, mut noted) = (Vec::new(), Vec::new(), Vec::new());
        for (name, read) in read(&found.inputs, as_of) {
            report.clusters.extend(read.made);
            report.errors.extend(read.errors);
            alone.extend(read.alone);
            noted.extend(read.notices);
            skipped.extend(read.skipped.map(|why| (name, why)));
        }
        if report.clusters.is_empty() {
            report.errors.append(&mut alone);
        }
        if report.clusters.is_empty() && report.errors.is_empty() {
            report.errors.push(self.input.no_snapshots());
        }
        Self::choose(&mut report, chosen.as_ref());
        let read_files = read_files.and(overwrite::explained(&found.inputs, &skipped));
        let skipped = skipped.iter().map(|(name, why)| (name.as_str(), why));
        let left_out = LeftOut::of_read(&found, skipped, &alone).with(&noted);
        self.say(&report, &left_out.notices(self.verbosity.verbose))?;
        self.write(&report, &outputs, &read_files)?;
        Ok(if report.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_ERROR) })
    }

    /// Leaves the clusters that were asked for.
    fn choose(report: &mut ExplainReport, choice: Option<&ClusterChoice>) {
        let Some(choice) = choice else { return };
        let names: BTreeSet<_> =
            report.clusters.iter().filter_map(|cluster| cluster.name()).map(str::to_owned).collect();
        if !report.clusters.is_empty() {
            report.errors.extend(unmatched(Some(choice), &names));
        }
        report.clusters.retain(|cluster| choice.fits(cluster.name()));
    }

    /// What goes to standard error.
    fn say(&self, report: &ExplainReport, notices: &[String]) -> anyhow::Result<()> {
        let mut err = self.masking(output::StandardError::new());
        let notices = if self.verbosity.quiet { &[] } else { notices };
        output::say(&mut err, report.errors.iter().map(ToString::to_string), notices.iter())?;
        Ok(err.flush()?)
    }

    /// What to write and where.
    fn outputs(&self) -> Vec<Target<ExplainFormat>> {
        if self.format.is_empty() {
            return vec![Target { format: ExplainFormat::Text, file: None }];
        }
        self.format.clone()
    }

    fn write(
        &self,
        report: &ExplainReport,
        outputs: &[Target<ExplainFormat>],
        read: &ReadFiles,
    ) -> anyhow::Result<()> {
        let (outputs, pictures) = pictures::apart(outputs, report)?;
        target::write(&outputs, read, |format, color, out| {
            let mut out = self.masking(out);
            format.write(report, self.style(color), &mut *out)?;
            out.flush()
        })?;
        pictures::write(&pictures, read, self.mask_account)
    }

    fn style(&self, color: bool) -> Style {
        let Verbosity { quiet, verbose } = self.verbosity;
        Style { color, width: output::width().min(MAX_WIDTH), verbose, quiet, detail: Detail::Full }
    }

    /// Masks account ids, if that is asked for.
    fn masking<'w>(&self, out: impl Write + 'w) -> Box<dyn Write + 'w> {
        if self.mask_account { Box::new(Masking::new(out)) } else { Box::new(out) }
    }
}
