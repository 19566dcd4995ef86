//! What is read: folders, single files, standard input, plans, states, and what is said of the rest.

use super::{ONE_RULE, OPEN, concise, folder, piped, run};

const SHUT: &str = "cidrs = [\"192.0.2.0/24\"]\n";

#[test]
fn hcl_on_standard_input_is_a_root_module() {
    let dir = folder(&[("shut.tfvars", SHUT)]);
    let scan = [&["scan", "-", "-f", "concise", "-q"], &ONE_RULE[..]].concat();
    let (code, out, err) = piped(dir.path(), &scan, OPEN);
    assert_eq!((code, err.as_str()), (1, ""));
    assert!(out.starts_with("<stdin>:12:27: "), "{out}");
    for given in [["--var", "cidrs=[\"192.0.2.0/24\"]"], ["--var-file", "shut.tfvars"]] {
        let (code, out, err) = piped(dir.path(), &[&scan[..], &given].concat(), OPEN);
        assert_eq!((code, out.as_str(), err.as_str()), (0, "", ""), "{given:?}");
    }
    let json = r#"{"resource": {"aws_eks_cluster": {"a": {"name": "a", "vpc_config": {"public_access_cidrs": ["0.0.0.0/0"]}}}}}"#;
    let (code, out, _) = piped(dir.path(), &scan, json);
    assert!(code == 1 && out.starts_with("<stdin>:1:93: "), "{out}");
    // A module that is elsewhere is not looked for.
    let (code, _, err) = piped(dir.path(), &["scan", "-", "-v"], "module \"a\" {\n  source = \"./a\"\n}\n");
    assert!(code == 0 && err.contains("describe nothing that ekslint evaluates"), "{code} {err}");
}

#[test]
fn a_named_file_stands_for_the_module_that_it_is_in() {
    let (variables, cluster) = OPEN.split_at(OPEN.find("resource").expect("a resource"));
    let dir = folder(&[
        ("infra/main.tf", cluster),
        ("infra/variables.tf", variables),
        ("infra/shut.tfvars", SHUT),
        ("hcl.txt", OPEN),
        ("both/a.tf", OPEN),
        ("both/b.tf", &OPEN.replace("\"prod\"\n  role", "\"other\"\n  role")),
        ("only/x.tfvars", SHUT),
    ]);
    for name in ["infra/main.tf", "infra/variables.tf", "infra/shut.tfvars", "infra"] {
        let (code, out, _) = concise(dir.path(), &[name]);
        assert!(
            code == 1 && out.starts_with("infra/main.tf:7:27: ") && out.lines().count() == 1,
            "{name}: {out}"
        );
    }
    let (code, out, _) = concise(dir.path(), &["infra/main.tf", "--var-file", "infra/shut.tfvars"]);
    assert_eq!((code, out.as_str()), (0, ""));
    let (code, out, _) = concise(dir.path(), &["hcl.txt"]);
    assert!(code == 1 && out.starts_with("hcl.txt:12:27: "), "{out}");
    // Where each file of a folder is a module of its own, the one that was named is meant.
    let (_, out, _) = concise(dir.path(), &["both/b.tf"]);
    assert!(out.starts_with("both/b.tf:12:27: ") && out.lines().count() == 1, "{out}");
    assert_eq!(concise(dir.path(), &["both"]).1.lines().count(), 2);
    let (code, _, err) = concise(dir.path(), &["only/x.tfvars"]);
    let want = "error: only/x.tfvars: holds values of variables, and no Terraform is beside it: \
        name the folder of the root module, and pass this file with --var-file\n";
    assert_eq!((code, err.as_str()), (2, want));
}

#[test]
fn files_of_variables_are_merged_in_order_and_those_of_nobody_are_named() {
    let dir = folder(&[
        ("main.tf", OPEN),
        ("one.tfvars", SHUT),
        ("two.tfvars", "cidrs = [\"0.0.0.0/0\"]\n"),
        ("wrong.tfvars", "cidr = []\n"),
    ]);
    let files = |names: &[&'static str]| -> Vec<&str> {
        names.iter().flat_map(|name| ["--var-file", *name]).chain(["."]).collect()
    };
    assert_eq!(concise(dir.path(), &files(&["two.tfvars", "one.tfvars"])).0, 0);
    assert_eq!(concise(dir.path(), &files(&["one.tfvars", "two.tfvars"])).0, 1);
    let (_, _, err) = run(dir.path(), &[&["scan", "."], &ONE_RULE[..]].concat());
    assert_eq!(
        err,
        "note: one.tfvars: is not used: no option names it; pass --var-file one.tfvars\n\
        note: two.tfvars: is not used: no option names it; pass --var-file two.tfvars\n\
        note: wrong.tfvars: is not used: no option names it; pass --var-file wrong.tfvars\n"
    );
    let (code, _, err) = concise(dir.path(), &files(&["wrong.tfvars"]));
    assert_eq!(code, 2);
    assert!(
        err.contains("wrong.tfvars:1:1: there is no variable `cidr` in the module; did you mean `cidrs`?"),
        "{err}"
    );
    let (code, out, err) = concise(dir.path(), &files(&["none.tfvars"]));
    assert_eq!((code, out.lines().count(), err.as_str()), (2, 1, "error: none.tfvars: does not exist\n"));
}

