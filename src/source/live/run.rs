//! One run: goes through the accounts and their regions, and hands over each cluster as soon as it was
//! read to the end. When the user interrupts, or the time is over, the others are given up.

use super::assemble;
use super::choice::{literals, sources};
use super::client::{Client, Limits};
use super::connect::{ConnectionOptions, CredentialSource, connect, enabled_regions};
use super::failure::{CallFailure, FailureKind};
use super::identities::AccountIdentities;
use super::progress::Progress;
use super::region::{self, ClusterAnswers, ListedClusters, RegionScan};
use super::unread::Unread;
use super::{Collected, LiveSnapshot, Options};
use crate::source::cluster_choice::ClusterChoice;
use chrono::{SecondsFormat, Utc};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::future::Future;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OnceCell, watch};
use tokio::task::JoinSet;

/// One run, shared by its tasks.
#[derive(Clone)]
pub(super) struct Run(Arc<RunState>);

struct RunState {
    options: Options,
    way: ConnectionOptions,
    chosen: Option<ClusterChoice>,
    limits: Arc<Limits>,
    progress: Progress,
    captured_at: String,
    to: SyncSender<LiveSnapshot>,
    collected: Mutex<Collected>,
    /// Account and region of what is being read: two profiles may lead to one account.
    seen: Mutex<HashSet<(String, String)>>,
    /// The names of all clusters, by region.
    names: Mutex<BTreeMap<String, Vec<String>>>,
    unread: Mutex<Unread>,
    /// Whether the run is to end before everything was read.
    over: watch::Sender<bool>,
}

/// The account behind a source of credentials: IAM is read once for all of its regions.
struct CallerAccount {
    source: CredentialSource,
    identities: OnceCell<Arc<AccountIdentities>>,
}

impl Run {
    pub(super) fn new(options: &Options, to: SyncSender<LiveSnapshot>) -> Result<Self, String> {
        if options.profiles.len() > 1 && !options.roles.is_empty() {
            return Err("--assume-role starts from one profile: name only one with --aws-profile".to_owned());
        }
        Ok(Self(Arc::new(RunState {
            options: options.clone(),
            way: ConnectionOptions::new(options)?,
            chosen: ClusterChoice::of(&options.clusters)?,
            limits: Arc::new(Limits::new(options.concurrency.max(1))),
            progress: Progress::new(options.progress),
            captured_at: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
            to,
            collected: Mutex::default(),
            seen: Mutex::default(),
            names: Mutex::default(),
            unread: Mutex::default(),
            over: watch::Sender::new(false),
        })))
    }

    pub(super) async fn until_the_end(&self, timeout: Option<Duration>) {
        let time = async {
            match timeout {
                Some(timeout) => tokio::time::sleep(timeout).await,
                None => std::future::pending().await,
            }
        };
        let accounts = self.accounts();
        tokio::pin!(accounts);
        let ended = tokio::select! {
            () = &mut accounts => None,
            () = signal() => Some("interrupted"),
            () = time => Some("the time of --timeout is over"),
        };
        if let Some(ended) = ended {
            self.0.over.send_replace(true);
            // What was read to the end is still handed over, unless that is not wanted either.
            tokio::select! {
                () = &mut accounts => {}
                () = signal() => {}
            }
            self.error(self.unread().say(ended, self.0.progress.found_clusters()));
        }
        self.0.progress.end();
    }

