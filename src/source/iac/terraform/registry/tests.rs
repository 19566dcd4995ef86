use super::bundle::{BundleTree, NoTree, files, modules, others};
use super::{BundledSource, bundled, bundled_title, kinds_of};
use crate::source::iac::tree::{TemplateTree, TreeError};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn the_files_of_each_version_are_those_of_its_repository() {
    let table: serde_json::Value = serde_json::from_str(include_str!("modules.json")).expect("a table");
    let mut digests: BTreeMap<String, Sha256> = BTreeMap::new();
    for (path, text) in files() {
        let mut parts = path.splitn(4, '/');
        let mut next = || parts.next().expect("owner, module, version and path");
        let folder = format!("{}/{} {}", next(), next(), next());
        let total = digests.entry(folder).or_default();
        total.update(next());
        total.update([0]);
        total.update(Sha256::digest(text));
    }
    let built_in = digests.into_iter().map(|(version, total)| {
        (version, total.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    });
    let mut said = BTreeMap::new();
    for module in table.as_array().expect("a list") {
        let title = module["module"].as_str().expect("a text").trim_end_matches("/aws");
        for version in module["versions"].as_array().expect("a list") {
            let name = format!("{title} {}", version["version"].as_str().expect("a text"));
            said.insert(name, version["sha256"].as_str().expect("a text").to_owned());
        }
    }
    assert_eq!(
        built_in.collect::<BTreeMap<_, _>>(),
        said,
        "the files are not those that modules.json lists: run tests/registry/generate.py"
    );
}

#[test]
fn the_notice_names_every_version() {
    let notice = include_str!("NOTICE.md");
    let rows: BTreeSet<&str> =
        notice.lines().filter(|line| line.starts_with("| ") && line.contains("/aws |")).collect();
    let mut count = 0;
    for module in modules() {
        for version in module.versions() {
            let start = format!("| {} | {} | ", module.module, version.version);
            assert!(rows.iter().any(|row| row.starts_with(&start)), "{start}");
            count += 1;
        }
        let sorted = module.versions().map(|version| &version.version).is_sorted();
        assert!(sorted, "the versions of {} are not in order", module.module);
    }
    assert_eq!(rows.len(), count);
}

/// What a call is evaluated with: the folder without what they all begin with, and the notice.
fn chosen(source: &str, version: Option<&str>) -> String {
    match bundled(source, version, &|_| 0) {
        Ok(Some(BundledSource { folder, notice })) => {
            let folder = folder.trim_start_matches(".ekslint-registry/terraform-aws-modules/");
            notice.map_or(folder.to_owned(), |notice| format!("{folder}, as it {notice}"))
        }
        Ok(None) => "no module that is built in".to_owned(),
        Err(why) => format!("refused: {why}"),
    }
}

#[test]
fn the_newest_version_that_a_call_allows_is_taken() {
    let eks = "terraform-aws-modules/eks/aws";
    let calls: &[(&str, Option<&str>)] = &[
        (eks, Some("20.37.2")),
        (eks, Some("~> 20.0")),
        (eks, Some("~> 19.15.2")),
        (eks, Some(">= 19, < 21")),
        (eks, Some("> 17.0,!= 19.21.0 , <20")),
        (eks, Some("= v18.31.2")),
        (eks, Some(">= 19.0")),
        (eks, Some("~> 20")),
        (eks, None),
        (eks, Some("20.8.4")),
        (eks, Some("20.0.0-rc.1")),
        (eks, Some(">= 20.38, < 21.0")),
        (eks, Some("16.2.0")),
        (eks, Some("~> 22.0")),
        (eks, Some("< 2")),
        (eks, Some("latest")),
        (eks, Some("")),
        (eks, Some("^20.0")),
        ("registry.terraform.io/terraform-aws-modules/vpc/aws", Some("~> 5.0")),
        ("registry.opentofu.org/terraform-aws-modules/vpc/aws//modules/vpc-endpoints/", Some("~> 5.0")),
        ("terraform-aws-modules/eks/aws//modules/karpenter", Some("~> 20.11")),
        ("terraform-aws-modules/eks/aws//modules/none", Some("~> 20.11")),
        ("terraform-aws-modules/iam/aws", Some("~> 5.0")),
        ("app.terraform.io/terraform-aws-modules/eks/aws", Some("~> 20.0")),
        ("cloudposse/eks-cluster/aws", Some("4.0.0")),
    ];
    let lines = calls.iter().map(|(source, version)| {
        format!("{source} {}\n    {}\n", version.unwrap_or("without a version"), chosen(source, *version))
    });
    insta::assert_snapshot!(lines.collect::<String>());
}

#[test]
fn modules_are_known_by_their_repository_too() {
    let eks = "terraform-aws-modules/terraform-aws-eks";
    for (source, expected) in [
        (format!("git::https://github.com/{eks}.git?ref=v20.37.2"), "eks/20.37.2"),
        (
            format!("github.com/{eks}//modules/karpenter?ref=v21.19.0&depth=1"),
            "eks/21.19.0/modules/karpenter",
        ),
        (
            format!("git@github.com:{eks}.git//modules/karpenter?ref=tags/20.37.2"),
            "eks/20.37.2/modules/karpenter",
        ),
        (format!("git::ssh://git@github.com/{eks}?ref=refs/tags/v17.24.0"), "eks/17.24.0"),
        (format!("git::https://gitlab.com/{eks}.git?ref=v20.37.2"), "no module that is built in"),
        (format!("git::https://github.com/fork-of-{eks}.git?ref=v20.37.2"), "no module that is built in"),
    ] {
        assert_eq!(chosen(&source, None), expected, "{source}");
    }
    let other = chosen(&format!("git::https://github.com/{eks}.git?ref=v20.8.4"), None);
    assert!(other.starts_with("eks/20.37.2, as it wants terraform-aws-modules/eks v20.8.4"), "{other}");
    let newest = chosen(&format!("github.com/{eks}"), None);
    assert!(newest.starts_with("eks/21.19.0, as it does not say its version"), "{newest}");
    let commit = chosen(&format!("github.com/{eks}?ref=8a0efdbbc84180a26e0bacfd2b6fcfceac53b3b6"), None);
    assert!(
        commit.starts_with("refused: 8a0efdbbc84180a26e0bacfd2b6fcfceac53b3b6 is no version"),
        "{commit}"
    );
}

#[test]
fn modules_are_a_part_of_the_tree() {
    let tree = BundleTree::new(&NoTree);
    let BundledSource { folder, .. } = bundled("terraform-aws-modules/eks/aws", Some("20.37.2"), &|_| 0)
        .expect("a module")
        .expect("a module");
    let names = tree.list(&folder).expect("files");
    assert!(names.contains(&"main.tf".to_owned()) && names.is_sorted(), "{names:?}");
    let main = tree.read(&format!("{folder}/main.tf"), 1 << 20).expect("a file");
    assert!(String::from_utf8(main).expect("a text").contains("resource \"aws_eks_cluster\""));
    assert_eq!(tree.read(&format!("{folder}/main.tf"), 1), Err(TreeError::TooLong(1)));
    assert_eq!(tree.read(&format!("{folder}/none.tf"), 1), Err(TreeError::Absent));
    assert_eq!(tree.list(&format!("{folder}/none")), Err(TreeError::Absent));
    assert_eq!(tree.list("modules"), Err(TreeError::Absent));
    assert_eq!(tree.shown(&format!("{folder}/main.tf")), "terraform-aws-modules/eks 20.37.2, main.tf");
    assert_eq!(tree.shown("main.tf"), "main.tf");
    assert_eq!(bundled_title(&folder).as_deref(), Some("terraform-aws-modules/eks 20.37.2"));
    assert_eq!(bundled_title("modules/eks"), None);
}

#[test]
fn of_some_modules_is_known_what_they_make() {
    assert!(others().len() > 5);
    for other in others() {
        assert!(!other.kinds.is_empty() && !other.repository.is_empty(), "{other:?}");
        assert!(
            bundled(other.module.as_deref().unwrap_or_default(), None, &|_| 0).expect("no fault").is_none(),
            "{other:?}"
        );
    }
    assert!(kinds_of("terraform-aws-modules/alb/aws//modules/x").contains(&"aws_lb".into()));
    assert!(
        kinds_of("git::https://github.com/terraform-aws-modules/terraform-aws-alb?ref=x")
            .contains(&"aws_lb".into())
    );
    assert!(kinds_of("terraform-aws-modules/unheard-of/aws").is_empty());
}
