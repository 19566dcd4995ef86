//! A cluster: its picture, which way its traffic goes, its versions, who administers it, and its findings by rule.

use super::clusters::{EndpointMark, VersionMark};
use super::findings::RuleBlocks;
use super::flows::{FlowList, lists};
use super::groups::{PageGroup, PageGroups};
use super::places::place_in;
use super::shown::{ShownText, code, shown};
use super::timeline::{Timeline, TimelineSubject};
use super::{PICTURES, put};
use crate::explain::{AdminWay, Explained};
use crate::report::Report;
use crate::report::explain::{endpoint_words, version_words, why_unknown};
use crate::report::picture::{self, FlowAnchors, PictureFrame};
use askama::Template;
use chrono::NaiveDate;
use std::io::{self, Write};

/// So many administrators are listed.
const ADMINS: usize = 30;

#[derive(Template)]
#[template(path = "card.html")]
struct ClusterCard<'a> {
    id: String,
    number: usize,
    /// Whether it is one of several: then it is folded.
    is_folded: bool,
    name: ShownText<&'a str>,
    place: ShownText<String>,
    file: ShownText<String>,
    version: VersionMark,
    endpoint: EndpointMark,
    counts: Vec<(&'static str, usize)>,
    not_evaluated: usize,
    panel: Option<ClusterPanel>,
    rules: Vec<CardRule<'a>>,
}

/// What is understood about a cluster.
#[derive(Template)]
#[template(path = "panel.html")]
pub(in crate::report) struct ClusterPanel {
    picture: Option<String>,
    flows: Vec<FlowList>,
    /// Whether the steps are on the page.
    has_steps: bool,
    file: ShownText<String>,
    /// Whether more than the flows is on the page.
    has_rest: bool,
    versions: Vec<ShownText<String>>,
    timeline: Option<Timeline>,
    endpoint: Vec<ShownText<String>>,
    admins: Vec<AdminRow>,
    more_admins: usize,
    other_admins: Vec<ShownText<String>>,
}

struct AdminRow {
    principal: ShownText<String>,
    way: &'static str,
    place: Option<ShownText<String>>,
}

/// A rule that found something in the cluster.
struct CardRule<'a> {
    severity: &'static str,
    title: ShownText<&'a str>,
    href: String,
    count: usize,
}

/// Writes all clusters.
pub(in crate::report) fn write(
    report: &Report<'_>,
    groups: &PageGroups<'_>,
    blocks: &RuleBlocks<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let is_folded = groups.clusters().count() > 1;
    if !is_folded {
        // The links of the page's head lead here.
        out.write_all(b"<div id=\"clusters\"></div>\n")?;
    }
    for (at, group) in groups.clusters().enumerate() {
        let panel = group.explained();
        let panel =
            panel.map(|explained| ClusterPanel::of(explained, report.as_of, &group.id(), at < PICTURES));
        put(&ClusterCard::of(report.as_of, group, panel, blocks, is_folded), out)?;
    }
    Ok(())
}

impl<'a> ClusterCard<'a> {
    fn of(
        today: NaiveDate,
        group: &PageGroup<'a>,
        panel: Option<ClusterPanel>,
        blocks: &RuleBlocks<'a>,
        is_folded: bool,
    ) -> Self {
        let explanation = group.explained().map(|explained| &explained.explanation);
        let rules = blocks.of_group(group.number).map(|(block, count)| CardRule {
            severity: block.severity.as_str(),
            title: ShownText(block.rule.title.as_str()),
            href: format!("{}-{}", block.id(), group.id()),
            count,
        });
        Self {
            id: group.id(),
            number: group.number,
            is_folded,
            name: ShownText(group.group.title()),
            place: ShownText(group.place()),
            file: ShownText(group.group.file.name.clone()),
            version: VersionMark::of(explanation, today),
            endpoint: EndpointMark::of(explanation),
            counts: group.found().map(|(severity, count)| (severity.as_str(), count)).collect(),
            not_evaluated: group.not_evaluated,
            panel,
            rules: rules.collect(),
        }
    }
}

impl ClusterPanel {
    /// With the picture and the steps of flows, or without.
    pub(in crate::report) fn of(explained: &Explained, today: NaiveDate, id: &str, is_whole: bool) -> Self {
        let explanation = &explained.explanation;
        let anchors = FlowAnchors::of(explanation, &format!("{id}-"));
        let frame = PictureFrame { id_prefix: id, anchors: Some(&anchors), has_style: false };
        let admins = &explanation.admins;
        Self {
            picture: is_whole.then(|| inline(&picture::svg(explanation, &frame))),
            flows: lists(explained, &anchors, is_whole),
            has_steps: is_whole,
            file: ShownText(explained.file.clone()),
            has_rest: true,
            versions: version_words(explanation).iter().map(|text| shown(text)).collect(),
            timeline: is_whole
                .then(|| Timeline::of(&TimelineSubject::explained(explanation), today, id))
                .flatten(),
            endpoint: endpoint_words(explanation).iter().map(|text| shown(text)).collect(),
            admins: admins.items.iter().take(ADMINS).map(|admin| AdminRow::of(explained, admin)).collect(),
            more_admins: admins.items.len().saturating_sub(ADMINS),
            other_admins: admins.more.iter().map(|why| shown(&why_unknown(why))).collect(),
        }
    }

    /// The same without what is not about flows.
    pub(in crate::report) fn without_rest(self) -> Self {
        Self { has_rest: false, ..self }
    }
}

impl AdminRow {
    fn of(explained: &Explained, admin: &crate::explain::ClusterAdmin) -> Self {
        Self {
            principal: shown(&admin.principal),
            way: AdminWay::title(admin.way),
            place: place_in(explained, Some(&admin.place)),
        }
    }
}

/// A picture as a part of HTML, which needs no name space. It has links, so that it is no mere image. In its attributes too
/// nothing is hidden.
fn inline(svg: &str) -> String {
    let svg = svg.replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1);
    code(&svg.replacen(" role=\"img\"", " role=\"group\"", 1))
}
