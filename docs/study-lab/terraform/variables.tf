variable "name" {
  type    = string
  default = "study-lab"
}

variable "kubernetes_version" {
  type    = string
  default = "1.30"
}

variable "vpc_cidr" {
  type    = string
  default = "192.168.0.0/16"
}

variable "public_access_cidrs" {
  description = "Who reaches the API server"
  type        = list(string)
  default     = ["0.0.0.0/0"]
}
