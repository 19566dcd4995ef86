//! What all templates of a stack share while they are read: files, limits, what is wrong and what is open.

use super::parameters::{GivenParameters, StackHome, StackInputs};
use super::tree::{StackFault, StackNode, read_tree};
use crate::source::iac::tree::{TreeError, split_tree_path, tree_path};
use crate::source::iac::{ConditionAssumption, FileId, OpenCondition, Place, TemplateFile};
use crate::value::Problem;
use crate::value::position::LineIndex;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// Values and functions of a stack that are evaluated at most, with those of nested ones.
const MAX_STEPS: usize = 2_000_000;
/// The longest nested template, in bytes, and how many of them are read.
const MAX_NESTED_BYTES: usize = 16 << 20;
const MAX_NESTED_FILES: usize = 200;

/// A file of the stack that was read.
#[derive(Clone)]
pub(super) struct StackFile {
    pub(super) id: FileId,
    pub(super) root: Rc<StackNode>,
}

/// What all templates of a stack share.
pub(super) struct StackLoad {
    pub(super) given: GivenParameters,
    pub(super) assumed: Option<ConditionAssumption>,
    pub(super) files: RefCell<Vec<TemplateFile>>,
    /// Parameters and conditions that are not known and decide something, in their order.
    pub(super) open: RefCell<Vec<OpenCondition>>,
    /// Bytes that must not be shown.
    pub(super) secrets: RefCell<Vec<Place>>,
    problems: RefCell<Vec<Problem>>,
    home: Option<StackHome>,
    /// Nested templates by path, and why one cannot be read.
    nested: RefCell<BTreeMap<String, Result<StackFile, String>>>,
    steps: Cell<usize>,
    calls: Cell<usize>,
    /// How many nested stacks there are.
    stacks: Cell<usize>,
}

impl StackLoad {
    pub(super) fn new(
        file: (&str, Arc<str>),
        inputs: &StackInputs,
        assumed: Option<&ConditionAssumption>,
    ) -> Rc<Self> {
        let given = GivenParameters::read(inputs);
        let of_inputs = inputs.files.iter().map(|given| template_file(&given.name, &given.text));
        Rc::new(Self {
            problems: RefCell::new(given.problems.clone()),
            given,
            assumed: assumed.cloned(),
            files: RefCell::new(std::iter::once(template_file(file.0, &file.1)).chain(of_inputs).collect()),
            open: RefCell::default(),
            secrets: RefCell::default(),
            home: inputs.home.clone(),
            nested: RefCell::default(),
            steps: Cell::new(MAX_STEPS),
            calls: Cell::new(0),
            stacks: Cell::new(0),
        })
    }

    /// Reads a file that is one of the stack's; none if it is broken, which is told.
    pub(super) fn parse(&self, id: FileId) -> Option<StackFile> {
        let (name, text) = {
            let files = self.files.borrow();
            let file = files.get(id.0 as usize)?;
            (file.name.clone(), Arc::clone(&file.text))
        };
        let told = |fault: StackFault| self.tell(Problem::at(&name, fault.place, fault.message));
        match read_tree(&text) {
            Ok(tree) => {
                tree.faults.into_iter().for_each(told);
                Some(StackFile { id, root: tree.root })
            }
            Err(fault) => {
                told(fault);
                // A broken file may hold secrets anywhere.
                let mut files = self.files.borrow_mut();
                files.get_mut(id.0 as usize)?.shown = false;
                None
            }
        }
    }

    /// The path in the tree of a template that another one names; why there is none.
    pub(super) fn nested_path(&self, from: &str, named: &str) -> Result<String, String> {
        if named.contains("://") {
            return Err("is no file here; scan that template too".to_owned());
        }
        if self.home.is_none() {
            return Err("is not read: of standard input nobody knows which files are beside it".to_owned());
        }
        let path = tree_path(split_tree_path(from).0, named);
        path.filter(|path| !path.is_empty()).ok_or_else(|| TreeError::Outside.to_string())
    }

    /// The path of the template itself.
    pub(super) fn path(&self) -> &str {
        self.home.as_ref().map_or("", |home| &home.path)
    }

    /// A nested template, read once.
    pub(super) fn nested_file(&self, path: &str) -> Result<StackFile, String> {
        if let Some(known) = self.nested.borrow().get(path) {
            return known.clone();
        }
        let read = self.read_nested(path);
        self.nested.borrow_mut().insert(path.to_owned(), read.clone());
        read
    }

    fn read_nested(&self, path: &str) -> Result<StackFile, String> {
        let Some(home) = &self.home else { return Err(TreeError::Absent.to_string()) };
        if self.nested.borrow().len() >= MAX_NESTED_FILES {
            return Err(format!("is not read: there are more than {MAX_NESTED_FILES} nested templates"));
        }
        let bytes = home.tree.read(path, MAX_NESTED_BYTES).map_err(|error| error.to_string())?;
        let text = String::from_utf8(bytes).map_err(|_| "is no UTF-8 text".to_owned())?;
        let id = {
            let mut files = self.files.borrow_mut();
            files.push(template_file(&home.tree.shown(path), &text.into()));
            FileId(u32::try_from(files.len() - 1).unwrap_or(u32::MAX))
        };
        self.parse(id).ok_or_else(|| "is broken".to_owned())
    }

    /// The text of a file of the folder of the template, if it is there.
    pub(super) fn beside(&self, name: &str) -> Option<String> {
        let home = self.home.as_ref()?;
        let path = tree_path(split_tree_path(self.path()).0, name)?;
        String::from_utf8(home.tree.read(&path, MAX_NESTED_BYTES).ok()?).ok()
    }

    /// One step less is left; whether there was one.
    pub(super) fn step(&self) -> bool {
        let left = self.steps.get().saturating_sub(1);
        self.steps.set(left);
        left > 0
    }

    /// Whether nothing more is evaluated.
    pub(super) fn is_exhausted(&self) -> bool {
        self.steps.get() == 0
    }

    /// What a call within `most` others gives; none if it is deeper than that.
    pub(super) fn call<T>(&self, most: usize, call: impl FnOnce() -> T) -> Option<T> {
        if self.calls.get() >= most {
            return None;
        }
        self.calls.set(self.calls.get() + 1);
        let given = call();
        self.calls.set(self.calls.get() - 1);
        Some(given)
    }

    /// Counts one more nested stack; whether there are so many at most.
    pub(super) fn nest(&self, most: usize) -> bool {
        self.stacks.set(self.stacks.get() + 1);
        self.stacks.get() <= most
    }

    /// Something wrong at a place.
    pub(super) fn fault(&self, place: &Place, message: impl Into<String>) {
        if let Some(problem) = self.at(place, message) {
            self.tell(problem);
        }
    }

    /// Words at the start of a place.
    pub(super) fn at(&self, place: &Place, message: impl Into<String>) -> Option<Problem> {
        let files = self.files.borrow();
        let file = files.get(place.file.0 as usize)?;
        let start = place.range().start.min(file.text.len());
        let start = LineIndex::new(&file.text).region(&(start..start)).start();
        Some(Problem::at(&file.name, start, message))
    }

    /// Takes note of a problem, once.
    pub(super) fn tell(&self, problem: Problem) {
        const MOST: usize = 100;
        let mut problems = self.problems.borrow_mut();
        if problems.len() < MOST && !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// All that is wrong.
    pub(super) fn problems(&self) -> Vec<Problem> {
        self.problems.take()
    }
}

fn template_file(name: &str, text: &Arc<str>) -> TemplateFile {
    TemplateFile { name: name.to_owned(), text: Arc::clone(text), shown: true, secrets: Vec::new() }
}
