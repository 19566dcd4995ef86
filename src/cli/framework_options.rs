//! Which frameworks a command is about: the same options in every command.

use crate::policy::config::ConfigErrors;
use crate::rule::Loaded;
use crate::rule::Rule;
use crate::rule::framework::{Framework, FrameworkSet};
use clap::Args;
use std::path::PathBuf;

/// The frameworks of a command.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct FrameworkOptions {
    /// Only the rules of a framework, such as cis-eks-2.0, of any level
    ///
    /// Repeat it, or separate several by commas. `ekslint frameworks` lists all.
    #[arg(
        long,
        value_name = "ID",
        value_delimiter = ',',
        hide_short_help = true,
        conflicts_with = "level",
        help_heading = "Rules"
    )]
    framework: Vec<String>,
    /// Load frameworks from a directory as well
    #[arg(long, value_name = "DIR", hide_short_help = true, help_heading = "Rules")]
    frameworks: Vec<PathBuf>,
}

/// Frameworks, and which of them are asked for.
#[derive(Debug, Default)]
pub(super) struct ChosenFrameworks {
    set: FrameworkSet,
    ids: Vec<String>,
}

impl FrameworkOptions {
    /// Those of a command that has options of its own for them.
    pub(super) fn of(framework: Vec<String>, frameworks: Vec<PathBuf>) -> Self {
        Self { framework, frameworks }
    }

    /// Loads them, if some are asked for. Their mistakes join those of rules.
    ///
    /// # Errors
    ///
    /// There is no such framework.
    pub(super) fn load(&self, loaded: &mut Loaded) -> anyhow::Result<ChosenFrameworks> {
        if self.framework.is_empty() && self.frameworks.is_empty() {
            return Ok(ChosenFrameworks::default());
        }
        let frameworks = FrameworkSet::load(&self.frameworks);
        loaded.notices.extend(frameworks.notices);
        let mut ids = Vec::new();
        for id in &self.framework {
            let framework = frameworks.set.get(id).map_err(|message| match frameworks.errors.is_empty() {
                true => anyhow::Error::msg(message),
                // It may be in a file that is wrong.
                false => ConfigErrors(frameworks.errors.clone()).into(),
            })?;
            if !ids.contains(&framework.id) {
                ids.push(framework.id.clone());
            }
        }
        loaded.errors.extend(frameworks.errors);
        // Of rules and frameworks that did not load, nobody knows what they name.
        if loaded.errors.is_empty() {
            loaded.errors.extend(frameworks.set.unknown_names(&loaded.set));
        }
        Ok(ChosenFrameworks { set: frameworks.set, ids })
    }
}

impl ChosenFrameworks {
    /// Whether none is asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Those that are asked for, in the order in which they were named.
    pub(super) fn chosen(&self) -> impl Iterator<Item = &Framework> {
        self.ids.iter().filter_map(|id| self.set.get(id).ok())
    }

    /// Whether a rule judges a control of one of them.
    pub(super) fn has(&self, rule: &Rule) -> bool {
        self.chosen().any(|framework| framework.has(rule))
    }
}
