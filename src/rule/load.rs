//! Loading rules: from the binary and from directories. A rule with a mistake does not load; the
//! mistake is told with file, line and column, and the other rules load all the same.

use super::Rule;
use super::cel::{COMPILE_STACK, with_stack};
use super::compile;
use super::file::{Example, RuleFile, Text};
use super::strict;
use super::upkeep;
use crate::snapshot::{Schema, Type, schema, section};
use crate::value::position::LineColumn;
use crate::value::{Node, Pointer, Problem};
use bumpalo::Bump;
use rayon::prelude::*;
use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The largest rule file, in bytes.
const MAX_FILE: u64 = 256 * 1024;
/// On how many threads rules are loaded at most.
const MAX_THREADS: usize = 8;
/// The most rule files of a directory.
const MAX_FILES: usize = 5_000;
/// The deepest YAML nesting of a rule file.
const MAX_NESTING: usize = 64;

/// The rules in the binary: file name and text.
static BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/built_in_rules.rs"));

/// Where rules come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// The rules on waivers and the baseline, which are no files.
    Upkeep,
    /// The binary.
    BuiltIn,
    /// The `*.yaml` and `*.yml` files of a directory, or one file.
    Path(PathBuf),
}

/// Rules, sorted by id.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// The rules.
    pub rules: Vec<Rule>,
}

/// What loading gave.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The rules without mistakes.
    pub set: RuleSet,
    /// The mistakes.
    pub errors: Vec<Problem>,
    /// What is worth saying: rules that override others.
    pub notices: Vec<String>,
}

impl RuleSet {
    /// The rule of that id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.binary_search_by(|rule| rule.id.as_str().cmp(id)).ok().map(|at| &self.rules[at])
    }

    /// Loads rules, later sources over earlier ones. `examples` says whether the examples of the
    /// built-in rules are wanted too.
    pub fn load(sources: &[Source], examples: bool) -> Loaded {
        // Parsing a hostile expression needs a deep stack.
        with_stack(COMPILE_STACK, || Loader::default().load(sources, examples))
            .unwrap_or_else(|| Loaded { errors: vec![no_thread()], ..Loaded::default() })
    }
}

