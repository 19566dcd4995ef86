//! What ekslint makes of broken input. The example clusters, broken in every place or with something taken away:
//! what a rule found is found still, or the rule is not evaluated; a fact is what it was, or not known. And
//! inputs of every sort that were found to be hard: nothing panics, nothing takes long. The same of Terraform: a value that is
//! not known there, or is written in a roundabout way.
//!
//! In `cargo test` rules see every broken place of the sections that they read, facts a sample of them; in
//! `.ci/run` both see them all: `CARGO_PROFILE_DEV_OPT_LEVEL=2 MUTATE=all cargo test --test robustness`.

mod corpus;
mod document;
mod facts;
mod rules;
mod silence;
mod stacks;
mod templates;
mod terraform;
mod untrusted;

use bumpalo::Bump;
use ekslint::engine::{Configured, Judge};
use ekslint::facts::AsOf;
use ekslint::rule::Rule;
use std::fs;
use std::path::Path;

/// The example clusters.
fn fixtures() -> Vec<(String, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut files: Vec<_> = fs::read_dir(directory)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    let read = |path: &Path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        (name, fs::read_to_string(path).expect("readable"))
    };
    files.iter().map(|path| read(path)).collect()
}

/// What evaluates these rules, each of them on, with its defaults.
fn judge_of<'r>(rules: impl Iterator<Item = &'r Rule>, arena: &'r Bump) -> Judge<'r> {
    let configured = |rule: &'r Rule| {
        let mut configured = Configured::with(rule, &serde_json::Map::new(), arena).expect("the defaults");
        configured.settings.enabled = true;
        configured
    };
    let date = "2026-11-21".parse().expect("a date");
    Judge { fixes: false, ..Judge::new(rules.map(configured).collect(), AsOf { date }) }
}

/// Whether everything is to be tried.
fn is_whole() -> bool {
    std::env::var_os("MUTATE").is_some_and(|all| all == "all")
}

/// Threads with the stack that deep expressions need.
fn threads() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().stack_size(64 << 20).build().expect("threads")
}
