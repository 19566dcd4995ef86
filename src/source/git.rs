//! Files of a Git revision, as inputs: read through the `git` program, which knows every form of
//! repository, and never through a shell.

use super::encoding::text_of;
use super::file::{Discovered, Input, MAX_FILE, Origin, is_json, may_be_stack, overrides};
use super::glob::PathGlob;
use super::iac::cloudformation::{StackHome, StackInputs, may_name_files};
use super::iac::tree::{TemplateTree, TreeError};
use super::terraform_input::{
    MAX_VARIABLES, TemplateOptions, TerraformPath, TerraformRoot, VariableFiles, has_variables, is_terraform,
    of_tree, parameters, read_variables,
};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

/// A commit, and the files in it.
#[derive(Debug)]
pub struct Revision {
    /// As it was named.
    name: String,
    /// The work tree.
    top: PathBuf,
    /// Where paths start from.
    directory: PathBuf,
    /// Path from the top → file.
    files: BTreeMap<String, Blob>,
}

/// A file of a commit.
#[derive(Debug)]
struct Blob {
    id: String,
    is_link: bool,
}

/// Why the files of a revision cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The program does not run.
    #[error("cannot run `git`: {0}; comparing with a revision needs it on the PATH")]
    NotStarted(io::Error),
    /// It would be read as an option.
    #[error("`{0}` is no revision: it starts with `-`")]
    Option(String),
    /// There is no work tree here.
    #[error("{0} is not in the work tree of a Git repository; run ekslint there, or name two folders")]
    NoRepository(String),
    /// Git trusts no repository of other users.
    #[error(
        "Git does not trust this repository, because another user owns it; allow it with `git config --global --add safe.directory {0}`"
    )]
    NotTrusted(String),
    /// There is no such revision.
    #[error(
        "Git knows no revision `{0}`; `git branch --all` and `git log` show what there is, `git fetch origin` brings more"
    )]
    UnknownRevision(String),
    /// There is no such revision, and the clone is shallow.
    #[error(
        "Git knows no revision `{0}`, and this clone is shallow: fetch its history with `git fetch --unshallow`, or in a workflow with `fetch-depth: 0` of actions/checkout"
    )]
    Shallow(String),
    /// A path leads out of the repository.
    #[error("{path} is not in the Git work tree {top}")]
    Outside {
        /// As it was named.
        path: String,
        /// The work tree.
        top: String,
    },
    /// Anything else.
    #[error("`git {command}` failed: {message}")]
    Failed {
        /// The subcommand.
        command: &'static str,
        /// What it said.
        message: String,
    },
}

impl Revision {
    /// The revision of that name of the repository around a directory.
    ///
    /// # Errors
    ///
    /// There is no `git`, no repository or no such revision, or Git does not trust the repository.
    pub fn find(name: &str, directory: &Path) -> Result<Self, GitError> {
        if name.starts_with('-') {
            return Err(GitError::Option(name.to_owned()));
        }
        let top = git(directory, "rev-parse", &["--show-toplevel"])?;
        let peeled = format!("{name}^{{commit}}");
        let commit = git(directory, "rev-parse", &["--verify", "--quiet", "--end-of-options", &peeled]);
        let commit = commit.map_err(|error| unknown_revision(name, directory, error))?;
        let tree = git(directory, "ls-tree", &["-r", "-z", "--full-tree", first_line(&commit)])?;
        Ok(Self {
            name: name.to_owned(),
            top: PathBuf::from(top.strip_suffix('\n').unwrap_or(&top)),
            directory: real(directory),
            files: tree.split('\0').filter_map(entry).collect(),
        })
    }

    /// Whether it has a file or a folder at that path.
    pub fn has(&self, path: &Path) -> bool {
        self.inside(path).is_ok_and(|path| self.expanded(path).iter().any(|path| self.holds(path)))
    }

    /// Whether it has a file or a folder at that path from the top.
    fn holds(&self, path: &str) -> bool {
        self.named(path).is_some() || self.below(path).next().is_some()
    }

