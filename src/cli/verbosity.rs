//! How much a command says, and in which colours: the same options in every command.

use clap::{Args, ValueEnum};

/// How much a command says.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct Verbosity {
    /// Print results and errors only
    ///
    /// There are no notes, and no totals.
    #[arg(long, short, conflicts_with = "verbose", help_heading = "Output")]
    pub(super) quiet: bool,
    /// Print what is otherwise counted or shortened
    ///
    /// Such as every file that was skipped.
    #[arg(long, short, help_heading = "Output")]
    pub(super) verbose: bool,
}

/// In which colours every command prints.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct ColorOptions {
    /// When to use colour: auto, always or never
    ///
    /// auto has colours on a terminal, unless NO_COLOR is set.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true,
        global = true,
        help_heading = "Output"
    )]
    color: ColorChoice,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ColorChoice {
    Auto,
    Always,
    Never,
}

impl ColorOptions {
    /// Makes all that is printed from now on follow the option.
    pub(super) fn apply(self) {
        match self.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}
