//! From options to working clients: whose credentials, which regions, and how to get there. What
//! does not work is said at once, with the way out.

use super::Options;
use super::call::{Call, EndOfPatience, KeepBody, Patience};
use super::client::{Client, Limits, SharedAnswers};
use super::failure::{CallFailure, FailureKind, causes, is_throttled};
use super::operations::Clients;
use super::region_name::{home, is_it_the_name, plausible};
use crate::source::bounded;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_eks::config::retry::{ClientRateLimiter, RetryPartition, TokenBucket};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector, proxy::ProxyConfig};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How long a connection may take, and the first byte of an answer. The SDK itself would wait for ever.
const CONNECT: Duration = Duration::from_secs(5);
const READ: Duration = Duration::from_secs(20);
/// How long one attempt of a call may take at most; less, where all of them may not take much longer.
const ATTEMPT: Duration = Duration::from_secs(30);
/// The rate of calls, a second, that the SDK's rate limiter believes it has measured before it has.
/// After the first call it keeps a fifth of this, and slows down from there when it is throttled. Left
/// to itself it starts at almost nothing: one throttled call at the start makes a scan take a minute.
const MEASURED: f64 = 500.0;
/// The largest file of certificates, in bytes.
const MAX_BUNDLE: u64 = 16 << 20;
/// The first call finds out whether anything works at all: it gives up sooner.
const FIRST: Patience = Patience { failures: Some(2), time: Some(Duration::from_secs(15)) };
const FIRST_ATTEMPT: Duration = Duration::from_millis(7500);
/// How long the machine's own metadata service is waited for, in all.
const METADATA: Duration = Duration::from_secs(2);

/// What to do when AWS wants to be asked less often.
const LATER: &str = "Try again later, with more --max-attempts, or with less --concurrency";
/// Where the SDK looked for credentials and found none.
const NOT_LOADED: &str =
    "none in the environment, the AWS configuration files, a web identity, and the container or machine";
const NOT_IN_PROFILE: &str = "the AWS configuration files have no such profile, or it has none";

/// Where credentials come from.
#[derive(Clone, Debug, Default)]
pub(super) struct CredentialSource {
    /// A profile of the AWS configuration files.
    pub(super) profile: Option<String>,
    /// A role to assume with them.
    pub(super) role: Option<String>,
    /// What the role's trust policy asks for.
    pub(super) external_id: Option<String>,
    /// What CloudTrail calls the caller then.
    pub(super) session_name: Option<String>,
}

/// How AWS is reached; the same for all accounts and regions.
#[derive(Clone, Debug)]
pub(super) struct ConnectionOptions {
    http: SharedHttpClient,
    endpoint_url: Option<String>,
    attempts: u32,
    call_timeout: Duration,
}

impl ConnectionOptions {
    /// # Errors
    ///
    /// `AWS_CA_BUNDLE` is no bundle of certificates: in words.
    pub(super) fn new(options: &Options) -> Result<Self, String> {
        let endpoint_url = options.endpoint_url.clone();
        let plain = endpoint_url.clone().or_else(|| std::env::var("AWS_ENDPOINT_URL").ok());
        let roots = match std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()) {
            Some(path) => TrustStore::empty().with_pem_certificate(bundle(&path.to_string_lossy())?),
            // Without TLS there need be no certificates on the machine.
            None if plain.is_some_and(|url| url.starts_with("http://")) => TrustStore::empty(),
            None => TrustStore::default(),
        };
        let context =
            TlsContext::builder().with_trust_store(roots).build().map_err(|error| causes(&error))?;
        let (attempts, call_timeout) = (options.attempts, options.call_timeout);
        Ok(Self { http: http_client(context), endpoint_url, attempts, call_timeout })
    }
}

