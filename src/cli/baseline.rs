//! `ekslint baseline`: writes down what is found today, so that only new findings count, and takes
//! out what is no longer found.

use super::config_file::{ChangedConfig, is_link, named_in};
use super::configuration::writable;
use super::input::LeftOut;
use super::judging::{CommandPolicy, Inputs, Judged, PolicyOptions, SourceOptions};
use super::overwrite::{self, ReadFiles};
use super::verbosity::Verbosity;
use super::{EXIT_ERROR, output};
use crate::engine::Judge;
use crate::policy::Review;
use crate::policy::baseline::{Baseline, FILE_NAME, KnownFile};
use crate::policy::config::{FILE_NAME as CONFIG_NAME, with_setting};
use crate::policy::place::FileIdentity;
use crate::report::printable_lines;
use crate::rule::template::shell_quoted;
use crate::scan::Keep;
use anyhow::{Context, bail};
use bumpalo::Bump;
use clap::{Args, Subcommand};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// `ekslint baseline`
#[derive(Debug, Subcommand)]
pub(super) enum BaselineCommand {
    /// Write a baseline: what is found now and not waived
    Write(Box<WriteCommand>),
    /// Take out the entries that are no longer found; adds nothing
    Prune(Box<PruneCommand>),
}

impl BaselineCommand {
    /// Runs the command.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Write(write) => write.run(),
            Self::Prune(prune) => prune.run(),
        }
    }
}

/// What both read, and by what they judge it.
#[derive(Debug, Args)]
struct CommonOptions {
    #[command(flatten)]
    source: SourceOptions,
    #[command(flatten)]
    policy: PolicyOptions,
    /// The baseline [default: that of ekslint.toml, else ekslint-baseline.jsonl]
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    verbosity: Verbosity,
}

/// `ekslint baseline write`
#[derive(Debug, Args)]
#[command(after_help = WRITE_EXAMPLES)]
pub(super) struct WriteCommand {
    #[command(flatten)]
    common: CommonOptions,
    /// Replace a baseline that is there, also by a longer one
    #[arg(long)]
    force: bool,
}

const WRITE_EXAMPLES: &str = "\
Examples:
  ekslint baseline write fixtures/
  ekslint scan fixtures/ --baseline ekslint-baseline.jsonl

The file has one finding a line, sorted: review it as any other change. An ekslint.toml
that names no baseline gets the line `baseline = …`, so that `ekslint scan` reads it.";

/// `ekslint baseline prune`
#[derive(Debug, Args)]
#[command(after_help = PRUNE_EXAMPLES)]
pub(super) struct PruneCommand {
    #[command(flatten)]
    common: CommonOptions,
    /// Also take out entries on clusters that are not among the inputs: the inputs are all there is
    #[arg(long)]
    whole: bool,
}

const PRUNE_EXAMPLES: &str = "\
Examples:
  ekslint baseline prune fixtures/
  ekslint baseline prune fixtures/ --whole

An entry stays if its rule did not run or could not be evaluated, or if its cluster
is not among the inputs.";

impl WriteCommand {
    fn run(self) -> anyhow::Result<ExitCode> {
        let policy = self.common.policy.load()?;
        let file = self.common.file(&policy)?;
        if file.exists() && !self.force {
            bail!(
                "{} is there already. `ekslint baseline prune` makes it shorter; \
                 --force writes it again, with all that is found now",
                file.display()
            );
        }
        let mut baseline = Baseline::default();
        let judged = self.common.judge(&policy, None, false, |judged, judge, _| {
            let rule = |finding: &crate::engine::Finding| judge.rule(finding.rule).id.clone();
            baseline = Baseline::of(&judged.scan, rule, policy.mask);
        })?;
        let entries = count(baseline.entries.len());
        let done = self.common.write(&file, &baseline, &policy, &judged).and_then(|()| {
            let next = self.next(&policy, &file)?;
            Ok(format!("wrote {} with {entries}\n{next}", file.display()))
        });
        self.common.say(&judged, &policy, done)
    }
}