    /// The files and folders that a path from the top means, which may be a glob; where one is called so, that one.
    fn expanded(&self, path: String) -> Vec<String> {
        let glob = PathGlob::of(Path::new(&path)).filter(|_| !self.holds(&path));
        let Some(glob) = glob else { return vec![path] };
        let mut meant = BTreeSet::new();
        for file in self.files.keys() {
            let ends = file.match_indices('/').map(|(end, _)| end).chain([file.len()]);
            let paths = ends.map(|end| &file[..end]);
            let hidden = |path: &&str| path.rsplit('/').next().is_some_and(|name| name.starts_with('.'));
            let paths = paths.take_while(|path| !hidden(path));
            meant.extend(paths.filter(|path| glob.means(Path::new(path), *path == file)).map(str::to_owned));
        }
        meant.into_iter().collect()
    }

    /// Checks that paths are in the work tree, before anything else looks for files in them.
    ///
    /// # Errors
    ///
    /// One is not.
    pub fn reaches(&self, paths: &[PathBuf]) -> Result<(), GitError> {
        paths.iter().try_for_each(|path| self.inside(path).map(drop))
    }

    /// Its inputs among paths: files as they are, folders searched for `*.json`. What the search of
    /// the work tree left out, such as files that Git ignores, is left out here too; `found` is what
    /// that search gave.
    ///
    /// # Errors
    ///
    /// A path leads out of the repository, or `git` fails. A single file that cannot be read is one
    /// of the errors of what is returned.
    pub fn inputs(
        self: &Arc<Self>,
        paths: &[PathBuf],
        exclude: &[String],
        found: &Discovered,
        terraform: &TemplateOptions,
    ) -> Result<Discovered, GitError> {
        let mut wanted: BTreeMap<&str, bool> = BTreeMap::new();
        for path in paths {
            for path in self.expanded(self.inside(path)?) {
                match self.named(&path) {
                    Some(file) => drop(wanted.insert(file, true)),
                    None => self.search(&path, exclude, found, &mut wanted)?,
                }
            }
        }
        let (of_terraform, others): (BTreeMap<_, _>, BTreeMap<_, _>) = wanted
            .into_iter()
            .partition(|(path, _)| is_terraform(Path::new(path)) || has_variables(Path::new(path)));
        let mut read = self.read(&others)?;
        // What cannot be read was said of the files of the work tree.
        let (parameters, _) = parameters(terraform);
        let parameters = Arc::new(parameters);
        read.inputs.iter_mut().for_each(|input| input.parameters = Arc::clone(&parameters));
        self.add_homes(&mut read.inputs)?;
        read.leave_nested();
        for root in self.terraform(&of_terraform, terraform)? {
            read.inputs.push(Input::new(Origin::Terraform(Arc::new(root)), false));
        }
        Ok(read)
    }

    /// Says where templates of stacks lie that may name others.
    fn add_homes(self: &Arc<Self>, inputs: &mut [Input]) -> Result<(), GitError> {
        let mut tree: Option<Arc<dyn TemplateTree>> = None;
        for input in inputs {
            let Origin::Text { name, text } = &input.origin else { continue };
            let Some(path) = name.strip_prefix(&self.name).and_then(|path| path.strip_prefix(':')) else {
                continue;
            };
            if !may_name_files(text) {
                continue;
            }
            let shared = match &tree {
                Some(tree) => Arc::clone(tree),
                None => {
                    let reader = Mutex::new(GitReader::start(&self.directory)?);
                    let made: Arc<dyn TemplateTree> =
                        Arc::new(RevisionTree { revision: Arc::clone(self), reader });
                    Arc::clone(tree.insert(made))
                }
            };
            let home = Some(StackHome { tree: shared, path: path.to_owned() });
            input.parameters = Arc::new(StackInputs { home, ..(*input.parameters).clone() });
        }
        Ok(())
    }

