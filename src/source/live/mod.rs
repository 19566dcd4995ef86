//! Live clusters: reads EKS, EC2 and IAM through the AWS SDK and makes of each cluster the same
//! document that a file would hold, so that everything after this is the path that files go.
//!
//! `run` goes through the accounts and regions that `choice` names, and hands over each cluster that was
//! read to the end; `unread` says which were not.
//! `connect` makes clients that work, or says why there are none (`region_name` if a name is wrong). `operations` is the table of the
//! calls, `client` makes them, `call` knows one while it is under way, and `once` what is read once.
//! `region` reads the clusters of a region with the help of `cluster` (EKS), `network` (EC2) and
//! `identities` (IAM); `answer` keeps what they gave beside what failed; `assemble` makes snapshots of
//! it.

mod answer;
mod assemble;
mod call;
mod choice;
mod client;
mod cluster;
mod connect;
mod failure;
mod identities;
mod named;
mod network;
mod once;
mod operations;
mod permissions;
mod progress;
mod region;
mod region_name;
mod run;
#[cfg(test)]
mod tests;
mod unread;
mod wire;

pub use assemble::LiveSnapshot;
pub use permissions::{Checked, check};

use run::Run;
use std::collections::BTreeSet;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

/// Which clusters to read, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The regions; none for the one of the environment.
    pub regions: Vec<String>,
    /// All regions that are on for the account.
    pub all_regions: bool,
    /// Names of clusters, or globs; none for all.
    pub clusters: Vec<String>,
    /// Profiles of the AWS configuration files.
    pub profiles: Vec<String>,
    /// Roles to assume.
    pub roles: Vec<String>,
    /// What the trust policies of these roles ask for.
    pub external_id: Option<String>,
    /// What CloudTrail calls the caller then.
    pub session_name: Option<String>,
    /// Where AWS is, if not where the SDK looks.
    pub endpoint_url: Option<String>,
    /// How many calls may be under way at once, for each service.
    pub concurrency: usize,
    /// How long all of it may take.
    pub timeout: Option<Duration>,
    /// How often a call that fails or is throttled is made at most.
    pub attempts: u32,
    /// How long one call may take, all attempts together.
    pub call_timeout: Duration,
    /// Whether to show on standard error what is being read.
    pub progress: bool,
}

/// What is to be said of a live scan besides the snapshots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// What could not be read at all.
    pub errors: Vec<String>,
    /// What is worth knowing.
    pub notices: Vec<String>,
    /// The regions that were read: account and region.
    pub regions: BTreeSet<(String, String)>,
}

/// Reads all that the options name, and hands over each snapshot as soon as it is finished. Ends
/// early when the user interrupts or the time is over; what was handed over by then stays.
///
/// # Errors
///
/// There is no runtime to be had, or an option is wrong: in words.
pub fn collect(options: &Options, to: SyncSender<LiveSnapshot>) -> Result<Collected, String> {
    let run = Run::new(options, to)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start: {error}"))?;
    runtime.block_on(run.until_the_end(options.timeout));
    // What still waits for an answer is not waited for.
    runtime.shutdown_background();
    Ok(run.finish())
}
