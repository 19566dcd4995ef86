//! One region of one account: makes calls, a limited number at once per service, and gives what
//! they answer as the AWS CLI prints it.
//!
//! The SDK signs, sends, retries and checks; what it reads is thrown away, and an interceptor keeps
//! each body as it arrived. So an absent boolean stays absent, and a field that the SDK does not
//! know yet stays too.

use super::call::{Call, Patience};
use super::failure::{CallFailure, FailureKind};
use super::once::Once;
use super::operations::{self, ApiRequest, Clients, Operation};
use super::wire;
use crate::snapshot::section;
use crate::source::assemble::clean;
use crate::value::Json;
use bumpalo::Bump;
use serde_json::Value;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// No list has so many pages.
const MAX_PAGES: usize = 100_000;
/// What a call is worth that the region may not know: who waits for it waits in vain.
const OPTIONAL: Patience = Patience { failures: Some(2), time: Some(Duration::from_secs(2)) };

/// How many calls may be under way at once, for each service.
#[derive(Debug)]
pub(super) struct Limits {
    eks: Semaphore,
    ec2: Semaphore,
    iam: Semaphore,
}

impl Limits {
    pub(super) fn new(each: usize) -> Self {
        Self { eks: Semaphore::new(each), ec2: Semaphore::new(each), iam: Semaphore::new(each) }
    }

    fn of(&self, api: &str) -> &Semaphore {
        match api.split(':').next() {
            Some("eks") => &self.eks,
            Some("ec2") => &self.ec2,
            _ => &self.iam,
        }
    }
}

/// A region of an account.
pub(super) struct Client {
    /// The account's id.
    pub(super) account: String,
    /// The region.
    pub(super) region: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub(super) partition: String,
    /// The SDK's clients.
    pub(super) clients: Clients,
    /// Shared by all regions and accounts of a scan.
    pub(super) limits: Arc<Limits>,
    /// Why the credentials are not accepted, once they are not.
    pub(super) locked_out: OnceLock<CallFailure>,
    /// What several clusters ask for.
    pub(super) shared: SharedAnswers,
}

