//! What a snapshot says that was made of a template: of which kind of template, and which of its texts are symbols.

use super::graft::Grafts;
use super::section;
use super::unknown::{Unknown, UnknownKind};
use crate::text::{bounded, nearest_or_all};
use crate::value::symbolic::{is_one_symbol, symbols_in};
use crate::value::{Json, Object, SymbolicText};
use rustc_hash::FxHashSet;

/// The texts of a snapshot that are symbols.
#[derive(Debug, Default)]
pub struct Symbols<'t> {
    /// As they are written, with what is known around the symbols.
    texts: FxHashSet<&'t str>,
    /// The symbols in them.
    atoms: FxHashSet<&'t str>,
}

impl<'t> Symbols<'t> {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The texts, as they are written.
    pub fn texts(&self) -> impl Iterator<Item = &'t str> {
        self.texts.iter().copied()
    }

    /// Whether a text is one of them, or has a symbol of theirs in it.
    pub fn is_one(&self, text: &str) -> bool {
        self.texts.contains(text) || symbols_in(text).any(|symbol| self.atoms.contains(&text[symbol]))
    }

    fn add(&mut self, text: &'t str) {
        if self.texts.insert(text) {
            self.atoms.extend(symbols_in(text).map(|symbol| &text[symbol]));
        }
    }
}

/// What a snapshot is made of that was not read from AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateSource {
    /// Terraform or OpenTofu.
    Terraform,
    /// CloudFormation, and what becomes CloudFormation.
    CloudFormation,
    /// A configuration of eksctl.
    Eksctl,
}

/// When values of Terraform are known that it does not show.
const AFTER_APPLY: &str = "after apply";

impl TemplateSource {
    /// The field of a snapshot that says it.
    pub const FIELD: &'static str = "source";

    /// All of them.
    pub const ALL: [Self; 3] = [Self::Terraform, Self::CloudFormation, Self::Eksctl];

    /// The word that snapshots have for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Terraform => "terraform",
            Self::CloudFormation => "cloudformation",
            Self::Eksctl => "eksctl",
        }
    }

    /// What people call the language that it is written in.
    pub fn title(self) -> &'static str {
        match self {
            Self::Terraform => "Terraform",
            Self::CloudFormation => "CloudFormation",
            Self::Eksctl => "eksctl",
        }
    }

    /// What a fence around code calls that language.
    pub fn fence(self) -> &'static str {
        match self {
            Self::Terraform => "hcl",
            Self::CloudFormation | Self::Eksctl => "yaml",
        }
    }

    /// When values are known that no template shows, in words that follow `known only`.
    pub fn known_only(self) -> &'static str {
        match self {
            Self::Terraform => AFTER_APPLY,
            Self::CloudFormation => "in the stack",
            Self::Eksctl => "once the cluster is there",
        }
    }

    /// The same text with the words of the source in the place of those of Terraform.
    pub fn reworded(self, text: &str) -> String {
        let words = |when| format!("known only {when}");
        text.replace(&words(AFTER_APPLY), &words(self.known_only()))
    }

    /// What a snapshot says.
    ///
    /// # Errors
    ///
    /// It says something else.
    pub(super) fn of(snapshot: &Object<'_>) -> Result<Option<Self>, String> {
        let Some(node) = snapshot.get(Self::FIELD).filter(|node| !node.is_null()) else { return Ok(None) };
        let found = Self::ALL.into_iter().find(|source| node == Json::Str(source.as_str()));
        found.map(Some).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str);
            let hint = nearest_or_all(node.as_str().unwrap_or_default(), &names);
            format!("has the source {}, which ekslint does not know{hint}", bounded(&node.to_string()))
        })
    }
}

/// Where a template describes a cluster: what stays the same from change to change.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TemplateAddress {
    /// The address of the cluster in the template: `module.eks.aws_eks_cluster.this`.
    pub address: Option<String>,
    /// The folder of the template, or its file.
    pub root: Option<String>,
    /// The environment that gave values to its variables, if one did.
    pub environment: Option<String>,
}

