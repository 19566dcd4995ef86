//! Which clusters were judged: a row each.

use super::PageRoom;
use super::page_words::PageWords;
use crate::report::compliance::ComplianceReport;
use crate::report::compliance::shown::captured;
use crate::report::escape::cell;
use crate::report::rule_page::markdown::row;
use crate::report::totals::plural;
use crate::report::{cluster_name, printable};
use crate::scan::ClusterScan;

/// How many clusters are listed where the page has an end.
const MOST_CLUSTERS: usize = 50;

/// The table, if there are clusters.
pub(super) fn table(report: &ComplianceReport<'_>, words: PageWords, room: &mut PageRoom) -> String {
    let clusters = &report.scanned.scan.clusters;
    if clusters.is_empty() {
        return String::new();
    }
    let shown = if room.is_endless { clusters.len() } else { MOST_CLUSTERS.min(clusters.len()) };
    let heading = [
        words.both("Cluster", "클러스터"),
        "ARN".to_owned(),
        words.both("Account", "계정"),
        words.both("Region", "리전"),
        words.both("Captured", "수집 시각"),
        words.both("File", "파일"),
    ];
    let rows: Vec<_> = clusters[..shown].iter().map(|cluster| row(&cells(cluster))).collect();
    let more = match clusters.len() - shown {
        0 => String::new(),
        more => format!("\nand {}\n", plural(more, "more cluster")),
    };
    let table = format!("\n{}\n|---|---|---|---|---|---|\n{}\n{more}", row(&heading), rows.join("\n"));
    room.take(&table);
    table
}

fn cells(cluster: &ClusterScan) -> [String; 6] {
    let identity = &cluster.judgement.cluster;
    let known = |text: &Option<String>| text.as_deref().map_or_else(|| "–".to_owned(), cell);
    let source = match cluster.judgement.source {
        Some(source) => format!("{}: ", printable(source.as_str())),
        None => String::new(),
    };
    [
        cell(cluster_name(identity)),
        known(&identity.arn),
        known(&identity.account),
        known(&identity.region),
        captured(cluster).unwrap_or_else(|| "–".to_owned()),
        format!("{source}{}", cell(&cluster.file.name)),
    ]
}
