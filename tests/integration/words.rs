//! Users' texts are in plain words: one thing has one name, and a second-language reader knows it.

use assert_cmd::Command;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use regex::{Regex, RegexSet};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// Words that no text may use: a pattern, found in any case, and what to write instead.
const OLD_WORDS: &[(&str, &str)] = &[
    (r"\bmend(s|ed|ing)?\b", "fix, fixed"),
    (r"\btold\b", "said, reported, shown"),
    (r"\b(un)?judg\w*", "evaluate, evaluated"),
    (r"\bpass(es|ed|ing)? over\b", "skip, skipped"),
    (r"\bsets? aside\b|\bsetting aside\b|set_?aside", "accept, accepted"),
    (r"\bwhatever\b", "all that, any; or say that it does not matter"),
    (r"\bwhoever\b", "anyone who, everyone who"),
    (r"\bwhichever\b", "any; or say that it does not matter"),
    (r"\bcount(s|ed)? as today\b", "is taken as today"),
    (r"\bshuts?( \S+){0,4} out\b", "lock out, block, keep out"),
    (r"\bbut for\b", "except for"),
    (r"\ball the same\b", "still, anyway"),
    (r"\bfor ever\b|\bnonetheless\b|\bhitherto\b|\balbeit\b", "forever, still, until now, although"),
    (r"\bbelongs? into\b", "belongs in"),
    (r"\btells? apart\b|\bheld against\b", "distinguish, compare with"),
    (r"\bas ever\b", "as usual, as before"),
    (r"\banew\b", "again"),
    (r"\blest\b|\bhence\b|\bthus\b|\bwhence\b|\bupon\b", "so that … not, so, so, from where, on"),
    (r"\bnor (is|are|was|were|does|do|did|has|have|had|can|may|will)\b", "and … not, either"),
    (r"\b(keeps?|kept) (quiet|silent)\b", "report nothing"),
    (r"\b(where to |you can )read on\b", "read more"),
    (r"(^|[\s(])remediations?([\s,;)]|\.\s|\.$)", "fix"),
    (
        r"(?-i)(^|[.!:?] )(Is|Are|Was|Were|Has|Have|Does|Do|Should) (it|there|they|the|a|an|no|nothing)\b[^?.]*,[^?.]*\.",
        "If …",
    ),
    (
        r"(?-i)(^|[.!?] )(Judged|Evaluated|Accepted|Compared|Checked|Counted|Reported|Not seen) (is|are) ",
        "The rule evaluates …",
    ),
];

/// Where an old word stays: the word, a part of the file's name, a part of the line, and the reason.
const EXCEPTIONS: &[(&str, &str, &str, &str)] = &[
    ("remediation", "docs/writing-rules.md", "<!-- table: remediation -->", "the key of a rule"),
    ("remediation", "loading__keys_and_values.snap", "known are id", "the key of a rule"),
];

/// A line of a text that users read, with the next one behind it: a text may break anywhere.
struct Line {
    place: String,
    text: String,
    /// Where the next line begins.
    end: usize,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files below a folder of the repository whose names end so.
fn files(folder: &str, ends: &[&str], found: &mut Vec<String>) {
    for entry in fs::read_dir(root().join(folder)).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = format!("{folder}/{}", entry.file_name().to_str().expect("UTF-8"));
        if entry.path().is_dir() {
            files(&name, ends, found);
        } else if ends.iter().any(|end| name.ends_with(end)) {
            found.push(name);
        }
    }
    found.sort();
}

fn lines(place: &str, text: &str) -> Vec<Line> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let line = |(at, line): (usize, &&str)| {
        let next = lines.get(at + 1).copied().unwrap_or_default();
        Line { place: format!("{place}:{}", at + 1), text: format!("{line} {next}"), end: line.len().max(1) }
    };
    lines.iter().enumerate().map(line).collect()
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Pages, rules, schemas, data that are shown, and the action with its scripts.
fn written() -> Vec<Line> {
    let mut names = Vec::new();
    for (folder, ends) in [
        ("docs", &[".md", ".schema.json"][..]),
        ("rules", &[".yaml", ".schema.json"]),
        ("fixtures", &[".md"]),
        (".github", &[".sh", ".yml", ".md"]),
        ("src", &[".yaml", "facts/schema.json"]),
    ] {
        files(folder, ends, &mut names);
    }
    let single = [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "action.yml",
        "src/snapshot/absence.json",
    ];
    names.extend(single.map(str::to_owned));
    names.iter().flat_map(|name| lines(name, &read(name))).collect()
}

