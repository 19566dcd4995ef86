//! Functions on files and paths: what does not depend on a machine.

use super::call::{FunctionArgs, FunctionOutcome};
use super::table::{FunctionGroup, FunctionRow, FunctionWork};

const GROUP: FunctionGroup = FunctionGroup::Filesystem;
const ONE: (usize, Option<usize>) = (1, Some(1));
const TWO: (usize, Option<usize>) = (2, Some(2));

const fn reading(name: &'static str, arguments: (usize, Option<usize>)) -> FunctionRow {
    FunctionRow { work: FunctionWork::Elsewhere, ..FunctionRow::scalar(name, GROUP, arguments, base_name) }
}

pub(super) const ROWS: &[FunctionRow] = &[
    FunctionRow::not_known("abspath", GROUP, ONE, "depends on where Terraform runs"),
    FunctionRow::scalar("basename", GROUP, ONE, base_name),
    FunctionRow::scalar("dirname", GROUP, ONE, directory_name),
    reading("file", ONE),
    reading("filebase64", ONE),
    reading("fileexists", ONE),
    reading("fileset", TWO),
    FunctionRow::scalar("pathexpand", GROUP, ONE, |call| match call.text(0)? {
        path if path.starts_with('~') => Err(call.not_known("it depends on who runs Terraform")),
        path => call.text_result(path),
    }),
    reading("templatefile", TWO),
];

fn base_name(call: &FunctionArgs) -> FunctionOutcome {
    let path = call.text(0)?;
    let name = match path.trim_end_matches('/') {
        "" if path.is_empty() => ".",
        "" => "/",
        path => path.rsplit('/').next().unwrap_or(path),
    };
    call.text_result(name)
}

fn directory_name(call: &FunctionArgs) -> FunctionOutcome {
    let path = call.text(0)?;
    let directory = path.rfind('/').map_or("", |end| &path[..=end]);
    call.text_result(cleaned(directory))
}

/// A path without what says nothing: `a/./b/../c` is `a/c`.
fn cleaned(path: &str) -> String {
    let is_rooted = path.starts_with('/');
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|last| *last != "..") => {
                names.pop();
            }
            ".." if is_rooted => {}
            name => names.push(name),
        }
    }
    match (is_rooted, names.is_empty()) {
        (true, _) => format!("/{}", names.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => names.join("/"),
    }
}
