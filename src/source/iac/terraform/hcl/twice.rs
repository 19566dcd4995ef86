//! Keys that stand twice in an object: Terraform takes the later item, hcl-edit refuses the whole file. So they get other
//! names while they are parsed, and their own ones afterwards.

use hcl_edit::parser::{Error, parse_body};
use hcl_edit::structure::Body;

/// So many keys of a block may stand there twice.
const MAX_KEYS: usize = 200;
/// So many names are tried for them.
const MAX_NAMES: usize = 1_000;

/// A key that was given another name: where it begins, and its own name.
pub(super) type RenamedKey = (usize, String);

/// Parses a text; keys that stand twice are renamed.
pub(super) fn parse_with_twins(text: &str) -> Result<(Body, Vec<RenamedKey>), Error> {
    let mut renamed: Vec<RenamedKey> = Vec::new();
    let mut copy: Option<String> = None;
    let mut tried = 0;
    loop {
        let current = copy.as_deref().unwrap_or(text);
        let error = match parse_body(current) {
            Ok(body) => return Ok((body, renamed)),
            Err(error) => error,
        };
        let at = error.location().offset();
        let may_try =
            renamed.len() < MAX_KEYS && tried < MAX_NAMES && error.message().contains("redefined object key");
        let Some(other) = may_try.then(|| with_other_key(current, at, tried)).flatten() else {
            return Err(error);
        };
        if !renamed.iter().any(|(known, _)| *known == at) {
            renamed.push((at, key_at(text, at).unwrap_or_default().to_owned()));
        }
        tried += 1;
        copy = Some(other);
    }
}

/// The key that begins at a byte, without quotes; none if it is not written plainly.
fn key_at(text: &str, at: usize) -> Option<&str> {
    let rest = text.get(at..)?;
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().filter(|key| !key.contains(['\\', '$', '%', '\n'])),
        None => {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').unwrap_or(rest.len());
            Some(&rest[..end])
        }
    }
    .filter(|key| !key.is_empty())
}

/// The text with another key of the same length there.
fn with_other_key(text: &str, at: usize, number: usize) -> Option<String> {
    let key = key_at(text, at)?;
    let start = at + usize::from(text[at..].starts_with('"'));
    let mut other = vec![b'z'; key.len()];
    let mut rest = number;
    for byte in other.iter_mut().rev() {
        *byte = b'a' + u8::try_from(rest % 26).ok()?;
        rest /= 26;
    }
    let other = String::from_utf8(other).ok().filter(|_| rest == 0)?;
    Some(format!("{}{other}{}", &text[..start], &text[start + key.len()..]))
}