/// Loads documents on several threads, each with the deep stack that hostile expressions need. Where
/// there is no memory for them, on this one, which has such a stack too.
fn load_all(documents: &[Document<'_>], strict: bool) -> Vec<Result<Rule, Problem>> {
    let load = |document: &Document<'_>| document.load(strict);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(documents.len()).min(MAX_THREADS);
    match rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(COMPILE_STACK).build() {
        Ok(pool) if threads > 1 => pool.install(|| documents.par_iter().map(load).collect()),
        _ => documents.iter().map(load).collect(),
    }
}

#[derive(Default)]
struct Loader {
    rules: HashMap<String, Rule>,
    loaded: Loaded,
}

impl Loader {
    fn load(mut self, sources: &[Source], examples: bool) -> Loaded {
        for source in sources {
            if let Source::Upkeep = source {
                self.rules.extend(upkeep::rules().into_iter().map(|rule| (rule.id.clone(), rule)));
            }
            let built_in = matches!(source, Source::BuiltIn);
            let files = self.read(source);
            let shorten = built_in && !examples;
            let text = |text| if shorten { without_examples(text) } else { text };
            let documents: Vec<_> =
                files.iter().map(|(name, all)| Document { name, text: text(all) }).collect();
            let mut ids = HashMap::new();
            for (document, rule) in documents.iter().zip(load_all(&documents, !built_in)) {
                match rule {
                    Ok(rule) => self.add(Rule { built_in, ..rule }, document.text, &mut ids),
                    Err(error) => self.loaded.errors.push(error),
                }
            }
        }
        let mut rules: Vec<_> = self.rules.into_values().collect();
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        self.loaded.set = RuleSet { rules };
        self.loaded.check_references();
        self.loaded
    }

    /// The files of a source, sorted by name.
    fn read(&mut self, source: &Source) -> Vec<(String, String)> {
        let path = match source {
            Source::BuiltIn => {
                return BUILT_IN.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect();
            }
            Source::Upkeep => return Vec::new(),
            Source::Path(path) => path,
        };
        let mut files = Vec::new();
        for file in rule_files(path) {
            match file.and_then(|file| Ok((file.display().to_string(), read_file(&file)?))) {
                Ok(file) => files.push(file),
                Err(error) => self.loaded.errors.push(error),
            }
        }
        if files.is_empty() && self.loaded.errors.is_empty() {
            let message = "has no rule files (*.yaml)";
            self.loaded.errors.push(whole_file(&path.display().to_string(), message));
        }
        files
    }

    fn add(&mut self, rule: Rule, text: &str, ids: &mut HashMap<String, String>) {
        if let Some(other) = ids.get(&rule.id) {
            let message = format!("the rule id `{}` is already used in {other}", rule.id);
            let place = strict::place_of(text, &["id".to_owned()]).map(place_at);
            let error = whole_file(&rule.file, &message);
            self.loaded.errors.push(Problem { rule: Some(rule.id), place, ..error });
            return;
        }
        ids.insert(rule.id.clone(), rule.file.clone());
        if let Some(before) = self.rules.get(&rule.id) {
            let notice = format!("{}: overrides the rule {} of {}", rule.file, rule.id, before.file);
            self.loaded.notices.push(notice);
        }
        self.rules.insert(rule.id.clone(), rule);
    }
}

impl Loaded {
    /// `supersedes` must name rules that exist; where some did not load, that cannot be told.
    fn check_references(&mut self) {
        if !self.errors.is_empty() {
            return;
        }
        let known = |id: &str| self.set.get(id).is_some();
        for rule in &self.set.rules {
            for id in rule.supersedes.iter().filter(|id| !known(id)) {
                let ids = self.set.rules.iter().map(|rule| rule.id.as_str());
                let hint = super::cel::nearest(id, ids);
                self.notices.push(format!("{}: supersedes the unknown rule `{id}`{hint}", rule.file));
            }
        }
    }
}

fn place_at((line, column): (usize, usize)) -> LineColumn {
    LineColumn::of(line, column)
}

fn whole_file(file: &str, message: &str) -> Problem {
    Problem::of_file(file, message)
}

fn no_thread() -> Problem {
    whole_file("rules", "could not be loaded: there is no memory for a thread, or ekslint has a bug")
}

fn rule_files(path: &Path) -> Vec<Result<PathBuf, Problem>> {
    let yaml =
        |path: &Path| path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    if path.is_file() {
        return vec![Ok(path.to_owned())];
    }
    if !path.exists() {
        return vec![Err(whole_file(&path.display().to_string(), "does not exist"))];
    }
    let data = |entry: &ignore::DirEntry| entry.depth() == 1 && entry.file_name() == "data";
    let walk = ignore::WalkBuilder::new(path)
        .sort_by_file_path(Path::cmp)
        .filter_entry(move |entry| !data(entry))
        .build();
    let mut files = Vec::new();
    for entry in walk {
        match entry {
            Ok(entry) if entry.path().is_file() && yaml(entry.path()) => files.push(Ok(entry.into_path())),
            Ok(_) => {}
            Err(error) => files.push(Err(whole_file(&path.display().to_string(), &error.to_string()))),
        }
        if files.len() > MAX_FILES {
            let message = format!("has more than {MAX_FILES} rule files");
            files.push(Err(whole_file(&path.display().to_string(), &message)));
            break;
        }
    }
    files
}

/// Reads no more than a rule file may hold: some files have no size of their own.
fn read_file(path: &Path) -> Result<String, Problem> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes))
        .map_err(|error| whole_file(&name, &error.to_string()))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(whole_file(&name, &format!("is larger than {} KiB", MAX_FILE / 1024)));
    }
    String::from_utf8(bytes).map_err(|_| whole_file(&name, "is not UTF-8 text"))
}

/// A built-in rule without its examples, which stand last and are most of the text.
fn without_examples(text: &str) -> &str {
    text.find("\nexamples:").map_or(text, |end| &text[..end + 1])
}

/// A rule file's name and text.
pub(super) struct Document<'d> {
    pub(super) name: &'d str,
    pub(super) text: &'d str,
}

