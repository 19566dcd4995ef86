//! `.github/action/scan.sh` with an ekslint that does as it is told.

use super::{fake, path_with, root, text_of};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Writes down its arguments, writes the reports that stand beside it, and exits as the file `code` says; the same for
/// `diff`, with files of its own.
const EKSLINT: &str = r#"
here="$(dirname "$0")"
if [ "$1" = diff ]; then
  printf '%s\0' "$@" >"$here/diff-arguments"
  for argument; do
    case "$argument" in
      --format=json=*) cp "$here/diff-json" "${argument#--format=json=}" ;;
      --format=markdown=*) cp "$here/diff-markdown" "${argument#--format=markdown=}" ;;
    esac
  done
  cat "$here/diff-stdout"
  exit "$(cat "$here/diff-code")"
fi
printf '%s\0' "$@" >"$here/arguments"
for argument; do
  case "$argument" in
    --format=sarif=*) [ ! -f "$here/sarif" ] || cp "$here/sarif" "${argument#--format=sarif=}" ;;
    --format=json=*) [ ! -f "$here/json" ] || cp "$here/json" "${argument#--format=json=}" ;;
    --format=html=*) [ ! -f "$here/html" ] || cp "$here/html" "${argument#--format=html=}" ;;
    --format=markdown=*) [ ! -f "$here/markdown" ] || cp "$here/markdown" "${argument#--format=markdown=}" ;;
  esac
done
cat "$here/stdout"
cat "$here/stderr" >&2
exit "$(cat "$here/code")"
"#;

/// One run of the script: what ekslint does, and what the environment says.
struct Run {
    directory: tempfile::TempDir,
    variables: BTreeMap<String, String>,
}

/// What came of it.
struct Done {
    status: Option<i32>,
    log: String,
    outputs: BTreeMap<String, String>,
    summary: String,
    arguments: Vec<String>,
    diff_arguments: Vec<String>,
}

impl Run {
    /// A complete scan without findings.
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        fake(&directory.path().join("bin"), "ekslint", EKSLINT);
        fs::create_dir(directory.path().join("temp")).expect("a directory");
        let run = Self { directory, variables: BTreeMap::new() };
        run.says("stdout", "").says("stderr", "").says("code", "0").reports(true, true)
    }

    fn says(self, file: &str, text: &str) -> Self {
        fs::write(self.directory.path().join("bin").join(file), text).expect("a file");
        self
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(format!("EKSLINT_{name}"), value.to_owned());
        self
    }

    /// A scan whose two reports say that it was successful, or was not; complete if it was.
    fn reports(self, sarif: bool, json: bool) -> Self {
        self.says("sarif", &sarif_of(sarif, ""))
            .says("json", &json_of(json, json))
            .says("markdown", "# ekslint\n")
    }

    /// A scan of files that never hold what some rules need.
    fn partial(self) -> Self {
        self.says(
            "sarif",
            &sarif_of(true, &notification("alerts-close-unseen", "2 rules were not evaluated: a, b.")),
        )
        .says("json", &json_of(true, false))
    }

    /// A difference with so many new findings.
    fn differs(self, new: usize) -> Self {
        self.set("DIFF_BASE", "HEAD^1")
            .says("diff-json", &format!(r#"{{"summary":{{"new":{{"high":{new},"low":0}}}}}}"#))
            .says("diff-markdown", "# diff\n")
            .says("diff-stdout", "::error::what is new\n")
            .says("diff-code", if new > 0 { "1" } else { "0" })
    }

    fn without_reports(self) -> Self {
        for file in ["sarif", "json", "markdown"] {
            fs::remove_file(self.directory.path().join("bin").join(file)).expect("a file");
        }
        self
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn done(&self) -> Done {
        let output = Command::new("bash")
            .arg(root().join(".github/action/scan.sh"))
            .current_dir(self.directory.path())
            .env("PATH", path_with(&self.file("bin")))
            .env("RUNNER_TEMP", self.file("temp"))
            .env("GITHUB_OUTPUT", self.file("outputs"))
            .env("GITHUB_STEP_SUMMARY", self.file("summary"))
            .envs(&self.variables)
            .output()
            .expect("bash runs");
        let read = |name: &str| fs::read_to_string(self.file(name)).unwrap_or_default();
        let outputs = read("outputs");
        let arguments = read("bin/arguments");
        Done {
            status: output.status.code(),
            log: text_of(&output),
            outputs: outputs
                .lines()
                .map(|line| line.split_once('=').expect("NAME=VALUE"))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            summary: read("summary"),
            arguments: arguments.split_terminator('\0').map(str::to_owned).collect(),
            diff_arguments: read("bin/diff-arguments").split_terminator('\0').map(str::to_owned).collect(),
        }
    }
}

impl Done {
    fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }

    /// The lines that GitHub takes as commands if they are any, so those where commands are not stopped.
    fn obeyed(&self) -> Vec<&str> {
        let mut stopped: Option<String> = None;
        let mut lines = Vec::new();
        for line in self.log.split(['\r', '\n']).filter(|line| !line.is_empty()) {
            match &stopped {
                Some(word) if line == format!("::{word}::") => stopped = None,
                Some(_) => {}
                None => match line.strip_prefix("::stop-commands::") {
                    Some(word) => stopped = Some(word.to_owned()),
                    None => lines.push(line),
                },
            }
        }
        assert!(stopped.is_none(), "commands stay stopped:\n{}", self.log);
        lines
    }
}

/// A SARIF report, with a notification or none.
fn sarif_of(successful: bool, notification: &str) -> String {
    format!(
        r#"{{"version":"2.1.0","runs":[{{"automationDetails":{{"id":"ekslint/"}},
           "invocations":[{{"executionSuccessful":{successful},"toolExecutionNotifications":[{notification}]}}],
           "results":[]}}]}}"#
    )
}

