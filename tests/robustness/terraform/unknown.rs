//! Roots of which less is known: a value, how many there are of a resource, or of a block in one.

use super::places::{BlockPlace, LiteralSort, Places, ValuePlace};
use super::root::{Edit, Root};

/// What is not known.
#[derive(Clone, Debug)]
pub(super) enum Less {
    /// A value: a variable without one.
    Variable(ValuePlace),
    /// The same, and the variable has a type.
    TypedVariable(ValuePlace),
    /// A value: what only a provider can say.
    Data(ValuePlace),
    /// How many there are of a resource.
    Count(BlockPlace),
    /// For which keys there is a resource.
    ForEach(BlockPlace),
    /// How many there are of a block.
    Dynamic(BlockPlace),
}

/// All that may be unknown in a root.
pub(super) fn all(places: &Places) -> Vec<Less> {
    let mut all = Vec::new();
    for value in &places.values {
        all.push(Less::Variable(value.clone()));
        if !is_another(value) {
            all.push(Less::Data(value.clone()));
        }
        if value.literal.is_some_and(|sort| sort != LiteralSort::Null) {
            all.push(Less::TypedVariable(value.clone()));
        }
    }
    for block in &places.blocks {
        match (block.is_resource, block.is_many) {
            (true, false) => all.extend([Less::Count(block.clone()), Less::ForEach(block.clone())]),
            (true, true) => {}
            (false, _) => all.push(Less::Dynamic(block.clone())),
        }
    }
    all
}

/// Arguments that say which other resource is meant.
const NAMES: [&str; 4] = ["cluster_name", "vpc_id", "route_table_id", "security_group_ids"];

/// Whether something else may be said, and rightly, where a data source says a value. What it says is there, and is nothing that
/// the template makes: what is of it is another cluster's or in another VPC, and what is added to it is not added to what was
/// meant before. And it has no wildcards: nobody looks those up.
fn is_another(place: &ValuePlace) -> bool {
    NAMES.contains(&place.argument.as_str()) || matches!(place.text.as_str(), "\"*\"" | "[\"*\"]")
}

impl Less {
    /// The root of which that is not known.
    pub(super) fn of(&self, root: &Root) -> Root {
        let mut less = self.indexed(root.edited(&[self.edit(root)]));
        let kind = match self {
            Self::TypedVariable(ValuePlace { literal: Some(sort), .. }) => sort.variable_type(),
            _ => "any",
        };
        let added = format!(
            "variable \"unknown\" {{\n  type = {kind}\n}}\ndata \"external\" \"facts\" {{\n  program = [\"facts\"]\n}}"
        );
        less.add("added.tf", &added);
        less
    }

    /// The root in which what refers to the resource says which one of them it means, as it must.
    fn indexed(&self, mut root: Root) -> Root {
        let (block, index) = match self {
            Self::Count(block) => (block, "[0]"),
            Self::ForEach(block) => (block, "[\"a\"]"),
            _ => return root,
        };
        let address = block.labels.join(".");
        for text in root.files.values_mut() {
            *text = text.replace(&format!("{address}."), &format!("{address}{index}."));
        }
        root
    }

    /// The sort of it.
    pub(super) fn sort(&self) -> &'static str {
        match self {
            Self::Variable(_) => "variable",
            Self::TypedVariable(_) => "typed variable",
            Self::Data(_) => "data",
            Self::Count(_) => "count",
            Self::ForEach(_) => "for_each",
            Self::Dynamic(_) => "dynamic",
        }
    }

    /// Where it is, for messages.
    pub(super) fn in_words(&self, root: &Root) -> String {
        let place = match self {
            Self::Variable(place) | Self::TypedVariable(place) | Self::Data(place) => place.in_words(root),
            Self::Count(block) | Self::ForEach(block) | Self::Dynamic(block) => block.in_words(root),
        };
        format!("{} for {place}", self.sort())
    }

    fn edit(&self, root: &Root) -> Edit {
        match self {
            Self::Variable(place) | Self::TypedVariable(place) => value(place, "var.unknown"),
            Self::Data(place) => value(place, &data(place)),
            Self::Count(block) => inside(block, "\n  count = var.unknown\n"),
            Self::ForEach(block) => inside(block, "\n  for_each = var.unknown\n"),
            Self::Dynamic(block) => {
                let body = &root.files[&block.file][block.inside - 1..block.range.end];
                let text =
                    format!("dynamic \"{}\" {{\n  for_each = var.unknown\n  content {body}\n}}", block.name);
                Edit { file: block.file.clone(), range: block.range.clone(), text }
            }
        }
    }
}

impl BlockPlace {
    fn in_words(&self, root: &Root) -> String {
        let text = &root.files[&self.file];
        let head = text[self.range.start..self.inside].trim_end_matches('{').trim_end();
        format!("{}/{}:{} {head}", root.name, self.file, text[..self.range.start].lines().count() + 1)
    }
}

/// What a provider says: something else for each instance, if it was so before.
fn data(place: &ValuePlace) -> String {
    let each = ["count.index", "each.key", "each.value"].into_iter().find(|each| place.text.contains(each));
    let key = each.map_or("y".to_owned(), |each| format!("${{{each}}}"));
    format!("data.external.facts.result[\"{key}\"]")
}

fn value(place: &ValuePlace, expression: &str) -> Edit {
    let text = if place.is_key { format!("({expression})") } else { expression.to_owned() };
    Edit { file: place.file.clone(), range: place.range.clone(), text }
}

fn inside(block: &BlockPlace, text: &str) -> Edit {
    Edit { file: block.file.clone(), range: block.inside..block.inside, text: text.to_owned() }
}
