//! The snapshot of a cluster before it is written: sections whose values know where they are written in the template.

use super::place::Place;
use super::value::TemplateValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a template says of one cluster, or of resources that belong to none.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The address of the cluster; none for resources without a cluster.
    pub address: Option<Arc<str>>,
    /// Where the cluster is described; without one, where its first resource is.
    pub place: Place,
    /// The region, if the template says so.
    pub region: Option<TemplateValue>,
    /// The account, if the template says so.
    pub account: Option<TemplateValue>,
    /// Sections by name, as snapshots have them. What is not here was not looked for in the template.
    pub sections: BTreeMap<&'static str, DraftSection>,
}

/// One section of a draft.
#[derive(Clone, Debug, Default)]
pub struct DraftSection {
    /// Its resources as snapshots have them: objects with the fields of AWS's API. One that is no list has one.
    pub items: Vec<TemplateValue>,
    /// The addresses of the resources that the first items are; the others are what these name.
    pub addresses: Vec<Arc<str>>,
    /// Why there may be more that the template does not show, if so.
    pub more: Option<String>,
}