    pub(super) fn finish(self) -> Collected {
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

    fn unread(&self) -> MutexGuard<'_, Unread> {
        self.0.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn error(&self, message: impl Into<String>) {
        // A problem and its way out, on one line.
        self.collected().errors.push(message.into().replace('\n', ". "));
    }

    fn note(&self, message: impl Into<String>) {
        self.collected().notices.push(message.into());
    }

    fn bug(&self, error: &tokio::task::JoinError) {
        self.error(format!("this is a bug in ekslint: {error}"));
    }

    /// Ends with the run.
    async fn over(&self) {
        let mut over = self.0.over.subscribe();
        let _ = over.wait_for(|over| *over).await;
    }

    /// What a future gives; nothing if the run ends before.
    async fn unless_over<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            value = future => Some(value),
            () = self.over() => None,
        }
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
                self.bug(&error);
            }
        }
    }

    async fn account(&self, account: Arc<CallerAccount>) {
        let regions = match self.unless_over(self.regions(&account.source)).await {
            None => return,
            Some(Ok(regions)) => regions,
            Some(Err(message)) => return self.error(message),
        };
        let mut tasks = JoinSet::new();
        self.unread().regions.extend(regions.iter().cloned());
        for region in regions {
            let (run, account) = (self.clone(), Arc::clone(&account));
            tasks.spawn(async move {
                if let Err(message) = run.region(&account, &region).await {
                    run.unread().regions.remove(&region);
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
        let Some(listed) = self.unless_over(self.listed(account, region)).await else { return Ok(()) };
        self.unread().regions.remove(region);
        let Some(scan) = listed? else { return Ok(()) };
        self.clusters(&scan).await;
        if let Some(failure) = scan.client.locked_out.get() {
            self.error(format!(
                "{region}: the credentials stopped working during the scan: {}",
                failure.reason()
            ));
        }
        Ok(())
    }

    /// A region and its clusters; none if it is being read already.
    async fn listed(&self, account: &CallerAccount, region: &str) -> Result<Option<Arc<RegionScan>>, String> {
        let state = &*self.0;
        state.progress.step(region, "the caller's identity");
        let client = Arc::new(connect(&account.source, &state.way, region, Arc::clone(&state.limits)).await?);
        let place = (client.account.clone(), region.to_owned());
        if !state.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(place.clone()) {
            self.note(format!(
                "{region} of the account {} was asked for twice, and read once",
                client.account
            ));
            return Ok(None);
        }
        let identities = || async { Arc::new(AccountIdentities::new(Arc::clone(&client))) };
        let identities = Arc::clone(account.identities.get_or_init(identities).await);
        state.progress.step(region, "the list of clusters");
        let early = tokio::spawn(region::early(Arc::clone(&client), Arc::clone(&identities)));
        let literal = literals(&state.options.clusters);
        let listed = ListedClusters::read(&client, state.chosen.as_ref(), &literal).await;
        if listed.as_ref().map_or(true, |listed| listed.wanted.is_empty()) {
            early.abort();
        }
        let listed = listed.map_err(|failure| cannot_list(region, &failure))?;
        self.collected().regions.insert(place);
        self.say(&client, &listed, &literal);
        let at_once = (state.options.concurrency / 2).max(1);
        Ok(Some(Arc::new(RegionScan::new(client, identities, listed, at_once))))
    }

    /// What is worth knowing of the clusters of a region.
    fn say(&self, client: &Client, listed: &ListedClusters, literal: &[String]) {
        let Client { account, region, .. } = client;
        if let (Some(failure), true) = (&listed.failure, literal.is_empty()) {
            self.error(format!(
                "{region}: not all clusters could be listed, only {}: {}",
                listed.names.len(),
                failure.reason()
            ));
        } else if listed.names.is_empty() && !self.0.options.all_regions {
            self.note(format!("{region} of the account {account} has no clusters"));
        }
        let mut names = self.0.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.entry(region.clone()).or_default().extend(listed.names.iter().cloned());
        self.0.progress.found(region, listed.wanted.len());
        let unread = |name: &String| (account.clone(), region.clone(), name.clone());
        self.unread().clusters.extend(listed.wanted.iter().map(unread));
    }

    /// Reads the clusters of a region. Each snapshot names all clusters of the region: so none is handed
    /// over before all are described, unless the run ends.
    async fn clusters(&self, region: &Arc<RegionScan>) {
        let (mut descriptions, mut clusters) = (JoinSet::new(), JoinSet::new());
        for at in 0..region.listed.wanted.len() {
            let (one, other) = (Arc::clone(region), Arc::clone(region));
            descriptions.spawn(async move { one.describe(at).await.missing.len() });
            clusters.spawn(async move { (at, other.cluster(at).await) });
        }
        let mut read = Vec::new();
        while !(descriptions.is_empty() && clusters.is_empty()) {
            tokio::select! {
                () = self.over() => break,
                Some(described) = descriptions.join_next() => {
                    described.map(drop).unwrap_or_else(|error| self.bug(&error));
                }
                Some(cluster) = clusters.join_next() => match cluster {
                    Ok((at, cluster)) => read.extend(self.read(region, at, cluster)),
                    Err(error) => self.bug(&error),
                },
            }
            if descriptions.is_empty() {
                self.hand_over(region, std::mem::take(&mut read)).await;
            }
        }
        while let Some(Ok((at, cluster))) = clusters.try_join_next() {
            read.extend(self.read(region, at, cluster));
        }
        self.hand_over(region, read).await;
    }

    /// Notes that a cluster was read, or is gone.
    fn read(
        &self,
        region: &RegionScan,
        at: usize,
        cluster: Option<ClusterAnswers>,
    ) -> Option<ClusterAnswers> {
        self.0.progress.read_cluster();
        if cluster.is_none() {
            let name = region.name(at);
            self.note(format!("{}: the cluster {name} was deleted while it was read", region.client.region));
            self.done(region, at);
        }
        cluster
    }

    fn done(&self, region: &RegionScan, at: usize) {
        let Client { account, region: place, .. } = &*region.client;
        self.unread().clusters.remove(&(account.clone(), place.clone(), region.name(at).to_owned()));
    }

    /// Makes the snapshots of clusters and hands them over.
    async fn hand_over(&self, region: &Arc<RegionScan>, read: Vec<ClusterAnswers>) {
        if read.is_empty() {
            return;
        }
        let (run, region) = (self.clone(), Arc::clone(region));
        let work = move || {
            for cluster in read {
                let snapshot = assemble::snapshot(&region, &cluster, &run.0.captured_at);
                // Where they are no longer taken, the run is over.
                if run.0.to.send(snapshot).is_err() {
                    return;
                }
                run.done(&region, cluster.at);
            }
        };
        if let Err(error) = tokio::task::spawn_blocking(work).await {
            self.bug(&error);
        }
    }

    /// Patterns of `--cluster` that no cluster matches.
    fn unmatched(&self) -> Vec<String> {
        let names = self.0.names.lock().unwrap_or_else(PoisonError::into_inner);
        let all: BTreeSet<_> = names.values().flatten().cloned().collect();
        let wrong = self.0.chosen.as_ref().map(|choice| choice.unmatched(&all)).unwrap_or_default();
        wrong.into_iter().map(|(option, why)| format!("{option}: {why}")).collect()
    }
}

/// Waits until the user, or whatever started this program, wants it to end.
async fn signal() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    let _ = tokio::signal::ctrl_c().await;
}

fn cannot_list(region: &str, failure: &CallFailure) -> String {
    let denied = failure.kind == FailureKind::Denied;
    let way_out =
        if denied { "\nAllow eks:ListClusters; `ekslint permissions` prints the whole policy" } else { "" };
    format!("{region}: cannot list the clusters: {}{way_out}", failure.reason())
}
