//! What all commands have in common, as a user of the command line meets it: colours, how much is said, short help,
//! names that are nearly right; and the lists of rules and of counts.

use assert_cmd::Command;
use insta::assert_snapshot;
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use unicode_width::UnicodeWidthStr;

const ESCAPE: char = '\u{1b}';

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn run_in(dir: &Path, width: &str, arguments: &[&str]) -> Ran {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    let output =
        command.current_dir(dir).env_clear().env("COLUMNS", width).args(arguments).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran {
        code: output.status.code().expect("an exit code"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

fn run(arguments: &str) -> Ran {
    run_at("80", arguments)
}

fn run_at(width: &str, arguments: &str) -> Ran {
    let arguments: Vec<_> = arguments.split_whitespace().collect();
    run_in(Path::new(env!("CARGO_MANIFEST_DIR")), width, &arguments)
}

/// The escape sequence that stands right before a word, wherever it is coloured.
fn colours_of(text: &str, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(word) {
        let before = &text[..at];
        // Sequences follow one another, such as bold and red.
        let start = before.char_indices().rev().find(|(_, c)| !"\u{1b}[;m0123456789".contains(*c));
        let sequence = &before[start.map_or(0, |(at, c)| at + c.len_utf8())..];
        if sequence.starts_with(ESCAPE) {
            found.push(sequence.to_owned());
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Commands that print for people, each with something to print.
const FOR_PEOPLE: [&str; 10] = [
    "scan fixtures --no-config --as-of 2026-11-21",
    "scan fixtures --no-config --as-of 2026-11-21 --format table",
    "scan fixtures --no-config --as-of 2026-11-21 --statistics",
    "diff fixtures/private-hardened.json fixtures/study-lab.json --no-config",
    "explain fixtures/study-lab.json",
    "versions fixtures",
    "rules list",
    "rules show version-unsupported",
    "rules test rules/version",
    "config show --no-config",
];

#[test]
fn colours_are_asked_for_the_same_way_everywhere() {
    for arguments in FOR_PEOPLE {
        assert!(run(&format!("{arguments} --color always")).out.contains(ESCAPE), "{arguments}");
        assert!(run(&format!("--color always {arguments}")).out.contains(ESCAPE), "{arguments}");
        for without in ["", "--color auto", "--color never"] {
            let ran = run(&format!("{arguments} {without}"));
            assert!(!ran.out.contains(ESCAPE) && !ran.out.is_empty(), "{arguments} {without}: {}", ran.err);
        }
    }
    for arguments in
        ["baseline prune nowhere --no-config", "explain nowhere", "scan nowhere --no-config", "permissions"]
    {
        let ran = run(&format!("{arguments} --color always"));
        assert!(ran.err.is_empty() || ran.err.contains("error"), "{}", ran.err);
    }
    let wrong = run("scan fixtures --color sometimes");
    assert!(wrong.code == 2 && wrong.err.contains("auto, always, never"), "{}", wrong.err);
}

#[test]
fn a_severity_has_one_colour_and_none_is_green() {
    for severity in ["critical", "high", "medium", "low"] {
        let mut all = Vec::new();
        for arguments in [
            "scan fixtures --no-config --as-of 2026-11-21 --color always",
            "scan fixtures --no-config --as-of 2026-11-21 --full --color always",
            "scan fixtures --no-config --as-of 2026-11-21 --statistics --color always",
            "diff fixtures/private-hardened.json fixtures/study-lab.json --no-config --color always",
            "rules list --color always",
            "rules show security-group-ssh-open-on-public-node --color always",
        ] {
            all.extend(colours_of(&run(arguments).out, severity));
        }
        // The underlines of `--full` and what is dimmed are no colours of a severity.
        let coloured = |sequence: &String| sequence.contains("[3") || sequence.contains("[9");
        let normal = |sequence: String| {
            let parts: Vec<_> =
                sequence.split(ESCAPE).filter(|part| !part.is_empty() && *part != "[0m").collect();
            parts.concat()
        };
        let mut colours: Vec<_> = all.into_iter().filter(coloured).map(normal).collect();
        colours.sort();
        colours.dedup();
        assert_eq!(colours.len(), 1, "{severity}: {colours:?}");
        assert!(!colours[0].contains("32m") && !colours[0].contains("92m"), "{severity}: {colours:?}");
    }
}

#[test]
fn the_colour_of_a_version_says_how_urgent_it_is() {
    let red = "\u{1b}[1m\u{1b}[91m";
    let yellow = "\u{1b}[33m";
    let green = "\u{1b}[32m";
    let ran = run("versions fixtures --as-of 2026-11-24 --color always");
    for (words, colour) in [
        // Within 30 days the control plane is upgraded, whatever kind of support it has today.
        ("standard 8 d", red),
        ("unsupported", red),
        ("extended 119 d", yellow),
        ("standard 123 d", green),
    ] {
        assert_eq!(colours_of(&ran.out, words), [colour], "{words}: {:?}", ran.out);
    }
    let soon = run("versions fixtures/office-access.json --as-of 2027-01-20 --color always").out;
    assert_eq!(colours_of(&soon, "standard 66 d"), [yellow], "{soon:?}");
    let table = run("scan fixtures --no-config --as-of 2026-11-24 --format table --color always").out;
    assert_eq!(colours_of(&table, "1.34 8 d"), [red], "{table:?}");
}

#[test]
fn what_is_not_known_of_versions_is_said_once() {
    let ran = run("versions fixtures --as-of 2026-11-24");
    let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words.matches("addonVersions is not in the snapshot").count(), 1, "{words}");
    assert!(words.contains("Whether each add-on fits after the upgrade of 7 clusters:"), "{words}");
    assert!(words.contains("upgrade of private-hardened: addonVersions says nothing about"), "{words}");
    let named = run("versions fixtures --as-of 2026-11-24 -v").out;
    let named = named.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(named.contains("after the upgrade of study-lab, forgotten-upgrade,"), "{named}");
    // Programs and one cluster's page still have it with the cluster.
    let page = run("explain fixtures/study-lab.json --as-of 2026-11-24").out;
    assert!(
        page.split_whitespace().collect::<Vec<_>>().join(" ").contains("whether 3 add-ons fit"),
        "{page}"
    );
}

#[test]
fn quiet_and_verbose_are_options_of_every_command_with_results() {
    for arguments in FOR_PEOPLE {
        let (quiet, usual) = (run(&format!("{arguments} -q")), run(arguments));
        assert_eq!(quiet.code, usual.code, "{arguments}: {}", quiet.err);
        assert!(quiet.out.len() <= usual.out.len() && quiet.err.is_empty(), "{arguments}: {}", quiet.err);
        let verbose = run(&format!("{arguments} --verbose"));
        assert_eq!(verbose.code, usual.code, "{arguments}: {}", verbose.err);
        let both = run(&format!("{arguments} -q -v"));
        assert!(both.code == 2 && both.err.contains("cannot be used"), "{arguments}: {}", both.err);
    }
    let dir = TempDir::new().expect("a temporary directory");
    let cluster = r#"{"cluster": {"name": "demo", "version": "1.35", "resourcesVpcConfig": {}}}"#;
    for (name, text) in [("demo.json", cluster), ("a.json", r#"{"a": 1}"#), ("b.json", r#"{"b": 1}"#)] {
        fs::write(dir.path().join(name), text).expect("a file");
    }
    for command in ["scan --no-config .", "explain .", "versions .", "baseline write --no-config --force ."] {
        let with = |option: &[&str]| {
            let arguments: Vec<_> = command.split_whitespace().chain(option.iter().copied()).collect();
            run_in(dir.path(), "80", &arguments).err
        };
        assert!(!with(&["-q"]).contains("a.json"), "{command}: {}", with(&["-q"]));
        let (usual, verbose) = (with(&[]), with(&["-v"]));
        assert!(usual.contains("a.json") && !usual.contains("note: skipped b.json"), "{command}: {usual}");
        assert!(verbose.contains("a.json") && verbose.contains("b.json"), "{command}: {verbose}");
    }
}

#[test]
fn a_format_has_its_short_option_everywhere() {
    for arguments in [
        "scan fixtures/study-lab.json --no-config -f json",
        "diff fixtures/study-lab.json fixtures/study-lab.json --no-config -f json",
        "explain fixtures/study-lab.json -f json",
        "versions -f json",
        "permissions -f json",
        "rules list -f json",
        "rules show version-unsupported -f json",
        "config show --no-config -f json",
    ] {
        let ran = run(arguments);
        assert!(serde_json::from_str::<Value>(&ran.out).is_ok(), "{arguments}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn short_help_is_short_and_long_help_has_all() {
    let (short, long) = (run("scan -h"), run("scan --help"));
    assert_eq!((short.code, long.code), (0, 0));
    let rows = short.out.lines().count();
    assert!(rows <= 46, "{rows} rows: {}", short.out);
    assert!(short.out.lines().all(|line| line.width() <= 80), "{}", short.out);
    for option in
        ["PATH", "--config", "--select", "--ignore", "--format", "--severity", "--full", "--fail-on"]
    {
        assert!(short.out.contains(option), "{option}: {}", short.out);
    }
    let mut command = ekslint::cli::command();
    let scan = command.find_subcommand_mut("scan").expect("it is there");
    for option in scan.get_opts().filter_map(|option| option.get_long()) {
        assert!(long.out.contains(&format!("--{option}")), "{option}: {}", long.out);
    }
    for rare in ["--files-from", "--sarif-category", "--no-default-rules", "--mask-account", "Exit codes"] {
        assert!(!short.out.contains(rare) && long.out.contains(rare), "{rare}: {}", short.out);
    }
    for help in [&short.out, &long.out] {
        let (path, next) =
            (help.find("[PATH]...\n").or(help.find("[PATH]... ")), help.find("\nConfiguration:"));
        assert!(path < next, "{help}");
        let first = help.split("\nInput:\n").nth(1).expect("a heading");
        assert!(first.trim_start().starts_with("[PATH]..."), "{help}");
    }
}

#[test]
fn a_scan_goes_by_the_names_of_other_linters_too() {
    let scan = run("scan fixtures/private-hardened.json --no-config --as-of 2026-11-21");
    for name in ["check", "lint"] {
        let other = run(&format!("{name} fixtures/private-hardened.json --no-config --as-of 2026-11-21"));
        assert_eq!((other.code, &other.out), (scan.code, &scan.out), "{}", other.err);
    }
    let help = run("--help").out;
    let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("[aliases: check, lint]"), "{help}");
}

#[test]
fn rules_are_listed_with_their_whole_titles() {
    let titles = serde_json::from_str::<Value>(&run("rules list -f json").out).expect("JSON");
    let titles = titles["rules"].as_array().expect("a list").iter().map(|rule| rule["title"].as_str());
    let titles: Vec<_> = titles.map(|title| title.expect("a title").to_owned()).collect();
    for width in ["80", "120"] {
        let ran = run_at(width, "rules list");
        let columns: usize = width.parse().expect("a number");
        assert!(ran.out.lines().all(|line| line.width() <= columns), "{width}: {}", ran.out);
        let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(titles.iter().all(|title| words.contains(title.as_str()) || width == "120"), "{width}");
        assert!(!ran.out.contains('…'), "{}", ran.out);
    }
    assert_snapshot!("rules_of_an_area_80", run_at("80", "rules list --area access,logging").out);
    assert_snapshot!("rules_of_an_area_120", run_at("120", "rules list --area access,logging").out);
}

fn listed(arguments: &str) -> Vec<Value> {
    let ran = run(&format!("rules list -f json {arguments}"));
    assert_eq!(ran.code, 0, "{arguments}: {}", ran.err);
    let document: Value = serde_json::from_str(&ran.out).expect("JSON");
    document["rules"].as_array().expect("a list").clone()
}

#[test]
fn rules_are_listed_by_what_they_are_like() {
    let all = listed("").len();
    for (arguments, fits) in [
        (
            "--severity high",
            (|rule| ["critical", "high"].map(Value::from).contains(&rule["severity"])) as fn(&Value) -> bool,
        ),
        ("--framework cis-eks-2.0", |rule| rule["frameworks"].get("cis-eks-2.0").is_some()),
        ("--area network,fargate", |rule| rule["area"] == "network" || rule["area"] == "fargate"),
        ("--needs volumes", |rule| {
            let reads =
                rule["reads"].as_array().expect("a list").iter().any(|read| read["section"] == "volumes");
            reads || rule["facts"].as_array().expect("a list").contains(&"volumes".into())
        }),
    ] {
        let rules = listed(arguments);
        assert!(!rules.is_empty() && rules.len() < all && rules.iter().all(fits), "{arguments}: {rules:?}");
        assert_eq!(rules.len(), listed("").iter().filter(|rule| fits(rule)).count(), "{arguments}");
        let text = run(&format!("rules list {arguments}")).out;
        assert!(rules.iter().all(|rule| text.contains(rule["id"].as_str().expect("an id"))), "{arguments}");
        assert!(text.contains(&format!("{} of {all} rules", rules.len())), "{text}");
    }
    assert_eq!(listed("--area network --severity critical --needs volumes").len(), 0);
    let none = run("rules list --area network --severity critical --needs volumes");
    assert!(none.code == 0 && none.out.starts_with("0 of "), "{}", none.out);
    for (arguments, says) in [
        ("--severity hihg", "there are critical, high, medium, low and info"),
        ("--framework cis-eks", "known are aws-fsbp, cis-eks-1.8"),
        ("--area networks", "did you mean `network`?"),
        ("--needs nodegroup", "did you mean `nodegroups`?"),
    ] {
        let ran = run(&format!("rules list {arguments}"));
        assert!(ran.code == 2 && ran.out.is_empty() && ran.err.contains(says), "{arguments}: {}", ran.err);
    }
}

#[test]
fn findings_are_counted_a_rule() {
    let arguments = "scan fixtures --no-config --as-of 2026-11-21 --statistics";
    assert_snapshot!("statistics_80", run_at("80", arguments).out);
    let wide = run_at("120", arguments).out;
    assert_snapshot!("statistics_120", wide);
    // The counts are those of the findings.
    let report = run("scan fixtures --no-config --as-of 2026-11-21 -f json").out;
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let findings = report["findings"].as_array().expect("a list").len();
    let rows = wide.lines().skip(1).map_while(|line| line.get(..7).map(str::trim));
    let counts: usize = rows
        .take_while(|text| !text.starts_with(|c: char| c.is_alphabetic()))
        .filter_map(|text| text.parse::<usize>().ok())
        .sum();
    assert_eq!(counts, findings, "{wide}");
}

#[test]
fn counts_go_where_text_goes() {
    let dir = TempDir::new().expect("a temporary directory");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/study-lab.json");
    let scan = |formats: &[&str]| {
        let root = root.display().to_string();
        let first = ["scan", &root, "--no-config", "--exit-zero", "--statistics"];
        run_in(dir.path(), "80", &[first.as_slice(), formats].concat())
    };
    let wrong = scan(&["-f", "json"]);
    assert!(wrong.code == 2 && wrong.out.is_empty() && wrong.err.contains("--format text"), "{}", wrong.err);
    let both = scan(&["-f", "json=report.json", "-f", "text"]);
    assert!(both.code == 0 && both.out.contains("count  severity"), "{}{}", both.out, both.err);
    let report = fs::read_to_string(dir.path().join("report.json")).expect("a report");
    assert!(serde_json::from_str::<Value>(&report).is_ok_and(|report| report["findings"].is_array()));
    let severe = scan(&["--severity", "high"]);
    assert!(
        !severe.out.contains("medium  ") && severe.out.contains("not shown: --severity"),
        "{}",
        severe.out
    );
    let clean = run("scan fixtures/private-hardened.json --no-config --statistics --as-of 2026-11-21");
    assert!(clean.code == 0 && clean.out.starts_with("No findings\n"), "{}", clean.out);
    let full = scan(&["--full"]);
    assert!(full.code == 2 && full.err.contains("cannot be used"), "{}", full.err);
}

#[test]
fn the_configuration_says_which_rules_wait_for_a_value() {
    let dir = TempDir::new().expect("a temporary directory");
    let show = |toml: &str, arguments: &[&str]| {
        fs::write(dir.path().join("ekslint.toml"), toml).expect("a file");
        run_in(dir.path(), "80", &[&["config", "show"], arguments].concat())
    };
    let empty = show("", &[]);
    assert_snapshot!("without_a_value", empty.out.split_once("Off until").expect("the rules that wait").1);
    let waiting = |toml: &str| -> Vec<Value> {
        let ran = show(toml, &["-f", "json"]);
        let view: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
        view["withoutValue"].as_array().expect("a list").clone()
    };
    let all = waiting("");
    assert_eq!((all.len(), &all[0]["table"]), (4, &"organization".into()), "{all:?}");
    // What it says to write is what takes a rule off the list.
    for unset in &all {
        let (table, setting) = (unset["table"].as_str(), unset["setting"].as_str());
        let (table, setting) = (table.expect("a table"), setting.expect("a setting"));
        let setting = match unset["param"].as_str() {
            Some("allowed") => setting.replace('…', "203.0.113.0/24"),
            Some("supportType") => setting.replace('…', "STANDARD"),
            _ => setting.replace('…', "owner"),
        };
        let left = waiting(&format!("[{table}]\n{setting}\n"));
        assert!(left.len() == all.len() - 1 && !left.contains(unset), "{setting}: {left:?}");
    }
    assert!(waiting("[rules]\nupgrade-policy = \"off\"\n").len() == 3);
    let some =
        show("[[cluster]]\nname = \"prod\"\norganization = { required-tags = [\"owner\"] }\n", &[]).out;
    assert!(
        some.contains("cluster-required-tags.required")
            && some.contains("set for some clusters: ekslint.toml:1"),
        "{some}"
    );
}

#[test]
fn the_beginning_of_an_id_is_enough_to_show_a_rule() {
    let whole = run("rules show endpoint-open-to-internet");
    let start = run("rules show endpoint-open");
    let note = "note: endpoint-open stands for endpoint-open-to-internet\n";
    assert_eq!((start.code, start.out, start.err.as_str()), (0, whole.out, note));
    assert_snapshot!(run("rules show endpoint-p").err, @r"
    error: no rule is called `endpoint-p`, and 2 begin so:
      endpoint-private-access-disabled
      endpoint-public-access-enabled
    ");
    let many = run("scan fixtures --no-config --select node");
    assert!(many.code == 2 && many.err.contains(" ids begin so: node"), "{}", many.err);
    let one = run("scan fixtures --no-config --ignore endpoint-open");
    assert!(
        one.err.contains(
            "--ignore: no rule is called `endpoint-open`; did you mean `endpoint-open-to-internet`?"
        ),
        "{}",
        one.err
    );
    let slip = run("scan fixtures --no-config --select endpoint-open-to-intranet");
    assert!(slip.err.contains("did you mean `endpoint-open-to-internet`?"), "{}", slip.err);
    let empty = run_in(Path::new("."), "80", &["rules", "show", ""]);
    assert!(empty.code == 2 && empty.err.lines().count() == 1, "{}", empty.err);
}
