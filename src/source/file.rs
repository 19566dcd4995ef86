//! Files: which to read, and their text.

use super::bounded::{self, ReadError};
use super::encoding::text_of;
use super::foreign::{ForeignKind, recognise_file};
use super::glob::expand;
use ignore::WalkBuilder;
use ignore::overrides::{Override, OverrideBuilder};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The largest input, in bytes: places in a text are counted in 32 bits.
pub(super) const MAX_FILE: u64 = u32::MAX as u64;
/// The largest input that does not say its size, such as standard input: it may have no end, and all of
/// it is kept in memory until it is known to be too large.
const MAX_STREAM: u64 = 1 << 30;
/// An input to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Where it comes from.
    pub origin: Origin,
    /// Whether it was named, rather than found in a directory: then it must be a snapshot.
    pub named: bool,
}

/// Where an input comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
    /// A text that is already in memory, such as a file of a Git revision, and what to call it.
    Text {
        /// What to call it.
        name: String,
        /// Its text.
        text: Arc<str>,
    },
}

impl Input {
    /// What to call it: the path as given.
    pub fn name(&self) -> String {
        match &self.origin {
            Origin::File(path) => shown(path),
            Origin::Stdin => "<stdin>".to_owned(),
            Origin::Text { name, .. } => name.clone(),
        }
    }

    /// Reads its text. The document that has a byte which is not UTF-8 is no JSON; the others are.
    ///
    /// # Errors
    ///
    /// It cannot be read or is too large: in words.
    pub fn read(&self) -> Result<String, String> {
        let bytes = match &self.origin {
            // Devices and pipes have names too.
            Origin::File(path) if path.is_file() => bounded::read_file(path, MAX_FILE),
            Origin::File(path) => bounded::read_file(path, MAX_STREAM),
            Origin::Stdin => bounded::read(io::stdin().lock(), MAX_STREAM),
            Origin::Text { text, .. } => return Ok(text.as_ref().to_owned()),
        };
        bytes.map(text_of).map_err(|error| reason(&error))
    }
}

fn reason(error: &ReadError) -> String {
    match error {
        ReadError::Io(error) if error.kind() == io::ErrorKind::NotFound => "does not exist".to_owned(),
        ReadError::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            "cannot be read: permission denied".to_owned()
        }
        error => error.to_string(),
    }
}

/// The inputs, and what could not be searched.
#[derive(Debug, Default)]
pub struct Discovered {
    /// The inputs, in a fixed order: as named, directories sorted by path.
    pub inputs: Vec<Input>,
    /// Path and reason.
    pub errors: Vec<(String, String)>,
    /// Files in directories that ekslint does not read, and what they are.
    pub foreign: Vec<(String, &'static ForeignKind)>,
    known: HashMap<Origin, usize>,
}

impl Discovered {
    /// Inputs that were found otherwise, and what could not be read.
    pub fn of(inputs: Vec<Input>, errors: Vec<(String, String)>) -> Self {
        Self { inputs, errors, ..Self::default() }
    }

    /// Finds the inputs among paths: files as they are, directories searched for `*.json` as ripgrep
    /// does (`.gitignore` is respected), globs where no file is called so, `-` is standard input. `exclude` are globs.
    pub fn find(paths: &[PathBuf], exclude: &[String]) -> Self {
        let mut found = Self::default();
        for path in paths {
            match expand(path) {
                Some(files) if files.is_empty() => {
                    found.errors.push((path.display().to_string(), "matches no file".to_owned()));
                }
                Some(files) => files.iter().for_each(|file| found.name(file, exclude)),
                None => found.name(path, exclude),
            }
        }
        found
    }

    /// Adds what a path means.
    fn name(&mut self, path: &Path, exclude: &[String]) {
        if path.as_os_str() == "-" {
            self.add(Input { origin: Origin::Stdin, named: true });
        } else if path.is_dir() {
            self.search(path, exclude);
        } else {
            self.add(Input { origin: Origin::File(path.to_owned()), named: true });
        }
    }

    /// Every `*.json` below a directory, whether Git ignores it or not; hidden files are left out.
    pub fn below(directory: &Path) -> Self {
        let mut found = Self::default();
        found.walk(directory, WalkBuilder::new(directory).standard_filters(false).hidden(true));
        found.foreign.clear();
        found
    }

    /// Gives back what only finding needed.
    #[must_use]
    pub fn forget(self) -> Self {
        Self { known: HashMap::new(), ..self }
    }

    /// Adds an input, once; what is named anywhere is named.
    fn add(&mut self, input: Input) {
        match self.known.get(&input.origin) {
            Some(at) => self.inputs[*at].named |= input.named,
            None => {
                self.known.insert(input.origin.clone(), self.inputs.len());
                self.inputs.push(input);
            }
        }
    }

    fn search(&mut self, directory: &Path, exclude: &[String]) {
        match overrides(directory, exclude) {
            Ok(overrides) => {
                let mut walk = WalkBuilder::new(directory);
                self.walk(directory, walk.overrides(overrides).require_git(false));
            }
            Err(error) => self.errors.push(("--exclude".to_owned(), error.to_string())),
        }
    }

    fn walk(&mut self, directory: &Path, walk: &mut WalkBuilder) {
        for entry in walk.sort_by_file_path(Path::cmp).build() {
            match entry {
                Ok(entry) if is_json(entry.path()) && entry.path().is_file() => {
                    self.add(Input { origin: Origin::File(entry.into_path()), named: false });
                }
                Ok(entry) if entry.path().is_file() => {
                    let kind = recognise_file(entry.path());
                    self.foreign.extend(kind.map(|kind| (shown(entry.path()), kind)));
                }
                Ok(_) => {}
                Err(error) => self.errors.push((directory.display().to_string(), error.to_string())),
            }
        }
    }
}

/// What to call a file.
fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

pub(super) fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

pub(super) fn overrides(directory: &Path, exclude: &[String]) -> Result<Override, ignore::Error> {
    let mut overrides = OverrideBuilder::new(directory);
    for glob in exclude {
        overrides.add(&format!("!{glob}"))?;
    }
    overrides.build()
}
