//! What IAM knows of the roles, users and policies that clusters name. IAM is one for all regions
//! of an account: each is read once, however many clusters share it.

use super::answer::{AnsweredItem, SectionAnswer, complete, failed, items, object, says_gone, text};
use super::client::{Client, ListAnswer};
use super::once::Once;
use super::operations::ApiRequest;
use crate::source::assemble::{MissingKind, MissingReason};
use futures_util::future::{join_all, join3};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// The account of policies that AWS manages.
const AWS: &str = "aws";

/// IAM of one account.
pub(super) struct AccountIdentities {
    client: Arc<Client>,
    trusts: OnceCell<Trusts>,
    providers: OnceCell<ListAnswer>,
    /// Everything that was read, by ARN: none for what does not exist.
    known: Once<String, Option<AnsweredItem>>,
}

/// All roles of an account, and whom they trust.
pub(super) struct Trusts {
    listed: ListAnswer,
    /// The trust policy of each, as text.
    texts: Vec<String>,
}

/// The parts of an ARN of IAM.
struct Arn<'a> {
    account: &'a str,
    kind: &'a str,
    name: &'a str,
}

impl<'a> Arn<'a> {
    fn parse(arn: &'a str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let service = parts.nth(2)?;
        let account = parts.nth(1)?;
        let (kind, path) = parts.next()?.split_once('/')?;
        let name = path.rsplit('/').next()?;
        (service == "iam" && !name.is_empty()).then_some(Self { account, kind, name })
    }
}

impl AccountIdentities {
    pub(super) fn new(client: Arc<Client>) -> Self {
        Self { client, trusts: OnceCell::new(), providers: OnceCell::new(), known: Once::default() }
    }

    /// All roles of the account, with whom they trust; only their names may be known of the rest.
    pub(super) async fn trusts(&self) -> &Trusts {
        let read = || async {
            let listed = self.client.list("iam:ListRoles", ApiRequest::all()).await;
            let text = |role: &Arc<Value>| role.get("AssumeRolePolicyDocument").map(Value::to_string);
            let texts = listed.items.iter().map(|role| text(role).unwrap_or_default()).collect();
            Trusts { listed, texts }
        };
        self.trusts.get_or_init(read).await
    }

    /// The roles, and all that trust one of the issuers (without `https://`).
    pub(super) async fn roles(&self, arns: &BTreeSet<String>, issuers: &BTreeSet<String>) -> SectionAnswer {
        let Trusts { listed, texts } = self.trusts().await;
        let trusts = |trust: &str| issuers.iter().any(|issuer| trust.contains(issuer.as_str()));
        let trusting = listed.items.iter().zip(texts).filter(|(_, trust)| trusts(trust));
        let trusting = trusting.filter_map(|(role, _)| text(role, "Arn"));
        let all: BTreeSet<_> = arns.iter().map(String::as_str).chain(trusting).collect();
        let roles = join_all(all.into_iter().map(|arn| self.role(arn))).await;
        // Without the list of all roles, those that only trust an issuer cannot be found.
        let missing = listed.failure.clone().map(|failure| failed("iam:ListRoles", &failure));
        SectionAnswer { items: roles.into_iter().flatten().collect(), missing, known: true }
    }

    /// One role; none if there is no such role.
    async fn role(&self, arn: &str) -> Option<AnsweredItem> {
        let parsed = Arn::parse(arn).filter(|parsed| parsed.kind == "role")?;
        let stub = object([("Arn", arn), ("RoleName", parsed.name)]);
        if parsed.account != self.client.account {
            return Some(foreign(stub, "iam:GetRole", parsed.account));
        }
        let ask = ApiRequest::all().with("RoleName", parsed.name);
        self.known.get(arn.to_owned(), || self.read_role(ask, stub)).await
    }

