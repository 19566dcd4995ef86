//! A repository as people lay it out: an environment that calls a module, with what it gives to it.

use super::folder;
use tempfile::TempDir;

pub(super) const ROOT: &str = r#"variable "cidrs" {
  type    = list(string)
  default = ["0.0.0.0/0"]
}

variable "log_types" {
  type = list(string)
}

module "eks" {
  source    = "../../modules/eks"
  name      = "prod"
  cidrs     = var.cidrs
  log_types = var.log_types
}
"#;

pub(super) const CLUSTER: &str = r#"resource "aws_eks_cluster" "this" {
  name     = var.name
  version  = "1.37"
  role_arn = "arn:aws:iam::111122223333:role/prod"

  enabled_cluster_log_types = var.log_types

  vpc_config {
    subnet_ids          = ["subnet-1", "subnet-2"]
    public_access_cidrs = var.cidrs
  }
}
"#;

pub(super) const NODES: &str = r#"resource "aws_eks_node_group" "apps" {
  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "apps"
  node_role_arn   = "arn:aws:iam::111122223333:role/nodes"
  subnet_ids      = ["subnet-1", "subnet-2"]

  scaling_config {
    desired_size = 2
    max_size     = 3
    min_size     = 1
  }

  remote_access {
    ec2_ssh_key = "ops"
  }
}
"#;

const VARIABLES: &str = r#"variable "name" {
  type = string
}

variable "cidrs" {
  type = list(string)
}

variable "log_types" {
  type = list(string)
}
"#;

/// Rules that find something in it: one through the default of a variable, one through a file of variables, one through what
/// stands in the module.
pub(super) const THREE_RULES: [&str; 4] = [
    "--select",
    "endpoint-open-to-internet,nodegroup-ssh-open-to-internet,audit-logging-disabled",
    "--as-of",
    "2026-11-21",
];

/// The repository.
pub(super) fn repository() -> TempDir {
    folder(&[
        ("infra/envs/prod/main.tf", ROOT),
        ("infra/envs/prod/terraform.tfvars", "log_types = [\"api\"]\n"),
        ("infra/modules/eks/main.tf", CLUSTER),
        ("infra/modules/eks/nodes.tf", NODES),
        ("infra/modules/eks/variables.tf", VARIABLES),
    ])
}
