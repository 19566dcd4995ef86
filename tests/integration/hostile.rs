//! Rules and snapshots are untrusted. Whatever they hold, nothing aborts, nothing panics, nothing runs
//! for long, and what is said about it is short and clean.

use crate::support::cpu_time;
use crate::support::rules::{filled, judge, load, mistakes};
use assert_cmd::Command;
use bumpalo::Bump;
use ekslint::engine::Outcome::{Error, Fail, NotEvaluated, Pass};
use ekslint::engine::{Configured, Judge, Outcome};
use ekslint::facts::AsOf;
use ekslint::rule::{RuleSet, RuleSource};
use ekslint::scan::{Keep, Scan, scan};
use ekslint::source::{Input, Origin};
use std::fmt::Write;
use std::fs;
use std::time::Duration;
use tempfile::TempDir;

/// Five seconds in a debug build, and three times that because others may use the machine too.
const LIMIT: Duration = Duration::from_secs(15);

/// The longest message about anything.
const MAX_MESSAGE: usize = 1000;

fn in_time<T>(name: &str, work: impl FnOnce() -> T) -> T {
    cpu_time::within(LIMIT, name, work)
}

/// An assertion of an expression, in a block so that YAML leaves it alone.
fn asserting(expression: &str) -> String {
    format!("assert: |-\n  {expression}\n")
}

/// What is wrong with an expression, told shortly.
fn mistake(name: &str, expression: &str) -> String {
    let told = in_time(name, || mistakes(&asserting(expression)));
    assert!(told.len() < MAX_MESSAGE, "{name}: {told}");
    assert!(!told.contains("gave up"), "{name}: the parser panics");
    told
}