    async fn read_role(&self, ask: ApiRequest, stub: Value) -> Option<AnsweredItem> {
        let role = self.client.one("iam:GetRole", ask.clone());
        let attached = self.client.list("iam:ListAttachedRolePolicies", ask.clone());
        let (role, attached, inline) = join3(role, attached, self.inline_policies(ask)).await;
        let mut item =
            AnsweredItem::described("iam:GetRole", role, || self.listed_role(&stub).unwrap_or(stub));
        item.put("AttachedPolicies", complete("iam:ListAttachedRolePolicies", attached).map(Value::Array));
        item.put("InlinePolicies", inline);
        let gone = item.missing.iter().any(|missing| missing.field.is_none() && says_gone(&missing.reason));
        (!gone).then_some(item)
    }

    /// What the list of all roles says of one, if it was read.
    fn listed_role(&self, stub: &Value) -> Option<Value> {
        let roles = &self.trusts.get()?.listed.items;
        roles.iter().find(|role| role.get("Arn") == stub.get("Arn")).map(|role| Value::clone(role))
    }

    async fn inline_policies(&self, ask: ApiRequest) -> Result<Value, MissingReason> {
        let names =
            complete("iam:ListRolePolicies", self.client.list("iam:ListRolePolicies", ask.clone()).await)?;
        let names = names.iter().filter_map(Value::as_str);
        let each =
            names.map(|name| self.client.one("iam:GetRolePolicy", ask.clone().with("PolicyName", name)));
        let policies = join_all(each).await.into_iter().map(|policy| {
            let mut policy = policy.map_err(|failure| failed("iam:GetRolePolicy", &failure))?;
            if let Value::Object(fields) = &mut policy {
                fields.retain(|name, _| name == "PolicyName" || name == "PolicyDocument");
            }
            Ok(policy)
        });
        policies.collect::<Result<Vec<_>, MissingReason>>().map(Value::Array)
    }

    /// The policies that roles have, and their boundaries.
    pub(super) async fn policies(&self, roles: &SectionAnswer) -> SectionAnswer {
        let attached = roles.items.iter().flat_map(|role| items(&role.value, "AttachedPolicies"));
        let boundaries = roles.items.iter().filter_map(|role| role.value.get("PermissionsBoundary"));
        let arns = attached
            .filter_map(|policy| text(policy, "PolicyArn"))
            .chain(boundaries.filter_map(|boundary| text(boundary, "PermissionsBoundaryArn")));
        let arns: BTreeSet<_> = arns.collect();
        SectionAnswer::all(
            join_all(arns.into_iter().map(|arn| self.policy(arn))).await.into_iter().flatten().collect(),
        )
    }

    async fn policy(&self, arn: &str) -> Option<AnsweredItem> {
        let parsed = Arn::parse(arn).filter(|parsed| parsed.kind == "policy")?;
        let stub = object([("Arn", arn), ("PolicyName", parsed.name)]);
        if ![AWS, &self.client.account].contains(&parsed.account) {
            return Some(foreign(stub, "iam:GetPolicy", parsed.account));
        }
        self.known.get(arn.to_owned(), || self.read_policy(arn, stub)).await
    }

    async fn read_policy(&self, arn: &str, stub: Value) -> Option<AnsweredItem> {
        let ask = ApiRequest::all().with("PolicyArn", arn);
        let mut item = self.read("iam:GetPolicy", ask.clone(), stub).await?;
        if !item.missing.is_empty() {
            return Some(item);
        }
        let version = text(&item.value, "DefaultVersionId").unwrap_or_default().to_owned();
        let answer = self.client.one("iam:GetPolicyVersion", ask.with("VersionId", version)).await;
        let document = answer.map(|version| version.get("Document").cloned().unwrap_or_default());
        item.put("Document", document.map_err(|failure| failed("iam:GetPolicyVersion", &failure)));
        Some(item)
    }

    /// The users among some principals.
    pub(super) async fn users(&self, principals: &BTreeSet<String>) -> SectionAnswer {
        SectionAnswer::all(
            join_all(principals.iter().map(|arn| self.user(arn))).await.into_iter().flatten().collect(),
        )
    }

    async fn user(&self, arn: &str) -> Option<AnsweredItem> {
        let parsed = Arn::parse(arn).filter(|parsed| parsed.kind == "user")?;
        let stub = object([("Arn", arn), ("UserName", parsed.name)]);
        if parsed.account != self.client.account {
            return Some(foreign(stub, "iam:GetUser", parsed.account));
        }
        let ask = ApiRequest::all().with("UserName", parsed.name);
        self.known.get(arn.to_owned(), || self.read("iam:GetUser", ask, stub)).await
    }

