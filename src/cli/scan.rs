//! `ekslint scan`: judges snapshots and writes reports.

use super::input::{passed_over, unsearched};
use super::{EXIT_ERROR, EXIT_FINDINGS, EXIT_INCOMPLETE, output, rules_from};
use crate::engine::mask::Masking;
use crate::engine::{Configured, Judge};
use crate::facts::AsOf;
use crate::policy::{LevelChoice, Params, Selection};
use crate::report::{Format, Report, Style};
use crate::rule::{Loaded, Severity};
#[cfg(feature = "live")]
use crate::scan::InputKind;
use crate::scan::{FileScan, InputError, Scan, scan};
use crate::source::Discovered;
use crate::source::root::Root;
use anyhow::{Context, bail};
use bumpalo::Bump;
use chrono::{NaiveDate, Utc};
use clap::{Args, ValueEnum};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// `ekslint scan`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ScanCommand {
    #[command(flatten)]
    input: super::input::InputOptions,
    /// Name files relative to this directory [default: the Git work tree]
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    root: Option<PathBuf>,

    #[cfg(feature = "live")]
    #[command(flatten)]
    live: super::live::LiveOptions,
    /// Keep the snapshots of live clusters below this directory, and point into them
    #[cfg(feature = "live")]
    #[arg(long, value_name = "DIR", help_heading = "Live clusters")]
    save_snapshots: Option<PathBuf>,

    #[command(flatten)]
    rules: RuleOptions,
    /// Set a parameter of a rule
    #[arg(long, value_name = "RULE.NAME=VALUE", help_heading = "Rules")]
    param: Vec<String>,
    /// The day that counts as today [default: today, UTC]
    #[arg(long, value_name = "DATE", help_heading = "Rules")]
    as_of: Option<NaiveDate>,

    /// What to write, and where: text, concise, json or sarif, to standard output or to a file
    #[arg(long, short, value_name = "FORMAT[=FILE]", default_value = "text", help_heading = "Output")]
    format: Vec<FormatTo>,
    /// Show findings of this severity and worse
    #[arg(long, value_name = "SEVERITY", default_value = "info", help_heading = "Output")]
    severity: Word<Severity>,
    /// Mask account ids in everything that is written, for public repositories
    #[arg(long, help_heading = "Output")]
    mask_account: bool,
    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    color: ColorChoice,
    /// Show findings only
    #[arg(long, short, conflicts_with = "verbose", help_heading = "Output")]
    quiet: bool,
    /// Show every reason for which rules were not evaluated, and every file that was passed over
    #[arg(long, short, help_heading = "Output")]
    verbose: bool,

    /// Exit with 1 when there are findings of this severity or worse
    #[arg(long, value_name = "SEVERITY|never", default_value = "medium", help_heading = "Exit code")]
    fail_on: FailOn,
    /// Exit with 0 whatever is found
    #[arg(long, help_heading = "Exit code")]
    exit_zero: bool,
    /// Exit with 3 when something could not be judged
    #[arg(long, help_heading = "Exit code")]
    strict: bool,
}

