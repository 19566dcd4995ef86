//! `ekslint snapshot`: makes snapshots.

use super::input::{TerraformArguments, choice, joined, unmatched, unsearched};
use super::verbosity::Verbosity;
use super::{EXIT_ERROR, described, output};
use crate::report::{json_text, printable};
use crate::source::aws_cli::{Import, ImportFile, import};
use crate::source::iac;
use crate::source::joined::JoinedFolder;
use crate::source::{Discovered, Input, InputContent, InputPart, Origin};
use crate::value::{Json, Problem};
use anyhow::{Context, bail};
use bumpalo::Bump;
use clap::{Args, Subcommand};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// `ekslint snapshot`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = LIVE_EXAMPLES)]
pub(super) struct SnapshotCommand {
    #[command(subcommand)]
    command: Option<Subcommands>,
    #[cfg(feature = "live")]
    #[command(flatten)]
    live: super::snapshot_live::LiveCommand,
}

#[derive(Debug, Subcommand)]
enum Subcommands {
    /// Make snapshots of Terraform, CloudFormation, eksctl, or of what the AWS CLI printed
    Import(ImportCommand),
}

const LIVE_EXAMPLES: &str = "\
Examples:
  One file for each cluster of a region, <account>/<region>/<cluster>.json:
    ekslint snapshot --region ap-northeast-2 -o snapshots/
  All regions of the account, one line a cluster:
    ekslint snapshot --all-regions -o - | gzip > fleet.ndjson.gz
  From what the AWS CLI printed:
    ekslint snapshot import DIR -o prod.json
  The cluster that a Terraform configuration describes:
    ekslint snapshot import infra/ -o planned.json";

/// `ekslint snapshot import`
#[derive(Debug, Args)]
#[command(
    mut_arg("quiet", |arg| described(arg, "Print errors only: no notes")),
    mut_arg("verbose", |arg| described(arg, "Name every output that is missing")),
    after_help = EXAMPLES
)]
pub(super) struct ImportCommand {
    /// A directory with Terraform, CloudFormation or eksctl, or with the outputs of the AWS CLI (every
    /// *.json below it is read); or a file of these, a plan or a state (- for standard input)
    #[arg(value_name = "PATH")]
    directory: PathBuf,
    /// Where to write: one cluster as an object, several as an array (- for standard output)
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Only clusters of this name or glob (repeat it, or separate several by commas)
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    cluster: Vec<String>,
    #[command(flatten)]
    terraform: TerraformArguments,
    #[command(flatten)]
    verbosity: Verbosity,
}

const EXAMPLES: &str = "\
Examples:
  The cluster that a Terraform configuration describes, before it exists:
    ekslint snapshot import infra/ -o planned.json
  A cluster from what the AWS CLI printed:
    mkdir raw
    aws eks describe-cluster --name prod > raw/describe-cluster.json
    aws eks list-nodegroups --cluster-name prod > raw/list-nodegroups.json
    aws ec2 describe-subnets > raw/describe-subnets.json
    ekslint snapshot import raw -o prod.json
    ekslint scan prod.json

Most outputs say what they are about. For those that do not, the file's name does:
  list-attached-role-policies.ROLE.json, list-role-policies.ROLE.json,
  get-policy-version.POLICY.json, get-managed-prefix-list-entries.LIST.json,
  and with several clusters list-nodegroups.CLUSTER.json or CLUSTER/list-nodegroups.json";

impl SnapshotCommand {
    /// Runs the command.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Some(Subcommands::Import(import)) => import.run(),
            #[cfg(feature = "live")]
            None => self.live.run(),
            #[cfg(not(feature = "live"))]
            None => bail!("this ekslint was built without live scans; it has `ekslint snapshot import`"),
        }
    }
}