    /// The root modules of files of Terraform.
    fn terraform<'s>(
        self: &'s Arc<Self>,
        files: &BTreeMap<&'s str, bool>,
        options: &TemplateOptions,
    ) -> Result<Vec<TerraformRoot>, GitError> {
        let file = |(path, is_named): (&&'s str, &bool)| {
            ((*path).to_owned(), TerraformPath { path: PathBuf::from(path), is_named: *is_named })
        };
        let files: BTreeMap<String, TerraformPath> = files.iter().map(file).collect();
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let reader = Mutex::new(GitReader::start(&self.directory)?);
        let tree = Arc::new(RevisionTree { revision: Arc::clone(self), reader });
        let folders: Vec<_> = options.environments.iter().map(|one| self.inside(&one.root).ok()).collect();
        // What the revision does not have was named by the user, and is taken as it is.
        let text = |path: &Path| {
            let of_revision = self.inside(path).ok().and_then(|path| tree.read(&path, MAX_VARIABLES).ok());
            of_revision.map_or_else(|| read_variables(path), |bytes| Ok(text_of(bytes)))
        };
        // What cannot be read was said of the files of the work tree.
        let variables = VariableFiles::new(options, &text);
        let shared: Arc<dyn TemplateTree> = Arc::clone(&tree) as Arc<dyn TemplateTree>;
        // They are on no disk.
        let found = of_tree(&shared, files, &folders, &variables).into_iter();
        Ok(found.map(TerraformRoot::of_revision).collect())
    }

    /// Adds the files below a folder.
    fn search<'s>(
        &'s self,
        folder: &str,
        exclude: &[String],
        found: &Discovered,
        wanted: &mut BTreeMap<&'s str, bool>,
    ) -> Result<(), GitError> {
        let root = self.top.join(folder);
        let excluded = overrides(&root, exclude);
        let excluded = excluded.map_err(|error| failed("ls-tree", &format!("--exclude: {error}")))?;
        let kept: HashSet<PathBuf> =
            { found.inputs.iter().chain(&found.nested) }.flat_map(|input| input.files()).map(real).collect();
        for (path, inner) in self.below(folder) {
            let hidden = inner.split('/').any(|part| part.starts_with('.'));
            let is_excluded = || {
                let mut parts = Path::new(inner).ancestors().filter(|part| !part.as_os_str().is_empty());
                parts.any(|part| excluded.matched(part, part != Path::new(inner)).is_ignore())
            };
            let in_tree = self.top.join(path);
            let left_out = || in_tree.is_file() && !kept.contains(&real(&in_tree));
            let is_read =
                is_json(Path::new(path)) || is_terraform(Path::new(path)) || may_be_stack(Path::new(path));
            if is_read && !hidden && !is_excluded() && !left_out() {
                wanted.entry(path).or_insert(false);
            }
        }
        Ok(())
    }

    /// The files below a folder: their paths from the top, and from the folder.
    fn below<'s>(&'s self, folder: &str) -> impl Iterator<Item = (&'s str, &'s str)> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let start = prefix.clone();
        let from = self
            .files
            .range::<str, _>((std::ops::Bound::Included(start.as_str()), std::ops::Bound::Unbounded));
        let inside: Vec<_> = from
            .map(|(path, _)| path.as_str())
            .map_while(|path| Some((path, path.strip_prefix(&prefix)?)))
            .collect();
        inside.into_iter()
    }

    fn named(&self, path: &str) -> Option<&str> {
        self.files.get_key_value(path).map(|(path, _)| path.as_str())
    }

    /// A path from the top, with `/` between its parts; empty for the top itself.
    fn inside(&self, path: &Path) -> Result<String, GitError> {
        let absolute = cleaned(&self.directory.join(path));
        // What is there may be named through a link; what is gone cannot be followed.
        let inside = absolute.strip_prefix(&self.top).map(Path::to_owned);
        let inside = inside.or_else(|_| real(&absolute).strip_prefix(&self.top).map(Path::to_owned));
        let inside = inside.map_err(|_| GitError::Outside {
            path: path.display().to_string(),
            top: self.top.display().to_string(),
        })?;
        let parts = inside.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
        Ok(parts.collect::<Vec<_>>().join("/"))
    }

    /// Reads files: path, and whether it was named.
    fn read(&self, wanted: &BTreeMap<&str, bool>) -> Result<Discovered, GitError> {
        let (mut inputs, mut errors) = (Vec::new(), Vec::new());
        if wanted.is_empty() {
            return Ok(Discovered::of(inputs, errors));
        }
        let mut reader = GitReader::start(&self.directory)?;
        for (path, named) in wanted {
            let name = format!("{}:{path}", self.name);
            match self.text(path, &mut reader)? {
                Ok(Some(text)) => {
                    inputs.push(Input::new(Origin::Text { name, text: text.into() }, *named));
                }
                Ok(None) => {}
                Err(message) => errors.push((name, message)),
            }
        }
        Ok(Discovered::of(inputs, errors))
    }

    /// The text of a file, as [`bytes`](Self::bytes) finds it.
    fn text(&self, path: &str, reader: &mut GitReader) -> Result<Result<Option<String>, String>, GitError> {
        Ok(self.bytes(path, reader)?.map(|bytes| bytes.map(text_of)))
    }

    /// The bytes of a file, followed through one link; none for a link that leads to no file. Inside:
    /// why they cannot be had.
    fn bytes(&self, path: &str, reader: &mut GitReader) -> Result<Result<Option<Vec<u8>>, String>, GitError> {
        let Some(blob) = self.files.get(path) else { return Ok(Ok(None)) };
        if !blob.is_link {
            return Ok(reader.read(&blob.id)?.map(Some));
        }
        let target = match reader.read(&blob.id)?.map(text_of) {
            Ok(target) => self.top.join(path).parent().unwrap_or(&self.top).join(target),
            Err(message) => return Ok(Err(message)),
        };
        let Ok(inside) = self.inside(&target) else {
            return Ok(Err(LEADS_OUT.to_owned()));
        };
        match self.files.get(&inside).filter(|blob| !blob.is_link) {
            Some(blob) => Ok(reader.read(&blob.id)?.map(Some)),
            None => Ok(Ok(None)),
        }
    }
}

