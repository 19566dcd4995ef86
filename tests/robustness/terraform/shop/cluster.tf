# A cluster with nodes of several kinds, of which many rules find something and others pass.

resource "aws_eks_cluster" "shop" {
  name                      = "shop"
  version                   = "1.31"
  role_arn                  = aws_iam_role.cluster.arn
  enabled_cluster_log_types = ["api", "audit"]
  deletion_protection       = false

  access_config {
    authentication_mode                         = "API_AND_CONFIG_MAP"
    bootstrap_cluster_creator_admin_permissions = true
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = aws_kms_key.secrets.arn
    }
  }

  kubernetes_network_config {
    ip_family         = "ipv4"
    service_ipv4_cidr = "10.40.128.0/20"
  }

  upgrade_policy {
    support_type = "STANDARD"
  }

  vpc_config {
    subnet_ids              = concat(aws_subnet.private[*].id, [aws_subnet.public.id])
    security_group_ids      = [aws_security_group.control_plane.id]
    endpoint_private_access = false
    endpoint_public_access  = true
    public_access_cidrs     = ["0.0.0.0/1", "128.0.0.0/1", "203.0.113.0/24"]
  }

  zonal_shift_config {
    enabled = false
  }

  tags = { Name = "shop", Environment = "prod" }
}

resource "aws_kms_key" "secrets" {
  description         = "Secrets of shop"
  enable_key_rotation = true
}

resource "aws_launch_template" "web" {
  name = "shop-web"

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "optional"
    http_put_response_hop_limit = 2
  }

  network_interfaces {
    associate_public_ip_address = true
    security_groups             = [aws_security_group.nodes.id]
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size = 50
      volume_type = "gp3"
      encrypted   = false
    }
  }
}

resource "aws_launch_template" "batch" {
  name                   = "shop-batch"
  vpc_security_group_ids = [aws_security_group.nodes.id, aws_security_group.batch.id]

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      encrypted = true
    }
  }
}

resource "aws_eks_node_group" "web" {
  cluster_name    = aws_eks_cluster.shop.name
  node_group_name = "web"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = [aws_subnet.public.id]
  version         = "1.28"
  ami_type        = "AL2_x86_64"
  instance_types  = ["m5.large"]

  launch_template {
    id      = aws_launch_template.web.id
    version = aws_launch_template.web.latest_version
  }

  scaling_config {
    min_size     = 2
    max_size     = 6
    desired_size = 2
  }

  update_config {
    max_unavailable_percentage = 100
  }
}

resource "aws_eks_node_group" "batch" {
  cluster_name    = "shop"
  node_group_name = "batch"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = aws_subnet.private[*].id
  version         = "1.31"
  ami_type        = "AL2023_x86_64_STANDARD"
  capacity_type   = "SPOT"
  instance_types  = ["m5.large"]

  launch_template {
    name    = aws_launch_template.batch.name
    version = "$Latest"
  }

  scaling_config {
    min_size     = 0
    max_size     = 20
    desired_size = 1
  }

  update_config {
    max_unavailable = 1
  }

  taint {
    key    = "batch"
    value  = "true"
    effect = "NO_SCHEDULE"
  }
}

resource "aws_eks_node_group" "admin" {
  for_each = { blue = "1.31", green = "1.30" }

  cluster_name    = aws_eks_cluster.shop.id
  node_group_name = "admin-${each.key}"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = [aws_subnet.private[0].id, aws_subnet.private[1].id]
  version         = each.value
  ami_type        = "BOTTLEROCKET_x86_64"
  disk_size       = 30
  instance_types  = ["t3.large", "t3a.large"]

  scaling_config {
    min_size     = 1
    max_size     = 2
    desired_size = 1
  }

  remote_access {
    ec2_ssh_key               = "ops"
    source_security_group_ids = []
  }
}

resource "aws_eks_fargate_profile" "system" {
  cluster_name           = aws_eks_cluster.shop.name
  fargate_profile_name   = "system"
  pod_execution_role_arn = aws_iam_role.fargate.arn
  subnet_ids             = aws_subnet.private[*].id

  selector {
    namespace = "*"
  }
}

resource "aws_eks_addon" "vpc_cni" {
  cluster_name  = aws_eks_cluster.shop.name
  addon_name    = "vpc-cni"
  addon_version = "v1.19.3-eksbuild.1"

  configuration_values = jsonencode({
    enableNetworkPolicy = "false"
    env                 = { ENABLE_PREFIX_DELEGATION = "true" }
  })
}

resource "aws_eks_addon" "ebs" {
  cluster_name             = aws_eks_cluster.shop.name
  addon_name               = "aws-ebs-csi-driver"
  addon_version            = "v1.40.0-eksbuild.1"
  service_account_role_arn = aws_iam_role.ebs.arn
}

resource "aws_eks_addon" "more" {
  count = 2

  cluster_name  = aws_eks_cluster.shop.name
  addon_name    = ["coredns", "kube-proxy"][count.index]
  addon_version = ["v1.11.4-eksbuild.2", "v1.31.3-eksbuild.2"][count.index]
}

resource "aws_eks_access_entry" "ops" {
  cluster_name  = aws_eks_cluster.shop.name
  principal_arn = "arn:aws:iam::111122223333:user/ops"
  type          = "STANDARD"
}

resource "aws_eks_access_policy_association" "ops" {
  cluster_name  = aws_eks_cluster.shop.name
  principal_arn = aws_eks_access_entry.ops.principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

  access_scope {
    type = "cluster"
  }
}

resource "aws_eks_access_entry" "viewer" {
  cluster_name      = aws_eks_cluster.shop.name
  principal_arn     = aws_iam_role.viewer.arn
  kubernetes_groups = ["viewers"]
}

resource "aws_eks_pod_identity_association" "orders" {
  cluster_name    = aws_eks_cluster.shop.name
  namespace       = "orders"
  service_account = "orders"
  role_arn        = aws_iam_role.orders.arn
}
