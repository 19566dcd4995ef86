//! Folders of files for a test to run in.

use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A temporary folder with these files: name and text.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().expect("a temporary directory");
    for (name, text) in files {
        write(dir.path(), name, text);
    }
    dir
}

/// Writes a file, and makes the folders that it is in.
pub(crate) fn write(dir: &Path, name: &str, text: &str) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(path, text).expect("a file");
}
