//! What the system refuses costs as little as it can. Standard error or an output that is full or closed costs nothing but the
//! exit code: what was judged is reported all the same, and each output is tried. Threads and memory that are not to be had
//! cost time.

use serde_json::Value;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// Where nothing can be written.
#[derive(Clone, Copy, Debug)]
enum Broken {
    Full,
    Closed,
}

impl Broken {
    fn stream(self) -> Stdio {
        match self {
            Self::Full => File::options().write(true).open("/dev/full").expect("a full device").into(),
            Self::Closed => std::io::pipe().expect("a pipe").1.into(),
        }
    }
}

fn ekslint(arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ekslint"));
    command.args(arguments.split_whitespace()).stdin(Stdio::null());
    command
}

/// A full device there is only on some systems.
fn broken() -> impl Iterator<Item = Broken> {
    let full = Path::new("/dev/full").exists().then_some(Broken::Full);
    full.into_iter().chain([Broken::Closed])
}

fn text(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn nothing_is_lost_for_want_of_standard_error() {
    let dir = TempDir::new().expect("a temporary directory");
    for broken in broken() {
        // What each command says on standard error, and what it reports nevertheless.
        for (arguments, reported) in [
            ("scan nowhere fixtures/study-lab.json --no-config --as-of 2026-11-21", " rules: "),
            ("scan nowhere fixtures/study-lab.json --no-config --format json", "\"findings\""),
            ("scan --rules nowhere fixtures/study-lab.json --no-config", " rules: "),
            ("diff nowhere fixtures/study-lab.json --no-config", "study-lab"),
            ("explain nowhere fixtures/study-lab.json", "study-lab"),
            ("versions nowhere fixtures/study-lab.json", "study-lab"),
            ("rules list --rules nowhere", "version-unsupported"),
            ("rules test nowhere", "0 rules"),
            ("scan", ""),
            ("scan --no-such-option", ""),
            ("config show --config nowhere", ""),
            ("snapshot import nowhere", ""),
        ] {
            let output = ekslint(arguments).stderr(broken.stream()).output().expect("it runs");
            let (code, out, _) = text(&output);
            assert_eq!(code, Some(2), "{arguments}: {out}");
            assert!(out.contains(reported), "{arguments}, {broken:?}: {out}");
        }
        // The files as well.
        let report = dir.path().join("report.json");
        let mut command = ekslint("scan nowhere fixtures/study-lab.json --no-config --format");
        command.arg(format!("json={}", report.display())).stderr(broken.stream());
        assert_eq!(command.output().expect("it runs").status.code(), Some(2));
        let read = fs::read(&report).expect("the report is there");
        assert!(serde_json::from_slice::<Value>(&read).is_ok());
        fs::remove_file(&report).expect("it was there");
        let baseline = dir.path().join("baseline.jsonl");
        let mut command = ekslint("baseline write nowhere fixtures/study-lab.json --no-config --baseline");
        command.arg(&baseline).stderr(broken.stream());
        assert_eq!(command.output().expect("it runs").status.code(), Some(2));
        assert!(fs::read_to_string(&baseline).is_ok_and(|text| text.lines().count() > 10));
        fs::remove_file(&baseline).expect("it was there");
    }
}

#[test]
fn what_cannot_be_said_is_told_by_the_exit_code() {
    for broken in broken() {
        // A rule of a directory that replaces a built-in one: a note, and nothing is wrong.
        let dir = TempDir::new().expect("a temporary directory");
        let rule = fs::read_to_string("rules/version/version-unsupported.yaml").expect("a rule");
        fs::write(dir.path().join("version-unsupported.yaml"), rule).expect("a file");
        let run = |stderr: Stdio| {
            let mut command = ekslint("scan fixtures/private-hardened.json --no-config --exit-zero --rules");
            command.arg(dir.path()).stderr(stderr).output().expect("it runs").status.code()
        };
        assert_eq!((run(Stdio::piped()), run(broken.stream())), (Some(0), Some(2)), "{broken:?}");
    }
}

#[test]
fn every_output_is_tried() {
    let dir = TempDir::new().expect("a temporary directory");
    let formats = |command: &mut Command| {
        for format in ["json=nowhere/a.json", "markdown=there.md", "json=nowhere/b.json", "text"] {
            command.args(["--format", format]);
        }
    };
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let (old, new) = (fixtures.join("study-lab.json"), fixtures.join("office-access.json"));
    for arguments in ["scan --no-config", "diff --no-config"] {
        let mut command = ekslint(arguments);
        command.current_dir(dir.path()).arg(&old).args(arguments.starts_with("diff").then_some(&new));
        formats(&mut command);
        let (code, out, err) = text(&command.output().expect("it runs"));
        assert_eq!(code, Some(2), "{err}");
        for file in ["nowhere/a.json", "nowhere/b.json"] {
            assert!(err.contains(&format!("error: cannot write {file}: ")), "{arguments}: {err}");
        }
        assert!(out.contains("study-lab"), "{arguments}: {out}");
        let page = fs::read_to_string(dir.path().join("there.md"));
        assert!(page.is_ok_and(|page| page.contains("study-lab")), "{arguments}");
        fs::remove_file(dir.path().join("there.md")).expect("it was there");
    }
}

#[test]
fn an_output_that_is_full_is_an_error_of_every_command() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    for arguments in [
        "--help",
        "--version",
        "help",
        "help scan",
        "scan --help",
        "scan --version",
        "rules --help",
        "completions bash",
        "man",
        "permissions",
        "rules list",
        "rules show version-unsupported",
        "rules schema",
        "rules test",
        "config schema",
        "config show",
        "versions",
        "scan fixtures --no-config",
        "diff fixtures fixtures --no-config",
        "explain fixtures/study-lab.json",
        "scan fixtures/study-lab.json --no-config --format json",
    ] {
        let output = ekslint(arguments).stdout(Broken::Full.stream()).output().expect("it runs");
        let (code, _, err) = text(&output);
        assert_eq!(code, Some(2), "{arguments}: {err}");
        assert!(err.contains("error: cannot write to standard output: "), "{arguments}: {err}");
        // Who has seen enough closes a pipe, and nothing is wrong.
        let output = ekslint(arguments).stdout(Broken::Closed.stream()).output().expect("it runs");
        assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments}: {}", text(&output).2);
    }
}

