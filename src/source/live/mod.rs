//! Live clusters: reads EKS, EC2 and IAM through the AWS SDK and makes of each cluster the same
//! document that a file would hold, so that everything after this is the path that files go.
//!
//! `connect` makes clients that work, or says why there are none. `operations` is the table of the
//! calls, `client` makes them. `region` reads a region with the help of `cluster` (EKS), `network`
//! (EC2) and `identities` (IAM); `answer` keeps what they gave beside what failed; `assemble` makes
//! snapshots of it.

mod answer;
mod assemble;
mod client;
mod cluster;
mod connect;
mod failure;
mod identities;
mod network;
mod operations;
mod permissions;
mod progress;
mod region;
#[cfg(test)]
mod tests;
mod wire;

pub use assemble::LiveSnapshot;
pub use permissions::{Checked, check};

use chrono::{SecondsFormat, Utc};
use client::{Client, Limits};
use connect::{ConnectionOptions, CredentialSource, connect, enabled_regions};
use globset::{Glob, GlobSet, GlobSetBuilder};
use identities::AccountIdentities;
use progress::Progress;
use region::RegionAnswers;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;

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

/// One run, shared by its tasks.
#[derive(Clone)]
struct Run(Arc<RunState>);

struct RunState {
    options: Options,
    way: ConnectionOptions,
    chosen: Arc<Option<GlobSet>>,
    limits: Arc<Limits>,
    progress: Arc<Progress>,
    captured_at: String,
    to: SyncSender<LiveSnapshot>,
    collected: Mutex<Collected>,
    /// Account and region of what is being read: two profiles may lead to one account.
    seen: Mutex<HashSet<(String, String)>>,
    /// The names of all clusters, by region.
    names: Mutex<BTreeMap<String, Vec<String>>>,
}

/// The account behind a source of credentials: IAM is read once for all of its regions.
struct CallerAccount {
    source: CredentialSource,
    identities: OnceCell<Arc<AccountIdentities>>,
}

impl Run {
    fn new(options: &Options, to: SyncSender<LiveSnapshot>) -> Result<Self, String> {
        if options.profiles.len() > 1 && !options.roles.is_empty() {
            return Err("--assume-role starts from one profile: name only one with --aws-profile".to_owned());
        }
        Ok(Self(Arc::new(RunState {
            options: options.clone(),
            way: ConnectionOptions::new(options)?,
            chosen: Arc::new(chosen(&options.clusters)?),
            limits: Arc::new(Limits::new(options.concurrency.max(1))),
            progress: Arc::new(Progress::new(options.progress)),
            captured_at: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
            to,
            collected: Mutex::default(),
            seen: Mutex::default(),
            names: Mutex::default(),
        })))
    }

    async fn until_the_end(&self, timeout: Option<Duration>) {
        let over = async {
            match timeout {
                Some(timeout) => tokio::time::sleep(timeout).await,
                None => std::future::pending().await,
            }
        };
        let ended = tokio::select! {
            () = self.accounts() => None,
            _ = tokio::signal::ctrl_c() => Some("interrupted"),
            () = over => Some("the time of --timeout is over"),
        };
        self.0.progress.end();
        if let Some(ended) = ended {
            self.error(match self.0.progress.found_clusters() {
                0 => format!("{ended}: no cluster was found by then; the result is incomplete"),
                found => format!(
                    "{ended}: of {found} clusters, only those in the result were read to the end; it is incomplete"
                ),
            });
        }
    }

    fn finish(self) -> Collected {
        let mut collected = std::mem::take(&mut *self.collected());
        if collected.errors.is_empty() {
            collected.errors.extend(self.unmatched());
        }
        collected.errors.sort();
        collected.errors.dedup();
        collected.notices.sort();
        collected.notices.dedup();
        collected
    }

    fn collected(&self) -> MutexGuard<'_, Collected> {
        self.0.collected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn error(&self, message: impl Into<String>) {
        // A problem and its way out, on one line.
        self.collected().errors.push(message.into().replace('\n', ". "));
    }

    fn note(&self, message: impl Into<String>) {
        self.collected().notices.push(message.into());
    }

    async fn accounts(&self) {
        let mut tasks = JoinSet::new();
        for source in sources(&self.0.options) {
            let (run, account) = (self.clone(), CallerAccount { source, identities: OnceCell::new() });
            tasks.spawn(async move { run.account(Arc::new(account)).await });
        }
        self.join(tasks).await;
    }

    /// Waits for all; one that panics is said.
    async fn join(&self, mut tasks: JoinSet<()>) {
        while let Some(result) = tasks.join_next().await {
            if let Err(error) = result {
                self.error(format!("this is a bug in ekslint: {error}"));
            }
        }
    }

    async fn account(&self, account: Arc<CallerAccount>) {
        let regions = match self.regions(&account.source).await {
            Ok(regions) => regions,
            Err(message) => return self.error(message),
        };
        let mut tasks = JoinSet::new();
        for region in regions {
            let (run, account) = (self.clone(), Arc::clone(&account));
            tasks.spawn(async move {
                if let Err(message) = run.region(&account, &region).await {
                    run.error(message);
                }
            });
        }
        self.join(tasks).await;
    }

