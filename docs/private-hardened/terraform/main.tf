# The cluster of fixtures/private-hardened.json, as the Terraform configuration that makes it.

provider "aws" {
  region = "ap-northeast-2"

  default_tags {
    tags = { Environment = "production", Owner = "payments", CostCenter = "4711" }
  }
}

resource "aws_eks_cluster" "this" {
  name                          = "private-hardened"
  version                       = "1.36"
  role_arn                      = aws_iam_role.cluster.arn
  enabled_cluster_log_types     = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
  deletion_protection           = true
  bootstrap_self_managed_addons = false

  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = aws_kms_key.secrets.arn
    }
  }

  kubernetes_network_config {
    service_ipv4_cidr = "172.20.0.0/16"
  }

  upgrade_policy {
    support_type = "STANDARD"
  }

  vpc_config {
    subnet_ids              = [for zone in local.zones : aws_subnet.control_plane[zone].id]
    security_group_ids      = [aws_security_group.api_access.id]
    endpoint_public_access  = false
    endpoint_private_access = true
  }

  zonal_shift_config {
    enabled = true
  }
}

resource "aws_kms_key" "secrets" {
  description         = "Secrets of private-hardened"
  enable_key_rotation = true
}

resource "aws_launch_template" "nodes" {
  name = "private-hardened-nodes"

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  dynamic "block_device_mappings" {
    for_each = ["/dev/xvda", "/dev/xvdb"]

    content {
      device_name = block_device_mappings.value

      ebs {
        encrypted = true
      }
    }
  }
}

resource "aws_eks_node_group" "apps" {
  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "apps"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = [for zone in local.zones : aws_subnet.nodes[zone].id]
  version         = aws_eks_cluster.this.version
  ami_type        = "BOTTLEROCKET_x86_64"
  instance_types  = ["m7i.large", "m7i-flex.large", "m6i.large"]
  labels          = { workload = "apps" }

  launch_template {
    id      = aws_launch_template.nodes.id
    version = aws_launch_template.nodes.latest_version
  }

  scaling_config {
    min_size     = 3
    max_size     = 9
    desired_size = 3
  }

  update_config {
    max_unavailable_percentage = 33
  }

  node_repair_config {
    enabled = true
  }
}

resource "aws_eks_addon" "this" {
  for_each = {
    coredns                   = { version = "v1.14.3-eksbuild.16" }
    eks-node-monitoring-agent = { version = "v1.6.4-eksbuild.1" }
    eks-pod-identity-agent    = { version = "v1.3.10-eksbuild.3" }
    kube-proxy                = { version = "v1.36.0-eksbuild.21" }
    metrics-server            = { version = "v0.8.1-eksbuild.6" }
    aws-ebs-csi-driver        = { version = "v1.62.0-eksbuild.1", account = "ebs-csi-controller-sa", role = "ebs-csi" }
    vpc-cni = {
      version = "v1.22.4-eksbuild.3"
      account = "aws-node"
      role    = "vpc-cni"
      values  = jsonencode({ enableNetworkPolicy = "true" })
    }
  }

  cluster_name         = aws_eks_cluster.this.name
  addon_name           = each.key
  addon_version        = each.value.version
  configuration_values = try(each.value.values, null)

  dynamic "pod_identity_association" {
    for_each = can(each.value.role) ? [each.value] : []

    content {
      service_account = pod_identity_association.value.account
      role_arn        = aws_iam_role.pod[pod_identity_association.value.role].arn
    }
  }
}

resource "aws_eks_pod_identity_association" "payments_api" {
  cluster_name    = aws_eks_cluster.this.name
  namespace       = "payments"
  service_account = "payments-api"
  role_arn        = aws_iam_role.pod["payments-api"].arn
}

resource "aws_eks_access_entry" "deployer" {
  cluster_name      = aws_eks_cluster.this.name
  principal_arn     = "arn:aws:iam::444455556666:role/payments-deployer"
  kubernetes_groups = ["payments:deployers"]
}

resource "aws_eks_access_entry" "engineer" {
  cluster_name  = aws_eks_cluster.this.name
  principal_arn = "arn:aws:iam::444455556666:role/platform-engineer"
}

resource "aws_eks_access_policy_association" "engineer" {
  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_eks_access_entry.engineer.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"

  access_scope {
    type = "cluster"
  }
}