impl WriteCommand {
    /// Sets the baseline in the configuration where none is set, and says what is next.
    fn next(&self, policy: &CommandPolicy, file: &Path) -> anyhow::Result<String> {
        let named = file.display();
        let with_option = format!("`ekslint scan --baseline {}`", shell_quoted(&named.to_string()));
        let Some(config) = &policy.config.file else {
            return Ok(format!(
                "{with_option} counts only what is new; `ekslint config init` writes an {CONFIG_NAME} that sets the baseline"
            ));
        };
        let name = policy.config.name();
        if let Some(set) = &policy.config.baseline {
            let same = FileIdentity::of(&set.value).is_some_and(|set| set.is(file));
            return Ok(match same {
                true => format!("{name} names it: `ekslint scan` counts only what is new"),
                false => format!(
                    "{name} names another baseline, {}, and keeps it; {with_option} takes this one",
                    set.value.display()
                ),
            });
        }
        if is_link(config) {
            return Ok(format!(
                "{name} is a link, and is not changed; {with_option} counts only what is new"
            ));
        }
        let (None, Some(value)) = (policy.config.why_not_written(file), named_in(config, file)) else {
            return Ok(format!(
                "{name} does not name it, as it is not below the folder of that file; {with_option} counts only what is new"
            ));
        };
        let set = |text: &str| with_setting(text, "baseline", std::slice::from_ref(&value), false);
        ChangedConfig::of(config, &policy.config, set)?.write(&policy.config)?;
        let masked = policy.config.mask_account.as_ref().is_some_and(|mask| mask.value) != policy.mask;
        let also = if masked { " with --mask-account" } else { "" };
        Ok(format!(
            "set `baseline = \"{value}\"` in {name}: `ekslint scan`{also} counts only what is new; commit both files"
        ))
    }
}

impl PruneCommand {
    fn run(self) -> anyhow::Result<ExitCode> {
        let policy = self.common.policy.load()?;
        let file = self.common.file(&policy)?;
        let known = policy.baseline(Some(&file))?;
        let mut unused = Vec::new();
        let judged = self.common.judge(&policy, known.as_ref(), self.whole, |_, _, review| {
            unused = review.unused.clone();
        })?;
        let Some(known) = known else { return Ok(ExitCode::SUCCESS) };
        let pruned = known.baseline.without(&unused);
        let nothing = unused.is_empty();
        let written = if nothing { Ok(()) } else { self.common.write(&file, &pruned, &policy, &judged) };
        let (out, left) = (count(unused.len()), pruned.entries.len());
        let done = written.map(|()| format!("took {out} out of {}; {left} left", file.display()));
        self.common.say(&judged, &policy, done)
    }
}

impl CommonOptions {
    /// The file to write. That of the configuration must be its own.
    fn file(&self, policy: &CommandPolicy) -> anyhow::Result<PathBuf> {
        let file = policy.baseline_file(self.baseline.as_deref());
        if let (None, Some(file)) = (&self.baseline, file) {
            writable(&policy.config, file)?;
        }
        Ok(file.unwrap_or(Path::new(FILE_NAME)).to_owned())
    }

    /// Judges, reviews what was found, and does something with it.
    fn judge(
        &self,
        policy: &CommandPolicy,
        baseline: Option<&KnownFile>,
        whole: bool,
        mut work: impl FnMut(&Judged, &Judge<'_>, &Review),
    ) -> anyhow::Result<(Inputs, Judged)> {
        let inputs = self.source.find(&policy.config, HOW_TO_START)?;
        let arena = Bump::new();
        let judge = policy.judge(false, &arena)?;
        let mut judged = self.source.judge(&inputs, &judge, Keep::default(), self.verbosity.quiet)?;
        let review = policy.reviewer(&judge, baseline, whole || inputs.whole).review(&mut judged.scan);
        work(&judged, &judge, &review);
        Ok((inputs, judged))
    }

    /// Writes the baseline, but over nothing that was read to make it.
    fn write(
        &self,
        file: &Path,
        baseline: &Baseline,
        policy: &CommandPolicy,
        (inputs, judged): &(Inputs, Judged),
    ) -> anyhow::Result<()> {
        let read = ReadFiles::of(policy, None).and(overwrite::judged(inputs.all(), &judged.scan));
        read.spare(file).map_err(anyhow::Error::msg)?;
        output::write_file(file, |out| out.write_all(baseline.text().as_bytes()))
            .with_context(|| format!("cannot write {}", file.display()))
    }

    /// Says on standard error what is wrong, and what was done, if it was.
    fn say(
        &self,
        (inputs, judged): &(Inputs, Judged),
        policy: &CommandPolicy,
        done: anyhow::Result<String>,
    ) -> anyhow::Result<ExitCode> {
        let errors = (policy.loaded.errors.as_slice(), judged.errors.as_slice());
        let failed = !errors.0.is_empty() || !errors.1.is_empty();
        let left_out = LeftOut::of(inputs.found(), &judged.scan).notices(self.verbosity.verbose);
        let notices =
            if self.verbosity.quiet { Vec::new() } else { [left_out, judged.notices.clone()].concat() };
        output::diagnose(policy.mask, errors, &notices)?;
        let done = done?;
        if !self.verbosity.quiet {
            let mut err = output::masking(output::StandardError::new(), policy.mask);
            writeln!(err, "{}", printable_lines(&done))?;
            err.flush()?;
        }
        Ok(if failed { ExitCode::from(EXIT_ERROR) } else { ExitCode::SUCCESS })
    }
}

const HOW_TO_START: &str = "\
nothing to scan: name files, directories or a region, or set `paths` in ekslint.toml";

fn count(entries: usize) -> String {
    format!("{entries} {}", if entries == 1 { "entry" } else { "entries" })
}