/// What a command prints with that much address space, in MB.
#[cfg(target_os = "linux")]
fn within(megabytes: usize, arguments: &str) -> (Option<i32>, String, String) {
    let limited = format!("ulimit -v {megabytes}000 && exec \"$0\" {arguments}");
    let mut shell = Command::new("sh");
    shell.args(["-c", &limited, env!("CARGO_BIN_EXE_ekslint")]).stdin(Stdio::null());
    text(&shell.output().expect("it runs"))
}

#[test]
#[cfg(target_os = "linux")]
fn where_there_is_no_memory_for_threads_it_takes_longer() {
    for arguments in [
        "scan fixtures --no-config --as-of 2026-11-21",
        "diff fixtures/study-lab.json fixtures/office-access.json --no-config --as-of 2026-11-21",
        "explain fixtures",
        "rules test rules/version",
    ] {
        let (code, out, err) = text(&ekslint(arguments).output().expect("it runs"));
        assert!(matches!(code, Some(0 | 1)), "{arguments}: {err}");
        // The allocator reserves a gigabyte where it can, so a little more than that leaves less than much less does.
        for megabytes in [2_000, 1_200, 1_120, 600, 300, 200] {
            let limited = within(megabytes, arguments);
            assert_eq!(
                (limited.0, limited.1 == out),
                (code, true),
                "{arguments}, {megabytes} MB: {}",
                limited.2
            );
        }
    }
}

#[test]
fn threads_that_are_asked_for_are_bounded() {
    for threads in ["1", "5000", "18446744073709551615", "no number"] {
        let mut command = ekslint("scan fixtures --no-config --exit-zero --format json --as-of 2026-11-21");
        let (code, out, err) = text(&command.env("RAYON_NUM_THREADS", threads).output().expect("it runs"));
        assert_eq!(code, Some(0), "{threads}: {err}");
        let report: Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(report["summary"]["clusters"], 10, "{threads}");
    }
}

/// What is read from a pipe is gone, and a shell gives one for `<(aws eks describe-cluster …)`.
#[test]
fn named_pipes_are_read_from_their_start() {
    let repository = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let scan = |files: &str| {
        let script = format!(r#""$0" scan {files} --no-config --as-of 2026-11-21 --format concise --quiet"#);
        let mut bash = std::process::Command::new("bash");
        bash.args(["-c", &script, env!("CARGO_BIN_EXE_ekslint")]).current_dir(repository);
        let output = bash.output().expect("bash runs");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        // Without the file, whose name is another one.
        let found = text.lines().map(|line| line.split_once(':').expect("a file").1.to_owned());
        found.collect::<std::collections::BTreeSet<_>>()
    };
    let (one, two) = ("fixtures/study-lab.json", "fixtures/extended-support.json");
    assert_eq!(scan(&format!("<(cat {one})")), scan(one));
    let both = scan(&format!("<(cat {one}) <(cat {two})"));
    assert_eq!(both, scan(&format!("{one} {two}")));
    assert!(both.len() > 20, "{both:?}");
}
