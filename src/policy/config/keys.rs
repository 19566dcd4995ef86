//! The keys of the configuration file: the one place that says what each is called, means and holds.
//! The reader knows names from here; the JSON Schema and the file that `config init` writes are made
//! from it.

/// A key.
#[derive(Debug)]
pub(super) struct Key {
    /// Its name.
    pub(super) name: &'static str,
    /// What it means.
    pub(super) about: &'static str,
    /// What its value is.
    pub(super) kind: Kind,
    /// What holds without it, if that is a value; TOML and JSON write it alike.
    pub(super) default: Option<&'static str>,
    /// A value to start from, as TOML; of a table at the top, its lines.
    pub(super) example: &'static str,
}

/// What the value of a key is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// `true` or `false`.
    Flag,
    /// A text.
    Text,
    /// A path, from the file's folder.
    Path,
    /// A list of paths.
    Paths,
    /// A list of globs.
    Globs,
    /// A glob, or a list of them.
    OneOrMore,
    /// A severity.
    Severity,
    /// A severity, or `never`.
    FailOn,
    /// Levels of rules.
    Level,
    /// Formats, each perhaps with a file.
    Formats,
    /// A day.
    Date,
    /// Texts by name, each a glob or a list of them.
    Tags,
    /// Lists of texts by name.
    Lists,
    /// Entries for rules, by id or glob.
    Rules,
    /// Parameters of a rule by name.
    Params,
    /// Clusters by name or ARN, or as a table of these keys.
    Clusters(&'static [Key]),
    /// A list of tables with these keys.
    Tables(&'static [Key]),
}

/// The words that turn a rule on and off.
pub(super) const SWITCH: [&str; 2] = ["on", "off"];
/// The word by which no finding fails a scan.
pub(super) const NEVER: &str = "never";

const fn key(name: &'static str, kind: Kind, example: &'static str, about: &'static str) -> Key {
    Key { name, about, kind, default: None, example }
}

const fn with_default(name: &'static str, kind: Kind, default: &'static str, about: &'static str) -> Key {
    Key { name, about, kind, default: Some(default), example: default }
}

const fn organization(example: &'static str) -> Key {
    let about = "Lists that several rules share. A rule's parameter says which list feeds it: `ekslint rules show RULE`.";
    key("organization", Kind::Lists, example, about)
}

const fn rules(example: &'static str) -> Key {
    let about = "How rules run, by id or glob: \"on\", \"off\", a severity (on, at that severity), or a table. Ids come after globs, and globs in the order of the file.";
    key("rules", Kind::Rules, example, about)
}

const LISTS_EXAMPLE: &str = "\
allowed-cidrs = [\"203.0.113.0/24\"]
required-tags = [\"owner\", \"environment=prod*\"]
approved-keys = [\"arn:aws:kms:eu-west-1:111122223333:key/*\"]";

const RULES_EXAMPLE: &str = "\
\"network-*\" = \"off\"
audit-logging-disabled = \"critical\"";

/// The keys at the top of the file.
pub(super) static TOP: [Key; 14] = [
    key(
        "paths",
        Kind::Paths,
        "[\"fixtures\"]",
        "What `ekslint scan` reads when no path is named: files and directories, from this file's folder.",
    ),
    with_default("exclude", Kind::Globs, "[]", "Globs of files to leave out, in directories."),
    with_default("rules-dirs", Kind::Paths, "[]", "Directories of own rules, as with --rules."),
    with_default(
        "level",
        Kind::Level,
        "\"default\"",
        "Which rules run: default ones, also hardening (strict), also advice, or all.",
    ),
    with_default("severity", Kind::Severity, "\"info\"", "The least severe finding that is shown."),
    with_default(
        "fail-on",
        Kind::FailOn,
        "\"medium\"",
        "The least severe finding that gives exit code 1, or \"never\".",
    ),
    with_default(
        "strict",
        Kind::Flag,
        "false",
        "Whether a scan that could not judge everything gives exit code 3.",
    ),
    with_default(
        "format",
        Kind::Formats,
        "[\"text\"]",
        "What to write, and after `=` to which file, such as \"sarif=ekslint.sarif\".",
    ),
    key(
        "baseline",
        Kind::Path,
        "\"ekslint-baseline.jsonl\"",
        "The file of findings that are known and do not count, as `ekslint baseline write` makes it.",
    ),
    with_default(
        "mask-account",
        Kind::Flag,
        "false",
        "Whether account ids are masked in everything that is written.",
    ),
    organization(LISTS_EXAMPLE),
    rules(RULES_EXAMPLE),
    key(
        "cluster",
        Kind::Tables(&CLUSTER),
        "",
        "What is different for some clusters. All that is given must fit; later ones win, field by field.",
    ),
    key(
        "waiver",
        Kind::Tables(&WAIVER),
        "",
        "Findings that are accepted: they do not count, but each summary says how many there are.",
    ),
];

/// The keys of a `[[cluster]]`.
pub(super) static CLUSTER: [Key; 7] = [
    key("name", Kind::OneOrMore, "\"dev-*\"", "Globs over the cluster's name; one must fit."),
    key(
        "arn",
        Kind::OneOrMore,
        "\"arn:aws:eks:*:111122223333:cluster/*\"",
        "Globs over its ARN; one must fit.",
    ),
    key("account", Kind::OneOrMore, "\"111122223333\"", "Globs over its account id; one must fit."),
    key("region", Kind::OneOrMore, "[\"eu-*\", \"us-east-1\"]", "Globs over its region; one must fit."),
    key("tags", Kind::Tags, "{ env = \"dev*\" }", "Globs over the values of its tags; each tag must fit."),
    organization("{ allowed-cidrs = [\"0.0.0.0/1\"] }"),
    rules("{ endpoint-public-access-enabled = \"off\" }"),
];

/// The keys that select clusters.
pub(super) static SELECTOR: &[Key] = CLUSTER.split_at(5).0;

/// The keys of an entry of `[rules]` that is a table.
pub(super) static RULE: [Key; 3] = [
    key("enabled", Kind::Flag, "true", "Whether the rule runs."),
    key("severity", Kind::Severity, "\"low\"", "How bad its findings are."),
    key("params", Kind::Params, "{ days = 30 }", "Its parameters, by name: `ekslint rules show RULE`."),
];

/// The keys of a `[[waiver]]`.
pub(super) static WAIVER: [Key; 7] = [
    key(
        "rule",
        Kind::OneOrMore,
        "\"endpoint-open-to-internet\"",
        "The rule: an id or a glob, or a list of them. Required.",
    ),
    key(
        "cluster",
        Kind::Clusters(SELECTOR),
        "\"study-lab\"",
        "Globs over the cluster's name or ARN, or a table with the keys of [[cluster]] that select. All clusters without it.",
    ),
    key(
        "resource",
        Kind::OneOrMore,
        "\"cluster/study-lab\"",
        "Globs over KIND/NAME or the ARN. All resources without it.",
    ),
    key("reason", Kind::Text, "\"lab without data\"", "Why it is accepted. Required."),
    key("owner", Kind::Text, "\"platform@example.com\"", "Who answers for it."),
    key("ticket", Kind::Text, "\"SEC-123\"", "Where it was agreed on."),
    key("expires", Kind::Date, "2099-12-31", "The last day on which it holds."),
];

/// The names of keys.
pub(super) fn names(keys: &[Key]) -> Vec<&'static str> {
    keys.iter().map(|key| key.name).collect()
}
