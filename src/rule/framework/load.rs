//! Loading frameworks: from the binary and from an organisation's directories.

use super::{Control, Framework, file};
use crate::rule::load::{read_file, yaml_files};
use crate::rule::{Rule, RulePattern, RuleSet};
use crate::text::{NaturalKey, nearest, nearest_or_all};
use crate::value::Problem;
use std::path::{Path, PathBuf};

/// The frameworks in the binary: file name and text.
static BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/built_in_frameworks.rs"));

/// Frameworks, sorted by id as people count.
#[derive(Debug, Default)]
pub struct FrameworkSet {
    /// All of them.
    pub frameworks: Vec<Framework>,
}

/// What loading frameworks gave.
#[derive(Debug, Default)]
pub struct LoadedFrameworks {
    /// The frameworks.
    pub set: FrameworkSet,
    /// Files that are wrong.
    pub errors: Vec<Problem>,
    /// What is worth saying besides.
    pub notices: Vec<String>,
}

impl FrameworkSet {
    /// Loads the built-in frameworks, and those of directories over them.
    pub fn load(directories: &[PathBuf]) -> LoadedFrameworks {
        let mut loaded = LoadedFrameworks::default();
        for (name, text) in BUILT_IN {
            loaded.add(file::read(name, text, true));
        }
        for directory in directories {
            loaded.add_directory(directory);
        }
        loaded.set.frameworks.sort_by(|a, b| NaturalKey::of(&a.id).cmp(&NaturalKey::of(&b.id)));
        loaded
    }

    /// The framework of that id.
    ///
    /// # Errors
    ///
    /// There is none: in words, with the nearest name.
    pub fn get(&self, id: &str) -> Result<&Framework, String> {
        let found = self.frameworks.iter().find(|framework| framework.id == id);
        let ids: Vec<_> = self.frameworks.iter().map(|framework| framework.id.as_str()).collect();
        found.ok_or_else(|| {
            let hint = nearest_or_all(id, &ids);
            format!("no framework is called `{id}`{hint} (`ekslint frameworks` lists all)")
        })
    }

    /// Controls that rules name and their framework does not have, and patterns of frameworks that fit no rule.
    pub fn unknown_names(&self, rules: &RuleSet) -> Vec<Problem> {
        let of_framework = |framework: &Framework| {
            [framework.unknown_controls(rules), framework.unknown_rules(rules)].concat()
        };
        self.frameworks.iter().flat_map(of_framework).collect()
    }
}

impl Framework {
    /// Controls that rules name and it does not have. An organisation's own edition of a framework need not have all that
    /// built-in rules name.
    fn unknown_controls(&self, rules: &RuleSet) -> Vec<Problem> {
        let rules = rules.rules.iter().filter(|rule| self.built_in || !rule.built_in);
        let named = rules.flat_map(|rule| {
            let controls = rule.frameworks().get(&self.id).into_iter().flatten();
            controls.map(move |control| (rule, control))
        });
        let unknown = named.filter(|(_, control)| self.control(control).is_none());
        let problem = |(rule, control): (&Rule, &String)| {
            let hint = nearest(control, self.controls.iter().map(|control| control.id.as_str()));
            let message = format!("{} has no control `{control}`{hint}", self.id);
            Problem { rule: Some(rule.id.clone()), ..Problem::of_file(&rule.file, message) }
        };
        unknown.map(problem).collect()
    }

    /// Patterns of its controls that fit no rule.
    fn unknown_rules(&self, rules: &RuleSet) -> Vec<Problem> {
        let patterns = self
            .controls
            .iter()
            .flat_map(|control| control.rules.iter().map(move |pattern| (control, pattern)));
        let unknown = patterns.filter(|(_, pattern)| !rules.rules.iter().any(|rule| pattern.fits(rule)));
        let problem = |(control, pattern): (&Control, &RulePattern)| {
            let (name, hint) = (pattern.text(), rules.hint(pattern.text()));
            let message =
                format!("the control {} names the rule `{name}`, which does not exist{hint}", control.id);
            Problem::of_file(&self.file, message)
        };
        unknown.map(problem).collect()
    }
}

impl LoadedFrameworks {
    fn add(&mut self, framework: Result<Framework, Problem>) {
        let framework = match framework {
            Ok(framework) => framework,
            Err(problem) => return self.errors.push(problem),
        };
        let known = self.set.frameworks.iter().position(|known| known.id == framework.id);
        let Some(known) = known.map(|at| &mut self.set.frameworks[at]) else {
            return self.set.frameworks.push(framework);
        };
        if known.built_in {
            let notice =
                format!("{}: overrides the framework {} of {}", framework.file, known.id, known.file);
            self.notices.push(notice);
            *known = framework;
        } else {
            let message = format!("the framework `{}` is already in {}", framework.id, known.file);
            self.errors.push(Problem::of_file(&framework.file, message));
        }
    }

    fn add_directory(&mut self, directory: &Path) {
        let files = yaml_files(directory);
        if files.is_empty() {
            let message = "has no files with frameworks (*.yaml)";
            self.errors.push(Problem::of_file(directory.display().to_string(), message));
        }
        for found in files {
            let read = found.and_then(|path| {
                let name = path.display().to_string();
                file::read(&name, &read_file(&path)?, false)
            });
            self.add(read);
        }
    }
}
