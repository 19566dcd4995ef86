//! The configuration that a plan holds: what expressions refer to, module by module. It has no local values, no `dynamic`
//! blocks, and no functions.

use super::super::address::{ResourceAddress, calls};
use super::super::placed::PlacedJson;
use std::collections::HashMap;

/// The configuration of a plan.
#[derive(Debug, Default)]
pub(super) struct PlanConfiguration<'j> {
    /// By the names of the calls that lead to them, with dots.
    modules: HashMap<String, ConfiguredModule<'j>>,
    providers: Option<&'j PlacedJson<'j>>,
    variables: Option<&'j PlacedJson<'j>>,
}

/// A module of the configuration.
#[derive(Debug)]
pub(super) struct ConfiguredModule<'j> {
    /// The call of it; none for the root module.
    pub(super) call: Option<&'j PlacedJson<'j>>,
    /// The module.
    pub(super) node: &'j PlacedJson<'j>,
    /// Its resources, by what the module calls them: `data.aws_vpc.this`.
    pub(super) resources: HashMap<&'j str, &'j PlacedJson<'j>>,
}

impl<'j> PlanConfiguration<'j> {
    /// That of a plan; one without has no modules.
    pub(super) fn of(plan: &'j PlacedJson<'j>) -> Self {
        let configuration = plan.get("configuration");
        let mut modules = HashMap::new();
        let mut next: Vec<_> = configuration
            .and_then(|configuration| configuration.get("root_module"))
            .map(|root| (String::new(), None, root))
            .into_iter()
            .collect();
        while let Some((path, call, node)) = next.pop() {
            for (name, call) in node.get("module_calls").map(PlacedJson::fields).unwrap_or_default() {
                let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
                next.extend(call.get("module").map(|module| (path, Some(call), module)));
            }
            modules.insert(path, ConfiguredModule { call, node, resources: resources(node) });
        }
        let providers = configuration.and_then(|configuration| configuration.get("provider_config"));
        Self { modules, providers, variables: plan.get("variables") }
    }

    /// The module of an instance of it.
    pub(super) fn module(&self, instance: &str) -> Option<&ConfiguredModule<'j>> {
        self.modules.get(&calls(instance))
    }

    /// What is configured of a resource.
    pub(super) fn resource(&self, address: &ResourceAddress<'_>) -> Option<&'j PlacedJson<'j>> {
        self.module(address.module)?.resources.get(address.local).copied()
    }

    /// Its modules, each with the names of the calls that lead to it.
    pub(super) fn modules(&self) -> impl Iterator<Item = (&str, &ConfiguredModule<'j>)> {
        self.modules.iter().map(|(path, module)| (path.as_str(), module))
    }

    /// The value of a variable of the root module, which may be null, or else its default; none where the plan does not
    /// say it.
    pub(super) fn root_variable(&self, name: &str) -> Option<&'j PlacedJson<'j>> {
        let given = self.variables.and_then(|variables| variables.get(name)?.field("value"));
        given.or_else(|| self.modules.get("")?.node.at(&["variables", name])?.field("default"))
    }

    /// Whether the provider of a resource adds tags, as far as that is known.
    pub(super) fn has_default_tags(&self, resource: &PlacedJson<'_>) -> bool {
        let has_tags = |provider: &PlacedJson<'_>| provider.at(&["expressions", "default_tags"]).is_some();
        self.provider(resource).is_none_or(|provider| provider.is_some_and(has_tags))
    }

    /// The provider of a resource, which may be one that nobody configures; none if it is not evident. Until Terraform 1.0
    /// a resource of a module has a key of that module (`vpc:aws`), whatever is passed to it.
    fn provider(&self, resource: &PlacedJson<'_>) -> Option<Option<&'j PlacedJson<'j>>> {
        let key = resource.get("provider_config_key")?.as_str()?;
        let Some(providers) = self.providers else { return Some(None) };
        let own = providers.get(key).or_else(|| providers.get(&format!("module.{key}")));
        let is_configured = |own: &&PlacedJson<'_>| !key.contains(':') || own.get("expressions").is_some();
        if let Some(own) = own.filter(is_configured) {
            return Some(Some(own));
        }
        let name = key.rsplit(':').next().unwrap_or(key);
        let alias = format!("{name}.");
        let has_others = providers.fields().iter().any(|(other, _)| other.starts_with(&alias));
        (!has_others && !name.contains('.')).then(|| providers.get(name))
    }

    /// The region of the provider of a resource.
    pub(super) fn region(&self, resource: &PlacedJson<'_>) -> Option<&'j PlacedJson<'j>> {
        let provider = self.provider(resource)??;
        let region = provider.at(&["expressions", "region"])?;
        if let Some(constant) = region.get("constant_value") {
            return Some(constant);
        }
        let references = region.get("references")?.items();
        match references {
            [variable] if provider.get("module_address").is_none() => {
                self.root_variable(variable.as_str()?.strip_prefix("var.")?)
            }
            _ => None,
        }
    }
}