impl ImportCommand {
    fn run(self) -> anyhow::Result<ExitCode> {
        let (templates, unread) = self.templates();
        let found = if self.directory.is_dir() || templates.is_empty() {
            self.inputs()?
        } else {
            Discovered::default()
        };
        let (texts, unreadable) = self.read(&found);
        let arena = Bump::new();
        let mut import = import(&texts, &arena);
        import.errors.extend(unreadable);
        import.errors.extend(unread);
        for content in &templates {
            import.errors.extend(content.problems.iter().cloned());
            import.notices.extend(content.notices.iter().cloned());
            let texts = content.parts.iter().map(InputPart::text);
            import.snapshots.extend(texts.filter_map(|text| Json::parse(text, &arena).ok()));
        }
        self.choose(&mut import)?;
        self.say(&import);
        if import.snapshots.is_empty() {
            bail!(
                "{}: nothing to import; expected Terraform, or what the AWS CLI prints, first of all the output of `aws eks describe-cluster`",
                self.directory.display()
            );
        }
        self.write(&import.snapshots).with_context(|| format!("cannot write {}", self.output.display()))?;
        Ok(if import.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_ERROR) })
    }

    /// The templates that it names, and what could not be read for them.
    fn templates(&self) -> (Vec<InputContent>, Vec<Problem>) {
        let paths = std::slice::from_ref(&self.directory);
        let found = Discovered::find(paths, &[], &self.terraform.options(&[]));
        let contents = found.inputs.iter().filter_map(|input| input.open().ok());
        let templates: Vec<_> = contents.filter(|content| content.kind.is_template()).collect();
        // Of a folder without templates, all is said where its other files are read.
        let unread = if templates.is_empty() { Vec::new() } else { unsearched(&found).collect() };
        (templates, unread)
    }

    /// Says what was joined, what is missing, and what is wrong.
    fn say(&self, import: &Import<'_>) {
        for error in &import.errors {
            output::tell(&format!("error: {}", printable(&error.to_string())));
        }
        if self.verbosity.quiet {
            return;
        }
        let folder = JoinedFolder::of(&self.directory.display().to_string(), import);
        let notices = import.notices.iter().map(ToString::to_string);
        for note in joined(&folder, self.verbosity.verbose).into_iter().chain(notices) {
            output::tell(&format!("note: {}", printable(&note)));
        }
    }

    /// Leaves the clusters that were asked for.
    fn choose(&self, import: &mut Import<'_>) -> anyhow::Result<()> {
        let Some(choice) = choice(&self.cluster)? else { return Ok(()) };
        let name = |snapshot: &Json<'_>| Some(snapshot.at(&["cluster", "name"])?.as_str()?.to_owned());
        let names: BTreeSet<_> = import.snapshots.iter().filter_map(name).collect();
        import.errors.extend(unmatched(Some(&choice), &names));
        import.snapshots.retain(|snapshot| choice.fits(name(snapshot).as_deref()));
        Ok(())
    }

    fn inputs(&self) -> anyhow::Result<Discovered> {
        let directory = self.directory.display();
        if !self.directory.is_dir() {
            match self.directory.exists() {
                true => bail!("{directory} is a file; name the directory that it is in"),
                false => bail!("{directory} does not exist"),
            }
        }
        let found = Discovered::below(&self.directory);
        let output = self.output.canonicalize().ok();
        let is_output = |input: &Input| match &input.origin {
            Origin::File(path) => output.is_some() && path.canonicalize().ok() == output,
            Origin::Stdin
            | Origin::Text { .. }
            | Origin::Joined(_)
            | Origin::Terraform(_)
            | Origin::Plan(_) => false,
        };
        if found.inputs.iter().any(is_output) {
            bail!(
                "{} is one of the files to import; write outside of {directory}, or remove it first",
                self.output.display()
            );
        }
        Ok(found)
    }

    /// The texts, and what cannot be read.
    fn read(&self, found: &Discovered) -> (Vec<ImportFile>, Vec<Problem>) {
        let mut unreadable: Vec<_> = unsearched(found).collect();
        let mut texts = Vec::new();
        for input in &found.inputs {
            let name = input.name();
            match input.read() {
                Ok(text) if iac::is_template(&text) => {}
                Ok(text) => texts.push(ImportFile { path: self.below(input), name, text }),
                Err(message) => unreadable.push(Problem::of_file(name, message)),
            }
        }
        (texts, unreadable)
    }

    /// The path of an input from the directory.
    fn below(&self, input: &Input) -> String {
        let Origin::File(path) = &input.origin else { return String::new() };
        let path: &Path = path.strip_prefix(&self.directory).unwrap_or(path);
        let names = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
        names.collect::<Vec<_>>().join("/")
    }

    fn write(&self, snapshots: &[Json<'_>]) -> io::Result<()> {
        let text = match snapshots {
            [one] => serde_json::to_string_pretty(one)?,
            several => serde_json::to_string_pretty(several)?,
        };
        match self.output.as_os_str() == "-" {
            true => output::write_stdout(None, |out| writeln!(out, "{}", json_text::printable(&text))),
            false => output::write_file(&self.output, |out| writeln!(out, "{text}")),
        }
    }
}
