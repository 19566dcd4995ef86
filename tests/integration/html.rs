//! The page of HTML opens offline, runs nothing but its own script, and reads as what it is: well formed, the same each time,
//! whole where fields are missing, and free of what names in a snapshot could do to it.

pub(crate) mod page;

use crate::support::folder::folder;
use crate::support::program::run;
use crate::support::sample::{DEMO, RULES, fixtures, written, written_after};
use ekslint::engine::{Standing, WaiverIndex};
use ekslint::policy::WaiverInfo;
use ekslint::report::ReportFormat;
use page::Page;
use serde_json::Value;
use std::path::Path;

const TODAY: [&str; 2] = ["--as-of", "2026-12-01"];
/// The sections that each page of a scan has, also where nothing is found.
const SECTIONS: [&str; 5] = ["clusters", "findings", "accepted", "not-evaluated", "inputs"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a command prints as HTML, with 2026-12-01 as today.
fn printed(arguments: &[&str]) -> Page {
    let all = [arguments, &TODAY, &["--format", "html"]].concat();
    let (code, out, err) = run(root(), &all);
    assert!(code <= 1, "{all:?}: {code}\n{err}");
    Page::of(out)
}

fn scanned(path: &str) -> Page {
    printed(&["scan", "--no-config", path])
}

#[test]
fn each_fixture_has_a_page_that_is_the_same_twice() {
    for (name, _) in fixtures() {
        let page = scanned(&name);
        page.is_sound(&name);
        assert_eq!(page.text, scanned(&name).text, "{name}");
        SECTIONS.iter().for_each(|id| assert!(page.has_id(id), "{name}: {id}"));
    }
}

#[test]
fn pages_stay_as_they_are() {
    for name in ["study-lab", "private-hardened", "connected-cluster"] {
        insta::assert_snapshot!(format!("html_{name}"), scanned(&format!("fixtures/{name}.json")).golden());
    }
    let page = printed(&["diff", "--no-config", "fixtures/private-hardened.json", "fixtures/study-lab.json"]);
    insta::assert_snapshot!("html_diff", page.golden());
    let page = printed(&["versions", "fixtures/study-lab.json"]);
    insta::assert_snapshot!("html_versions", page.golden());
    let page = printed(&["explain", "fixtures/study-lab.json"]);
    insta::assert_snapshot!("html_explain", page.golden());
}

#[test]
fn each_command_writes_a_sound_page() {
    for (name, arguments) in [
        ("all fixtures", &["scan", "--no-config", "fixtures"][..]),
        ("report", &["report", "--no-config", "--framework", "cis-eks-2.0,isms-p-2023", "fixtures"]),
        ("explain", &["explain", "fixtures"]),
        ("explain --flows", &["explain", "--flows", "fixtures"]),
        ("diff", &["diff", "--no-config", "fixtures/office-access.json", "fixtures/locked-out-nodes.json"]),
        ("versions", &["versions", "fixtures"]),
        ("Terraform", &["scan", "--no-config", "docs/study-lab/terraform"]),
        ("CloudFormation", &["scan", "--no-config", "docs/study-lab/cloudformation"]),
        ("eksctl", &["scan", "--no-config", "docs/study-lab/eksctl"]),
        ("explain Terraform", &["explain", "docs/private-hardened/terraform"]),
    ] {
        printed(arguments).is_sound(name);
    }
}

#[test]
fn a_file_gets_the_page_that_standard_output_would() {
    let dir = folder(&[]);
    let file = dir.path().join("report.html");
    let to = format!("html={}", file.display());
    let arguments =
        ["scan", "--no-config", "fixtures/study-lab.json", "--format", &to, "--as-of", "2026-12-01"];
    let (code, out, err) = run(root(), &arguments);
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    let written = std::fs::read_to_string(&file).expect("the page");
    assert_eq!(written, scanned("fixtures/study-lab.json").text);
}

#[test]
fn account_ids_are_masked_on_the_whole_page() {
    let page = printed(&["scan", "--no-config", "--mask-account", "fixtures"]);
    page.is_sound("masked");
    assert!(page.text.contains("xxxxxxxxxxxx"));
    for account in ["111122223333", "444455556666"] {
        assert!(!page.text.contains(account), "{account}");
    }
}

#[test]
fn what_is_incomplete_is_said_at_the_top_with_the_calls_to_allow() {
    let page = scanned("fixtures/locked-out-nodes.json").text;
    let (bar, cluster) = (page.find("This scan is incomplete."), page.find("class=\"cluster\""));
    assert!(bar.expect("a bar") < cluster.expect("a cluster"));
    let denied = scanned("fixtures/office-access.json").text + &scanned("fixtures").text;
    assert!(denied.contains("<code>eks:ListAccessEntries</code>"), "the call to allow");
    assert!(!scanned("fixtures/private-hardened.json").text.contains("incomplete"));
}

#[test]
fn hostile_names_do_nothing_in_any_section() {
    let waivers: &'static [WaiverInfo] = Box::leak(Box::new([WaiverInfo {
        reason: "</p><script>alert(1)</script>".to_owned(),
        owner: Some("\"><svg onload=alert(2)>".to_owned()),
        approved_by: Some("a\u{202e}b".to_owned()),
        expires: "2026-12-31".parse().ok(),
        file: "</style>.toml".to_owned(),
        line: 7,
        ..WaiverInfo::default()
    }]));
    let waive = |scan: &mut ekslint::scan::Scan| {
        let findings = scan.clusters.iter_mut().flat_map(|cluster| &mut cluster.judgement.findings);
        for (at, finding) in findings.enumerate().filter(|(at, _)| at % 3 != 0) {
            let waived = Standing::Waived(WaiverIndex::new(0));
            finding.standing = if at % 3 == 1 { waived } else { Standing::Baseline };
        }
    };
    let files = [("a<b>&\".json", DEMO), ("</style><script>.json", "{ not json")];
    let written = written_after(ReportFormat::Html, &files, RULES, waive, |report| report.waivers = waivers);
    let page = Page::of(written);
    page.is_sound("hostile");
    for text in
        ["days left", "40 days left", "Waived: &#60;/p&#62;&#60;script&#62;", "a\u{fffd}b", "In the baseline"]
    {
        assert!(page.text.contains(text), "{text}");
    }
}

