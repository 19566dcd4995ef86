//! `ekslint man`: the manual as man pages, made from what `--help` says.

use super::output;
use anyhow::Context;
use clap::{Args, Command};
use clap_mangen::Man;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// `ekslint man`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ManCommand {
    /// Write one page for each subcommand to this directory, instead of the first page to standard output
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  ekslint man | man -l -
  ekslint man -o ~/.local/share/man/man1
  man ekslint-scan";

impl ManCommand {
    /// Runs the command.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        // `ekslint help` says nothing that a page does not say.
        let mut command = super::command().disable_help_subcommand(true);
        command.build();
        match self.output {
            Some(directory) => write_pages(&command, &directory)?,
            None => {
                let page = page(&command)?;
                output::write_stdout(None, |out| out.write_all(&page))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// One page for a command and for each below it: `ekslint-rules-list.1`.
fn write_pages(command: &Command, directory: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
    let path = directory.join(Man::new(command.clone()).get_filename());
    let page = page(command)?;
    output::write_file(&path, |out| out.write_all(&page))
        .with_context(|| format!("cannot write {}", path.display()))?;
    command.get_subcommands().try_for_each(|below| write_pages(below, directory))
}

fn page(command: &Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let source = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
    // A blank date: pages come from the program alone, and an empty one would move the others up.
    let man = Man::new(command.clone()).date(" ").source(source).manual("ekslint manual");
    man.render(&mut page)?;
    Ok(page)
}