/// What is wrong with a link of that sort.
const LEADS_OUT: &str = "is a link that leads out of the repository";

/// The folders and files of a revision, for what reads more files than it was given.
struct RevisionTree {
    revision: Arc<Revision>,
    reader: Mutex<GitReader>,
}

impl TemplateTree for RevisionTree {
    fn list(&self, folder: &str) -> Result<Vec<String>, TreeError> {
        let below = self.revision.below(folder).map(|(_, inner)| inner);
        let names: Vec<_> = below.filter(|inner| !inner.contains('/')).map(str::to_owned).collect();
        if names.is_empty() && self.revision.below(folder).next().is_none() {
            return Err(TreeError::Absent);
        }
        Ok(names)
    }

    fn below(&self, folder: &str, most: usize) -> Result<Vec<String>, TreeError> {
        let names: Vec<String> = self.revision.below(folder).map(|(_, inner)| inner.to_owned()).collect();
        match names.len() {
            0 => Err(TreeError::Absent),
            count if count > most => Err(TreeError::TooMany(most)),
            _ => Ok(names),
        }
    }

    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, TreeError> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = self.revision.bytes(path, &mut reader);
        match bytes.map_err(|error| TreeError::Other(error.to_string()))? {
            Ok(Some(bytes)) if bytes.len() > limit => Err(TreeError::TooLong(limit)),
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(TreeError::Absent),
            Err(why) if why == LEADS_OUT => Err(TreeError::Outside),
            Err(why) => Err(TreeError::Other(why)),
        }
    }

    fn shown(&self, path: &str) -> String {
        format!("{}:{path}", self.revision.name)
    }

    fn known_as(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// One line of `ls-tree`: mode, type, id, a tab and the path. Folders of other repositories are no
/// files.
fn entry(line: &str) -> Option<(String, Blob)> {
    let (about, path) = line.split_once('\t')?;
    let mut about = about.split(' ');
    let (mode, kind, id) = (about.next()?, about.next()?, about.next()?);
    let blob = Blob { id: id.to_owned(), is_link: mode == "120000" };
    (kind == "blob").then(|| (path.to_owned(), blob))
}

fn unknown_revision(name: &str, directory: &Path, error: GitError) -> GitError {
    if !matches!(error, GitError::Failed { .. }) {
        return error;
    }
    let shallow = git(directory, "rev-parse", &["--is-shallow-repository"]);
    match shallow.is_ok_and(|text| first_line(&text) == "true") {
        true => GitError::Shallow(name.to_owned()),
        false => GitError::UnknownRevision(name.to_owned()),
    }
}

/// Runs a subcommand and gives what it prints.
fn git(directory: &Path, command: &'static str, args: &[&str]) -> Result<String, GitError> {
    let mut process = program(directory, command);
    let output = process.args(args).stdin(Stdio::null()).output().map_err(GitError::NotStarted)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let message = String::from_utf8_lossy(&output.stderr);
    let here = || real(directory).display().to_string();
    if message.contains("dubious ownership") {
        // Git names the folder, which may be another one than this, ready for a shell.
        let named = message.split("safe.directory ").nth(1).map(|rest| first_line(rest).trim().to_owned());
        return Err(GitError::NotTrusted(named.unwrap_or_else(here)));
    }
    if message.contains("not a git repository") || message.contains("must be run in a work tree") {
        return Err(GitError::NoRepository(here()));
    }
    Err(failed(command, message.trim()))
}

fn program(directory: &Path, command: &str) -> Command {
    let mut process = Command::new("git");
    // Messages are recognised, and so must be in English.
    process.arg("-C").arg(directory).arg(command).env("LC_ALL", "C").env_remove("LANGUAGE");
    process
}

fn failed(command: &'static str, message: &str) -> GitError {
    GitError::Failed { command, message: message.to_owned() }
}

fn first_line(text: &str) -> &str {
    text.strip_suffix('\n').unwrap_or(text).split('\n').next().unwrap_or_default()
}

/// A path without links, if it is there.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// A path without `.` and `..`, by the text alone.
fn cleaned(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(clean.pop()),
            part => clean.push(part),
        }
    }
    clean
}

