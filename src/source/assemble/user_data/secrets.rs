//! Secrets of well-known forms, and copies without them: a snapshot may be shared, so what is copied
//! out of user data is small and holds nothing that looks like a secret.

use crate::value::Json;
use bumpalo::Bump;
use regex::{Regex, RegexSet};
use serde_json::Value;
use std::cell::Cell;
use std::sync::LazyLock;

/// The longest string, in characters.
const MAX_TEXT: usize = 1_000;
/// The longest list, and the most fields.
const MAX_ITEMS: usize = 200;
const MAX_DEPTH: usize = 16;

/// What stands for a secret.
const HIDDEN: Json<'static> = Json::Str("***");

/// What is called a password. A macro, so that patterns can be put together of it.
macro_rules! password {
    () => {
        r"(?:password|passwd|secret|token|api[_-]?key)"
    };
}

/// A literal of eight characters or more: no variable, no path, no placeholder such as `<password>`.
/// A quote or a backslash ends it, so that it means the same in JSON.
macro_rules! literal {
    () => {
        concat!(
            r#"(?:'[^'"\\\n$<{*\[,:\]}][^'"\\\n]{7,}'|"[^"\\\n$<{*\[,:\]}`][^"\\\n$`]{7,}""#,
            r#"|["']?[^\s"'\\$`<>(){}\[\],:;|&=/*][^\s"'\\$`<>(){}\[\];|&,]{7,}(?:[\s"'\\<>(){}\[\];|&,]|$))"#
        )
    };
}

/// Names and patterns, sorted by name.
const PATTERNS: [(&str, &str); 9] = [
    ("aws-access-key-id", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    (
        "aws-secret-access-key",
        r#"(?i)aws[_-]?secret[_-]?(?:access[_-]?)?key["']?[ \t]*[:=][ \t]*["']?[a-z0-9/+]{40}(?:[^a-z0-9/+=]|$)"#,
    ),
    ("github-token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22})"),
    ("gitlab-token", r"\bglpat-[A-Za-z0-9_-]{20}"),
    ("jwt", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    (
        // `name=`, a field of JSON, a line of YAML.
        "password-assignment",
        concat!(
            "(?im)(?:",
            password!(),
            r#"[ \t]*=[ \t]*|["'][\w.-]*"#,
            password!(),
            r#"["'][ \t]*:[ \t]*|^[ \t-]*[\w.-]*"#,
            password!(),
            r"[ \t]*:[ \t]+)",
            literal!()
        ),
    ),
    ("private-key", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    (
        "slack-token",
        r"\bxox[abeoprs]-[A-Za-z0-9-]{10}|hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{16}",
    ),
    ("url-credentials", r#"(?i)\b[a-z][a-z0-9+.-]*://[^\s/:@"'\\$<{]+:[^\s/:@"'\\$`<{*]{3,}@"#),
];

static KNOWN: LazyLock<RegexSet> =
    LazyLock::new(|| RegexSet::new(PATTERNS.map(|(_, pattern)| pattern)).expect("valid patterns"));

/// The names of the patterns that occur, sorted.
pub(super) fn found(text: &str) -> impl Iterator<Item = &'static str> {
    KNOWN.matches(text).into_iter().map(|at| PATTERNS[at].0)
}

/// Whether a text holds a secret.
pub(super) fn is_secret(text: &str) -> bool {
    KNOWN.is_match(text)
}

/// Whether the value under a name is one, whatever it looks like.
fn names_secret(name: &str) -> bool {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = concat!("(?i)(?:", password!(), r"|secret[_-]?(?:access[_-]?)?key)$");
        Regex::new(pattern).expect("a valid pattern")
    });
    NAME.is_match(name)
}

/// Copies values into an arena, without secrets and not too much.
pub(super) struct Copier<'t> {
    pub(super) arena: &'t Bump,
    /// Whether something was left out because it is too long or too deep.
    pub(super) cut: Cell<bool>,
}

impl<'t> Copier<'t> {
    pub(super) fn copy(&self, value: &Value) -> Json<'t> {
        self.value(value, 1)
    }

    pub(super) fn list<'v>(&self, items: impl ExactSizeIterator<Item = &'v Value>) -> Json<'t> {
        self.items(items, 1)
    }

    fn value(&self, value: &Value, depth: usize) -> Json<'t> {
        match value {
            Value::Array(_) | Value::Object(_) if depth > MAX_DEPTH => {
                self.cut.set(true);
                Json::Null
            }
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(number) => match number.as_i64() {
                Some(number) => Json::Int(number),
                None => number.as_f64().map_or(Json::Null, Json::Double),
            },
            Value::String(text) => self.text(text),
            Value::Array(items) => self.items(items.iter(), depth),
            Value::Object(fields) => self.fields(fields, depth),
        }
    }

    fn text(&self, text: &str) -> Json<'t> {
        let kept: String = text.chars().take(MAX_TEXT).map(plain).collect();
        self.cut_if(kept.len() < text.len());
        // What is cut off may be what kept a pattern from matching.
        if is_secret(text) || is_secret(&kept) { HIDDEN } else { Json::Str(self.arena.alloc_str(&kept)) }
    }

    /// After `--token`, the next argument is one.
    fn items<'v>(&self, items: impl ExactSizeIterator<Item = &'v Value>, depth: usize) -> Json<'t> {
        self.cut_if(items.len() > MAX_ITEMS);
        let mut hidden = false;
        let items = items.take(MAX_ITEMS).map(|item| {
            let node = if hidden { HIDDEN } else { self.value(item, depth + 1) };
            hidden = item.as_str().is_some_and(|text| text.starts_with('-') && names_secret(text));
            node
        });
        Json::list(self.arena, items.collect::<Vec<_>>())
    }

    fn fields(&self, fields: &serde_json::Map<String, Value>, depth: usize) -> Json<'t> {
        self.cut_if(fields.len() > MAX_ITEMS);
        let fields = fields.iter().take(MAX_ITEMS).filter_map(|(name, value)| {
            let Json::Str(key) = self.text(name) else { return None };
            let node = match value {
                Value::Null | Value::Bool(_) => self.value(value, depth + 1),
                _ if key == "***" => return None,
                _ if names_secret(key) => HIDDEN,
                _ => self.value(value, depth + 1),
            };
            Some((key, node))
        });
        Json::object(self.arena, fields.collect::<Vec<_>>())
    }

    fn cut_if(&self, cut: bool) {
        self.cut.set(self.cut.get() || cut);
    }
}

