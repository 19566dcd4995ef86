//! A template while it is read from the JSON of Terraform: its resources, and what is wrong with it.

use super::super::place::{FileId, Place};
use super::super::template::{
    MissingPart, Mode, ResourceCertainty, Template, TemplateFile, TemplateResource,
};
use super::super::value::{TemplateValue, ValueKind};
use super::placed::{PlacedJson, PlacedKind};
use super::secrets::SecretRanges;
use crate::snapshot::TemplateSource;
use crate::text::{bounded, bounded_name};
use crate::value::Problem;
use crate::value::position::LineIndex;
use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

/// So many broken parts of a file are said one by one.
const MAX_FAULTS: usize = 20;

/// Something wrong at a byte of the file.
#[derive(Debug)]
struct JsonFault {
    at: usize,
    message: String,
}

/// A template that is being read.
#[derive(Debug)]
pub(super) struct JsonTemplateReader {
    file: TemplateFile,
    secrets: SecretRanges,
    names: RefCell<HashSet<Arc<str>>>,
    /// What was read.
    pub(super) resources: Vec<TemplateResource>,
    missing: Vec<MissingPart>,
    faults: Vec<JsonFault>,
    /// How many broken parts were not said one by one.
    more_faults: usize,
}

/// What is said of a resource, wherever it comes from.
#[derive(Debug)]
pub(super) struct ResourceLabel<'r> {
    /// Its address.
    pub(super) address: Arc<str>,
    /// Its type.
    pub(super) kind: &'r str,
    /// Whose it is.
    pub(super) mode: Mode,
    /// Its place.
    pub(super) place: Place,
    /// Whether it exists.
    pub(super) certainty: ResourceCertainty,
}

impl JsonTemplateReader {
    /// One of a file with such a tree.
    pub(super) fn new(name: &str, text: Arc<str>, tree: &PlacedJson<'_>, shown: bool) -> Self {
        Self {
            file: TemplateFile { name: name.to_owned(), text, shown, secrets: Vec::new() },
            secrets: SecretRanges::of(tree),
            names: RefCell::default(),
            resources: Vec::new(),
            missing: Vec::new(),
            faults: Vec::new(),
            more_faults: 0,
        }
    }

    /// One of a file that could not be read.
    pub(super) fn refused(name: &str, text: Arc<str>, problem: Problem) -> Template {
        let file = TemplateFile { name: name.to_owned(), text, shown: false, secrets: Vec::new() };
        Template { problems: vec![problem], ..template(file) }
    }

    /// Bytes of the file as a place.
    pub(super) fn place(&self, range: Range<usize>) -> Place {
        Place::new(FileId(0), range)
    }

    /// A name, once for all that have it.
    pub(super) fn name(&self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.borrow().get(name) {
            return known.clone();
        }
        let name: Arc<str> = name.into();
        self.names.borrow_mut().insert(name.clone());
        name
    }

    /// A known value, where it is written.
    pub(super) fn known(&self, node: &PlacedJson<'_>) -> TemplateValue {
        self.known_as(node, "", &|_, _| None)
    }

    /// A known value of an argument, where it is written. Its texts may be read as something else, by the name of the
    /// argument that each is in.
    pub(super) fn known_as(
        &self,
        node: &PlacedJson<'_>,
        argument: &str,
        read: &dyn Fn(&str, &str) -> Option<ValueKind>,
    ) -> TemplateValue {
        let kind = match &node.kind {
            PlacedKind::Null => ValueKind::Null,
            PlacedKind::Bool(value) => ValueKind::Bool(*value),
            PlacedKind::Number(number) => ValueKind::Number(number.clone()),
            PlacedKind::Text(text) => {
                read(argument, text).unwrap_or_else(|| ValueKind::Text((**text).into()))
            }
            PlacedKind::List(items) => {
                let items = items.iter().map(|item| self.known_as(item, argument, read));
                ValueKind::List(Arc::new(items.collect()))
            }
            PlacedKind::Object(fields) => {
                let field = |name: &str, value| (self.name(name), self.known_as(value, name, read));
                ValueKind::Map(Arc::new(fields.iter().map(|(name, value)| field(name, value)).collect()))
            }
        };
        let sensitive = self.is_secret(node);
        TemplateValue { sensitive, ..TemplateValue::new(kind, Some(self.place(node.shown()))) }
    }

