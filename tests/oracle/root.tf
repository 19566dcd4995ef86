# What the expressions of expressions.txt refer to.

variable "name" {
  type    = string
  default = "apps"
}

variable "environment" {
  default = "prod"
}

variable "create" {
  type    = bool
  default = true
}

variable "create_text" {
  type    = bool
  default = "false"
}

variable "nothing" {
  type    = string
  default = null
}

variable "size" {
  type    = number
  default = "3"
}

variable "vpc_cidr" {
  default = "10.20.0.0/16"
}

variable "zones" {
  type    = list(string)
  default = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
}

variable "cidrs" {
  type    = set(string)
  default = ["192.168.0.0/24", "10.0.0.0/8", "192.168.0.0/24"]
}

variable "tags" {
  type = map(string)
  default = {
    Owner = "platform"
    Cost  = 42
  }
}

variable "no_tags" {
  type    = map(string)
  default = {}
}

variable "cluster" {
  type = object({
    version      = optional(string, "1.33")
    public       = optional(bool, false)
    log_types    = optional(list(string), ["api", "audit"])
    ip_family    = optional(string)
    support_type = string
  })
  default = {
    support_type = "STANDARD"
    public       = "true"
    extra        = "left out"
  }
}

variable "node_groups" {
  type = map(object({
    instance_types = optional(list(string), ["m5.large"])
    min_size       = optional(number, 1)
    max_size       = optional(number)
    labels         = optional(map(string), {})
    taints = optional(list(object({
      key    = string
      value  = optional(string)
      effect = optional(string, "NO_SCHEDULE")
    })), [])
  }))
  default = {
    general = {
      min_size = 2
      labels   = { role = "general" }
    }
    gpu = {
      instance_types = ["g5.xlarge", "g5.2xlarge"]
      max_size       = 4
      taints         = [{ key = "gpu", value = true }]
    }
  }
}

variable "rules" {
  type = any
  default = [
    { port = 443, cidr = "10.0.0.0/8", description = "https" },
    { port = 22, cidr = "0.0.0.0/0" },
  ]
}

variable "pair" {
  type    = tuple([string, number])
  default = ["a", "7"]
}

locals {
  cluster_name = "${var.name}-${var.environment}"
  is_prod      = var.environment == "prod"
  azs          = slice(var.zones, 0, 2)
  count        = length(local.azs)
  tags         = merge(var.tags, { Name = local.cluster_name, "kubernetes.io/cluster/${local.cluster_name}" = "owned" })
  private      = [for k, az in local.azs : cidrsubnet(var.vpc_cidr, 4, k)]
  public       = [for k, az in local.azs : cidrsubnet(var.vpc_cidr, 8, k + 48)]
  account      = "111122223333"
  partition    = "aws"
  empty        = []
  nested       = { a = { b = [{ c = "deep" }, { c = "deeper" }] } }
  users = [
    { name = "ann", groups = ["admins", "devs"] },
    { name = "bob", groups = ["devs"] },
  ]
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sts:AssumeRole"], Principal = { Service = "eks.amazonaws.com" } }]
  })
  text = <<-EOT
    first ${var.name}
      second
    third
  EOT
  raw  = <<EOT
  kept
EOT
  loop = <<-EOT
    %{for az in local.azs~}
    - ${az}
    %{endfor~}
  EOT
  margins = <<-EOT
    start
      %{for az in local.azs ~}
      - ${az}
      %{endfor ~}
    end
    ${"x" ~}
    ${"y"}
  EOT
  margins_and_else = <<-EOT
    %{if var.create ~}
    yes
    %{else ~}
    no
    %{endif ~}
    tail $${kept} ${"z"}
  EOT
  margins_of_ends = <<-EOT
      a ${var.name ~}
    ${~ var.name}

	b
        %{~ for az in local.azs}
      ${az}
      %{~ endfor}
  EOT
  loop_without_margin = <<EOT
  %{for az in local.azs ~}
    - ${az}
  %{endfor ~}
EOT
}
