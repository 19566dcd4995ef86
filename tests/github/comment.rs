//! `.github/action/comment.sh` with a curl that answers as GitHub does, and remembers what it was asked.

use super::{fake, path_with, root, text_of};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Answers a request with the file that stands for it, and with the status in it; without one, with 200 and the name of the
/// bot. Writes each request down: method, address, body.
const CURL: &str = r#"
here="$(dirname "$0")"
printf '%s\0' "$@" >>"$here/arguments"
cat >>"$here/stdin"
method= body= out= address=
while [ $# -gt 0 ]; do
  case "$1" in
    --request) method="$2"; shift ;;
    --data-binary) body="${2#@}"; shift ;;
    --output) out="$2"; shift ;;
    --config | --header | --proto | --retry | --write-out) shift ;;
    --*) ;;
    *) address="$1" ;;
  esac
  shift
done
jq -nc --arg method "$method" --arg address "$address" --rawfile body "${body:-/dev/null}" \
  '{method: $method, address: $address, body: $body}' >>"$here/requests"
name="$method $(printf '%s' "${address##*/}" | tr '?&=' '---')"
if [ -f "$here/$name" ]; then cp "$here/$name" "$out"; else printf '[]' >"$out"; fi
if [ -f "$here/$name.status" ]; then cat "$here/$name.status"; else printf 200; fi
"#;

const BOT: &str = "github-actions[bot]";
const MARKER: &str = "<!-- ekslint ekslint/files/ -->";

struct Run {
    directory: tempfile::TempDir,
    event: &'static str,
    fork: bool,
}

struct Done {
    log: String,
    /// Those that write.
    written: Vec<(String, String, String)>,
    requests: usize,
    arguments: String,
    stdin: String,
}

impl Run {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let bin = directory.path().join("bin");
        fake(&bin, "curl", CURL);
        let run = Self { directory, event: "pull_request", fork: false };
        let viewer = json!({"data": {"viewer": {"login": BOT}}});
        run.answers("POST graphql", &viewer).reports("## ekslint\n\nfine\n")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join("bin").join(name)
    }

    fn answers(self, request: &str, answer: &Value) -> Self {
        fs::write(self.file(request), answer.to_string()).expect("a file");
        self
    }

    fn fails(self, request: &str, status: &str) -> Self {
        fs::write(self.file(&format!("{request}.status")), status).expect("a file");
        self
    }

    fn comments(self, page: usize, comments: &[Value]) -> Self {
        self.answers(&format!("GET comments-per_page-100-page-{page}"), &json!(comments))
    }

    fn reports(self, text: &str) -> Self {
        fs::write(self.file("report.md"), text).expect("a file");
        self
    }

    fn done(&self) -> Done {
        let name = if self.fork { "stranger/ekslint" } else { "own/ekslint" };
        let event = json!({"pull_request": {"number": 7, "head": {"repo": {"full_name": name}}}});
        fs::write(self.file("event.json"), event.to_string()).expect("a file");
        let output = Command::new("bash")
            .arg(root().join(".github/action/comment.sh"))
            .env("PATH", path_with(&self.directory.path().join("bin")))
            .env("RUNNER_TEMP", self.directory.path())
            .env("GITHUB_EVENT_NAME", self.event)
            .env("GITHUB_EVENT_PATH", self.file("event.json"))
            .env("GITHUB_REPOSITORY", "own/ekslint")
            .env("GITHUB_API_URL", "https://api.github.com")
            .env("GITHUB_GRAPHQL_URL", "https://api.github.com/graphql")
            .env("GH_TOKEN", "s3cret")
            .env("EKSLINT_SARIF_CATEGORY", "ekslint/files/")
            .env("REPORT", self.file("report.md"))
            .output()
            .expect("bash runs");
        assert_eq!(output.status.code(), Some(0), "{}", text_of(&output));
        let read = |name: &str| fs::read_to_string(self.file(name)).unwrap_or_default();
        let requests: Vec<Value> =
            read("requests").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let text = |request: &Value, field: &str| request[field].as_str().expect("text").to_owned();
        let writes =
            |request: &&Value| request["method"] != "GET" && !text(request, "address").ends_with("graphql");
        let written = requests.iter().filter(writes).map(|request| {
            let body: Value = serde_json::from_str(&text(request, "body")).expect("JSON");
            (text(request, "method"), text(request, "address"), text(&body, "body"))
        });
        Done {
            log: text_of(&output),
            written: written.collect(),
            requests: requests.len(),
            arguments: read("arguments"),
            stdin: read("stdin"),
        }
    }
}

impl Done {
    #[track_caller]
    fn only(&self) -> &(String, String, String) {
        let [written] = &self.written[..] else { panic!("{:?}\n{}", self.written, self.log) };
        written
    }
}

fn comment(id: u64, login: &str, kind: &str, body: &str) -> Value {
    json!({"id": id, "user": {"login": login, "type": kind}, "body": body})
}

const COMMENTS: &str = "https://api.github.com/repos/own/ekslint/issues/7/comments";