#[test]
fn hostile_names_of_a_cluster_do_nothing_to_its_picture_and_flows() {
    let text = std::fs::read_to_string(root().join("fixtures/study-lab.json")).expect("a fixture");
    let hostile = r#"\"><svg onload=alert(1)></style><script>x\u202e"#;
    let text = text.replace("\"ng1\"", &format!("\"{hostile}{}\"", "n".repeat(10_000)));
    let text = text.replace("\"study-lab\"", &format!("\"{hostile}\"")).replace("subnet-0", "subnet-<b>0");
    let dir = folder(&[("hostile.json", &text)]);
    for arguments in [&["scan", "--no-config"][..], &["explain"], &["versions"]] {
        let all = [arguments, &["hostile.json", "--format", "html", "--as-of", "2026-12-01"]].concat();
        let (code, out, err) = run(dir.path(), &all);
        assert!(code <= 1, "{all:?}: {err}");
        Page::of(out).is_sound(&all.join(" "));
    }
}

#[test]
fn no_missing_section_leaves_a_white_page() {
    let text = std::fs::read_to_string(root().join("fixtures/study-lab.json")).expect("a fixture");
    let whole: Value = serde_json::from_str(&text).expect("JSON");
    let keys: Vec<_> = whole.as_object().expect("an object").keys().cloned().collect();
    for key in keys.iter().filter(|key| !matches!(key.as_str(), "cluster" | "schemaVersion")) {
        let mut less = whole.clone();
        less.as_object_mut().expect("an object").remove(key);
        is_whole(&less, key);
    }
    let fields: Vec<_> = whole["cluster"].as_object().expect("an object").keys().cloned().collect();
    for field in fields {
        let mut less = whole.clone();
        less["cluster"].as_object_mut().expect("an object").remove(&field);
        is_whole(&less, &field);
    }
}

fn is_whole(snapshot: &Value, without: &str) {
    let page = Page::of(written(ReportFormat::Html, &[("less.json", &snapshot.to_string())], &[], |_| {}));
    page.is_sound(without);
    SECTIONS.iter().for_each(|id| assert!(page.has_id(id), "without {without}: {id}"));
}

#[test]
fn many_findings_of_a_rule_are_counted_and_the_worst_clusters_have_pictures() {
    let cluster = |at: usize| {
        let volumes: Vec<_> = (0..230)
            .map(|volume| format!(r#"{{"VolumeId":"vol-{at}-{volume}","Encrypted":false,"Attachments":[{{"InstanceId":"i-{at}"}}]}}"#))
            .collect();
        let name = format!("prod-{at}");
        format!(
            r#"{{"cluster":{{"name":"{name}","resourcesVpcConfig":{{"endpointPublicAccess":true,"publicAccessCidrs":["0.0.0.0/0"]}}}},"instances":[{{"InstanceId":"i-{at}","Tags":[{{"Key":"kubernetes.io/cluster/{name}","Value":"owned"}}]}}],"volumes":[{}]}}"#,
            volumes.join(",")
        )
    };
    let text: String = (0..25).map(|at| cluster(at) + "\n").collect();
    let page = Page::of(written(
        ReportFormat::Html,
        &[("fleet.ndjson", &text)],
        &["node-volumes-unencrypted"],
        |_| {},
    ));
    page.is_sound("fleet");
    assert_eq!(page.text.matches("<tr class=\"more\"><td colspan=\"3\">and 30 more").count(), 25);
    assert_eq!(page.text.matches("<figure class=\"wide\"").count(), 20);
}

#[test]
fn the_script_is_small_and_makes_no_html() {
    let script = scanned("fixtures/private-hardened.json").script();
    assert!(script.len() < 4096, "{}", script.len());
    for word in ["innerHTML", "outerHTML", "insertAdjacent", "createElement", "eval(", "fetch("] {
        assert!(!script.contains(word), "{word}");
    }
}
