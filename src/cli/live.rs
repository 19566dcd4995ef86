//! What commands on live clusters have in common: the options that say which clusters to read and
//! with whose credentials, reading them beside other work, and where their snapshots are kept.

use super::output;
use crate::source::bounded;
use crate::source::live::{Collected, LiveSnapshot, Options, collect};
use clap::Args;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How many finished snapshots may wait to be worked on. Reading waits for them beyond that.
const WAITING: usize = 8;

/// How many calls may be under way at once for each service, unless `--concurrency` says otherwise.
const CONCURRENCY: usize = 64;

/// Which live clusters to read.
#[derive(Debug, Args)]
pub(super) struct LiveOptions {
    /// Read the clusters of this region
    ///
    /// Repeat it, or separate several by commas.
    #[arg(
        long,
        value_name = "REGION",
        value_delimiter = ',',
        conflicts_with = "all_regions",
        help_heading = "Live clusters"
    )]
    region: Vec<String>,
    /// Read the clusters of all regions that are enabled for the account
    #[arg(long, hide_short_help = true, help_heading = "Live clusters")]
    all_regions: bool,
    /// Only clusters of this name or glob, live or in files (repeat it, or separate several by commas)
    #[arg(long, value_name = "GLOB", value_delimiter = ',', help_heading = "Live clusters")]
    cluster: Vec<String>,
    /// Use the credentials of this profile of the AWS configuration
    #[arg(
        hide_short_help = true,
        long,
        value_name = "PROFILE",
        value_delimiter = ',',
        help_heading = "Live clusters"
    )]
    aws_profile: Vec<String>,
    /// Assume this role first (repeat it for several accounts)
    #[arg(
        hide_short_help = true,
        long,
        value_name = "ARN",
        value_delimiter = ',',
        help_heading = "Live clusters"
    )]
    assume_role: Vec<String>,
    /// The external id that the role's trust policy asks for
    #[arg(
        hide_short_help = true,
        long,
        value_name = "ID",
        requires = "assume_role",
        help_heading = "Live clusters"
    )]
    external_id: Option<String>,
    /// The name of the session with the role, as CloudTrail shows it [default: ekslint]
    #[arg(
        hide_short_help = true,
        long,
        value_name = "NAME",
        requires = "assume_role",
        help_heading = "Live clusters"
    )]
    role_session_name: Option<String>,
    /// Send all calls to this URL instead of AWS
    #[arg(long, value_name = "URL", hide_short_help = true, help_heading = "Live clusters")]
    endpoint_url: Option<String>,
    /// How many calls may be under way at once, for each of EKS, EC2 and IAM
    #[arg(long, value_name = "N", default_value_t = CONCURRENCY, value_parser = at_least_one, hide_short_help = true, help_heading = "Live clusters")]
    concurrency: usize,
    /// How often a call that fails or is throttled is made at most
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=100), hide_short_help = true, help_heading = "Live clusters")]
    max_attempts: u32,
    /// How long one call may take, all attempts together
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = duration, hide_short_help = true, help_heading = "Live clusters")]
    call_timeout: Duration,
    /// Stop reading after this time (90s, 5m, 1h) and report what was read by then
    #[arg(long, value_name = "TIME", value_parser = duration, hide_short_help = true, help_heading = "Live clusters")]
    timeout: Option<Duration>,
    /// Do not show what is being read
    #[arg(long, hide_short_help = true, help_heading = "Live clusters")]
    no_progress: bool,
}

impl LiveOptions {
    /// Whether any of them asks for live clusters. A name alone may be that of one in a file.
    pub(super) fn is_asked(&self) -> bool {
        let lists = [&self.region, &self.aws_profile, &self.assume_role];
        self.all_regions || lists.iter().any(|list| !list.is_empty())
    }

    /// The names and globs of clusters.
    pub(super) fn clusters(&self) -> &[String] {
        &self.cluster
    }

    /// Whether clusters of a region are left out.
    pub(super) fn is_partial(&self) -> bool {
        !self.cluster.is_empty()
    }