fn cluster(fields: &str) -> String {
    let vpc = if fields.contains("resourcesVpcConfig") { "" } else { r#""resourcesVpcConfig": {}, "# };
    format!(r#"{{"cluster": {{"name": "demo", "arn": "a", {vpc}{fields}}}}}"#)
}

/// Judges a snapshot by a rule that loads.
fn outcome(core: &str, document: &str) -> (Outcome, String) {
    let name: String = core.chars().take(80).collect();
    let verdict = in_time(&name, || judge(core, document));
    let said = [verdict.reasons().join("; "), verdict.errors.join("; ")].concat();
    assert!(said.len() < MAX_MESSAGE, "{name}: {said}");
    (verdict.outcome, said)
}

const TOO_MANY: &str = "the expression takes too many steps";

#[test]
fn nested_expressions() {
    for times in [1_000, 100_000] {
        for open in
            ["(", "[", "{", "size(", "[1].all(x, ", "!(", "-", "!", "a ? ", "{'a': ", "[?", "a[", "a.b("]
        {
            assert_ne!(mistake(open, &open.repeat(times)), "", "{open} {times} times");
        }
    }
    for (open, close) in
        [("(", ")"), ("[", "]"), ("{'a': ", "}"), ("!(", ")"), ("string(", ")"), ("(1 + ", ")")]
    {
        for times in [90, 500] {
            let expression = format!("{}true{}", open.repeat(times), close.repeat(times));
            if open != "(" {
                assert_ne!(mistake(open, &expression), "", "{open} {times} times");
            }
        }
    }
    let arrays = |times: usize| format!("{}1{} != []", "[".repeat(times), "]".repeat(times));
    assert_eq!(mistake("arrays", &arrays(20)), "");
    assert!(mistake("arrays", &arrays(500)).contains("nests too deeply"));
    assert_ne!(mistake("cel-rust#306", &"!!(".repeat(42)), "");
}

#[test]
fn long_expressions() {
    for (first, more) in
        [("1", "+1"), ("cluster", ".b"), ("cluster", "[0]"), ("1", "<1"), ("1", "-1"), ("true", "?true:true")]
    {
        let longest = (4096 - first.len()) / more.len();
        for times in [100, longest, 1_000, 100_000] {
            assert_ne!(mistake(more, &format!("{first}{}", more.repeat(times))), "", "{more} {times} times");
        }
    }
    for more in ["||true", "&&true"] {
        let expression = format!("true{}", more.repeat((4096 - 4) / more.len()));
        assert_eq!(mistake(more, &expression), "", "CEL balances {more}");
        assert_eq!(outcome(&asserting(&expression), &cluster("\"x\": 1")).0, Pass);
    }
    for times in [1_000, 2_000, 100_000] {
        assert_ne!(mistake("garbage", &"@#$ ".repeat(times)), "");
    }
    assert_ne!(mistake("text", &format!("'{}' == ''", "가".repeat(1_400))), "");
    assert_ne!(mistake("quotes", &"'".repeat(4_000)), "");
    assert_ne!(mistake("numbers", &format!("{} == 1", "9".repeat(4_000))), "");
}

/// `let`s that each use the one before, and an assertion about the last.
fn chain(first: &str, step: &dyn Fn(&str) -> String, times: usize, last: &str) -> String {
    let mut text = format!("let:\n  a0: \"{first}\"\n");
    for at in 1..=times {
        let _ = writeln!(text, "  a{at}: \"{}\"", step(&format!("a{}", at - 1)));
    }
    format!("{text}assert: \"{}\"\n", last.replace('$', &format!("a{times}")))
}

#[test]
fn lets_that_grow() {
    for (first, step) in [
        ("'x'", "# + #"),
        ("[1]", "[#, #]"),
        ("{'a': 1}", "{'a': #, 'b': #}"),
        ("true", "!(!(# && true))"),
        ("[1]", "[#, #].flatten()"),
        ("'a'", "[#, #].join(#)"),
        ("optional.of('x')", "#.optMap(x, x + x)"),
        ("[0, 1].all(x, true)", "[0, 1].all(x, #)"),
    ] {
        let core = chain(first, &|before| step.replace('#', before), 60, "$ == $");
        let told = in_time(step, || mistakes(&core));
        assert!(told.contains("too large") || told.contains("nests"), "{step}: {told}");
    }
}

#[test]
fn lets_that_use_each_other() {
    // Each is worked out when the next one asks for it, as deep as they nest.
    for step in ["#.reverse()", "#.map(x, x)", "[#].flatten()", "#.filter(x, [1].all(y, x != ''))"] {
        let nest = |times| chain("['a']", &|before| step.replace('#', before), times, "$.size() == 1");
        let deepest = (1..=64).rev().find(|times| mistakes(&nest(*times)).is_empty()).expect("some nest");
        assert!(deepest > 8, "{step}: {deepest}");
        assert_eq!(outcome(&nest(deepest), &cluster("\"x\": 1")).0, Pass, "{step} {deepest} times");
        assert!(mistakes(&nest(deepest + 1)).contains("nests deeper"), "{step}");
    }
}

#[test]
fn values_that_grow() {
    let too_long = "makes a text of more than 256 KiB";
    for (first, step, times, expected) in [
        ("['x']", "#.map(m, m + m)", 20, too_long),
        ("'aaaaaaaaaa'", "#.replace('a', 'aaaaaaaaaa')", 8, too_long),
        ("'a'", "#.replace('', 'bbbbbbbbbb')", 8, too_long),
        ("'aaaaaaaaaaaaaaaaaaaa'", "#.split('').join('aaaaaaaaaaaaaaaaaaaa')", 8, too_long),
        ("[[1]]", "#.map(m, [m, m])", 25, TOO_MANY),
        ("[{}]", "#.map(m, {'a': m, 'b': m})", 25, TOO_MANY),
        ("[[1]]", "#.map(m, m + m)", 25, TOO_MANY),
        ("[1]", "#.map(m, [m, m, m, m, m, m, m, m, m, m]).flatten()", 10, TOO_MANY),
        ("[[1]]", "#.map(m, optional.of([m, m]).value())", 25, TOO_MANY),
    ] {
        let core = chain(first, &|before| step.replace('#', before), times, "$.size() > 9");
        assert_eq!(outcome(&core, &cluster("\"x\": 1")), (Error, expected.to_owned()), "{step}");
    }
}

#[test]
fn loops() {
    let list = format!("[{}]", (0..40).map(|n| n.to_string()).collect::<Vec<_>>().join(","));
    let nested = |times: usize, innermost: &str| {
        (0..times).fold(innermost.to_owned(), |inner, at| format!("{list}.all(x{at}, {inner})"))
    };
    for core in [
        asserting(&nested(4, "x0 + x1 + x2 + x3 >= 0")),
        asserting(&format!("{} || true", nested(4, "x3 >= 0"))),
    ] {
        assert_eq!(outcome(&core, &cluster("\"x\": 1")), (Error, TOO_MANY.to_owned()));
    }
    assert!(mistake("five loops", &nested(5, "true")).contains("nests more than 4 loops"));
    for macros in [
        "#.map(a, #.map(b, #.map(c, #.map(d, a))))",
        "#.filter(a, #.transformList(i, b, #.map(c, #.exists_one(d, d == i + a))).size() > 0)",
    ] {
        let core = asserting(&format!("{}.size() > 0", macros.replace('#', &list)));
        assert_eq!(outcome(&core, &cluster("\"x\": 1")), (Error, TOO_MANY.to_owned()), "{macros}");
    }
}

#[test]
fn regular_expressions() {
    let text = "0110100110010110".repeat(500);
    let document = cluster(&format!(r#""endpoint": "{text}""#));
    let matching = |pattern: &str| asserting(&format!("cluster.endpoint.matches(r'{pattern}')"));
    // A large pattern may be in all its states at once, so it costs more on the same text.
    for (pattern, expected) in [
        ("[01]*1[01]{3600}x", Error),
        ("[01]*1[01]{300}x", Fail),
        ("(a?){1000}a{1000}", Error),
        (r"(\w+)+x", Fail),
        ("(.*)(.*)(.*)(.*)(.*)x", Fail),
        ("(x+x+)+y", Fail),
        ("(0|1|01)*x", Fail),
    ] {
        assert_eq!(outcome(&matching(pattern), &document).0, expected, "{pattern}");
    }
    for pattern in
        ["[01]*1[01]{10000}x", "(((a{100}){100}){100})", r"\pL{1000}", "(((((((((", "a{99999999999}"]
    {
        let told = in_time(pattern, || mistakes(&matching(pattern)));
        assert!(told.contains("not a regular expression"), "{told}");
    }
    // Patterns that come from the snapshot are compiled at a price.
    let ids = (0..5_000).map(|at| format!("\"s{at}\"")).collect::<Vec<_>>().join(",");
    let document = cluster(&format!(r#""version": "x", "resourcesVpcConfig": {{"subnetIds": [{ids}]}}"#));
    let core =
        "assert: \"cluster.resourcesVpcConfig.subnetIds.all(s, !cluster.version.matches(s + '{500}'))\"\n";
    assert_eq!(outcome(core, &document), (Error, TOO_MANY.to_owned()));
}

#[test]
fn long_texts() {
    let document = cluster(&format!(r#""endpoint": "{}""#, "01".repeat(500_000)));
    for expression in [
        "matches('x')",
        "size() > 0",
        "glob('*x*')",
        "split('').size() > 0",
        "indexOf('x') > 0",
        "replace('0', '11') == ''",
    ] {
        let (outcome, why) = outcome(&asserting(&format!("cluster.endpoint.{expression}")), &document);
        assert_eq!(
            (outcome, why.as_str()),
            (NotEvaluated, "endpoint is longer than 256 KiB"),
            "{expression}"
        );
    }
    let document = cluster(&format!(r#""endpoint": "{}""#, "01".repeat(100_000)));
    for (expression, expected) in [
        ("cluster.endpoint.matches('x')", NotEvaluated),
        ("cluster.endpoint.glob('*x*')", NotEvaluated),
        ("cluster.endpoint.indexOf(cluster.endpoint + 'x') == 0", Fail),
        ("cluster.endpoint.lastIndexOf('10') > 0", Pass),
        ("cluster.endpoint.split('').size() > 0", Pass),
        ("'x'.glob(cluster.endpoint)", Error),
        ("[1, 2, 3].all(a, [1, 2, 3].all(b, cluster.endpoint.contains('11')))", Fail),
        ("json(cluster.endpoint) == 1", NotEvaluated),
    ] {
        assert_eq!(outcome(&asserting(expression), &document).0, expected, "{expression}");
    }
    let core = "assert: 'false'\nmessage: \"{{cluster.endpoint}}\"\nremediation: { text: x, awscli: \"echo {{cluster.endpoint}}\" }";
    let finding = judge(core, &document).findings.remove(0);
    assert_eq!(finding.message.chars().count(), 1001);
    assert_eq!(finding.fix.command(), Some("echo <ENDPOINT>"));
}

#[test]
fn documents_inside_texts() {
    let mut bomb = String::from("a: &a [x,x,x,x,x,x,x,x,x]\\n");
    for (before, name) in "abcdefgh".chars().zip("bcdefghi".chars()) {
        let _ = write!(bomb, "{name}: &{name} [{}]\\n", vec![format!("*{before}"); 9].join(","));
    }
    let closed = format!("{}{}", "[".repeat(100), "]".repeat(100));
    for (text, expected) in [
        ("[".repeat(100_000), NotEvaluated),
        ("{a: ".repeat(30_000), NotEvaluated),
        ("- ".repeat(50_000), NotEvaluated),
        ("? ".repeat(50_000), NotEvaluated),
        (bomb, NotEvaluated),
        (closed, Pass),
        ("- a\\n".repeat(20_000), Pass),
        (format!("[{}]", vec!["1"; 60_000].join(",")), Pass),
    ] {
        let document = cluster(&format!(r#""endpoint": "{text}""#));
        let core = asserting("json(cluster.endpoint).size() > 0");
        assert_eq!(outcome(&core, &document).0, expected, "{}", &text[..40]);
    }
}

#[test]
fn arithmetic_at_its_ends() {
    let document = cluster("\"x\": 1");
    for expression in [
        "now + days(9000000000) > now",
        "now - days(106751) > now",
        "days(9223372036854775807) > days(1)",
        "days(100000) + days(100000) > days(1)",
        "timestamp('9999-12-31T23:59:59Z') + days(100000) > now",
        "time(1e300) > now",
        "time(-9223372036854775807) > now",
        "duration('9999999999h') > days(1)",
        "9223372036854775807 + 1 > 0",
        "-9223372036854775807 - 2 > 0",
        "(-9223372036854775807 - 1) / -1 == 1",
        "(-9223372036854775807 - 1) % -1 == 1",
        "-(-9223372036854775807 - 1) > 0",
        "int(1e300) > 0",
        "uint(-1) == 1u",
        "'abc'.substring(3, 1) == ''",
        "'abc'.substring(-1) == ''",
        "'abc'.charAt(99) == ''",
        "'abc'.indexOf('a', -1) == 1",
        "'가'.lastIndexOf('가', 9223372036854775807) == 1",
        "[1].slice(0, 9223372036854775807) == []",
        "[1][9223372036854775807] == 1",
        "[1][-1] == 1",
        "[0.0 / 0.0, 1.0].sort() == []",
        "{1: 2, 1: 3}[1] == 3",
        "cidrs(['::/0']).widerThan(-1, 999)",
        "semver('99999999999999999999.0.0') > semver('1.0.0')",
        "minor('1.99999999999999999999') > 0",
        "optional.none().value() == 1",
    ] {
        assert_ne!(outcome(&asserting(expression), &document).0, Pass, "{expression}");
    }
}

/// A million of the same value.
fn million(value: &str) -> String {
    let mut list = format!("{value},").repeat(1_000_000);
    list.pop();
    list
}

#[test]
fn long_lists() {
    let ids = "cluster.resourcesVpcConfig.subnetIds";
    let document = cluster(&format!(r#""resourcesVpcConfig": {{"subnetIds": [{}]}}"#, million("\"a\"")));
    for (expression, expected) in [
        ("$.size() == 1000000 && $[999999] == 'a' && !('b' in $)", Pass),
        ("$.exists(s, s == 'b')", Error),
        ("$.map(s, s + s) == $", Error),
        ("$.sort().size() == 1000000", Error),
        ("$.distinct() == ['a']", Error),
        ("$.all(a, $.all(b, a in $))", Error),
        ("[1, 2, 3, 4, 5, 6, 7, 8].all(x, $.exists(s, true) && sets.contains($, $))", Error),
    ] {
        let core = asserting(&expression.replace('$', ids));
        assert_eq!(outcome(&core, &document).0, expected, "{expression}");
    }
    assert_eq!(outcome(&format!("each: {ids}\nassert: \"item == 'a'\"\n"), &document).0, Error);
}

#[test]
fn many_fields() {
    let tags = (0..200_000).map(|at| format!("\"k{at}\": \"v\"")).collect::<Vec<_>>().join(",");
    let document = cluster(&format!(r#""tags": {{{tags}}}"#));
    for (expression, expected) in [
        ("cluster.tags.size() == 200000 && 'k7' in cluster.tags", Pass),
        ("cluster.tags.all(k, cluster.tags[k] == 'v')", Error),
        ("cluster.tags.all(k, v, v == 'v')", Error),
        ("cluster.tags == cluster.tags", Error),
    ] {
        assert_eq!(outcome(&asserting(expression), &document).0, expected, "{expression}");
    }
}

#[test]
fn nested_each() {
    let ids = vec!["\"a\""; 2_000].join(",");
    let document = cluster(&format!(r#""resourcesVpcConfig": {{"subnetIds": [{ids}]}}"#));
    let list = "cluster.resourcesVpcConfig.subnetIds";
    for innermost in [list, "cluster.resourcesVpcConfig.publicAccessCidrs"] {
        let core = format!("each: {{ a: {list}, b: {list}, c: {list}, d: {innermost} }}\nassert: a == b\n");
        let (outcome, why) = outcome(&core, &document);
        assert_eq!((outcome, why.as_str()), (Error, "the rule takes too many steps on this snapshot"));
    }
}

#[test]
fn what_messages_keys_and_lists_are_made_of() {
    let ten = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]";
    let grid = format!("{ten}.map(a, {ten}.map(b, {ten}.map(c, {ten}.map(d, 'xxxxxxxxxxxxxxxxxxx'))))");
    let document = cluster("\"x\": 1");
    let core = format!("assert: 'false'\nkey: \"{grid}\"\nmessage: \"{{{{{grid}}}}}\"\n");
    let finding = in_time("message", || judge(&core, &document)).findings.remove(0);
    assert_eq!(finding.message.chars().count(), 1001);
    assert_eq!(outcome(&format!("each: \"{grid}\"\nat: cluster\nassert: 'false'\n"), &document).0, Fail);
}

#[test]
fn rule_files() {
    let example =
        |snapshot: &str| format!("assert: 'true'\nexamples:\n  - name: x\n    snapshot:\n{snapshot}\n");
    let mut bomb = String::from("      a: &a [x,x,x,x,x,x,x,x,x]\n");
    for (before, name) in "abcdefgh".chars().zip("bcdefghi".chars()) {
        let _ = writeln!(bomb, "      {name}: &{name} [{}]", vec![format!("*{before}"); 9].join(","));
    }
    let lines = |line: fn(usize) -> String, times: usize| (0..times).map(line).collect::<String>();
    let files = [
        example(&bomb),
        example(&format!("      {}", "[".repeat(1_000))),
        example(&format!("      {}1{}", "[".repeat(500), "]".repeat(500))),
        example(&format!("      {}", "{a: ".repeat(30_000))),
        example(&format!("      {}", "? ".repeat(100_000))),
        example(&format!("      {}1", "- ".repeat(100_000))),
        example(&lines(|at| format!("{}a:\n", " ".repeat(6 + at)), 400)),
        example(&lines(|at| format!("{}? \n", " ".repeat(6 + at)), 400)),
        format!("assert: 'true'\n# {}\n", "x".repeat(300_000)),
        format!("assert: 'true'\n{}", "---\n".repeat(30_000)),
        format!("assert: {}x\n", "a: ".repeat(50_000)),
        format!("{}: x\n", "a".repeat(200_000)),
        format!("severity: {}\n", "a".repeat(200_000)),
        lines(|at| format!("k{at}: 1\n"), 15_000),
        format!("let:\n{}assert: 'true'\n", lines(|at| format!("  k{at}: '1'\n"), 8_000)),
        format!("assert: 'true'\nmessage: \"{}\"\n", "{{1}}".repeat(50_000)),
        format!("assert: 'true'\nmessage: \"{}\"\n", "{{".repeat(500)),
        format!("checks:\n{}", "  - { assert: 'true', message: x }\n".repeat(5_000)),
        "assert: 'true'\n\0\n".to_owned(),
        "%YAML 9.9\n---\nassert: 'true'\n".to_owned(),
    ];
    for file in files {
        let start: String = file.chars().take(60).collect();
        let told = in_time(&start, || mistakes(&file));
        assert!(!told.is_empty() && told.len() < MAX_MESSAGE, "{start:?}: {told}");
    }
}

#[test]
fn the_binary_survives_a_folder_of_hostile_rules() {
    let dir = TempDir::new().expect("a temporary directory");
    let example = "examples:\n  - name: x\n    snapshot: { cluster: { name: x, resourcesVpcConfig: {} } }\n    finds: []\n";
    let deep = format!("{}true{}", "(true ? ".repeat(60), " : false)".repeat(60));
    let loops = "[1,2,3,4,5,6,7,8,9].all(a, [1].map(b, [1].map(c, a)).size() > 0)";
    let expressions = ["(".repeat(90), "1+".repeat(2_000), "@#$ ".repeat(1_000), deep, loops.to_owned()];
    for (at, expression) in expressions.iter().enumerate() {
        let text = filled(&format!("id: rule-{at}\n{}{example}", asserting(expression)));
        fs::write(dir.path().join(format!("{at}.yaml")), text).expect("a file");
    }
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    let output =
        in_time("rules test", || command.args(["rules", "test"]).arg(dir.path()).output()).expect("it runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(2), "{out}{err}");
    assert!(!err.contains("panicked"), "{err}");
    assert!(out.contains("2 rules, 2 examples"), "{out}");
}

/// Scans a document with every built-in rule.
fn scan_all(name: &str, document: &[u8]) -> Scan {
    let loaded = RuleSet::load(&[RuleSource::BuiltIn], false);
    let arena = Bump::new();
    let configured = |rule| Configured::with(rule, &serde_json::Map::new(), &arena).expect("parameters");
    let date = "2026-11-21".parse().expect("a date");
    let rules = loaded.set.rules.iter().filter(|rule| rule.required_params().next().is_none());
    let judge = Judge::new(rules.map(configured).collect(), AsOf { date });
    let dir = TempDir::new().expect("a temporary directory");
    let file = dir.path().join("snapshot.json");
    fs::write(&file, document).expect("a file");
    let inputs = [Input::new(Origin::File(file), true)];
    let scan = in_time(name, || {
        scan(&inputs, &judge, Keep { excerpts: true, flows: true, versions: true, ..Keep::default() })
    });
    for problem in &scan.problems {
        assert!(problem.message.len() < MAX_MESSAGE, "{name}: {}", problem.message);
    }
    scan
}

#[test]
fn snapshots_that_are_none() {
    let nested = |open: &str, times: usize, close: &str| {
        let text = format!("{}1{}", open.repeat(times), close.repeat(times));
        cluster(&format!("\"newField\": {text}"))
    };
    for (name, document) in [
        ("nesting 200", nested("[", 200, "]")),
        ("nesting 200 objects", nested("{\"a\":", 200, "}")),
        ("nesting 1,000,000", nested("[", 1_000_000, "]")),
        ("nesting 1,000,000 objects", nested("{\"a\":", 1_000_000, "}")),
        ("open 1,000,000", "[".repeat(1_000_000)),
        ("open objects", "{\"a\":".repeat(1_000_000)),
        ("NDJSON, open", format!("{}\n{}\n", cluster("\"x\": 1"), "[".repeat(1_000_000))),
        ("a number beyond all", cluster("\"x\": 1e999")),
        ("a number of 10,000 digits", cluster(&format!("\"x\": {}e999", "9".repeat(10_000)))),
        ("a lone surrogate", cluster(r#""x": "\ud800""#)),
        ("a lone surrogate in a key", cluster(r#""\udc00": 1"#)),
        ("half a document", "{\"cluster\": {\"name\": \"".to_owned()),
        ("a control character", "{\"cluster\": \"\u{1}\"}".to_owned()),
        ("nothing", String::new()),
        ("null", "null".to_owned()),
    ] {
        let scan = scan_all(name, document.as_bytes());
        assert!(!scan.problems.is_empty(), "{name} is taken for a snapshot");
    }
    assert!(!scan_all("not UTF-8", b"{\"cluster\": \"\xFF\"}").problems.is_empty());
}

#[test]
fn snapshots_that_are_strange() {
    let nodegroups = (0..1_000)
        .map(|at| format!(r#"{{"nodegroupName": "n{at}", "version": "1.20"}}"#))
        .collect::<Vec<_>>();
    let strange = cluster(r#""version": "1.30""#).trim_end_matches('}').to_owned();
    for (name, document) in [
        (
            "numbers",
            cluster(
                r#""version": 1.30, "createdAt": 1e300, "deletionProtection": 7, "x": 123456789012345678901234567890, "y": -0, "z": 1e-999"#,
            ),
        ),
        (
            "duplicate keys",
            cluster(
                r#""version": "1.30", "version": null, "version": "1.31", "tags": {"a": "1", "a": null}"#,
            ),
        ),
        (
            "keys with NUL",
            cluster(r#""\u0000": 1, "tags": {"a\u0000b": "c\u0000d"}, "version": "1\u0000.30""#),
        ),
        ("empty keys", cluster(r#""": 1, "tags": {"": ""}"#)),
        (
            "long keys",
            cluster(&format!(
                r#""{}": 1, "tags": {{"{}": "x"}}"#,
                "k".repeat(1_000_000),
                "t".repeat(1_000_000)
            )),
        ),
        ("long texts", cluster(&format!(r#""version": "{0}", "endpoint": "{0}""#, "9".repeat(1_000_000)))),
        (
            "everything null",
            r#"{"cluster": {"name": null, "arn": null, "resourcesVpcConfig": null}, "nodegroups": null}"#
                .to_owned(),
        ),
        (
            "lists for texts",
            r#"{"cluster": {"name": ["x"], "arn": {}, "resourcesVpcConfig": []}, "nodegroups": {}}"#
                .to_owned(),
        ),
        ("names with places", cluster(r#""name": "/cluster/*", "tags": {"~1": "a/b", "/": "~0"}"#)),
        (
            "a million items",
            cluster(&format!(r#""resourcesVpcConfig": {{"subnetIds": [{}]}}"#, million("\"s\""))),
        ),
        (
            "many wrong items",
            cluster(&format!(
                r#""resourcesVpcConfig": {{"endpointPublicAccess": false, "publicAccessCidrs": [{}]}}"#,
                vec!["7"; 100_000].join(",")
            )),
        ),
        ("many findings on one line", format!("{strange}}}, \"nodegroups\": [{}]}}", nodegroups.join(","))),
        (
            "pointers to nowhere",
            format!(
                "{strange}}}, \"notCollected\": [{{\"at\": \"/a/b\\u0000/9999999999999999999999\"}}, {{\"at\": \"\"}}, {{\"at\": 5}}, 7]}}"
            ),
        ),
    ] {
        let scan = scan_all(name, document.as_bytes());
        for judgement in scan.clusters.iter().map(|cluster| &cluster.judgement) {
            for finding in &judgement.findings {
                assert!(finding.message.len() < 8 * MAX_MESSAGE, "{name}: {}", finding.message.len());
            }
            for (_, unknown) in judgement.unknowns.keys() {
                assert!(unknown.reason.len() < MAX_MESSAGE, "{name}: {}", unknown.reason.len());
            }
        }
        assert!(!scan.clusters.is_empty() || !scan.problems.is_empty(), "{name}");
    }
}

#[test]
fn many_rules_at_once() {
    let texts: Vec<_> =
        (0..100).map(|at| filled(&format!("id: rule-{at}\n{}", asserting(&"(".repeat(90))))).collect();
    let loaded = in_time("100 rules", || load(&texts));
    assert_eq!((loaded.set.rules.len(), loaded.errors.len()), (0, 100));
}