fn resources<'j>(module: &'j PlacedJson<'j>) -> HashMap<&'j str, &'j PlacedJson<'j>> {
    let resources = module.get("resources").map(PlacedJson::items).unwrap_or_default();
    resources.iter().filter_map(|resource| Some((resource.get("address")?.as_str()?, resource))).collect()
}

/// What the configuration says of a value.
#[derive(Clone, Debug)]
pub(super) enum WrittenAs<'j> {
    /// Nothing is known of it.
    Unclear,
    /// An argument with this expression, or a part of one.
    Expression(&'j PlacedJson<'j>),
    /// Blocks, of which it is one.
    Blocks(Vec<&'j PlacedJson<'j>>),
    /// No argument and no block of its name is written.
    Nowhere,
}

impl<'j> WrittenAs<'j> {
    /// What it says of the arguments of a resource.
    pub(super) fn of(resource: Option<&'j PlacedJson<'j>>) -> Self {
        let expressions = resource.and_then(|resource| resource.get("expressions"));
        match (resource, expressions) {
            (_, Some(expressions)) if expressions.is_object() => Self::Blocks(vec![expressions]),
            // A resource without arguments has none.
            (Some(resource), None) if resource.is_object() => Self::Blocks(Vec::new()),
            _ => Self::Unclear,
        }
    }

    /// What it says of a field.
    pub(super) fn field(&self, name: &str) -> Self {
        let blocks = match self {
            Self::Expression(expression) => return Self::Expression(expression),
            // What is within something that is not written comes from a `dynamic` block.
            Self::Nowhere | Self::Unclear => return Self::Unclear,
            Self::Blocks(blocks) => blocks,
        };
        let found: Vec<_> = blocks.iter().filter_map(|block| block.get(name)).collect();
        match found.as_slice() {
            [] => Self::Nowhere,
            // Blocks of a set have another order in values, so which one is meant is known only if all say the same.
            [first, others @ ..] if found.len() == blocks.len() => {
                if others.iter().all(|other| is_same_expression(first, other)) {
                    Self::one(first)
                } else {
                    Self::Unclear
                }
            }
            _ => Self::Unclear,
        }
    }

    fn one(node: &'j PlacedJson<'j>) -> Self {
        let is_expression = |name: &str| matches!(name, "references" | "constant_value");
        if node.fields().iter().all(|(name, _)| is_expression(name)) && node.is_object() {
            return Self::Expression(node);
        }
        match node.items() {
            [] => Self::Blocks(vec![node]),
            blocks => Self::Blocks(blocks.iter().collect()),
        }
    }
}

/// Whether two expressions are one and refer to the same.
fn is_same_expression(one: &PlacedJson<'_>, other: &PlacedJson<'_>) -> bool {
    let references = |node: &PlacedJson<'_>| -> Option<Vec<String>> {
        let references = node.get("references")?.items();
        references.iter().map(|reference| reference.as_str().map(str::to_owned)).collect()
    };
    references(one).is_some_and(|found| references(other) == Some(found))
}