fn ekslint(arguments: &[&str]) -> String {
    let output =
        Command::cargo_bin("ekslint").expect("the binary").args(arguments).output().expect("it runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The help of every subcommand, long and short, and its manual page.
fn help() -> Vec<Line> {
    let dir = tempfile::tempdir().expect("a folder");
    ekslint(&["man", "-o", dir.path().to_str().expect("UTF-8")]);
    let mut found = Vec::new();
    for entry in fs::read_dir(dir.path()).expect("manual pages") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        found.extend(lines(&format!("man {name}"), &fs::read_to_string(&path).expect("UTF-8")));
        let command: Vec<&str> = name.split('-').skip(1).collect();
        for option in ["--help", "-h"] {
            let text = ekslint(&[&command[..], &[option]].concat());
            found.extend(lines(&format!("{name} {option}"), &text));
        }
    }
    found
}

/// What the tests hold as output.
fn outputs() -> Vec<Line> {
    let mut names = Vec::new();
    files("tests", &[".snap"], &mut names);
    let body = |text: String| text.splitn(3, "---").nth(2).unwrap_or_default().to_owned();
    names.iter().flat_map(|name| lines(name, &body(read(name)))).collect()
}

/// The string literals of the source, without those of tests.
fn literals() -> Vec<Line> {
    let mut names = Vec::new();
    files("src", &[".rs"], &mut names);
    let mut found = Vec::new();
    for name in names.iter().filter(|name| !name.ends_with("/tests.rs") && !name.contains("/tests/")) {
        walk(name, read(name).parse().expect("Rust"), &mut found);
    }
    found
}

/// Collects the literals of tokens and of what is in their brackets.
fn walk(name: &str, tokens: TokenStream, found: &mut Vec<Line>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.to_string() == word);
    let mut at = 0;
    while at < tokens.len() {
        let is_tests = is(at, "mod") && is(at + 1, "tests");
        let is_comment = matches!(&tokens[at], TokenTree::Group(group)
            if group.delimiter() == Delimiter::Bracket && group.stream().to_string().starts_with("doc ="));
        match &tokens[at] {
            _ if is_tests => at += 2,
            TokenTree::Group(group) if !is_comment => walk(name, group.stream(), found),
            TokenTree::Literal(literal) => {
                found.extend(lines(name, &literal.to_string()));
            }
            _ => {}
        }
        at += 1;
    }
}

/// All patterns at once, and each by itself.
static PATTERNS: LazyLock<(RegexSet, Vec<Regex>)> = LazyLock::new(|| {
    let patterns: Vec<_> = OLD_WORDS.iter().map(|(pattern, _)| format!("(?i){pattern}")).collect();
    let each = patterns.iter().map(|pattern| Regex::new(pattern).expect("a pattern")).collect();
    (RegexSet::new(&patterns).expect("patterns"), each)
});

/// What is wrong with a line: each old word in it that no exception names.
fn wrong(line: &Line, used: &mut BTreeSet<usize>) -> Vec<String> {
    let (all, each) = &*PATTERNS;
    let mut found = Vec::new();
    for pattern in all.matches(&line.text) {
        let instead = OLD_WORDS[pattern].1;
        for word in each[pattern].find_iter(&line.text).filter(|word| word.start() < line.end) {
            let word = word.as_str().trim_matches(|c: char| !c.is_alphanumeric());
            let excepted = EXCEPTIONS.iter().position(|(old, file, part, _)| {
                word.eq_ignore_ascii_case(old) && line.place.contains(file) && line.text.contains(part)
            });
            match excepted {
                Some(at) => _ = used.insert(at),
                None => found.push(format!("{}: `{word}`, write {instead}\n    {}", line.place, line.text)),
            }
        }
    }
    found
}

#[test]
fn no_text_uses_an_old_word() {
    let mut used = BTreeSet::new();
    let texts = [written(), help(), outputs(), literals()];
    assert!(texts.iter().all(|lines| lines.len() > 200), "every sort of text is found");
    let found: Vec<String> = texts.iter().flatten().flat_map(|line| wrong(line, &mut used)).collect();
    assert!(found.is_empty(), "{} places:\n{}", found.len(), found.join("\n"));
    let stale: Vec<_> = EXCEPTIONS.iter().enumerate().filter(|(at, _)| !used.contains(at)).collect();
    assert!(stale.is_empty(), "exceptions that nothing needs any more: {stale:?}");
}

/// Each kind of old word is found, also where a line ends in the middle of it; names and new words are not.
#[test]
fn old_words_are_found() {
    let words = |text: &str| {
        let lines = lines("a.md", text);
        lines.iter().map(|line| wrong(line, &mut BTreeSet::new()).len()).sum::<usize>()
    };
    for old in [
        "It was mended.",
        "As told before",
        "not judged, judging, Judgement",
        "is passed over, set aside",
        "the rule that shuts all nodes out",
        "It counts as\ntoday",
        "nor is it",
        "Is there none, it builds it. ",
        "Judged are the roles",
    ] {
        assert!(words(old) > 0, "{old}");
    }
    for new in ["It recommends to amend", "vpc-endpoint-shuts-nodes-out", "`remediation`", "Is there a list?"]
    {
        assert_eq!(words(new), 0, "{new}");
    }
}
