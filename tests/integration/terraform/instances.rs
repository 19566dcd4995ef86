//! Instances: a template has those that it describes, and of a cluster that is yet to be made none runs.

use super::{each, folder, list, report, run};
use serde_json::Value;

/// A private cluster with a node group in subnets of the template.
const CLUSTER: &str = r#"
resource "aws_vpc" "a" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "a" {
  count             = 2
  vpc_id            = aws_vpc.a.id
  cidr_block        = "10.0.${count.index}.0/24"
  availability_zone = ["eu-west-1a", "eu-west-1b"][count.index]
}
resource "aws_internet_gateway" "a" {
  vpc_id = aws_vpc.a.id
}
resource "aws_route_table" "a" {
  vpc_id = aws_vpc.a.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.a.id
  }
}
resource "aws_route_table_association" "a" {
  count          = 2
  subnet_id      = aws_subnet.a[count.index].id
  route_table_id = aws_route_table.a.id
}
resource "aws_security_group" "eks" {
  vpc_id = aws_vpc.a.id
  ingress {
    from_port       = 443
    to_port         = 443
    protocol        = "tcp"
    security_groups = [aws_security_group.bastion.id]
  }
}
resource "aws_security_group" "bastion" {
  vpc_id = aws_vpc.a.id
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_eks_cluster" "a" {
  name     = "a"
  role_arn = "arn:aws:iam::111122223333:role/a"
  vpc_config {
    subnet_ids              = aws_subnet.a[*].id
    security_group_ids      = [aws_security_group.eks.id]
    endpoint_public_access  = false
    endpoint_private_access = true
  }
}
"#;

const BASTION: &str = r#"
resource "aws_instance" "bastion" {
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "t3.micro"
  subnet_id                   = aws_subnet.a[0].id
  vpc_security_group_ids      = [aws_security_group.bastion.id]
  associate_public_ip_address = true
}
"#;

const GROUP: &str = "resource \"aws_autoscaling_group\" \"nodes\" {\n  max_size = 3\n  min_size = 1\n}\n";

/// The rules that were not evaluated, or do not apply, because of instances.
fn because_of_instances(report: &Value) -> Vec<&str> {
    let reasons = list(&report["notEvaluated"]).iter();
    let about = reasons.filter(|one| one["at"].as_str().is_some_and(|at| at.starts_with("/instances")));
    about.flat_map(|one| list(&one["rules"])).filter_map(Value::as_str).collect()
}

#[test]
fn without_instances_rules_on_nodes_follow_from_node_groups() {
    let dir = folder(&[("main.tf", CLUSTER)]);
    let scanned = report(dir.path(), &[".", "--level", "all"]);
    assert_eq!(because_of_instances(&scanned), [""; 0], "{:#}", scanned["notEvaluated"]);
    let (_, out, _) = run(dir.path(), &["snapshot", "import", "."]);
    let snapshot: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(snapshot["instances"], serde_json::json!([]));
    // How many nodes a group starts that is not of EKS, nobody knows.
    let dir = folder(&[("main.tf", &format!("{CLUSTER}{GROUP}"))]);
    let scanned = report(dir.path(), &[".", "--level", "all"]);
    assert!(because_of_instances(&scanned).contains(&"nodes-cannot-reach-api-server"), "{scanned:#}");
    let reason = "aws_autoscaling_group.nodes starts instances that are not in the template";
    assert!(each(&scanned["notEvaluated"], "reason").contains(&reason), "{:#}", scanned["notEvaluated"]);
}

#[test]
fn an_instance_in_the_vpc_is_one_that_reaches_the_cluster() {
    let dir = folder(&[("main.tf", &format!("{CLUSTER}{BASTION}"))]);
    let (code, out, _) = run(
        dir.path(),
        &["scan", ".", "-f", "concise", "-q", "--select", "private-endpoint-behind-open-bastion"],
    );
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("aws_instance.bastion reaches the private endpoint of a"), "{out}");
    // A node of another cluster is not this one's.
    let tagged =
        BASTION.replace("  ami ", "  tags = { \"kubernetes.io/cluster/other\" = \"owned\" }\n  ami ");
    let dir = folder(&[("main.tf", &format!("{CLUSTER}{tagged}"))]);
    let (_, out, _) = run(dir.path(), &["snapshot", "import", "."]);
    let snapshot: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(snapshot["instances"], serde_json::json!([]));
}

#[test]
fn zones_are_told_apart_by_what_templates_say_of_them() {
    let zones = |text: &str| {
        let text = CLUSTER.replace("[\"eu-west-1a\", \"eu-west-1b\"][count.index]", text);
        let all = format!("{text}\ndata \"aws_availability_zones\" \"x\" {{}}\n");
        let dir = folder(&[("main.tf", &all)]);
        let scanned = report(dir.path(), &[".", "--select", "subnets-too-few-zones"]);
        (list(&scanned["findings"]).len(), list(&scanned["notEvaluated"]).len())
    };
    assert_eq!(zones("[\"eu-west-1a\", \"eu-west-1b\"][count.index]"), (0, 0));
    assert_eq!(zones("data.aws_availability_zones.x.names[count.index]"), (0, 0));
    assert_eq!(zones("\"eu-west-1a\""), (1, 0));
    assert_eq!(zones("data.aws_availability_zones.x.names[0]"), (1, 0));
    // The first zone of the list may be the other one.
    assert_eq!(zones("[\"eu-west-1a\", data.aws_availability_zones.x.names[0]][count.index]"), (0, 1));
}

#[test]
fn a_service_range_that_eks_chooses_is_one_of_two() {
    let scanned = |vpc: &str| {
        let text = CLUSTER.replace("cidr_block = \"10.0.0.0/16\"", &format!("cidr_block = \"{vpc}\""));
        let dir = folder(&[("main.tf", &text)]);
        let scanned = report(dir.path(), &[".", "--select", "service-cidr-overlaps"]);
        let summary = &scanned["summary"];
        (list(&scanned["findings"]).len(), summary["passed"].clone(), summary["notEvaluated"].clone())
    };
    assert_eq!(scanned("10.0.0.0/16"), (0, 1.into(), 0.into()));
    // EKS may choose the other one.
    assert_eq!(scanned("172.20.0.0/16"), (0, 0.into(), 1.into()));
    // Where the file says it, it is that one.
    let text = CLUSTER.replace(
        "  vpc_config {",
        "  kubernetes_network_config {\n    service_ipv4_cidr = \"10.0.0.0/20\"\n  }\n  vpc_config {",
    );
    let dir = folder(&[("main.tf", &text)]);
    assert_eq!(list(&report(dir.path(), &[".", "--select", "service-cidr-overlaps"])["findings"]).len(), 1);
}
