//! Loading rules: from the binary and from directories. A rule with a mistake does not load; the
//! mistake is reported with file, line and column, and the other rules load all the same.

use super::Rule;
use super::cel::{COMPILE_STACK, CelParser};
use super::compile;
use super::document::RuleDocument;
use super::policy_rules;
use super::strict;
use crate::source::bounded;
use crate::text::{hexadecimal, nearest};
use crate::threads;
use crate::value::Problem;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

/// The largest rule file, in bytes.
const MAX_FILE: u64 = 256 * 1024;
/// On how many threads rules are loaded at most.
const MAX_THREADS: usize = 8;
/// The most rule files of a directory.
const MAX_FILES: usize = 5_000;

/// The rules in the binary: file name, text, and the same as JSON without examples.
static BUILT_IN: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/built_in_rules.rs"));

/// Where rules come from.
#[derive(Clone, Debug)]
pub enum RuleSource {
    /// The rules on waivers and the baseline, which are no files.
    Policy,
    /// The binary.
    BuiltIn,
    /// The `*.yaml` and `*.yml` files of a directory, or one file.
    Path(PathBuf),
    /// A rule file that is in memory: its name and its text.
    Text(String, String),
}

/// Rules, sorted by id.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// The rules.
    pub rules: Vec<Rule>,
}

/// What loading gave.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The rules without mistakes.
    pub set: RuleSet,
    /// The mistakes.
    pub errors: Vec<Problem>,
    /// What is worth saying: rules that override others.
    pub notices: Vec<String>,
}

impl RuleSet {
    /// The rule of that id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.binary_search_by(|rule| rule.id.as_str().cmp(id)).ok().map(|at| &self.rules[at])
    }

    /// The SHA-256 of all files of sources, in hexadecimal digits: two sets with the same digest judge alike.
    pub fn digest(sources: &[RuleSource]) -> String {
        let mut digest = Sha256::default();
        for (name, text) in sources.iter().flat_map(|source| Loader::default().read(source)) {
            for part in [name, text] {
                digest.update((part.len() as u64).to_le_bytes());
                digest.update(part);
            }
        }
        hexadecimal(digest.finalize())
    }

    /// Loads rules, later sources over earlier ones. `examples` says whether the examples of the
    /// built-in rules are wanted too.
    pub fn load(sources: &[RuleSource], examples: bool) -> Loaded {
        Loader::default().load(sources, examples)
    }
}

/// Reads and compiles one file. A user's file is read strictly; a built-in one was, by our tests.
fn load(document: &RuleDocument<'_>, strict: bool) -> Result<Rule, Problem> {
    if let Some(rule) = load_quickly(document) {
        return Ok(rule);
    }
    let file = document.read(strict)?;
    let id = file.id.value.clone();
    let compiled = compile::compile(file, document, CelParser::Exact);
    compiled.map_err(|problem| Problem { rule: Some(id), ..problem })
}

/// Loads a built-in rule from what the build made of it: every start does this for each of them. None where it is not
/// ready for that; the other way tells what is wrong.
fn load_quickly(document: &RuleDocument<'_>) -> Option<Rule> {
    compile::compile(document.read_json()?, document, CelParser::Quick).ok()
}

/// Loads documents on several threads, each with the deep stack that hostile expressions need.
fn load_all(documents: &[RuleDocument<'_>], strict: bool) -> Vec<Result<Rule, Problem>> {
    let load = |document: &RuleDocument<'_>| {
        let loaded = std::panic::catch_unwind(AssertUnwindSafe(|| load(document, strict)));
        let is_bug = |_| Problem::of_file(document.name, "could not be loaded, and that is a bug in ekslint");
        loaded.map_err(is_bug).flatten()
    };
    let most = documents.len().min(MAX_THREADS);
    threads::run(COMPILE_STACK, most, || documents.par_iter().map(load).collect())
}

#[derive(Default)]
struct Loader {
    rules: HashMap<String, Rule>,
    loaded: Loaded,
}

