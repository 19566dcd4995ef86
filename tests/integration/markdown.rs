//! The output `markdown` fits into a comment on GitHub and shows there what ekslint means to show.

use crate::support::github_markdown::{check, rendered};
use crate::support::sample::{DEMO, LINES, RULES, fixtures, written, written_after};
use ekslint::engine::{Standing, WaiverIndex};
use ekslint::policy::WaiverInfo;
use ekslint::report::ReportFormat::Markdown;
use ekslint::scan::Scan;
use ekslint::value::Problem;
use ekslint::value::position::LineColumn;

const FILES: &[(&str, &str)] = &[("clusters/demo.json", DEMO), ("clusters/all.ndjson", LINES)];
/// What GitHub takes in a comment.
const MOST: usize = 65_536;

#[test]
fn a_report_looks_like_this() {
    let text = written(Markdown, FILES, RULES, |_| {});
    check(&text, "sample");
    insta::assert_snapshot!(text);
}

#[test]
fn the_page_on_all_fixtures_fits_into_a_comment() {
    let files = fixtures();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let text = written(Markdown, &files, &[], |_| {});
    assert!(text.len() < MOST && text.len() > MOST / 2, "{}", text.len());
    assert!(check(&text, "fixtures") > 500);
    for (name, _) in &files {
        let cluster = name.trim_start_matches("fixtures/").trim_end_matches(".json");
        assert!(text.contains(&format!("| `{cluster}` |")), "{cluster}");
    }
    assert!(text.contains("```mermaid\nflowchart LR\n"));
    if let Ok(file) = std::env::var("EKSLINT_KEEP_PAGE") {
        std::fs::write(file, rendered(&text)).expect("a file");
    }
}

#[test]
fn the_least_severe_are_left_out_and_counted() {
    let line = LINES.lines().nth(1).expect("a line");
    let lines: Vec<_> = (0..600).map(|at| line.replace("\"open\"", &format!("\"open-{at}\""))).collect();
    let text = written(Markdown, &[("many.ndjson", &lines.join("\n"))], &[], |_| {});
    assert!(text.len() < MOST, "{}", text.len());
    check(&text, "many");
    assert!(text.contains("no room for the details of more findings"), "{text}");
    assert!(text.contains(" low") && text.contains(" info. The outputs"), "{text}");
    assert!(text.contains("more clusters, which have no worse findings"));
    assert!(text.contains("**high**") && !text.contains("**low**"));
}

#[test]
fn diagrams_are_of_clusters_with_findings_about_traffic() {
    let files = fixtures();
    let file = |name: &str| files.iter().find(|(file, _)| file.contains(name)).expect("a fixture");
    let (name, lab) = file("study-lab");
    let drawn = |rules: &[&str]| written(Markdown, &[(name, lab)], rules, |_| {}).contains("```mermaid");
    assert!(drawn(&["endpoint-open-to-internet"]));
    assert!(!drawn(&["audit-logging-disabled"]));
    let copies: Vec<_> = (0..7).map(|at| (format!("{at}.json"), lab)).collect();
    let copies: Vec<_> = copies.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let text = written(Markdown, &copies, &["endpoint-open-to-internet"], |_| {});
    assert_eq!(text.matches("```mermaid").count(), 5);
}

#[test]
fn what_does_not_count_is_listed_with_its_reason_when_asked_for() {
    let waivers = [WaiverInfo { reason: "a lab of @everyone".to_owned(), ..WaiverInfo::default() }];
    let waived = |scan: &mut Scan| {
        let findings = scan.clusters.iter_mut().flat_map(|cluster| &mut cluster.judgement.findings);
        findings.for_each(|one| one.standing = Standing::Waived(WaiverIndex::new(0)));
    };
    let page = |listed| {
        written_after(Markdown, FILES, RULES, waived, |report| {
            (report.waivers, report.show_waived) = (&[], listed);
            report.waivers = Box::leak(Box::new(waivers.clone()));
        })
    };
    assert!(!page(false).contains("Waived or known") && page(false).contains("7 waived"));
    let listed = page(true);
    assert!(listed.contains("(waived: a lab of `@everyone`)"), "{listed}");
    check(&listed, "waived");
}

#[test]
fn an_incomplete_scan_says_so_first() {
    let clean = LINES.lines().next().expect("a line");
    let page = |files: &[(&str, &str)]| written(Markdown, files, RULES, |_| {});
    let warned = |text: &str| text.lines().take(8).any(|line| line == "> [!WARNING]");
    assert!(!warned(&page(&[("a.json", clean)])));
    assert!(warned(&page(&[("a.json", clean), ("b.json", "{")])));
    assert!(warned(&page(&[("a.json", &clean.replace(", \"nodegroups\": []", ""))])));
    let text = written(Markdown, &[("a.json", clean)], RULES, |report| {
        report.rule_errors.push(Problem {
            file: "my rules/x.yaml".to_owned(),
            place: Some(LineColumn::of(3, 7)),
            rule: Some("x".to_owned()),
            message: "unknown key `serverity`".to_owned(),
        });
        report.notices.push("see http://evil.example".to_owned());
    });
    assert!(warned(&text) && text.contains("serverity") && text.contains("`http://evil.example`"), "{text}");
    check(&text, "errors");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let once = || written(Markdown, FILES, &[], |_| {});
    assert_eq!(once(), once());
}
