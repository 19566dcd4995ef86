//! Conditions of a template that are not known, such as a variable without a value, and what the template describes in
//! each case: what is wrong in all of them is wrong.

use super::cluster::TemplateCluster;
use super::draft::Draft;
use super::join::drafts;
use super::template::{ConditionCase, OpenCondition, Template};
use crate::source::composed::{ClusterCondition, ComposedCluster, ComposedPlace};
use crate::value::Pointer;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// How many conditions of a template are looked at, and how many cases of them: each case means to read it once more.
const MAX_CONDITIONS: usize = 6;
const MAX_CASES: usize = 24;

/// What is taken for granted of a condition that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionAssumption {
    /// The condition, as it is called wherever it stands: `var.create`.
    pub condition: Arc<str>,
    /// Which case it is.
    pub case: ConditionCase,
}

/// Reads the templates of a source again, under an assumption.
pub type ReadAgain = dyn Fn(&ConditionAssumption) -> Vec<Template> + Send + Sync;

/// The conditions of a template that are not known.
pub struct OpenConditions {
    /// What the template is called among those of its source.
    template: String,
    conditions: Vec<OpenCondition>,
    read: Arc<ReadAgain>,
    /// The clusters of the template by condition, in each case; those that were asked for.
    ways: Vec<OnceLock<Vec<TemplateWay>>>,
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
        let mut cases = 0;
        let is_within = |(open, _): &(&OpenCondition, _)| {
            cases += open.cases().len();
            cases <= MAX_CASES
        };
        let condition = |(open, ways): (&OpenCondition, &OnceLock<Vec<TemplateWay>>)| {
            let ways = ways.get_or_init(|| self.read(open));
            let words = open.cases().into_iter().map(|case| case.in_words());
            ClusterCondition {
                condition: open.name.to_string(),
                cases: words.zip(ways.iter().map(cluster)).collect(),
            }
        };
        let relevant = self.conditions.iter().zip(&self.ways).filter(is_why);
        relevant.take(MAX_CONDITIONS).take_while(is_within).map(condition).collect()
    }

    /// What the template describes in each case of a condition.
    fn read(&self, open: &OpenCondition) -> Vec<TemplateWay> {
        let way = |case| {
            let templates = (self.read)(&ConditionAssumption { condition: Arc::clone(&open.name), case });
            let Some(template) = templates.into_iter().find(|template| template.name == self.template) else {
                return Vec::new();
            };
            let (drafts, template) = (drafts(&template), Arc::new(template));
            drafts.into_iter().map(|draft| (Arc::clone(&template), draft)).collect()
        };
        open.cases().into_iter().map(way).collect()
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

    fn address(&self, section: &str, position: Option<usize>) -> Option<&str> {
        self.cluster.address(section, position)
    }

    fn label(&self, address: &str) -> Option<&str> {
        self.cluster.label(address)
    }

    fn has_labels(&self) -> bool {
        self.cluster.has_labels()
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
