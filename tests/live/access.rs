//! Ways into the AWS server of the tests. It is started once for all tests, and ends with them. Each test has an access
//! key of its own, so that calls and faults of one are not those of another.

use super::moto::{Server, start};
use super::python;
use assert_cmd::Command;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

/// The account that is seeded.
pub(crate) const ACCOUNT: &str = "111122223333";
/// Another one, behind a role.
pub(crate) const PARTNER: &str = "444455556666";
/// The day to take as today.
pub(crate) const AS_OF: [&str; 2] = ["--as-of", "2026-11-24"];

static SERVER: LazyLock<Server> = LazyLock::new(|| start(&["tests/moto/server.py", "--seed", "tests"]));

/// Where the server listens.
pub(crate) fn url() -> &'static str {
    &SERVER.url
}

/// What a Python program prints.
pub(crate) fn output(arguments: &[&str]) -> String {
    let python = python::environment("moto", "tests/moto/requirements.txt");
    let output = std::process::Command::new(python)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the environment's Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// One test's way into AWS.
pub(crate) struct Access {
    key: String,
}

impl Access {
    /// Credentials with this access key id, which no other test uses.
    pub(crate) fn new(key: &str) -> Self {
        Self { key: key.to_owned() }
    }

    /// The command, with nothing in its environment but these credentials and the server.
    pub(crate) fn ekslint<A: AsRef<std::ffi::OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = bare();
        command.args(arguments);
        command.env("AWS_ENDPOINT_URL", url());
        command.env("AWS_ACCESS_KEY_ID", &self.key).env("AWS_SECRET_ACCESS_KEY", "secret");
        command
    }

    /// Plans faults.
    pub(crate) fn faults(&self, faults: Value) {
        post(&format!("faults?key={}", self.key), &faults);
    }

    /// Forgets faults, calls and latency.
    pub(crate) fn reset(&self) {
        post(&format!("reset?key={}", self.key), &Value::Null);
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> Vec<Value> {
        let address = format!("{}/ekslint/calls?key={}", url(), self.key);
        let mut answer = ureq::get(address).call().expect("the server answers");
        answer.body_mut().read_json().expect("a list of calls")
    }

    /// The access key id.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Whether no call was begun for a while: what is under way hangs.
    pub(crate) fn is_quiet(&self) -> bool {
        let before = self.calls().len();
        std::thread::sleep(std::time::Duration::from_millis(500));
        self.calls().len() == before
    }

    /// The operations called so far: `eks:ListClusters`.
    pub(crate) fn operations(&self) -> BTreeSet<String> {
        let name = |call: &Value| {
            format!(
                "{}:{}",
                call["service"].as_str().unwrap_or("?"),
                call["operation"].as_str().unwrap_or("?")
            )
        };
        self.calls().iter().map(name).collect()
    }
}

/// The command in an empty environment: no credentials, no home, no metadata service.
pub(crate) fn bare() -> Command {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    command
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("HOME", "/nowhere")
        .env("COLUMNS", "100");
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")));
    command
}

fn post(path: &str, body: &Value) {
    ureq::post(format!("{}/ekslint/{path}", url())).send_json(body).expect("the server answers");
}