fn json_of(successful: bool, complete: bool) -> String {
    format!(
        r#"{{"summary":{{"findings":{{"high":2,"low":1}},"complete":{complete},"executionSuccessful":{successful}}}}}"#
    )
}

fn notification(id: &str, text: &str) -> String {
    serde_json::json!({"descriptor": {"id": id}, "message": {"text": text}}).to_string()
}

#[test]
fn the_page_of_html_is_written_on_demand() {
    let run = Run::new().says("html", "<!DOCTYPE html>\n").set("HTML", "true");
    let done = run.done();
    let file = done.output("html-file");
    assert_eq!(done.arguments.iter().filter(|one| **one == format!("--format=html={file}")).count(), 1);
    assert_eq!(fs::read_to_string(file).expect("the page"), "<!DOCTYPE html>\n");
    let without = Run::new().says("html", "<!DOCTYPE html>\n").done();
    assert_eq!(without.output("html-file"), "");
    assert!(!without.arguments.iter().any(|one| one.contains("html")), "{:?}", without.arguments);
    assert_eq!(Run::new().set("HTML", "yes").done().status, Some(2));
}

#[test]
fn a_complete_scan_is_uploaded() {
    let run = Run::new().set("UPLOAD_SARIF", "true").says("code", "1");
    let done = run.done();
    assert_eq!(done.status, Some(0), "{}", done.log);
    assert_eq!(done.output("exit-code"), "1");
    assert_eq!(done.output("complete"), "true");
    assert_eq!(done.output("findings"), "3");
    assert_eq!(done.output("upload"), "true");
    for (name, end) in
        [("sarif-file", "ekslint.sarif"), ("json-file", "ekslint.json"), ("markdown-file", "ekslint.md")]
    {
        let file = done.output(name);
        assert!(
            file.starts_with(&*run.file("temp").to_string_lossy()) && file.ends_with(end),
            "{name}: {file}"
        );
        assert!(fs::metadata(file).is_ok_and(|file| file.len() > 0), "{name}: {file}");
    }
    assert_eq!(done.summary, "# ekslint\n");
}

#[test]
fn nothing_is_uploaded_unasked() {
    let done = Run::new().done();
    assert_eq!(done.status, Some(0));
    assert_eq!(done.output("upload"), "");
    assert_eq!(done.output("complete"), "true");
}

