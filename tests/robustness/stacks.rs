//! Stacks of which less is known: a property that is a parameter without a value, or that is there only under a condition which
//! nobody knows. A finding never turns into a pass, and a pass never into a finding.
//!
//! What is changed are the stacks of the documentation, in each line that gives a value. In `cargo test` a sample of it all, with
//! `MUTATE=all` each line.

use crate::{is_whole, judge_of, threads};
use bumpalo::Bump;
use ekslint::engine::{Judge, Outcome};
use ekslint::rule::{Rule, RuleSet, RuleSource};
use ekslint::snapshot::Snapshot;
use ekslint::source::composed::ComposedCluster;
use ekslint::source::iac::cloudformation::{StackInputs, read_stack};
use ekslint::source::iac::{TemplateCluster, drafts};
use ekslint::value::Json;
use rayon::prelude::*;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

const STACKS: [&str; 2] =
    ["docs/study-lab/cloudformation/stack.yaml", "docs/private-hardened/cloudformation/stack.yaml"];

/// What nobody knows: a parameter without a value, and a condition on it.
const UNKNOWN: &str = "  Unknown:\n    Type: String\n";
const OPEN: &str = "Conditions:\n  Open: !Equals [!Ref Unknown, \"yes\"]\n\n";

/// Lines whose values say of which type or name something is, so that another value is another thing.
const NAMES: [&str; 5] = ["Type", "Condition", "DependsOn", "ClusterName", "VpcId"];

/// The value of a line: `  Key: value`.
struct ValueLine {
    key: String,
    range: Range<usize>,
}

fn value_lines(text: &str) -> Vec<ValueLine> {
    let start = text.find("\nResources:").expect("resources");
    let mut at = start + 1;
    let mut found = Vec::new();
    for line in text[start + 1..].split_inclusive('\n') {
        let (begin, line_end) = (at, at + line.trim_end().len());
        at += line.len();
        let Some((before, value)) = line.trim_end().split_once(": ") else { continue };
        let key = before.trim_start_matches([' ', '-', '{']).to_owned();
        let is_plain = key.chars().all(|c| c.is_ascii_alphanumeric());
        // A text of several lines, and what an alias stands for, are not in this one.
        let is_whole = !value.starts_with(['|', '>', '*', '&']) && value != "!Ref" && !before.contains('#');
        if is_plain && is_whole && !before.contains('{') && !NAMES.contains(&key.as_str()) {
            found.push(ValueLine { key, range: begin + before.len() + 2..line_end });
        }
    }
    found
}

/// A value as it is written in a list on one line: in quotes, if it is a text.
fn in_a_list(value: &str) -> String {
    let (tag, text) = match value.split_once(' ') {
        Some((tag, text)) if tag.starts_with('!') => (format!("{tag} "), text),
        _ => (String::new(), value),
    };
    let is_text = !text.starts_with(['[', '{', '"', '\'']) && !text.contains(": ");
    if is_text { format!("{tag}\"{text}\"") } else { value.to_owned() }
}

/// The stack with what nobody knows in it, and another text for a value.
fn with(text: &str, line: &ValueLine, value: &str) -> String {
    let mut text = text.to_owned();
    text.replace_range(line.range.clone(), value);
    let sections = match text.contains("\nParameters:\n") {
        true => text.replacen("\nParameters:\n", &format!("\nParameters:\n{UNKNOWN}"), 1),
        false => text.replacen("\nResources:", &format!("\nParameters:\n{UNKNOWN}\nResources:"), 1),
    };
    sections.replacen("\nResources:", &format!("\n{OPEN}Resources:"), 1)
}

/// What all rules say of the cluster of a stack.
fn outcomes(judge: &Judge<'_>, name: &str, text: &str) -> Vec<Outcome> {
    let template = read_stack(name, text.into(), &StackInputs::default(), None);
    assert!(template.problems.is_empty(), "{name}: {:?}", template.problems);
    let (drafts, template) = (drafts(&template), Arc::new(template));
    let clusters = drafts.into_iter().map(|draft| TemplateCluster::new(Arc::clone(&template), draft));
    let cluster = clusters.into_iter().next().expect("a cluster");
    let arena = Bump::new();
    let root = Json::parse(cluster.text(), &arena).expect("JSON");
    let snapshots = Snapshot::read(root, &arena).expect("a snapshot");
    judge.judge_each(&snapshots[0], &Arc::default(), &arena).outcomes
}

/// Rules of which one outcome became the opposite.
fn turned(rules: &[Rule], before: &[Outcome], after: &[Outcome]) -> Vec<String> {
    let pairs = rules.iter().zip(before.iter().zip(after));
    let is_turned = |(before, after): (&Outcome, &Outcome)| {
        matches!(
            (before, after),
            (Outcome::Fail, Outcome::Pass) | (Outcome::Pass, Outcome::Fail) | (_, Outcome::Error)
        )
    };
    let turned = pairs.filter(|(_, outcomes)| is_turned(*outcomes));
    turned.map(|(rule, (before, after))| format!("{}: {before:?} became {after:?}", rule.id)).collect()
}

#[test]
fn what_is_not_known_of_a_stack_turns_no_outcome_into_the_opposite() {
    let loaded = RuleSet::load(&[RuleSource::BuiltIn], true);
    threads().install(|| {
        let arena = Bump::new();
        let judge = judge_of(loaded.set.rules.iter(), &arena);
        for name in STACKS {
            let text =
                fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("readable");
            let before = outcomes(&judge, name, &text);
            assert!(before.contains(&Outcome::Pass), "{name}");
            let lines = value_lines(&text);
            assert!(lines.len() > 60, "{name}: only {} lines", lines.len());
            let step = if is_whole() { 1 } else { 7 };
            let cases: Vec<_> = lines
                .iter()
                .flat_map(|line| {
                    let own =
                        format!("!If [Open, {}, !Ref AWS::NoValue]", in_a_list(&text[line.range.clone()]));
                    [(line, "!Ref Unknown".to_owned()), (line, own)]
                })
                .step_by(step)
                .collect();
            let less = AtomicUsize::new(0);
            let wrong: Vec<_> = cases
                .par_iter()
                .flat_map(|(line, value)| {
                    let after = outcomes(&judge, name, &with(&text, line, value));
                    less.fetch_add(usize::from(after != before), Relaxed);
                    let place = format!("{}:{}", text[..line.range.start].lines().count(), line.key);
                    let turned = turned(&loaded.set.rules, &before, &after);
                    turned
                        .into_iter()
                        .map(move |turned| format!("{place} {value}: {turned}"))
                        .collect::<Vec<_>>()
                })
                .collect();
            assert!(wrong.is_empty(), "{name}, {} cases:\n{}", cases.len(), wrong.join("\n"));
            // What is changed does matter.
            let less = less.into_inner();
            assert!(less * 4 > cases.len(), "{name}: only {less} of {} cases say less", cases.len());
        }
    });
}
