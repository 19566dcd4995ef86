//! Frameworks of controls, such as the CIS benchmark: what they ask for, and which rules judge it. A framework is one file;
//! which rules answer a control stands in the rules.

mod file;
mod load;
mod security_hub;

pub use load::{FrameworkSet, LoadedFrameworks};
pub(super) use security_hub::through_security_hub;

use super::{Rule, RulePattern, RuleSet};
use serde::Serialize;

/// A framework: a benchmark, a standard or a law, as far as it is about clusters.
#[derive(Debug)]
pub struct Framework {
    /// Its id, with the version that its numbers are of: `cis-eks-2.0`.
    pub id: String,
    /// What it is called.
    pub title: BilingualText,
    /// Its version.
    pub version: String,
    /// Where its controls were read.
    pub source: String,
    /// How many controls it has, where that is known; here are those that clusters can break.
    pub total: Option<usize>,
    /// Which of them are here.
    pub scope: Option<BilingualText>,
    /// The language that it is written in.
    language: FrameworkLanguage,
    /// Its controls, in their order.
    pub controls: Vec<Control>,
    /// The file it was read from.
    pub file: String,
    /// Whether it came with ekslint.
    pub built_in: bool,
}

/// One thing that a framework asks for.
#[derive(Debug)]
pub struct Control {
    /// Its number: `5.4.1`, `AC-3(7)`.
    pub id: String,
    /// What it asks for, in our words; of ISMS-P in Korean, in KISA's.
    pub title: BilingualText,
    /// The level or profile that it is of, where the framework has some.
    pub level: Option<String>,
    /// How the framework says that it is to be looked at, where it says so.
    pub assessment: Option<ControlAssessment>,
    /// How much of it rules can judge.
    pub kind: ControlKind,
    /// What a person has to look at besides, and why.
    pub why: Option<BilingualText>,
    /// What is missing until a rule can judge it.
    pub not_yet: Option<BilingualText>,
    /// Rules that an organisation maps to it. Built-in frameworks have none: their rules name the controls.
    rules: Vec<RulePattern>,
}

/// A text in English and, where there is one, in Korean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BilingualText {
    /// In English.
    pub en: String,
    /// In Korean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ko: Option<String>,
}

/// The language that a framework is written in: people search for its words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum FrameworkLanguage {
    /// English.
    #[default]
    En,
    /// Korean: titles are shown in both languages.
    Ko,
}

/// How much of a control rules can judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ControlKind {
    /// All of it: where its rules pass, it passes.
    Automated,
    /// A part: a person has to look at the rest.
    Partly,
    /// Nothing: no configuration of a cluster shows it.
    Manual,
}

impl ControlKind {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Automated => "automated",
            Self::Partly => "partly",
            Self::Manual => "manual",
        }
    }
}

/// How a framework says that a control is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ControlAssessment {
    /// By a program.
    Automated,
    /// By a person.
    Manual,
}

impl ControlAssessment {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Automated => "automated",
            Self::Manual => "manual",
        }
    }
}

impl Framework {
    /// Whether it is written in Korean: its titles are shown in both languages.
    pub fn is_korean(&self) -> bool {
        self.language == FrameworkLanguage::Ko
    }

    /// Whether a rule judges a control: it names it, or an organisation maps it there.
    pub fn is_judged_by(&self, control: &Control, rule: &Rule) -> bool {
        let names = || rule.frameworks().get(&self.id).is_some_and(|controls| controls.contains(&control.id));
        let fits = || control.rules.iter().any(|pattern| pattern.fits(rule));
        rule.judges_clusters() && (names() || fits())
    }

    /// The rules that judge a control, in their order.
    pub fn rules_of<'r>(&self, control: &Control, set: &'r RuleSet) -> Vec<&'r Rule> {
        set.rules.iter().filter(|rule| self.is_judged_by(control, rule)).collect()
    }

    /// Whether a rule judges one of its controls.
    pub fn has(&self, rule: &Rule) -> bool {
        self.controls.iter().any(|control| self.is_judged_by(control, rule))
    }

    /// The control of that id.
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.controls.iter().find(|control| control.id == id)
    }
}
