//! What gives values to the variables of a root: files of variables, `--var-file`, `--var`.

use super::files::FileTable;
use super::parse::{parse_file, parse_value};
use super::syntax::HclExpr;
use crate::source::iac::tree::{TemplateTree, tree_path};
use crate::source::iac::{FileId, Place, TemplateValue};
use crate::value::Problem;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What a user gives to the variables of a root module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VariableInputs {
    /// The environment that they belong to.
    pub environment: Option<String>,
    /// Files of variables, in order: later ones win.
    pub files: Vec<VariableFile>,
    /// Names and values of `--var`, which win over files.
    pub values: Vec<(String, String)>,
    /// Files of variables of other environments.
    pub elsewhere: Vec<String>,
}

/// A file of variables that somebody named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableFile {
    /// What to call it.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// The values of the variables of a root.
#[derive(Debug, Default)]
pub(super) struct RootInputs {
    values: FxHashMap<Arc<str>, RootInput>,
    /// What is wrong.
    pub(super) problems: Vec<Problem>,
    /// Files that are not used.
    pub(super) notices: Vec<Problem>,
}

/// The value of one variable.
#[derive(Debug)]
pub(super) struct RootInput {
    value: InputValue,
    /// Where it is written, in words: `set in prod.tfvars`.
    pub(super) words: String,
    /// Where its name is.
    pub(super) key: Place,
}

#[derive(Debug)]
enum InputValue {
    /// It is written in a file.
    Written(HclExpr),
    /// It is given as a text, which is an expression for types that are no scalars.
    Given { text: HclExpr, expression: Result<HclExpr, String> },
}

impl RootInput {
    /// The value as an expression.
    pub(super) fn expression(&self, is_scalar: bool) -> Result<HclExpr, String> {
        match &self.value {
            InputValue::Written(expression) => Ok(expression.clone()),
            InputValue::Given { text, .. } if is_scalar => Ok(text.clone()),
            InputValue::Given { expression, .. } => {
                expression.clone().map_err(|why| format!("the value of --var is no expression: {why}"))
            }
        }
    }
}

impl RootInputs {
    /// Reads the files that Terraform reads by itself, then what the user gives.
    pub(super) fn read(
        tree: &dyn TemplateTree,
        folder: &str,
        given: &VariableInputs,
        files: &mut FileTable,
    ) -> Self {
        let mut inputs = Self::default();
        let names = tree.list(folder).unwrap_or_default();
        let usual = ["terraform.tfvars", "terraform.tfvars.json"];
        let is_auto = |name: &&String| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json");
        let present = usual.into_iter().filter(|usual| names.iter().any(|name| name == usual));
        let read: Vec<&str> = present.chain(names.iter().filter(is_auto).map(String::as_str)).collect();
        for name in &read {
            inputs.read_own(tree, folder, name, files);
        }
        for file in &given.files {
            let (id, text) = files.add(file.name.clone(), &file.text);
            inputs.add_file(&file.name, id, &text, files);
        }
        for (name, value) in &given.values {
            inputs.add_value(name, value, files);
        }
        inputs.tell_unused(tree, folder, &names, &read, given);
        inputs
    }

    /// The value of a variable.
    pub(super) fn get(&self, name: &str) -> Option<&RootInput> {
        self.values.get(name)
    }

    /// All values with their names.
    pub(super) fn all(&self) -> impl Iterator<Item = (&Arc<str>, &RootInput)> {
        self.values.iter()
    }

    fn read_own(&mut self, tree: &dyn TemplateTree, folder: &str, name: &str, files: &mut FileTable) {
        let Some(path) = tree_path(folder, name) else { return };
        match files.read(tree, &path) {
            Ok((id, text)) => self.add_file(name, id, &text, files),
            Err(why) => self.problems.push(Problem::of_file(tree.shown(&path), why)),
        }
    }

    fn add_file(&mut self, name: &str, id: FileId, text: &str, files: &mut FileTable) {
        let parsed = parse_file(name, text, id, files.names());
        for part in parsed.broken {
            let place = Place::new(id, part.at..part.at);
            self.problems
                .push(files.problem(&place, format!("this is no value of a variable: {}", part.message)));
        }
        let short = name.rsplit('/').next().unwrap_or(name);
        for attribute in parsed.body.attributes {
            let value = InputValue::Written(attribute.value);
            let input = RootInput { value, words: format!("set in {short}"), key: attribute.key };
            self.values.insert(attribute.name, input);
        }
    }

    fn add_value(&mut self, name: &str, value: &str, files: &mut FileTable) {
        let (id, value) = files.add(format!("--var {name}"), value);
        let place = Place::new(id, 0..value.len());
        let expression = parse_value(&value, id, files.names());
        let text = HclExpr::literal(TemplateValue::text(value, Some(place.clone())), place.clone());
        let value = InputValue::Given { text, expression };
        self.values
            .insert(name.into(), RootInput { value, words: format!("set by --var {name}"), key: place });
    }

    /// Says which files of variables nobody named.
    fn tell_unused(
        &mut self,
        tree: &dyn TemplateTree,
        folder: &str,
        names: &[String],
        read: &[&str],
        given: &VariableInputs,
    ) {
        for name in names.iter().filter(|name| name.ends_with(".tfvars") || name.ends_with(".tfvars.json")) {
            let Some(path) = tree_path(folder, name) else { continue };
            let shown = tree.shown(&path);
            let named = given.files.iter().map(|file| &file.name).chain(&given.elsewhere);
            let is_given =
                { named }.any(|file| *file == shown || file.ends_with(&format!("/{name}")) || file == name);
            if !read.contains(&name.as_str()) && !is_given {
                let message = format!("is not used: no option names it; pass --var-file {shown}");
                self.notices.push(Problem::of_file(shown, message));
            }
        }
    }
}
