# Subnets without a way to the internet: what nodes need is reached through VPC endpoints.

locals {
  zones = ["ap-northeast-2a", "ap-northeast-2b", "ap-northeast-2c"]
}

resource "aws_vpc" "this" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "control_plane" {
  for_each = toset(local.zones)

  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet("10.20.240.0/24", 3, index(local.zones, each.key))
  availability_zone = each.key
}

resource "aws_subnet" "nodes" {
  for_each = toset(local.zones)

  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 4, index(local.zones, each.key))
  availability_zone = each.key
  tags              = { "kubernetes.io/role/internal-elb" = "1" }
}

resource "aws_route_table" "private" {
  for_each = toset(local.zones)

  vpc_id = aws_vpc.this.id

  route {
    cidr_block         = "10.80.0.0/16"
    transit_gateway_id = "tgw-0f03da888bae40807"
  }
}

resource "aws_route_table_association" "control_plane" {
  for_each = aws_subnet.control_plane

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[each.key].id
}

resource "aws_route_table_association" "nodes" {
  for_each = aws_subnet.nodes

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[each.key].id
}

resource "aws_security_group" "api_access" {
  name        = "private-hardened-api-access"
  description = "Who may reach the API server"
  vpc_id      = aws_vpc.this.id

  ingress {
    description = "Engineers on the company network"
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["10.80.16.0/22"]
  }
}

resource "aws_security_group" "endpoints" {
  name        = "private-hardened-endpoints"
  description = "VPC endpoints"
  vpc_id      = aws_vpc.this.id

  ingress {
    description = "Nodes and pods"
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = [aws_vpc.this.cidr_block]
  }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = toset([
    "ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "logs", "ssm", "ssmmessages", "sts",
  ])

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.ap-northeast-2.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [for zone in local.zones : aws_subnet.nodes[zone].id]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "*"
      Resource  = "*"
      Condition = { StringEquals = { "aws:PrincipalAccount" = "444455556666" } }
    }]
  })
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.this.id
  service_name    = "com.amazonaws.ap-northeast-2.s3"
  route_table_ids = [for zone in local.zones : aws_route_table.private[zone].id]

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::prod-ap-northeast-2-starport-layer-bucket/*"
    }]
  })
}

resource "aws_flow_log" "this" {
  vpc_id               = aws_vpc.this.id
  traffic_type         = "ALL"
  log_destination_type = "s3"
  log_destination      = "arn:aws:s3:::flow-logs-444455556666"
}