/// `git cat-file --batch`: one process for all files.
struct GitReader {
    process: Child,
    ask: ChildStdin,
    answer: BufReader<ChildStdout>,
}

impl GitReader {
    fn start(directory: &Path) -> Result<Self, GitError> {
        let mut command = program(directory, "cat-file");
        let command =
            command.arg("--batch").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().map_err(GitError::NotStarted)?;
        match (process.stdin.take(), process.stdout.take()) {
            (Some(ask), Some(answer)) => Ok(Self { process, ask, answer: BufReader::new(answer) }),
            _ => Err(failed("cat-file", "it has no pipes")),
        }
    }

    /// The bytes of an object, or why they cannot be had.
    fn read(&mut self, id: &str) -> Result<Result<Vec<u8>, String>, GitError> {
        self.answer_to(id).map_err(|error| failed("cat-file", &error.to_string()))
    }

    fn answer_to(&mut self, id: &str) -> io::Result<Result<Vec<u8>, String>> {
        writeln!(self.ask, "{id}")?;
        self.ask.flush()?;
        let mut header = String::new();
        self.answer.read_line(&mut header)?;
        let Some(size) = header.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok())
        else {
            return Ok(Err("is missing from the object store of this clone".to_owned()));
        };
        let mut bytes = Vec::new();
        // After the object comes the end of a line.
        if size > MAX_FILE {
            io::copy(&mut (&mut self.answer).take(size + 1), &mut io::sink())?;
            return Ok(Err("is larger than 4 GiB".to_owned()));
        }
        (&mut self.answer).take(size + 1).read_to_end(&mut bytes)?;
        if bytes.pop() != Some(b'\n') || bytes.len() as u64 != size {
            return Err(io::Error::other("it ended early"));
        }
        Ok(Ok(bytes))
    }
}

impl Drop for GitReader {
    /// Nobody asks any more. The end is awaited, so that no process is left over.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
