//! The built-in rules, the schema of the rule file, and `ekslint rules`.

use assert_cmd::Command;
use ekslint::engine::examples::{ExampleDifference, ExampleReport};
use ekslint::report::rule_page::{PageLinks, RulePage};
use ekslint::rule::{Level, RuleSet, RuleSource, load, schema};
use ekslint::snapshot::section;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Two rules of somebody's own; the second says the wrong thing about itself twice.
const GOOD: &str = r#"
id: cluster-name-too-short
title: Cluster has a name of one letter, which says nothing to those who come later and look for its purpose
severity: low
since: 0.1.0
resource: cluster
assert: "cluster.name.size() > 1"
message: "{{cluster.name}} is too short"
rationale: Names should say something.
remediation: { text: Choose a longer name. }
supersedes: [cluster-untagged, no-such-rule]
examples:
  - { name: long, snapshot: { cluster: { name: long, resourcesVpcConfig: { vpcId: vpc-1 } } }, finds: [] }
  - { name: short, snapshot: { cluster: { name: a, resourcesVpcConfig: { vpcId: vpc-1 } } }, finds: [/cluster] }
"#;
const WRONG: &str = r#"
id: nodegroup-wrong
title: Json group is called wrong
severity: critical
level: strict
since: 0.1.0
resource: nodegroup
assert: "nodegroup.nodegroupName != 'wrong'"
message: "{{nodegroup.nodegroupName}} is wrong"
rationale: It is wrong.
remediation: { text: Choose another name. }
examples:
  - name: fine
    snapshot: { cluster: { name: a, resourcesVpcConfig: { vpcId: vpc-1 } }, nodegroups: [{ nodegroupName: right }] }
    finds: [/nodegroups/0]
  - name: found
    snapshot: { cluster: { name: a, resourcesVpcConfig: { vpcId: vpc-1 } }, nodegroups: [{ nodegroupName: wrong }] }
    finds: [/nodegroups/0]
  - name: not collected
    snapshot: { cluster: { name: a, resourcesVpcConfig: { vpcId: vpc-1 } } }
    outcome: pass
"#;

/// A rule with everything that a rule may have.
const FULL: &str = r#"
id: ingress-from-anywhere
title: Security group | lets `any` address in
severity: high
level: advice
precision: medium
since: 0.2.0
resource: securityGroup
clusters: [eks, outpost, connected]
params:
  ports: { description: "Ports that may be open, such as 443.", type: list, default: ["443"], organization: open-ports }
  prefix: { type: int }
let:
  open: "['0.0.0.0/0', '::/0']"
  allowed: |-
    params.ports.exists(p,
      p == '443')
when: "securityGroup.GroupId != ''"
checks:
  - each: { permission: securityGroup.IpPermissions, range: permission.IpRanges }
    assert: "!(range.CidrIp in open) || allowed"
    at: range.CidrIp
    key: range.CidrIp
    message: "{{securityGroup.GroupId}} lets {{range.CidrIp}} in, and this sentence is long enough to be wrapped"
    related:
      - { at: cluster.resourcesVpcConfig.securityGroupIds, message: "the cluster uses it" }
  - assert: "securityGroup.GroupName != 'open'"
    message: "{{securityGroup.GroupId}} is called open"
rationale: |-
  Everybody may come in, from wherever they are, at any time of the day or of
  the night.
  That is *rarely* wanted:
  - by nobody
  - by few
remediation:
  summary: Let in only *your* addresses
  text: Take the rule away.
  awscli: |-
    # look first
    aws ec2 describe-security-groups --group-ids {{securityGroup.GroupId}}
  terraform: |-
    resource "aws_security_group" "this" {
    	name = "this"
    }
