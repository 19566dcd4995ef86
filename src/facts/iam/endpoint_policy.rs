//! Whether the policy of a VPC endpoint lets a call through.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>

use super::condition::{Condition, KeyContent, Meets};
use super::policy::{Document, Effect, Principal, Statement, Use};
use super::trust::names_account;
use crate::facts::known::{Known, all, any, not};
use crate::snapshot::Unknown;
use crate::value::Json;
use bumpalo::Bump;

/// A call that goes through a VPC endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndpointCall<'a> {
    /// `ecr:GetAuthorizationToken`
    pub(crate) action: &'a str,
    pub(crate) resource: CalledResource<'a>,
    /// The account of the role that signs it; none if it is not signed, or by somebody else.
    pub(crate) account: Option<&'a str>,
    /// Where it comes from.
    pub(crate) vpc: Option<&'a str>,
    pub(crate) endpoint: &'a str,
}

/// What a call is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CalledResource<'a> {
    /// Actions that know no resources: `*`.
    All,
    Arn(&'a str),
    /// Some that the snapshot does not name.
    NotKnown,
}

/// Whether a policy lets a call through: a statement allows it, and none denies it. What depends on who
/// calls, or on what, beyond what the snapshot tells, is not known.
pub(crate) fn lets_through(policy: Json<'_>, at: &str, call: &EndpointCall<'_>) -> Known<bool> {
    let arena = Bump::new();
    let document = Document::read(policy, at, Use::Identity, &arena)?;
    let of = |effect| document.statements.iter().filter(move |statement| statement.effect == effect);
    let applies = |statement: &Statement<'_>| applies(statement, call);
    all([not(any(of(Effect::Deny).map(applies))), any(of(Effect::Allow).map(applies))])
}

fn applies(statement: &Statement<'_>, call: &EndpointCall<'_>) -> Known<bool> {
    let conditions = statement.conditions.iter().map(|condition| holds(condition, call));
    let others = [
        Ok(statement.actions.cover_action(call.action)),
        is_about(statement, call.resource),
        is_by(statement, call.account),
    ];
    all(others.into_iter().chain(conditions))
}

fn depends(on: &str) -> Unknown {
    Unknown::undecided(format!("the policy of a VPC endpoint depends on {on}, which is not in the snapshot"))
}

fn is_about(statement: &Statement<'_>, resource: CalledResource<'_>) -> Known<bool> {
    let Some(patterns) = &statement.resources else { return Err(depends("resources")) };
    match resource {
        CalledResource::All => Ok(patterns.cover_resource("*")),
        CalledResource::Arn(arn) => Ok(patterns.cover_resource(arn)),
        CalledResource::NotKnown if patterns.cover_everything() => Ok(true),
        CalledResource::NotKnown => Err(depends("which resources nodes use")),
    }
}

/// Whether the caller is among the principals: everyone, or the account that the caller is of.
fn is_by(statement: &Statement<'_>, account: Option<&str>) -> Known<bool> {
    let principals = &statement.principals;
    let is_account = |text: &str| {
        let own = account.is_some_and(|own| names_account(text, own));
        if own { Ok(true) } else { Err(depends("who calls")) }
    };
    if principals.negated || principals.list.is_empty() {
        return Err(depends("who calls"));
    }
    any(principals.list.iter().map(|principal| match principal {
        Principal::Everyone => Ok(true),
        Principal::Aws(text) => is_account(text),
        Principal::Service(_) | Principal::Federated(_) | Principal::Other => Err(depends("who calls")),
    }))
}