#[test]
fn the_first_run_writes_a_comment() {
    let done = Run::new().done();
    let (method, address, body) = done.only();
    assert_eq!((method.as_str(), address.as_str()), ("POST", COMMENTS));
    assert_eq!(body, &format!("{MARKER}\n## ekslint\n\nfine\n"));
    assert_eq!(done.log, "");
}

#[test]
fn the_next_run_updates_that_comment() {
    let own = comment(4_000_000_002, BOT, "Bot", &format!("{MARKER}\r\nold"));
    let done = Run::new().comments(1, &[comment(1, "jiwoo", "User", "hello"), own]).done();
    let (method, address, body) = done.only();
    assert_eq!(method, "PATCH");
    assert_eq!(address, "https://api.github.com/repos/own/ekslint/issues/comments/4000000002");
    assert!(body.starts_with(MARKER) && body.ends_with("fine\n"), "{body}");
}

#[test]
fn a_comment_of_others_is_never_taken_for_ours() {
    let others = [
        comment(1, "jiwoo", "User", &format!("{MARKER}\nforged")),
        comment(2, "github-actions", "User", &format!("{MARKER}\nforged by a name that is like the bot's")),
        comment(3, BOT, "Bot", &format!("of another tool\n{MARKER}")),
        comment(4, BOT, "Bot", "<!-- ekslint ekslint/other/ -->\nof another job"),
    ];
    assert_eq!(Run::new().comments(1, &others).done().only().0, "POST");
}

#[test]
fn the_name_of_an_app_may_lack_its_ending() {
    let run = Run::new().answers("POST graphql", &json!({"data": {"viewer": {"login": "our-app"}}}));
    let own = comment(9, "our-app[bot]", "Bot", MARKER);
    assert_eq!(run.comments(1, &[own]).done().only().0, "PATCH");
}

#[test]
fn all_pages_are_looked_through() {
    let full: Vec<_> = (1..=100).map(|id| comment(id, "jiwoo", "User", "talk")).collect();
    let run =
        Run::new().comments(1, &full).comments(2, &full).comments(3, &[comment(900, BOT, "Bot", MARKER)]);
    let done = run.done();
    assert_eq!(done.only().0, "PATCH");
    assert_eq!(done.requests, 5, "who, three pages, the update");
}

#[test]
fn a_long_report_is_cut_at_a_line_and_no_character_is() {
    let line = "한국어 🐳 ".repeat(12);
    let long = format!("{line}\n").repeat(2_000);
    let done = Run::new().reports(&long).done();
    let body = &done.only().2;
    assert!(body.chars().count() <= 65_536 && body.chars().count() > 64_000, "{}", body.chars().count());
    assert!(body.starts_with(&format!("{MARKER}\n> **This comment is cut off.**")), "{}", &body[..120]);
    assert!(body.lines().skip(3).all(|found| found == line), "a line is cut");
    let fits = "x".repeat(65_000);
    assert!(Run::new().reports(&fits).done().only().2.ends_with(&format!("\n{fits}")));
}

#[test]
fn strangers_get_no_comment_and_no_request_is_sent() {
    let fork = Run { fork: true, ..Run::new() };
    let target = Run { event: "pull_request_target", ..Run::new() };
    let push = Run { event: "push", ..Run::new() };
    for (run, level, text) in [
        (fork, "notice", "fork"),
        (target, "warning", "pull_request_target"),
        (push, "notice", "no pull request"),
    ] {
        let done = run.done();
        assert_eq!(done.requests, 0, "{}", done.log);
        assert!(done.log.starts_with(&format!("::{level} ")) && done.log.contains(text), "{}", done.log);
    }
}

#[test]
fn a_token_that_may_not_write_is_a_warning_with_the_way_out() {
    let reads = || Run::new().comments(1, &[comment(5, BOT, "Bot", MARKER)]);
    for run in [Run::new().fails("POST comments", "403"), reads().fails("PATCH 5", "403")] {
        let done = run.done();
        assert!(
            done.log.starts_with("::warning ") && done.log.contains("`pull-requests: write`"),
            "{}",
            done.log
        );
    }
    for (request, status) in
        [("POST graphql", "401"), ("GET comments-per_page-100-page-1", "500"), ("POST comments", "000")]
    {
        let done = Run::new().fails(request, status).done();
        assert!(done.log.starts_with("::warning ") && done.log.contains(status), "{}", done.log);
        assert_eq!(done.log.lines().count(), 1, "{}", done.log);
    }
    let nobody = Run::new().answers("POST graphql", &json!({"errors": []})).done();
    assert!(nobody.written.is_empty() && nobody.log.contains("who the token belongs to"), "{}", nobody.log);
}

#[test]
fn the_token_is_no_argument_and_not_in_the_log() {
    let done = Run::new().done();
    assert!(!done.arguments.contains("s3cret") && !done.log.contains("s3cret"), "{}", done.arguments);
    assert!(done.stdin.contains("Authorization: Bearer s3cret"), "{}", done.stdin);
}
