//! What an input holds: the text of a file, or the snapshots that were made of a template.

use super::composed::ComposedCluster;
use super::file::{Input, Origin};
use super::iac::cloudformation::{StackInputs, is_stack, may_name_files, may_nest, read_stack};
use super::iac::{self, OpenConditions, ReadAgain, terraform};
use super::input_kind::InputKind;
use super::terraform_input::stack_home;
use crate::snapshot::TemplateSource;
use crate::value::Problem;
use std::sync::Arc;

/// What an input holds.
#[derive(Debug, Default)]
pub struct InputContent {
    /// Texts with snapshots.
    pub parts: Vec<InputPart>,
    /// What is wrong with it besides what its texts say.
    pub problems: Vec<Problem>,
    /// What is good to know.
    pub notices: Vec<Problem>,
    /// What it is.
    pub kind: InputKind,
}

/// A text with snapshots.
#[derive(Debug)]
pub enum InputPart {
    /// The text of a file, whatever it is.
    Text(String),
    /// The snapshot of a cluster that is written otherwise.
    Composed(Arc<dyn ComposedCluster>),
}

impl InputPart {
    /// The text.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Composed(cluster) => cluster.text(),
        }
    }

    /// The cluster, if it is written otherwise.
    pub fn composed(&self) -> Option<&dyn ComposedCluster> {
        match self {
            Self::Text(_) => None,
            Self::Composed(cluster) => Some(&**cluster),
        }
    }

    /// What to call it, of an input of that name.
    pub fn name<'p>(&'p self, input: &'p str) -> &'p str {
        self.composed().map_or(input, ComposedCluster::name)
    }
}

impl Input {
    /// Whether its clusters may be written otherwise than as one document.
    pub fn composes(&self) -> bool {
        match &self.origin {
            Origin::Joined(_) | Origin::Terraform(_) => true,
            Origin::Plan(plan) => plan.file.is_some(),
            Origin::File(path) => !path.is_file() || self.read().is_ok_and(|text| iac::is_template(&text)),
            Origin::Stdin => false,
            Origin::Text { text, .. } => iac::is_template(text),
        }
    }

    /// Reads what it holds.
    ///
    /// # Errors
    ///
    /// It cannot be read or is too large: in words.
    pub fn open(&self) -> Result<InputContent, String> {
        if let Origin::Joined(cluster) = &self.origin {
            let part = InputPart::Composed(Arc::clone(cluster) as Arc<dyn ComposedCluster>);
            return Ok(InputContent { parts: vec![part], ..InputContent::default() });
        }
        if let Origin::Terraform(root) = &self.origin {
            let (templates, root) = (root.load(None), Arc::clone(root));
            let again: Arc<ReadAgain> = Arc::new(move |assumed| root.load(Some(assumed)));
            return Ok(InputContent::of(InputKind::TerraformRoot, templates, Some(&again)));
        }
        let text = self.read()?;
        // What was read from standard input is gone: it is opened once.
        let parameters = self.stack_inputs(&text);
        Ok(match iac::of_text(&self.name(), &text, &self.variables, &parameters, None) {
            Some(templates) if iac::is_plan(&text) => {
                let plans = templates.into_iter().map(|plan| self.in_configuration(plan, &text));
                InputContent::of(InputKind::TerraformPlan, plans.collect(), None)
            }
            Some(templates) => {
                let known = self.known_as();
                let templates = called(templates, &known);
                let (name, variables) = (self.name(), Arc::clone(&self.variables));
                let again: Arc<ReadAgain> = Arc::new(move |assumed| {
                    let templates = iac::of_text(&name, &text, &variables, &parameters, Some(assumed));
                    called(templates.unwrap_or_default(), &known)
                });
                let source = templates.first().map(|template| template.source);
                let kind = source.map_or(InputKind::Snapshot, InputKind::of_source);
                InputContent::of(kind, templates, Some(&again))
            }
            None => InputContent { parts: vec![InputPart::Text(text)], ..InputContent::default() },
        })
    }
}

impl Input {
    /// What a stack's template is read with: also where it lies, if it may name files.
    fn stack_inputs(&self, text: &str) -> Arc<StackInputs> {
        match &self.origin {
            Origin::File(path) if path.is_file() && may_name_files(text) => {
                let home = stack_home(path, self.parameters.root.as_deref());
                Arc::new(StackInputs { home, ..(*self.parameters).clone() })
            }
            _ => Arc::clone(&self.parameters),
        }
    }

    /// The files that it reads as parts of it, by their names: templates of nested stacks.
    pub(super) fn nested(&self) -> Vec<String> {
        let text: Arc<str> = match &self.origin {
            Origin::File(_) => self.read().unwrap_or_default().into(),
            Origin::Text { text, .. } => Arc::clone(text),
            _ => return Vec::new(),
        };
        if !may_nest(&text) || !is_stack(&text) {
            return Vec::new();
        }
        let parameters = self.stack_inputs(&text);
        let stack = read_stack(&self.name(), text, &parameters, None);
        // The first files are the template itself and those with values of parameters.
        stack.files.into_iter().skip(1 + parameters.files.len()).map(|file| file.name).collect()
    }
}

/// Templates that are one file by what that is called wherever a scan starts.
fn called(mut templates: Vec<iac::Template>, known: &str) -> Vec<iac::Template> {
    let files = templates.iter_mut().filter(|one| one.source != TemplateSource::Terraform);
    files.for_each(|template| known.clone_into(&mut template.name));
    templates
}

impl Input {
    /// A plan with its values at the places of the configuration that it was made of, if that is there, and with what that knows
    /// of values that the plan does not.
    fn in_configuration(&self, plan: iac::Template, text: &str) -> iac::Template {
        match &self.origin {
            Origin::Plan(of) => {
                let planned = of.configuration.load_planned(terraform::planned_variables(text));
                let plan = terraform::filled_from(plan, &planned);
                terraform::placed_in(plan, of.configuration.load(None))
            }
            _ => plan,
        }
    }
}

impl InputContent {
    /// The clusters of templates, which may be read again under an assumption.
    fn of(kind: InputKind, templates: Vec<iac::Template>, again: Option<&Arc<ReadAgain>>) -> Self {
        let mut content = Self { kind, ..Self::default() };
        for mut template in templates {
            content.notices.append(&mut template.notices);
            content.notices.extend(template.not_read());
            content.problems.append(&mut template.problems);
            let conditions = again.and_then(|again| OpenConditions::of(&template, again));
            let (drafts, template) = (iac::drafts(&template), Arc::new(template));
            content.parts.extend(drafts.into_iter().map(|draft| {
                let template = Arc::clone(&template);
                let cluster: Arc<dyn ComposedCluster> = match &conditions {
                    Some(open) => Arc::new(iac::ConditionalCluster::new(template, draft, Arc::clone(open))),
                    None => Arc::new(iac::TemplateCluster::new(template, draft)),
                };
                InputPart::Composed(cluster)
            }));
        }
        content
    }
}
