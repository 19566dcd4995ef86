//! The modules that are built in: which versions there are, and their files as a part of a tree.

use crate::source::iac::tree::{TemplateTree, TreeError, split_tree_path};
use flate2::read::DeflateDecoder;
use semver::Version;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::io::{self, Read};
use std::sync::LazyLock;

/// A file: its path, where it begins in [`ARCHIVE`], and how many bytes it has when it is compressed and when it is not.
type BundledFile = (&'static str, usize, usize, usize);

/// The files of all versions, in the order of their paths.
const FILES: &[BundledFile] = include!(concat!(env!("OUT_DIR"), "/registry_modules.rs"));
const ARCHIVE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/registry_modules.bin"));

/// Where the modules are in a tree. What is there is never shown as a file.
const FOLDER: &str = ".ekslint-registry/";

/// A module that is built in.
#[derive(Debug, Deserialize)]
pub(super) struct BundledModule {
    /// Its address in the registry.
    pub(super) module: String,
    pub(super) repository: String,
    /// In order.
    versions: Vec<BundledVersion>,
}

/// A version of a module.
#[derive(Debug, Deserialize)]
pub(super) struct BundledVersion {
    #[serde(deserialize_with = "version")]
    pub(super) version: Version,
    /// The day of its commit.
    pub(super) date: String,
}

fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Version, D::Error> {
    Version::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// All modules that are built in.
pub(super) fn modules() -> &'static [BundledModule] {
    static MODULES: LazyLock<Vec<BundledModule>> = LazyLock::new(|| {
        let table = serde_json::from_str::<Vec<BundledModule>>(include_str!("modules.json"));
        // A test reads the table.
        table.unwrap_or_default().into_iter().filter(|module| !module.versions.is_empty()).collect()
    });
    &MODULES
}

/// A module whose sources are not built in, but of which is known what it makes.
#[derive(Debug, Deserialize)]
pub(super) struct OtherModule {
    /// Its address in the registry, if it has one.
    pub(super) module: Option<String>,
    pub(super) repository: String,
    /// The types of its resources.
    pub(super) kinds: Vec<String>,
}

/// All modules of which only that is known.
pub(super) fn others() -> &'static [OtherModule] {
    static OTHERS: LazyLock<Vec<OtherModule>> = LazyLock::new(|| {
        // A test reads the table.
        serde_json::from_str(include_str!("others.json")).unwrap_or_default()
    });
    &OTHERS
}

impl BundledModule {
    /// What people call it: its address without the provider.
    pub(super) fn title(&self) -> &str {
        self.module.strip_suffix("/aws").unwrap_or(&self.module)
    }

    pub(super) fn versions(&self) -> impl DoubleEndedIterator<Item = &BundledVersion> {
        self.versions.iter()
    }

    pub(super) fn newest(&self) -> &BundledVersion {
        &self.versions[self.versions.len() - 1]
    }
}

impl BundledVersion {
    /// What to call the module in this version.
    pub(super) fn title(&self, module: &BundledModule) -> String {
        format!("{} {}", module.title(), self.version)
    }

    /// Major and minor.
    pub(super) fn short(&self) -> String {
        format!("{}.{}", self.version.major, self.version.minor)
    }

    /// The first version of the next major one.
    pub(super) fn next_major(&self) -> Version {
        Version::new(self.version.major + 1, 0, 0)
    }
}

/// The folder of a module in a tree.
pub(super) fn folder_of(module: &BundledModule, version: &BundledVersion, submodule: &str) -> String {
    let folder = format!("{FOLDER}{}/{}", module.title(), version.version);
    if submodule.is_empty() { folder } else { format!("{folder}/{submodule}") }
}

/// Whether there are files in a folder of a tree that are built in.
pub(super) fn has_files(folder: &str) -> bool {
    !names_in(folder.strip_prefix(FOLDER).unwrap_or(folder)).is_empty()
}

/// The version of a module that a path of a tree lies in.
pub(super) fn version_at(path: &str) -> Option<(&'static BundledModule, &'static BundledVersion)> {
    let path = path.strip_prefix(FOLDER)?;
    let below =
        |module: &&BundledModule| path.strip_prefix(module.title()).is_some_and(|rest| rest.starts_with('/'));
    let module = modules().iter().find(below)?;
    let version = path[module.title().len() + 1..].split('/').next()?;
    let version = Version::parse(version).ok()?;
    Some((module, module.versions().find(|known| known.version == version)?))
}

