//! Ways to write a literal: behind variables, locals, modules and functions that give back what they are given.

use super::places::{LiteralSort, Places, ValuePlace};
use super::root::{Edit, Root};
use proptest::prelude::*;
use std::fmt::Write;

/// How a literal is written instead.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub(super) start: Start,
    pub(super) steps: Vec<Step>,
}

/// Where the literal itself stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// Where it was.
    Here,
    /// It is the default of a variable.
    Default,
    /// The same, and the variable has a type.
    TypedDefault,
    /// It is the default of an attribute of an object.
    OptionalAttribute,
    /// The variable has another default, and a file of variables has the literal. In a module: its call has it.
    Given,
    /// The same, and the variable has a type.
    TypedGiven,
}

/// What gives back its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Local,
    LocalObject,
    LocalObjectAttribute,
    LocalList,
    Interpolation,
    True,
    False,
    Try,
    Lookup,
    Merge,
    Element,
    ForList,
    ForObject,
    Json,
    ModuleOutput,
}

/// Where the root module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrap {
    None,
    Module,
    TwoModules,
}

/// All of each.
pub(super) const STARTS: [Start; 6] = [
    Start::Here,
    Start::Default,
    Start::TypedDefault,
    Start::OptionalAttribute,
    Start::Given,
    Start::TypedGiven,
];
pub(super) const STEPS: [Step; 15] = [
    Step::Local,
    Step::LocalObject,
    Step::LocalObjectAttribute,
    Step::LocalList,
    Step::Interpolation,
    Step::True,
    Step::False,
    Step::Try,
    Step::Lookup,
    Step::Merge,
    Step::Element,
    Step::ForList,
    Step::ForObject,
    Step::Json,
    Step::ModuleOutput,
];
pub(super) const WRAPS: [Wrap; 3] = [Wrap::None, Wrap::Module, Wrap::TwoModules];

/// Any chain.
pub(super) fn chain() -> impl Strategy<Value = Chain> {
    let start = prop::sample::select(&STARTS[..]);
    let steps = prop::collection::vec(prop::sample::select(&STEPS[..]), 0..6);
    (start, steps).prop_map(|(start, steps)| Chain { start, steps })
}

/// A root with literals behind chains.
pub(super) fn behind(root: &Root, places: &Places, changes: &[(&ValuePlace, &Chain)], wrap: Wrap) -> Root {
    let mut writer = ChainWriter { is_in_module: wrap != Wrap::None, ..ChainWriter::default() };
    let edit = |(at, (place, chain)): (usize, &(&ValuePlace, &Chain))| {
        let expression = writer.chain(at, place, chain);
        let text = if place.is_key { format!("({expression})") } else { expression };
        Edit { file: place.file.clone(), range: place.range.clone(), text }
    };
    let edits: Vec<_> = changes.iter().enumerate().map(edit).collect();
    let mut providers = String::new();
    let mut root = if wrap == Wrap::None {
        root.edited(&edits)
    } else {
        // A module has no provider of its own.
        let cut = places.providers.iter().map(|(file, range)| {
            let _ = writeln!(providers, "{}", &root.files[file][range.clone()]);
            Edit { file: file.clone(), range: range.clone(), text: String::new() }
        });
        let edits: Vec<_> = edits.iter().cloned().chain(cut).collect();
        root.edited(&edits)
    };
    root.add("added.tf", &writer.added);
    for (folder, text) in &writer.modules {
        root.add(&format!("{folder}/main.tf"), text);
    }
    let ChainWriter { given, .. } = writer;
    match wrap {
        Wrap::None if given.is_empty() => {}
        Wrap::None => {
            let lines: String = given.iter().map(|(name, text)| format!("{name} = {text}\n")).collect();
            root.add("terraform.tfvars", &lines);
        }
        Wrap::Module => root = called(root, "outer", &given, &providers),
        Wrap::TwoModules => {
            let passed: Vec<_> =
                given.iter().map(|(name, _)| (name.clone(), format!("var.{name}"))).collect();
            let mut middle = called(root, "inner", &passed, "");
            for (name, _) in &given {
                middle.add("main.tf", &format!("variable \"{name}\" {{}}"));
            }
            root = called(middle, "outer", &given, &providers);
        }
    }
    root
}

/// A root that has nothing but a call of what was the root.
fn called(root: Root, name: &str, arguments: &[(String, String)], providers: &str) -> Root {
    let mut caller = root.moved(name);
    let mut call = format!("module \"{name}\" {{\n  source = \"./{name}\"\n");
    for (argument, text) in arguments {
        let _ = writeln!(call, "  {argument} = {text}");
    }
    call.push_str("}\n");
    caller.add("main.tf", &format!("{call}{providers}"));
    caller
}

