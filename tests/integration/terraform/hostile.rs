//! Terraform that wants to do harm: it ends in a sentence, reads nothing outside, and no secret of it is in any output.

use super::{OPEN, folder, run};
use crate::support::folder::write;
use crate::support::git::git;
use std::time::{Duration, Instant};

const FORMATS: [&str; 10] =
    ["text", "concise", "json", "sarif", "github", "markdown", "junit", "csv", "ocsf", "asff"];

/// Everything that a scan prints in every format, with all its details.
fn all_outputs(dir: &std::path::Path, path: &str) -> String {
    let mut all = String::new();
    for format in FORMATS {
        let (_, out, err) =
            run(dir, &["scan", path, "-f", format, "--level", "all", "--as-of", "2026-11-21"]);
        all += &format!("{out}{err}");
    }
    for more in [
        &["scan", path, "--full", "--level", "all", "-v"][..],
        &["snapshot", "import", path],
        &["explain", path, "-v"],
    ] {
        let (_, out, err) = run(dir, more);
        all += &format!("{out}{err}");
    }
    all
}

#[test]
fn what_is_deep_endless_or_in_a_circle_ends_in_a_sentence() {
    let deep = format!("locals {{\n  x = {}{}\n}}\n{OPEN}", "[".repeat(100_000), "]".repeat(100_000));
    let many = "resource \"aws_eks_cluster\" \"a\" {\n  for_each = toset([for i in range(1000000000) : tostring(i)])\n  name     = each.key\n  vpc_config {}\n}\n\
        resource \"aws_eks_cluster\" \"b\" {\n  count = 1000000000\n  name  = \"b\"\n  vpc_config {}\n}\n";
    let long = "locals {\n  a = join(\",\", [for i in range(1000) : \"aaaaaaaaaa\"])\n  b = join(\",\", [for i in range(1000) : local.a])\n  \
        c = join(\",\", [for i in range(1000) : local.b])\n  d = join(\",\", [for i in range(1000) : local.c])\n}\n\
        resource \"aws_eks_cluster\" \"a\" {\n  name = local.d\n  vpc_config {}\n}\n";
    let plan = format!(
        "{{\"format_version\": \"1.2\", \"planned_values\": {}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let dir = folder(&[
        ("deep/main.tf", &deep),
        ("many/main.tf", many),
        ("long/main.tf", long),
        (
            "circle/a/main.tf",
            "module \"b\" {\n  source = \"../b\"\n}\nlocals {\n  y = local.z\n  z = local.y\n}\n",
        ),
        ("circle/b/main.tf", "module \"a\" {\n  source = \"../a\"\n}\n"),
        ("plan/plan.json", &plan),
    ]);
    for path in ["deep", "many", "long", "circle", "plan"] {
        let started = Instant::now();
        let (code, out, err) = run(dir.path(), &["scan", path, "--as-of", "2026-11-21"]);
        assert!((0..=2).contains(&code), "{path}: {code} {out}{err}");
        assert!(!err.contains("panicked"), "{path}: {err}");
        assert!(started.elapsed() < Duration::from_secs(60), "{path} took {:?}", started.elapsed());
    }
    let (code, _, err) = run(dir.path(), &["scan", "deep", "--as-of", "2026-11-21"]);
    assert!(code == 2 && err.contains("deep/main.tf:2:"), "{code} {err}");
}

#[test]
fn nothing_outside_of_the_work_tree_is_read() {
    let outside = "resource \"aws_eks_cluster\" \"outside\" {\n  name = \"outsider\"\n  vpc_config {}\n}\n";
    let files = "resource \"aws_eks_cluster\" \"a\" {\n  name    = \"a\"\n  version = trimspace(file(\"../../outside.tf\"))\n  role_arn = file(\"/etc/passwd\")\n  \
        vpc_config {\n    public_access_cidrs = [file(\"/etc/passwd\"), file(\"linked.txt\")]\n  }\n}\n";
    let dir = folder(&[
        ("outside.tf", outside),
        ("module/main.tf", outside),
        ("repository/files/main.tf", files),
        ("repository/module/main.tf", "module \"m\" {\n  source = \"../../module\"\n}\n"),
        ("repository/link/main.tf", "module \"m\" {\n  source = \"./module\"\n}\n"),
    ]);
    let repository = dir.path().join("repository");
    git(&repository, &["init", "--quiet"]);
    for (target, link) in [
        ("../../outside.tf", "link/outside.tf"),
        ("../../module", "link/module"),
        ("/etc/passwd", "files/linked.txt"),
        ("../../outside.tf", "files/terraform.tfvars"),
    ] {
        std::os::unix::fs::symlink(target, repository.join(link)).expect("a link");
    }
    for path in ["files", "module", "link", "."] {
        let all = all_outputs(&repository, path);
        assert!(!all.contains("outsider") && !all.contains("root:"), "{path}: {all}");
    }
    let (code, _, err) = run(&repository, &["scan", "module", "--as-of", "2026-11-21"]);
    assert_eq!(code, 0);
    let want = "module/main.tf:1:8: module.m: ";
    assert!(err.contains(want) && err.contains("outside of the repository"), "{err}");
}

