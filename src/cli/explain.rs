//! `ekslint explain`: what is understood about clusters, for people.

mod rule;

use super::input::{InputOptions, LeftOut, choice, unmatched, unsearched};
use super::judging::today;
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

    /// What to write
    #[arg(long, short, value_enum, default_value_t, help_heading = "Output")]
    format: ExplainFormat,
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
  A live cluster:
    ekslint snapshot --region ap-northeast-2 --cluster prod -o - | ekslint explain -

Exit codes:
  0  everything was explained
  2  something is wrong with the command or an input";

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
        let chosen = choice(&self.cluster)?;
        let found = self.input.discover()?;
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
        let skipped = skipped.iter().map(|(name, why)| (name.as_str(), why));
        let left_out = LeftOut::of_read(&found, skipped, &alone).with(&noted);
        self.say(&report, &left_out.notices(self.verbosity.verbose))?;
        self.write(&report)?;
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

    fn write(&self, report: &ExplainReport) -> anyhow::Result<()> {
        self.write_page(|style, out| self.format.write(report, style, out))
    }

    /// Writes to standard output.
    fn write_page(
        &self,
        page: impl FnOnce(Style, &mut dyn Write) -> std::io::Result<()>,
    ) -> anyhow::Result<()> {
        let coloured = output::is_coloured();
        let style = Style {
            color: coloured,
            width: output::width().min(MAX_WIDTH),
            verbose: self.verbosity.verbose,
            quiet: self.verbosity.quiet,
            detail: Detail::Full,
        };
        output::write_stdout(coloured.then_some(anstream::ColorChoice::Auto), |out| {
            let mut out = self.masking(out);
            page(style, &mut *out)?;
            out.flush()
        })?;
        Ok(())
    }

    /// Masks account ids, if that is asked for.
    fn masking<'w>(&self, out: impl Write + 'w) -> Box<dyn Write + 'w> {
        if self.mask_account { Box::new(Masking::new(out)) } else { Box::new(out) }
    }
}
