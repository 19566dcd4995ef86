//! What rules may know of user data. It may hold secrets and is free text, so that a snapshot never
//! keeps it: only its format, how the node joins the cluster, what it gives the kubelet, and which
//! well-known forms of secrets occur in it.
//!
//! The facts, as an object; what is not known is absent:
//!
//! - `format`, and `parts` with the formats of the parts of a MIME message
//! - `clusterName`, `apiServerEndpoint`, `bootstrap`
//! - `kubelet.flags` and `kubelet.config`
//! - `secretPatterns`, absent where not all of the text could be read
//! - `truncated`: true where something was too long to copy

mod mime;
mod secrets;
mod shell;

use crate::value::{Json, yaml};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bumpalo::Bump;
use mime::Message;
use regex::Regex;
use secrets::Copier;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Four times what EC2 takes, in bytes of base64.
const MAX_BASE64: usize = 64 * 1024;
/// More parts than anyone writes.
const MAX_PARTS: usize = 200;
/// How deep messages may stand in messages.
const MAX_MESSAGES: usize = 4;

/// What rules may know of user data, which comes as base64.
pub(crate) fn reduce<'t>(user_data: &str, arena: &'t Bump) -> Json<'t> {
    let mut reader = UserDataReader::default();
    let format = match decoded(user_data) {
        Some(bytes) => reader.bytes(&bytes),
        None => reader.unread("undecodable"),
    };
    reader.facts(format, arena)
}

/// None for what is no base64, or more than EC2 takes.
fn decoded(base64: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    const ENGINE: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
    if base64.len() > MAX_BASE64 {
        return None;
    }
    let base64: String = base64.split_ascii_whitespace().collect();
    ENGINE.decode(base64).ok()
}

/// Reads user data, part by part.
#[derive(Default)]
struct UserDataReader {
    parts: Vec<&'static str>,
    is_message: bool,
    /// Whether some of it is not text.
    unread: bool,
    secrets: BTreeSet<&'static str>,
    cluster_name: Option<String>,
    api_server_endpoint: Option<String>,
    bootstrap: Option<&'static str>,
    flags: Vec<Value>,
    config: Map<String, Value>,
}

impl UserDataReader {
    fn unread(&mut self, format: &'static str) -> &'static str {
        self.unread = true;
        format
    }

    fn bytes(&mut self, bytes: &[u8]) -> &'static str {
        if bytes.starts_with(&[0x1f, 0x8b]) {
            return self.unread("gzip");
        }
        let Ok(text) = std::str::from_utf8(bytes) else { return self.unread("undecodable") };
        self.secrets.extend(secrets::found(text));
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let message = Message::read(text.trim_start());
        if message.kind.is_empty() {
            return self.text(&text, "");
        }
        self.is_message = true;
        self.message(&message, 1);
        "mime"
    }

    /// Reads the parts of a message, or its text if it has none.
    fn message(&mut self, message: &Message<'_>, depth: usize) {
        let Some(parts) = message.parts() else {
            let format = self.part(message);
            return self.parts.push(format);
        };
        for part in parts {
            if depth > MAX_MESSAGES || self.parts.len() >= MAX_PARTS {
                self.unread = true;
                return;
            }
            self.message(&Message::read(part), depth + 1);
        }
    }

    fn part(&mut self, part: &Message<'_>) -> &'static str {
        let bytes = match part.encoding.as_str() {
            "base64" => decoded(part.body()).map(Cow::Owned),
            "" | "7bit" | "8bit" | "binary" => Some(Cow::Borrowed(part.body().as_bytes())),
            _ => None,
        };
        let bytes = bytes.filter(|_| !part.kind.starts_with("multipart/"));
        let Some(bytes) = bytes else { return self.unread("undecodable") };
        if bytes.starts_with(&[0x1f, 0x8b]) {
            return self.unread("gzip");
        }
        let Ok(text) = std::str::from_utf8(&bytes) else { return self.unread("undecodable") };
        self.secrets.extend(secrets::found(text));
        self.text(text, &part.kind)
    }

    /// Reads text by what it looks like, else by the content type that it is declared as.
    fn text(&mut self, text: &str, declared: &str) -> &'static str {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let first = text.lines().next().unwrap_or_default();
        let script = first.starts_with("#cloud-boothook") || is_shell(first);
        match declared {
            _ if text.is_empty() => "empty",
            _ if script => self.script(text),
            _ if first.starts_with("#!") => "other",
            "text/x-shellscript" | "text/cloud-boothook" => self.script(text),
            "text/cloud-config" => self.cloud_config(text),
            _ if first.starts_with("#cloud-config") => self.cloud_config(text),
            _ if self.node_config(text) => "nodeadm",
            _ if self.bottlerocket(text) => "bottlerocket",
            _ if text.to_ascii_lowercase().contains("<powershell>") => self.powershell(text),
            _ => "other",
        }
    }

