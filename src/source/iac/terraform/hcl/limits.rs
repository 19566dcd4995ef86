//! How much a root module may be, and how much work it may make. Where a limit is reached, a sentence says so.

use std::cell::Cell;

/// Bytes of one file.
pub(super) const MAX_FILE_BYTES: usize = 16 << 20;
/// Bytes of all files of a root, with its modules.
pub(super) const MAX_ROOT_BYTES: usize = 64 << 20;
/// Files of a root, with its modules.
pub(super) const MAX_FILES: usize = 5_000;
/// Files and folders that `fileset` looks through.
pub(super) const MAX_FILESET: usize = 20_000;
/// Modules in modules.
pub(super) const MAX_MODULE_DEPTH: usize = 16;
/// Modules of a root, each instance counted.
pub(super) const MAX_MODULES: usize = 2_000;
/// Instances that `count` or `for_each` makes of one block.
pub(super) const MAX_INSTANCES: usize = 2_000;
/// Resources of a root, each instance counted.
pub(super) const MAX_RESOURCES: usize = 100_000;
/// Blocks that `dynamic` blocks make of one block.
pub(super) const MAX_DYNAMIC_BLOCKS: usize = 5_000;
/// Steps of evaluation of a root: one for each expression, and one for each value that is looked at.
pub(super) const MAX_STEPS: u64 = 10_000_000;
/// Expressions and references in each other.
pub(super) const MAX_DEPTH: u32 = 1_000;
/// Values in each other.
pub(super) const MAX_VALUE_DEPTH: usize = 100;
/// Values in a value.
pub(super) const MAX_VALUE_NODES: usize = 300_000;
/// Bytes of a text that is put together.
pub(super) const MAX_TEXT_BYTES: usize = 4 << 20;
/// Values of all resources of a root.
pub(super) const MAX_ROOT_NODES: usize = 5_000_000;

/// What is left of the work that a root may make.
#[derive(Debug)]
pub(super) struct Budget {
    steps: Cell<u64>,
    depth: Cell<u32>,
    exhausted: Cell<Option<&'static str>>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: Cell::new(MAX_STEPS), depth: Cell::new(0), exhausted: Cell::new(None) }
    }
}

impl Budget {
    /// Takes some steps.
    pub(super) fn take(&self, steps: usize) -> Result<(), String> {
        let left = self.steps.get().checked_sub(steps as u64);
        match left {
            Some(left) => self.steps.set(left),
            None => {
                self.steps.set(0);
                self.exhausted.set(Some("evaluating the module takes too many steps"));
            }
        }
        match self.exhausted.get() {
            Some(why) => Err(why.to_owned()),
            None => Ok(()),
        }
    }

    /// Goes one level down; [`Budget::leave`] goes up again.
    pub(super) fn enter(&self) -> Result<(), String> {
        if self.depth.get() >= MAX_DEPTH {
            return Err(format!("expressions refer to each other more than {MAX_DEPTH} levels deep"));
        }
        self.depth.set(self.depth.get() + 1);
        Ok(())
    }

    /// Goes one level up.
    pub(super) fn leave(&self) {
        self.depth.set(self.depth.get().saturating_sub(1));
    }

    /// Stops all evaluation from here on.
    pub(super) fn exhaust(&self, why: &'static str) {
        self.exhausted.set(self.exhausted.get().or(Some(why)));
    }

    /// Why nothing more is evaluated, if so.
    pub(super) fn exhausted(&self) -> Option<&'static str> {
        self.exhausted.get()
    }
}
