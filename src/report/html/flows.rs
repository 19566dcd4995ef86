//! Which way the traffic of a cluster goes: a mark for each flow in a row of the table, and below the picture each flow
//! with its steps, to which the arrows lead.

use super::places::place_in;
use super::shown::{ShownText, shown};
use crate::explain::{Explained, Explanation, Flow, FlowEnd, FlowHop, KubectlFrom, Listed, Verdict};
use crate::report::explain::{FlowGroup, Which, flow_groups, flows, why_unknown};
use crate::report::flow_tone::FlowTone;
use crate::report::picture::FlowAnchors;
use crate::snapshot::UnknownKind;

/// So many steps of a flow are shown.
const HOPS: usize = 40;

/// What becomes of all flows of a letter, in a word.
pub(in crate::report) struct FlowMark {
    pub(in crate::report) letter: &'static str,
    pub(in crate::report) title: &'static str,
    pub(in crate::report) class: &'static str,
    pub(in crate::report) word: &'static str,
}

/// The three flows of a cluster, each in a word: of several the worst. Of kubectl it is the way from outside.
pub(in crate::report) fn marks(explanation: &Explanation) -> [FlowMark; 3] {
    flows(explanation).map(|(which, listed)| {
        let is_shown = |flow: &&Flow| match flow.end {
            FlowEnd::Nodes(_) => true,
            FlowEnd::Kubectl(from) => from == KubectlFrom::Outside,
        };
        let worst = listed.items.iter().filter(is_shown).max_by_key(|flow| FlowTone::of(&flow.verdict));
        let (mut tone, word) = match worst.map(|flow| &flow.verdict) {
            Some(Ok(verdict)) => (Some(FlowTone::of(&Ok(*verdict))), verdict_word(*verdict)),
            Some(Err(_)) => (Some(FlowTone::Unknown), "unknown"),
            None if listed.more.iter().all(|why| why.kind == UnknownKind::NotApplicable) => {
                (None, if listed.more.is_empty() { "none" } else { "does not apply" })
            }
            None => (Some(FlowTone::Unknown), "unknown"),
        };
        // That nobody gets in from outside is nothing to mend.
        if which == Which::FromKubectl && tone == Some(FlowTone::Stopped) {
            tone = None;
        }
        let title = if which == Which::FromKubectl { "kubectl from outside" } else { which.title() };
        FlowMark { letter: which.letter(), title, class: tone.map_or("none", FlowTone::as_str), word }
    })
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::InVpc => "stays",
        Verdict::LeavesVpc => "leaves",
        Verdict::Accepted => "accepted",
        Verdict::LockedOut => "locked out",
        Verdict::Unreachable => "no way",
        Verdict::Blocked => "blocked",
    }
}

/// The flows of a letter.
pub(in crate::report) struct FlowList {
    pub(in crate::report) letter: &'static str,
    pub(in crate::report) title: &'static str,
    pub(in crate::report) rows: Vec<FlowRow>,
    /// Why there may be more.
    pub(in crate::report) more: Vec<ShownText<String>>,
}

/// Flows that are alike.
pub(in crate::report) struct FlowRow {
    pub(in crate::report) id: Option<String>,
    pub(in crate::report) name: ShownText<String>,
    pub(in crate::report) class: &'static str,
    pub(in crate::report) word: &'static str,
    pub(in crate::report) reason: ShownText<String>,
    pub(in crate::report) hops: Vec<HopRow>,
    pub(in crate::report) more_hops: usize,
}

/// A step of a flow.
pub(in crate::report) struct HopRow {
    pub(in crate::report) text: ShownText<String>,
    pub(in crate::report) place: Option<ShownText<String>>,
}

/// All flows of a cluster. Without `steps` each is one line.
pub(in crate::report) fn lists(explained: &Explained, anchors: &FlowAnchors, steps: bool) -> Vec<FlowList> {
    let all = flows(&explained.explanation).into_iter();
    all.map(|(which, listed)| list(explained, (which, listed), anchors, steps)).collect()
}

fn list(
    explained: &Explained,
    (which, listed): (Which, &Listed<Flow>),
    anchors: &FlowAnchors,
    steps: bool,
) -> FlowList {
    let letter = which.letter();
    let mut given = Vec::new();
    let row = |group: FlowGroup<'_>| {
        let id = anchors.get(letter.to_ascii_lowercase().chars().next().unwrap_or('a'), group.flow);
        // Groups of one node group have one id: the first of them gets it.
        let id = id.filter(|id| !given.contains(&(*id).to_owned())).map(str::to_owned);
        given.extend(id.clone());
        let hops = if steps { group.hops.as_slice() } else { &[] };
        FlowRow {
            id,
            more_hops: hops.len().saturating_sub(HOPS),
            hops: hops.iter().take(HOPS).map(|hop| hop_row(explained, hop)).collect(),
            ..flow_row(&group)
        }
    };
    let rows = flow_groups(&listed.items).into_iter().map(row).collect();
    let more = listed.more.iter().map(|why| shown(&why_unknown(why))).collect();
    FlowList { letter, title: which.title(), rows, more }
}

fn flow_row(group: &FlowGroup<'_>) -> FlowRow {
    let flow = group.flow;
    let place = match group.subnets.as_slice() {
        [] => String::new(),
        subnets => format!(" in {}", subnets.join(", ")),
    };
    let (word, reason) = match &flow.verdict {
        Ok(verdict) => (verdict.title(), flow.reason.clone()),
        Err(unknown) => ("unknown", why_unknown(unknown)),
    };
    FlowRow {
        id: None,
        name: shown(&format!("{} {}{place}", flow.end.title(), flow.name)),
        class: FlowTone::of(&flow.verdict).as_str(),
        word,
        reason: shown(&reason),
        hops: Vec::new(),
        more_hops: 0,
    }
}

fn hop_row(explained: &Explained, hop: &FlowHop) -> HopRow {
    HopRow { text: shown(&hop.text), place: place_in(explained, hop.place.as_ref()) }
}