/// Reads a file of certificates. The SDK would panic on a broken one.
fn bundle(path: &str) -> Result<Vec<u8>, String> {
    let problem = |why: String| format!("AWS_CA_BUNDLE: {path} {why}; name a file with certificates in PEM");
    let pem = bounded::read_file(path.as_ref(), MAX_BUNDLE).map_err(|error| problem(error.to_string()))?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| problem(format!("is broken: {error:?}")))?;
    let mut roots = RootCertStore::empty();
    for certificate in &certificates {
        roots
            .add(certificate.clone())
            .map_err(|error| problem(format!("has a broken certificate: {error}")))?;
    }
    if certificates.is_empty() { Err(problem("has no certificate in it".to_owned())) } else { Ok(pem) }
}

/// A connector of our own, for the certificates; it must be told of the proxy.
fn http_client(context: TlsContext) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(context.clone())
            .proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        connector.build()
    })
}

impl CredentialSource {
    /// What to call it in messages.
    pub(super) fn describe(&self) -> String {
        match (&self.role, &self.profile) {
            (Some(role), _) => format!("the role {role}"),
            (None, Some(profile)) => format!("the profile {profile}"),
            (None, None) => "the default credentials".to_owned(),
        }
    }

    /// The region that the environment, the profile or the machine names.
    pub(super) async fn default_region(&self, way: &ConnectionOptions) -> Option<String> {
        let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(way.http.clone());
        let loader = match &self.profile {
            Some(profile) => loader.profile_name(profile),
            None => loader,
        };
        let config = tokio::time::timeout(METADATA, loader.no_credentials().load()).await.ok()?;
        config.region().map(ToString::to_string)
    }

    /// The SDK's configuration for a region, with credentials that were there just now.
    ///
    /// # Errors
    ///
    /// There are no credentials: in words.
    pub(super) async fn configure(&self, way: &ConnectionOptions, region: &str) -> Result<SdkConfig, String> {
        let region = Region::new(region.to_owned());
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(way.http.clone())
            .region(region.clone())
            .retry_config(RetryConfig::adaptive().with_max_attempts(way.attempts))
            .timeout_config(timeouts(way.call_timeout))
            // A role that AWS is slow to give is waited for as long as any other call.
            .identity_cache(IdentityCache::lazy().load_timeout(way.call_timeout).build())
            .credentials_provider(self.base(way, region.clone()).await);
        if let Ok(name) = AppName::new(concat!("ekslint-", env!("CARGO_PKG_VERSION"))) {
            loader = loader.app_name(name);
        }
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = &way.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let mut config = loader.load().await;
        if let Some(role) = &self.role {
            let provider = self.assume(role, &patient(&config), region).await;
            config = config.into_builder().credentials_provider(provider).build();
        }
        self.check(&config).await?;
        Ok(config)
    }

    /// The credentials of a profile that was named, else of the SDK's default chain. The metadata
    /// service, the last of the chain, is asked once: without credentials it is seldom there.
    async fn base(&self, way: &ConnectionOptions, region: Region) -> SharedCredentialsProvider {
        let config =
            ProviderConfig::default().with_http_client(way.http.clone()).with_region(Some(region.clone()));
        if let Some(profile) = &self.profile {
            let provider = ProfileFileCredentialsProvider::builder().configure(&config).profile_name(profile);
            return SharedCredentialsProvider::new(provider.build());
        }
        let metadata = aws_config::imds::Client::builder().configure(&config).max_attempts(1).build();
        let chain = DefaultCredentialsChain::builder().region(region).imds_client(metadata).configure(config);
        SharedCredentialsProvider::new(chain.build().await)
    }

    async fn assume(&self, role: &str, config: &SdkConfig, region: Region) -> SharedCredentialsProvider {
        let session = self.session_name.as_deref().unwrap_or("ekslint");
        let mut assume =
            AssumeRoleProvider::builder(role).session_name(session).region(region).configure(config);
        if let Some(id) = &self.external_id {
            assume = assume.external_id(id);
        }
        match config.credentials_provider() {
            Some(base) => SharedCredentialsProvider::new(assume.build_from_provider(base).await),
            None => SharedCredentialsProvider::new(assume.build().await),
        }
    }

