//! Where reports go: standard output, or files that appear whole or not at all.

use crate::engine::mask::Masking;
use crate::report::printable;
use crate::value::Problem;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// The width of a page where there is no terminal to ask.
const DEFAULT_WIDTH: usize = 100;

/// The width of the terminal, else of `COLUMNS`, else a usual one.
pub(super) fn width() -> usize {
    width_or(DEFAULT_WIDTH)
}

/// The width of the terminal, else of `COLUMNS`, else the given one.
pub(super) fn width_or(default: usize) -> usize {
    let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal.or_else(columns).unwrap_or(default).clamp(40, 200)
}

/// Whether something could not be said on standard error.
static UNSAID: AtomicBool = AtomicBool::new(false);

/// Whether something could not be said on standard error: then the exit code says it.
pub(super) fn is_unsaid() -> bool {
    UNSAID.load(Ordering::Relaxed)
}

/// Standard error. It may be full or closed, and that must not cost the report: what cannot be written is lost, and only
/// the exit code tells of it.
pub(super) struct StandardError(anstream::AutoStream<io::Stderr>);

impl StandardError {
    pub(super) fn new() -> Self {
        Self(anstream::AutoStream::auto(io::stderr()))
    }
}

impl Write for StandardError {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.write_all(bytes).is_err() {
            UNSAID.store(true, Ordering::Relaxed);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.0.flush().is_err() {
            UNSAID.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Says a line on standard error.
pub(super) fn tell(line: &str) {
    let mut err = StandardError::new();
    // It never fails: see above.
    let _ = writeln!(err, "{line}").and_then(|()| err.flush());
}

/// Says what is wrong with the command line, in the colours that it has.
pub(super) fn tell_styled(message: &clap::builder::StyledStr) {
    let mut err = StandardError::new();
    let _ = write!(err, "{}", message.ansi()).and_then(|()| err.flush());
}

/// Says on standard error what is wrong, and what is worth knowing.
pub(super) fn say(
    err: &mut dyn Write,
    errors: impl Iterator<Item = String>,
    notices: impl Iterator<Item = impl AsRef<str>>,
) -> io::Result<()> {
    let red = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::BrightRed.into()));
    for error in errors {
        writeln!(err, "{red}error{red:#}: {}", printable(&error))?;
    }
    for notice in notices {
        writeln!(err, "note: {}", printable(notice.as_ref()))?;
    }
    Ok(())
}

/// Says on standard error what is wrong with rules and inputs, and what is worth knowing.
pub(super) fn diagnose(
    mask: bool,
    (rules, inputs): (&[Problem], &[Problem]),
    notices: &[String],
) -> io::Result<()> {
    let mut err = masking(StandardError::new(), mask);
    let errors = rules.iter().chain(inputs).map(ToString::to_string);
    say(&mut err, errors, notices.iter())?;
    err.flush()
}

/// Masks account ids, if that is asked for.
pub(super) fn masking<'w>(out: impl Write + 'w, mask: bool) -> Box<dyn Write + 'w> {
    if mask { Box::new(Masking::new(out)) } else { Box::new(out) }
}

/// Whether standard output shows colours: as `--color` says, else as NO_COLOR and its like and the terminal do.
pub(super) fn is_coloured() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// How much is written at once, in bytes.
const BUFFER: usize = 64 << 10;

/// Writes to standard output. A reader that has seen enough (`| head`) is no error. Without a
/// choice the text has no colours: looking through it for some costs more than writing it.
pub(super) fn write_stdout(
    color: Option<anstream::ColorChoice>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let stdout = io::stdout().lock();
    let stdout: Box<dyn Write> = match color {
        Some(color) => Box::new(anstream::AutoStream::new(stdout, color)),
        None => Box::new(stdout),
    };
    let mut out = BufWriter::with_capacity(BUFFER, stdout);
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => {
            // What is left in the buffer would be tried again.
            drop(out.into_parts());
            Err(io::Error::new(error.kind(), format!("cannot write to standard output: {error}")))
        }
        Ok(()) => Ok(()),
    }
}

/// Writes a file beside its place and then moves it there: nobody sees half a report. A place that
/// is no plain file (`/dev/null`, a pipe) is written to directly.
pub(super) fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let special = path.symlink_metadata().is_ok_and(|meta| !meta.is_file());
    if special {
        let mut out = BufWriter::with_capacity(BUFFER, std::fs::File::create(path)?);
        return write(&mut out).and_then(|()| out.flush());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    let mut file = readable(&mut builder).tempfile_in(folder)?;
    let mut out = BufWriter::with_capacity(BUFFER, file.as_file_mut());
    write(&mut out)?;
    out.flush()?;
    drop(out);
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Temporary files are private by default; a report is as readable as any new file.
#[cfg(unix)]
fn readable<'b, 'p, 's>(builder: &'b mut tempfile::Builder<'p, 's>) -> &'b mut tempfile::Builder<'p, 's> {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable<'b, 'p, 's>(builder: &'b mut tempfile::Builder<'p, 's>) -> &'b mut tempfile::Builder<'p, 's> {
    builder
}
