//! The modules of `src`: what each names, hands on, and declares.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// The path of a module or of an item from the root of the crate: `facts`, `network`, `Vpc`.
pub(super) type ModulePath = Vec<String>;

/// All modules that are a file, but for the crate's own.
pub(super) struct Source {
    modules: BTreeMap<ModulePath, Module>,
}

/// A file, without its tests.
pub(super) struct Module {
    /// Where it is, below `src`.
    pub(super) file: String,
    /// Its text, with its tests.
    pub(super) text: String,
    /// Structs, enums, traits and aliases that it declares.
    pub(super) types: Vec<String>,
    /// Every path in it, as it is written.
    paths: Vec<ModulePath>,
    /// The names that it imports, with their paths.
    imports: BTreeMap<String, ModulePath>,
    /// Those that others may import from it.
    exports: BTreeMap<String, ModulePath>,
}

impl Source {
    /// Reads all files below a folder.
    pub(super) fn read(folder: &Path) -> Self {
        let mut files = Vec::new();
        collect(folder, &mut files);
        let mut modules = BTreeMap::new();
        for file in files {
            let relative = file.strip_prefix(folder).expect("below the folder");
            let name = |part: &OsStr| part.to_str().expect("UTF-8").to_owned();
            let mut path: ModulePath = relative.with_extension("").iter().map(name).collect();
            if path.last().is_some_and(|last| last == "mod") {
                path.pop();
            }
            if !["lib", "main"].contains(&path.join("/").as_str()) {
                let text = fs::read_to_string(&file).expect("UTF-8");
                modules.insert(path, Module::read(relative.display().to_string(), text));
            }
        }
        Self { modules }
    }

    /// All modules by path.
    pub(super) fn all(&self) -> impl Iterator<Item = (&ModulePath, &Module)> {
        self.modules.iter()
    }

    /// Those that are no tests.
    pub(super) fn code(&self) -> impl Iterator<Item = (&ModulePath, &Module)> {
        self.modules.iter().filter(|(path, _)| path.last().is_some_and(|last| last != "tests"))
    }

    /// The other modules that a module names. A re-export leads to where the item is.
    pub(super) fn named_by(&self, path: &ModulePath) -> BTreeSet<&ModulePath> {
        let module = &self.modules[path];
        let named = module.paths.iter().chain(module.imports.values());
        let found = named.filter_map(|name| self.module_of(self.absolute(path, name, 0)?, 0));
        found.filter(|other| *other != path).collect()
    }

    /// A path from the root of the crate; none for what is no module of ours.
    fn absolute(&self, module: &ModulePath, path: &[String], depth: usize) -> Option<ModulePath> {
        let (first, rest) = path.split_first()?;
        let ups = path.iter().take_while(|part| *part == "super").count();
        if first == "crate" {
            Some(rest.to_vec())
        } else if first == "self" {
            Some([module, rest].concat())
        } else if ups > 0 {
            Some([&module[..module.len().checked_sub(ups)?], &path[ups..]].concat())
        } else if self.modules.contains_key(&[&module[..], &path[..1]].concat()) {
            Some([module, path].concat())
        } else {
            let import = self.modules[module].imports.get(first).filter(|import| import[0] != *first)?;
            let import = (depth < 8).then(|| self.absolute(module, import, depth + 1))??;
            Some([&import, rest].concat())
        }
    }

    /// The module that an absolute path leads into.
    fn module_of(&self, path: ModulePath, depth: usize) -> Option<&ModulePath> {
        let length = (1..=path.len()).rev().find(|length| self.modules.contains_key(&path[..*length]))?;
        let (found, module) = self.modules.get_key_value(&path[..length])?;
        let export = path.get(length).and_then(|name| module.exports.get(name)).filter(|_| depth < 8);
        let further = export.and_then(|export| self.absolute(found, export, 0));
        further.filter(|further| *further != path).map_or(Some(found), |further| {
            self.module_of([&further[..], &path[length + 1..]].concat(), depth + 1)
        })
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

impl Module {
    fn read(file: String, text: String) -> Self {
        let tokens: TokenStream = text.parse().expect("Rust");
        let mut module = Self {
            file,
            text,
            types: Vec::new(),
            paths: Vec::new(),
            imports: BTreeMap::new(),
            exports: BTreeMap::new(),
        };
        module.walk(tokens, false);
        module
    }

    /// Reads tokens and what is in their brackets. In an `impl` or a trait, `type` declares no type of its own.
    fn walk(&mut self, tokens: TokenStream, is_in_impl: bool) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut is_impl = is_in_impl;
        let mut at = 0;
        while at < tokens.len() {
            let next = tokens.get(at + 1).and_then(word);
            match (word(&tokens[at]).as_deref(), next) {
                (Some("mod"), Some(name)) if name == "tests" => at += 3,
                (Some("use"), Some(_)) => at = self.import(&tokens, at),
                (Some(kind @ ("struct" | "enum" | "trait" | "type")), Some(name)) => {
                    if !(is_impl && kind == "type") {
                        self.types.push(name);
                    }
                    is_impl |= kind == "trait";
                    at += 2;
                }
                (Some(_), _) if is_separator(&tokens, at + 1) => {
                    let (path, end) = path(&tokens, at);
                    self.paths.push(path);
                    at = end;
                }
                (Some("impl"), _) => {
                    is_impl = true;
                    at += 1;
                }
                _ => {
                    if let TokenTree::Group(group) = &tokens[at] {
                        self.walk(group.stream(), is_impl);
                        if group.delimiter() == Delimiter::Brace {
                            is_impl = is_in_impl;
                        }
                    }
                    at += 1;
                }
            }
        }
    }

    /// Reads a `use`; gives where it ends.
    fn import(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let is_end = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';');
        let end = at + tokens[at..].iter().position(is_end).expect("a `use` ends");
        let before = at.checked_sub(1).map(|before| &tokens[before]);
        let is_restricted = matches!(before, Some(TokenTree::Group(_)));
        let public = at.checked_sub(if is_restricted { 2 } else { 1 }).and_then(|at| word(&tokens[at]));
        let is_public = public.is_some_and(|word| word == "pub");
        for (name, path) in leaves(&tokens[at + 1..end], &[]) {
            if is_public {
                self.exports.insert(name.clone(), path.clone());
            }
            self.imports.insert(name, path);
        }
        end
    }
}

/// What a tree of imports brings: names with their paths.
fn leaves(tree: &[TokenTree], above: &[String]) -> Vec<(String, ModulePath)> {
    let (path, end) = path(tree, 0);
    let mut path = [above, &path].concat();
    if let Some(TokenTree::Group(group)) = tree.get(end) {
        let inside: Vec<_> = group.stream().into_iter().collect();
        let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
        return inside.split(is_comma).flat_map(|tree| leaves(tree, &path)).collect();
    }
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let renamed = tree.get(end).and_then(word).filter(|word| word == "as");
    let name = renamed.and_then(|_| tree.get(end + 1).and_then(word)).or_else(|| path.last().cloned());
    name.map(|name| (name, path)).into_iter().collect()
}

/// The words that `::` joins, and where they end.
fn path(tokens: &[TokenTree], start: usize) -> (ModulePath, usize) {
    let mut path = Vec::new();
    let mut at = start;
    while let Some(word) = tokens.get(at).and_then(word) {
        path.push(word);
        if !is_separator(tokens, at + 1) {
            return (path, at + 1);
        }
        at += 3;
    }
    (path, at)
}

fn word(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    }
}

fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon =
        |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    is_colon(at) && is_colon(at + 1)
}