#[test]
fn what_is_nothing_of_eks_is_no_error() {
    let dir = folder(&[("main.tf", "resource \"aws_s3_bucket\" \"a\" {}\n"), ("open/main.tf", OPEN)]);
    let (code, _, err) = run(dir.path(), &["scan", "main.tf", "--as-of", "2026-11-21"]);
    assert_eq!(
        (code, err.as_str()),
        (0, "note: skipped . (its templates describe nothing that ekslint evaluates)\n")
    );
    let (code, _, err) = run(dir.path(), &["scan", "open", "main.tf", "--as-of", "2026-11-21"]);
    assert_eq!(
        (code, err.as_str()),
        (1, "note: skipped . (its templates describe nothing that ekslint evaluates)\n")
    );
}

#[test]
fn one_broken_block_costs_that_block() {
    let dir =
        folder(&[("main.tf", &format!("resource \"aws_vpc\" \"a\" {{\n  cidr_block = = 1\n}}\n\n{OPEN}"))]);
    let (code, out, err) = concise(dir.path(), &["."]);
    assert_eq!((code, out.lines().count()), (2, 1), "{err}");
    assert!(out.starts_with("main.tf:16:27: "), "{out}");
    assert!(err.starts_with("error: main.tf:2:") && err.contains("its block is not evaluated"), "{err}");
}

#[test]
fn folders_that_terraform_keeps_are_no_roots() {
    let dir = folder(&[
        (".terraform/modules/eks/main.tf", OPEN),
        ("infra/.terraform/modules/eks/main.tf", OPEN),
        ("infra/main.tf", OPEN),
    ]);
    let (_, out, _) = concise(dir.path(), &["."]);
    assert!(out.starts_with("infra/main.tf:12:27: ") && out.lines().count() == 1, "{out}");
}

#[test]
fn a_plan_beside_its_configuration_is_read_where_it_is_named() {
    let plan = r#"{"format_version": "1.2", "resource_changes": [{"address": "aws_eks_cluster.p", "mode": "managed", "type": "aws_eks_cluster",
        "name": "p", "change": {"actions": ["create"], "before": null, "after": {"name": "p", "vpc_config": [{"public_access_cidrs": ["0.0.0.0/0"]}]}, "after_unknown": {}}}]}"#;
    let state = r#"{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "a", "resources": [{"mode": "managed", "type": "aws_eks_cluster",
        "name": "s", "provider": "x", "instances": [{"attributes": {"name": "s", "vpc_config": [{"public_access_cidrs": ["0.0.0.0/0"]}]}}]}]}"#;
    let dir = folder(&[
        ("infra/main.tf", OPEN),
        ("infra/plan.json", plan),
        ("infra/terraform.tfstate", state),
        ("plans/plan.json", plan),
    ]);
    let count = |arguments: &[&str]| concise(dir.path(), arguments).1.lines().count();
    assert_eq!((count(&["infra"]), count(&["plans"]), count(&["infra", "infra/plan.json"])), (1, 1, 2));
    assert_eq!((count(&["infra/plan.json"]), count(&["infra/terraform.tfstate"])), (1, 1));
    let (_, _, err) = run(dir.path(), &[&["scan", "infra"], &ONE_RULE[..]].concat());
    let want = "note: infra/plan.json: is not read, because the Terraform files beside it are; name it to read it too\n";
    assert_eq!(err, want);
    let (code, out, _) =
        piped(dir.path(), &[&["scan", "-", "-f", "concise", "-q"], &ONE_RULE[..]].concat(), plan);
    assert!(code == 1 && out.starts_with("<stdin>:2:"), "{out}");
    // What a state says is in clear, secrets as well: none of its lines is shown.
    let (_, out, _) =
        run(dir.path(), &[&["scan", "infra/terraform.tfstate", "--full"], &ONE_RULE[..]].concat());
    assert!(out.contains("terraform.tfstate:2") && !out.contains("\"attributes\""), "{out}");
}

#[test]
fn init_proposes_the_folders_of_root_modules() {
    let dir = folder(&[
        ("infra/envs/prod/main.tf", "module \"eks\" {\n  source = \"../../modules/eks\"\n}\n"),
        ("infra/modules/eks/main.tf", OPEN),
        ("web/main.tf", "resource \"aws_s3_bucket\" \"a\" {}\n"),
    ]);
    let (code, out, err) = run(dir.path(), &["config", "init"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        out.starts_with("wrote ekslint.toml with paths = [\"infra/envs/prod\"]: 1 cluster is there\n"),
        "{out}"
    );
}
