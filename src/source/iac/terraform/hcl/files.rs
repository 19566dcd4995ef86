//! The files of modules: which there are, and what is in them.

use super::bundled_files::{bundled_name, bundled_text};
use super::limits::{MAX_FILE_BYTES, MAX_FILES, MAX_ROOT_BYTES};
use super::parse::{BrokenPart, parse_file};
use super::syntax::{HclBody, NameTable};
use crate::source::iac::tree::{TemplateTree, tree_path};
use crate::source::iac::{FileId, MissingPart, Place, TemplateFile, TemplateValue, ValueKind};
use crate::value::Problem;
use crate::value::position::LineIndex;
use std::sync::Arc;

/// The files that were read.
#[derive(Debug, Default)]
pub(super) struct FileTable {
    files: Vec<TemplateFile>,
    bytes: usize,
    names: NameTable,
}

/// What is in the files of a folder.
#[derive(Debug, Default)]
pub(super) struct FolderFiles {
    pub(super) bodies: Vec<HclBody>,
    /// Those of override files.
    pub(super) overrides: Vec<HclBody>,
    /// The file of each of the bodies.
    pub(super) ids: Vec<FileId>,
    pub(super) missing: Vec<MissingPart>,
    pub(super) problems: Vec<Problem>,
}

/// Whether a file belongs to a module, by its name. Editors leave files behind that do not.
pub(super) fn is_module_file(name: &str) -> bool {
    let is_kept = !name.starts_with(['.', '#']) && !name.ends_with('~');
    is_kept && stem(name).is_some()
}

/// The name of a file of a module without what says its form.
fn stem(name: &str) -> Option<&str> {
    let endings = [".tofu.json", ".tf.json", ".tofu", ".tf"];
    endings.iter().find_map(|ending| name.strip_suffix(ending)).filter(|stem| !stem.is_empty())
}

pub(super) fn is_override(name: &str) -> bool {
    stem(name).is_some_and(|stem| stem == "override" || stem.ends_with("_override"))
}

/// Of the files of a folder those that OpenTofu reads: `a.tofu` stands for `a.tf`.
pub(super) fn chosen(mut names: Vec<String>) -> Vec<String> {
    let replaced: Vec<String> =
        names.iter().filter(|name| name.contains(".tofu")).map(|name| name.replace(".tofu", ".tf")).collect();
    names.retain(|name| is_module_file(name) && !replaced.contains(name));
    names
}

impl FileTable {
    /// The names that are stored once.
    pub(super) fn names(&mut self) -> &mut NameTable {
        &mut self.names
    }

    /// The files that are in it.
    pub(super) fn all(&self) -> &[TemplateFile] {
        &self.files
    }

    /// The start of the first file, for what belongs to none.
    pub(super) fn first_place(&self) -> Place {
        Place::new(FileId(0), 0..0)
    }

    /// A table with the same files.
    pub(super) fn copy(&self) -> Self {
        Self { files: self.files.clone(), bytes: self.bytes, names: NameTable::default() }
    }

    /// What to call a file.
    pub(super) fn name(&self, id: FileId) -> &str {
        match self.files.get(id.0 as usize) {
            Some(file) => &file.name,
            None => bundled_name(id).unwrap_or_default(),
        }
    }

    /// Something that is wrong at a place.
    pub(super) fn problem(&self, place: &Place, message: String) -> Problem {
        let name = self.name(place.file);
        let start = |text: &str| LineIndex::new(text).region(&place.range()).start();
        let known = self.files.get(place.file.0 as usize).map(|file| start(&file.text));
        match known.or_else(|| bundled_text(place.file).map(|text| start(&text))) {
            Some(start) => Problem::at(name, start, message),
            None => Problem::of_file(name, message),
        }
    }

    /// Takes a file in. A byte order mark is no part of its text.
    pub(super) fn add(&mut self, name: String, text: &str) -> (FileId, Arc<str>) {
        let text: Arc<str> = text.strip_prefix('\u{feff}').unwrap_or(text).into();
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.bytes += text.len();
        self.files.push(TemplateFile { name, text: text.clone(), shown: true, secrets: Vec::new() });
        (id, text)
    }

    /// Reads a file into the table.
    pub(super) fn read(&mut self, tree: &dyn TemplateTree, path: &str) -> Result<(FileId, Arc<str>), String> {
        if self.files.len() >= MAX_FILES {
            return Err(format!("is not read: the module has more than {MAX_FILES} files"));
        }
        if self.bytes >= MAX_ROOT_BYTES {
            return Err(format!(
                "is not read: the files of the module have more than {MAX_ROOT_BYTES} bytes"
            ));
        }
        let bytes = tree.read(path, MAX_FILE_BYTES).map_err(|error| error.to_string())?;
        let text = String::from_utf8(bytes).map_err(|error| {
            format!("is not UTF-8 from byte {}; save it as UTF-8", error.utf8_error().valid_up_to())
        })?;
        Ok(self.add(tree.shown(path), &text))
    }

