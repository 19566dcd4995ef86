//! Rules and snapshots that a test writes down, loaded and judged as a scan does it.

use bumpalo::Bump;
use ekslint::engine::{Configured, Finding, Judge, Judgement, Outcome};
use ekslint::facts::AsOf;
use ekslint::rule::{Loaded, Rule, RuleSet, RuleSource};
use ekslint::scan::{Keep, scan};
use ekslint::snapshot::Unknown;
use ekslint::source::{Input, Origin};
use std::fs;
use tempfile::TempDir;

/// What every rule needs besides its core.
const REQUIRED: [(&str, &str); 8] = [
    ("id", "tested"),
    ("title", "A rule of a test"),
    ("severity", "high"),
    ("since", "0.1.0"),
    ("resource", "cluster"),
    ("message", "found"),
    ("rationale", "It is tested."),
    ("remediation", "{ text: None is needed. }"),
];

/// A rule file: the core, and after it what else a rule needs.
pub(crate) fn filled(core: &str) -> String {
    let has = |key: &str| core.lines().any(|line| line.starts_with(&format!("{key}:")));
    let mut text = format!("{}\n", core.trim_end());
    for (key, value) in REQUIRED {
        let own = key == "message" && has("checks");
        if !has(key) && !own {
            text.push_str(&format!("{key}: {value}\n"));
        }
    }
    text
}

/// Loads rule files: `rule.yaml`, `rule-1.yaml` and so on.
pub(crate) fn load(texts: &[String]) -> Loaded {
    let dir = TempDir::new().expect("a temporary directory");
    for (at, text) in texts.iter().enumerate() {
        let name = if at == 0 { "rule.yaml".to_owned() } else { format!("rule-{at}.yaml") };
        fs::write(dir.path().join(name), text).expect("a file");
    }
    let mut loaded = RuleSet::load(&[RuleSource::Path(dir.path().to_owned())], true);
    let folder = format!("{}/", dir.path().display());
    for error in &mut loaded.errors {
        error.file = error.file.replace(&folder, "");
        error.message = error.message.replace(&folder, "");
    }
    loaded
}

/// What is wrong with a rule; nothing for a rule that loads.
pub(crate) fn mistakes(core: &str) -> String {
    let loaded = load(&[filled(core)]);
    loaded.errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// What one rule says about one snapshot.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) outcome: Outcome,
    pub(crate) findings: Vec<Finding>,
    /// Why it was not evaluated.
    pub(crate) unknowns: Vec<Unknown>,
    /// Why the rule failed.
    pub(crate) errors: Vec<String>,
}

impl Verdict {
    fn of(judgement: Judgement) -> Self {
        Self {
            outcome: judgement.outcomes[0],
            findings: judgement.findings,
            unknowns: judgement.unknowns.into_keys().map(|(_, unknown)| unknown).collect(),
            errors: judgement.errors.into_iter().map(|error| error.cause).collect(),
        }
    }

    /// The pointers of the findings, in order.
    pub(crate) fn pointers(&self) -> Vec<&str> {
        self.findings.iter().map(|finding| finding.primary.pointer.as_str()).collect()
    }

    /// The reasons for which something was not evaluated.
    pub(crate) fn reasons(&self) -> Vec<&str> {
        self.unknowns.iter().map(|unknown| unknown.reason.as_str()).collect()
    }
}

/// Judges the snapshots of a document by rules, as a scan does it.
///
/// # Panics
///
/// When a rule does not load or the document is no snapshot.
pub(crate) fn scanned(cores: &[&str], document: &str) -> Vec<Judgement> {
    let loaded = load(&cores.iter().map(|core| filled(core)).collect::<Vec<_>>());
    assert!(loaded.errors.is_empty(), "{cores:?}: {:?}", loaded.errors);
    scanned_by(&loaded.set.rules.iter().collect::<Vec<_>>(), document)
}

/// Judges the snapshot of a document by one of the built-in rules; `*` is all that need no parameter.
pub(crate) fn judge_built_in(id: &str, document: &str) -> Judgement {
    let loaded = RuleSet::load(&[RuleSource::BuiltIn], false);
    let wanted = |rule: &&Rule| rule.id == id || id == "*" && rule.required_params().next().is_none();
    let rules: Vec<_> = loaded.set.rules.iter().filter(wanted).collect();
    assert!(!rules.is_empty(), "no rule {id}");
    scanned_by(&rules, document).remove(0)
}

fn scanned_by(rules: &[&Rule], document: &str) -> Vec<Judgement> {
    let arena = Bump::new();
    let configured = |rule| Configured::with(rule, &serde_json::Map::new(), &arena).expect("parameters");
    let date = "2026-11-21".parse().expect("a date");
    let judge = Judge::new(rules.iter().copied().map(configured).collect(), AsOf { date });
    let dir = TempDir::new().expect("a temporary directory");
    let file = dir.path().join("snapshot.json");
    fs::write(&file, document).expect("a file");
    let scan = scan(
        &[Input::new(Origin::File(file), true)],
        &judge,
        Keep { excerpts: true, versions: true, ..Keep::default() },
    );
    assert!(scan.problems.is_empty(), "{:?}", scan.problems);
    scan.clusters.into_iter().map(|cluster| cluster.judgement).collect()
}

/// Judges the snapshots of a document by one rule.
pub(crate) fn verdicts(core: &str, document: &str) -> Vec<Verdict> {
    scanned(&[core], document).into_iter().map(Verdict::of).collect()
}

/// As [`verdicts`], of a document that is one snapshot.
pub(crate) fn judge(core: &str, document: &str) -> Verdict {
    verdicts(core, document).pop().expect("a snapshot")
}