impl Document<'_> {
    /// Loads it; `strict` also looks for what YAML hides, and checks the examples.
    fn load(&self, strict: bool) -> Result<Rule, Problem> {
        if strict {
            self.bounded()?;
            if let Some((message, line, column)) = strict::first_trap(self.text) {
                return Err(Problem::at(self.name, LineColumn::of(line, column), message));
            }
        }
        let file: RuleFile = serde_saphyr::from_str(self.text).map_err(|error| self.yaml_error(&error))?;
        let id = file.id.value.clone();
        let named = |error: Problem| Problem { rule: Some(id.clone()), ..error };
        if strict {
            for (at, example) in file.examples.iter().enumerate() {
                self.check_example(at, &example.value).map_err(named)?;
            }
        }
        compile::compile(file, self).map_err(named)
    }

    /// Nesting is bounded before any recursive reader sees the text.
    fn bounded(&self) -> Result<(), Problem> {
        let flow = self.text.bytes().fold((0_usize, 0_usize), |(depth, most), byte| match byte {
            b'[' | b'{' => (depth + 1, most.max(depth + 1)),
            b']' | b'}' => (depth.saturating_sub(1), most),
            _ => (depth, most),
        });
        let spaces = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
        let block = self.text.lines().map(spaces).max().unwrap_or_default();
        if flow.1 > 16 * MAX_NESTING || block > 8 * MAX_NESTING {
            return Err(whole_file(self.name, "nests too deeply"));
        }
        Ok(())
    }

    /// The folder that the file stands in.
    pub(super) fn area(&self) -> String {
        let parent = Path::new(self.name).parent().and_then(Path::file_name);
        parent.map_or_else(|| "custom".to_owned(), |name| name.to_string_lossy().into_owned())
    }

    fn yaml_error(&self, error: &serde_saphyr::Error) -> Problem {
        let place = error.location().map(|at| (to_usize(at.line()), to_usize(at.column())));
        let message = match error.without_snippet() {
            serde_saphyr::Error::SerdeUnknownField { field, expected, .. } => {
                not_known("key", field, expected)
            }
            serde_saphyr::Error::SerdeUnknownVariant { variant, expected, .. } => {
                not_known("value", variant, expected)
            }
            serde_saphyr::Error::Unexpected { expected, .. } => format!("a {expected} is needed here"),
            serde_saphyr::Error::MultipleDocuments { .. } => {
                "has more than one YAML document; write one rule a file".to_owned()
            }
            serde_saphyr::Error::Eof { .. } => "is empty".to_owned(),
            serde_saphyr::Error::SerdeMissingField { field, .. } => format!("the key `{field}` is missing"),
            serde_saphyr::Error::DuplicateMappingKey { key: Some(key), .. } => {
                format!("the key `{}` stands here twice", super::cel::bounded(key))
            }
            other => {
                let text = other.to_string();
                super::cel::bounded(text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text))
            }
        };
        let said = place.map(|(line, column)| format!(" at line {line}, column {column}"));
        let message =
            message.strip_suffix(said.as_deref().unwrap_or_default()).unwrap_or(&message).to_owned();
        Problem { place: place.map(place_at), ..whole_file(self.name, &message) }
    }

    /// A mistake in a piece of text, at a range of its bytes.
    pub(super) fn error(&self, text: &Text, range: Option<(usize, usize)>, message: String) -> Problem {
        let (line, column) = (to_usize(text.referenced.line()), to_usize(text.referenced.column()));
        let place = match range {
            Some((start, _)) => self.inner_place(text, start, line, column),
            None => (line, column),
        };
        Problem::at(self.name, place_at(place), message)
    }

    /// Line and column of a byte of a text that stands at a line and a column: at the opening quote,
    /// or at the first line of a block that is not blank.
    fn inner_place(&self, text: &Text, offset: usize, line: usize, column: usize) -> (usize, usize) {
        let value = text.value.trim_start_matches('\n');
        let blank = text.value.len() - value.len();
        let mut left = value.get(..offset.saturating_sub(blank)).unwrap_or(value).chars().count();
        // A literal block keeps its lines; elsewhere YAML makes one line of them.
        let literal = value.trim_end().contains('\n');
        for (at, raw) in self.text.lines().enumerate().skip(line - 1) {
            let spaces = raw.chars().take_while(|c| *c == ' ').count();
            let start = match (at + 1 == line, literal) {
                (true, _) => column - 1 + usize::from(is_quoted(raw, column, value)),
                (false, true) => spaces.min(column - 1),
                (false, false) => spaces,
            };
            let length = raw.chars().count().saturating_sub(start);
            if left <= length {
                return (at + 1, start + left + 1);
            }
            left -= length + 1;
        }
        (line, column)
    }

    /// An example must be a snapshot as AWS prints it: a version that is a number is a mistake.
    fn check_example(&self, at: usize, example: &Example) -> Result<(), Problem> {
        let (text, arena) = (example.snapshot.to_string(), Bump::new());
        let not_one = |reason: String| format!("the example `{}` is not a snapshot: {reason}", example.name);
        let node =
            Node::parse(&text, &arena).map_err(|error| whole_file(self.name, &not_one(error.to_string())))?;
        let entries = node.as_object().map(|object| object.entries()).unwrap_or_default();
        for (name, value) in entries {
            let Some(section) = section::by_name(name) else { continue };
            let place = Pointer::root().key(name);
            if let Some((wrong, reason)) = wrong_type(*value, schema().section(&section.name), &place) {
                let start = ["examples".to_owned(), at.to_string(), "snapshot".to_owned()];
                let path: Vec<_> = start.into_iter().chain(wrong.segments()).collect();
                let place = strict::place_of(self.text, &path).map(place_at);
                return Err(Problem { place, ..whole_file(self.name, &not_one(reason)) });
            }
        }
        Ok(())
    }
}