references: ["https://docs.aws.amazon.com/vpc/", "a book"]
aliases: ["checkov:CKV_AWS_0"]
frameworks: { cis-eks-1.8: ["5.4.1", "5.4.3"], own: ["A-1"] }
supersedes: [cluster-untagged]
examples:
  - { name: closed, params: { prefix: 0 }, snapshot: { cluster: { name: a }, securityGroups: [] }, finds: [] }
  - { name: open, params: { prefix: 0 }, snapshot: { cluster: { name: a } }, finds: [/a, /b] }
  - { name: not set, snapshot: { cluster: { name: a } }, outcome: needs-configuration }
"#;

/// A directory with a directory `own` of rules.
fn rules(texts: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().expect("a temporary directory");
    fs::create_dir_all(directory.path().join("own/names")).expect("writable");
    for (name, text) in texts {
        fs::write(directory.path().join("own/names").join(name), text).expect("writable");
    }
    directory
}

struct Output {
    code: i32,
    stdout: String,
    stderr: String,
}

impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, stdout, stderr } = self;
        write!(f, "exit {code}\n--- stdout\n{stdout}--- stderr\n{stderr}")
    }
}

fn ekslint_with(directory: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    command.envs(environment.iter().copied()).current_dir(directory).args(arguments);
    let output = command.output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8").replace("\\names\\", "/names/");
    Output {
        code: output.status.code().expect("it ends by itself"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

fn ekslint(directory: &Path, arguments: &[&str]) -> Output {
    ekslint_with(directory, &[], arguments)
}

fn root() -> &'static Path {
    Path::new(ROOT)
}

#[test]
fn every_built_in_rule_loads_strictly() {
    let errors: Vec<_> = load::check_built_in().iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "\n{}", errors.join("\n"));
    let loaded = RuleSet::load(&[RuleSource::BuiltIn], true);
    assert!(loaded.errors.is_empty() && loaded.notices.is_empty(), "{loaded:?}");
    assert!(loaded.set.rules.len() > 40, "{} rules", loaded.set.rules.len());
}

#[test]
fn the_examples_of_every_built_in_rule_pass() {
    let rules = RuleSet::load(&[RuleSource::BuiltIn], true).set.rules;
    let report = ExampleReport::run_all(&rules);
    let line = |ExampleDifference { rule, file, example, line, message }: &ExampleDifference| {
        format!("{file}:{line}: {rule}: example `{example}`: {message}")
    };
    let differences: Vec<_> = report.differences.iter().map(line).collect();
    assert!(differences.is_empty(), "`ekslint rules test` shows:\n{}", differences.join("\n"));
    assert!(report.examples > 4 * rules.len() && report.removals > report.examples, "{report:?}");
}

#[test]
fn a_rule_is_named_as_its_file() {
    for rule in RuleSet::load(&[RuleSource::BuiltIn], false).set.rules {
        assert_eq!(rule.file, format!("rules/{}/{}.yaml", rule.area, rule.id));
    }
}

#[test]
fn the_stored_schema_is_up_to_date() {
    let stored = fs::read_to_string(root().join("rules/rule.schema.json")).unwrap_or_default();
    assert!(
        stored.replace("\r\n", "\n") == schema::schema_text(),
        "rules/rule.schema.json is not what this version of ekslint prints.\n\
         To write it again: cargo run -- rules schema > rules/rule.schema.json"
    );
}

#[test]
fn the_schema_lists_every_resource() {
    let resources = schema::schema()["properties"]["resource"]["enum"].clone();
    let known: Vec<_> = section::all().iter().map(|section| section.singular.as_str()).collect();
    assert_eq!(resources, serde_json::json!(known));
}

/// The files of the built-in rules.
fn built_in_files() -> Vec<PathBuf> {
    let rules = RuleSet::load(&[RuleSource::BuiltIn], false).set.rules;
    rules.into_iter().map(|rule| root().join(rule.file)).collect()
}

fn mistakes(validator: &jsonschema::Validator, text: &str) -> Vec<String> {
    let rule: Value = serde_saphyr::from_str(text).expect("YAML");
    validator.iter_errors(&rule).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn every_built_in_rule_is_valid_by_the_schema_that_it_names() {
    let validator = jsonschema::validator_for(&schema::schema()).expect("a schema");
    let first = "# yaml-language-server: $schema=../rule.schema.json\n";
    for file in built_in_files() {
        let text = fs::read_to_string(&file).expect("readable").replace("\r\n", "\n");
        assert!(text.starts_with(first), "{} must start with the line\n{first}", file.display());
        let mistakes = mistakes(&validator, &text);
        assert!(mistakes.is_empty(), "{}:\n{}", file.display(), mistakes.join("\n"));
    }
}

/// What the loader refuses for its form, the schema refuses too.
#[test]
fn the_schema_finds_mistakes() {
    let validator = jsonschema::validator_for(&schema::schema()).expect("a schema");
    assert_eq!(mistakes(&validator, GOOD), [""; 0]);
    for (from, to) in [
        ("id: cluster-name-too-short", "id: Cluster_Name"),
        ("severity: low", "severity: mild"),
        ("severity: low", "level: loud\nseverity: low"),
        ("severity: low\n", ""),
        ("severity: low", "severity: low\nlabel: x"),
        ("resource: cluster", "resource: clusters"),
        ("assert: \"cluster.name.size() > 1\"\n", ""),
        ("assert:", "checks: []\nassert:"),
        ("remediation: { text: Choose a longer name. }", "remediation: {}"),
        ("resource: cluster", "resource: cluster\nparams: { x: { description: y } }"),
        ("resource: cluster", "resource: cluster\nparams: { x: 1.5 }"),
        ("finds: []", "outcome: fail"),
        ("finds: []", "finds: [], outcomes: pass"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let text = GOOD.replacen(from, to, 1);
        assert!(!mistakes(&validator, &text).is_empty(), "the schema accepts {to:?} for {from:?}");
        let directory = rules(&[("a.yaml", &text)]);
        let loaded = RuleSet::load(&[RuleSource::Path(directory.path().to_owned())], true);
        assert_eq!(loaded.errors.len(), 1, "the loader accepts {to:?} for {from:?}");
    }
}

#[test]
fn schema_prints_the_schema() {
    let output = ekslint(root(), &["rules", "schema"]);
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    assert_eq!(output.stdout, schema::schema_text());
}

#[test]
fn list_has_every_rule_once_in_rows_that_fit() {
    let output = ekslint(root(), &["rules", "list"]);
    assert_eq!((output.code, output.stderr.as_str()), (0, ""));
    let rules = RuleSet::load(&[RuleSource::Policy, RuleSource::BuiltIn], false).set.rules;
    for rule in &rules {
        let is_row = |line: &&str| line.split_whitespace().next_back() == Some(rule.id.as_str());
        let rows: Vec<_> = output.stdout.lines().filter(is_row).collect();
        let [row] = rows.as_slice() else { panic!("{} is there {} times:\n{output}", rule.id, rows.len()) };
        assert!(row.trim_start().starts_with(rule.severity.as_str()), "{row}");
        assert_eq!(row.contains(" + "), rule.level == Level::Strict, "{row}");
        assert_eq!(row.contains(" ~ "), rule.level == Level::Advice, "{row}");
    }
    assert!(output.stdout.lines().all(|line| line.chars().count() <= 80), "{output}");
    let last = output.stdout.lines().last().unwrap_or_default();
    assert!(last.starts_with(&format!("{} rules: ", rules.len())), "{last}");
    assert!(!output.stdout.contains('\u{1b}'));
}

#[test]
fn list_of_own_rules() {
    let directory = rules(&[("a.yaml", GOOD), ("b.yaml", WRONG)]);
    let own = ["rules", "list", "--rules", "own", "--no-default-rules"];
    insta::assert_snapshot!(ekslint(directory.path(), &own), @r"
    exit 0
    --- stdout
    names
      critical  + nodegroup-wrong         Json group is called wrong
      low         cluster-name-too-short  Cluster has a name of one letter, which
                                          says nothing to those who come later and
                                          look for its purpose

    + runs with --level strict
    2 rules: 1 critical, 1 low
    --- stderr
    note: own/names/a.yaml: supersedes the unknown rule `cluster-untagged`
    note: own/names/a.yaml: supersedes the unknown rule `no-such-rule`
    ");
    let strict = [own.as_slice(), &["--select", "nodegroup-*"]].concat();
    insta::assert_snapshot!(ekslint(directory.path(), &strict), @r"
    exit 0
    --- stdout
    names
      critical  + nodegroup-wrong  Json group is called wrong

    + runs with --level strict
    1 of 2 rules: 1 critical
    --- stderr
    note: own/names/a.yaml: supersedes the unknown rule `cluster-untagged`
    note: own/names/a.yaml: supersedes the unknown rule `no-such-rule`
    ");
    let nothing = [own.as_slice(), &["--level", "default", "--ignore", "cluster-*"]].concat();
    insta::assert_snapshot!(ekslint(directory.path(), &nothing), @r"
    exit 0
    --- stdout
    0 of 2 rules
    --- stderr
    note: own/names/a.yaml: supersedes the unknown rule `cluster-untagged`
    note: own/names/a.yaml: supersedes the unknown rule `no-such-rule`
    ");
    let typo = [own.as_slice(), &["--select", "nodegroup-wrnog"]].concat();
    insta::assert_snapshot!(ekslint(directory.path(), &typo), @r"
    exit 2
    --- stdout
    --- stderr
    note: own/names/a.yaml: supersedes the unknown rule `cluster-untagged`
    note: own/names/a.yaml: supersedes the unknown rule `no-such-rule`
    error: --select: no rule is called `nodegroup-wrnog`; did you mean `nodegroup-wrong`? (`ekslint rules list` shows all)
    ");
}

#[test]
fn list_colours_on_demand_only() {
    let directory = rules(&[("b.yaml", WRONG)]);
    let arguments = ["rules", "list", "--rules", "own", "--no-default-rules"];
    let red = "\u{1b}[1m\u{1b}[91mcritical";
    let forced = ekslint_with(directory.path(), &[("CLICOLOR_FORCE", "1")], &arguments);
    assert!(forced.stdout.contains(red), "{forced}");
    let refused = ekslint_with(directory.path(), &[("NO_COLOR", "1")], &arguments);
    assert!(!refused.stdout.contains('\u{1b}'), "{refused}");
}

#[test]
fn list_tells_what_does_not_load_and_lists_the_rest() {
    let directory = rules(&[("a.yaml", &GOOD.replace("severity: low", "severity: mild")), ("b.yaml", WRONG)]);
    let output = ekslint(directory.path(), &["rules", "list", "--rules", "own", "--no-default-rules"]);
    insta::assert_snapshot!(output, @r"
    exit 2
    --- stdout
    names
      critical  + nodegroup-wrong  Json group is called wrong

    + runs with --level strict
    1 rule: 1 critical
    --- stderr
    error: own/names/a.yaml:4:11: unknown value `mild`; known are info, low, medium, high, critical
    ");
}

#[test]
fn list_as_json_has_every_rule() {
    let output = ekslint(root(), &["rules", "list", "--format", "json"]);
    assert_eq!(output.code, 0);
    let list: Value = serde_json::from_str(&output.stdout).expect("JSON");
    let ids = list["rules"].as_array().expect("a list").iter().map(|rule| rule["id"].clone());
    let rules = RuleSet::load(&[RuleSource::Policy, RuleSource::BuiltIn], false).set.rules;
    assert_eq!(ids.collect::<Vec<_>>(), rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>());
}

#[test]
fn show_has_the_whole_page() {
    let directory = rules(&[("full.yaml", FULL)]);
    let show = ["rules", "show", "ingress-from-anywhere", "--rules", "own", "--format"];
    for format in ["text", "markdown", "json"] {
        let output = ekslint(directory.path(), &[show.as_slice(), &[format]].concat());
        insta::assert_snapshot!(format!("show_as_{format}"), output);
    }
}

#[test]
fn show_works_for_every_built_in_rule() {
    for rule in RuleSet::load(&[RuleSource::BuiltIn], true).set.rules {
        let page = RulePage::of(&rule);
        let (text, markdown) =
            (anstream::adapter::strip_str(&page.text(80)).to_string(), page.markdown(&PageLinks::default()));
        for part in [&rule.title, &rule.id].into_iter().chain(rule.examples.iter().map(|e| &e.name)) {
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words(&text).contains(&words(part)), "{}: {part}\n{text}", rule.id);
            assert!(
                words(&markdown.replace('\\', "")).contains(&words(part)),
                "{}: {part}\n{markdown}",
                rule.id
            );
        }
    }
}

/// Help fits a small terminal, and names every option in one line.
#[test]
fn help_fits_80_columns() {
    for command in ["list", "show", "test", "new", "docs", "schema"] {
        let help = ekslint_with(root(), &[("COLUMNS", "80")], &["rules", command, "--help"]);
        let long = help.stdout.lines().find(|line| line.chars().count() > 80);
        assert!(help.code == 0 && long.is_none(), "{command}: {long:?}");
        assert!(help.stdout.contains("\nExample"), "{command}: no examples");
    }
}

#[test]
fn show_names_the_nearest_rule() {
    insta::assert_snapshot!(ekslint(root(), &["rules", "show", "endpoint-open-to-intranet"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: no rule is called `endpoint-open-to-intranet`; did you mean `endpoint-open-to-internet`? (`ekslint rules list` shows all)
    ");
    insta::assert_snapshot!(ekslint(root(), &["rules", "show", "x"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: no rule is called `x` (`ekslint rules list` shows all)
    ");
}

/// Rules may come from strangers: nothing in them reaches the terminal as a command to it.
#[test]
fn a_rule_cannot_control_the_terminal() {
    let evil = "\\e[31m\\u009b2J\\u202e\\a\\r";
    // CEL has no line breaks in texts.
    let in_code = evil.trim_end_matches("\\r");
    let text = format!(
        r#"
id: evil
title: "title {evil}"
severity: low
since: "1 {evil}"
resource: cluster
params: {{ "p{evil}": {{ default: "d {evil}", description: "p {evil}" }} }}
let: {{ x: "'{in_code}' == ''" }}
when: "'{in_code}' != ''"
assert: "cluster.name != '{in_code}'"
message: "m {evil}"
rationale: "r {evil}"
remediation: {{ summary: "s {evil}", text: "t {evil}", awscli: "a {evil}\tb", terraform: "f {evil}\tb" }}
references: ["r {evil}"]
aliases: ["a {evil}"]
frameworks: {{ "f {evil}": ["c {evil}"] }}
supersedes: ["s {evil}"]
examples:
  - {{ name: "e {evil}", snapshot: {{ cluster: {{ name: "{evil}" }} }}, finds: [] }}
"#
    );
    let broken = "id: broken\n\"k\\e[31m\": 1\n";
    let directory = rules(&[("evil.yaml", &text), ("broken.yaml", broken)]);
    let own = ["--rules", "own", "--no-default-rules"];
    let show = ["rules", "show", "evil"];
    for command in [
        [["rules", "list"].as_slice(), &own].concat(),
        [show.as_slice(), &own].concat(),
        [show.as_slice(), &["--format", "markdown"], &own].concat(),
        [show.as_slice(), &["--format", "json"], &own].concat(),
        vec!["rules", "test", "own", "-v"],
    ] {
        let output = ekslint(directory.path(), &command);
        assert!(output.stdout.contains("evil"), "{command:?}\n{output}");
        let bad = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!output.to_string().contains(bad), "{command:?}\n{:?}", output.to_string());
    }
}

#[test]
fn test_says_what_differs_and_where() {
    let directory = rules(&[("a.yaml", GOOD), ("b.yaml", WRONG)]);
    insta::assert_snapshot!(ekslint(directory.path(), &["rules", "test", "own"]), @r#"
    exit 1
    --- stdout
    note: own/names/a.yaml: supersedes the unknown rule `no-such-rule`
    nodegroup-wrong
      fail  fine (own/names/b.yaml:13)
            finds [] instead of ["/nodegroups/0"]; outcome: passed
      fail  not collected (own/names/b.yaml:19)
            is not evaluated instead of passed (nodegroups is not in the snapshot)

    2 rules, 5 examples, 4 parts taken away: 2 differences
    --- stderr
    "#);
    insta::assert_snapshot!(ekslint(directory.path(), &["rules", "test", "own", "--verbose"]), @r#"
    exit 1
    --- stdout
    note: own/names/a.yaml: supersedes the unknown rule `no-such-rule`
    cluster-name-too-short
      ok    long
      ok    short
    nodegroup-wrong
      fail  fine (own/names/b.yaml:13)
            finds [] instead of ["/nodegroups/0"]; outcome: passed
      ok    found
      fail  not collected (own/names/b.yaml:19)
            is not evaluated instead of passed (nodegroups is not in the snapshot)

    2 rules, 5 examples, 4 parts taken away: 2 differences
    --- stderr
    "#);
}

#[test]
fn test_wants_examples_and_no_silent_pass() {
    let bare = GOOD.split("examples:").next().unwrap_or_default();
    let silent = WRONG
        .replace("nodegroup.nodegroupName != 'wrong'", "nodegroup.?version.orValue('1.99') == '1.99'")
        .replace("finds: [/nodegroups/0]\n  - name: found", "finds: []\n  - name: found")
        .replace("nodegroupName: right", "nodegroupName: right, version: '1.99'")
        .replace("nodegroupName: wrong", "nodegroupName: wrong, version: '1.20'")
        .replace("outcome: pass", "outcome: not-evaluated");
    let directory = rules(&[("a.yaml", bare), ("b.yaml", &silent)]);
    insta::assert_snapshot!(ekslint(directory.path(), &["rules", "test", "own"]), @r"
    exit 1
    --- stdout
    note: own/names/a.yaml: supersedes the unknown rule `no-such-rule`
    cluster-name-too-short
      fail  own/names/a.yaml
            needs an example that passes and one that fails
    nodegroup-wrong
      fail  found (own/names/b.yaml:16)
            passes in silence without /nodegroups/0/version: absence must be unknown, or an example must show that it is fine

    2 rules, 3 examples, 3 parts taken away: 2 differences
    --- stderr
    ");
}

#[test]
fn test_fails_with_2_where_a_rule_does_not_load() {
    let directory = rules(&[("a.yaml", &GOOD.replace("cluster.name.", "cluster.nmae.")), ("b.yaml", WRONG)]);
    insta::assert_snapshot!(ekslint(directory.path(), &["rules", "test", "own/names/a.yaml"]), @r"
    exit 2
    --- stdout
    error: own/names/a.yaml:7:17: eks.Cluster has no field `nmae`; did you mean `name`?

    0 rules, 0 examples, 0 parts taken away: 1 loading error
    --- stderr
    ");
    let nowhere = ekslint(directory.path(), &["rules", "test", "nowhere"]);
    assert!(nowhere.code == 2 && nowhere.stdout.starts_with("error: nowhere: "), "{nowhere}");
    assert_eq!(ekslint(directory.path(), &["rules", "test", "own"]).code, 2);
}

#[test]
fn test_of_the_built_in_rules_passes() {
    let output = ekslint(root(), &["rules", "test"]);
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output}");
    assert!(output.stdout.ends_with(": no differences\n") && output.stdout.lines().count() == 1, "{output}");
    let of_directory = ekslint(root(), &["rules", "test", "rules"]);
    assert_eq!(of_directory.stdout, output.stdout);
}

#[test]
fn new_writes_a_rule_that_passes() {
    let directory = TempDir::new().expect("a temporary directory");
    let arguments = ["rules", "new", "nodegroup-without-labels", "--resource", "nodegroup", "--dir", "own"];
    insta::assert_snapshot!(ekslint(directory.path(), &arguments), @r"
    exit 0
    --- stdout
    own/nodegroup-without-labels.yaml

    Next:
      edit it; every key has a comment
      ekslint rules test own/nodegroup-without-labels.yaml
      ekslint scan --rules own SNAPSHOT
    --- stderr
    ");
    let file = directory.path().join("own/nodegroup-without-labels.yaml");
    let text = fs::read_to_string(&file).expect("written");
    insta::assert_snapshot!(text);
    let again = ekslint(directory.path(), &arguments);
    insta::assert_snapshot!(again, @r"
    exit 2
    --- stdout
    --- stderr
    error: own/nodegroup-without-labels.yaml exists already; choose another id, or remove it
    ");
    assert_eq!(fs::read_to_string(&file).expect("still there"), text);
}

#[test]
fn new_rules_of_every_resource_pass_and_are_valid() {
    let validator = jsonschema::validator_for(&schema::schema()).expect("a schema");
    let directory = TempDir::new().expect("a temporary directory");
    for section in section::all() {
        let id = format!("x-{}", section.singular.to_ascii_lowercase());
        let output = ekslint(directory.path(), &["rules", "new", &id, "--resource", &section.singular]);
        assert_eq!(output.code, 0, "{output}");
        let text = fs::read_to_string(directory.path().join(format!("rules/{id}.yaml"))).expect("written");
        assert_eq!(mistakes(&validator, &text), [""; 0], "{text}");
    }
    let output = ekslint(directory.path(), &["rules", "test", "rules"]);
    assert_eq!(output.code, 0, "{output}");
    let expected = format!("{0} rules, {1} examples,", section::all().len(), 2 * section::all().len());
    assert!(output.stdout.starts_with(&expected), "{output}");
}

#[test]
fn new_names_the_schema_that_is_there() {
    let directory = TempDir::new().expect("a temporary directory");
    fs::create_dir(directory.path().join("rules")).expect("writable");
    fs::write(directory.path().join("rules/rule.schema.json"), "{}").expect("writable");
    let first_line = |dir: &str| {
        assert_eq!(ekslint(directory.path(), &["rules", "new", "a", "--dir", dir]).code, 0);
        let text = fs::read_to_string(directory.path().join(dir).join("a.yaml")).expect("written");
        text.lines().next().map(str::to_owned)
    };
    let line = |place: &str| Some(format!("# yaml-language-server: $schema={place}"));
    assert_eq!(first_line("rules"), line("rule.schema.json"));
    assert_eq!(first_line("rules/access"), line("../rule.schema.json"));
}

#[test]
fn new_refuses_what_is_no_id_or_no_resource() {
    let directory = TempDir::new().expect("a temporary directory");
    insta::assert_snapshot!(ekslint(directory.path(), &["rules", "new", "../My Rule"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: `../My Rule` is not an id: write lower-case words joined by `-`, such as `nodegroup-without-labels`
    ");
    insta::assert_snapshot!(ekslint(directory.path(), &["rules", "new", "a", "--resource", "nodegruop"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: invalid value 'nodegruop' for '--resource <RESOURCE>': no resource is called `nodegruop`; did you mean `nodegroup`?

    For more information, try '--help'.
    ");
    assert_eq!(fs::read_dir(directory.path()).expect("readable").count(), 0);
}