/// Whether a condition holds that asks for what is known of the call.
fn holds(condition: &Condition<'_>, call: &EndpointCall<'_>) -> Known<bool> {
    let value = match condition.key.to_ascii_lowercase().as_str() {
        "aws:principalaccount" => call.account,
        "aws:sourcevpc" => call.vpc,
        "aws:sourcevpce" => Some(call.endpoint).filter(|id| !id.is_empty()),
        _ => None,
    };
    let value = value.ok_or_else(|| depends(condition.key))?;
    match condition.met_by(&KeyContent::Values(vec![value.into()])) {
        Meets::Always => Ok(true),
        Meets::Never => Ok(false),
        Meets::Perhaps => Err(depends(condition.key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn answer(statements: &Value, call: EndpointCall<'_>) -> Result<bool, ()> {
        let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        lets_through(Json::Str(&text), "/vpcEndpoints/*/PolicyDocument", &call).map_err(|_| ())
    }

    const LAYERS: &str = "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/some/layer";

    fn layer<'a>() -> EndpointCall<'a> {
        EndpointCall {
            action: "s3:GetObject",
            resource: CalledResource::Arn(LAYERS),
            account: None,
            vpc: Some("vpc-1"),
            endpoint: "vpce-1",
        }
    }

    /// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms>
    #[test]
    fn image_layers_come_from_a_bucket_of_aws() {
        let allow = |action: &str, resource: &str| json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource});
        let bucket = "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*";
        for (statements, expected) in [
            (json!([allow("*", "*")]), Ok(true)),
            (json!([allow("s3:GetObject", bucket)]), Ok(true)),
            (json!([allow("s3:Get*", "arn:aws:s3:::prod-*-starport-layer-bucket/*")]), Ok(true)),
            // Only the account's own buckets.
            (json!([allow("s3:*", "arn:aws:s3:::our-data/*")]), Ok(false)),
            (json!([allow("s3:PutObject", "*")]), Ok(false)),
            (json!([]), Ok(false)),
            (
                json!([allow("*", "*"), {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "NotResource": "arn:aws:s3:::our-data/*"}]),
                Ok(false),
            ),
            (
                json!([allow("*", "*"), {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}]),
                Ok(true),
            ),
            // Whose the bucket is, the snapshot does not tell.
            (
                json!([{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
                    "Condition": {"StringEquals": {"aws:ResourceOrgID": "o-example"}}}]),
                Err(()),
            ),
            // A presigned request is not the node's own.
            (
                json!([{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
                    "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}}]),
                Err(()),
            ),
            // One that holds makes the other irrelevant.
            (
                json!([{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/x"}, "Action": "*", "Resource": "*"},
                    allow("s3:GetObject", bucket)]),
                Ok(true),
            ),
        ] {
            assert_eq!(answer(&statements, layer()), expected, "{statements}");
        }
    }

    #[test]
    fn the_account_of_the_nodes_and_the_vpc_are_known() {
        let call = EndpointCall {
            action: "ec2:DescribeInstances",
            resource: CalledResource::All,
            account: Some("111122223333"),
            ..layer()
        };
        let on = |condition: Value| json!([{"Effect": "Allow", "Principal": "*", "Action": "ec2:*", "Resource": "*", "Condition": condition}]);
        for (statements, expected) in [
            (on(json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}})), Ok(true)),
            (
                on(json!({"StringEquals": {"aws:principalaccount": ["444455556666", "111122223333"]}})),
                Ok(true),
            ),
            (on(json!({"StringEquals": {"aws:PrincipalAccount": "444455556666"}})), Ok(false)),
            (on(json!({"StringNotEquals": {"aws:PrincipalAccount": "444455556666"}})), Ok(true)),
            (on(json!({"StringEquals": {"aws:SourceVpc": "vpc-1"}})), Ok(true)),
            (on(json!({"StringEquals": {"aws:SourceVpc": "vpc-2"}})), Ok(false)),
            (on(json!({"StringLike": {"aws:SourceVpce": "vpce-*"}})), Ok(true)),
            (on(json!({"StringEquals": {"aws:PrincipalOrgID": "o-example"}})), Err(())),
            // A resource of its own is not what this action is about.
            (
                json!([{"Effect": "Allow", "Principal": "*", "Action": "ec2:*", "Resource": "arn:aws:ec2:*:*:instance/*"}]),
                Ok(false),
            ),
            (
                json!([{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "*", "Resource": "*"}]),
                Ok(true),
            ),
            (
                json!([{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/other"}, "Action": "*", "Resource": "*"}]),
                Err(()),
            ),
        ] {
            assert_eq!(answer(&statements, call), expected, "{statements}");
        }
        let pull = EndpointCall { action: "ecr:BatchGetImage", resource: CalledResource::NotKnown, ..call };
        let own = json!([{"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Resource": "arn:aws:ecr:*:111122223333:repository/*"}]);
        assert_eq!(answer(&own, pull), Err(()));
        let none = json!([{"Effect": "Allow", "Principal": "*", "Action": "ecr:Describe*", "Resource": "*"}]);
        assert_eq!(answer(&none, pull), Ok(false));
    }
}