impl TemplateAddress {
    /// The fields of a snapshot that say it.
    pub const FIELDS: [&'static str; 3] = ["address", "root", "environment"];

    /// What a snapshot of a template says.
    ///
    /// # Errors
    ///
    /// One of the fields is no text.
    pub(super) fn of(snapshot: &Object<'_>) -> Result<Option<Self>, String> {
        let mut said = [None, None, None];
        for (field, said) in Self::FIELDS.into_iter().zip(&mut said) {
            *said = text_of(snapshot, field)?;
        }
        let [address, root, environment] = said;
        let found = Self { address, root, environment };
        Ok((found != Self::default()).then_some(found))
    }

    /// The address and where it is, for people.
    pub fn in_words(&self) -> String {
        let mut words = self.address.clone().unwrap_or_default();
        for (before, part) in [(" in ", &self.root), (" with environment ", &self.environment)] {
            if let Some(part) = part {
                words.push_str(if words.is_empty() { before.trim_start() } else { before });
                words.push_str(part);
            }
        }
        words
    }
}

/// A field that is a text, if it is there.
fn text_of(snapshot: &Object<'_>, field: &str) -> Result<Option<String>, String> {
    let Some(node) = snapshot.get(field).filter(|node| !node.is_null()) else { return Ok(None) };
    match node.as_str() {
        Some(text) if !text.is_empty() => Ok(Some(text.to_owned())),
        _ => Err(format!("has the {field} {}, which is no text", bounded(&node.to_string()))),
    }
}

/// The field of a snapshot that lists the places of its symbols.
pub const REFERENCES: &str = "references";

/// The version of snapshots that have references or a source.
pub const TEMPLATE_VERSION: i64 = 2;

/// What a snapshot may say of itself besides its sections, and what may be a symbol.
const ABOUT: [&str; 3] = ["account", "region", "partition"];

/// Reads the references of a snapshot.
///
/// # Errors
///
/// One of them is none; the sentence names it.
pub(super) fn symbols<'t>(snapshot: &Object<'t>, grafts: &mut Grafts<'t>) -> Result<Symbols<'t>, String> {
    let Some(node) = snapshot.get(REFERENCES).filter(|node| !node.is_null()) else {
        return Ok(Symbols::default());
    };
    let not_a_list = || format!("has `{REFERENCES}` that are {}, not a list of JSON pointers", node.kind());
    let list = node.as_list().ok_or_else(not_a_list)?;
    let mut symbols = Symbols::default();
    for (at, item) in list.iter().enumerate() {
        let wrong = |what: &str| {
            let item = bounded(&item.to_string());
            format!("has the reference {item} (/{REFERENCES}/{at}), which {what}")
        };
        let pointer = item.as_str().ok_or_else(|| wrong("is no JSON pointer"))?;
        let name = pointer.split('/').nth(1).unwrap_or_default();
        if section::by_name(name).is_none() && !ABOUT.contains(&name) {
            return Err(wrong(
                "leads to no part of the snapshot: write `/cluster/…` or the name of another section",
            ));
        }
        let text = grafts.symbol(pointer).ok_or_else(|| wrong("leads to no text of the snapshot"))?;
        if SymbolicText::of(text).is_literal() {
            return Err(wrong("leads to a text without a symbol: write one as `${…}`"));
        }
        symbols.add(text);
    }
    Ok(symbols)
}

/// What is not known of a symbol, at a place where more than itself is asked for.
pub fn not_known(symbol: &str, at: &str) -> Unknown {
    let inner = symbol.strip_prefix("${").and_then(|inner| inner.strip_suffix('}'));
    let symbol = inner.filter(|_| is_one_symbol(symbol)).unwrap_or(symbol);
    let reason = format!("{} is known only after apply", bounded(symbol));
    Unknown { kind: UnknownKind::UntilApply, ..Unknown::invalid(reason, at) }
}

/// Why nothing can be read from a node, if it is a symbol or unknown.
pub fn why_not_known(node: &Json<'_>, at: &str) -> Option<Unknown> {
    match node {
        Json::Symbol(text) => Some(not_known(text, at)),
        Json::Unknown(reason) => Some(Unknown::of(reason)),
        _ => None,
    }
}

/// Why rules on clusters say nothing of a template that describes none.
pub const NO_CLUSTER: &str = "the template describes no cluster";

/// A section of a template that describes no cluster.
pub(super) fn without_cluster(section: &section::Section) -> Unknown {
    Unknown {
        kind: UnknownKind::NotInTemplate,
        reason: NO_CLUSTER.to_owned(),
        api: None,
        ..Unknown::section_absent(section)
    }
}

/// A section that no template has.
pub(super) fn not_in_template(section: &section::Section) -> Unknown {
    let reason = format!("{} are not in templates: only a running cluster shows them", section.name);
    Unknown { kind: UnknownKind::NotInTemplate, reason, ..Unknown::section_absent(section) }
}
