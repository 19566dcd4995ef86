//! The way from the bytes of an answer to a snapshot, with the SDK's own client and answers written
//! from the API models: what moto does not say, and what it cannot be made to say.

use super::answer::{AnsweredItem, SectionAnswer, SectionAnswers};
use super::call::KeepBody;
use super::client::{Client, Limits, ListAnswer, SharedAnswers};
use super::cluster;
use super::failure::FailureKind;
use super::network;
use super::operations::{ApiRequest, Clients};
use super::region::ListedClusters;
use crate::snapshot::UnknownKind;
use crate::value::Pointer;
use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};

/// What is answered to a request whose address or body has that text: status and body.
type Answers = &'static [(&'static str, u16, &'static str)];

#[derive(Clone, Debug)]
struct Answering(Answers);

impl HttpConnector for Answering {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().map(String::from_utf8_lossy).unwrap_or_default().into_owned();
        let asked = format!("{} {} {body}", request.method(), request.uri());
        let known = self.0.iter().find(|(part, ..)| asked.contains(part));
        let (status, body) = known.map_or((404, "{}"), |(_, status, body)| (*status, *body));
        let status = StatusCode::try_from(status).unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}

fn client(answers: Answers) -> Client {
    let http = http_client_fn(move |_, _| SharedHttpConnector::new(Answering(answers)));
    let credentials = Credentials::new("AKID", "secret", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .http_client(http)
        .build();
    let clients = Clients {
        eks: aws_sdk_eks::Client::from_conf(
            aws_sdk_eks::config::Builder::from(&config).interceptor(KeepBody).build(),
        ),
        ec2: aws_sdk_ec2::Client::from_conf(
            aws_sdk_ec2::config::Builder::from(&config).interceptor(KeepBody).build(),
        ),
        iam: aws_sdk_iam::Client::from_conf(
            aws_sdk_iam::config::Builder::from(&config).interceptor(KeepBody).build(),
        ),
    };
    Client {
        account: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        partition: "aws".to_owned(),
        clients,
        limits: Arc::new(Limits::new(8)),
        locked_out: OnceLock::new(),
        shared: SharedAnswers::default(),
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn one(answers: Answers, api: &str, ask: ApiRequest) -> Value {
    wait(client(answers).one(api, ask)).unwrap()
}

fn list(answers: Answers, api: &str, ask: ApiRequest) -> ListAnswer {
    wait(client(answers).list(api, ask))
}

fn items(listed: ListAnswer) -> Value {
    Value::Array(listed.items.into_iter().map(Arc::unwrap_or_clone).collect())
}

#[test]
fn absent_is_not_false() {
    let body = r#"{"cluster": {"name": "old", "resourcesVpcConfig": {"subnetIds": [], "endpointPrivateAccess": false}}}"#;
    let answers: Answers = Box::leak(Box::new([("/clusters/old", 200, body)]));
    let want =
        json!({"name": "old", "resourcesVpcConfig": {"subnetIds": [], "endpointPrivateAccess": false}});
    assert_eq!(one(answers, "eks:DescribeCluster", ApiRequest::of("old")), want);
}

#[test]
fn fields_of_every_depth_come_through() {
    let answers: Answers = &[(
        "DescribeInstances",
        200,
        "<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId>\
         <metadataOptions><httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit></metadataOptions>\
         <blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-1</volumeId>\
         <attachTime>2026-11-12T03:02:11.000Z</attachTime><deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping>\
         <networkInterfaceSet><item><groupSet><item><groupId>sg-1</groupId></item></groupSet><association>\
         <publicIp>203.0.113.7</publicIp></association></item></networkInterfaceSet><iamInstanceProfile>\
         <arn>arn:aws:iam::111122223333:instance-profile/nodes</arn></iamInstanceProfile><clientToken>t</clientToken>\
         </item></instancesSet></item></reservationSet></DescribeInstancesResponse>",
    )];
    let listed = list(answers, "ec2:DescribeInstances", ApiRequest::all());
    let want = json!([{
        "InstanceId": "i-1",
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {
            "VolumeId": "vol-1", "AttachTime": "2026-11-12T03:02:11+00:00", "DeleteOnTermination": true,
        }}],
        "NetworkInterfaces": [{"Groups": [{"GroupId": "sg-1"}], "Association": {"PublicIp": "203.0.113.7"}}],
        "IamInstanceProfile": {"Arn": "arn:aws:iam::111122223333:instance-profile/nodes"},
    }]);
    assert_eq!(items(listed), want);
}

#[test]
fn what_moto_lacks_of_a_regional_nat_gateway_and_block_public_access_is_read() {
    let answers: Answers = &[
        (
            "DescribeNatGateways",
            200,
            "<DescribeNatGatewaysResponse><natGatewaySet><item><natGatewayId>nat-1</natGatewayId><availabilityMode>regional</availabilityMode>\
             <autoScalingIps>enabled</autoScalingIps><connectivityType>public</connectivityType><state>available</state>\
             <natGatewayAddressSet><item><publicIp>203.0.113.1</publicIp><isPrimary>true</isPrimary></item></natGatewayAddressSet>\
             </item></natGatewaySet></DescribeNatGatewaysResponse>",
        ),
        (
            "DescribeVpcs",
            200,
            "<DescribeVpcsResponse><vpcSet><item><vpcId>vpc-1</vpcId><isDefault>false</isDefault><blockPublicAccessStates>\
             <internetGatewayBlockMode>block-bidirectional</internetGatewayBlockMode></blockPublicAccessStates></item></vpcSet></DescribeVpcsResponse>",
        ),
    ];
    let nat = list(answers, "ec2:DescribeNatGateways", ApiRequest::all()).items;
    assert_eq!(nat[0]["AvailabilityMode"], "regional");
    assert_eq!(nat[0]["AutoScalingIps"], "enabled");
    assert_eq!(nat[0]["NatGatewayAddresses"], json!([{"PublicIp": "203.0.113.1", "IsPrimary": true}]));
    let vpc = list(answers, "ec2:DescribeVpcs", ApiRequest::all()).items;
    assert_eq!(vpc[0]["BlockPublicAccessStates"]["InternetGatewayBlockMode"], "block-bidirectional");
}

#[test]
fn security_groups_keep_every_source() {
    let answers: Answers = &[(
        "DescribeSecurityGroups",
        200,
        "<DescribeSecurityGroupsResponse><securityGroupInfo><item><groupId>sg-1</groupId><groupDescription>d</groupDescription><ipPermissions><item>\
         <ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort>\
         <groups><item><groupId>sg-2</groupId><userId>444455556666</userId><peeringStatus>active</peeringStatus></item></groups>\
         <ipRanges><item><cidrIp>10.0.0.0/8</cidrIp></item></ipRanges><ipv6Ranges><item><cidrIpv6>::/0</cidrIpv6></item></ipv6Ranges>\
         <prefixListIds><item><prefixListId>pl-1</prefixListId></item></prefixListIds></item></ipPermissions>\
         <ipPermissionsEgress/></item></securityGroupInfo></DescribeSecurityGroupsResponse>",
    )];
    let want = json!([{"GroupId": "sg-1", "Description": "d", "IpPermissions": [{
        "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
        "UserIdGroupPairs": [{"GroupId": "sg-2", "UserId": "444455556666", "PeeringStatus": "active"}],
        "IpRanges": [{"CidrIp": "10.0.0.0/8"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
        "PrefixListIds": [{"PrefixListId": "pl-1"}],
    }], "IpPermissionsEgress": []}]);
    assert_eq!(items(list(answers, "ec2:DescribeSecurityGroups", ApiRequest::all())), want);
}

#[test]
fn roles_keep_boundary_last_use_and_trust() {
    let answers: Answers = &[(
        "GetRole",
        200,
        "<GetRoleResponse><GetRoleResult><Role><Arn>arn:aws:iam::111122223333:role/r</Arn><RoleName>r</RoleName>\
         <AssumeRolePolicyDocument>%7B%22Statement%22%3A%5B%7B%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D</AssumeRolePolicyDocument>\
         <CreateDate>2026-01-02T03:04:05Z</CreateDate><PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>\
         <PermissionsBoundaryArn>arn:aws:iam::111122223333:policy/b</PermissionsBoundaryArn></PermissionsBoundary>\
         <RoleLastUsed><LastUsedDate>2026-11-01T00:00:00Z</LastUsedDate><Region>eu-west-1</Region></RoleLastUsed>\
         </Role></GetRoleResult></GetRoleResponse>",
    )];
    let want = json!({
        "Arn": "arn:aws:iam::111122223333:role/r", "RoleName": "r",
        "AssumeRolePolicyDocument": {"Statement": [{"Action": "sts:AssumeRole"}]},
        "CreateDate": "2026-01-02T03:04:05+00:00",
        "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/b"},
        "RoleLastUsed": {"LastUsedDate": "2026-11-01T00:00:00+00:00", "Region": "eu-west-1"},
    });
    assert_eq!(one(answers, "iam:GetRole", ApiRequest::all().with("RoleName", "r")), want);
}

#[test]
fn the_parts_of_a_cluster_stand_under_their_sections() {
    let answers: Answers = &[
        (
            "/identity-provider-configs/describe",
            200,
            r#"{"identityProviderConfig": {"oidc": {"identityProviderConfigName": "corp", "issuerUrl": "https://idp.example"}}}"#,
        ),
        (
            "/identity-provider-configs",
            200,
            r#"{"identityProviderConfigs": [{"type": "oidc", "name": "corp"}]}"#,
        ),
        (
            "/node-groups/gone",
            404,
            r#"{"__type": "ResourceNotFoundException", "message": "No node group found"}"#,
        ),
        ("/node-groups/denied", 403, r#"{"__type": "AccessDeniedException", "message": "no"}"#),
        ("/node-groups", 200, r#"{"nodegroups": ["denied", "gone"]}"#),
    ];
    let sections = wait(cluster::sections(&client(answers), "demo"));
    let provider = &sections.items("identityProviderConfigs")[0].value;
    let want = json!({"type": "oidc", "name": "corp", "oidc": {"identityProviderConfigName": "corp", "issuerUrl": "https://idp.example"}});
    assert_eq!(**provider, want);
    let nodegroups = sections.items("nodegroups");
    assert_eq!(nodegroups.len(), 1, "what is gone is not there");
    assert_eq!(*nodegroups[0].value, json!({"nodegroupName": "denied", "clusterName": "demo"}));
    let reason = nodegroups[0].first_reason().unwrap();
    assert_eq!(reason.entry(Pointer::root(), None).kind, UnknownKind::Denied);
    assert!(!sections.0["addons"].known && sections.0["addons"].missing.is_some());
}

#[test]
fn a_list_that_leads_to_itself_ends() {
    let answers: Answers = &[("/clusters?", 200, r#"{"clusters": ["a"], "nextToken": "again"}"#)];
    let listed = list(answers, "eks:ListClusters", ApiRequest::all());
    assert_eq!(listed.items.len(), 2);
    assert!(listed.failure.is_some_and(|failure| failure.message.contains("next page")));
    // What stands on the pages that were read is kept, once.
    let clusters = wait(ListedClusters::read(&client(answers), None, &[])).unwrap();
    assert_eq!((clusters.names, clusters.failure.is_some()), (vec!["a".to_owned()], true));
    // Names that were given need no list.
    let none: Answers = &[("/clusters?", 403, r#"{"__type": "AccessDeniedException", "message": "no"}"#)];
    let named = wait(ListedClusters::read(&client(none), None, &["b".to_owned()])).unwrap();
    assert_eq!(named.wanted, ["b"]);
    assert!(wait(ListedClusters::read(&client(none), None, &[])).is_err());
}

#[test]
fn errors_of_each_service_are_told_apart() {
    let answers: Answers = &[
        ("/clusters/a", 403, r#"{"__type": "AccessDeniedException", "message": "no"}"#),
        (
            "DescribeVpcs",
            403,
            "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>r</RequestID></Response>",
        ),
        (
            "GetRole",
            404,
            "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>gone</Message></Error></ErrorResponse>",
        ),
        ("GetUser", 502, "<html>bad gateway</html>"),
    ];
    let client = client(answers);
    let kind = |api: &str, ask: ApiRequest| wait(client.one(api, ask)).unwrap_err().kind;
    assert_eq!(kind("eks:DescribeCluster", ApiRequest::of("a")), FailureKind::Denied);
    assert_eq!(kind("ec2:DescribeVpcs", ApiRequest::all()), FailureKind::Denied);
    assert_eq!(kind("iam:GetRole", ApiRequest::all().with("RoleName", "r")), FailureKind::NotFound);
    assert_eq!(kind("iam:GetUser", ApiRequest::all().with("UserName", "u")), FailureKind::Other);
}

/// EC2 refuses a whole call for one image that is gone: the others are asked for one by one.
#[test]
fn what_is_gone_does_not_cost_what_is_there() {
    let answers: Answers = &[
        (
            "ImageId.2=",
            400,
            "<Response><Errors><Error><Code>InvalidAMIID.NotFound</Code><Message>gone</Message></Error></Errors></Response>",
        ),
        (
            "ImageId.1=ami-gone",
            400,
            "<Response><Errors><Error><Code>InvalidAMIID.NotFound</Code><Message>gone</Message></Error></Errors></Response>",
        ),
        (
            "ImageId.1=ami-there",
            200,
            "<DescribeImagesResponse><imagesSet><item><imageId>ami-there</imageId></item></imagesSet></DescribeImagesResponse>",
        ),
    ];
    let mut shared = SectionAnswers::default();
    let instance =
        |id: &str| AnsweredItem::whole(json!({"InstanceId": id, "ImageId": id.replace("i-", "ami-")}));
    shared.add("instances", SectionAnswer::all(vec![instance("i-gone"), instance("i-there")]));
    wait(network::third(&client(answers), &mut shared));
    let images = &shared.0["images"];
    let ids: Vec<_> = images.items.iter().map(|item| &item.value["ImageId"]).collect();
    assert_eq!((ids, images.known, &images.missing), (vec![&json!("ami-there")], true, &None));
}

#[test]
fn a_region_that_does_not_know_a_new_parameter_is_asked_without_it() {
    let answers: Answers = &[
        (
            "IncludeManagedResources",
            400,
            "<Response><Errors><Error><Code>UnknownParameter</Code><Message>no</Message></Error></Errors></Response>",
        ),
        (
            "DescribeInstances",
            200,
            "<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>",
        ),
    ];
    let listed = list(answers, "ec2:DescribeInstances", ApiRequest::all());
    assert!(listed.any && listed.failure.is_none());
}
