//! What changed since an older state, for people: a row for each control on each cluster.

use super::since::{ShownChange, changed, changes, clusters, controls, days, notes};
use super::verdict_style::verdict_style;
use super::{ComplianceReport, Style};
use crate::report::{printable, wrap};
use crate::text::first_names;
use anstyle::Effects;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// How many changes are shown without `-v`.
const CHANGES: usize = 20;
/// How many clusters or controls are named without `-v`.
const NAMED: usize = 10;

/// Writes what changed in a framework, by its position; with the first one, also which clusters came and went.
pub(super) fn write(
    report: &ComplianceReport<'_>,
    framework: usize,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some((since, own)) =
        report.since.as_ref().and_then(|since| Some((since, since.frameworks.get(framework)?)))
    else {
        return Ok(());
    };
    let bold = style.paint(Effects::BOLD, None);
    let source = printable(&since.state.source);
    let when = days(since).map_or_else(|| source.clone(), |days| format!("{days} ({source})"));
    let head = format!("Since {when}: {}", changed(own));
    writeln!(out, "{bold}{}{bold:#}", wrap(&head, style.text_width(), "  ", "    "))?;
    let all = changes(report, own);
    let shown = if style.verbose { all.len() } else { CHANGES.min(all.len()) };
    all[..shown].iter().try_for_each(|change| write_change(change, style, out))?;
    let line = |text: &str, out: &mut dyn Write| {
        writeln!(out, "{}", wrap(&printable(text), style.text_width(), "    ", "      "))
    };
    if shown < all.len() {
        line(&format!("and {} more; -v shows them", all.len() - shown), out)?;
    }
    let named = |names: &[String]| first_names(names, if style.verbose { names.len() } else { NAMED });
    for (what, ids) in controls(own) {
        line(&format!("controls {what}: {}", named(ids)), out)?;
    }
    if framework == 0 {
        for (what, names) in clusters(report, since) {
            line(&format!("clusters {what}: {}", named(&names)), out)?;
        }
        notes(report, since).iter().try_for_each(|note| line(note, out))?;
    }
    writeln!(out)
}

fn write_change(change: &ShownChange<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let [before, now] = [change.before, change.now].map(|verdict| {
        let paint = style.styled(verdict_style(verdict));
        format!("{paint}{}{paint:#}", verdict.in_words())
    });
    let remark = if change.remark.is_empty() { String::new() } else { format!(", {}", change.remark) };
    let what = printable(&format!("{} {}", change.control, change.cluster));
    let words = [change.before, change.now].map(|verdict| verdict.in_words().width());
    let width = 4 + what.width() + 2 + words[0] + 3 + words[1] + remark.width();
    let gap = if width > style.text_width() { "\n      " } else { " " };
    writeln!(out, "    {what}:{gap}{before} → {now}{remark}")
}
