//! The commands that show a flow on the running cluster, on the page: each on lines of its own, so that it can be copied,
//! with what it prints where the verdict is right.

use super::{ExplainItem, ExplainPage};
use crate::explain::FlowCheck;
use crate::report::explain::checks::command_text;

impl ExplainPage<'_> {
    /// Says nothing unless more is asked for.
    pub(super) fn checks(&mut self, all: &[FlowCheck]) {
        if !self.verbose {
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
        self.put(ExplainItem::Command(command_text(&check.command), true));
        self.put(ExplainItem::Prints(check.prints.clone()));
    }
}
