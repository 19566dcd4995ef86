//! Reads a text as documents, and each document as snapshots.

use crate::snapshot::{NotASnapshot, Snapshot};
use crate::source::foreign::{ForeignKind, recognise};
use crate::source::{Document, Documents, InputContent, InputPart};
use crate::value::position::{LineColumn, LineIndex};
use crate::value::{Pointer, Problem};
use bumpalo::Bump;
use std::cell::OnceCell;
use std::path::Path;

/// So many problems of one text are told one by one: every line of a large file may be one.
const TOLD: usize = 100;

/// How the names of files in YAML end.
const YAML_ENDINGS: [&str; 3] = ["yaml", "yml", "template"];
/// What is wrong with a file in YAML that is none of the templates in it.
const NO_TEMPLATE: &str = "is neither a CloudFormation template, which has `Resources` of AWS types such as AWS::EKS::Cluster, \
    nor a ClusterConfig of eksctl; all else that ekslint reads is JSON or Terraform";

/// A document of a text that was read as snapshots.
#[derive(Debug)]
pub struct Opened<'d> {
    /// The document.
    pub document: Document<'d>,
    /// The snapshots in it.
    pub snapshots: Vec<Snapshot<'d>>,
}

/// What reading a text gave.
#[derive(Debug)]
pub struct Read<T> {
    /// What was made of its documents, in order.
    pub made: Vec<T>,
    /// What is wrong with it.
    pub errors: Vec<Problem>,
    /// Its documents of which nothing could be made by themselves.
    pub alone: Vec<Problem>,
    /// Why it was skipped, if it was not named and is no snapshot.
    pub skipped: Option<Skipped>,
    /// What is good to know of it, and nothing is wrong with.
    pub notices: Vec<Problem>,
}

/// Why an input was skipped.
#[derive(Clone, Debug)]
pub struct Skipped {
    /// In words.
    pub why: String,
    /// The kind of file, if it is a known one that is not read.
    pub foreign: Option<&'static ForeignKind>,
    /// Whether it is a template that was read, and is about nothing that ekslint evaluates.
    pub is_template: bool,
}

impl Skipped {
    /// Why, as a sentence about it.
    pub fn in_words(&self) -> String {
        if self.is_template { self.why.clone() } else { format!("it {}", self.why) }
    }

    /// A template of something else.
    pub fn says_nothing() -> Self {
        Self {
            why: "its templates describe nothing that ekslint evaluates".to_owned(),
            foreign: None,
            is_template: true,
        }
    }
}

impl<T> Default for Read<T> {
    fn default() -> Self {
        Self { made: Vec::new(), errors: Vec::new(), alone: Vec::new(), skipped: None, notices: Vec::new() }
    }
}

impl<T> Read<T> {
    /// Of an input that cannot be read.
    pub fn failed(problem: Problem) -> Self {
        Self { errors: vec![problem], ..Self::default() }
    }
}

/// Reads all that an input holds, one text after another, and what is wrong with it besides.
pub fn read_content<T>(content: InputContent, mut read: impl FnMut(&InputPart) -> Read<T>) -> Read<T> {
    let mut all = Read { errors: content.problems, notices: content.notices, ..Read::default() };
    for part in &content.parts {
        let one = read(part);
        all.made.extend(one.made);
        all.errors.extend(one.errors);
        all.alone.extend(one.alone.into_iter().filter(|_| !content.kind.is_template()));
        all.skipped = all.skipped.or(one.skipped);
    }
    // Of what could not be read, nobody knows what it describes.
    if content.kind.is_template() && all.made.is_empty() && all.errors.is_empty() {
        all.skipped = Some(Skipped::says_nothing());
    }
    all
}

/// What was made of a snapshot, or its place and why nothing can be made of it.
pub type MadeOrNot<T> = Result<T, (Pointer, NotASnapshot)>;

/// Makes something of each snapshot that says of which cluster it is.
pub fn of_clusters<'d, T>(
    opened: &'d Opened<'d>,
    mut make: impl FnMut(&'d Snapshot<'d>) -> T,
) -> Vec<MadeOrNot<T>> {
    let one = |snapshot: &'d Snapshot<'d>| match snapshot.is_of_cluster() || snapshot.identity.name.is_some()
    {
        true => Ok(make(snapshot)),
        false => Err((snapshot.pointer.clone(), snapshot.alone())),
    };
    opened.snapshots.iter().map(one).collect()
}

/// Reads a text and makes something of each of its documents, as [`read_some`] does.
pub fn read_each<T>(
    name: &str,
    text: &str,
    named: bool,
    arena: &mut Bump,
    mut make: impl for<'d> FnMut(&'d Opened<'d>, &'d Bump) -> Vec<T>,
) -> Read<T> {
    read_some(name, text, named, arena, |opened, arena| make(opened, arena).into_iter().map(Ok).collect())
}