    /// As the library takes them.
    pub(super) fn options(&self, quiet: bool) -> Options {
        Options {
            regions: self.region.clone(),
            all_regions: self.all_regions,
            clusters: self.cluster.clone(),
            profiles: self.aws_profile.clone(),
            roles: self.assume_role.clone(),
            external_id: self.external_id.clone(),
            session_name: self.role_session_name.clone(),
            endpoint_url: self.endpoint_url.clone(),
            concurrency: self.concurrency,
            timeout: self.timeout,
            attempts: self.max_attempts,
            call_timeout: self.call_timeout,
            progress: !quiet && self.shows_progress(),
        }
    }

    /// Progress is for people: on a terminal, and not where a log is kept of it.
    fn shows_progress(&self) -> bool {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let ci = std::env::var_os("CI").is_some_and(|ci| !ci.is_empty() && ci != "false");
        !self.no_progress && !ci && !dumb && std::io::stderr().is_terminal()
    }
}

/// Reads live clusters on a thread of its own, and works on their snapshots meanwhile.
pub(super) fn each<T>(
    options: &Options,
    work: impl FnOnce(Box<dyn Iterator<Item = LiveSnapshot> + Send>) -> T,
) -> anyhow::Result<(T, Collected)> {
    let (to, snapshots) = sync_channel(WAITING);
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || collect(options, to));
        let done = work(Box::new(snapshots.into_iter()));
        let collected =
            reading.join().map_err(|_| anyhow::anyhow!("this is a bug in ekslint: reading ended"))?;
        Ok((done, collected.map_err(anyhow::Error::msg)?))
    })
}

/// Keeps snapshots as files below a directory.
#[derive(Debug, Default)]
pub(super) struct KeptSnapshots {
    directory: Option<PathBuf>,
    errors: Mutex<Vec<String>>,
}

impl KeptSnapshots {
    pub(super) fn new(directory: Option<&Path>) -> Self {
        Self { directory: directory.map(Path::to_owned), errors: Mutex::default() }
    }

    /// What reports call a snapshot: its file if it is kept, else a place that is always the same.
    pub(super) fn name(&self, snapshot: &LiveSnapshot) -> String {
        if let Some(directory) = &self.directory {
            let path = directory.join(&snapshot.path);
            if let Err(error) = keep(&path, &snapshot.text) {
                self.problems().push(format!("cannot write {}: {error}", path.display()));
            }
            let name = path.display().to_string();
            return name.strip_prefix("./").unwrap_or(&name).to_owned();
        }
        let folders: Vec<_> = snapshot.path.iter().map(|part| part.to_string_lossy()).collect();
        match folders.as_slice() {
            [account, region, file] => format!("aws/{account}/{region}/eks/{file}"),
            _ => format!("aws/{}", folders.join("/")),
        }
    }

    /// What could not be written.
    pub(super) fn errors(&self) -> Vec<String> {
        std::mem::take(&mut *self.problems())
    }

    fn problems(&self) -> MutexGuard<'_, Vec<String>> {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a snapshot, unless the file says the same but for the time; says whether it did.
pub(super) fn keep(path: &Path, text: &str) -> io::Result<bool> {
    // What is much longer says something else.
    let kept = bounded::read_text(path, text.len() as u64 + 1024);
    if kept.is_ok_and(|old| without_time(&old).eq(without_time(text))) {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    output::write_file(path, |out| out.write_all(text.as_bytes()))?;
    Ok(true)
}

/// The lines of a snapshot, but for the one that says when it was made.
fn without_time(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with("  \"capturedAt\": "))
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "a whole number of at least 1".to_owned())
}

/// `90s`, `5m`, `1h`, or a number of seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        other => return Err(format!("`{other}` is no unit of time; there are s, m and h")),
    };
    let seconds = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    let seconds = seconds.filter(|seconds| *seconds > 0);
    seconds.map(Duration::from_secs).ok_or_else(|| "expected a time such as 90s, 5m or 1h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::duration;
    use std::time::Duration;

    #[test]
    fn times_are_read() {
        let seconds = |text| duration(text).map(|time| time.as_secs());
        assert_eq!(
            (seconds("90s"), seconds("5m"), seconds("1h"), seconds("7")),
            (Ok(90), Ok(300), Ok(3600), Ok(7))
        );
        for wrong in ["", "m", "5d", "0s", "-1s", "99999999999999999999s", "1.5m"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        assert_eq!(duration("1s"), Ok(Duration::from_secs(1)));
    }
}