/// The number of a file by its path in a tree, if it is built in.
pub(in super::super) fn bundled_number(path: &str) -> Option<usize> {
    let path = path.strip_prefix(FOLDER)?;
    FILES.binary_search_by(|(known, ..)| (*known).cmp(path)).ok()
}

/// The paths in a tree of all files that are built in, in the order of their numbers.
pub(in super::super) fn bundled_paths() -> impl Iterator<Item = String> {
    FILES.iter().map(|(path, ..)| format!("{FOLDER}{path}"))
}

/// A tree with nothing else in it than the modules that are built in.
#[derive(Debug)]
pub(in super::super) struct NoTree;

impl TemplateTree for NoTree {
    fn list(&self, _: &str) -> Result<Vec<String>, TreeError> {
        Err(TreeError::Absent)
    }

    fn below(&self, _: &str, _: usize) -> Result<Vec<String>, TreeError> {
        Err(TreeError::Absent)
    }

    fn read(&self, _: &str, _: usize) -> Result<Vec<u8>, TreeError> {
        Err(TreeError::Absent)
    }

    fn shown(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// The names of the files in a folder below [`FOLDER`].
fn names_in(folder: &str) -> Vec<&'static str> {
    paths_below(folder).filter(|name| !name.contains('/')).collect()
}

/// The paths of the files below a folder below [`FOLDER`], from that folder.
fn paths_below(folder: &str) -> impl Iterator<Item = &'static str> {
    let below = format!("{}/", folder.trim_end_matches('/'));
    let start = FILES.partition_point(|(path, ..)| *path < below.as_str());
    FILES[start..].iter().map_while(move |(path, ..)| path.strip_prefix(below.as_str()))
}

/// A tree in which the modules that are built in are, too.
pub(in super::super) struct BundleTree<'t> {
    around: &'t dyn TemplateTree,
}

impl<'t> BundleTree<'t> {
    /// The modules in a tree.
    pub(in super::super) fn new(around: &'t dyn TemplateTree) -> Self {
        Self { around }
    }
}

impl TemplateTree for BundleTree<'_> {
    fn list(&self, folder: &str) -> Result<Vec<String>, TreeError> {
        let Some(bundled) = folder.strip_prefix(FOLDER) else { return self.around.list(folder) };
        match names_in(bundled) {
            names if names.is_empty() => Err(TreeError::Absent),
            names => Ok(names.into_iter().map(str::to_owned).collect()),
        }
    }

    fn below(&self, folder: &str, most: usize) -> Result<Vec<String>, TreeError> {
        let Some(bundled) = folder.strip_prefix(FOLDER) else { return self.around.below(folder, most) };
        match paths_below(bundled).map(str::to_owned).collect::<Vec<_>>() {
            paths if paths.is_empty() => Err(TreeError::Absent),
            paths if paths.len() > most => Err(TreeError::TooMany(most)),
            paths => Ok(paths),
        }
    }

    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, TreeError> {
        let Some(bundled) = path.strip_prefix(FOLDER) else { return self.around.read(path, limit) };
        let found =
            FILES.binary_search_by(|(known, ..)| (*known).cmp(bundled)).map_err(|_| TreeError::Absent)?;
        match FILES[found] {
            (.., size) if size > limit => Err(TreeError::TooLong(limit)),
            file => unpacked(file).map_err(|error| TreeError::Other(error.to_string())),
        }
    }

    fn shown(&self, path: &str) -> String {
        match version_at(path) {
            Some((module, version)) => format!("{}, {}", version.title(module), split_tree_path(path).1),
            None => self.around.shown(path),
        }
    }

    fn known_as(&self, path: &str) -> String {
        match version_at(path) {
            Some(_) => self.shown(path),
            None => self.around.known_as(path),
        }
    }
}

fn unpacked((_, start, packed, size): BundledFile) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(size);
    DeflateDecoder::new(&ARCHIVE[start..start + packed]).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
pub(super) fn files() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    FILES.iter().map(|file| (file.0, unpacked(*file).expect("a compressed file")))
}