/// Which rules to load and to run.
#[derive(Debug, Args)]
pub(super) struct RuleOptions {
    /// Load rules from a directory as well
    #[arg(long, value_name = "DIR", help_heading = "Rules")]
    pub(super) rules: Vec<PathBuf>,
    /// Do not load the built-in rules
    #[arg(long, help_heading = "Rules")]
    pub(super) no_default_rules: bool,
    /// Which rules to run: default ones, also hardening, also advice, or all
    #[arg(long, value_name = "LEVEL", default_value = "default", help_heading = "Rules")]
    pub(super) level: LevelArg,
    /// Run only these rules (ids or globs, separated by commas)
    #[arg(long, value_name = "RULES", value_delimiter = ',', help_heading = "Rules")]
    pub(super) select: Vec<String>,
    /// Do not run these rules (ids or globs, separated by commas)
    #[arg(long, value_name = "RULES", value_delimiter = ',', help_heading = "Rules")]
    pub(super) ignore: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  Every snapshot below a directory:
    ekslint scan fixtures/
  The live clusters of a region, with the credentials of the AWS CLI:
    ekslint scan --region ap-northeast-2
  One cluster, straight from the AWS CLI:
    aws eks describe-cluster --name prod | ekslint scan -
  For GitHub code scanning, and for people:
    ekslint scan fixtures/ --format sarif=ekslint.sarif --format text
  Some rules only:
    ekslint scan fixtures/ --select 'endpoint-*' --fail-on high

Exit codes:
  0  nothing at or above --fail-on
  1  findings
  2  something is wrong with the command, a rule or an input
  3  something could not be judged, and --strict was given";

/// How many clusters that stand in several files are named without `-v`, and how many files of each.
const REPEATED: usize = 3;

/// What to do when no input is named.
const HOW_TO_START: &str = "\
nothing to scan. Three ways to start:
  ekslint scan --region ap-northeast-2                    live clusters, with your AWS credentials
  ekslint scan fixtures/                                  snapshots in a directory
  aws eks describe-cluster --name prod | ekslint scan -   one cluster, straight from the AWS CLI
`ekslint scan --help` shows all options.";

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum LevelArg {
    Default,
    Strict,
    Advice,
    All,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ColorChoice {
    Auto,
    Always,
    Never,
}

/// A format, and the file to write it to.
#[derive(Clone, Debug)]
struct FormatTo {
    format: Format,
    file: Option<PathBuf>,
}

impl std::str::FromStr for FormatTo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
        let format = Format::from_str(name, true)
            .map_err(|_| format!("`{name}` is no format; there are text, concise, json and sarif"))?;
        match file {
            Some("") => Err("the file after `=` is missing".to_owned()),
            file => Ok(Self { format, file: file.filter(|file| *file != "-").map(PathBuf::from) }),
        }
    }
}

/// A word of the rule format as an argument.
#[derive(Clone, Copy, Debug)]
struct Word<T>(T);

impl std::str::FromStr for Word<Severity> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Severity::ALL.into_iter().find(|severity| severity.as_str() == text);
        known.map(Self).ok_or_else(|| "there are critical, high, medium, low and info".to_owned())
    }
}

/// What scanning live clusters gave.
#[derive(Debug, Default)]
struct LiveScan {
    is_asked: bool,
    files: Vec<FileScan>,
    errors: Vec<InputError>,
    notices: Vec<String>,
    regions: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug)]
enum FailOn {
    Severity(Severity),
    Never,
}

impl std::str::FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "never" => Ok(Self::Never),
            text => text
                .parse::<Word<Severity>>()
                .map(|word| Self::Severity(word.0))
                .map_err(|error| format!("{error}, or never")),
        }
    }
}

impl RuleOptions {
    /// Loads the rules.
    pub(super) fn load(&self, examples: bool) -> Loaded {
        rules_from(&self.rules, self.no_default_rules, examples)
    }

    /// Which of them run.
    pub(super) fn selection(&self) -> Selection {
        let level = match self.level {
            LevelArg::Default => LevelChoice::Default,
            LevelArg::Strict => LevelChoice::Strict,
            LevelArg::Advice => LevelChoice::Advice,
            LevelArg::All => LevelChoice::All,
        };
        Selection { level, select: self.select.clone(), ignore: self.ignore.clone() }
    }
}

