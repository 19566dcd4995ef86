//! Every output names the line that a person wrote, and where the value came from.

use super::repository::{THREE_RULES, repository};
use super::{list, report, run, wide};
use insta::assert_snapshot;
use serde_json::Value;

/// Where the three findings are: on two arguments of the call, and in the module.
const PLACES: [&str; 3] =
    ["infra/envs/prod/main.tf:13", "infra/envs/prod/main.tf:14", "infra/modules/eks/nodes.tf:13"];

#[test]
fn text_shows_the_lines_and_where_their_values_come_from() {
    let dir = repository();
    for width in ["80", "120"] {
        for (name, extra) in [("short", &[][..]), ("full", &["--full"])] {
            let arguments = [&["scan", "infra"], &THREE_RULES[..], extra].concat();
            let (code, out, err) = wide(dir.path(), &arguments, width);
            assert_eq!((code, err.as_str()), (1, ""));
            assert!(!out.contains("aws eks"), "{out}");
            assert_snapshot!(format!("text_{name}_{width}"), out);
        }
    }
}

#[test]
fn every_output_names_the_file_and_the_line() {
    let dir = repository();
    for (format, between) in [
        ("concise", ":"),
        ("csv", ","),
        ("junit", ":"),
        ("markdown", ":"),
        ("github", ",line="),
        ("asff", ":"),
        ("ocsf", ":"),
    ] {
        let (code, out, err) =
            run(dir.path(), &[&["scan", "infra", "-f", format], &THREE_RULES[..]].concat());
        // Security Hub takes no finding without an account.
        if format == "asff" {
            assert!(err.contains("account"), "{err}");
            continue;
        }
        assert_eq!(code, 1, "{format}: {err}");
        if format == "ocsf" {
            assert!(out.contains("infra/envs/prod/main.tf"), "{out}");
            continue;
        }
        for place in PLACES {
            let place = place.replace(':', between);
            assert!(out.contains(&place), "{format} does not say {place}: {out}");
        }
        assert!(!out.contains("aws eks update-cluster-config"), "{format}: {out}");
    }
}

#[test]
fn json_has_the_places_and_the_change_of_terraform() {
    let dir = repository();
    let report = report(dir.path(), &[&["infra"], &THREE_RULES[..2]].concat());
    let findings = list(&report["findings"]);
    let places: Vec<_> = findings
        .iter()
        .map(|finding| {
            let location = &finding["location"];
            format!("{}:{}", location["file"].as_str().expect("a file"), location["startLine"])
        })
        .collect();
    let mut sorted = places.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, PLACES);
    let related: Vec<_> = findings
        .iter()
        .flat_map(|finding| list(&finding["related"]))
        .map(|related| {
            format!(
                "{}:{}: {}",
                related["location"]["file"], related["location"]["startLine"], related["message"]
            )
        })
        .collect();
    assert!(related.iter().any(|related| related.contains("default of var.cidrs")), "{related:?}");
    assert!(related.iter().any(|related| related.contains("set in terraform.tfvars")), "{related:?}");
    for finding in findings {
        let fix = &finding["fix"];
        assert!(fix["terraform"].is_string() && fix.get("awscli").is_none(), "{fix:#}");
        assert_eq!(finding["cluster"]["name"], "prod");
        assert_eq!(finding["cluster"]["template"]["address"], "module.eks.aws_eks_cluster.this");
    }
}

#[test]
fn sarif_is_what_github_asks_for() {
    let dir = repository();
    let (_, out, _) = run(dir.path(), &[&["scan", "infra", "-f", "sarif"], &THREE_RULES[..]].concat());
    let run = crate::sarif::checked(&out);
    let mut places: Vec<_> = list(&run["results"])
        .iter()
        .map(|result| {
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().expect("a URI");
            format!("{uri}:{}", place["region"]["startLine"])
        })
        .collect();
    places.sort_unstable();
    assert_eq!(places, PLACES);
    let related: Vec<&Value> = list(&run["results"])
        .iter()
        .filter_map(|result| result["relatedLocations"].as_array())
        .flatten()
        .collect();
    let uris: Vec<_> = related
        .iter()
        .map(|one| one["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap_or_default())
        .collect();
    assert!(uris.contains(&"infra/envs/prod/terraform.tfvars"), "{related:#?}");
}
