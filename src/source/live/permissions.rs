//! Tries which of the permissions of a live scan the caller has: each action once, in a way that
//! reads nothing where there is nothing to name.

use super::Options;
use super::choice::sources;
use super::client::{Client, Limits};
use super::connect::{ConnectionOptions, CredentialSource, connect};
use super::failure::FailureKind;
use super::network;
use super::operations::ApiRequest;
use crate::snapshot::section;
use futures_util::future::join_all;
use std::sync::Arc;

/// What became of one action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The IAM action.
    pub action: String,
    /// Whether the caller may.
    pub allowed: Result<bool, String>,
}

/// A name that no resource has: a call about it is refused for want of a permission, or finds nothing.
const NOBODY: &str = "ekslint-permission-check";

/// Tries each action of the policy once.
///
/// # Errors
///
/// AWS cannot be reached with these credentials: in words.
pub fn check(options: &Options) -> Result<Vec<Checked>, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start: {error}"))?;
    runtime.block_on(async {
        let source = sources(options).into_iter().next().unwrap_or_default();
        let client = client(options, &source).await?;
        let each = section::calls().map(|call| tried(&client, &call.api, &call.action));
        Ok(join_all(each).await)
    })
}

async fn client(options: &Options, source: &CredentialSource) -> Result<Client, String> {
    let way = ConnectionOptions::new(options)?;
    let region = match options.regions.first() {
        Some(region) => Some(region.clone()),
        None => source.default_region(&way).await,
    };
    let region = region.ok_or("no region: name one with --region, or set AWS_REGION")?;
    connect(source, &way, &region, Arc::new(Limits::new(options.concurrency.max(1)))).await
}

async fn tried(client: &Client, api: &str, action: &str) -> Checked {
    let allowed = match client.one(api, about_nobody(client, api)).await {
        Ok(_) => Ok(true),
        Err(failure) => match failure.kind {
            FailureKind::Denied => Ok(false),
            FailureKind::NotFound | FailureKind::Refused => Ok(true),
            // EC2 and IAM check permissions before parameters.
            _ if failure
                .code
                .as_deref()
                .is_some_and(|code| code.starts_with("Invalid") || code == "ValidationError") =>
            {
                Ok(true)
            }
            _ => Err(failure.reason()),
        },
    };
    Checked { action: action.to_owned(), allowed }
}

/// The call about resources that do not exist.
fn about_nobody(client: &Client, api: &str) -> ApiRequest {
    let role = format!("arn:{}:iam::{}:role/{NOBODY}", client.partition, client.account);
    let ask = match api.strip_prefix("ec2:") {
        Some("DescribeLaunchTemplateVersions") => ApiRequest::ids(["1".to_owned()]),
        Some("DescribeLaunchTemplates") => ApiRequest::ids(["lt-00000000000000000".to_owned()]),
        Some("DescribeImages") => ApiRequest::ids(["ami-00000000000000000".to_owned()]),
        // These lists may be long.
        Some(_) if network::knows_vpc_id(api) => {
            ApiRequest::all().filter(network::VPC_ID, ["vpc-00000000000000000".to_owned()])
        }
        _ => ApiRequest::all(),
    };
    let id = "00000000-0000-0000-0000-000000000000";
    let names = [
        ("clusterName", NOBODY),
        ("nodegroupName", NOBODY),
        ("fargateProfileName", NOBODY),
        ("addonName", "vpc-cni"),
        ("principalArn", &role),
        ("associationId", "a-00000000000000000"),
        ("type", "oidc"),
        ("name", NOBODY),
        ("id", id),
        ("capabilityName", NOBODY),
        ("VpcId", "vpc-00000000000000000"),
        ("attribute", "enableDnsSupport"),
        ("PrefixListId", "pl-00000000000000000"),
        ("LaunchTemplateId", "lt-00000000000000000"),
        ("RoleName", NOBODY),
        ("PolicyName", NOBODY),
        ("UserName", NOBODY),
        ("InstanceProfileName", NOBODY),
        ("VersionId", "v1"),
    ];
    let policy = format!("arn:{}:iam::{}:policy/{NOBODY}", client.partition, client.account);
    let provider = format!("arn:{}:iam::{}:oidc-provider/{NOBODY}", client.partition, client.account);
    let ask = names.into_iter().fold(ask, |ask, (name, value)| ask.with(name, value));
    ask.with("PolicyArn", policy).with("Arn", provider)
}
