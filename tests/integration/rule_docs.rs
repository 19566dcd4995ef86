//! `ekslint rules docs` on rules of one's own: what it writes, what it leaves alone, what `--check` finds.

use crate::support::folder::{folder, write};
use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::Path;

const OWNER: &str = r#"
id: cluster-without-owner
title: Cluster has no <owner>
severity: low
level: strict
since: 1.2.0
resource: cluster
params: { tag: { type: string, description: "The tag, such as owner." } }
assert: "has(cluster.tags) && params.tag in cluster.tags"
at: cluster
message: "{{cluster.name}} has no tag {{params.tag}}"
rationale: |-
  Nobody knows whom
  to ask.
  It is *ours*.
remediation:
  text: Add the tag.
  awscli: aws eks tag-resource --region {{facts.region}} --resource-arn {{cluster.arn}} --tags {{params.tag}}=<OWNER>
frameworks: { our-rules: ["A.10", "A.9"] }
aliases: ["checkov:CKV_OWN_10", "checkov:CKV_OWN_9", "OLD-1"]
references: ["https://wiki.example/owner"]
supersedes: [cluster-name-too-short]
examples:
  - name: a tag & more
    params: { tag: owner }
    snapshot: { cluster: { name: a, resourcesVpcConfig: {}, tags: { owner: b } } }
    finds: []
  - name: no tag
    params: { tag: owner }
    snapshot: { cluster: { name: a, resourcesVpcConfig: {}, tags: {} } }
    finds: [/cluster]
"#;
const SHORT: &str = r#"
id: cluster-name-too-short
title: Cluster has a short name
severity: medium
since: 1.2.0
resource: cluster
assert: "cluster.name.size() > 1"
message: "{{cluster.name}} is too short"
rationale: Names should say something.
remediation: { text: Choose a longer name. }
references: ["https://wiki.example/names"]
"#;
const OWN: [&str; 3] = ["--rules", "own/rules", "--no-default-rules"];

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