impl Loader {
    fn load(mut self, sources: &[RuleSource], examples: bool) -> Loaded {
        for source in sources {
            if let RuleSource::Policy = source {
                self.rules.extend(policy_rules::rules().into_iter().map(|rule| (rule.id.clone(), rule)));
            }
            let built_in = matches!(source, RuleSource::BuiltIn);
            let files = if built_in { Vec::new() } else { self.read(source) };
            let documents: Vec<_> = match built_in {
                true => BUILT_IN.iter().map(|rule| built_in_document(rule, examples)).collect(),
                false => files.iter().map(|(name, text)| RuleDocument { name, text, json: None }).collect(),
            };
            let mut ids = HashMap::new();
            for (document, rule) in documents.iter().zip(load_all(&documents, !built_in)) {
                match rule {
                    Ok(rule) => self.add(Rule { built_in, ..rule }, document.text, &mut ids),
                    Err(error) => self.loaded.errors.push(error),
                }
            }
        }
        let mut rules: Vec<_> = self.rules.into_values().collect();
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        self.loaded.set = RuleSet { rules };
        self.loaded.set.find_other_names();
        self.loaded.check_references();
        self.loaded
    }

    /// The files of a source, sorted by name.
    fn read(&mut self, source: &RuleSource) -> Vec<(String, String)> {
        let path = match source {
            RuleSource::BuiltIn => {
                return BUILT_IN
                    .iter()
                    .map(|(name, text, _)| ((*name).to_owned(), (*text).to_owned()))
                    .collect();
            }
            RuleSource::Policy => return Vec::new(),
            RuleSource::Text(name, text) => return vec![(name.clone(), text.clone())],
            RuleSource::Path(path) => path,
        };
        let mut files = Vec::new();
        for file in yaml_files(path) {
            match file.and_then(|file| Ok((file.display().to_string(), read_file(&file)?))) {
                Ok(file) => files.push(file),
                Err(error) => self.loaded.errors.push(error),
            }
        }
        if files.is_empty() && self.loaded.errors.is_empty() {
            let message = "has no rule files (*.yaml)";
            self.loaded.errors.push(Problem::of_file(path.display().to_string(), message));
        }
        files
    }

    fn add(&mut self, rule: Rule, text: &str, ids: &mut HashMap<String, String>) {
        if let Some(other) = ids.get(&rule.id) {
            let message = format!("the rule id `{}` is already used in {other}", rule.id);
            let place = strict::place_of(text, &["id".to_owned()]);
            let error = Problem::of_file(&rule.file, message);
            self.loaded.errors.push(Problem { rule: Some(rule.id), place, ..error });
            return;
        }
        ids.insert(rule.id.clone(), rule.file.clone());
        if let Some(before) = self.rules.get(&rule.id) {
            let notice = format!("{}: overrides the rule {} of {}", rule.file, rule.id, before.file);
            self.loaded.notices.push(notice);
        }
        self.rules.insert(rule.id.clone(), rule);
    }
}

impl Loaded {
    /// `supersedes` must name rules that exist; where some did not load, that is unknown.
    fn check_references(&mut self) {
        if !self.errors.is_empty() {
            return;
        }
        let known = |id: &str| self.set.get(id).is_some();
        for rule in &self.set.rules {
            for id in rule.supersedes.iter().filter(|id| !known(id)) {
                let ids = self.set.rules.iter().map(|rule| rule.id.as_str());
                let hint = nearest(id, ids);
                self.notices.push(format!("{}: supersedes the unknown rule `{id}`{hint}", rule.file));
            }
        }
    }
}

/// The files of a directory that may be YAML, sorted by path, or the file that is named.
pub(super) fn yaml_files(path: &Path) -> Vec<Result<PathBuf, Problem>> {
    let yaml =
        |path: &Path| path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    if path.is_file() {
        return vec![Ok(path.to_owned())];
    }
    if !path.exists() {
        return vec![Err(Problem::of_file(path.display().to_string(), "does not exist"))];
    }
    let data = |entry: &ignore::DirEntry| entry.depth() == 1 && entry.file_name() == "data";
    let walk = ignore::WalkBuilder::new(path)
        .sort_by_file_path(Path::cmp)
        .filter_entry(move |entry| !data(entry))
        .build();
    let mut files = Vec::new();
    for entry in walk {
        match entry {
            Ok(entry) if entry.path().is_file() && yaml(entry.path()) => files.push(Ok(entry.into_path())),
            Ok(_) => {}
            Err(error) => files.push(Err(Problem::of_file(path.display().to_string(), error.to_string()))),
        }
        if files.len() > MAX_FILES {
            let message = format!("has more than {MAX_FILES} YAML files");
            files.push(Err(Problem::of_file(path.display().to_string(), message)));
            break;
        }
    }
    files
}