    /// Reads all files of a module.
    pub(super) fn module(&mut self, tree: &dyn TemplateTree, folder: &str) -> Result<FolderFiles, String> {
        let names = tree.list(folder).map_err(|error| format!("{} {error}", tree.shown(folder)))?;
        Ok(self.folder(tree, folder, names))
    }

    /// Reads these files of a folder.
    pub(super) fn folder(
        &mut self,
        tree: &dyn TemplateTree,
        folder: &str,
        names: Vec<String>,
    ) -> FolderFiles {
        let mut found = FolderFiles::default();
        for name in chosen(names) {
            let Some(path) = tree_path(folder, &name) else { continue };
            match self.read(tree, &path) {
                Ok((id, text)) => self.parse(&name, id, &text, &mut found),
                Err(why) => self.unread(tree.shown(&path), &why, &mut found),
            }
        }
        found
    }

    fn unread(&mut self, name: String, why: &str, found: &mut FolderFiles) {
        found.problems.push(Problem::of_file(name.clone(), why));
        let reason = format!("{name} {why}");
        let (id, _) = self.add(name.clone(), "");
        found.missing.push(MissingPart {
            kinds: Vec::new(),
            address: name.into(),
            reason,
            place: Place::new(id, 0..0),
        });
    }

    fn parse(&mut self, name: &str, id: FileId, text: &str, found: &mut FolderFiles) {
        let parsed = parse_file(name, text, id, &mut self.names);
        for part in &parsed.broken {
            self.broken(id, part, found);
        }
        if is_override(name) {
            found.overrides.push(parsed.body);
        } else {
            found.bodies.push(parsed.body);
            found.ids.push(id);
        }
    }

    fn broken(&self, id: FileId, part: &BrokenPart, found: &mut FolderFiles) {
        let at = Place::new(id, part.at..part.at);
        let problem =
            self.problem(&at, format!("this is no HCL, and its block is not evaluated: {}", part.message));
        let words: Vec<&str> = part.words.iter().map(String::as_str).collect();
        let (kinds, address) = match words.as_slice() {
            ["resource", kind, name, ..] => (vec![Arc::from(*kind)], format!("{kind}.{name}")),
            ["module", name, ..] => (Vec::new(), format!("module.{name}")),
            [
                "data" | "variable" | "locals" | "output" | "provider" | "terraform" | "moved" | "import"
                | "removed" | "check",
                ..,
            ] => {
                found.problems.push(problem);
                return;
            }
            _ => (Vec::new(), self.name(id).to_owned()),
        };
        let reason = format!("{address} could not be read: {problem}");
        let place = Place::new(id, part.range.clone());
        found.missing.push(MissingPart { kinds, address: address.into(), reason, place });
        found.problems.push(problem);
    }

    /// Marks where a value is written as something not to show.
    pub(super) fn hide(&mut self, value: &TemplateValue) {
        match &value.kind {
            ValueKind::List(items) => items.iter().for_each(|item| self.hide(item)),
            ValueKind::Map(fields) => fields.values().for_each(|field| self.hide(field)),
            _ => {
                let Some(place) = &value.place else { return };
                let Some(file) = self.files.get_mut(place.file.0 as usize) else { return };
                if !file.secrets.contains(&place.range()) {
                    file.secrets.push(place.range());
                    file.secrets.sort_by_key(|range| range.start);
                }
            }
        }
    }
}

/// The path of a folder from another one, both in the same tree, as `path.module` has it.
pub(super) fn relative(from: &str, to: &str) -> String {
    let parts = |path: &str| -> Vec<String> {
        path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let (from, to) = (parts(from), parts(to));
    let common = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let ups = from[common..].iter().map(|_| "..".to_owned());
    let path: Vec<String> = ups.chain(to[common..].iter().cloned()).collect();
    if path.is_empty() { ".".to_owned() } else { path.join("/") }
}

#[cfg(test)]
mod tests {
    use super::{chosen, is_override, relative};

    #[test]
    fn files_of_modules_are_told_by_their_names() {
        let names =
            ["a.tf", "a.tofu", "b.tf.json", "c.txt", ".d.tf", "e.tf~", "x_override.tf"].map(str::to_owned);
        assert_eq!(chosen(names.to_vec()), ["a.tofu", "b.tf.json", "x_override.tf"]);
        assert!(is_override("override.tf.json") && is_override("x_override.tofu") && !is_override("a.tf"));
    }

    #[test]
    fn folders_are_relative_to_the_root() {
        assert_eq!(relative("envs/prod", "modules/eks"), "../../modules/eks");
        assert_eq!(relative("", "modules/eks"), "modules/eks");
        assert_eq!(relative("a", "a"), ".");
    }
}
