//! `ekslint.toml`: reading, checking, layering, and `ekslint config`.

use crate::support::folder::folder;
use assert_cmd::Command;
use bumpalo::Bump;
use ekslint::engine::{Judge, Outcome};
use ekslint::facts::AsOf;
use ekslint::policy::config::{FILE_NAME, Located, WaivedClusters};
use ekslint::policy::settings::RulePlan;
use ekslint::policy::{CommandLine, Config, LevelChoice, Params, Plan};
use ekslint::rule::{Loaded, RuleSet, RuleSource, Severity};
use ekslint::scan::{Keep, scan_text};
use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static LOADED: LazyLock<Loaded> =
    LazyLock::new(|| RuleSet::load(&[RuleSource::Policy, RuleSource::BuiltIn], false));
static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&read("docs/ekslint-toml.schema.json")).expect("JSON"));

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).expect("UTF-8")
}

/// Runs `ekslint`, and gives its exit code and what it wrote.
fn ekslint(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    let output =
        command.current_dir(dir).env_clear().env("COLUMNS", "100").args(args).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

fn parsed(text: &str) -> Config {
    Config::parse(Path::new(FILE_NAME), text).unwrap_or_else(|errors| panic!("{text}\n{errors}"))
}

/// The mistakes of a file, in its form or else in its meaning.
fn mistakes(text: &str) -> String {
    match Config::parse(Path::new(FILE_NAME), text) {
        Err(errors) => errors.to_string(),
        Ok(config) => config.check(&LOADED.set).err().map(|errors| errors.to_string()).unwrap_or_default(),
    }
}

/// TOML as JSON; dates become texts.
fn json_of(value: toml::Value) -> Value {
    match value {
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(json_of).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(key, value)| (key, json_of(value))).collect())
        }
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(flag) => flag.into(),
    }
}