fn ekslint(dir: &Path, arguments: &[&str]) -> Ran {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    let output = command.current_dir(dir).env("NO_COLOR", "1").args(arguments).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn docs(dir: &Path, arguments: &[&str]) -> Ran {
    ekslint(dir, &[&["rules", "docs"], arguments, OWN.as_slice()].concat())
}

fn own() -> tempfile::TempDir {
    folder(&[("own/rules/tags/owner.yaml", OWNER), ("own/rules/names/short.yaml", SHORT)])
}

#[test]
fn an_organisation_has_its_pages() {
    let dir = own();
    let ran = docs(dir.path(), &["hand book/rules", "--coming-from", "hand book/other tools.md"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "4 pages: 4 written, 0 up to date\n"), "{}", ran.err);
    let read = |file: &str| fs::read_to_string(dir.path().join("hand book").join(file)).expect(file);
    insta::assert_snapshot!("own_page", read("rules/cluster-without-owner.md"));
    insta::assert_snapshot!("own_index", read("rules/README.md"));
    insta::assert_snapshot!("own_names", read("other tools.md"));
    let again = docs(dir.path(), &["hand book/rules", "--coming-from", "hand book/other tools.md"]);
    assert_eq!(again.out, "4 pages: 0 written, 4 up to date\n");
}

#[test]
fn a_check_names_every_page_that_is_not_as_it_should_be() {
    let dir = own();
    let check = || docs(dir.path(), &["pages", "--check"]);
    let missing = check();
    assert!(!dir.path().join("pages").exists(), "a check writes nothing");
    assert_eq!(missing.code, Some(1));
    assert_eq!(missing.out.matches(": missing\n").count(), 3, "{}", missing.out);
    docs(dir.path(), &["pages"]);
    assert_eq!((check().code, check().out.as_str()), (Some(0), "3 pages, all up to date\n"));

    // Lines that Git ended otherwise are the same lines.
    let page = dir.path().join("pages/cluster-without-owner.md");
    let text = fs::read_to_string(&page).expect("a page");
    fs::write(&page, text.replace('\n', "\r\n")).expect("writable");
    assert_eq!(check().code, Some(0), "{}", check().out);

    fs::write(&page, text.replace("Nobody", "Somebody")).expect("writable");
    let gone = text.replace("cluster-without-owner", "of-old");
    write(dir.path(), "pages/of-old.md", &gone);
    write(dir.path(), "pages/notes.md", "# Ours\n");
    let wrong = check();
    assert_eq!(wrong.code, Some(1));
    insta::assert_snapshot!(wrong.out.replace('\\', "/"), @r"
    pages/cluster-without-owner.md: out of date
    pages/of-old.md: its rule is gone: delete the page
    Without --check, `ekslint rules docs` writes what is missing or out of date.
    ");
    // What is gone is named and stays; what is somebody's own is not even named.
    let written = docs(dir.path(), &["pages"]);
    assert_eq!(written.out, "3 pages: 1 written, 2 up to date\n");
    assert_eq!(written.err.replace('\\', "/"), "note: pages/of-old.md: its rule is gone: delete the page\n");
    assert_eq!(fs::read_to_string(dir.path().join("pages/of-old.md")).expect("a page"), gone);
    assert_eq!(fs::read_to_string(dir.path().join("pages/notes.md")).expect("a page"), "# Ours\n");
}

#[test]
fn what_somebody_else_wrote_is_not_overwritten() {
    for file in ["pages/README.md", "pages/cluster-without-owner.md", "names.md"] {
        let dir = own();
        write(dir.path(), file, "# Ours\n");
        let ran = docs(dir.path(), &["pages", "--coming-from", "names.md"]);
        let said = format!("error: {file} was not written by `ekslint rules docs`, and is not overwritten");
        assert!(ran.code == Some(2) && ran.err.replace('\\', "/").starts_with(&said), "{}", ran.err);
        assert_eq!(fs::read_to_string(dir.path().join(file)).expect("it is there"), "# Ours\n");
        let others = fs::read_dir(dir.path().join("pages")).map_or(0, Iterator::count);
        assert!(others <= 1, "nothing else was written either");
    }
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let dir = own();
    let ran = docs(dir.path(), &["pages", "--coming-from", "pages/../pages/README.md"]);
    assert!(ran.code == Some(2) && ran.err.contains("is a page already"), "{}", ran.err);
    let ran = docs(dir.path(), &["own/rules/names/short.yaml"]);
    assert!(ran.code == Some(2) && ran.err.contains("short.yaml"), "{}", ran.err);
    write(dir.path(), "own/rules/names/readme.yaml", &SHORT.replace("cluster-name-too-short", "readme"));
    let ran = docs(dir.path(), &["pages"]);
    assert!(ran.code == Some(2) && ran.err.contains("rename the rule"), "{}", ran.err);
    write(dir.path(), "own/rules/names/readme.yaml", "id: x\n");
    let ran = docs(dir.path(), &["pages"]);
    assert!(ran.code == Some(2) && ran.err.contains("nothing is written"), "{}", ran.err);
    assert!(!dir.path().join("pages").exists());
}

/// Built-in rules lead to their pages, in every output; rules of one's own have none there.
#[test]
fn reports_lead_to_the_pages_of_built_in_rules_only() {
    const PAGE: &str = "https://github.com/ekslint/ekslint/blob/main/docs/rules/";
    let dir = own();
    let cluster = r#"{ "cluster": { "name": "a", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/a", "resourcesVpcConfig": {} } }"#;
    write(dir.path(), "a.json", cluster);
    let scan = |rule: &str, format: &[&str]| {
        let scan = ["scan", "a.json", "--rules", "own/rules", "--select", rule, "--exit-zero"];
        ekslint(dir.path(), &[scan.as_slice(), format].concat()).out
    };
    for format in ["json", "sarif", "csv", "ocsf", "asff", "junit", "github", "markdown"] {
        let own = scan("cluster-name-too-short", &["-f", format]);
        assert!(own.contains("cluster-name-too-short") && !own.contains(PAGE), "{format}: {own}");
        let built_in = scan("endpoint-open-to-internet", &["-f", format]);
        assert!(built_in.contains(&format!("{PAGE}endpoint-open-to-internet.md")), "{format}: {built_in}");
    }
    assert!(!scan("cluster-name-too-short", &["--full"]).contains("docs:"));
    assert!(scan("endpoint-open-to-internet", &["--full"]).contains(&format!("docs: {PAGE}")));
    let json = |text: String| serde_json::from_str::<Value>(&text).expect("JSON");
    let sarif = json(scan("cluster-name-too-short", &["-f", "sarif"]));
    let rule = &sarif["runs"][0]["tool"]["driver"]["rules"][0];
    assert!(rule["id"] == "cluster-name-too-short" && rule.get("helpUri").is_none(), "{rule}");
    assert_eq!(json(scan("cluster-name-too-short", &["-f", "json"]))["findings"][0].get("url"), None);
}