    fn script(&mut self, text: &str) -> &'static str {
        self.calls(text);
        "shell"
    }

    fn calls(&mut self, script: &str) {
        shell::bootstrap_calls(script).iter().for_each(|call| self.bootstrap_call(call));
    }

    /// Every option of bootstrap.sh takes a value; what is no option is the cluster's name.
    fn bootstrap_call(&mut self, arguments: &[String]) {
        self.bootstrap = Some("bootstrap.sh");
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--kubelet-extra-args" => self.extra_args(arguments.next().map_or("", String::as_str)),
                "--apiserver-endpoint" => self.endpoint(arguments.next().map_or("", String::as_str)),
                option if option.starts_with("--") && !option.contains('=') => drop(arguments.next()),
                option if option.starts_with('-') => {}
                name => self.name(name),
            }
        }
    }

    fn extra_args(&mut self, text: &str) {
        self.flags.extend(shell::words(text).into_iter().map(Value::from));
    }

    /// Only what can be the name of a cluster: `${NAME}` is not.
    fn name(&mut self, name: &str) {
        static NAME: LazyLock<Regex> = LazyLock::new(|| pattern("^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$"));
        if NAME.is_match(name) && !secrets::is_secret(name) {
            self.cluster_name = Some(name.to_owned());
        }
    }

    fn endpoint(&mut self, url: &str) {
        static URL: LazyLock<Regex> =
            LazyLock::new(|| pattern(r"^(?i:https?)://[0-9A-Za-z.\[\]:_-]{1,500}/?$"));
        if URL.is_match(url) && !secrets::is_secret(url) {
            self.api_server_endpoint = Some(url.to_owned());
        }
    }

    /// Commands of cloud-config are strings for a shell, or lists of words.
    fn cloud_config(&mut self, text: &str) -> &'static str {
        let config = yaml::bounded(text).unwrap_or_default();
        let lists = ["bootcmd", "runcmd"].iter().filter_map(|list| config[list].as_array());
        for command in lists.flatten() {
            let words = command.as_array().map_or(std::slice::from_ref(command), Vec::as_slice);
            let words: Vec<_> = words.iter().filter_map(|word| Some(word.as_str()?.to_owned())).collect();
            match shell::bootstrap_arguments(&words) {
                Some(arguments) => self.bootstrap_call(arguments),
                None => words.iter().for_each(|word| self.calls(word)),
            }
        }
        "cloud-config"
    }

    /// nodeadm reads several configurations as one: flags add up, later values win.
    fn node_config(&mut self, text: &str) -> bool {
        let config =
            text.contains("node.eks.aws/").then(|| yaml::bounded(text)).flatten().unwrap_or_default();
        let version = config["apiVersion"].as_str().unwrap_or_default();
        if !version.starts_with("node.eks.aws/") {
            return false;
        }
        self.bootstrap = Some("nodeadm");
        let (cluster, kubelet) = (&config["spec"]["cluster"], &config["spec"]["kubelet"]);
        self.name(cluster["name"].as_str().unwrap_or_default());
        self.endpoint(cluster["apiServerEndpoint"].as_str().unwrap_or_default());
        self.flags.extend(kubelet["flags"].as_array().into_iter().flatten().cloned());
        if let Value::Object(config) = &kubelet["config"] {
            let mut config = config.clone();
            // Headers that a server of static pods is asked with.
            config.remove("staticPodURLHeader");
            merge(&mut self.config, config);
        }
        true
    }

    /// Settings of Kubernetes, but what is said elsewhere, what is secret, and whole manifests.
    fn bottlerocket(&mut self, text: &str) -> bool {
        const LEFT_OUT: [&str; 7] = [
            "api-server",
            "bootstrap-token",
            "cluster-certificate",
            "cluster-name",
            "server-certificate",
            "server-key",
            "static-pods",
        ];
        let read = || text.contains("settings").then(|| toml::from_str::<Value>(text).ok()).flatten();
        let Some(mut settings) = read() else { return false };
        let Some(Value::Object(kubernetes)) = settings.pointer_mut("/settings/kubernetes") else {
            return settings["settings"].is_object();
        };
        self.bootstrap = Some("bottlerocket");
        self.name(kubernetes.get("cluster-name").and_then(Value::as_str).unwrap_or_default());
        self.endpoint(kubernetes.get("api-server").and_then(Value::as_str).unwrap_or_default());
        kubernetes.retain(|name, _| !LEFT_OUT.contains(&name.as_str()));
        merge(&mut self.config, std::mem::take(kubernetes));
        true
    }

    fn powershell(&mut self, text: &str) -> &'static str {
        if text.to_ascii_lowercase().contains("start-eksbootstrap.ps1") {
            self.bootstrap = Some("Start-EKSBootstrap.ps1");
        }
        self.name(powershell_argument(text, "EKSClusterName").unwrap_or_default());
        self.endpoint(powershell_argument(text, "APIServerEndpoint").unwrap_or_default());
        self.extra_args(powershell_argument(text, "KubeletExtraArgs").unwrap_or_default());
        "powershell"
    }

    fn facts<'t>(&self, format: &'static str, arena: &'t Bump) -> Json<'t> {
        let copier = Copier { arena, cut: Cell::new(false) };
        let text = |text: &Option<String>| text.as_ref().map(|text| Json::Str(arena.alloc_str(text)));
        let list = |items: &mut dyn Iterator<Item = &&'static str>| {
            Json::list(arena, items.map(|item| Json::Str(item)).collect::<Vec<_>>())
        };
        let fields = [
            ("format", Some(Json::Str(format))),
            ("parts", self.is_message.then(|| list(&mut self.parts.iter()))),
            ("clusterName", text(&self.cluster_name)),
            ("apiServerEndpoint", text(&self.api_server_endpoint)),
            ("bootstrap", self.bootstrap.map(Json::Str)),
            ("kubelet", self.kubelet(&copier)),
            ("secretPatterns", (!self.unread).then(|| list(&mut self.secrets.iter()))),
            ("truncated", copier.cut.get().then_some(Json::Bool(true))),
        ];
        let known = fields.into_iter().filter_map(|(name, node)| Some((name, node?)));
        Json::object(arena, known.collect::<Vec<_>>())
    }

    fn kubelet<'t>(&self, copier: &Copier<'t>) -> Option<Json<'t>> {
        let flags = (!self.flags.is_empty()).then(|| ("flags", copier.list(self.flags.iter())));
        let config = &self.config;
        let config = (!config.is_empty()).then(|| ("config", copier.copy(&Value::Object(config.clone()))));
        let fields: Vec<_> = flags.into_iter().chain(config).collect();
        (!fields.is_empty()).then(|| Json::object(copier.arena, fields))
    }
}

/// Whether a first line says that a shell runs the rest.
fn is_shell(line: &str) -> bool {
    static SHELL: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^#!\s*\S*/(?:env\s+(?:-\S+\s+)*)?(?:ba|da|k|z)?sh(?:\s|$)"));
    SHELL.is_match(line)
}

/// An argument of a call in PowerShell; none where it is a variable.
fn powershell_argument<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let argument = pattern(&format!(r#"(?i)-{name}[ \t:]+(?:"([^"$\n]*)"|'([^'\n]*)'|([^\s"'$]+))"#));
    let found = argument.captures(text)?;
    found.iter().skip(1).flatten().next().map(|value| value.as_str())
}

/// Later values win; objects are merged.
fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (name, value) in from {
        match (into.get_mut(&name), value) {
            (Some(Value::Object(into)), Value::Object(from)) => merge(into, from),
            (_, value) => drop(into.insert(name, value)),
        }
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

#[cfg(test)]
mod tests;