#[test]
fn what_would_close_alerts_that_may_hold_is_not_uploaded() {
    let cases = [
        Run::new().reports(false, false),
        Run::new().reports(false, true),
        Run::new().reports(true, false),
        Run::new().says("code", "2"),
        Run::new().says("code", "101"),
        Run::new().says("sarif", r#"{"runs":[]}"#),
        Run::new().says("sarif", "not JSON"),
        Run::new().says("sarif", r#"{"runs":[{"invocations":[{"executionSuccessful":"true"}]}]}"#),
    ];
    for run in cases {
        let done = run.set("UPLOAD_SARIF", "true").done();
        assert_eq!(done.status, Some(0), "{}", done.log);
        assert_eq!(done.output("complete"), "false");
        assert_eq!(done.output("upload"), "");
        assert!(
            done.obeyed().iter().any(|line| line.starts_with("::warning ") && line.contains("not uploaded")),
            "{}",
            done.log
        );
    }
}

#[test]
fn why_there_is_no_upload_is_said_and_starts_no_command() {
    let text = "Do not upload. AWS refused \\[x\\] 100%\n::error::y `@team`.";
    let sarif = sarif_of(false, &notification("alerts-must-stay", text));
    let done = Run::new().reports(false, false).says("sarif", &sarif).set("UPLOAD_SARIF", "true").done();
    let told = "Do not upload. AWS refused [x] 100%25 ::error::y `@team`.";
    assert_eq!(done.obeyed(), [format!("::warning title=ekslint::The results were not uploaded. {told}")]);
    let note = "> [!WARNING]\n> **The results were not uploaded to code scanning.** `Do not upload. AWS refused [x] 100% \
                ::error::y '@team'.`\n\n# ekslint\n";
    assert_eq!(done.summary, note);
}

#[test]
fn what_files_never_hold_does_not_keep_a_report_from_upload() {
    for code in ["0", "1", "3"] {
        let done = Run::new().partial().says("code", code).set("UPLOAD_SARIF", "true").done();
        assert_eq!((done.status, done.output("exit-code")), (Some(0), code), "{}", done.log);
        assert_eq!((done.output("complete"), done.output("upload")), ("false", "true"));
        assert_eq!(done.obeyed(), ["::notice title=ekslint::2 rules were not evaluated: a, b."]);
        let note = "<details>\n<summary>Code scanning closes the alerts of rules that were not evaluated</summary>\n\n\
                    `2 rules were not evaluated: a, b.`\n\n</details>\n\n# ekslint\n";
        assert_eq!(done.summary, note);
    }
    let done = Run::new().partial().done();
    assert_eq!(
        (done.output("upload"), done.summary.as_str()),
        ("", "# ekslint\n"),
        "nothing was to be uploaded"
    );
    assert_eq!(done.obeyed(), [""; 0]);
}

#[test]
fn a_long_reason_is_cut_to_what_an_annotation_shows() {
    let sarif = sarif_of(true, &notification("alerts-close-unseen", &"가".repeat(5_000)));
    let done = Run::new().partial().says("sarif", &sarif).set("UPLOAD_SARIF", "true").done();
    let [line] = done.obeyed()[..] else { panic!("{}", done.log) };
    assert_eq!(line, format!("::notice title=ekslint::{}…", "가".repeat(500)));
    assert!(done.summary.contains(&"가".repeat(5_000)), "the summary has the whole of it");
}

#[test]
fn with_a_base_only_new_findings_fail() {
    for (scan, new, exit) in [
        ("0", 0, "0"),
        ("1", 0, "0"),
        ("0", 2, "1"),
        ("1", 2, "1"),
        ("2", 0, "2"),
        ("2", 2, "2"),
        ("3", 0, "3"),
    ] {
        let done = Run::new().says("code", scan).differs(new).set("UPLOAD_SARIF", "true").done();
        assert_eq!((done.status, done.output("exit-code")), (Some(0), exit), "{scan} {new}: {}", done.log);
        assert_eq!(done.output("new-findings"), new.to_string());
        // The reports are those of the scan.
        assert_eq!(done.output("findings"), "3");
        let uploaded = if scan == "2" { "" } else { "true" };
        assert_eq!(done.output("upload"), uploaded, "{scan}");
        assert!(done.output("markdown-file").ends_with("ekslint.md"));
        assert!(done.summary.ends_with("# diff\n# ekslint\n"), "{}", done.summary);
        assert!(!done.obeyed().iter().any(|line| line.contains("what is new")), "{}", done.log);
    }
    let alone = Run::new().done();
    assert_eq!((alone.output("new-findings"), alone.diff_arguments.len()), ("", 0));
}

#[test]
fn the_comparison_fails_where_it_cannot_be_made() {
    for code in ["2", "3", "101"] {
        let done = Run::new().differs(0).says("diff-code", code).done();
        assert_eq!(done.output("exit-code"), code);
    }
}

#[test]
fn both_commands_get_what_decides_on_findings() {
    let run = Run::new()
        .differs(0)
        .set("PATHS", "clusters")
        .set("CONFIG", "c.toml")
        .set("BASELINE", "b.json")
        .set("LEVEL", "strict")
        .set("SELECT", " endpoint-*,\n\n access-* ")
        .set("RULES", "my rules\r\nmore")
        .set("SEVERITY", "low")
        .set("FAIL_ON", "high")
        .set("STRICT", "true")
        .set("MASK_ACCOUNT", "true")
        .set("SARIF_CATEGORY", "x/")
        .set("ARGS", "--as-of 2026-11-21");
    let done = run.done();
    let shared = [
        "--config=c.toml",
        "--baseline=b.json",
        "--level=strict",
        "--select=endpoint-*,",
        "--select=access-*",
        "--rules=my rules",
        "--rules=more",
        "--severity=low",
        "--fail-on=high",
        "--strict",
        "--mask-account",
        "--as-of",
        "2026-11-21",
        "--",
        "clusters",
    ];
    assert!(done.arguments.ends_with(&shared.map(str::to_owned)), "{:?}", done.arguments);
    assert_eq!(done.diff_arguments[..3], ["diff", "--git=HEAD^1", "--format=text"]);
    assert_eq!(done.diff_arguments[5..], shared);
}

#[test]
fn live_clusters_are_no_files_of_a_revision() {
    let done = Run::new().differs(0).set("REGION", "eu-west-1").done();
    assert_eq!(done.status, Some(2), "{}", done.log);
    assert!(done.arguments.is_empty() && done.log.contains("exclude each other"), "{}", done.log);
}

#[test]
fn regions_are_given_one_by_one() {
    let done = Run::new().set("REGION", "eu-west-1,eu-north-1\nus-east-1").done();
    let regions: Vec<_> = done.arguments.iter().filter(|argument| argument.starts_with("--region")).collect();
    assert_eq!(regions, ["--region=eu-west-1,eu-north-1", "--region=us-east-1"]);
}

#[test]
fn a_comment_shows_what_is_new_or_else_the_scan() {
    assert_eq!(Run::new().done().output("comment-file"), "");
    let wanted = || Run::new().set("COMMENT", "true");
    assert!(wanted().done().output("comment-file").ends_with("ekslint.md"));
    assert!(wanted().differs(0).done().output("comment-file").ends_with("diff.md"));
    // An earlier comment must not stay as it was.
    let failed = wanted().without_reports().says("code", "2");
    let page = fs::read_to_string(failed.done().output("comment-file")).expect("a page");
    assert!(page.contains("There is no report"), "{page}");
}

#[test]
fn the_exit_code_of_ekslint_is_kept() {
    for code in ["0", "1", "2", "3", "101"] {
        let done = Run::new().says("code", code).done();
        assert_eq!((done.status, done.output("exit-code")), (Some(0), code));
    }
}

#[test]
fn a_scan_without_reports_names_no_files() {
    let done = Run::new()
        .without_reports()
        .says("code", "2")
        .says("stderr", "error: no\n")
        .set("UPLOAD_SARIF", "true")
        .done();
    assert_eq!(done.status, Some(0), "{}", done.log);
    assert_eq!(done.output("exit-code"), "2");
    assert_eq!(done.output("findings"), "");
    for name in ["sarif-file", "json-file", "markdown-file", "html-file", "upload"] {
        assert_eq!(done.output(name), "", "{name}");
    }
    assert!(done.log.contains("error: no"), "{}", done.log);
    assert!(done.log.contains("no SARIF report"), "{}", done.log);
    assert_eq!(done.summary, "");
}

#[test]
fn what_is_empty_is_left_to_the_configuration() {
    let names = [
        "PATHS",
        "REGION",
        "CONFIG",
        "BASELINE",
        "LEVEL",
        "SELECT",
        "RULES",
        "SEVERITY",
        "FAIL_ON",
        "DIFF_BASE",
        "FORMAT",
        "ARGS",
    ];
    let run = names.into_iter().fold(Run::new(), |run, name| run.set(name, ""));
    let done = run.done();
    let reports = |argument: &&String| !argument.contains("ekslint-reports.");
    let arguments: Vec<_> = done.arguments.iter().filter(reports).collect();
    assert_eq!(arguments, ["scan", "--format=github", "--"]);
}

#[test]
fn values_stay_one_argument_whatever_is_in_them() {
    let run = Run::new()
        .set("PATHS", "with space\r\n--exit-zero\n$(touch made)\n\n*\n`touch made`")
        .set("CONFIG", "--no-config; touch made")
        .set("BASELINE", "a b")
        .set("LEVEL", "strict")
        .set("FAIL_ON", "high")
        .set("MASK_ACCOUNT", "true")
        .set("ARGS", "--region eu-west-1\n --param  'a b' $(touch made) *");
    let done = run.done();
    assert_eq!(done.status, Some(0), "{}", done.log);
    assert!(!run.file("made").exists());
    let at = done.arguments.iter().position(|argument| argument.starts_with("--config")).expect("--config");
    assert_eq!(
        done.arguments[at..],
        [
            "--config=--no-config; touch made",
            "--baseline=a b",
            "--level=strict",
            "--fail-on=high",
            "--mask-account",
            "--region",
            "eu-west-1",
            "--param",
            "'a",
            "b'",
            "$(touch",
            "made)",
            "*",
            "--",
            "with space",
            "--exit-zero",
            "$(touch made)",
            "*",
            "`touch made`",
        ]
    );
}

/// What an owner of a cluster may want GitHub to do.
const HOSTILE: &str = "\
::set-output name=complete::true
  ::add-mask::e
##[set-output name=exit-code]0
note: cluster ##[add-mask]prod
::stop-commands::x
::error
::group::x
a return\r::add-mask::e
an end without its line";

#[test]
fn only_annotations_of_the_github_format_are_obeyed() {
    let annotation = "::error file=a.json,line=1::%0A::add-mask::e";
    let returns = "::warning file=a.json::\r::add-mask::e";
    let stdout = format!("{annotation}\n{returns}\n{HOSTILE}");
    let done = Run::new().says("stdout", &stdout).says("stderr", HOSTILE).done();
    assert_eq!(done.status, Some(0), "{}", done.log);
    assert_eq!(done.obeyed(), [annotation, "::warning file=a.json:: ::add-mask::e"]);
    assert_eq!(done.log.matches("an end without its line").count(), 2, "{}", done.log);
}

#[test]
fn nothing_of_another_format_is_obeyed() {
    let stdout = format!("::error file=a.json,line=1::x\n{HOSTILE}");
    let done = Run::new().set("FORMAT", "text").says("stdout", &stdout).done();
    assert_eq!(done.obeyed(), Vec::<&str>::new());
    assert!(done.log.contains("::error file=a.json,line=1::x"));
    assert!(done.arguments.contains(&"--format=text".to_owned()));
}

#[test]
fn the_word_that_starts_commands_again_is_another_each_time() {
    let word = || {
        let log = Run::new().done().log;
        let (_, rest) = log.split_once("::stop-commands::").expect("commands are stopped");
        rest.lines().next().expect("a word").to_owned()
    };
    let (first, second) = (word(), word());
    assert_eq!(first.len(), 32, "{first}");
    assert_ne!(first, second);
}

#[test]
fn a_long_summary_is_cut_at_a_line_and_says_so() {
    let line = "한국어 ".repeat(20);
    let long = format!("{line}\n").repeat(10_000);
    let done = Run::new().says("markdown", &long).done();
    assert_eq!(done.status, Some(0), "{}", done.log);
    assert!(done.summary.len() <= 1 << 20, "{} bytes", done.summary.len());
    assert!(done.summary.len() > 1_000_000, "{} bytes", done.summary.len());
    assert!(done.summary.starts_with("> **This summary is cut off.**"), "{}", &done.summary[..80]);
    assert!(done.summary.lines().skip(2).all(|found| found == line), "a line is cut");
    assert!(done.log.contains("cut off"), "{}", done.log);
}

#[test]
fn a_summary_of_exactly_the_limit_is_whole() {
    let text = format!("{}\n", "x".repeat((1 << 20) - 1025));
    assert_eq!(Run::new().says("markdown", &text).done().summary, text);
}

#[test]
fn there_is_no_summary_when_it_is_off() {
    assert_eq!(Run::new().set("SUMMARY", "false").done().summary, "");
}

#[test]
fn results_get_the_category_that_is_asked_for() {
    let category = "--sarif-category=ekslint/fixtures/";
    let done = Run::new().set("SARIF_CATEGORY", "ekslint/fixtures/").done();
    assert!(done.arguments.iter().any(|argument| argument == category), "{:?}", done.arguments);
    let asked = |argument: &String| argument.starts_with("--sarif-category");
    assert!(!Run::new().done().arguments.iter().any(asked));
}

#[test]
fn a_switch_is_true_or_false() {
    for name in ["MASK_ACCOUNT", "SUMMARY", "STRICT", "COMMENT", "UPLOAD_SARIF"] {
        let done = Run::new().set(name, "yes").done();
        assert_eq!(done.status, Some(2), "{name}: {}", done.log);
        assert!(done.log.contains("must be true or false"), "{name}: {}", done.log);
        assert!(done.arguments.is_empty(), "{name}: ekslint ran all the same");
    }
}
