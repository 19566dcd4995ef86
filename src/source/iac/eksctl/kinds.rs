//! Types of resources that several files name.

/// A role.
pub(super) const ROLE: &str = "AWS::IAM::Role";
/// A security group.
pub(super) const GROUP: &str = "AWS::EC2::SecurityGroup";
/// A rule of a security group for coming in.
pub(super) const INGRESS: &str = "AWS::EC2::SecurityGroupIngress";
/// A rule of a security group for going out.
pub(super) const EGRESS: &str = "AWS::EC2::SecurityGroupEgress";
/// An access entry.
pub(super) const ENTRY: &str = "AWS::EKS::AccessEntry";
/// An association of Pod Identity.
pub(super) const ASSOCIATION: &str = "AWS::EKS::PodIdentityAssociation";

/// The address of the cluster's OpenID Connect provider.
pub(super) const PROVIDER: &str = "iam.withOIDC";
/// The attribute of a cluster that is the issuer of its tokens.
pub(super) const ISSUER: &str = "OpenIdConnectIssuerUrl";
