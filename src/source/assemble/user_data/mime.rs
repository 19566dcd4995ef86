//! MIME messages, as far as cloud-init and nodeadm read them: headers, and parts between boundaries.

use regex::Regex;
use std::sync::LazyLock;

/// A message or a part of one.
#[derive(Debug)]
pub(super) struct Message<'a> {
    /// The content type, in lower case, without parameters; empty if none is written.
    pub(super) kind: String,
    /// The transfer encoding, in lower case; empty if none is written.
    pub(super) encoding: String,
    boundary: Option<String>,
    body: &'a str,
}

impl<'a> Message<'a> {
    /// Reads the headers, if the text starts with some.
    pub(super) fn read(text: &'a str) -> Self {
        let (head, body) = split(text);
        let whole = header(&head, "content-type").unwrap_or_default();
        let kind = whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let encoding = header(&head, "content-transfer-encoding").unwrap_or_default().to_ascii_lowercase();
        Self { kind, encoding, boundary: boundary(whole), body }
    }

    /// What follows the headers.
    pub(super) fn body(&self) -> &'a str {
        self.body
    }

    /// The parts, if it is in parts.
    pub(super) fn parts(&self) -> Option<Vec<&'a str>> {
        let boundary =
            format!("--{}", self.boundary.as_ref().filter(|_| self.kind.starts_with("multipart/"))?);
        let end = format!("{boundary}--");
        let mut parts = Vec::new();
        let (mut at, mut start) = (0, None);
        for line in self.body.split_inclusive('\n') {
            let (text, next) = (line.trim_end(), at + line.len());
            if text == boundary || text == end {
                parts.extend(start.map(|start: usize| &self.body[start..at]));
                start = (text == boundary).then_some(next);
            }
            at = next;
        }
        parts.extend(start.map(|start| &self.body[start..]));
        Some(parts)
    }
}

/// The lines of the headers, those that are continued put together, and what follows the blank line.
fn split(text: &str) -> (Vec<String>, &str) {
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(line) = rest.split_inclusive('\n').next() {
        rest = &rest[line.len()..];
        let content = line.trim();
        match lines.last_mut() {
            _ if content.is_empty() => return (lines, rest),
            Some(last) if line.starts_with([' ', '\t']) => last.push_str(&format!(" {content}")),
            _ if is_header(content) => lines.push(content.to_owned()),
            _ => break,
        }
    }
    match rest.is_empty() && !lines.is_empty() {
        true => (lines, rest),
        false => (Vec::new(), text),
    }
}

fn is_header(line: &str) -> bool {
    let name = line.split_once(':').map(|(name, _)| name);
    let written = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    name.is_some_and(|name| !name.is_empty() && written(name)) || line.starts_with("From ")
}

fn header<'a>(head: &'a [String], name: &str) -> Option<&'a str> {
    let fields = head.iter().filter_map(|line| line.split_once(':'));
    fields.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
}

fn boundary(content_type: &str) -> Option<String> {
    static BOUNDARY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?i);\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;"]+))"#).expect("a valid pattern")
    });
    let found = BOUNDARY.captures(content_type)?;
    found.get(1).or(found.get(2)).map(|boundary| boundary.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_between_boundaries() {
        let text = "MIME-Version: 1.0\r\nContent-Type: Multipart/mixed;\r\n boundary=\"//\"\r\n\r\npreamble\r\n\
            --//\r\nContent-Type: text/plain; charset=x\r\n\r\na\r\n--//\r\n\r\nb\r\n--// not\r\n--//--\r\nend";
        let message = Message::read(text);
        assert_eq!(message.kind, "multipart/mixed");
        let parts: Vec<_> = message.parts().into_iter().flatten().map(Message::read).collect();
        assert_eq!(parts.iter().map(Message::body).collect::<Vec<_>>(), ["a\r\n", "b\r\n--// not\r\n"]);
        assert_eq!(parts[0].kind, "text/plain");
    }

    #[test]
    fn what_has_no_type_is_no_message() {
        for text in ["#!/bin/sh\necho a: b\n", "apiVersion: x\nspec: {}\n- a\n", "", "a"] {
            let message = Message::read(text);
            assert_eq!(message.kind, "");
            assert!(message.parts().is_none());
        }
    }

    #[test]
    fn a_message_may_end_anywhere() {
        let text = "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\n--x--";
        for end in 0..text.len() {
            if let Some(parts) = Message::read(&text[..end]).parts() {
                parts.into_iter().for_each(|part| drop(Message::read(part)));
            }
        }
    }
}