    /// The regions to read.
    async fn regions(&self, source: &CredentialSource) -> Result<BTreeSet<String>, String> {
        let RunState { options, way, limits, .. } = &*self.0;
        if !options.all_regions && !options.regions.is_empty() {
            return Ok(options.regions.iter().cloned().collect());
        }
        let region = match options.regions.first() {
            Some(region) => Some(region.clone()),
            None => source.default_region(way).await,
        };
        match (options.all_regions, region) {
            (true, region) => {
                let region = region.unwrap_or_else(|| "us-east-1".to_owned());
                let client = connect(source, way, &region, Arc::clone(limits)).await?;
                Ok(enabled_regions(&client).await?.into_iter().collect())
            }
            (false, Some(region)) => Ok(BTreeSet::from([region])),
            (false, None) => Err("no region: name one with --region, or set AWS_REGION".to_owned()),
        }
    }

    async fn region(&self, account: &CallerAccount, region: &str) -> Result<(), String> {
        let state = &*self.0;
        state.progress.step(region, "the caller's identity");
        let client = Arc::new(connect(&account.source, &state.way, region, Arc::clone(&state.limits)).await?);
        let place = (client.account.clone(), region.to_owned());
        if !state.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(place.clone()) {
            self.note(format!(
                "{region} of the account {} was asked for twice, and read once",
                client.account
            ));
            return Ok(());
        }
        let identities = || async { Arc::new(AccountIdentities::new(Arc::clone(&client))) };
        let identities = Arc::clone(account.identities.get_or_init(identities).await);
        state.progress.step(region, "the list of clusters");
        let (chosen, progress) = (Arc::clone(&state.chosen), Arc::clone(&state.progress));
        let literal = literals(&state.options.clusters);
        let read = region::read(Arc::clone(&client), identities, chosen, literal, progress).await;
        let read = read.map_err(|failure| cannot_list(region, &failure))?;
        if let Some(failure) = client.locked_out.get() {
            self.error(format!(
                "{region}: the credentials stopped working during the scan: {}",
                failure.reason()
            ));
        }
        self.collected().regions.insert(place);
        self.say(&read);
        self.assemble(read).await
    }

    /// What is worth knowing of a region.
    fn say(&self, read: &RegionAnswers) {
        let Client { account, region, .. } = &*read.client;
        if read.names.is_empty() && !self.0.options.all_regions {
            self.note(format!("{region} of the account {account} has no clusters"));
        }
        for name in &read.deleted {
            self.note(format!("{region}: the cluster {name} was deleted while it was read"));
        }
        let mut names = self.0.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.entry(region.clone()).or_default().extend(read.names.iter().cloned());
    }

    async fn assemble(&self, read: RegionAnswers) -> Result<(), String> {
        let run = self.clone();
        // Where they are no longer taken, the run is over.
        let assemble = move || {
            assemble::snapshots(&read, &run.0.captured_at, |snapshot| run.0.to.send(snapshot).is_ok())
        };
        tokio::task::spawn_blocking(assemble)
            .await
            .map_err(|error| format!("this is a bug in ekslint: {error}"))
    }

    /// Patterns of `--cluster` that no cluster matches.
    fn unmatched(&self) -> Vec<String> {
        let names = self.0.names.lock().unwrap_or_else(PoisonError::into_inner);
        let all: BTreeSet<_> = names.values().flatten().cloned().collect();
        let matches = |pattern: &str| {
            let set = chosen(&[pattern.to_owned()]).ok().flatten();
            set.is_some_and(|set| all.iter().any(|name| set.is_match(name)))
        };
        let patterns = self.0.options.clusters.iter().filter(|pattern| !matches(pattern));
        patterns.map(|pattern| unmatched(pattern, &all)).collect()
    }
}

fn unmatched(pattern: &str, names: &BTreeSet<String>) -> String {
    const NAMED: usize = 10;
    let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = if names.len() > NAMED { format!(" and {} more", names.len() - NAMED) } else { String::new() };
    match names.is_empty() {
        true => format!("--cluster {pattern}: there are no clusters"),
        false => format!("--cluster {pattern}: no cluster is called so; there are {shown}{more}"),
    }
}

fn cannot_list(region: &str, failure: &failure::CallFailure) -> String {
    let denied = failure.kind == failure::FailureKind::Denied;
    let way_out =
        if denied { "\nAllow eks:ListClusters; `ekslint permissions` prints the whole policy" } else { "" };
    format!("{region}: cannot list the clusters: {}{way_out}", failure.reason())
}

/// Whose credentials to use: each role in turn, else each profile, else the default ones.
fn sources(options: &Options) -> Vec<CredentialSource> {
    let profile = options.profiles.first().cloned();
    if !options.roles.is_empty() {
        let (external_id, session_name) = (options.external_id.clone(), options.session_name.clone());
        let source = |role: &String| CredentialSource {
            profile: profile.clone(),
            role: Some(role.clone()),
            external_id: external_id.clone(),
            session_name: session_name.clone(),
        };
        return options.roles.iter().map(source).collect();
    }
    match options.profiles.is_empty() {
        true => vec![CredentialSource::default()],
        false => {
            let source = |profile: &String| CredentialSource {
                profile: Some(profile.clone()),
                ..CredentialSource::default()
            };
            options.profiles.iter().map(source).collect()
        }
    }
}

/// Which clusters are asked for; none for all.
fn chosen(patterns: &[String]) -> Result<Option<GlobSet>, String> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|error| format!("--cluster {pattern}: {error}"))?);
    }
    set.build().map(Some).map_err(|error| format!("--cluster: {error}"))
}

/// The names of clusters, if no pattern stands among them: they need no list.
fn literals(patterns: &[String]) -> Vec<String> {
    let is_glob = |pattern: &String| pattern.contains(['*', '?', '[', '{', '\\']);
    if patterns.iter().any(is_glob) { Vec::new() } else { patterns.to_vec() }
}