    async fn check(&self, config: &SdkConfig) -> Result<(), String> {
        let none = || "there are no AWS credentials".to_owned();
        let provider = config.credentials_provider().ok_or_else(none)?;
        let error = match provider.provide_credentials().await {
            Ok(_) => return Ok(()),
            Err(error) if is_throttled(&error) => {
                return Err(format!(
                    "no credentials from {}: AWS throttled the calls ({})\n{LATER}",
                    self.describe(),
                    causes(&error)
                ));
            }
            Err(CredentialsError::CredentialsNotLoaded(_)) if self.profile.is_some() => {
                NOT_IN_PROFILE.to_owned()
            }
            Err(CredentialsError::CredentialsNotLoaded(_)) => NOT_LOADED.to_owned(),
            Err(error) => causes(&error),
        };
        Err(match (&self.role, &self.profile) {
            (Some(role), _) => format!(
                "cannot assume {role}: {error}\nCheck that the role exists, that it trusts you, and --external-id"
            ),
            (None, Some(profile)) => format!(
                "no credentials from the profile {profile}: {error}\nCheck its name with `aws configure list-profiles`, or sign in: `aws sso login --profile {profile}`"
            ),
            (None, None) => format!(
                "no AWS credentials: {error}\nSet AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, sign in with `aws sso login`, or name a profile with --aws-profile"
            ),
        })
    }
}

fn timeouts(call: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(READ)
        .operation_attempt_timeout(ATTEMPT.min(call / 2))
        .operation_timeout(call)
        .build()
}

/// Connects to a region, and finds out whose it is.
///
/// # Errors
///
/// It does not answer these credentials: in words, with the way out.
pub(super) async fn connect(
    source: &CredentialSource,
    way: &ConnectionOptions,
    region: &str,
    limits: Arc<Limits>,
) -> Result<Client, String> {
    let plain_endpoint = way.endpoint_url.is_some() || std::env::var_os("AWS_ENDPOINT_URL").is_some();
    if !plain_endpoint {
        plausible(region)?;
    }
    let config = source.configure(way, region).await?;
    let (account, partition) = match whoami(&config, region).await {
        Ok(identity) => identity,
        Err(failure) => return Err(no_entry(source, &config, region, &failure).await),
    };
    Ok(Client {
        account,
        region: region.to_owned(),
        partition,
        clients: clients(&config, region),
        limits,
        locked_out: OnceLock::new(),
        shared: SharedAnswers::default(),
    })
}

/// Each service has its own patience: calls that are throttled are made again, slower, and however many
/// they are.
fn retry_partition(service: &str, region: &str) -> RetryPartition {
    RetryPartition::custom(format!("ekslint-{service}-{region}"))
        .token_bucket(TokenBucket::unlimited())
        .client_rate_limiter(ClientRateLimiter::builder().tokens_retrieved_per_second(MEASURED).build())
        .build()
}

/// For the few calls of STS: when they are throttled, each is made again after a while. To slow down all
/// that follow, as is done for the many calls of other services, would take a minute.
fn patient(config: &SdkConfig) -> SdkConfig {
    let attempts = config.retry_config().map_or(1, RetryConfig::max_attempts);
    config.to_builder().retry_config(RetryConfig::standard().with_max_attempts(attempts)).build()
}

