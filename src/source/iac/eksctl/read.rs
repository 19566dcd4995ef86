//! A text as templates: one for each document that is a configuration of eksctl.

use super::builder::ResourceBuilder;
use super::config::ClusterConfigReader;
use super::recognise::{GROUP, KIND};
use super::values::text as text_at;
use super::{
    access, addons, cluster, network, node_groups, refused, security_groups, service_accounts, vpc_endpoints,
};
use crate::snapshot::TemplateSource;
use crate::source::iac::yaml_tree::{YamlKind, YamlNode, YamlTree, is_version, read_documents};
use crate::source::iac::{Template, TemplateFile};
use crate::text::bounded;
use crate::value::Problem;
use crate::value::position::LineIndex;
use std::ops::Range;
use std::sync::Arc;

/// The most documents of a file.
const MAX_DOCUMENTS: usize = 1_000;

/// The version of eksctl's API that there is.
const VERSION: &str = "eksctl.io/v1alpha5";

/// Reads the configurations of a text. What cannot be read is a problem of the first.
pub fn read_configs(name: &str, text: &Arc<str>) -> Vec<Template> {
    let documents = read_documents(text, MAX_DOCUMENTS);
    let configs = documents.trees.iter().filter(|tree| is_of_eksctl(&tree.root));
    let mut templates: Vec<_> = configs.map(|tree| ConfigFile { name, text }.template(tree)).collect();
    if let Some(broken) = documents.broken {
        if templates.is_empty() {
            let mut template = empty(name, text);
            // A broken file may hold secrets anywhere.
            template.files[0].shown = false;
            templates.push(template);
        }
        templates[0].problems.push(Problem::at(name, broken.place, broken.message));
    }
    templates
}

/// Whether a document is a configuration of eksctl, of any version.
fn is_of_eksctl(root: &YamlNode) -> bool {
    let is =
        |key: &str, fits: fn(&str) -> bool| root.get(key).is_some_and(|node| node.as_str().is_some_and(fits));
    is("kind", |kind| kind == KIND) && is("apiVersion", |version| version.starts_with(GROUP))
}

fn empty(name: &str, text: &Arc<str>) -> Template {
    let file =
        TemplateFile { name: name.to_owned(), text: Arc::clone(text), shown: true, secrets: Vec::new() };
    Template::empty(TemplateSource::Eksctl, name, vec![file])
}

/// A file while it is read.
struct ConfigFile<'t> {
    name: &'t str,
    text: &'t Arc<str>,
}

impl ConfigFile<'_> {
    fn template(&self, tree: &YamlTree) -> Template {
        let mut template = empty(self.name, self.text);
        let told = |fault: &crate::source::iac::yaml_tree::YamlFault| {
            Problem::at(self.name, fault.place, fault.message.clone())
        };
        template.problems.extend(tree.faults.iter().map(told));
        if let Some(version) = tree.root.get("apiVersion")
            && version.as_str() != Some(VERSION)
        {
            let found = bounded(version.as_str().unwrap_or_default());
            let message =
                format!("has the API version {found}, which eksctl does not read: it takes {VERSION}");
            template.problems.push(self.problem(&version.range, message));
            return template;
        }
        let mut reader = ClusterConfigReader::of(self.text);
        let config = reader.document(&tree.root);
        let mut builder = ResourceBuilder::new(&config);
        if text_at(&config, "metadata.name").is_none() {
            builder.faults.push((builder.place.clone(), "has no `metadata.name`".to_owned()));
        }
        build(&mut builder);
        let ResourceBuilder { resources, missing, faults, .. } = builder;
        (template.resources, template.missing) = (resources, missing);
        let faults = faults.into_iter().map(|(place, message)| (place.range(), message));
        let all = reader.faults.into_iter().chain(faults);
        template.problems.extend(all.map(|(range, message)| self.problem(&range, message)));
        let refused = refused::by_eksctl(&config).into_iter();
        template.notices.extend(refused.map(|(place, message)| self.problem(&place.range(), message)));
        if let Some(version) = tree.root.get("metadata").and_then(|metadata| metadata.get("version")) {
            template.notices.extend(self.note_version(version));
        }
        template
    }

    fn problem(&self, range: &Range<usize>, message: String) -> Problem {
        let place = LineIndex::new(self.text).region(&(range.start..range.start)).start();
        Problem::at(self.name, place, message)
    }

    /// Says that a version needs quotes: `1.30` without them is 1.3 for eksctl.
    fn note_version(&self, version: &YamlNode) -> Option<Problem> {
        match &version.kind {
            YamlKind::Ambiguous(text) if is_version(text) => {
                let words =
                    format!("{text} without quotes is another number to some tools: write \"{text}\"");
                Some(self.problem(&version.range, words))
            }
            _ => None,
        }
    }
}

/// Adds all resources of a cluster.
fn build(builder: &mut ResourceBuilder<'_>) {
    let network = network::add(builder);
    let groups = security_groups::add(builder, &network);
    vpc_endpoints::add(builder, &network, &groups);
    cluster::add(builder, &network, &groups);
    node_groups::add(builder, &network, &groups);
    service_accounts::add(builder);
    addons::add(builder);
    access::add(builder, &network);
}
