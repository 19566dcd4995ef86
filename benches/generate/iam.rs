//! The roles of a cluster, of its nodes, its applications and its teams, with their policies.

use super::{ACCOUNT, Cluster, Sections, TEAMS};
use serde_json::{Value, json};

/// Applications with a role of their own.
const APPS: usize = 4;

impl Cluster {
    pub(super) fn of_iam(&mut self) -> Sections {
        vec![
            ("roles", self.roles()),
            ("users", if self.has_user { json!([self.user()]) } else { json!([]) }),
            ("policies", super::each(2, |at| self.policy(at))),
            ("instanceProfiles", json!([self.instance_profile()])),
            ("openIDConnectProviders", json!([self.provider()])),
        ]
    }

    fn roles(&mut self) -> Value {
        let pods = self.trust_in_pods();
        let mut roles = vec![
            self.role_of("cluster", &trust_in("eks.amazonaws.com"), &["AmazonEKSClusterPolicy"]),
            self.role_of("node", &trust_in("ec2.amazonaws.com"), &NODE_POLICIES),
            self.role_of(
                "fargate",
                &trust_in("eks-fargate-pods.amazonaws.com"),
                &["AmazonEKSFargatePodExecutionRolePolicy"],
            ),
            self.role_of("vpc-cni", &pods, &["AmazonEKS_CNI_Policy"]),
            self.role_of(
                "ebs-csi",
                &self.trust_in_account("StringEquals", "kube-system:ebs-csi-controller-sa"),
                &["service-role/AmazonEBSCSIDriverPolicy"],
            ),
        ];
        roles.extend((0..APPS).map(|at| self.app(at, &pods)));
        let teams = if self.has_user { TEAMS - 1 } else { TEAMS };
        for at in 0..teams {
            let trust = json!({ "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow",
                "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") },
                "Action": "sts:AssumeRole"
            }] });
            roles.push(self.role_of(
                &format!("team-{at}"),
                &trust,
                if at == 0 { &["AdministratorAccess"] } else { &[] },
            ));
        }
        Value::Array(roles)
    }

    fn role_of(&mut self, name: &str, trust: &Value, policies: &[&str]) -> Value {
        let attached = |path: &&str| {
            let name = path.rsplit('/').next().unwrap_or_default();
            json!({ "PolicyName": name, "PolicyArn": format!("arn:aws:iam::aws:policy/{path}") })
        };
        json!({
            "Path": "/",
            "RoleName": format!("{}-{name}", self.name),
            "RoleId": self.random.iam_id("AROA"),
            "Arn": self.role(name),
            "CreateDate": self.random.time(),
            "AssumeRolePolicyDocument": trust,
            "MaxSessionDuration": 3600,
            "Tags": [],
            "RoleLastUsed": { "LastUsedDate": self.random.time(), "Region": self.region },
            "AttachedPolicies": policies.iter().map(attached).collect::<Vec<_>>(),
            "InlinePolicies": []
        })
    }

    /// Two applications get their roles by tokens, two by Pod Identity; some trust too many accounts.
    fn app(&mut self, at: usize, pods: &Value) -> Value {
        let trust = match (at, self.random.chance(30)) {
            (0, true) => self.trust_in_account("StringLike", "media:*"),
            (3, true) => self.trust_in_account("StringLike", "*:app-3"),
            (0 | 3, false) => self.trust_in_account("StringEquals", &format!("media:app-{at}")),
            _ => pods.clone(),
        };
        let name = format!("app-{at}");
        let mut role = self.role_of(&name, &trust, &[]);
        match at {
            0 | 1 => {
                role["InlinePolicies"] =
                    json!([{ "PolicyName": "own-bucket", "PolicyDocument": self.own_bucket(&name) }]);
            }
            _ => {
                let policy = format!("{}-{}", self.name, POLICIES[at - 2]);
                role["AttachedPolicies"] = json!([{
                    "PolicyName": policy,
                    "PolicyArn": format!("arn:aws:iam::{ACCOUNT}:policy/{policy}")
                }]);
            }
        }
        role
    }

    fn own_bucket(&self, app: &str) -> Value {
        json!({ "Version": "2012-10-17", "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                "Resource": format!("arn:aws:s3:::{}-{app}/*", self.name)
            },
            { "Effect": "Allow", "Action": "s3:ListBucket", "Resource": format!("arn:aws:s3:::{}-{app}", self.name) }
        ] })
    }

    /// The trust of roles that Pod Identity gives to pods.
    fn trust_in_pods(&self) -> Value {
        json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "pods.eks.amazonaws.com" },
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {
                "StringEquals": { "aws:SourceAccount": ACCOUNT },
                "ArnEquals": { "aws:SourceArn": self.arn("cluster") }
            }
        }] })
    }

    /// The trust of roles for service accounts.
    fn trust_in_account(&self, operator: &str, subject: &str) -> Value {
        let issuer = self.issuer();
        json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": { "Federated": format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}") },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": { (operator): {
                (format!("{issuer}:aud")): "sts.amazonaws.com",
                (format!("{issuer}:sub")): format!("system:serviceaccount:{subject}")
            } }
        }] })
    }

    fn user(&mut self) -> Value {
        json!({
            "Path": "/",
            "UserName": "jiwoo",
            "UserId": self.random.iam_id("AIDA"),
            "Arn": format!("arn:aws:iam::{ACCOUNT}:user/jiwoo"),
            "CreateDate": self.random.time()
        })
    }

    fn policy(&mut self, at: usize) -> Value {
        let name = format!("{}-{}", self.name, POLICIES[at]);
        let document = if at == 0 { self.reports() } else { self.pipeline() };
        json!({
            "Arn": format!("arn:aws:iam::{ACCOUNT}:policy/{name}"),
            "PolicyName": name,
            "DefaultVersionId": "v1",
            "Document": document
        })
    }

    fn reports(&self) -> Value {
        json!({ "Version": "2012-10-17", "Statement": [
            {
                "Sid": "Queue",
                "Effect": "Allow",
                "Action": ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
                "Resource": format!("arn:aws:sqs:{}:{ACCOUNT}:reports-*", self.region)
            },
            {
                "Sid": "Table",
                "Effect": "Allow",
                "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
                "Resource": format!("arn:aws:dynamodb:{}:{ACCOUNT}:table/reports", self.region),
                "Condition": { "StringEquals": { "aws:ResourceTag/team": "media" } }
            },
            { "Sid": "Parameters", "Effect": "Allow", "Action": "ssm:GetParameter*", "Resource": "*" }
        ] })
    }

    /// What deploys: it may write images, and sometimes far more.
    fn pipeline(&mut self) -> Value {
        let wide = self.random.chance(30);
        let actions = if wide { json!(["iam:PassRole", "ec2:*"]) } else { json!(["ec2:Describe*"]) };
        json!({ "Version": "2012-10-17", "Statement": [
            {
                "Sid": "Images",
                "Effect": "Allow",
                "Action": ["ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"],
                "Resource": format!("arn:aws:ecr:{}:{ACCOUNT}:repository/media/*", self.region)
            },
            { "Sid": "Nodes", "Effect": "Allow", "Action": actions, "Resource": "*" },
            {
                "Sid": "NoKeys",
                "Effect": "Deny",
                "Action": ["iam:CreateAccessKey", "iam:UpdateLoginProfile"],
                "Resource": "*"
            }
        ] })
    }

    fn instance_profile(&mut self) -> Value {
        json!({
            "Path": "/",
            "InstanceProfileName": self.profile,
            "InstanceProfileId": self.random.iam_id("AIPA"),
            "Arn": format!("arn:aws:iam::{ACCOUNT}:instance-profile/{}", self.profile),
            "CreateDate": self.random.time(),
            "Roles": [{
                "Path": "/",
                "RoleName": format!("{}-node", self.name),
                "RoleId": self.random.iam_id("AROA"),
                "Arn": self.role("node"),
                "CreateDate": self.random.time()
            }],
            "Tags": []
        })
    }

    fn provider(&mut self) -> Value {
        json!({
            "Arn": format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{}", self.issuer()),
            "Url": self.issuer(),
            "ClientIDList": ["sts.amazonaws.com"],
            "ThumbprintList": ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"],
            "CreateDate": self.random.time(),
            "Tags": []
        })
    }
}

/// Policies of the account, one for each of the last applications.
const POLICIES: [&str; 2] = ["reports", "pipeline"];

const NODE_POLICIES: [&str; 3] =
    ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonSSMManagedInstanceCore"];

/// The trust of roles of a service.
fn trust_in(service: &str) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": { "Service": service },
        "Action": "sts:AssumeRole"
    }] })
}