/// The first value that is not of the type that AWS documents. Examples may show such values on
/// purpose only as strings.
fn wrong_type(node: Node<'_>, ty: Type, place: &Pointer) -> Option<(Pointer, String)> {
    if !Schema::accepts(ty, &node) {
        let reason = format!("{place} is {}, not of type {}", node.kind(), schema().describe(ty));
        return Some((place.clone(), reason));
    }
    match node {
        Node::List(items) => {
            let item = schema().item(ty);
            items.iter().enumerate().find_map(|(at, node)| wrong_type(*node, item, &place.index(at)))
        }
        Node::Object(object) => object.entries().iter().find_map(|(name, node)| {
            let field = schema().select(ty, name).ok().flatten();
            wrong_type(*node, field.map_or(Type::Any, |field| field.ty), &place.key(name))
        }),
        _ => None,
    }
}

/// Whether a value stands in quotes: then the line does not show its text where it starts.
fn is_quoted(line: &str, column: usize, value: &str) -> bool {
    let rest: String = line.chars().skip(column - 1).collect();
    let first = value.lines().next().unwrap_or_default();
    !rest.starts_with(first) && rest.starts_with(['"', '\''])
}

/// What is wrong with a name that is none, and what is known.
pub(crate) fn not_known(what: &str, name: &str, known: &[&str]) -> String {
    let hint = super::cel::nearest(name, known.iter().copied());
    format!("unknown {what} `{}`{hint}; known are {}", super::cel::bounded(name), known.join(", "))
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Loads the built-in rules as a user's rules are loaded, with every check.
pub fn check_built_in() -> Vec<Problem> {
    let check = |(name, text): &(&str, &str)| Document { name, text }.load(true).err();
    let check_all = || BUILT_IN.iter().filter_map(check).collect();
    with_stack(COMPILE_STACK, check_all).unwrap_or_else(|| vec![no_thread()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(document: &Document<'_>) -> String {
        let mut rule = document.load(false).unwrap_or_else(|error| panic!("{error}"));
        rule.examples.clear();
        format!("{rule:#?}")
    }

    #[test]
    fn a_built_in_rule_is_the_same_without_its_examples() {
        for (name, text) in BUILT_IN {
            let short = without_examples(text);
            assert!(short.len() < text.len(), "{name} has no examples");
            let rest = text[short.len()..].lines().skip(1);
            let key = rest.clone().find(|line| line.starts_with(|c: char| !" -#".contains(c)));
            assert_eq!(key, None, "{name}: `examples` must be the last key");
            let whole = described(&Document { name, text });
            assert_eq!(whole, described(&Document { name, text: short }), "{name}");
        }
    }

    #[test]
    fn the_place_of_a_wrong_example_is_told() {
        let text = "id: a\ntitle: t\nseverity: low\nsince: 0.1.0\nresource: cluster\nassert: \"true\"\nmessage: m\n\
                    rationale: r\nremediation: { text: t }\nexamples:\n  - name: x\n    snapshot: { cluster: { version: 1.3 } }\n";
        let error = Document { name: "a.yaml", text }.load(true).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a.yaml:12:37: the example `x` is not a snapshot: /cluster/version is a number, not of type string"
        );
    }

    #[test]
    fn a_part_of_a_check_beside_checks_is_refused() {
        let text = "id: a\ntitle: t\nseverity: low\nsince: 0.1.0\nresource: cluster\nat: cluster.name\n\
                    checks: [{ assert: \"true\", message: m }]\nrationale: r\nremediation: { text: t }\n";
        let error = Document { name: "a.yaml", text }.load(true).unwrap_err();
        assert!(error.message.contains("has both `checks` and a check's own keys"), "{error}");
    }
}
