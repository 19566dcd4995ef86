//! `ekslint rules new`: a rule to start from, which passes its own test.

use super::print;
use crate::report::wrap;
use crate::rule::file::is_id;
use crate::snapshot::{Section, Type, schema, section};
use crate::text::nearest;
use anyhow::{Context, bail};
use clap::Args;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const SKELETON: &str = include_str!("skeleton.yaml");
/// The longest lines of the comments.
const WIDTH: usize = 100;
/// What stands for a value of a snapshot that the skeleton reports.
const BAD: &str = "change-me";

/// `ekslint rules new`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct NewRule {
    /// What the rule is called: lower-case words joined by `-` that explain themselves
    id: String,
    /// The directory to write it to
    #[arg(long, default_value = "rules")]
    dir: PathBuf,
    /// The kind of resource it evaluates, such as cluster, nodegroup, addon or securityGroup
    #[arg(long, default_value = "cluster", value_parser = resource)]
    resource: &'static Section,
}

const EXAMPLES: &str = "\
Examples:
  ekslint rules new nodegroup-without-labels --resource nodegroup --dir my-rules
  ekslint rules test my-rules
  ekslint scan --rules my-rules fixtures/";

impl NewRule {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        if !is_id(&self.id) {
            bail!(
                "`{}` is not an id: write lower-case words joined by `-`, such as `nodegroup-without-labels`",
                self.id
            );
        }
        let path = self.dir.join(format!("{}.yaml", self.id));
        fs::create_dir_all(&self.dir).with_context(|| format!("cannot make {}", self.dir.display()))?;
        write(&path, &skeleton(&self.id, self.resource, &modeline(&self.dir)))?;
        let (path, dir) = (path.display(), self.dir.display());
        print(&format!(
            "{path}\n\nNext:\n  \
             edit it; every key has a comment\n  \
             ekslint rules test {path}\n  \
             ekslint scan --rules {dir} SNAPSHOT\n"
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn resource(name: &str) -> Result<&'static Section, String> {
    section::by_singular(name).ok_or_else(|| {
        let hint = nearest(name, section::all().iter().map(|section| section.singular.as_str()));
        format!("no resource is called `{name}`{hint}")
    })
}

/// Writes a file that does not exist yet.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let result = file.and_then(|mut file| file.write_all(text.as_bytes()));
    result.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            anyhow::anyhow!("{} exists already; choose another id, or remove it", path.display())
        }
        _ => anyhow::Error::new(error).context(format!("cannot write {}", path.display())),
    })
}

/// The line that leads editors to the schema, if it is here or above.
fn modeline(dir: &Path) -> String {
    let places = ["rule.schema.json", "../rule.schema.json"];
    match places.into_iter().find(|place| dir.join(place).is_file()) {
        Some(place) => format!("# yaml-language-server: $schema={place}"),
        None => "# Editors complete and check this file with `ekslint rules schema > rule.schema.json` beside it\n\
                 # and this as the first line: yaml-language-server: $schema=rule.schema.json"
            .to_owned(),
    }
}

fn skeleton(id: &str, resource: &Section, modeline: &str) -> String {
    let subject = Subject::of(resource);
    let place = if resource.is_list() { "/0/" } else { "/" };
    let replaced = [
        ("{modeline}", modeline),
        ("{id}", id),
        ("{Resource}", &capitalized(&resource.title)),
        ("{version}", env!("CARGO_PKG_VERSION")),
        ("{fields}", &fields(resource)),
        ("{assert}", &subject.assert),
        ("{good}", &snapshot(resource, &subject.field, &subject.good)),
        ("{bad}", &snapshot(resource, &subject.field, &subject.bad)),
        ("{pointer}", &format!("/{}{place}{}", resource.name, subject.field)),
        ("{resource}", &resource.singular),
        ("{field}", &subject.field),
    ];
    replaced.iter().fold(SKELETON.to_owned(), |text, (name, value)| text.replace(name, value))
}

/// The field that the skeleton looks at, and values for it.
struct Subject {
    field: String,
    assert: String,
    good: String,
    bad: String,
}

impl Subject {
    /// What tells resources of this kind apart, else the first field that is a plain value.
    fn of(resource: &Section) -> Self {
        let (field, ty) = plain_field(resource);
        let value = format!("{}.{field}", resource.singular);
        match ty {
            Type::Struct(_) => {
                let inner = field_names(ty).into_iter().find(|name| is_plain(ty, name)).unwrap_or("name");
                Self {
                    field,
                    assert: format!("{value}.{inner} != '{BAD}'"),
                    good: format!("{{ {inner}: example }}"),
                    bad: format!("{{ {inner}: {BAD} }}"),
                }
            }
            Type::Bool => Self { field, assert: value, good: "true".to_owned(), bad: "false".to_owned() },
            _ => Self {
                field,
                assert: format!("{value} != '{BAD}'"),
                good: "example".to_owned(),
                bad: BAD.to_owned(),
            },
        }
    }
}

fn plain_field(resource: &Section) -> (String, Type) {
    let ty = item_type(resource);
    let type_of = |name: &str| schema().select(ty, name).ok().flatten().map(|field| field.ty);
    let own_name = resource.key.as_deref().or((resource.name == "cluster").then_some("name"));
    let names = field_names(ty);
    let plain = names.iter().find(|name| is_plain(ty, name)).or(names.first()).copied();
    let name = own_name.or(plain).unwrap_or("name");
    (name.to_owned(), type_of(name).unwrap_or(Type::Any))
}

fn is_plain(ty: Type, name: &str) -> bool {
    let field = schema().select(ty, name).ok().flatten();
    field.is_some_and(|field| matches!(field.ty, Type::String | Type::Bool))
}

fn item_type(resource: &Section) -> Type {
    let ty = schema().section(&resource.name);
    if resource.is_list() { schema().item(ty) } else { ty }
}

fn field_names(ty: Type) -> Vec<&'static str> {
    match ty {
        Type::Struct(id) => schema().structure(id).field_names(),
        _ => Vec::new(),
    }
}

/// A comment that names the fields that expressions may use.
fn fields(resource: &Section) -> String {
    let names = field_names(item_type(resource)).join(", ");
    let known = if names.is_empty() { "not known; write x['field']".to_owned() } else { names };
    wrap(&format!("Its fields: {known}."), WIDTH, "# ", "# ")
}

/// The snapshot of an example, as lines of YAML: a cluster, and one resource with that value.
fn snapshot(resource: &Section, field: &str, value: &str) -> String {
    let cluster = |name: &str| {
        format!(
            "      cluster: {{ name: {name}, arn: \"arn:aws:eks:us-west-2:111122223333:cluster/{name}\", \
             resourcesVpcConfig: {{ endpointPublicAccess: true }} }}"
        )
    };
    // What tells resources apart must be there, or the list may lack any.
    let ty = item_type(resource);
    let key = resource.compound_key.iter().filter(|part| *part != field).map(|part| {
        let is_number = schema().select(ty, part).ok().flatten().is_some_and(|field| field.ty == Type::Int);
        format!("{part}: {}, ", if is_number { "1" } else { "example" })
    });
    let item = format!("{{ {}{field}: {value} }}", key.collect::<String>());
    match (resource.name.as_str(), resource.is_list()) {
        ("cluster", _) => cluster(value),
        (name, true) => format!("{}\n      {name}: [{item}]", cluster("demo")),
        (name, false) => format!("{}\n      {name}: {item}", cluster("demo")),
    }
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
