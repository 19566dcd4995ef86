//! Templates: what describes clusters before they exist, such as Terraform.
//!
//! Data flows one way: a source reads its files into a [`Template`] (resources whose values know where they are written),
//! a table turns resources into the sections of snapshots ([`Draft`]), and a draft is written as the text of a snapshot with
//! a map from each pointer to the place in the template. From there on a template is a snapshot like any other.

pub mod cloudformation;
mod cluster;
mod conditions;
mod draft;
pub mod eksctl;
mod field_map;
mod join;
pub mod map;
mod mapped;
mod place;
mod render;
pub mod table;
mod template;
pub mod terraform;
#[cfg(test)]
mod testing;
pub mod tree;
mod value;
mod yaml_tree;

use cloudformation::{StackInputs, is_stack, read_stack};
pub use cluster::TemplateCluster;
pub use conditions::{ConditionAssumption, ConditionalCluster, OpenConditions, ReadAgain};
pub use draft::{Draft, DraftSection};
use eksctl::{is_config, read_configs};
pub use field_map::FieldMap;
pub use join::drafts;
pub use mapped::{Attachment, MappedItem, MappedResource};
pub use place::{FileId, Place, PlaceVia};
pub use template::{
    ConditionCase, MissingPart, Mode, OpenCondition, ResourceCertainty, Template, TemplateFile,
    TemplateResource,
};
use terraform::hcl::VariableInputs;
use terraform::{read_configuration, read_json, recognise_configuration, recognise_json};
pub use value::{Symbol, TemplateValue, TextPart, UnknownValue, ValueKind, ValueOrigin};

/// Whether a text is a template.
pub fn is_template(text: &str) -> bool {
    recognise_json(text).is_some()
        || is_stack(text)
        || is_config(text)
        || recognise_configuration(text).is_some()
}

/// Whether a text is a plan or a state of Terraform: what a configuration was made into.
pub fn is_plan(text: &str) -> bool {
    recognise_json(text).is_some()
}

/// The templates that a text holds, if it holds some. The values are for the variables of a root module, or for the parameters of
/// a stack; an assumption is for the conditions of either.
pub fn of_text(
    name: &str,
    text: &str,
    variables: &VariableInputs,
    parameters: &StackInputs,
    assumed: Option<&ConditionAssumption>,
) -> Option<Vec<Template>> {
    if let Some(kind) = recognise_json(text) {
        return Some(vec![read_json(name, text.into(), kind)]);
    }
    if is_stack(text) {
        return Some(vec![read_stack(name, text.into(), parameters, assumed)]);
    }
    if is_config(text) {
        return Some(read_configs(name, &text.into()));
    }
    let form = recognise_configuration(text)?;
    Some(read_configuration(name, text.into(), form, variables, assumed))
}