/// The text of a rule's or a framework's file.
pub(super) fn read_file(path: &Path) -> Result<String, Problem> {
    bounded::read_text(path, MAX_FILE)
        .map_err(|error| Problem::of_file(path.display().to_string(), error.to_string()))
}

/// A built-in rule; without its examples it is read from JSON.
fn built_in_document(
    (name, text, json): &'static (&str, &str, &str),
    examples: bool,
) -> RuleDocument<'static> {
    RuleDocument { name, text, json: (!examples).then_some(*json) }
}

/// Loads the built-in rules as a user's rules are loaded, with every check.
pub fn check_built_in() -> Vec<Problem> {
    let documents: Vec<_> = BUILT_IN.iter().map(|rule| built_in_document(rule, true)).collect();
    load_all(&documents, true).into_iter().filter_map(Result::err).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(document: &RuleDocument<'_>) -> String {
        let mut rule = load(document, false).unwrap_or_else(|error| panic!("{error}"));
        rule.examples.clear();
        without_places(&rule)
    }

    /// A built-in rule without its examples, which come last and are most of the text: the build reads no more.
    fn without_examples(text: &str) -> &str {
        text.find("\nexamples:").map_or(text, |end| &text[..end + 1])
    }

    /// All of a rule but for the numbers that a parser gives the parts of expressions, to say where they stand.
    fn without_places(rule: &Rule) -> String {
        let text = format!("{rule:#?}");
        let number = |line: &&str| {
            line.trim_start().strip_prefix("id: ").is_some_and(|id| id.starts_with(char::is_numeric))
        };
        text.lines().filter(|line| !number(line)).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_built_in_rule_is_the_same_without_its_examples() {
        for (name, text, json) in BUILT_IN {
            let short = without_examples(text);
            assert!(short.len() < text.len(), "{name} has no examples");
            let rest = text[short.len()..].lines().skip(1);
            let key = rest.clone().find(|line| line.starts_with(|c: char| !" -#".contains(c)));
            assert_eq!(key, None, "{name}: `examples` must be the last key");
            let document = RuleDocument { name, text, json: None };
            let whole = described(&document);
            assert_eq!(whole, described(&RuleDocument { text: short, ..document }), "{name}");
            let document = RuleDocument { json: Some(json), ..document };
            let quick = load_quickly(&document).unwrap_or_else(|| panic!("{name} is not loaded quickly"));
            assert!(whole == without_places(&quick), "{name} is another rule when it is loaded quickly");
        }
    }

    #[test]
    fn the_place_of_a_wrong_example_is_told() {
        let text = "id: a\ntitle: t\nseverity: low\nsince: 0.1.0\nresource: cluster\nassert: \"true\"\nmessage: m\n\
                    rationale: r\nremediation: { text: t }\nexamples:\n  - name: x\n    snapshot: { cluster: { version: 1.3 } }\n";
        let error = load(&RuleDocument { name: "a.yaml", text, json: None }, true).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a.yaml:12:37: the example `x` is not a snapshot: /cluster/version is a number, not of type string"
        );
    }

    #[test]
    fn a_part_of_a_check_beside_checks_is_refused() {
        let text = "id: a\ntitle: t\nseverity: low\nsince: 0.1.0\nresource: cluster\nat: cluster.name\n\
                    checks: [{ assert: \"true\", message: m }]\nrationale: r\nremediation: { text: t }\n";
        let error = load(&RuleDocument { name: "a.yaml", text, json: None }, true).unwrap_err();
        assert!(error.message.contains("has both `checks` and a check's own keys"), "{error}");
    }
}
