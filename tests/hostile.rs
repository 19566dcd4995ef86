//! Rules and snapshots are untrusted: whatever they hold, ekslint says what is wrong with it, and
//! neither stops, nor panics, nor runs for ever.

#[path = "support/rules.rs"]
mod rules;

use ekslint::engine::Outcome;
use rules::{filled, judge, load, mistakes};

const DEMO: &str =
    r#"{"cluster": {"name": "demo", "version": "1.30", "resourcesVpcConfig": {"subnetIds": ["a"]}}}"#;

fn assertion(expression: &str) -> String {
    format!("assert: |-\n  {expression}\n")
}

/// A rule with this expression does not load, and says why in a few words.
fn refused(what: &str, expression: &str) {
    let said = mistakes(&assertion(expression));
    assert!(!said.is_empty(), "{what} loads");
    assert!(said.len() < 2_000, "{what}: {} bytes of errors", said.len());
}

#[test]
fn nested_expressions() {
    for opening in ["(", "[", "{", "size(", "[1].all(x, ", "!("] {
        for times in [90, 500, 1_000, 100_000] {
            refused(opening, &opening.repeat(times));
        }
    }
    for times in [90, 500] {
        refused("lists", &format!("{}1{}", "[".repeat(times), "]".repeat(times)));
        refused("maps", &format!("{}1{}", "{'a':".repeat(times), "}".repeat(times)));
    }
    assert_eq!(mistakes(&assertion(&format!("{}1{} != []", "[".repeat(20), "]".repeat(20)))), "");
    refused("cel-rust#306", &"!!(".repeat(42));
}

#[test]
fn long_expressions() {
    for (first, more) in [
        ("1", "+1"),
        ("cluster", ".b"),
        ("cluster", "[0]"),
        ("1", "<1"),
        ("true", "||true"),
        ("true", "&&true"),
        ("true", "?true:true"),
    ] {
        let limit = (4_096 - first.len()) / more.len();
        refused(more, &format!("{first}{}", more.repeat(100_000)));
        let longest = format!("{first}{}", more.repeat(limit));
        // The parser balances `||` and `&&`: these load, and then they must run.
        if mistakes(&assertion(&longest)).is_empty() {
            assert_eq!(judge(&assertion(&longest), DEMO).outcome, Outcome::Pass, "{more}");
        }
    }
}

#[test]
fn garbage() {
    for times in [1_023, 2_000, 100_000] {
        refused("garbage", &"@#$ ".repeat(times));
    }
    refused("a regular expression of a gigabyte", "cluster.name.matches('(a{1000}){1000}')");
}

#[test]
fn loops_end() {
    let list = format!("[{}]", (1..=40).map(|n| n.to_string()).collect::<Vec<_>>().join(","));
    for (expression, loops) in [
        (format!("{list}.all(a, {list}.all(b, {list}.all(c, {list}.all(d, a+b+c+d > 0))))"), "all"),
        (
            format!("{list}.all(a, {list}.all(b, {list}.all(c, {list}.all(d, a+b+c+d > 0)))) || true"),
            "absorbed",
        ),
        (format!("{list}.exists(a, {list}.exists(b, {list}.exists(c, {list}.exists(d, false))))"), "exists"),
        (format!("{list}.map(a, {list}.map(b, {list}.map(c, {list}.map(d, a+b+c+d)))).size() > 0"), "map"),
    ] {
        let verdict = judge(&assertion(&expression), DEMO);
        assert_eq!(verdict.outcome, Outcome::Error, "{loops}: {verdict:?}");
    }
    refused(
        "five loops",
        &format!("{list}.all(a, {list}.all(b, {list}.all(c, {list}.all(d, {list}.all(e, true)))))"),
    );
}

#[test]
fn values_do_not_grow_without_end() {
    let doubling = |times| format!("['ab']{} == ['']", ".map(x, x + x)".repeat(times));
    let replacing = format!("'a'{} == ''", format!(".replace('a', '{}')", "a".repeat(100)).repeat(20));
    let joining = format!("['a', 'a']{} == ['']", ".map(x, [x, x, x, x].join(x + x + x))".repeat(40));
    for expression in [doubling(40), replacing, joining] {
        let verdict = judge(&assertion(&expression), DEMO);
        assert_eq!(verdict.outcome, Outcome::Error, "{expression}: {verdict:?}");
    }
}

#[test]
fn lets_that_double_themselves() {
    let names: Vec<_> = ('a'..='z').collect();
    let mut core = String::from("let:\n  a: \"cluster.name + cluster.name\"\n");
    for pair in names.windows(2) {
        core.push_str(&format!("  {}: \"{} + {}\"\n", pair[1], pair[0], pair[0]));
    }
    core.push_str("assert: \"z == ''\"\n");
    let said = mistakes(&core);
    assert!(said.contains("too large"), "{said}");
}

#[test]
fn rule_files() {
    let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n";
    for (what, text) in [
        ("aliases", filled(&format!("{bomb}assert: \"true\""))),
        ("flow nesting", filled(&format!("assert: {}", "[".repeat(100_000)))),
        ("block nesting", (0..5_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect()),
        ("size", filled(&format!("assert: \"true\"\n# {}", "x".repeat(1 << 20)))),
        ("a NUL", filled("assert: \"true\"\0")),
        ("nothing", String::new()),
    ] {
        let loaded = load(&[text, filled("id: good\nassert: \"true\"")]);
        assert_eq!(loaded.errors.len(), 1, "{what}: {:?}", loaded.errors);
        assert!(loaded.errors[0].to_string().len() < 2_000, "{what}");
        assert!(loaded.set.get("good").is_some(), "{what} takes the good rule with it");
    }
}

#[test]
fn snapshots() {
    use ekslint::engine::Judge;
    use ekslint::facts::AsOf;
    use ekslint::scan::scan_text;
    let judge = Judge {
        rules: Vec::new(),
        as_of: AsOf { date: "2026-11-21".parse().expect("a date") },
        fixes: false,
    };
    let cluster =
        |more: &str| format!(r#"{{"cluster": {{"name": "x", "resourcesVpcConfig": {{}}, {more}}}}}"#);
    for (what, text, good) in [
        ("nesting", "[".repeat(1_000_000), false),
        ("nesting of objects", "{\"a\":".repeat(200), false),
        ("a huge number", cluster("\"a\": 1e999"), false),
        ("a long number", cluster(&format!("\"a\": {}", "9".repeat(300))), true),
        ("a lone surrogate", cluster(r#""a": "\ud800""#), false),
        ("a NUL in a key", cluster(r#""\u0000": 1"#), true),
        ("duplicate keys", cluster(r#""name": 1, "name": "y""#), true),
        ("a long list", cluster(&format!("\"a\": [{}1]", "1,".repeat(1_000_000))), true),
        ("cut off", "{\"cluster\": {\"name\":".to_owned(), false),
    ] {
        let scan = scan_text("x.json", &text, &judge, false);
        assert_eq!(scan.errors.is_empty(), good, "{what}: {:?}", scan.errors);
        assert!(scan.errors.iter().all(|error| error.message.len() < 500), "{what}");
    }
}

#[test]
fn a_long_text_is_read_in_time() {
    let long = DEMO.replace("demo", &"a".repeat(1 << 20));
    let verdict = judge(&assertion("cluster.name.matches('^(a+)+$')"), &long);
    assert_ne!(verdict.outcome, Outcome::Pass, "a text of a megabyte is more than a rule reads");
}
