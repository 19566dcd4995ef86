//! The commands that show a flow on the running cluster, on the page: each on lines of its own, so that it can be copied,
//! with what it prints where the verdict is right.

use super::ExplainText;
use crate::explain::FlowCheck;
use crate::report::explain::checks::command_text;
use crate::report::{command_lines, printable, wrap};
use anstyle::Effects;

/// What commands are indented by.
const COMMAND: &str = "    ";

impl ExplainText<'_> {
    /// Says nothing unless more is asked for.
    pub(super) fn checks(&mut self, all: &[FlowCheck]) {
        if !self.style.verbose {
            return;
        }
        let mut last = None;
        for check in all {
            if last.replace(check.at) != Some(check.at) {
                self.indented(&format!("see it {}:", check.at.title()));
            }
            self.check(check);
        }
    }

    fn check(&mut self, check: &FlowCheck) {
        let width = self.style.text_width();
        for line in command_lines::lines(&command_text(&check.command), width - COMMAND.len()) {
            let line = command_lines::with_blanks(&line, self.style);
            self.line(&format!("{COMMAND}{line}"));
        }
        let dim = self.style.paint(Effects::DIMMED, None);
        let first = format!("{COMMAND}  prints: ");
        let rest = " ".repeat(first.len());
        for line in wrap(&printable(&check.prints), width, &first, &rest).lines() {
            self.line(&format!("{dim}{line}{dim:#}"));
        }
    }
}
