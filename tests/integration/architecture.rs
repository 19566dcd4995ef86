//! Data flows one way: no module names one that stands above it.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules, top to bottom.
const ORDER: [&str; 10] =
    ["cli", "report", "policy", "scan", "engine", "rule", "source", "facts", "snapshot", "value"];

fn files(path: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(path).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The modules that a text names after `crate::`.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let word = |rest: &'_ str| rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
    text.match_indices("crate::").map(move |(at, _)| {
        let rest = &text[at + "crate::".len()..];
        &rest[..word(rest)]
    })
}

#[test]
fn nothing_imports_upward() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&source, &mut found);
    let mut upward = Vec::new();
    for file in found {
        let relative = file.strip_prefix(&source).expect("below src");
        let first =
            relative.components().next().expect("a name").as_os_str().to_string_lossy().replace(".rs", "");
        let Some(own) = ORDER.iter().position(|module| *module == first) else { continue };
        let text = fs::read_to_string(&file).expect("UTF-8");
        for module in named(&text) {
            if ORDER.iter().position(|known| *known == module).is_some_and(|other| other < own) {
                upward.push(format!("{} names {module}", relative.display()));
            }
        }
    }
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn one_module_names_the_types_of_the_cel_crate() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&source, &mut found);
    for file in found {
        let text = fs::read_to_string(&file).expect("UTF-8");
        let uses =
            text.lines().any(|line| line.trim_start().starts_with("use cel::") || line.contains(" ::cel::"));
        let own = file.starts_with(source.join("rule/cel")) || file.ends_with("rule/mod.rs");
        assert!(own || !uses, "{} names the cel crate", file.display());
    }
}
