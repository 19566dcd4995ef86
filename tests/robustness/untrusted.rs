//! Everything untrusted that ekslint reads: one function for each sort of input, which must not panic, whatever
//! the bytes are. `fuzz/` makes fuzzing targets of them, `corpus.rs` runs them on the inputs that are kept.

#![allow(unreachable_pub, reason = "fuzz/ makes them public")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bumpalo::Bump;
use ekslint::engine::{Configured, Judge};
use ekslint::policy::Config;
use ekslint::rule::{Loaded, RuleSet, RuleSource};
use ekslint::scan::{Keep, scan_text};
use ekslint::source::aws_cli::{ImportFile, import as join};
use serde_json::json;
use std::path::Path;
use std::sync::LazyLock;

/// What evaluation needs, and as much again for what a sanitizer adds.
const STACK: usize = 64 << 20;

/// A cluster that rules and expressions are judged on.
const CLUSTER: &str = include_str!("../../fixtures/self-managed-nodes.json");

static BUILT_IN: LazyLock<Loaded> = LazyLock::new(|| RuleSet::load(&[RuleSource::BuiltIn], false));

/// A document that is to be scanned, judged by all built-in rules.
pub fn snapshot(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        judge(&BUILT_IN, text);
    }
}

/// A rule file, and what it says of a cluster.
pub fn rule(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        judge(&load(text), CLUSTER);
    }
}

/// An expression of a rule, and what it says of a cluster.
pub fn cel(data: &[u8]) {
    let Ok(expression) = std::str::from_utf8(data) else { return };
    let assert = json!(expression);
    judge(
        &load(&format!(
            "id: fuzzed\ntitle: Fuzzed\nseverity: low\nsince: 0.1.0\nresource: cluster\nassert: {assert}\n\
             message: found\nrationale: It is fuzzed.\nremediation: {{ text: None is needed. }}\n"
        )),
        CLUSTER,
    );
}

/// A policy document: of a role itself, and as whom it trusts. As an object if it is JSON, else as a text.
pub fn policy_document(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let document = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    let role = json!({
        "Arn": "arn:aws:iam::111122223333:role/fuzzed",
        "AssumeRolePolicyDocument": document,
        "AttachedPolicies": [],
        "InlinePolicies": [{"PolicyName": "fuzzed", "PolicyDocument": document}],
    });
    let mut cluster: serde_json::Value = serde_json::from_str(CLUSTER).unwrap_or_default();
    if let Some(roles) = cluster["roles"].as_array_mut() {
        roles.push(role);
    }
    judge(&BUILT_IN, &cluster.to_string());
}

/// User data of a launch template, as the AWS CLI prints it.
pub fn user_data(data: &[u8]) {
    let version = json!({
        "LaunchTemplateId": "lt-0a1b2c3d4e5f60001",
        "VersionNumber": 1,
        "LaunchTemplateData": {"UserData": STANDARD.encode(data)},
    });
    let answers = [
        json!({"LaunchTemplateVersions": [version]}).to_string(),
        json!({"nodegroup": {
            "nodegroupName": "fuzzed", "clusterName": "self-managed-nodes",
            "launchTemplate": {"id": "lt-0a1b2c3d4e5f60001", "version": "1"},
        }})
        .to_string(),
        CLUSTER.to_owned(),
    ];
    imported(answers.into());
}

/// An `ekslint.toml`.
pub fn config(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = Config::parse(Path::new("ekslint.toml"), text);
    }
}

/// Answers of the AWS CLI, with a NUL between two of them.
pub fn import(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        imported(text.split('\0').take(8).map(str::to_owned).collect());
    }
}

fn imported(texts: Vec<String>) {
    let file = |(at, text): (usize, String)| ImportFile {
        name: format!("{at}.json"),
        path: format!("{at}.json"),
        text,
    };
    let files: Vec<_> = texts.into_iter().enumerate().map(file).collect();
    let arena = Bump::new();
    for snapshot in join(&files, &arena).snapshots {
        judge(&BUILT_IN, &snapshot.to_string());
    }
}

fn load(text: &str) -> Loaded {
    RuleSet::load(&[RuleSource::Text("fuzzed.yaml".to_owned(), text.to_owned())], true)
}

fn judge(rules: &Loaded, text: &str) {
    let work = || {
        let arena = Bump::new();
        let no_params = serde_json::Map::new();
        let configured = |rule| Configured::with(rule, &no_params, &arena).ok();
        let judge = Judge::new(
            rules.set.rules.iter().filter_map(configured).collect(),
            "2026-11-21".parse().expect("a date"),
        );
        scan_text(
            "fuzzed.json",
            text,
            &judge,
            Keep { excerpts: true, flows: true, versions: true, ..Keep::default() },
        );
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        // The panic of the thread is the finding: it must be the process's.
        if thread.is_ok_and(|thread| thread.join().is_err()) {
            std::process::abort();
        }
    });
}
