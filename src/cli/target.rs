//! Which outputs a command writes, and where: `--format NAME[=FILE]`, several at once.

use super::output;
use super::overwrite::ReadFiles;
use crate::policy::place::FileIdentity;
use anyhow::bail;
use clap::ValueEnum;
use clap::builder::PossibleValue;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A format, and the file to write it to.
#[derive(Clone, Debug)]
pub(super) struct Target<F> {
    /// The format.
    pub(super) format: F,
    /// The file; standard output if there is none.
    pub(super) file: Option<PathBuf>,
}

impl<F: ValueEnum> std::str::FromStr for Target<F> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
        let format = F::from_str(name, true)
            .map_err(|_| format!("`{name}` is no format; there are {}", names::<F>()))?;
        match file {
            Some("") => Err("the file after `=` is missing".to_owned()),
            file => Ok(Self { format, file: file.filter(|file| *file != "-").map(PathBuf::from) }),
        }
    }
}

/// The names of all formats.
fn names<F: ValueEnum>() -> String {
    let names = F::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    names.map(|value| value.get_name().to_owned()).collect::<Vec<_>>().join(", ")
}

/// The help of `--format`: all formats, and what each is for.
pub(super) fn help<F: ValueEnum>() -> String {
    let formats = F::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let line = |format: PossibleValue| {
        let help = format.get_help().map(ToString::to_string).unwrap_or_default();
        format!("\n- {}: {help}", format.get_name())
    };
    let lines: String = formats.map(line).collect();
    format!(
        "What to write, and where: to standard output, or with `=FILE` to a file [default: text]\n{lines}"
    )
}

/// Two reports on standard output would be one that nothing can read.
pub(super) fn check<F>(targets: &[Target<F>]) -> anyhow::Result<()> {
    if targets.iter().filter(|to| to.file.is_none()).count() > 1 {
        bail!("only one --format can go to standard output; give the others a file: --format NAME=FILE");
    }
    for (at, to) in targets.iter().enumerate() {
        let Some(file) = &to.file else { continue };
        let identity = FileIdentity::of(file);
        let same = |other: &Path| other == file || identity.as_ref().is_some_and(|own| own.is(other));
        if targets[..at].iter().filter_map(|to| to.file.as_deref()).any(same) {
            bail!("two formats go to the same file {}", file.display());
        }
    }
    Ok(())
}

/// Outputs that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub(super) struct NotWritten(pub(super) Vec<String>);

/// What could not be written, if something could not.
pub(super) fn all_written(failed: Vec<String>) -> anyhow::Result<()> {
    if failed.is_empty() { Ok(()) } else { Err(NotWritten(failed).into()) }
}

/// The files of outputs.
pub(super) fn files<F>(targets: &[Target<F>]) -> impl Iterator<Item = &Path> {
    targets.iter().filter_map(|to| to.file.as_deref())
}

/// Writes each output to its place, whatever became of those before it, but to none of the files that were read. `write`
/// is told whether to colour.
///
/// # Errors
///
/// All that could not be written.
pub(super) fn write<F: Copy>(
    targets: &[Target<F>],
    read: &ReadFiles,
    write: impl Fn(F, bool, &mut dyn Write) -> io::Result<()>,
) -> anyhow::Result<()> {
    let one = |to: &Target<F>| match &to.file {
        Some(file) => read.spare(file).and_then(|()| {
            output::write_file(file, |out| write(to.format, false, out))
                .map_err(|error| format!("cannot write {}: {error}", file.display()))
        }),
        None => {
            let coloured = output::is_coloured();
            let color = coloured.then_some(anstream::ColorChoice::Auto);
            output::write_stdout(color, |out| write(to.format, coloured, out))
                .map_err(|error| error.to_string())
        }
    };
    all_written(targets.iter().filter_map(|to| one(to).err()).collect())
}