/// What was answered to calls that several clusters may need: each is made once.
#[derive(Default)]
pub(super) struct SharedAnswers {
    one: Once<(&'static str, ApiRequest), Result<Value, CallFailure>>,
    lists: Once<(&'static str, ApiRequest), ListAnswer>,
}

/// What a list call gave: the resources of all pages up to the one that failed, if one did.
#[derive(Clone, Debug, Default)]
pub(super) struct ListAnswer {
    pub(super) items: Vec<Arc<Value>>,
    pub(super) failure: Option<CallFailure>,
    /// Whether any page was read.
    pub(super) any: bool,
}

/// One page.
struct AnswerPage {
    value: Value,
    next: Option<String>,
}

impl Client {
    /// The ARN of a cluster.
    pub(super) fn cluster_arn(&self, name: &str) -> String {
        let Self { partition, region, account, .. } = self;
        format!("arn:{partition}:eks:{region}:{account}:cluster/{name}")
    }

    /// The answer of a call that describes one resource.
    pub(super) async fn one(&self, api: &str, ask: ApiRequest) -> Result<Value, CallFailure> {
        self.call(api, ask).await.map(|page| page.value)
    }

    /// As [`one`](Self::one), for a call that several clusters may make: it is made once.
    pub(super) async fn one_once(&self, api: &'static str, ask: ApiRequest) -> Result<Value, CallFailure> {
        self.shared.one.get((api, ask.clone()), || self.one(api, ask)).await
    }

    /// As [`list`](Self::list), for a call that several clusters may make: it is made once.
    pub(super) async fn list_once(&self, api: &'static str, ask: ApiRequest) -> ListAnswer {
        self.shared.lists.get((api, ask.clone()), || self.list(api, ask)).await
    }

    /// The answers of a call that lists, all pages.
    pub(super) async fn list(&self, api: &str, ask: ApiRequest) -> ListAnswer {
        let mut listed = ListAnswer::default();
        let mut next = ask;
        let mut last = None;
        for _ in 0..MAX_PAGES {
            let page = match self.call(api, next.clone()).await {
                Ok(page) => page,
                Err(failure) if failure.code.as_deref() == Some("UnknownParameter") && !next.is_plain() => {
                    next = next.plain();
                    continue;
                }
                Err(failure) => return ListAnswer { failure: Some(failure), ..listed },
            };
            listed.any = true;
            match page.value {
                Value::Array(items) => listed.items.extend(items.into_iter().map(Arc::new)),
                Value::Null => {}
                item => listed.items.push(Arc::new(item)),
            }
            match page.next {
                None => return listed,
                Some(token) if last.as_ref() == Some(&token) => break,
                Some(token) => {
                    next = next.page(token.clone());
                    last = Some(token);
                }
            }
        }
        ListAnswer { failure: Some(CallFailure::malformed("leads to itself as its next page")), ..listed }
    }

    async fn call(&self, api: &str, ask: ApiRequest) -> Result<AnswerPage, CallFailure> {
        if let Some(failure) = self.locked_out.get() {
            return Err(failure.clone());
        }
        let operation = operations::by_api(api).ok_or_else(|| CallFailure::malformed("nobody asks for"))?;
        let optional = section::call(api).is_some_and(|call| call.optional);
        let call = Call::new(if optional { OPTIONAL } else { Patience::default() });
        let permit = self.limits.of(api).acquire().await;
        let result = call.make((operation.send)(&self.clients, ask)).await;
        drop(permit);
        match result {
            Ok(()) => page(operation, &call.take_body()),
            Err(failure) => {
                if failure.kind == FailureKind::Credentials {
                    let _ = self.locked_out.set(failure.clone());
                }
                Err(failure)
            }
        }
    }
}

/// Reads one page: the field that was asked for, without secrets, and where the next page is.
fn page(operation: &Operation, body: &[u8]) -> Result<AnswerPage, CallFailure> {
    let arena = Bump::new();
    let text = std::str::from_utf8(body).map_err(|_| CallFailure::malformed("is not UTF-8"))?;
    let answer = match operation.api.starts_with("eks:") {
        true => Json::parse(text, &arena)
            .map_err(|error| CallFailure::malformed(format!("is not JSON: {error}")))?,
        false => wire::read(operation.api, text, &arena).map_err(CallFailure::malformed)?,
    };
    if answer.as_object().is_none() {
        return Err(CallFailure::malformed("is no object"));
    }
    let taken = match operation.field {
        "" => Some(answer),
        // An absent list is empty.
        field => answer.get(field),
    };
    let value = taken.map_or(Json::Null, |node| cleaned(operation, node, &arena));
    let value = serde_json::to_value(value).map_err(CallFailure::malformed)?;
    Ok(AnswerPage { value, next: next(answer) })
}

/// What a snapshot may hold of it.
fn cleaned<'t>(operation: &Operation, node: Json<'t>, arena: &'t Bump) -> Json<'t> {
    let Some(section) = section::by_call(operation.api) else { return node };
    match node {
        Json::List(reservations) if section.name == "instances" => {
            let instances = reservations.iter().filter_map(|one| one.get("Instances")?.as_list()).flatten();
            Json::list(arena, instances.map(|instance| clean(section, *instance, arena)))
        }
        Json::List(items) => Json::list(arena, items.iter().map(|item| clean(section, *item, arena))),
        node => clean(section, node, arena),
    }
}

/// The token of the next page, if there is one.
fn next(answer: Json<'_>) -> Option<String> {
    let text = |field: &str| answer.get(field)?.as_str().filter(|token| !token.is_empty());
    let marker = || text("Marker").filter(|_| answer.get("IsTruncated") == Some(Json::Bool(true)));
    text("nextToken").or_else(|| text("NextToken")).or_else(marker).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(api: &str, body: &str) -> Result<(String, Option<String>), String> {
        let operation = operations::by_api(api).ok_or("no such call")?;
        let page = page(operation, body.as_bytes()).map_err(|failure| failure.message)?;
        Ok((page.value.to_string(), page.next))
    }

    #[test]
    fn absent_fields_stay_absent_and_new_ones_stay() {
        let body = r#"{"cluster": {"name": "a", "resourcesVpcConfig": {}, "brandNew": {"on": true},
            "createdAt": 1771898505.5, "certificateAuthority": {"data": "c2VjcmV0"}, "clientRequestToken": "t"}}"#;
        let want = r#"{"name":"a","resourcesVpcConfig":{},"brandNew":{"on":true},"createdAt":"2026-02-24T02:01:45.500000+00:00"}"#;
        assert_eq!(read("eks:DescribeCluster", body), Ok((want.to_owned(), None)));
    }

    #[test]
    fn instances_stand_in_one_list() {
        let one = |id: &str| {
            format!("<item><instancesSet><item><instanceId>{id}</instanceId></item></instancesSet></item>")
        };
        let body = format!(
            "<R><reservationSet>{}{}</reservationSet><nextToken>t</nextToken></R>",
            one("i-1"),
            one("i-2")
        );
        let want = r#"[{"InstanceId":"i-1"},{"InstanceId":"i-2"}]"#;
        assert_eq!(read("ec2:DescribeInstances", &body), Ok((want.to_owned(), Some("t".to_owned()))));
    }

    #[test]
    fn a_marker_counts_only_where_more_follows() {
        let body = |cut: bool| {
            format!(
                "<R><ListRolesResult><Roles/><IsTruncated>{cut}</IsTruncated><Marker>m</Marker></ListRolesResult></R>"
            )
        };
        assert_eq!(read("iam:ListRoles", &body(true)), Ok(("[]".to_owned(), Some("m".to_owned()))));
        assert_eq!(read("iam:ListRoles", &body(false)), Ok(("[]".to_owned(), None)));
    }

    #[test]
    fn what_is_no_answer_is_said() {
        assert!(read("eks:ListClusters", "{").is_err_and(|message| message.contains("is not JSON")));
        assert!(read("eks:ListClusters", "[]").is_err_and(|message| message.contains("is no object")));
        assert!(read("ec2:DescribeVpcs", "").is_err_and(|message| message.contains("is not XML")));
    }
}