/// The SDK's clients.
fn clients(config: &SdkConfig, region: &str) -> Clients {
    let partition = |service| retry_partition(service, region);
    let eks = aws_sdk_eks::config::Builder::from(config).retry_partition(partition("eks"));
    let ec2 = aws_sdk_ec2::config::Builder::from(config).retry_partition(partition("ec2"));
    let iam = aws_sdk_iam::config::Builder::from(config).retry_partition(partition("iam"));
    let eks = eks.interceptor(KeepBody).retry_classifier(EndOfPatience);
    let ec2 = ec2.interceptor(KeepBody).retry_classifier(EndOfPatience);
    let iam = iam.interceptor(KeepBody).retry_classifier(EndOfPatience);
    Clients {
        eks: aws_sdk_eks::Client::from_conf(eks.build()),
        ec2: aws_sdk_ec2::Client::from_conf(ec2.build()),
        iam: aws_sdk_iam::Client::from_conf(iam.build()),
    }
}

/// The account and the partition that the credentials belong to.
async fn whoami(config: &SdkConfig, region: &str) -> Result<(String, String), CallFailure> {
    let timeouts = config.timeout_config().map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
    let sts = aws_sdk_sts::config::Builder::from(&patient(config))
        .timeout_config(timeouts.operation_attempt_timeout(FIRST_ATTEMPT).build())
        .retry_partition(retry_partition("sts", region))
        .retry_classifier(EndOfPatience);
    let sts = aws_sdk_sts::Client::from_conf(sts.build());
    let sent = async { sts.get_caller_identity().send().await.map_err(CallFailure::of) };
    let identity = Call::new(FIRST).make(sent).await?;
    let partition = identity.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
    Ok((identity.account().unwrap_or_default().to_owned(), partition.to_owned()))
}

/// Why a region does not let these credentials in, and what to do.
async fn no_entry(
    source: &CredentialSource,
    config: &SdkConfig,
    region: &str,
    failure: &CallFailure,
) -> String {
    let reason = failure.reason();
    let expired = failure.code.as_deref().is_some_and(|code| code.contains("Expired"));
    if expired {
        let again =
            source.profile.as_ref().map_or_else(String::new, |profile| format!(" --profile {profile}"));
        return format!(
            "{region}: the credentials have expired ({reason})\nGet new ones: `aws sso login{again}`, or the command that made the old ones"
        );
    }
    match failure.kind {
        FailureKind::Credentials => {}
        FailureKind::Throttled => return format!("{region}: {reason}\n{LATER}"),
        _ => return format!("{region}: AWS does not answer: {reason}\n{}", is_it_the_name(region)),
    }
    let home = home(region);
    let config = config.clone().into_builder().region(Region::new(home)).build();
    match whoami(&config, home).await {
        Ok((account, _)) if home != region => format!(
            "{region}: the region is not enabled for the account {account} ({reason})\nEnable it (`aws account enable-region --region-name {region}`), or leave it out"
        ),
        _ => format!(
            "{region}: AWS does not accept {} ({reason})\nCheck them with `aws sts get-caller-identity`",
            source.describe()
        ),
    }
}

/// The regions that are on for the account of a client.
///
/// # Errors
///
/// They cannot be listed: in words.
pub(super) async fn enabled_regions(client: &Client) -> Result<Vec<String>, String> {
    let listed = client.list("ec2:DescribeRegions", super::operations::ApiRequest::all()).await;
    if let Some(failure) = listed.failure {
        let allow = if failure.kind == FailureKind::Denied {
            "\nAllow ec2:DescribeRegions, or name the regions with --region"
        } else {
            ""
        };
        return Err(format!("--all-regions: {}{allow}", failure.reason()));
    }
    let names = listed.items.iter().filter_map(|region| super::answer::text(region, "RegionName"));
    let mut names: Vec<_> = names.map(str::to_owned).collect();
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_bundle_of_certificates_is_said() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_string_lossy().into_owned();
        assert!(bundle(&path).is_err_and(|error| error.contains("has no certificate")));
        let pem = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
        std::fs::write(file.path(), pem).unwrap();
        assert!(bundle(&path).is_err_and(|error| error.contains("broken certificate")));
        assert!(bundle("/nowhere").is_err_and(|error| error.contains("cannot be read")));
    }
}
