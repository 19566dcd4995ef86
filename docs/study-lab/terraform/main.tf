# The cluster of fixtures/study-lab.json, as the Terraform configuration that makes it.

provider "aws" {
  region = "ap-northeast-2"

  default_tags {
    tags = { Team = "플랫폼 스터디 3조" }
  }
}

resource "aws_eks_cluster" "lab" {
  name     = var.name
  version  = var.kubernetes_version
  role_arn = aws_iam_role.cluster.arn

  access_config {
    authentication_mode = "CONFIG_MAP"
  }

  vpc_config {
    subnet_ids              = aws_subnet.public[*].id
    endpoint_public_access  = true
    endpoint_private_access = false
    public_access_cidrs     = var.public_access_cidrs
  }

  tags = {
    Name    = var.name
    Purpose = "EKS 실습 환경"
    Owner   = "김하늘"
  }
}

resource "aws_eks_node_group" "ng1" {
  cluster_name    = aws_eks_cluster.lab.name
  node_group_name = "ng1"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = aws_subnet.public[*].id
  version         = var.kubernetes_version
  release_version = "1.30.9-20250317"
  ami_type        = "AL2_x86_64"
  instance_types  = ["t3.medium"]
  disk_size       = 30
  labels          = { role = "study" }

  scaling_config {
    min_size     = 3
    max_size     = 3
    desired_size = 3
  }

  remote_access {
    ec2_ssh_key = "study-key"
  }
}

resource "aws_eks_addon" "lab" {
  for_each = {
    coredns    = "v1.11.4-eksbuild.2"
    kube-proxy = "v1.30.9-eksbuild.3"
    vpc-cni    = "v1.19.3-eksbuild.1"
  }

  cluster_name  = aws_eks_cluster.lab.name
  addon_name    = each.key
  addon_version = each.value
}
