//! The keys of the configuration file: the one place that says what each is called, means and holds.
//! The reader knows names from here; the JSON Schema and the file that `config init` writes are made
//! from it.

/// A key.
#[derive(Debug)]
pub(super) struct ConfigKey {
    /// Its name.
    pub(super) name: &'static str,
    /// What it means.
    pub(super) about: &'static str,
    /// What its value is.
    pub(super) kind: KeyKind,
    /// What holds without it, if that is a value; TOML and JSON write it alike.
    pub(super) default: Option<&'static str>,
    /// A value to start from, as TOML; of a table at the top, its lines.
    pub(super) example: &'static str,
}

/// What the value of a key is.
#[derive(Clone, Copy, Debug)]
pub(super) enum KeyKind {
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
    /// Entries for rules, by id, alias or glob.
    Rules,
    /// Parameters of a rule by name.
    Params,
    /// Clusters by name or ARN, or as a table of these keys.
    Clusters(&'static [ConfigKey]),
    /// A table with these keys, each of which holds a list of tables.
    Table(&'static [ConfigKey]),
    /// A list of tables with these keys.
    Tables(&'static [ConfigKey]),
}

/// The words that turn a rule on and off.
pub(super) const SWITCH: [&str; 2] = ["on", "off"];
/// The word by which no finding fails a scan.
pub(super) const NEVER: &str = "never";

const fn key(name: &'static str, kind: KeyKind, example: &'static str, about: &'static str) -> ConfigKey {
    ConfigKey { name, about, kind, default: None, example }
}

const fn with_default(
    name: &'static str,
    kind: KeyKind,
    default: &'static str,
    about: &'static str,
) -> ConfigKey {
    ConfigKey { name, about, kind, default: Some(default), example: default }
}

const fn organization(example: &'static str) -> ConfigKey {
    let about = "Lists that several rules share. A rule's parameter says which list feeds it: `ekslint rules show RULE`.";
    key("organization", KeyKind::Lists, example, about)
}

const fn rules(example: &'static str) -> ConfigKey {
    let about = "How rules run, by id, alias of another tool or glob: \"on\", \"off\", a severity (on, at that severity), or a table. Globs come first, in the order of the file, then aliases, then ids.";
    key("rules", KeyKind::Rules, example, about)
}

const LISTS_EXAMPLE: &str = "\
allowed-cidrs = [\"203.0.113.0/24\"]
required-tags = [\"owner\", \"environment=prod*\"]
approved-keys = [\"arn:aws:kms:eu-west-1:111122223333:key/*\"]";

const RULES_EXAMPLE: &str = "\
\"network-*\" = \"off\"
audit-logging-disabled = \"critical\"";

/// The keys at the top of the file.
pub(super) static TOP: [ConfigKey; 15] = [
    key(
        "paths",
        KeyKind::Paths,
        "[\"fixtures\"]",
        "What `ekslint scan` reads when no path is named: files and directories, from this file's folder.",
    ),
    with_default("exclude", KeyKind::Globs, "[]", "Globs of files to leave out, in directories."),
    with_default("rules-dirs", KeyKind::Paths, "[]", "Directories of own rules, as with --rules."),
    with_default(
        "level",
        KeyKind::Level,
        "\"default\"",
        "Which rules run: `default`, also those that harden (`strict`), also `advice`, or `all`.",
    ),
    with_default("severity", KeyKind::Severity, "\"info\"", "The least severe finding that is shown."),
    with_default(
        "fail-on",
        KeyKind::FailOn,
        "\"medium\"",
        "The least severe finding that gives exit code 1, or \"never\".",
    ),
    with_default(
        "strict",
        KeyKind::Flag,
        "false",
        "Whether a scan that could not evaluate everything gives exit code 3.",
    ),
    with_default(
        "format",
        KeyKind::Formats,
        "[\"text\"]",
        "What to write, and after `=` to which file, such as \"sarif=ekslint.sarif\".",
    ),
    key(
        "baseline",
        KeyKind::Path,
        "\"ekslint-baseline.jsonl\"",
        "The file of findings that are known and do not count, as `ekslint baseline write` makes it.",
    ),
    with_default(
        "mask-account",
        KeyKind::Flag,
        "false",
        "Whether account ids are masked in everything that is written.",
    ),
    organization(LISTS_EXAMPLE),
    rules(RULES_EXAMPLE),
    key(
        "cluster",
        KeyKind::Tables(&CLUSTER),
        "",
        "What is different for some clusters. All that is given must fit; later ones win, field by field.",
    ),
    key(
        "waiver",
        KeyKind::Tables(&WAIVER),
        "",
        "Findings that are accepted: they do not count, but each summary says how many there are.",
    ),
    key("terraform", KeyKind::Table(&TERRAFORM), "", "How Terraform configurations are read."),
];

/// The keys of `[terraform]`.
pub(super) static TERRAFORM: [ConfigKey; 1] = [key(
    "environment",
    KeyKind::Tables(&ENVIRONMENT),
    "",
    "A root module of Terraform with the values of one environment. A root module that several environments share is evaluated once for each.",
)];

/// The keys of a `[[terraform.environment]]`.
pub(super) static ENVIRONMENT: [ConfigKey; 3] = [
    key("name", KeyKind::Text, "\"prod\"", "What the environment is called. Required."),
    key("root", KeyKind::Path, "\"infra\"", "The folder of the root module. Required."),
    key(
        "var-files",
        KeyKind::Paths,
        "[\"infra/prod.tfvars\"]",
        "Files with the values of variables; later ones win.",
    ),
];

/// The keys of a `[[cluster]]`.
pub(super) static CLUSTER: [ConfigKey; 7] = [
    key("name", KeyKind::OneOrMore, "\"dev-*\"", "Globs over the cluster's name; one must fit."),
    key(
        "arn",
        KeyKind::OneOrMore,
        "\"arn:aws:eks:*:111122223333:cluster/*\"",
        "Globs over its ARN; one must fit.",
    ),
    key("account", KeyKind::OneOrMore, "\"111122223333\"", "Globs over its account id; one must fit."),
    key("region", KeyKind::OneOrMore, "[\"eu-*\", \"us-east-1\"]", "Globs over its region; one must fit."),
    key("tags", KeyKind::Tags, "{ env = \"dev*\" }", "Globs over the values of its tags; each tag must fit."),
    organization("{ allowed-cidrs = [\"0.0.0.0/1\"] }"),
    rules("{ endpoint-public-access-enabled = \"off\" }"),
];

/// The keys that select clusters.
pub(super) static SELECTOR: &[ConfigKey] = CLUSTER.split_at(5).0;

/// The keys of an entry of `[rules]` that is a table.
pub(super) static RULE: [ConfigKey; 3] = [
    key("enabled", KeyKind::Flag, "true", "Whether the rule runs."),
    key("severity", KeyKind::Severity, "\"low\"", "How bad its findings are."),
    key("params", KeyKind::Params, "{ days = 30 }", "Its parameters, by name: `ekslint rules show RULE`."),
];

/// The keys of a `[[waiver]]`.
pub(super) static WAIVER: [ConfigKey; 8] = [
    key(
        "rule",
        KeyKind::OneOrMore,
        "\"endpoint-open-to-internet\"",
        "The rule: an id, an alias of another tool or a glob, or a list of them. Required.",
    ),
    key(
        "cluster",
        KeyKind::Clusters(SELECTOR),
        "\"study-lab\"",
        "Globs over the cluster's name or ARN, or a table with the keys of [[cluster]] that select. All clusters without it.",
    ),
    key(
        "resource",
        KeyKind::OneOrMore,
        "\"cluster/study-lab\"",
        "Globs over KIND/NAME, the ARN or the address in a template. All resources without it.",
    ),
    key("reason", KeyKind::Text, "\"lab without data\"", "Why it is accepted. Required."),
    key("owner", KeyKind::Text, "\"platform@example.com\"", "Who answers for it."),
    key(
        "approved-by",
        KeyKind::Text,
        "\"ciso@example.com\"",
        "Who approved the exception: a name or an address.",
    ),
    key("ticket", KeyKind::Text, "\"SEC-123\"", "Where it was agreed on."),
    key("expires", KeyKind::Date, "2099-12-31", "The last day on which it holds."),
];

/// The names of keys.
pub(super) fn names(keys: &[ConfigKey]) -> Vec<&'static str> {
    keys.iter().map(|key| key.name).collect()
}
