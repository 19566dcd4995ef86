//! Changes of the configuration file, for the commands that write into it.

use super::output;
use crate::policy::Config;
use crate::policy::config::ConfigErrors;
use anyhow::{Context, anyhow, bail};
use std::path::{Component, Path, PathBuf};

/// A configuration file as it will be. It is written as a whole or not at all, and only if it reads as a configuration.
#[derive(Debug)]
pub(super) struct ChangedConfig {
    file: PathBuf,
    /// What it will say.
    pub(super) config: Config,
}

impl ChangedConfig {
    /// Changes the text of a file that was read before; one that is not there is made.
    pub(super) fn of(
        file: &Path,
        before: &Config,
        change: impl FnOnce(&str) -> Result<String, String>,
    ) -> anyhow::Result<Self> {
        if is_link(file) {
            bail!(
                "{} is a link, and is not changed: name the file that it leads to with --config",
                file.display()
            );
        }
        let text = change(&before.text).map_err(|why| anyhow!("{}: {why}", file.display()))?;
        let config = Config::parse(file, &text).map_err(|errors| plain(&errors))?;
        Ok(Self { file: file.to_owned(), config })
    }

    /// Writes it, unless the file was changed in the meantime.
    pub(super) fn write(&self, before: &Config) -> anyhow::Result<()> {
        let shown = self.file.display();
        let now = if self.file.exists() { Config::load(&self.file)?.text } else { String::new() };
        if now != before.text {
            bail!("{shown} was changed while this command ran, and is not overwritten: run it again");
        }
        output::write_file(&self.file, |out| out.write_all(self.config.text.as_bytes()))
            .with_context(|| format!("cannot write {shown}"))
    }
}

/// Whether a configuration is a link: what it leads to may be anybody's.
pub(super) fn is_link(file: &Path) -> bool {
    file.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink())
}

/// Mistakes in what is new, without their places: these are in a text that is nowhere.
pub(super) fn plain(errors: &ConfigErrors) -> anyhow::Error {
    let messages: Vec<_> = errors.0.iter().map(|error| error.message.as_str()).collect();
    anyhow!("{}; nothing was written", messages.join("; "))
}

/// How a configuration file names a file in its folder or below it; none for one elsewhere.
pub(super) fn named_in(config: &Path, file: &Path) -> Option<String> {
    let folder = |file: &Path| {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(Path::new(".")).canonicalize().ok()
    };
    let below: PathBuf = folder(file)?.join(file.file_name()?);
    slashed(below.strip_prefix(folder(config)?).ok()?)
}

/// A relative path with `/` between its parts, as every system reads it; none if it leads upward or is no text.
pub(super) fn slashed(path: &Path) -> Option<String> {
    let parts = path.components().map(|part| match part {
        Component::Normal(part) => part.to_str(),
        _ => None,
    });
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}