    /// Whether a value must not be shown.
    pub(super) fn is_secret(&self, node: &PlacedJson<'_>) -> bool {
        self.secrets.cover(&node.whole())
    }

    /// Adds a resource. Its region is its own argument (since version 6 of the provider), else that of its provider, else
    /// that of its ARN.
    pub(super) fn add(
        &mut self,
        label: ResourceLabel<'_>,
        values: TemplateValue,
        provider_region: Option<TemplateValue>,
    ) {
        let own = values.get("region").filter(|_| label.kind.starts_with("aws_")).cloned();
        let region = own.or(provider_region).or_else(|| region_of_arn(values.get("arn")?));
        self.resources.push(TemplateResource {
            address: label.address,
            kind: self.name(label.kind),
            mode: label.mode,
            region,
            // All tags are those of the resource and those of the provider.
            default_tags: values.get("tags_all").cloned(),
            values,
            place: label.place,
            certainty: label.certainty,
            ignored_changes: Vec::new(),
        });
    }

    /// Says that a part is broken, so that what it describes is missing: of one type, if that is known.
    pub(super) fn broken(&mut self, node: &PlacedJson<'_>, what: &str, kind: Option<&str>, message: &str) {
        let what = bounded_name(what);
        let sentence = format!("{what} {message}");
        let kinds: Vec<Arc<str>> = kind.into_iter().map(|kind| self.name(kind)).collect();
        if self.faults.len() < MAX_FAULTS {
            self.faults
                .push(JsonFault { at: node.shown().start, message: format!("{sentence}; it is skipped") });
            self.lacks(
                kinds,
                &what,
                format!("{sentence}: write the file again with `terraform show -json`"),
                node.shown(),
            );
        } else {
            self.more_faults += 1;
            if self.more_faults == 1 {
                let reason = "more parts of the file are broken: write it again with `terraform show -json`";
                self.lacks(Vec::new(), &what, reason.to_owned(), node.shown());
            }
        }
    }

    /// Says that there may be more resources of some types, or of any.
    pub(super) fn lacks(&mut self, kinds: Vec<Arc<str>>, address: &str, reason: String, place: Range<usize>) {
        let place = self.place(place);
        self.missing.push(MissingPart { kinds, address: address.into(), reason, place });
    }

    /// Says what is wrong at a place of the file.
    pub(super) fn wrong(&mut self, node: &PlacedJson<'_>, message: String) {
        self.faults.push(JsonFault { at: node.shown().start, message });
    }

    /// The template.
    pub(super) fn finish(mut self) -> Template {
        let index = LineIndex::new(&self.file.text);
        let problem = |fault: &JsonFault| {
            let place = index.region(&(fault.at..fault.at)).start();
            Problem::at(&self.file.name, place, bounded(&fault.message))
        };
        let mut problems: Vec<_> = self.faults.iter().map(problem).collect();
        if self.more_faults > 0 {
            let message = format!("{} more parts of it are broken, and skipped", self.more_faults);
            problems.push(Problem::of_file(&self.file.name, message));
        }
        self.file.secrets = self.secrets.into_ranges();
        Template { resources: self.resources, missing: self.missing, problems, ..template(self.file) }
    }
}

/// A template of one file, without anything in it.
fn template(file: TemplateFile) -> Template {
    Template::empty(TemplateSource::Terraform, file.name.clone(), vec![file])
}

/// The region in an ARN.
fn region_of_arn(arn: &TemplateValue) -> Option<TemplateValue> {
    let text = arn.as_str()?.strip_prefix("arn:")?;
    let region = text.split(':').nth(2).filter(|region| !region.is_empty())?;
    Some(TemplateValue::text(region, arn.place.clone()))
}
