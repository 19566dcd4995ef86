//! What one template describes: resources, and what of it could not be understood.

use super::place::{FileId, Place};
use super::value::TemplateValue;
use crate::snapshot::TemplateSource;
use crate::text::bounded;
use crate::value::Problem;
use crate::value::position::LineIndex;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// What one template describes: a root module of Terraform, a plan, a stack.
#[derive(Debug)]
pub struct Template {
    /// What it is.
    pub source: TemplateSource,
    /// What it is called wherever a scan starts: the folder of a root module from its repository, or the file.
    pub name: String,
    /// The name of the environment that gave values to its variables, if one did.
    pub environment: Option<String>,
    /// Its files.
    pub files: Vec<TemplateFile>,
    /// Its resources, in the order of their files.
    pub resources: Vec<TemplateResource>,
    /// Parts that may describe more resources, and why they were not understood.
    pub missing: Vec<MissingPart>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// What is good to know and nothing is wrong with: a file with values that nobody named.
    pub notices: Vec<Problem>,
    /// Conditions that are not known.
    pub conditions: Vec<OpenCondition>,
    /// What people call resources, by address, where that is something else: the paths of constructs of the CDK.
    pub labels: BTreeMap<Arc<str>, Arc<str>>,
}

/// A file of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateFile {
    /// What to call it: its path as people see it.
    pub name: String,
    /// Its text.
    pub text: Arc<str>,
    /// Whether its lines may be shown at all: a state holds secrets in clear.
    pub shown: bool,
    /// Bytes of it that must not be shown, in order.
    pub secrets: Vec<Range<usize>>,
}

/// Whose a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The template makes it.
    Managed,
    /// The template looks it up: somebody else made it, and it is not judged.
    Data,
}

/// Whether a resource exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceCertainty {
    /// It does.
    Certain,
    /// Only if something holds that is not known; in words: `count is var.create, which has no value`.
    Perhaps(String),
}

/// One instance of a resource.
#[derive(Clone, Debug)]
pub struct TemplateResource {
    /// Its address: `module.eks.aws_eks_node_group.this["apps"]`; a logical id.
    pub address: Arc<str>,
    /// Its type: `aws_eks_cluster`.
    pub kind: Arc<str>,
    /// Whose it is.
    pub mode: Mode,
    /// Its arguments as an object; nested blocks are lists. An argument that is not there is not set.
    pub values: TemplateValue,
    /// The region that it is in, if the template says so.
    pub region: Option<TemplateValue>,
    /// The tags that the provider adds, an object.
    pub default_tags: Option<TemplateValue>,
    /// Its own place: the label with its type, or its logical id.
    pub place: Place,
    /// Whether it exists.
    pub certainty: ResourceCertainty,
    /// Arguments whose values in the file an existing resource does not get: `ignore_changes`. `*` for all.
    pub ignored_changes: Vec<Arc<str>>,
}

/// A condition that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCondition {
    /// What it is called, wherever it stands: `var.create`.
    pub name: Arc<str>,
    /// Why it is not known. What depends on it is not known for this reason.
    pub reason: String,
    /// The values of which it has one; of none, it holds or it does not.
    pub values: Vec<Arc<str>>,
}

/// One of the cases of a condition that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConditionCase {
    /// It holds.
    Holds,
    /// It does not.
    Fails,
    /// It has this value.
    Value(Arc<str>),
}

impl OpenCondition {
    /// All cases.
    pub fn cases(&self) -> Vec<ConditionCase> {
        match self.values.as_slice() {
            [] => vec![ConditionCase::Holds, ConditionCase::Fails],
            values => values.iter().cloned().map(ConditionCase::Value).collect(),
        }
    }
}

impl ConditionCase {
    /// Words that follow `if`.
    pub fn in_words(&self) -> String {
        match self {
            Self::Holds => "it holds".to_owned(),
            Self::Fails => "it does not".to_owned(),
            Self::Value(value) if value.is_empty() => "it is empty".to_owned(),
            Self::Value(value) => format!("it is {}", bounded(value)),
        }
    }
}

/// A part of a template that may describe more resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingPart {
    /// The types of resources that it may describe; empty for any.
    pub kinds: Vec<Arc<str>>,
    /// The address of what was not understood: `module.vpc`.
    pub address: Arc<str>,
    /// Why, in words, with the way out.
    pub reason: String,
    /// Where.
    pub place: Place,
}

impl MissingPart {
    /// What is not understood, and why.
    pub fn in_words(&self) -> String {
        match self.reason.starts_with(&*self.address) {
            true => self.reason.clone(),
            false => format!("{}: {}", self.address, self.reason),
        }
    }
}

impl Template {
    /// One with files, and nothing in it yet.
    pub fn empty(source: TemplateSource, name: impl Into<String>, files: Vec<TemplateFile>) -> Self {
        Self {
            source,
            name: name.into(),
            environment: None,
            files,
            resources: Vec::new(),
            missing: Vec::new(),
            problems: Vec::new(),
            notices: Vec::new(),
            conditions: Vec::new(),
            labels: BTreeMap::new(),
        }
    }

    /// The modules, nested stacks, loops and macros that were not read, each with the reason and the way out.
    pub fn not_read(&self) -> Vec<Problem> {
        let is_of_stack = self.source == TemplateSource::CloudFormation;
        // Of what is not known of one resource nothing needs to be said but to the rules that need it.
        let may_be_any = |missing: &MissingPart| is_of_stack && missing.kinds.is_empty();
        let modules = self.missing.iter();
        let modules = modules.filter(|missing| may_be_any(missing) || missing.address.starts_with("module."));
        let notice = |missing: &MissingPart| {
            let file = self.file(missing.place.file)?;
            let place = LineIndex::new(&file.text).region(&missing.place.range()).start();
            Some(Problem::at(&file.name, place, missing.in_words()))
        };
        let is_told = |notice: &Problem| {
            self.problems.iter().any(|known| known.file == notice.file && known.place == notice.place)
        };
        modules.filter_map(notice).filter(|notice| !is_told(notice)).collect()
    }

    /// A file by its position.
    pub fn file(&self, id: FileId) -> Option<&TemplateFile> {
        self.files.get(id.0 as usize)
    }
}