/// Control characters mean nothing in what rules read, and JSON writes them as something else.
fn plain(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<&'static str> {
        found(text).collect()
    }

    #[test]
    fn secrets_are_found() {
        let random = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        for (text, name) in [
            ("export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "aws-access-key-id"),
            (&format!("AWS_SECRET_ACCESS_KEY={random}\n"), "aws-secret-access-key"),
            (&format!("aws_secret_access_key = \"{random}\""), "aws-secret-access-key"),
            ("git clone https://me:hunter2@example.com/x", "url-credentials"),
            ("-----BEGIN PRIVATE KEY-----", "private-key"),
            ("x\n-----BEGIN RSA PRIVATE KEY-----\n", "private-key"),
            (&format!("curl -H 'Authorization: token ghp_{}'", "a1".repeat(18)), "github-token"),
            ("glpat-abcdefghij0123456789", "gitlab-token"),
            ("xoxb-1234567890-abcdefghij", "slack-token"),
            ("https://hooks.slack.com/services/T000AAAA/B000AAAA/abcdefghijklmnop", "slack-token"),
            ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN", "jwt"),
            ("DB_PASSWORD=hunter2hunter", "password-assignment"),
            ("DD_API_KEY='0123456789abcdef'", "password-assignment"),
            ("$Password = \"correct horse battery\"", "password-assignment"),
            ("x --password=hunter2hunter;", "password-assignment"),
            (r#"{"dbPassword": "hunter2hunter"}"#, "password-assignment"),
            ("users:\n  - password: hunter2hunter\n", "password-assignment"),
            ("https://example.com/?token=abcdefgh12", "password-assignment"),
        ] {
            assert!(all(text).contains(&name), "{text}: {:?}", all(text));
        }
    }

    #[test]
    fn what_is_no_secret_is_not_found() {
        for text in [
            "TOKEN=$(curl -X PUT http://169.254.169.254/latest/api/token)",
            "TOKEN=`curl -s http://169.254.169.254/latest/api/token`",
            "TOKEN=\"$(curl -s http://169.254.169.254/latest/api/token)\"",
            "curl -H \"X-aws-ec2-metadata-token-ttl-seconds: 21600\" -H \"X-aws-ec2-metadata-token: $TOKEN\"",
            "PASSWORD=$DB_PASSWORD",
            "PASSWORD='${DB_PASSWORD}'",
            "PASSWORD=<your-password>",
            "PASSWORD={{resolve:secretsmanager:db}}",
            "PASSWORD=\nexport CLUSTER_NAME=production",
            "PASSWORD=********",
            "TOKEN_FILE=/var/run/secrets/token-file",
            "token=/var/run/secrets/token-file",
            "--authentication-token-webhook=enabled",
            "[ \"$token\" = \"somethinglong\" ]",
            "[[ $token == somethinglong ]]",
            "PasswordAuthentication=disabled",
            "aws secretsmanager get-secret-value --secret-id=production/db",
            "echo Getting the secret: production",
            "https://example.com:8443/path@1",
            "https://$USER:$PASS@example.com",
            "-----BEGIN CERTIFICATE-----",
            "AKIA",
            "lock_passwd: true",
        ] {
            assert_eq!(all(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(PATTERNS.is_sorted_by_key(|(name, _)| name));
    }

    fn copied(value: &Value) -> (String, bool) {
        let arena = Bump::new();
        let copier = Copier { arena: &arena, cut: Cell::new(false) };
        (copier.copy(value).to_string(), copier.cut.get())
    }

    #[test]
    fn copies_have_no_secrets() {
        let value = serde_json::json!({
            "a": "AKIAIOSFODNN7EXAMPLE",
            "AKIAIOSFODNN7EXAMPLE": 1,
            "token": 12345678,
            "password": ["hunter2hunter"],
            "useToken": true,
            "args": ["--token", "abcdef", "--x\u{1}"],
        });
        let want =
            r#"{"a":"***","token":"***","password":"***","useToken":true,"args":["--token","***","--x "]}"#;
        assert_eq!(copied(&value), (want.to_owned(), false));
    }

    #[test]
    fn copies_are_small() {
        let deep = (0..20).fold(Value::from(1), |value, _| Value::from(vec![value]));
        let (text, cut) = copied(&deep);
        assert_eq!((text, cut), (format!("{}null{}", "[".repeat(16), "]".repeat(16)), true));
        let (text, cut) = copied(&Value::from("가".repeat(1_001)));
        assert_eq!((text.chars().count(), cut), (1_002, true));
        let (text, cut) = copied(&Value::from(vec![1; 201]));
        assert_eq!((text.len(), cut), (401, true));
        let boundary = format!("{} AKIA{}", "a".repeat(979), "B".repeat(17));
        assert_eq!(copied(&Value::from(boundary)), ("\"***\"".to_owned(), true));
    }
}
