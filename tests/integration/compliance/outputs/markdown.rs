//! A page for a pull request, a wiki or an audit folder.

use super::{NODES, cluster, report, state, two};
use crate::support::github_markdown::check;
use insta::assert_snapshot;

/// What GitHub takes in a comment.
const MOST: usize = 65_536;

#[test]
fn a_page_looks_like_this() {
    let dir = two();
    let (code, out, err) = report(dir.path(), &["c", "--format", "markdown"]);
    assert_eq!(code, 1, "{err}");
    check(&out, "page");
    let digest = regex::Regex::new(r"\b[0-9a-f]{64}\b").expect("an expression");
    let version = env!("CARGO_PKG_VERSION");
    assert_snapshot!(digest.replace_all(&out, "<sha256>").replace(&format!("`{version}`"), "<version>"));
}

#[test]
fn a_page_on_a_korean_framework_has_what_its_auditors_look_for() {
    let dir = two();
    let args = ["c", "--framework", "acme-ko-1.0", "--format", "markdown"];
    let (_, out, _) = report(dir.path(), &args);
    check(&out, "korean");
    let korean = out.split_once("## 에이크미 기준 / Acme baseline\n").expect("a part").1;
    for text in [
        "| 통제 항목 / Control | 제목 / Title | 판정 / Verdict | 대상 / Failed on | 증적 / First place |",
        "| `A.1` | 엔드포인트 차단 / The endpoint is closed | 결함 / failed | 1 of 2 |",
        "1 결함 / failed, 1 미평가 / not evaluated, 1 예외 승인 / accepted, 3 수동 확인 / manual, 1 적합 / passed",
        "증적 / Evidence:",
        "조치 / Fix: ",
        "<summary>적합 / passed: 1 control</summary>",
        "해당 없음 / not applicable",
    ] {
        assert!(korean.contains(text), "{text}\n{korean}");
    }
    // The other framework of the same page is English.
    assert!(out.starts_with("## Acme baseline\n") && out.contains("| Control | Title | Verdict |"), "{out}");
}

#[test]
fn what_has_no_room_is_counted_and_verbose_leaves_nothing_out() {
    let more = format!(r#"{NODES}, "subnets": []"#);
    let clusters: Vec<_> = (0..200).map(|at| cluster(&format!("c{at}"), "0.0.0.0/0", &more)).collect();
    let dir = state(&[("c/all.json", &format!("[{}]", clusters.join(",")))]);
    let (_, short, _) = report(dir.path(), &["c", "--format", "markdown"]);
    assert!(short.len() < MOST && short.len() > MOST / 2, "{}", short.len());
    check(&short, "short");
    let note = "This page has no room for all evidence; some is missing of these controls: 1 failed,";
    assert!(short.contains(note) && short.contains("more clusters\n"), "{short}");
    let row = |page: &str| page.lines().filter(|line| line.starts_with("| `A.")).count();
    assert_eq!(row(&short), 8);
    let (_, long, _) = report(dir.path(), &["c", "--format", "markdown", "-v"]);
    check(&long, "long");
    assert!(!long.contains("no room") && !long.contains("and 1 more"), "{long}");
    for control in ["endpoint-open-to-internet", "nodegroup-ssh-open-to-internet", "flow-logs-disabled"] {
        assert_eq!(long.matches(&format!("[`{control}`](<")).count(), 200, "{control}");
    }
}
