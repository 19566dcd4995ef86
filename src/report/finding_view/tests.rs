//! A finding whose places lie in several files, as a cluster has them whose description is put together
//! from files: each output names the file of each place.

use crate::engine::{
    Configured, Finding, FindingFix, Fingerprint, Judgement, RelatedLocation, Resource, RuleIndex, Standing,
};
use crate::report::{Detail, Report, ReportFormat, Style};
use crate::rule::{RuleSet, RuleSource, Severity};
use crate::scan::{ClusterScan, Scan, ScannedInput};
use crate::snapshot::Identity;
use crate::source::InputKind;
use crate::source::root::Root;
use crate::value::location::Excerpt;
use crate::value::position::LineSpan;
use crate::value::{Json, Location, Pointer, SourceFile, SourceFileKind};
use bumpalo::Bump;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;

/// The file that describes the cluster, the one with the mistake, and one that has to do with it.
const FILES: [&str; 3] = ["cluster.tf", "modules/network/endpoint.tf", "variables.tf"];

fn location(file: &str, line: u32, text: &str) -> Location {
    let span = LineSpan { start_line: line, start_column: 1, end_line: line, end_column: 4 };
    let excerpt = Excerpt { first_line: line as usize, text: text.to_owned(), span: 0..3, cut: 0 };
    let pointer = Pointer::parse("/cluster/resourcesVpcConfig/publicAccessCidrs/0");
    let place = Location::new(Arc::new(SourceFile::new(file)), pointer);
    Location { span, excerpt: Some(Box::new(excerpt)), ..place }
}

/// One cluster, and one finding: its first place is not in the cluster's own file, the second place in
/// yet another one.
fn scan() -> Scan {
    let related = RelatedLocation {
        message: "the value comes from here".into(),
        location: location(FILES[2], 7, "default = [\"0.0.0.0/0\"]"),
    };
    let finding = Finding {
        rule: RuleIndex::new(0),
        severity: Severity::High,
        standing: Standing::Open,
        message: "prod is open".into(),
        resource: Arc::new(Resource { kind: "cluster", title: "cluster", ..Resource::default() }),
        primary: location(FILES[1], 42, "public_access_cidrs = var.cidrs"),
        related: Box::new([related]),
        fix: FindingFix::Words,
        fingerprint: Fingerprint::of(&["two files"]),
    };
    let name = Some("prod".to_owned());
    let arn = Some("arn:aws:eks:eu-west-1:111122223333:cluster/prod".to_owned());
    let (account, region) = (Some("111122223333".to_owned()), Some("eu-west-1".to_owned()));
    let cluster = Arc::new(Identity { name, arn, account, region, ..Identity::default() });
    let judgement = Judgement { cluster, findings: vec![finding], ..Judgement::default() };
    let file = Arc::new(SourceFile::new(FILES[0]));
    let input = |(at, name): (usize, &str)| ScannedInput {
        name: name.to_owned(),
        kind: SourceFileKind::File,
        holds: InputKind::Snapshot,
        clusters: usize::from(at == 0),
        skipped: None,
        digests: Vec::new(),
    };
    Scan {
        // The last one is only found through the finding.
        inputs: FILES[..2].iter().copied().enumerate().map(input).collect(),
        clusters: vec![ClusterScan {
            file,
            position: 0,
            captured_at: None,
            is_cluster: true,
            judgement,
            flows: None,
            explained: None,
            version: None,
            traces: Vec::new(),
            uncollected: Vec::new(),
        }],
        ..Scan::default()
    }
}

fn written(format: ReportFormat) -> String {
    let loaded = RuleSet::load(&[RuleSource::BuiltIn], false);
    let rule = loaded.set.get("endpoint-open-to-internet").unwrap();
    let (scan, arena) = (scan(), Bump::new());
    let rules = [Configured::new(rule, Json::object(&arena, []))];
    let report = Report {
        scan: &scan,
        rules: &rules,
        root: &Root::find(Some(Path::new("."))),
        as_of: "2026-11-21".parse().unwrap(),
        shown: Severity::Info,
        waivers: &[],
        show_waived: false,
        sarif_suppressed: false,
        csv_not_evaluated: true,
        sarif_category: None,
        live: Vec::new(),
        rules_digest: None,
        notices: Vec::new(),
        rule_errors: Vec::new(),
        errors: Vec::new(),
    };
    let mut out = Vec::new();
    format
        .write(&report, Style { width: 100, quiet: true, detail: Detail::Full, ..Style::default() }, &mut out)
        .unwrap();
    String::from_utf8(out).unwrap()
}

/// All objects of a JSON text with a field of that name, by its value.
fn fields<'v>(value: &'v Value, name: &str, found: &mut Vec<&'v str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| fields(item, name, found)),
        Value::Object(object) => {
            found.extend(object.get(name).and_then(Value::as_str));
            object.values().for_each(|value| fields(value, name, found));
        }
        _ => {}
    }
}

#[test]
fn programs_read_the_file_of_each_place() {
    let json: Value = serde_json::from_str(&written(ReportFormat::Json)).unwrap();
    let finding = &json["findings"][0];
    let place = |location: &Value| (location["file"].clone(), location["startLine"].clone());
    assert_eq!(place(&finding["location"]), (FILES[1].into(), 42.into()));
    assert_eq!(place(&finding["related"][0]["location"]), (FILES[2].into(), 7.into()));
    assert_eq!(finding["cluster"]["name"], "prod");

    let sarif: Value = serde_json::from_str(&written(ReportFormat::Sarif)).unwrap();
    let mut uris = Vec::new();
    fields(&sarif["runs"][0]["results"][0], "uri", &mut uris);
    uris.sort_unstable();
    assert_eq!(uris, [FILES[1], FILES[2]]);
}

#[test]
fn people_read_the_file_of_each_place() {
    let text = written(ReportFormat::Text);
    assert!(text.starts_with("prod  eu-west-1 111122223333\n"), "{text}");
    assert!(text.contains("--> modules/network/endpoint.tf:42:1"), "{text}");
    assert!(text.contains("42 | public_access_cidrs = var.cidrs"), "{text}");
    assert!(text.contains("variables.tf:7:1: the value comes from here"), "{text}");
    let concise = written(ReportFormat::Concise);
    assert!(concise.starts_with("modules/network/endpoint.tf:42:1: high "), "{concise}");
    let page = written(ReportFormat::Markdown);
    assert!(page.contains("- `modules/network/endpoint.tf:42` prod is open"), "{page}");
    assert!(page.contains("<summary><code>prod</code>: 1 high</summary>"), "{page}");
}

#[test]
fn other_systems_get_the_file_of_the_first_place() {
    let github = written(ReportFormat::Github);
    assert!(github.starts_with("::error file=modules/network/endpoint.tf,line=42,"), "{github}");
    let junit = written(ReportFormat::Junit);
    assert!(junit.contains("modules/network/endpoint.tf:42:1: prod is open"), "{junit}");
    assert!(junit.contains("  variables.tf:7:1: the value comes from here"), "{junit}");
    for format in [ReportFormat::Csv, ReportFormat::Ocsf, ReportFormat::Asff] {
        let text = written(format);
        assert!(text.contains(FILES[1]) && !text.contains(FILES[0]), "{format:?}: {text}");
    }
}
