//! Reads a text as documents, and each document as snapshots.

use crate::snapshot::Snapshot;
use crate::source::Document;
use crate::value::position::LineColumn;
use crate::value::{Json, Problem};
use bumpalo::Bump;

/// A document of a text that was read as snapshots.
#[derive(Debug)]
pub struct Opened<'d> {
    /// The document.
    pub document: Document<'d>,
    /// Its tree.
    pub root: Json<'d>,
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
    /// Why it was passed over, if it was not named and is no snapshot.
    pub skipped: Option<String>,
}

/// Reads a text and makes something of each of its documents. What is wrong with one document does
/// not lose the others.
pub fn read_each<T>(
    name: &str,
    text: &str,
    named: bool,
    arena: &mut Bump,
    mut make: impl for<'d> FnMut(&'d Opened<'d>, &'d Bump) -> Vec<T>,
) -> Read<T> {
    let mut read = Read { made: Vec::new(), errors: Vec::new(), skipped: None };
    for document in Document::split(text) {
        match document.parse(arena) {
            Err(not_json) => read.errors.push(not_json.in_file(name)),
            Ok(root) => match Snapshot::read(root, arena) {
                Ok(snapshots) => read.made.extend(make(&Opened { document, root, snapshots }, arena)),
                Err(problem) if named || document.line.is_some() => {
                    let place = document.line.map(LineColumn::line_start);
                    read.errors.push(Problem { place, ..Problem::of_file(name, problem.to_string()) });
                }
                Err(problem) => read.skipped = Some(problem.to_string()),
            },
        }
        // What one document took is free for the next.
        arena.reset();
    }
    read
}