#[derive(Default)]
struct ChainWriter {
    is_in_module: bool,
    /// The blocks that the chains need.
    added: String,
    /// The modules that they need, by folder.
    modules: Vec<(String, String)>,
    /// What the variables are given.
    given: Vec<(String, String)>,
}

impl ChainWriter {
    fn chain(&mut self, at: usize, place: &ValuePlace, chain: &Chain) -> String {
        let mut expression = self.start(&format!("added{at}"), place, chain.start);
        for (step_at, step) in chain.steps.iter().enumerate() {
            expression = self.step(&format!("added{at}_{step_at}"), place, *step, &expression);
        }
        expression
    }

    fn start(&mut self, name: &str, place: &ValuePlace, start: Start) -> String {
        let sort = place.literal.expect("a literal");
        let (text, other, kind) = (&place.text, place.other(), sort.variable_type());
        let declaration = match start {
            Start::Here => return text.clone(),
            Start::Default => format!("default = {text}"),
            Start::TypedDefault => format!("type = {kind}\n  default = {text}"),
            Start::OptionalAttribute if sort.is_scalar() => {
                let _ = writeln!(
                    self.added,
                    "variable \"{name}\" {{\n  type = object({{ k = optional({kind}, {text}) }})\n  default = {{}}\n}}"
                );
                return format!("var.{name}.k");
            }
            Start::OptionalAttribute => format!("default = {text}"),
            Start::Given => format!("default = {other}"),
            Start::TypedGiven => format!("type = {kind}\n  default = {other}"),
        };
        if matches!(start, Start::Given | Start::TypedGiven) {
            // A provider stays outside of modules, where no variable of theirs is.
            assert!(!(self.is_in_module && place.is_in_provider), "a place in the module");
            self.given.push((name.to_owned(), text.clone()));
        }
        let _ = writeln!(self.added, "variable \"{name}\" {{\n  {declaration}\n}}");
        format!("var.{name}")
    }

    fn step(&mut self, name: &str, place: &ValuePlace, step: Step, of: &str) -> String {
        // Another list or object would be of another type, so that Terraform converts both.
        let other = match place.literal {
            Some(sort) if sort.is_scalar() => place.other(),
            _ => "null".to_owned(),
        };
        let mut local = |value: String| {
            let _ = writeln!(self.added, "locals {{\n  {name} = {value}\n}}");
        };
        match step {
            Step::Local => local(of.to_owned()),
            Step::LocalObject | Step::LocalObjectAttribute => {
                local(format!("{{ k = {of}, other = {other} }}"))
            }
            Step::LocalList => local(format!("[{of}, {other}]")),
            Step::ModuleOutput => {
                let text = "variable \"v\" {}\noutput \"v\" {\n  value = var.v\n}\n";
                self.modules.push((name.to_owned(), text.to_owned()));
                let _ = writeln!(self.added, "module \"{name}\" {{\n  source = \"./{name}\"\n  v = {of}\n}}");
            }
            _ => {}
        }
        match step {
            Step::Local => format!("local.{name}"),
            Step::LocalObject => format!("local.{name}[\"k\"]"),
            Step::LocalObjectAttribute => format!("local.{name}.k"),
            Step::LocalList => format!("local.{name}[0]"),
            Step::Interpolation => format!("\"${{{of}}}\""),
            Step::True => format!("(true ? {of} : {other})"),
            Step::False => format!("(false ? {other} : {of})"),
            Step::Try => format!("try({{ a = 1 }}.b, {of}, {other})"),
            Step::Lookup => format!("lookup({{ k = {of} }}, \"k\", {other})"),
            Step::Merge => format!("merge({{ k = {other} }}, {{ k = {of} }}).k"),
            Step::Element => format!("element([{of}], 3)"),
            Step::ForList => format!("[for v in [{of}] : v][0]"),
            Step::ForObject => format!("{{ for k, v in {{ k = {of} }} : k => v }}[\"k\"]"),
            Step::Json => format!("jsondecode(jsonencode({of}))"),
            Step::ModuleOutput => format!("module.{name}.v"),
        }
    }
}

/// Whether a literal can be put behind a chain there.
pub(super) fn can_be(place: &ValuePlace, wrap: Wrap) -> bool {
    let is_literal = place.literal.is_some_and(|sort| sort != LiteralSort::Null);
    is_literal && !(wrap != Wrap::None && place.is_in_provider)
}
