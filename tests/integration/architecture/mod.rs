//! Data flows one way: no module names one that is above it, and no files name each other in a circle. And a name
//! means one thing: few are those of two types.

mod source;

use crate::support::folder::folder;
use source::{ModulePath, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

/// The modules, top to bottom.
pub(crate) const ORDER: [&str; 14] = [
    "cli",
    "report",
    "compliance",
    "policy",
    "scan",
    "engine",
    "rule",
    "explain",
    "source",
    "facts",
    "snapshot",
    "value",
    "text",
    "threads",
];

/// So many names at most may be those of two types: where the field has one word for two things, and
/// where traits of others ask for a name.
const SHARED_NAMES: usize = 15;

static SOURCE: LazyLock<Source> =
    LazyLock::new(|| Source::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")));

/// The modules that a text names after `crate::`, in code or in documentation.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let word = |rest: &'_ str| rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
    text.match_indices("crate::").map(move |(at, _)| {
        let rest = &text[at + "crate::".len()..];
        &rest[..word(rest)]
    })
}

#[test]
fn every_module_has_a_layer() {
    let found: BTreeSet<&str> = SOURCE.all().map(|(path, _)| path[0].as_str()).collect();
    assert_eq!(found, ORDER.into_iter().collect());
}

#[test]
fn nothing_imports_upward() {
    let layer = |name: &str| ORDER.iter().position(|known| *known == name);
    let mut upward = BTreeSet::new();
    for (path, module) in SOURCE.all() {
        let others = SOURCE.named_by(path).into_iter().map(|other| other[0].as_str());
        for other in named(&module.text).chain(others) {
            if layer(other).is_some_and(|other| Some(other) < layer(&path[0])) {
                upward.insert(format!("{} names {other}", module.file));
            }
        }
    }
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn one_module_names_the_types_of_the_cel_crate() {
    for (path, module) in SOURCE.all() {
        let is_use = |line: &str| line.trim_start().starts_with("use cel::") || line.contains(" ::cel::");
        // In the folder's own `mod.rs`, `cel` is the module below it.
        let is_own = path.starts_with(&["rule".to_owned(), "cel".to_owned()]) || *path == ["rule"];
        assert!(is_own || !module.text.lines().any(is_use), "{} names the cel crate", module.file);
    }
}

/// The files that each file names. A folder's `mod.rs` and the files below it may name each other, so these do not count.
type Graph<'a> = BTreeMap<&'a ModulePath, BTreeSet<&'a ModulePath>>;

fn graph(source: &Source) -> Graph<'_> {
    let is_within = |one: &ModulePath, other: &ModulePath| one.starts_with(other) || other.starts_with(one);
    // What is compiled for tests only may name tests.
    let is_code = |other: &ModulePath| other.last().is_some_and(|last| last != "tests");
    let others = |path| {
        let named = source.named_by(path).into_iter();
        named.filter(|other| is_code(other) && !is_within(path, other)).collect()
    };
    source.code().map(|(path, _)| (path, others(path))).collect()
}

/// The files of each circle: those that reach each other.
fn circles<'a>(graph: &Graph<'a>) -> BTreeSet<BTreeSet<&'a ModulePath>> {
    let reached = |from: &ModulePath| {
        let mut found = BTreeSet::new();
        let mut next: Vec<_> = graph[from].iter().copied().collect();
        while let Some(path) = next.pop() {
            if found.insert(path) {
                next.extend(graph.get(path).into_iter().flatten());
            }
        }
        found
    };
    let reached: Graph<'_> = graph.keys().map(|path| (*path, reached(path))).collect();
    let circle = |path: &ModulePath| -> BTreeSet<_> {
        reached[path].iter().copied().filter(|other| reached[*other].contains(path)).collect()
    };
    reached.keys().map(|path| circle(path)).filter(|circle| !circle.is_empty()).collect()
}

/// A circle, a line for each of its files with those that it names.
fn lines(graph: &Graph<'_>, circle: &BTreeSet<&ModulePath>) -> String {
    let line = |path: &&ModulePath| {
        let others: Vec<_> = graph[*path].intersection(circle).map(|other| other.join("/")).collect();
        format!("  {} names {}\n", path.join("/"), others.join(", "))
    };
    circle.iter().map(line).collect()
}

#[test]
fn no_files_name_each_other_in_a_circle() {
    let graph = graph(&SOURCE);
    let found = circles(&graph);
    let found: Vec<_> = found.iter().map(|circle| lines(&graph, circle)).collect();
    assert!(found.is_empty(), "these files name each other in a circle:\n{}", found.join("and\n"));
}

/// The names that are those of two types, with the files of these.
fn shared_names(source: &Source) -> Vec<String> {
    let mut types: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, module) in source.code() {
        for name in &module.types {
            types.entry(name).or_default().insert(&module.file);
        }
    }
    let shared = types.into_iter().filter(|(_, files)| files.len() > 1);
    shared.map(|(name, files)| format!("{name}: {}", Vec::from_iter(files).join(", "))).collect()
}

#[test]
fn one_name_means_one_type() {
    let shared = shared_names(&SOURCE);
    assert!(
        shared.len() <= SHARED_NAMES,
        "{} names are those of two types, and {SHARED_NAMES} at most may be: put the subject in front of one\n{}",
        shared.len(),
        shared.join("\n")
    );
}

/// What the tests above look for is found, however it is written.
#[test]
fn circles_and_shared_names_are_found() {
    let dir = folder(&[
        ("lib.rs", "mod one; mod two;"),
        ("one/mod.rs", "mod deep; mod other; pub(crate) use deep::{Thing as Shown};"),
        (
            "one/deep.rs",
            "use super::super::two::{self, inner::Other}; pub struct Thing; trait Same { type Item; }",
        ),
        (
            "one/other.rs",
            "impl Iterator for X { type Item = u8; } type Same = u8; #[cfg(test)] mod tests { use crate::two; }",
        ),
        ("two/mod.rs", "pub mod inner; fn f() { inner::g(); }"),
        ("two/inner.rs", "struct Item; fn g() -> usize { format!(\"{}\", crate::one::Shown::new()).len() }"),
        ("two/tests.rs", "use crate::one::other; struct Thing;"),
    ]);
    let source = Source::read(dir.path());
    let graph = graph(&source);
    let circles: Vec<_> = circles(&graph).iter().map(|circle| lines(&graph, circle)).collect();
    assert_eq!(circles, ["  one/deep names two/inner\n  two/inner names one/deep\n"]);
    assert_eq!(shared_names(&source), ["Same: one/deep.rs, one/other.rs"]);
}
