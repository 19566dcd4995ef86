//! The page of `ekslint explain`: of each cluster its picture, its flows with their steps, and all that is understood besides.

use super::{ExplainItem, ExplainReport, Explained, OutcomeTone, items_beside_picture};
use crate::report::cluster_name;
use crate::report::html::card::ClusterPanel;
use crate::report::html::places::place;
use crate::report::html::shown::{ShownText, code, shown};
use crate::report::html::{frame, put};
use crate::report::totals::plural;
use askama::Template;
use chrono::NaiveDate;
use std::io::{self, Write};

#[derive(Template)]
#[template(path = "explained_head.html")]
struct ExplainedHead {
    title: ShownText<String>,
    as_of: NaiveDate,
    errors: Vec<ShownText<String>>,
    /// The clusters with their ids, if there are several.
    links: Vec<(String, ShownText<String>)>,
}

#[derive(Template)]
#[template(path = "explained.html")]
struct ExplainedCluster<'a> {
    id: String,
    /// Whether the head of the page has its name.
    is_only: bool,
    name: ShownText<&'a str>,
    place: ShownText<String>,
    file: ShownText<&'a str>,
    panel: ClusterPanel,
    blocks: Vec<ExplainedBlock>,
}

/// A piece of what is understood.
enum ExplainedBlock {
    Heading(ShownText<String>),
    Labelled(&'static str, ShownText<String>),
    Plain(ShownText<String>),
    Outcome(&'static str, ShownText<String>, ShownText<String>),
    Command(String),
    /// Texts with their places, one below the other.
    Places(Vec<PlaceLine>),
}

struct PlaceLine {
    text: ShownText<String>,
    place: Option<ShownText<String>>,
}

/// Writes the page.
pub(super) fn write(report: &ExplainReport, out: &mut dyn Write) -> io::Result<()> {
    let head = ExplainedHead::of(report);
    frame::open(&format!("ekslint explain: {}", head.title.0), out)?;
    put(&head, out)?;
    for (at, explained) in report.clusters.iter().enumerate() {
        put(&ExplainedCluster::of(explained, report, &format!("c{}", at + 1)), out)?;
    }
    frame::close(out)
}

impl ExplainedHead {
    fn of(report: &ExplainReport) -> Self {
        let name = |explained: &Explained| cluster_name(&explained.explanation.cluster).to_owned();
        let named = report.clusters.iter().enumerate();
        let links: Vec<_> =
            named.map(|(at, explained)| (format!("c{}", at + 1), ShownText(name(explained)))).collect();
        let title = match report.clusters.as_slice() {
            [only] => name(only),
            all => plural(all.len(), "cluster"),
        };
        Self {
            title: ShownText(title),
            as_of: report.as_of,
            errors: report.errors.iter().map(|error| ShownText(error.to_string())).collect(),
            links: if links.len() > 1 { links } else { Vec::new() },
        }
    }
}

impl<'a> ExplainedCluster<'a> {
    fn of(explained: &'a Explained, report: &ExplainReport, id: &str) -> Self {
        let cluster = &explained.explanation.cluster;
        let panel = ClusterPanel::of(explained, report.as_of, id, true);
        let blocks = if report.flows_only { Vec::new() } else { blocks(items_beside_picture(explained)) };
        Self {
            id: id.to_owned(),
            is_only: report.clusters.len() == 1,
            name: ShownText(cluster_name(cluster)),
            place: ShownText(cluster.place_in_words()),
            file: ShownText(&explained.file),
            panel: if report.flows_only { panel.without_rest() } else { panel },
            blocks,
        }
    }
}

fn blocks(items: Vec<ExplainItem<'_>>) -> Vec<ExplainedBlock> {
    let mut blocks = Vec::new();
    for item in items {
        let block = match item {
            ExplainItem::Blank => continue,
            ExplainItem::Heading(text) => ExplainedBlock::Heading(shown(&text)),
            ExplainItem::Labelled(label, text) => ExplainedBlock::Labelled(label, shown(&text)),
            ExplainItem::Plain(text) => ExplainedBlock::Plain(shown(&text)),
            ExplainItem::Outcome(tone, word, rest) => {
                ExplainedBlock::Outcome(class(tone), shown(&word), shown(&rest))
            }
            ExplainItem::Command(text, _) => ExplainedBlock::Command(code(&text)),
            ExplainItem::Prints(text) => ExplainedBlock::Plain(shown(&format!("prints: {text}"))),
            ExplainItem::Place(location, text) => {
                let line = PlaceLine { text: shown(&text), place: location.map(place) };
                match blocks.last_mut() {
                    Some(ExplainedBlock::Places(lines)) => {
                        lines.push(line);
                        continue;
                    }
                    _ => ExplainedBlock::Places(vec![line]),
                }
            }
        };
        blocks.push(block);
    }
    blocks
}

fn class(tone: OutcomeTone) -> &'static str {
    match tone {
        OutcomeTone::Good => "stays",
        OutcomeTone::Leaves => "leaves",
        OutcomeTone::Bad => "stopped",
        OutcomeTone::Unknown => "unknown",
    }
}
