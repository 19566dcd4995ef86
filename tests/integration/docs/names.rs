//! Names in the documentation: commands, options and values of ekslint, rules, exit codes.

use super::page::{Found, Page};
use super::shell::programs;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use ekslint::rule::{RuleSet, RuleSource};
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Options that only a build has that reads live clusters.
const LIVE: [&str; 18] = [
    "--region",
    "--all-regions",
    "--cluster",
    "--aws-profile",
    "--assume-role",
    "--external-id",
    "--role-session-name",
    "--endpoint-url",
    "--concurrency",
    "--max-attempts",
    "--call-timeout",
    "--timeout",
    "--save-snapshots",
    "--check",
    "--quiet",
    "--output",
    "--strict",
    "--no-progress",
];

/// Options of other programs that pages name by themselves.
const FOREIGN: [&str; 4] = ["--include-all", "--no-default-features", "--to", "--user"];

/// The lowest similarity at which a name is taken for a rule's that was changed.
const ALIKE: f64 = 0.9;

static OPTIONS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    fn collect(command: &clap::Command, found: &mut BTreeSet<String>) {
        for argument in command.get_arguments() {
            found.extend(argument.get_long().map(|name| format!("--{name}")));
            found.extend(argument.get_short().map(|name| format!("-{name}")));
        }
        command.get_subcommands().for_each(|below| collect(below, found));
    }
    let mut command = ekslint::cli::command();
    command.build();
    let mut found = BTreeSet::new();
    collect(&command, &mut found);
    found
});

static RULES: LazyLock<Vec<String>> = LazyLock::new(|| {
    RuleSet::load(&[RuleSource::BuiltIn], false).set.rules.iter().map(|rule| rule.id.clone()).collect()
});

/// Whether a command line needs a build that reads live clusters.
pub(crate) fn is_live(line: &str) -> bool {
    let live = |words: &Vec<String>| {
        let has = |option: &str| words.iter().any(|word| word.split('=').next() == Some(option));
        let only = |command: &str| words.get(1).is_some_and(|word| word == command);
        let live = ["--region", "--all-regions", "--aws-profile", "--assume-role", "--check"];
        words[0] == "ekslint" && !only("rules") && live.iter().any(|option| has(option))
    };
    programs(line).iter().any(live)
}

/// What is wrong with the names of a page.
pub(crate) fn mistakes(page: &Page) -> Vec<String> {
    let mut found = Vec::new();
    let mut tell = |line: usize, what: String| found.push(format!("{}:{line}: {what}", page.path));
    for code in &page.codes {
        code_mistakes(&code.text).into_iter().for_each(|what| tell(code.line, what));
    }
    for line in command_lines(page) {
        line_mistakes(&line.text).into_iter().for_each(|what| tell(line.line, what));
    }
    for (at, line) in page.text.lines().enumerate() {
        exit_code_mistakes(line).into_iter().for_each(|what| tell(at + 1, what));
    }
    found
}

/// Lines of blocks that call ekslint, in shells and in workflows.
fn command_lines(page: &Page) -> Vec<Found> {
    let mut found = Vec::new();
    for block in page
        .blocks()
        .filter(|block| ["sh", "bash", "console", "yaml", "text"].contains(&block.language.as_str()))
    {
        for (at, line) in block.text.lines().enumerate() {
            if let Some(start) = line.find("ekslint ").filter(|start| is_call(&line[..*start])) {
                found.push(Found { line: block.line + at, text: line[start..].to_owned() });
            }
        }
    }
    found
}

/// Whether what stands before `ekslint ` lets it be a call.
fn is_call(before: &str) -> bool {
    let before = before.trim_end();
    before.is_empty() || ["run:", "entry:", "|", "&&", ";", "$", "{"].iter().any(|end| before.ends_with(end))
}