/// Reads a text and makes something of each of its documents, or says with the snapshot's place why nothing can be
/// made of it. What is wrong with one document, or with one item of a list, does not lose the others.
pub fn read_some<T>(
    name: &str,
    text: &str,
    named: bool,
    arena: &mut Bump,
    mut make: impl for<'d> FnMut(&'d Opened<'d>, &'d Bump) -> Vec<MadeOrNot<T>>,
) -> Read<T> {
    let (mut made, mut problems) = (Vec::new(), Problems::new(name, text));
    let mut documents = Documents::of(text);
    while let Some(read) = documents.next(arena) {
        match read {
            Err(not_json) => problems.add(Kind::NotJson, |_| not_json.in_file(name)),
            Ok(document) => {
                problems.documents += 1;
                let mut snapshots = Vec::new();
                for (place, read) in Snapshot::read_each(document.root, document.repeats, arena) {
                    match read {
                        Ok(snapshot) => snapshots.push(snapshot),
                        Err(why) => problems.refuse(&document, &place, &why),
                    }
                }
                problems.snapshots += snapshots.len();
                if !snapshots.is_empty() {
                    for one in make(&Opened { document, snapshots }, arena) {
                        match one {
                            Ok(one) => made.push(one),
                            Err((place, why)) => problems.refuse(&document, &place, &why),
                        }
                    }
                }
            }
        }
        // What one document took is free for the next.
        arena.reset();
    }
    problems.read(made, named)
}

/// What is wrong with a part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    NotJson,
    /// It is JSON of something else.
    Other,
    Repeated,
    /// It is ours, and says nothing by itself.
    Alone,
    /// It is a snapshot, and says of itself what cannot be.
    Wrong,
}

/// What is wrong with a text.
struct Problems<'t> {
    name: &'t str,
    text: &'t str,
    lines: OnceCell<LineIndex<'t>>,
    /// The first ones.
    told: Vec<(Kind, Problem)>,
    /// How many there are.
    all: usize,
    /// How many documents are JSON.
    documents: usize,
    snapshots: usize,
}

impl<'t> Problems<'t> {
    fn new(name: &'t str, text: &'t str) -> Self {
        let (told, lines) = (Vec::new(), OnceCell::new());
        Self { name, text, lines, told, all: 0, documents: 0, snapshots: 0 }
    }

    fn add(&mut self, kind: Kind, problem: impl FnOnce(&Self) -> Problem) {
        self.all += 1;
        if self.told.len() < TOLD {
            let problem = problem(self);
            self.told.push((kind, problem));
        }
    }

    /// Adds why a document, or an item of it, is no snapshot.
    fn refuse(&mut self, document: &Document<'_>, item: &Pointer, why: &NotASnapshot) {
        if let NotASnapshot::Repeated(repeated) = why {
            return self.add(Kind::Repeated, |all| document.repeated(all.name, all.lines(), repeated));
        }
        let kind = match why {
            NotASnapshot::Alone(_) => Kind::Alone,
            NotASnapshot::Template(_) => Kind::Wrong,
            _ => Kind::Other,
        };
        self.add(kind, |all| {
            let place = match item.is_root() {
                true => document.line.map(LineColumn::line_start),
                false => document.places(&[item]).first().map(|place| all.lines().region(place).start()),
            };
            Problem { place, ..Problem::of_file(all.name, why.to_string()) }
        });
    }

    /// Whether it is called YAML, and is no template that is read.
    fn is_other_yaml(&self) -> bool {
        let is_yaml = Path::new(self.name)
            .extension()
            .is_some_and(|ending| YAML_ENDINGS.iter().any(|yaml| ending.eq_ignore_ascii_case(yaml)));
        // What is empty, no text at all, or JSON by its first sign is told what is wrong with that.
        let start = self.text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']);
        is_yaml && self.documents == 0 && start.starts_with(|c: char| !"{[\u{1A}".contains(c))
    }

    fn lines(&self) -> &LineIndex<'t> {
        self.lines.get_or_init(|| LineIndex::new(self.text))
    }

    /// What reading gave. A text that is no JSON at all, and one without a snapshot that nobody named, is
    /// one problem or none, however many parts it has.
    fn read<T>(mut self, made: Vec<T>, named: bool) -> Read<T> {
        let first_of =
            |kind| self.told.iter().find(|(of, _)| *of == kind).map(|(_, problem)| problem.clone());
        let (not_json, other) = (first_of(Kind::NotJson), first_of(Kind::Other));
        let has_snapshots = self.snapshots > 0
            || [Kind::Repeated, Kind::Wrong].into_iter().any(|kind| first_of(kind).is_some());
        let foreign = if has_snapshots { None } else { recognise(self.name, self.text) };
        if let Some(kind) = foreign {
            let why = kind.sentence();
            let errors = if named { vec![Problem::of_file(self.name, &why)] } else { Vec::new() };
            let skipped = (!named).then_some(Skipped { why, foreign, is_template: false });
            return Read { made, errors, skipped, ..Read::default() };
        }
        if let (Some(problem), true) = (&not_json, self.documents == 0 || !named && !has_snapshots) {
            let problem =
                if self.is_other_yaml() { Problem::of_file(self.name, NO_TEMPLATE) } else { problem.clone() };
            return Read { made, ..Read::failed(problem) };
        }
        if let (Some(problem), false, false) = (other, named, has_snapshots) {
            let skipped = Some(Skipped { why: problem.message, foreign: None, is_template: false });
            return Read { made, skipped, ..Read::default() };
        }
        let more = self.all - self.told.len();
        let (alone, told): (Vec<_>, Vec<_>) = self.told.drain(..).partition(|(kind, _)| *kind == Kind::Alone);
        let [alone, mut errors] =
            [alone, told].map(|told| told.into_iter().map(|(_, problem)| problem).collect::<Vec<_>>());
        if more > 0 {
            let message = format!("{more} more parts of it are not JSON, or no snapshots");
            errors.push(Problem::of_file(self.name, message));
        }
        Read { made, errors, alone, ..Read::default() }
    }
}