impl ScanCommand {
    /// Runs the command.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        self.check_formats()?;
        let found = self.inputs()?.forget();
        let loaded = self.rules.load(false);
        let chosen = self.rules.selection().choose(&loaded.set)?;
        let params = Params::parse(&self.param, &loaded.set)?;
        let as_of = AsOf { date: self.as_of.unwrap_or_else(|| Utc::now().date_naive()) };
        let arena = Bump::new();
        let rules = chosen.into_iter().map(|rule| Configured::with(rule, &params.of(&rule.id), &arena));
        let rules = rules.collect::<Result<_, _>>()?;
        let fixes = self.wants(|format| format != Format::Concise);
        let judge = Judge { rules, overrides: Vec::new(), as_of, fixes, mask: self.mask_account };
        let excerpts = self.wants(|format| format == Format::Text);
        let mut scan = scan(&found.inputs, &judge, excerpts);
        let live = self.scan_live(&judge, excerpts)?;
        scan.files.extend(live.files);
        let root = Root::find(self.root.as_deref());
        let mut report = self.report(&scan, &judge, &root, &loaded, &found, live.is_asked);
        report.errors.extend(live.errors);
        report.notices.extend(live.notices);
        if found.inputs.is_empty() {
            report.live = live.regions;
        }
        self.say(&report)?;
        self.write(&report)?;
        Ok(self.exit_code(&report))
    }

    fn wants(&self, which: fn(Format) -> bool) -> bool {
        self.format.iter().any(|to| which(to.format))
    }

    #[cfg(not(feature = "live"))]
    fn is_live(&self) -> bool {
        false
    }

    #[cfg(not(feature = "live"))]
    fn scan_live(&self, _: &Judge<'_>, _: bool) -> anyhow::Result<LiveScan> {
        Ok(LiveScan::default())
    }

    #[cfg(feature = "live")]
    fn is_live(&self) -> bool {
        self.live.is_asked()
    }

    /// Reads live clusters, and judges each as soon as it is read.
    #[cfg(feature = "live")]
    fn scan_live(&self, judge: &Judge<'_>, excerpts: bool) -> anyhow::Result<LiveScan> {
        if !self.is_live() {
            return Ok(LiveScan::default());
        }
        let options = self.live.options(self.quiet);
        let keep = super::live::Keep::new(self.save_snapshots.as_deref());
        let (files, collected) = super::live::each(&options, |snapshots| {
            let named = snapshots.map(|snapshot| (keep.name(&snapshot), snapshot.text));
            crate::scan::scan_each(named, judge, excerpts)
        })?;
        let kind = if self.save_snapshots.is_none() { InputKind::Live } else { InputKind::Snapshots };
        let files = files.into_iter().map(|file| FileScan { kind, ..file }).collect();
        let error = |message| InputError { file: "live scan".to_owned(), place: None, message };
        Ok(LiveScan {
            is_asked: true,
            files,
            errors: collected.errors.into_iter().chain(keep.errors()).map(error).collect(),
            notices: collected.notices,
            regions: collected.regions.into_iter().collect(),
        })
    }

    /// Two reports on standard output would be one that nothing can read.
    fn check_formats(&self) -> anyhow::Result<()> {
        let stdout = self.format.iter().filter(|to| to.file.is_none()).count();
        if stdout > 1 {
            bail!("only one --format can go to standard output; give the others a file: --format sarif=FILE");
        }
        for (at, to) in self.format.iter().enumerate() {
            let twice = self.format[..at].iter().any(|other| to.file.is_some() && other.file == to.file);
            if twice {
                bail!(
                    "two formats go to the same file {}",
                    to.file.as_deref().unwrap_or(&PathBuf::new()).display()
                );
            }
        }
        Ok(())
    }

    fn inputs(&self) -> anyhow::Result<Discovered> {
        if self.input.is_empty() && !self.is_live() {
            bail!(HOW_TO_START);
        }
        self.input.discover()
    }

    fn report<'a>(
        &self,
        scan: &'a Scan,
        judge: &'a Judge<'a>,
        root: &'a Root,
        loaded: &Loaded,
        found: &Discovered,
        is_live: bool,
    ) -> Report<'a> {
        let mut errors: Vec<_> =
            unsearched(found).chain(scan.files.iter().flat_map(|file| file.errors.clone())).collect();
        errors.extend(Report::rule_failures(scan));
        let mut notices = loaded.notices.clone();
        notices.extend(self.notices(scan));
        let nothing = scan.snapshots().next().is_none() && errors.is_empty();
        if nothing && (!is_live || !found.inputs.is_empty()) {
            errors.push(self.input.no_snapshots());
        }
        Report {
            scan,
            rules: &judge.rules,
            root,
            as_of: judge.as_of.date,
            shown: self.severity.0,
            waivers: &[],
            show_waived: false,
            sarif_suppressed: false,
            live: Vec::new(),
            notices,
            rule_errors: loaded.errors.clone(),
            errors,
        }
    }

    /// Files that were passed over, and clusters that stand in several files.
    fn notices(&self, scan: &Scan) -> Vec<String> {
        let skipped: Vec<_> = scan
            .files
            .iter()
            .filter_map(|file| Some((file.name.as_str(), file.skipped.as_deref()?)))
            .collect();
        let mut notices = passed_over(&skipped, self.verbose);
        let repeated = scan.repeated();
        let shown = if self.verbose { repeated.len() } else { REPEATED.min(repeated.len()) };
        for (arn, places) in &repeated[..shown] {
            let named = places[..places.len().min(REPEATED)].join(" and ");
            let more = match places.len().saturating_sub(REPEATED) {
                0 => String::new(),
                more => format!(" and {more} more places"),
            };
            notices.push(format!("{arn} stands in {named}{more}: its findings are counted each time"));
        }
        if shown < repeated.len() {
            notices.push(format!(
                "{} more clusters stand in several places; -v lists them",
                repeated.len() - shown
            ));
        }
        notices
    }

    /// What goes to standard error.
    fn say(&self, report: &Report<'_>) -> anyhow::Result<()> {
        let err = anstream::AutoStream::new(std::io::stderr(), self.color.anstream());
        let mut err = self.masking(err);
        let rule_errors = report.rule_errors.iter().map(ToString::to_string);
        let errors = rule_errors.chain(report.errors.iter().map(ToString::to_string));
        let notices = report.notices.iter().filter(|_| !self.quiet);
        output::say(&mut err, errors, notices)?;
        Ok(err.flush()?)
    }

    fn write(&self, report: &Report<'_>) -> anyhow::Result<()> {
        for to in &self.format {
            match &to.file {
                Some(file) => {
                    let style = self.style(false);
                    output::write_file(file, |out| self.write_to(to.format, report, style, out))
                        .with_context(|| format!("cannot write {}", file.display()))?;
                }
                None => {
                    let color = self.color.anstream();
                    let terminal = std::io::stdout().is_terminal();
                    let style = self.style(color == anstream::ColorChoice::Always || terminal);
                    let color = style.color.then_some(color);
                    output::write_stdout(color, |out| self.write_to(to.format, report, style, out))?;
                }
            }
        }
        Ok(())
    }

    fn write_to(
        &self,
        format: Format,
        report: &Report<'_>,
        style: Style,
        out: &mut dyn Write,
    ) -> std::io::Result<()> {
        let mut out = self.masking(out);
        format.write(report, style, &mut *out)?;
        out.flush()
    }

    /// Masks account ids, if that is asked for.
    fn masking<'w>(&self, out: impl Write + 'w) -> Box<dyn Write + 'w> {
        if self.mask_account { Box::new(Masking::new(out)) } else { Box::new(out) }
    }

    fn style(&self, color: bool) -> Style {
        Style { color, width: output::width(), verbose: self.verbose, quiet: self.quiet }
    }

    /// 2 beats 3 beats 1.
    fn exit_code(&self, report: &Report<'_>) -> ExitCode {
        let summary = report.summary();
        let failed = match self.fail_on {
            FailOn::Severity(severity) => summary.worst().is_some_and(|worst| worst >= severity),
            FailOn::Never => false,
        };
        if !report.errors.is_empty() || !report.rule_errors.is_empty() {
            ExitCode::from(EXIT_ERROR)
        } else if self.strict && summary.is_incomplete() {
            ExitCode::from(EXIT_INCOMPLETE)
        } else if failed && !self.exit_zero {
            ExitCode::from(EXIT_FINDINGS)
        } else {
            ExitCode::SUCCESS
        }
    }
}

impl ColorChoice {
    /// `auto` follows NO_COLOR and its like, and whether this is a terminal.
    pub(super) fn anstream(self) -> anstream::ColorChoice {
        match self {
            Self::Auto => anstream::AutoStream::choice(&std::io::stdout()),
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
    }
}
