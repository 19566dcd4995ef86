//! `ekslint completions`: what a shell needs to complete the command line.

use super::output;
use clap::Args;
use clap_complete::Shell;
use std::process::ExitCode;

/// `ekslint completions`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CompletionsCommand {
    /// The shell to complete in
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  ekslint completions bash > ~/.local/share/bash-completion/completions/ekslint
  ekslint completions zsh > ~/.zfunc/_ekslint
  ekslint completions fish > ~/.config/fish/completions/ekslint.fish
  ekslint completions powershell >> $PROFILE

The next shell that starts completes commands, options and their values. For zsh,
~/.zfunc must be in fpath before compinit runs.";

impl CompletionsCommand {
    /// Runs the command.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::command(), env!("CARGO_PKG_NAME"), &mut script);
        output::write_stdout(None, |out| out.write_all(&script))?;
        Ok(ExitCode::SUCCESS)
    }
}