fn code_mistakes(code: &str) -> Vec<String> {
    if code.starts_with("ekslint ") {
        return line_mistakes(code);
    }
    let words: Vec<_> = code.split([' ', '=']).collect();
    if words[0].strip_prefix("--").is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase())) {
        let known = OPTIONS.contains(words[0]) || LIVE.contains(&words[0]) || FOREIGN.contains(&words[0]);
        return if known { Vec::new() } else { vec![format!("there is no option `{}`", words[0])] };
    }
    rule_mistake(code).into_iter().collect()
}

/// A name that is nearly a rule's.
fn rule_mistake(code: &str) -> Option<String> {
    let is_id = ekslint::rule::file::is_id(code) && code.matches('-').count() >= 2;
    if !is_id || RULES.iter().any(|rule| rule == code) {
        return None;
    }
    let nearest = RULES.iter().find(|rule| strsim::normalized_levenshtein(rule, code) > ALIKE)?;
    Some(format!("there is no rule `{code}`; is it `{nearest}`?"))
}

/// What the command line would say to a call.
fn line_mistakes(line: &str) -> Vec<String> {
    let calls = programs(line).into_iter().filter(|words| words[0] == "ekslint");
    calls.filter_map(|words| call_mistake(&words).map(|what| format!("`{line}`: {what}"))).collect()
}

fn call_mistake(words: &[String]) -> Option<String> {
    let is_rest = |word: &String| matches!(word.as_str(), "…" | "..." | "[…]");
    let words: Vec<_> = words.iter().filter(|word| !is_rest(word)).collect();
    let error = ekslint::cli::command().try_get_matches_from(&words).err()?;
    let placeholder = words.iter().skip(1).any(|word| {
        word.len() > 1 && word.chars().any(char::is_uppercase) && !word.chars().any(char::is_lowercase)
    });
    let of = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.split([' ', '=']).next().unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    let fine = match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::MissingRequiredArgument
        | ErrorKind::MissingSubcommand
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => true,
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => placeholder,
        ErrorKind::UnknownArgument => {
            let name = of(ContextKind::InvalidArg);
            let snapshot = words.get(1).is_some_and(|word| *word == "snapshot") && name == "-o";
            !cfg!(feature = "live") && (LIVE.contains(&name.as_str()) || snapshot)
        }
        _ => false,
    };
    (!fine).then(|| error.to_string().lines().next().unwrap_or_default().to_owned())
}

fn exit_code_mistakes(line: &str) -> Vec<String> {
    static CODE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"exit(?:s| code)(?: with)? `?(\d+)").expect("a regular expression"));
    let codes = CODE.captures_iter(line).map(|found| found[1].to_owned());
    codes
        .filter(|code| !["0", "1", "2", "3"].contains(&code.as_str()))
        .map(|code| format!("there is no exit code {code}"))
        .collect()
}

#[test]
fn wrong_names_are_found_out() {
    let one = |code: &str| code_mistakes(code).join("\n");
    assert_eq!(one("--fail-on high"), "");
    assert_eq!(one("--region"), "");
    assert_eq!(one("--fail-in high"), "there is no option `--fail-in`");
    assert_eq!(one("ekslint scan DIR --as-of DATE"), "");
    assert!(
        one("ekslint scan . --format sarif2").contains("sarif2"),
        "{}",
        one("ekslint scan . --format sarif2")
    );
    assert!(one("ekslint scna").contains("unrecognized subcommand 'scna'"));
    assert!(one("ekslint scan --as-of tomorrow").contains("tomorrow"));
    assert_eq!(one("endpoint-open-to-internet"), "");
    assert!(one("endpoint-open-to-internets").contains("is it `endpoint-open-to-internet`?"));
    assert_eq!(exit_code_mistakes("with exit code 4, or it exits with 1"), ["there is no exit code 4"]);
}

/// What the list of live options says is so.
#[cfg(feature = "live")]
#[test]
fn live_options_exist() {
    for option in LIVE {
        assert!(OPTIONS.contains(option), "there is no option {option}");
    }
}