/// What the schema has against a file.
fn against_schema(text: &str) -> Vec<String> {
    let table: toml::Table = toml::from_str(text).expect("TOML");
    let validator = jsonschema::options().should_validate_formats(true).build(&SCHEMA).expect("a schema");
    let document = json_of(toml::Value::Table(table));
    validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The file that `config init` writes, with every setting set.
fn uncommented(text: &str) -> String {
    let setting = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.is_empty() && !rest.starts_with(' ') => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(setting).collect()
}

#[test]
fn init_writes_a_file_that_changes_nothing_until_it_is_uncommented() {
    let dir = folder(&[]);
    let (code, out, err) = ekslint(dir.path(), &["config", "init"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let file = dir.path().join(FILE_NAME);
    let text = fs::read_to_string(&file).expect("UTF-8");
    assert!(toml::from_str::<toml::Table>(&text).expect("TOML").is_empty());
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");

    let on = uncommented(&text);
    assert_eq!(mistakes(&on), "");
    assert_eq!(against_schema(&on), [""; 0]);
    fs::write(&file, &on).expect("a file");
    let (code, out, err) = ekslint(dir.path(), &["config", "show"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_snapshot!("init_uncommented_and_shown", out);
}

#[test]
fn init_names_the_folders_that_hold_snapshots() {
    let list = r#"{"clusters": ["a", "b"]}"#;
    let dir = folder(&[
        ("package.json", "{}"),
        ("prod/eu/a.json", &crate::support::open_cluster("a")),
        ("prod/us/b.json", &crate::support::open_cluster("b")),
        ("prod/us/list.json", list),
        ("lab/c.json", &crate::support::open_cluster("c")),
        ("ekslint-baseline.jsonl", ""),
    ]);
    let (code, out, err) = ekslint(dir.path(), &["config", "init"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_snapshot!(out, @r#"
    wrote ekslint.toml with paths = ["lab", "prod"]: 3 clusters are there
    set baseline = "ekslint-baseline.jsonl", which is there
    `ekslint config show` prints what holds
    "#);
    let text = fs::read_to_string(dir.path().join(FILE_NAME)).expect("UTF-8");
    let set: Vec<_> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert_eq!(set, [r#"paths = ["lab", "prod"]"#, r#"baseline = "ekslint-baseline.jsonl""#]);
    let nothing = ekslint(folder(&[("package.json", "{}")]).path(), &["config", "init"]);
    assert_snapshot!(nothing.1, @r"
    wrote ekslint.toml; no clusters are described below this folder, so `paths` is not set
    `ekslint snapshot --region REGION -o snapshots` writes snapshots; `ekslint scan --help` shows what else is read
    `ekslint config show` prints what holds
    ");
}

#[test]
fn init_has_every_key_of_the_schema_and_every_list_that_rules_read() {
    let dir = folder(&[]);
    ekslint(dir.path(), &["config", "init"]);
    let text = uncommented(&fs::read_to_string(dir.path().join(FILE_NAME)).expect("UTF-8"));
    let document = json_of(toml::Value::Table(toml::from_str(&text).expect("TOML")));
    let keys =
        |value: &Value| -> Vec<String> { value.as_object().expect("a table").keys().cloned().collect() };
    let tables = [
        ("/properties", ""),
        ("/$defs/cluster/properties", "/cluster/0"),
        ("/$defs/waiver/properties", "/waiver/0"),
        ("/$defs/rule/anyOf/1/properties", "/rules/nodegroup-ami-old"),
        ("/$defs/organization/properties", "/organization"),
    ];
    for (of_schema, of_file) in tables {
        let mut known = keys(SCHEMA.pointer(of_schema).expect("keys"));
        let mut written = keys(document.pointer(of_file).expect("a table"));
        known.sort();
        written.sort();
        assert_eq!(written, known, "{of_schema}");
    }
}

#[test]
fn init_replaces_nothing_without_force() {
    let dir = folder(&[(FILE_NAME, "strict = true\n")]);
    let (code, _, err) = ekslint(dir.path(), &["config", "init"]);
    assert_eq!((code, err.as_str()), (2, "error: ekslint.toml is there already; --force replaces it\n"));
    assert_eq!(fs::read_to_string(dir.path().join(FILE_NAME)).expect("UTF-8"), "strict = true\n");
    assert_eq!(ekslint(dir.path(), &["config", "init", "--force"]).0, 0);
    assert!(fs::read_to_string(dir.path().join(FILE_NAME)).expect("UTF-8").starts_with("# "));
}

#[test]
fn the_stored_schema_is_the_one_that_is_printed() {
    let (code, out, err) = ekslint(repository(), &["config", "schema"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        out == read("docs/ekslint-toml.schema.json"),
        "docs/ekslint-toml.schema.json is stale: cargo run -- config schema > docs/ekslint-toml.schema.json"
    );
    jsonschema::meta::validate(&SCHEMA).expect("a schema");
}

#[test]
fn the_schema_and_the_reader_agree() {
    let good = [
        "",
        "paths = []\nexclude = ['*']\nrules-dirs = ['a']",
        "level = 'all'\nseverity = 'low'\nfail-on = 'never'\nstrict = true\nmask-account = true",
        "format = ['text', 'sarif=x y.sarif', 'json=-']\nbaseline = 'b'",
        "[organization]\nallowed-cidrs = []",
        "[rules]\n'*' = 'off'\nnode-imds-v1 = 'on'\nnode-volumes-unencrypted = 'info'",
        "[rules.nodegroup-ami-old]\n[rules.node-imds-v1]\nenabled = false",
        "rules = { nodegroup-ami-old.params.days = 1 }",
        "[[cluster]]\nname = 'a'\n[[cluster]]\narn = ['b', 'c']\ntags = { a = 'b' }",
        "waiver = [{ rule = '*' }]",
        "waiver = [{ rule = '*', owner = 'a', approved-by = 'ciso@example.com', ticket = 'SEC-1' }]",
        "[[waiver]]\nrule = ['*']\nreason = ''\nexpires = '2026-12-31'\ncluster = ['a']",
        "[[waiver]]\nrule = '*'\ncluster = { region = 'eu-*' }\nresource = ['a/b']",
    ];
    for text in good {
        assert_eq!((mistakes(text).as_str(), against_schema(text)), ("", Vec::new()), "{text}");
    }
    let bad = [
        "path = []",
        "paths = 'a'",
        "paths = [' ']",
        "exclude = [1]",
        "level = 'Strict'",
        "severity = 'never'",
        "fail-on = 'none'",
        "strict = 'true'",
        "format = 'text'",
        "format = ['txt']",
        "format = ['sarif=']",
        "baseline = ''",
        "organization = []",
        "[organization]\nallowed-cidrs = '10.0.0.0/8'",
        "[rules]\nnode-imds-v1 = true",
        "[rules]\nnode-imds-v1 = 'of'",
        "[rules]\nnode-imds-v1.params = 3",
        "[rules]\nnode-imds-v1 = { level = 'strict' }",
        "[rules]\nnodegroup-ami-old.params.days = 1.5",
        "[cluster]\nname = 'a'",
        "[[cluster]]",
        "[[cluster]]\nrules = {}",
        "[[cluster]]\nname = []",
        "[[cluster]]\naccount = 111122223333",
        "[[cluster]]\ntags = ['a']",
        "[[waiver]]\nreason = 'x'",
        "[[waiver]]\nrule = []",
        "[[waiver]]\nrule = '*'\nreason = 3",
        "[[waiver]]\nrule = '*'\napproved-by = ['ciso@example.com']",
        "[[waiver]]\nrule = '*'\napproved_by = 'ciso@example.com'",
        "[[waiver]]\nrule = '*'\nexpires = '31.12.2026'",
        "[[waiver]]\nrule = '*'\nexpires = 2026-12-31T00:00:00Z",
        "[[waiver]]\nrule = '*'\ncluster = {}",
        "[[waiver]]\nrule = '*'\ncluster = { organization = {} }",
    ];
    let formats = ["text", "concise", "json", "sarif"];
    for text in bad {
        let config = Config::parse(Path::new(FILE_NAME), text);
        let refused = config.is_err_and(|_| true)
            || Config::parse(Path::new(FILE_NAME), text)
                .is_ok_and(|config| config.check_formats(&formats).is_err());
        assert!(refused, "read: {text}");
        assert!(!against_schema(text).is_empty(), "valid: {text}");
    }
}

#[test]
fn every_mistake_of_form_is_told_with_its_place() {
    assert_snapshot!(mistakes(
        r#"pahts = ["x"]
level = "al"
severity = 3
strict = "yes"
exclude = ["a[", 3]
format = ["sarif="]
fail-on = "hi"
[organization]
allowed-cidrs = ["10.0.0.0", "x"]
alowed-tags = [""]
[rules]
"x[" = "off"
a = "of"
b = { enabld = true, params = { a = 1.5 } }
[[cluster]]
nam = "x"
[[cluster]]
account = 111122223333
[[waiver]]
expires = "2026-13-01"
[[waiver]]
rule = []
expires = 2026-12-31T00:00:00Z
cluster = { organization = 1 }
[[waiver]]
rule = "x"
approved-by = ["ciso@example.com"]
"#
    ));
    assert_snapshot!(mistakes("[cluster]\nname = 'x'\n[waiver]\n"));
    assert_snapshot!(mistakes("a = [\nb = 1"));
    assert_snapshot!(mistakes("strict = true\nstrict = true"));
}

#[test]
fn every_mistake_of_meaning_is_told_with_its_place() {
    assert_snapshot!(mistakes(
        r#"[organization]
allowed-cidr = ["10.0.0.0/8"]
[rules]
"nodegrup-*" = "off"
endpoint-open-to-internett = "off"
nodegroup-ami-old.params = { day = 3 }
"nodegroup-*".params = { days = "3" }
"subnet*".params = { days = 3 }
endpoint-cidr-not-allowed.params = { allowed = "10.0.0.0/8" }
[[cluster]]
name = "x"
organization = { required-tag = ["a"] }
rules = { node-imds = "off" }
[[waiver]]
rule = ["x*", "waiver-expired"]
"#
    ));
}

#[test]
fn what_cannot_be_read_is_told() {
    let dir = folder(&[
        ("large.toml", &"#\n".repeat(600_000)),
        ("deep.toml", &format!("a = {}", "[".repeat(9_000))),
    ]);
    fs::write(dir.path().join("latin.toml"), b"a = '\xe9'").expect("a file");
    for (file, needed) in [
        ("large.toml", "is larger than 1 MiB"),
        ("latin.toml", "is not UTF-8 text"),
        ("none.toml", "cannot be read: No such file"),
        ("deep.toml", "is not TOML: cannot recurse further"),
        (".", "cannot be read: Is a directory"),
    ] {
        let (code, out, err) = ekslint(dir.path(), &["config", "show", "--config", file]);
        assert_eq!((code, out.as_str()), (2, ""));
        assert!(err.starts_with(&format!("error: {file}")) && err.contains(needed), "{err}");
    }
}

#[test]
fn the_nearest_file_upward_is_read_and_its_paths_start_there() {
    let dir = folder(&[
        ("ekslint.toml", "fail-on = 'low'"),
        (
            "team/ekslint.toml",
            "paths = ['clusters', '/abs']\nrules-dirs = ['own']\nformat = ['json=out/r.json']",
        ),
        ("team/own/own.yaml", OWN),
        ("team/deep/er/x", ""),
        ("odd/ekslint.toml/x", ""),
    ]);
    let shown = |folder: &str, args: &[&str]| -> Value {
        let args = [["config", "show", "--format", "json"].as_slice(), args].concat();
        let (code, out, err) = ekslint(&dir.path().join(folder), &args);
        assert_eq!((code, err.as_str()), (0, ""), "{folder}");
        serde_json::from_str(&out).expect("JSON")
    };
    let value = |view: &Value, name: &str| -> Value {
        let settings = view["settings"].as_array().expect("settings");
        let setting = settings.iter().find(|setting| setting["name"] == name).expect("a setting");
        json!([setting["value"], setting["from"]])
    };
    assert_eq!(value(&shown("", &[]), "fail-on"), json!(["low", "ekslint.toml:1"]));
    assert_eq!(value(&shown("", &["--no-config"]), "fail-on"), json!(["medium", "default"]));
    // A folder of that name is no file.
    let above = fs::canonicalize(dir.path()).expect("a folder");
    assert_eq!(shown("odd", &[])["file"], json!(above.join(FILE_NAME)));
    let team = shown("team", &[]);
    assert_eq!(value(&team, "fail-on"), json!(["medium", "default"]));
    assert_eq!(value(&team, "paths"), json!([["clusters", "/abs"], "ekslint.toml:1"]));
    assert_eq!(value(&team, "format"), json!([["json=out/r.json"], "ekslint.toml:3"]));
    let deep = shown("team/deep/er", &[]);
    let file = deep["file"].as_str().expect("a file");
    let clusters = Path::new(file).with_file_name("clusters");
    assert_eq!(value(&deep, "paths")[0][0], json!(clusters));
    assert_eq!(value(&shown("", &["--config", "team/ekslint.toml"]), "paths")[0][0], "team/clusters");
    assert_eq!(shown("team", &[])["knownRules"], json!(LOADED.set.rules.len() + 1));
}

/// A rule that a list of its own feeds.
const OWN: &str = r#"
id: access-entry-stranger
title: Access entry of an account that is not trusted
severity: medium
since: 0.1.0
resource: accessEntry
params: { trusted: { type: list, organization: trusted-accounts } }
assert: "accessEntry.principalArn.split(':')[4] in params.trusted"
message: "{{accessEntry.principalArn}} is a stranger"
rationale: It is tested.
remediation: { text: None is needed. }
"#;

#[test]
fn a_rule_of_ones_own_brings_its_list() {
    let list = "[organization]\ntrusted-accounts = ['111122223333']\n";
    let text = format!("rules-dirs = ['own']\n{list}");
    let dir = folder(&[("ekslint.toml", &text), ("own/own.yaml", OWN), ("bad/ekslint.toml", list)]);
    let (code, out, err) = ekslint(dir.path(), &["config", "show"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("feeds           access-entry-stranger.trusted"), "{out}");
    let (code, _, err) = ekslint(&dir.path().join("bad"), &["config", "show"]);
    assert_eq!(code, 2);
    assert!(
        err.contains("ekslint.toml:2:1: organization: no rule's parameter reads the list `trusted-accounts`"),
        "{err}"
    );
}

#[test]
fn waivers_keep_their_places() {
    let text = "[[waiver]]\nrule = ['a', 'b-*']\n\n[[waiver]]\n  rule = 'c'\n  reason = ' '\n  expires = '2026-01-31'\n\
                cluster = { name = 'x', tags = { a = 'b' } }\nresource = 'nodegroup/*'\napproved-by = 'ciso@example.com'\n";
    let config = parsed(text);
    let [first, second] = config.waivers.as_slice() else { panic!("{:?}", config.waivers) };
    let place = |region: ekslint::value::position::LineSpan| {
        (region.start_line, region.start_column, region.end_column)
    };
    assert_eq!(place(first.region), (1, 1, 11));
    assert!(!first.has_reason() && first.reason.is_none() && first.clusters.is_none());
    assert_eq!(
        (first.approved_by.as_deref(), second.approved_by.as_deref()),
        (None, Some("ciso@example.com"))
    );
    assert_eq!(
        first.rules.iter().map(|rule| place(rule.region)).collect::<Vec<_>>(),
        [(2, 9, 12), (2, 14, 19)]
    );
    assert_eq!(place(second.region), (4, 1, 11));
    let reason = second.reason.as_ref().expect("it is kept");
    assert_eq!((reason.value.as_str(), place(reason.region), second.has_reason()), (" ", (6, 12, 15), false));
    let expires = second.expires.as_ref().expect("a day");
    assert_eq!((expires.value.to_string().as_str(), place(expires.region)), ("2026-01-31", (7, 13, 25)));
    assert!(second.resources[0].is_match("nodegroup/blue") && !second.resources[0].is_match("addon/blue"));
    assert!(matches!(&second.clusters, Some(WaivedClusters::Selected(clusters)) if clusters.tags.len() == 1));
}

#[test]
fn an_expired_waiver_is_marked_from_the_day_after() {
    let text = "[[waiver]]\nrule = 'node-imds-v1'\nreason = 'x'\nexpires = 2026-12-31\n";
    let dir = folder(&[(FILE_NAME, text)]);
    for (day, expired) in [("2026-12-31", false), ("2027-01-01", true)] {
        let args = ["config", "show", "--as-of", day];
        let (_, out, _) = ekslint(dir.path(), &args);
        assert_eq!(out.contains("expired"), expired, "{day}\n{out}");
        let (_, out, _) = ekslint(dir.path(), &[args.as_slice(), &["--format", "json"]].concat());
        let view: Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(view["waivers"][0]["expired"], expired);
    }
}

/// How a rule runs by a file and a command line: on or off, severity, parameters.
fn plan(text: &str, command: &CommandLine, id: &str) -> String {
    let config = parsed(text);
    config.check(&LOADED.set).unwrap_or_else(|errors| panic!("{text}\n{errors}"));
    let plan = Plan::new(&LOADED.set, &config, command).expect("patterns that fit");
    let rule = plan.rules.iter().find(|plan| plan.rule.id == id).expect("a rule");
    let params = rule.params.iter().map(|(name, setting)| format!(" {name}={}", setting.value));
    let mut text =
        format!("{} {}{}", on(rule.enabled.value), rule.severity.value, params.collect::<String>());
    for (at, changes) in &rule.overrides {
        text += &format!("; {at}:");
        text += &changes.enabled.iter().map(|set| format!(" {}", on(set.value))).collect::<String>();
        text += &changes.severity.iter().map(|set| format!(" {}", set.value)).collect::<String>();
        text +=
            &changes.params.iter().map(|(name, set)| format!(" {name}={}", set.value)).collect::<String>();
    }
    text
}

fn on(enabled: bool) -> &'static str {
    if enabled { "on" } else { "off" }
}

fn command(level: Option<LevelChoice>, select: &[&str], ignore: &[&str], params: &[&str]) -> CommandLine {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let params = Params::parse(&texts(params), &LOADED.set).expect("parameters");
    CommandLine { level, select: texts(select), ignore: texts(ignore), params }
}

#[test]
fn layers_win_in_their_order() {
    let nothing = CommandLine::default();
    let cases = [
        ("", "on low days=90"),
        ("[rules]\nnodegroup-ami-old = 'off'", "off low days=90"),
        ("[rules]\nnodegroup-ami-old = 'high'", "on high days=90"),
        ("[rules]\n'node*' = 'off'\n'nodegroup-*' = 'high'", "on high days=90"),
        ("[rules]\n'nodegroup-*' = 'high'\n'node*' = 'off'", "off high days=90"),
        ("[rules]\nnodegroup-ami-old = 'on'\n'*' = 'off'", "on low days=90"),
        ("[rules]\nnodegroup-ami-old.severity = 'info'\n'*' = 'off'", "off info days=90"),
        ("[rules]\n'nodegroup-*'.params.days = 7\n'*' = { severity = 'high' }", "on high days=7"),
        ("[rules]\nnodegroup-ami-old.params.days = 1\n'nodegroup-*'.params.days = 7", "on low days=1"),
        (
            "[rules]\nnodegroup-ami-old = 'off'\n[[cluster]]\nname = 'a'\nrules = { nodegroup-ami-old = 'on' }\n\
             [[cluster]]\nname = 'b'\n[[cluster]]\nname = 'c'\nrules = { '*' = { severity = 'low' }, nodegroup-ami-old.params.days = 2 }",
            "off low days=90; 0: on; 2: low days=2",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(plan(text, &nothing, "nodegroup-ami-old"), expected, "{text}");
    }
}

#[test]
fn lists_of_the_organization_lie_below_rules_and_clusters_above() {
    let list = "[organization]\nallowed-cidrs = ['10.0.0.0/8']\n";
    let cluster = "[[cluster]]\nname = 'a'\norganization = { allowed-cidrs = ['12.0.0.0/8'] }\n";
    let rule = "[rules]\nendpoint-cidr-not-allowed.params.allowed = ['11.0.0.0/8']\n";
    let nothing = CommandLine::default();
    let set = command(None, &[], &[], &["endpoint-cidr-not-allowed.allowed=13.0.0.0/8"]);
    let cases = [
        (String::new(), &nothing, "on medium"),
        (list.to_owned(), &nothing, r#"on medium allowed=["10.0.0.0/8"]"#),
        (format!("{list}{rule}"), &nothing, r#"on medium allowed=["11.0.0.0/8"]"#),
        (
            format!("{list}{rule}{cluster}"),
            &nothing,
            r#"on medium allowed=["11.0.0.0/8"]; 0: allowed=["12.0.0.0/8"]"#,
        ),
        (format!("{list}{rule}{cluster}"), &set, r#"on medium allowed=["13.0.0.0/8"]"#),
    ];
    for (text, command, expected) in cases {
        assert_eq!(plan(&text, command, "endpoint-cidr-not-allowed"), expected, "{text}");
    }
}

#[test]
fn levels_select_and_ignore() {
    let off = "[rules]\nsecrets-encryption-no-customer-key = 'off'\n";
    let cluster = "[[cluster]]\nname = 'a'\nrules = { secrets-encryption-no-customer-key = 'on' }\n\
                   [[cluster]]\nname = 'b'\nrules = { secrets-encryption-no-customer-key = 'off' }\n";
    let both = format!("{off}{cluster}");
    let strict = Some(LevelChoice::Strict);
    let id = "secrets-encryption-no-customer-key";
    let cases: [(&str, CommandLine, &str); 14] = [
        ("", command(None, &[], &[], &[]), "off"),
        ("level = 'strict'", command(None, &[], &[], &[]), "on"),
        ("level = 'strict'", command(Some(LevelChoice::Advice), &[], &[], &[]), "off"),
        ("", command(strict, &[], &[], &[]), "on"),
        (off, command(strict, &[], &[], &[]), "off"),
        ("", command(None, &[id], &[], &[]), "on"),
        ("", command(None, &["secrets-encryption-no-*"], &[], &[]), "on"),
        (off, command(None, &[id], &[], &[]), "on"),
        (off, command(None, &["secrets-encryption-no-*"], &[], &[]), "off"),
        ("level = 'all'", command(None, &["node-imds-v1"], &[], &[]), "off"),
        (&both, command(None, &[], &[], &[]), "off; 0: on; 1: off"),
        (&both, command(None, &[id], &[], &[]), "on"),
        (&both, command(None, &["secrets-encryption-no-*"], &[], &[]), "off; 0: on; 1: off"),
        (&both, command(strict, &[id], &["*-customer-key"], &[]), "off"),
    ];
    for (text, command, expected) in cases {
        let got = plan(text, &command, id).replace(" low", "");
        assert_eq!(got, expected, "{text} {command:?}");
    }
    let config = Config::default();
    let wrong = command(None, &["nothing-*"], &[], &[]);
    let error = Plan::new(&LOADED.set, &config, &wrong).expect_err("no such rule");
    assert!(error.to_string().starts_with("--select: no rule is called `nothing-*`"), "{error}");
}

const TWO: &str = r#"[
  {"cluster": {"name": "dev-1", "resourcesVpcConfig": {"endpointPublicAccess": true, "publicAccessCidrs": ["11.0.0.1/32"]}}},
  {"cluster": {"name": "prod-1", "resourcesVpcConfig": {"endpointPublicAccess": true, "publicAccessCidrs": ["11.0.0.1/32"]}}}
]"#;

#[test]
fn a_scan_judges_each_cluster_by_its_settings() {
    let text = "[organization]\nallowed-cidrs = ['10.0.0.0/8']\n[rules]\n'*' = 'off'\nendpoint-cidr-not-allowed = 'critical'\n\
                [[cluster]]\nname = 'dev-*'\norganization = { allowed-cidrs = ['11.0.0.0/8'] }\n\
                [cluster.rules]\nendpoint-public-access-enabled = 'info'\n";
    let config = parsed(text);
    let (command, arena) = (CommandLine::default(), Bump::new());
    let plan = Plan::new(&LOADED.set, &config, &command).expect("a plan");
    let (rules, overrides) = plan.configured(&arena).expect("parameters");
    let ids: Vec<_> = rules.iter().map(|configured| configured.rule.id.as_str()).collect();
    assert_eq!(ids, ["endpoint-cidr-not-allowed", "endpoint-public-access-enabled"]);
    let date = "2026-11-21".parse().expect("a date");
    let judge = Judge { overrides, fixes: false, ..Judge::new(rules, AsOf { date }) };
    let scan = scan_text("two.json", TWO, &judge, Keep::default());
    assert!(scan.problems.is_empty(), "{:?}", scan.problems);
    let outcomes: Vec<_> = scan.clusters.iter().map(|cluster| cluster.judgement.outcomes.clone()).collect();
    assert_eq!(outcomes, [[Outcome::Pass, Outcome::Fail], [Outcome::Fail, Outcome::Off]]);
    let severities: Vec<_> = scan
        .clusters
        .iter()
        .flat_map(|cluster| &cluster.judgement.findings)
        .map(|finding| finding.severity)
        .collect();
    assert_eq!(severities, [Severity::Info, Severity::Critical]);
}

/// One line of `[rules]`, for the model below.
#[derive(Clone, Debug)]
struct Line {
    pattern: &'static str,
    enabled: Option<bool>,
    severity: Option<Severity>,
    days: Option<u8>,
}

fn line() -> impl Strategy<Value = Line> {
    let pattern = prop::sample::select(vec!["*", "node*", "nodegroup-*", "nodegroup-ami-old", "vpc-*"]);
    let severity = prop::sample::select(Severity::ALL.to_vec());
    let parts = (pattern, any::<Option<bool>>(), prop::option::of(severity), prop::option::of(1_u8..100));
    parts.prop_map(|(pattern, enabled, severity, days)| {
        // `vpc-*` fits no rule with this parameter, which is a mistake of its own.
        let days = days.filter(|_| pattern != "vpc-*");
        Line { pattern, enabled, severity, days }
    })
}

/// Lines without a pattern twice: TOML does not allow that.
fn lines() -> impl Strategy<Value = Vec<Line>> {
    prop::collection::vec(line(), 0..5).prop_map(|mut lines| {
        let mut seen = Vec::new();
        lines.retain(|line| {
            !seen.contains(&line.pattern) && {
                seen.push(line.pattern);
                true
            }
        });
        lines
    })
}

impl Line {
    fn written(&self, table: &str) -> String {
        let enabled = self.enabled.map(|enabled| format!("enabled = {enabled}\n"));
        let severity = self.severity.map(|severity| format!("severity = '{severity}'\n"));
        let days = self.days.map(|days| format!("params = {{ days = {days} }}\n"));
        let fields: String = [enabled, severity, days].into_iter().flatten().collect();
        format!("[{table}.'{}']\n{fields}", self.pattern)
    }
}

/// What the layers say, computed the plain way: every line over the one before it.
fn by_hand(layers: &[Vec<Line>]) -> (Option<bool>, Option<Severity>, Option<u8>) {
    let mut all = (None, None, None);
    for layer in layers {
        let exact = |line: &&Line| line.pattern == "nodegroup-ami-old";
        let globs = layer.iter().filter(|line| !exact(line) && line.pattern != "vpc-*");
        for line in globs.chain(layer.iter().filter(exact)) {
            all = (line.enabled.or(all.0), line.severity.or(all.1), line.days.or(all.2));
        }
    }
    all
}

/// How the rule runs on a cluster that every `[[cluster]]` fits.
fn folded(rule: &RulePlan<'_>) -> (bool, Severity, Value) {
    let days = rule.params.iter().find(|(name, _)| *name == "days").expect("days").1.value.clone();
    let mut settings = (rule.enabled.value, rule.severity.value, days);
    for (_, changes) in &rule.overrides {
        settings.0 = changes.enabled.as_ref().map_or(settings.0, |set| set.value);
        settings.1 = changes.severity.as_ref().map_or(settings.1, |set| set.value);
        for (_, days) in &changes.params {
            settings.2 = days.value.clone();
        }
    }
    settings
}

proptest! {
    #[test]
    fn settings_are_what_the_layers_say_one_over_the_other(layers in prop::collection::vec(lines(), 1..4)) {
        let mut text = String::new();
        for (at, layer) in layers.iter().enumerate() {
            if at > 0 {
                text += "[[cluster]]\nname = '*'\n";
            }
            let table = if at > 0 { "cluster.rules" } else { "rules" };
            text.extend(layer.iter().map(|line| line.written(table)));
        }
        prop_assert_eq!(mistakes(&text), "", "{}", text);
        let (config, command) = (parsed(&text), CommandLine::default());
        let plan = Plan::new(&LOADED.set, &config, &command).expect("a plan");
        let rule = plan.rules.iter().find(|plan| plan.rule.id == "nodegroup-ami-old").expect("a rule");
        let (enabled, severity, days) = by_hand(&layers);
        let expected =
            (enabled.unwrap_or(true), severity.unwrap_or(rule.rule.severity), json!(days.unwrap_or(90)));
        prop_assert_eq!(folded(rule), expected, "{}", text);
        let ever = rule.enabled.value || rule.overrides.iter().any(|(_, set)| set.enabled.as_ref().is_some_and(|on| on.value));
        prop_assert_eq!(rule.runs_somewhere(), ever);
    }

    /// Whatever stands in a file, it is read or its mistakes are told at places within it.
    #[test]
    fn no_text_is_too_strange(cut in any::<prop::sample::Index>(), more in "\\PC{0,20}|[\\[\\]{}='\"a-z\n,.0-9-]{0,30}") {
        let text = example();
        let at = cut.index(text.len());
        let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let text = format!("{}{more}{}", &text[..at], &text[at..]);
        if let Err(errors) = Config::parse(Path::new(FILE_NAME), &text) {
            prop_assert!(!errors.0.is_empty());
            let lines = text.split('\n').count();
            for error in errors.0 {
                let place = error.place.expect("a place");
                prop_assert!((1..=lines).contains(&(place.line as usize)) && place.column > 0, "{}", error);
            }
        }
    }
}

/// The TOML of the documentation.
fn example() -> String {
    let page = read("docs/configuration.md");
    let (_, rest) = page.split_once("```toml\n").expect("an example");
    rest.split_once("```").expect("its end").0.to_owned()
}

#[test]
fn the_example_of_the_documentation_loads() {
    let text = example();
    assert_eq!(mistakes(&text), "");
    assert_eq!(against_schema(&text), [""; 0]);
    let dir = folder(&[(FILE_NAME, &text)]);
    let (code, out, err) = ekslint(dir.path(), &["config", "show", "--as-of", "2027-01-01"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_snapshot!("the_example_shown", out);
}

#[test]
fn the_documentation_has_every_key_and_every_list_with_what_it_feeds() {
    let page = read("docs/configuration.md");
    let row = |cells: &str| page.lines().any(|line| line.starts_with(cells));
    for table in [
        "/properties",
        "/$defs/cluster/properties",
        "/$defs/waiver/properties",
        "/$defs/rule/anyOf/1/properties",
    ] {
        for (key, property) in SCHEMA.pointer(table).and_then(Value::as_object).expect("keys") {
            let section =
                page.contains(&format!("## `[{key}]`")) || page.contains(&format!("## `[[{key}]]`"));
            let default = property.get("default").map(|value| format!("| `{value}` |")).unwrap_or_default();
            assert!(section || row(&format!("| `{key}` {default}")), "{table} {key} {default}");
        }
    }
    for (list, property) in
        SCHEMA.pointer("/$defs/organization/properties").and_then(Value::as_object).expect("lists")
    {
        let fed = property["description"]
            .as_str()
            .and_then(|text| text.strip_prefix("Feeds "))
            .expect("parameters");
        let fed = fed.trim_end_matches('.');
        let line = page.lines().find(|line| line.starts_with(&format!("| `{list}` |"))).expect("a row");
        assert!(line.ends_with(&format!("| `{fed}` |")), "{line}");
    }
}

#[test]
fn the_commands_of_the_documentation_work() {
    let page = read("docs/configuration.md");
    let blocks = page.split("```sh\n").skip(1).map(|rest| rest.split_once("```").expect("its end").0);
    let commands: Vec<_> = blocks.flat_map(str::lines).collect();
    assert!(commands.len() >= 4, "{commands:?}");
    for command in commands {
        let args: Vec<_> = command.split_whitespace().collect();
        assert_eq!(args[0], "ekslint");
        let (code, _, err) = ekslint(repository(), &args[1..]);
        assert_eq!((code, err.contains("error")), (0, false), "{command}\n{err}");
    }
}

#[test]
fn paths_and_other_settings_are_typed() {
    let config = Config::parse(
        Path::new("team/ekslint.toml"),
        "paths = ['a', '/b']\nbaseline = 'c.jsonl'\nformat = ['text', 'sarif=d.sarif', 'json=-']\nseverity = 'low'",
    );
    let config = config.expect("a configuration");
    let value = |placed: &Option<Located<Vec<PathBuf>>>| placed.as_ref().expect("paths").value.clone();
    assert_eq!(value(&config.paths), [PathBuf::from("team/a"), PathBuf::from("/b")]);
    assert_eq!(config.baseline.expect("a baseline").value, PathBuf::from("team/c.jsonl"));
    let outputs = config.format.expect("formats").value;
    let files: Vec<_> = outputs.iter().map(|output| output.file.as_deref()).collect();
    assert_eq!(files, [None, Some(Path::new("team/d.sarif")), None]);
    assert_eq!(
        config.severity.map(|severity| (severity.value, severity.region.start_line)),
        Some((Severity::Low, 4))
    );
}

/// A configuration may come with a stranger's change.
#[test]
#[cfg(unix)]
fn nothing_is_written_outside_of_its_folder() {
    let dir = folder(&[("repo/a.json", "{}"), ("repo/in/b.json", "{}")]);
    let repo = dir.path().join("repo");
    std::os::unix::fs::symlink(dir.path(), repo.join("out")).expect("a link");
    std::os::unix::fs::symlink(dir.path().join("target"), repo.join("link.sarif")).expect("a link");
    let refused = |config: &str, args: &[&str]| {
        fs::write(repo.join(FILE_NAME), config).expect("a file");
        let (code, _, err) = ekslint(&repo, args);
        code == 2 && err.contains("is not below the folder of this file")
    };
    for file in ["../x.sarif", "out/x.sarif", "link.sarif", "/tmp/ekslint-x.sarif"] {
        let config = format!("format = ['sarif={file}']");
        assert!(refused(&config, &["scan", "a.json"]), "{file}");
        let config = format!("baseline = '{file}'");
        assert!(refused(&config, &["baseline", "write", "a.json"]), "{file}");
    }
    assert!(!refused("format = ['sarif=in/x.sarif']", &["scan", "a.json"]));
    assert!(repo.join("in/x.sarif").exists());
    let named = ["scan", "a.json", "--format", "sarif=../y.sarif"];
    assert!(!refused("format = ['sarif=../x.sarif']", &named));
    let names = fs::read_dir(dir.path()).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<_> = names.collect();
    names.sort();
    assert_eq!(names, ["repo", "y.sarif"]);
}

/// Nor what is the user's own in its folder: what is read, itself, what Git keeps.
#[test]
#[cfg(unix)]
fn nothing_that_is_read_is_overwritten() {
    const RULE: &str = "id: tested\ntitle: t\nseverity: high\nsince: 0.1.0\nresource: cluster\nassert: 'true'\nmessage: m\n\
                        rationale: r\nremediation: { text: x }\n";
    let cluster = r#"{"cluster": {"name": "a", "version": "1.30", "resourcesVpcConfig": {}}}"#;
    let dir = folder(&[
        ("prod.json", cluster),
        ("in/found.json", cluster),
        ("in/broken.json", "{"),
        ("rules/tested.yaml", RULE),
        (".git/hooks/pre-commit", "#!/bin/sh"),
        ("known.jsonl", "{\"ekslintBaseline\":1,\"accountsMasked\":false}\n"),
    ]);
    let path = dir.path();
    for (link, to) in [("link.json", "prod.json"), ("hooks", ".git/hooks")] {
        std::os::unix::fs::symlink(to, path.join(link)).expect("a link");
    }
    let (config, rest) =
        ("rules-dirs = ['rules']\nbaseline = 'known.jsonl'\n", ["prod.json", "in", "--exit-zero"]);
    let mut written = fs::read_to_string(path.join("known.jsonl")).expect("a baseline");
    let texts = |path: &Path| {
        let files = [
            "prod.json",
            "in/found.json",
            "in/broken.json",
            "rules/tested.yaml",
            ".git/hooks/pre-commit",
            "known.jsonl",
        ];
        files.map(|file| fs::read_to_string(path.join(file)).expect("a file"))
    };
    let before = texts(path);
    for (file, why) in [
        (FILE_NAME, "is this file itself"),
        (".git/hooks/pre-commit", "is below a directory .git"),
        (".git/new", "is below a directory .git"),
        (".GIT/new", "is below a directory .git"),
        (".git", "is below a directory .git"),
        ("hooks/new", "is below a directory .git"),
        ("prod.json", "is an input of this command"),
        ("./in/../prod.json", "is an input of this command"),
        ("in/found.json", "is an input of this command"),
        ("in/broken.json", "is an input of this command"),
        ("rules/tested.yaml", "is a rule of this command"),
        ("known.jsonl", "is the baseline of this command"),
    ] {
        let own = format!("{config}format = ['json={file}', 'sarif=ok.sarif']\n");
        fs::write(path.join(FILE_NAME), &own).expect("a file");
        let (code, _, err) = ekslint(path, &[&["scan"], rest.as_slice()].concat());
        assert!(code == 2 && err.contains(why), "{file}: {err}");
        assert!(err.contains(file), "{file}: {err}");
        assert_eq!(fs::read_to_string(path.join(FILE_NAME)).expect("it is there"), own);
        assert_eq!(texts(path), before, "{file}");
        assert!(!path.join(".git/new").exists() && !path.join(".GIT").exists());
    }
    // On the command line as well, also through links, but below .git the user may write.
    fs::write(path.join(FILE_NAME), config).expect("a file");
    for (file, why) in [
        ("prod.json", "prod.json is an input of this command, and is not overwritten"),
        ("link.json", "link.json is an input of this command (prod.json), and"),
        ("in/found.json", "in/found.json is an input of this command, and"),
        (FILE_NAME, "ekslint.toml is the configuration of this command, and"),
        ("known.jsonl", "known.jsonl is the baseline of this command, and"),
    ] {
        let format = format!("json={file}");
        let args =
            [&["scan"], rest.as_slice(), &["--format", &format, "--format", "sarif=ok.sarif"]].concat();
        let (code, _, err) = ekslint(path, &args);
        assert!(code == 2 && err.contains(why), "{file}: {err}");
        assert_eq!(texts(path), before, "{file}");
        let (code, _, err) = ekslint(path, &["diff", "prod.json", "in/found.json", "--format", &format]);
        assert!(code == 2 && err.contains("is not overwritten"), "{file}: {err}");
        assert_eq!(texts(path), before, "{file}");
    }
    let (_, _, err) =
        ekslint(path, &["scan", "prod.json", "--exit-zero", "--format", "json=.git/report.json"]);
    assert!(path.join(".git/report.json").exists(), "{err}");
    // A baseline is written anew, and nothing else.
    for (file, why) in [
        ("prod.json", "is an input"),
        (FILE_NAME, "is the configuration"),
        ("rules/tested.yaml", "is a rule"),
    ] {
        let (code, _, err) =
            ekslint(path, &["baseline", "write", "prod.json", "--force", "--baseline", file]);
        assert!(code == 2 && err.contains(why), "{file}: {err}");
        assert_eq!(texts(path), before, "{file}");
    }
    let (code, _, err) = ekslint(path, &["baseline", "write", "prod.json", "--force"]);
    assert_eq!(code, 0, "{err}");
    let after = fs::read_to_string(path.join("known.jsonl")).expect("a baseline");
    assert_ne!(std::mem::replace(&mut written, after.clone()), after);
    // The report of the scan before lies among the inputs, and is none.
    for _ in 0..2 {
        let (code, _, err) =
            ekslint(path, &["scan", "in/found.json", "in", "--exit-zero", "--format", "json=in/report.json"]);
        assert!(code == 2 && !err.contains("overwritten"), "in/broken.json alone is wrong: {err}");
        assert!(path.join("in/report.json").exists());
    }
}