    /// The instance profiles among some ARNs.
    pub(super) async fn instance_profiles(&self, arns: &BTreeSet<String>) -> SectionAnswer {
        let each = arns.iter().map(|arn| self.instance_profile(arn));
        SectionAnswer::all(join_all(each).await.into_iter().flatten().collect())
    }

    async fn instance_profile(&self, arn: &str) -> Option<AnsweredItem> {
        let parsed = Arn::parse(arn).filter(|parsed| parsed.kind == "instance-profile")?;
        let stub = object([("Arn", arn), ("InstanceProfileName", parsed.name)]);
        let ask = ApiRequest::all().with("InstanceProfileName", parsed.name);
        self.known.get(arn.to_owned(), || self.read("iam:GetInstanceProfile", ask, stub)).await
    }

    /// The OpenID Connect providers whose issuer is of EKS, in one region.
    pub(super) async fn providers(&self, region: &str) -> SectionAnswer {
        let api = "iam:ListOpenIDConnectProviders";
        let listed = self.providers.get_or_init(|| self.client.list(api, ApiRequest::all())).await;
        let arns = listed.items.iter().filter_map(|provider| text(provider, "Arn"));
        let each = join_all(arns.filter(|arn| is_of_eks(arn, region)).map(|arn| self.provider(arn))).await;
        let missing = listed.failure.clone().map(|failure| failed(api, &failure));
        SectionAnswer { items: each.into_iter().flatten().collect(), missing, known: listed.any }
    }

    async fn provider(&self, arn: &str) -> Option<AnsweredItem> {
        let stub = object([("Arn", arn)]);
        let ask = ApiRequest::all().with("Arn", arn);
        let mut item =
            self.known.get(arn.to_owned(), || self.read("iam:GetOpenIDConnectProvider", ask, stub)).await?;
        item.put("Arn", Ok(arn.into()));
        Some(item)
    }

    /// A resource that one call describes in full.
    async fn read(&self, api: &'static str, ask: ApiRequest, stub: Value) -> Option<AnsweredItem> {
        let item = AnsweredItem::described(api, self.client.one(api, ask).await, || stub);
        (!item.is_gone()).then_some(item)
    }
}

/// Issuers are called `oidc.eks.REGION.amazonaws.com` and `oidc-eks.REGION.api.aws`.
fn is_of_eks(arn: &str, region: &str) -> bool {
    ["oidc.eks.", "oidc-eks."].iter().any(|host| arn.contains(&format!("/{host}{region}.")))
}

fn foreign(stub: Value, api: &'static str, account: &str) -> AnsweredItem {
    let reason = format!("belongs to the account {account}, which was not read");
    AnsweredItem::stub(stub, MissingReason { api: Some(api), kind: MissingKind::NotApplicable, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_of_iam_are_read() {
        let parsed = Arn::parse("arn:aws:iam::111122223333:role/team/a/reader").unwrap();
        assert_eq!((parsed.account, parsed.kind, parsed.name), ("111122223333", "role", "reader"));
        let parsed = Arn::parse("arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy").unwrap();
        assert_eq!((parsed.account, parsed.name), ("aws", "AmazonEBSCSIDriverPolicy"));
        for other in
            ["arn:aws:sts::111122223333:assumed-role/a/b", "arn:aws:iam::111122223333:root", "", "role/a"]
        {
            assert!(Arn::parse(other).is_none(), "{other}");
        }
    }

    #[test]
    fn issuers_belong_to_one_region() {
        let arn = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A";
        assert!(is_of_eks(arn, "eu-west-1") && !is_of_eks(arn, "eu-west-2"));
        assert!(is_of_eks("arn:aws:iam::1:oidc-provider/oidc-eks.eu-west-1.api.aws/id/A", "eu-west-1"));
        assert!(!is_of_eks("arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com", "eu-west-1"));
    }
}
