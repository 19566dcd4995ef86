//! What stands around the sections: the style, the script, and the policy that lets nothing else run.

use crate::report::picture;
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// The style of all pages.
const STYLE: &str = include_str!("page.css");
/// The script of all pages: it only hides and shows what is there.
const SCRIPT: &str = include_str!("page.js");

#[derive(Template)]
#[template(path = "frame_open.html")]
struct FrameOpen<'a> {
    title: super::shown::ShownText<&'a str>,
    style_hash: String,
    script_hash: String,
    style: &'a str,
}

#[derive(Template)]
#[template(path = "frame_close.html")]
struct FrameClose {
    version: &'static str,
    script: &'static str,
}

/// Everything before the first section.
pub(in crate::report) fn open(title: &str, out: &mut dyn Write) -> io::Result<()> {
    let style = STYLE.to_owned() + picture::STYLE;
    let open = FrameOpen {
        title: super::shown::ShownText(title),
        style_hash: hash(&style),
        script_hash: hash(SCRIPT),
        style: &style,
    };
    super::put(&open, out)
}

/// Everything after the last one.
pub(in crate::report) fn close(out: &mut dyn Write) -> io::Result<()> {
    super::put(&FrameClose { version: env!("CARGO_PKG_VERSION"), script: SCRIPT }, out)
}

/// The digest by which a policy knows an inline style or script.
/// <https://www.w3.org/TR/CSP3/#framework-directive-source-list>
fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text))
}
