//! Conditions of a template that are not known, such as a variable without a value, and what the template describes if one
//! holds and if it does not: what is wrong in both cases is wrong.

use super::cluster::TemplateCluster;
use super::draft::Draft;
use super::join::drafts;
use super::template::{OpenCondition, Template};
use crate::source::composed::{ClusterCondition, ComposedCluster, ComposedPlace};
use crate::value::Pointer;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// How many conditions of a template are looked at: each means to read it twice more.
const MAX_CONDITIONS: usize = 6;

/// What is taken for granted of a condition that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionAssumption {
    /// The condition, as it is called wherever it stands: `var.create`.
    pub condition: Arc<str>,
    /// Whether it holds.
    pub holds: bool,
}

/// Reads the templates of a source again, under an assumption.
pub type ReadAgain = dyn Fn(&ConditionAssumption) -> Vec<Template> + Send + Sync;

/// The conditions of a template that are not known.
pub struct OpenConditions {
    /// What the template is called among those of its source.
    template: String,
    conditions: Vec<OpenCondition>,
    read: Arc<ReadAgain>,
    /// The clusters of the template by condition: where it holds, and where it does not; those that were asked for.
    ways: Vec<OnceLock<[TemplateWay; 2]>>,
}

/// A template under an assumption, with its clusters.
type TemplateWay = Vec<(Arc<Template>, Draft)>;

impl OpenConditions {
    /// Those of a template, if it has some.
    pub fn of(template: &Template, read: &Arc<ReadAgain>) -> Option<Arc<Self>> {
        let (name, conditions) = (template.name.clone(), template.conditions.clone());
        let ways = conditions.iter().map(|_| OnceLock::new()).collect();
        let open = Self { template: name, conditions, read: Arc::clone(read), ways };
        (!open.conditions.is_empty()).then(|| Arc::new(open))
    }

    /// What becomes of a cluster, condition by condition: those that are why something is not known.
    fn of_cluster(&self, address: Option<&str>, reasons: &[&str]) -> Vec<ClusterCondition> {
        let cluster = |way: &TemplateWay| {
            let (template, draft) = way.iter().find(|(_, draft)| draft.address.as_deref() == address)?;
            let cluster = TemplateCluster::new(Arc::clone(template), draft.clone());
            Some(Arc::new(cluster) as Arc<dyn ComposedCluster>)
        };
        let is_why =
            |(open, _): &(&OpenCondition, _)| reasons.iter().any(|reason| reason.contains(&open.reason));
        let condition = |(open, way): (&OpenCondition, &OnceLock<[TemplateWay; 2]>)| {
            let [holds, fails] = way.get_or_init(|| self.read(&open.name));
            ClusterCondition {
                condition: open.name.to_string(),
                holds: cluster(holds),
                fails: cluster(fails),
            }
        };
        self.conditions.iter().zip(&self.ways).filter(is_why).take(MAX_CONDITIONS).map(condition).collect()
    }

    fn read(&self, condition: &Arc<str>) -> [TemplateWay; 2] {
        [true, false].map(|holds| {
            let templates = (self.read)(&ConditionAssumption { condition: Arc::clone(condition), holds });
            let Some(template) = templates.into_iter().find(|template| template.name == self.template) else {
                return Vec::new();
            };
            let (drafts, template) = (drafts(&template), Arc::new(template));
            drafts.into_iter().map(|draft| (Arc::clone(&template), draft)).collect()
        })
    }
}

/// A cluster of a template that has conditions which are not known.
#[derive(Debug)]
pub struct ConditionalCluster {
    cluster: TemplateCluster,
    address: Option<Arc<str>>,
    conditions: Arc<OpenConditions>,
}

impl ConditionalCluster {
    /// The cluster of a draft, with the conditions of its template.
    pub fn new(template: Arc<Template>, draft: Draft, conditions: Arc<OpenConditions>) -> Self {
        let address = draft.address.clone();
        Self { cluster: TemplateCluster::new(template, draft), address, conditions }
    }
}

impl ComposedCluster for ConditionalCluster {
    fn name(&self) -> &str {
        self.cluster.name()
    }

    fn text(&self) -> &str {
        self.cluster.text()
    }

    fn file(&self, at: usize) -> Option<(&str, &str)> {
        self.cluster.file(at)
    }

    fn places(&self, pointers: &[&Pointer]) -> Vec<ComposedPlace> {
        self.cluster.places(pointers)
    }

    fn secrets(&self, file: usize) -> Option<Cow<'_, [Range<usize>]>> {
        self.cluster.secrets(file)
    }

    fn conditions(&self, reasons: &[&str]) -> Vec<ClusterCondition> {
        self.conditions.of_cluster(self.address.as_deref(), reasons)
    }
}

impl fmt::Debug for OpenConditions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenConditions").field("conditions", &self.conditions).finish_non_exhaustive()
    }
}