const SECRET: &str = "hunter2-correct-horse";

#[test]
fn no_secret_is_in_any_output() {
    let configuration = format!(
        r##"variable "password" {{
  type      = string
  sensitive = true
  default   = "{SECRET}-default"
}}

locals {{
  derived = "x-${{var.password}}"
}}

resource "aws_eks_cluster" "a" {{
  name     = "a"
  role_arn = "arn:aws:iam::111122223333:role/a"
  tags     = {{ Password = var.password, Derived = local.derived }}
  vpc_config {{
    subnet_ids          = [var.password]
    public_access_cidrs = ["0.0.0.0/0", local.derived]
  }}
}}

resource "aws_launch_template" "a" {{
  user_data = base64encode("#!/bin/bash\nexport PASSWORD={SECRET}-data\n")
}}

resource "aws_eks_node_group" "a" {{
  cluster_name    = aws_eks_cluster.a.name
  node_group_name = "a"
  node_role_arn   = "arn:aws:iam::111122223333:role/n"
  subnet_ids      = ["subnet-1"]
  launch_template {{
    id      = aws_launch_template.a.id
    version = 1
  }}
}}
"##
    );
    let plan = format!(
        r#"{{"format_version": "1.2", "variables": {{"password": {{"value": "{SECRET}-variable"}}}}, "resource_changes": [
            {{"address": "aws_eks_cluster.a", "mode": "managed", "type": "aws_eks_cluster", "name": "a", "change": {{"actions": ["create"], "before": null,
              "after": {{"name": "a", "tags": {{"Password": "{SECRET}-tag"}}, "vpc_config": [{{"public_access_cidrs": ["0.0.0.0/0"], "subnet_ids": ["{SECRET}-subnet"]}}]}},
              "after_sensitive": {{"tags": {{"Password": true}}, "vpc_config": [{{"subnet_ids": true}}]}}, "after_unknown": {{}}}}}},
            {{"address": "aws_launch_template.a", "mode": "managed", "type": "aws_launch_template", "name": "a", "change": {{"actions": ["create"], "before": null,
              "after": {{"name": "a", "user_data": "{SECRET}-data"}}, "after_unknown": {{"id": true}}}}}},
            {{"address": "aws_db_instance.a", "mode": "managed", "type": "aws_db_instance", "name": "a", "change": {{"actions": ["create"], "before": null,
              "after": {{"password": "{SECRET}-database"}}, "after_unknown": {{}}}}}}]}}"#
    );
    let state = format!(
        r#"{{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "a", "outputs": {{"password": {{"value": "{SECRET}-output", "type": "string"}}}},
          "resources": [{{"mode": "managed", "type": "aws_eks_cluster", "name": "a", "provider": "p", "instances": [{{"attributes":
          {{"name": "a", "certificate_authority": [{{"data": "{SECRET}-ca"}}], "vpc_config": [{{"public_access_cidrs": ["0.0.0.0/0"]}}]}}}}]}}]}}"#
    );
    let one_line: String = plan.lines().map(str::trim).collect();
    let dir = folder(&[
        ("hcl/main.tf", &configuration),
        ("plan.json", &plan),
        ("line.json", &one_line),
        ("terraform.tfstate", &state),
    ]);
    for path in ["hcl", "plan.json", "line.json", "terraform.tfstate"] {
        let all = all_outputs(dir.path(), path);
        assert!(all.contains("endpoint-open-to-internet"), "{path}: {all}");
        let at = all.find(SECRET).map(|at| &all[at.saturating_sub(300)..all.len().min(at + 100)]);
        assert!(at.is_none(), "{path}: {}", at.unwrap_or_default());
    }
    // Nor in a difference.
    write(
        dir.path(),
        "new/main.tf",
        &configuration.replace("-default", "-changed").replace("-data", "-other"),
    );
    let (_, out, err) = run(dir.path(), &["diff", "hcl", "new", "--as-of", "2026-11-21", "--level", "all"]);
    assert!(!out.contains(SECRET) && !err.contains(SECRET), "{out}{err}");
}
