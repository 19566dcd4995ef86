//! Which configuration file a command goes by.

use crate::policy::Config;
use crate::policy::config::ConfigErrors;
use crate::report::ReportFormat;
use crate::value::Problem;
use anyhow::{Context, bail};
use clap::Args;
use std::path::{Path, PathBuf};

/// Where the configuration comes from.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct ConfigOptions {
    /// The configuration file [default: the nearest ekslint.toml]
    ///
    /// It is looked for in this folder, and then in those above it.
    #[arg(long, value_name = "FILE", conflicts_with = "no_config", help_heading = "Configuration")]
    config: Option<PathBuf>,
    /// Read no configuration file
    #[arg(long, hide_short_help = true, help_heading = "Configuration")]
    no_config: bool,
}

impl ConfigOptions {
    /// Reads the configuration; an empty one where there is no file. What it says about rules is yet to
    /// be checked, with [`Config::check`], when the rules are loaded.
    pub(super) fn load(&self) -> anyhow::Result<Config> {
        let Some(file) = self.file()? else { return Ok(Config::default()) };
        let config = Config::load(&file)?;
        config.check_formats(&ReportFormat::names().iter().map(String::as_str).collect::<Vec<_>>())?;
        Ok(config)
    }

    /// Whether no file is to be read.
    pub(super) fn is_none(&self) -> bool {
        self.no_config
    }

    /// The file, if there is one. One of the current folder or below it is named from there.
    fn file(&self) -> anyhow::Result<Option<PathBuf>> {
        if self.no_config || self.config.is_some() {
            return Ok(self.config.clone());
        }
        let current = std::env::current_dir().context("the current folder is not known")?;
        let found = Config::find(&current);
        Ok(found.map(|file| file.strip_prefix(&current).map(Path::to_owned).unwrap_or(file)))
    }
}

/// Refuses to write a file on the word of the configuration alone that is not the configuration's to write.
pub(super) fn writable(config: &Config, file: &Path) -> anyhow::Result<()> {
    match config.why_not_written(file) {
        None => Ok(()),
        Some(why) => bail!(
            "{}: {} {why}; a configuration does not write there, so name it on the command line",
            config.name(),
            file.display()
        ),
    }
}

/// The mistakes of a configuration, if that is what went wrong.
pub(super) fn mistakes(error: &anyhow::Error) -> Option<&[Problem]> {
    error.downcast_ref::<ConfigErrors>().map(|errors| errors.0.as_slice())
}
