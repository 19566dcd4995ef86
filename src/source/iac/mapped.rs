//! What resources of a template become before they are joined: items of sections, and what other resources add to them.

use super::place::Place;
use super::template::ResourceCertainty;
use super::value::TemplateValue;
use std::sync::Arc;

/// All that the resources of a template become.
#[derive(Debug, Default)]
pub struct MappedResource {
    /// Items of sections.
    pub items: Vec<MappedItem>,
    /// What is added to items.
    pub attachments: Vec<Attachment>,
}

/// An item of a section.
#[derive(Clone, Debug)]
pub struct MappedItem {
    /// The section.
    pub section: &'static str,
    /// The address of the resource that it is made of.
    pub address: Arc<str>,
    /// The item as a snapshot has it, with defaults.
    pub value: TemplateValue,
    /// For what belongs to a cluster of EKS: the name of the cluster, as the resource has it.
    pub cluster: Option<TemplateValue>,
    /// The resource's own place.
    pub place: Place,
    /// Whether it exists.
    pub certainty: ResourceCertainty,
}

/// What a resource adds to an item that another resource is: a rule of a security group, a route, a policy of a role.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// The section of the item.
    pub section: &'static str,
    /// What tells the item apart, as the resource has it: its id or name.
    pub to: TemplateValue,
    /// For what belongs to a cluster of EKS: the name of the cluster, as the resource has it.
    pub cluster: Option<TemplateValue>,
    /// The path to the list in the item that gets the value.
    pub at: &'static [&'static str],
    /// The value.
    pub value: TemplateValue,
    /// The address of the resource.
    pub address: Arc<str>,
    /// The resource's own place.
    pub place: Place,
    /// Whether it exists.
    pub certainty: ResourceCertainty,
}
