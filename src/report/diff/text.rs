//! For people: each cluster with what is new in it, what is fixed, and what brought it.

use super::{DiffReport, Fate, words};
use crate::engine::Standing;
use crate::policy::diff::{Change, ClusterDiff, FindingChange};
use crate::report::finding_text::place;
use crate::report::totals::plural;
use crate::report::{Style, accepted, cluster_name, printable, wrap};
use anstyle::{AnsiColor, Effects};
use std::io::{self, Write};

/// Details of a finding stand below it, this far in.
const INDENT: &str = "      ";

/// Writes the report.
pub(super) fn write(report: &DiffReport<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let page = DiffText { report, style };
    for cluster in &report.diff.clusters {
        page.cluster(cluster, out)?;
    }
    if style.quiet { Ok(()) } else { page.totals(out) }
}

struct DiffText<'p, 'a> {
    report: &'p DiffReport<'a>,
    style: Style,
}

impl<'a> DiffText<'_, 'a> {
    fn cluster(&self, cluster: &ClusterDiff<'a>, out: &mut dyn Write) -> io::Result<()> {
        let shifts: Vec<_> = self.report.shifts(cluster).collect();
        let presence = words::presence(cluster.presence);
        let unchanged = self.style.verbose && !cluster.unchanged.is_empty();
        if shifts.is_empty() && presence.is_none() && !unchanged {
            return Ok(());
        }
        self.heading(cluster, presence, out)?;
        if !shifts.is_empty() {
            writeln!(out)?;
        }
        for (fate, shift) in shifts {
            self.shift(fate, shift, out)?;
        }
        if cluster.untried > 0 {
            self.line("  ", "  ", &words::untried(cluster), out)?;
        }
        if unchanged {
            self.unchanged(cluster, out)?;
        }
        writeln!(out)
    }

    fn heading(
        &self,
        cluster: &ClusterDiff<'_>,
        presence: Option<&str>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let bold = self.style.paint(Effects::BOLD | Effects::UNDERLINE, None);
        let mut parts: Vec<String> = cluster.cluster.place().map(printable).collect();
        parts.extend(presence.map(|presence| format!("({presence})")));
        let separator = if parts.is_empty() { "" } else { "  " };
        let name = printable(cluster_name(cluster.cluster));
        writeln!(out, "{bold}{name}{bold:#}{separator}{}", parts.join(" "))
    }

    fn shift(&self, fate: Fate, shift: &FindingChange<'_>, out: &mut dyn Write) -> io::Result<()> {
        let (word, color) = match fate {
            Fate::New if shift.finding.standing == Standing::Open => ("new", AnsiColor::BrightRed),
            Fate::New => ("new", AnsiColor::BrightBlue),
            Fate::Fixed => ("fixed", AnsiColor::BrightGreen),
            Fate::NoLongerEvaluated => ("unknown", AnsiColor::Yellow),
        };
        let paint = self.style.paint(Effects::BOLD, Some(color));
        let (severity, rule) = (shift.finding.severity, &self.report.rule(shift).id);
        let text = format!("{word} {severity} {rule}: {}", printable(&shift.finding.message));
        let text = wrap(&text, self.style.text_width(), "  ", "    ");
        // The colours come after the line is broken: they have no width.
        let plain = format!("{word} {severity}");
        let as_bad = self.style.severity(severity);
        let coloured = format!("{paint}{word}{paint:#} {as_bad}{severity}{as_bad:#}");
        writeln!(out, "{}", text.replacen(&plain, &coloured, 1))?;
        if fate != Fate::Fixed {
            let place = place(&shift.finding.primary);
            self.line(INDENT, INDENT, &format!("at {place}"), out)?;
        }
        if let Some(why) = self.why_accepted(shift) {
            self.line(INDENT, INDENT, &why, out)?;
        }
        self.causes(fate, shift, out)
    }

    fn why_accepted(&self, shift: &FindingChange<'_>) -> Option<String> {
        accepted::how(shift.finding.standing, self.report.waivers).map(|how| printable(&how))
    }

    fn causes(&self, fate: Fate, shift: &FindingChange<'_>, out: &mut dyn Write) -> io::Result<()> {
        for why in words::why_unknown(fate, shift) {
            let other = if fate == Fate::New { "OLD" } else { "NEW" };
            self.line(INDENT, INDENT, &format!("not evaluated in {other}: {}", printable(&why)), out)?;
        }
        let Some(certainty) = shift.certainty else { return Ok(()) };
        for (at, change) in words::changes(fate, shift).iter().enumerate() {
            let cause = if at == 0 { words::cause(fate, certainty) } else { "and" };
            let text = format!("{cause} {}", change_words(change));
            self.line(INDENT, &format!("{INDENT}  "), &text, out)?;
        }
        match shift.more {
            0 => Ok(()),
            more => self.line(INDENT, INDENT, &format!("and {}", plural(more, "more change")), out),
        }
    }

    fn unchanged(&self, cluster: &ClusterDiff<'_>, out: &mut dyn Write) -> io::Result<()> {
        for finding in &cluster.unchanged {
            let (severity, rule) = (finding.severity, &self.report.rules[finding.rule].rule.id);
            let text = format!("same {severity} {rule}: {}", printable(&finding.message));
            self.line("  ", "    ", &text, out)?;
        }
        Ok(())
    }

    fn totals(&self, out: &mut dyn Write) -> io::Result<()> {
        let totals = self.report.totals();
        let counts = [vec![words::new_findings(&totals)], words::other_counts(&totals)].concat().join("; ");
        self.line("", "  ", &counts, out)?;
        let [old, new] = &self.report.names;
        let (old, new) = (printable(old), printable(new));
        let clusters = words::clusters(&totals);
        let rules = self.report.rules.iter().filter(|rule| rule.rule.judges_clusters()).count();
        let text = format!("{} on {clusters}: {old} against {new}", plural(rules, "rule"));
        self.line("", "  ", &text, out)
    }

    fn line(&self, first: &str, rest: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", wrap(text, self.style.text_width(), first, rest))
    }
}

/// A change with its place in the document and in the file.
fn change_words(change: &Change) -> String {
    let (pointer, words) = (printable(change.at.pointer.as_str()), printable(&words::change(change)));
    format!("{pointer}: {words} ({})", place(&change.at))
}
