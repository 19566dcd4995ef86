//! The files of modules that are built in: their ids, their names and their texts.

use super::limits::MAX_FILE_BYTES;
use crate::source::iac::FileId;
use crate::source::iac::terraform::registry::{BundleTree, NoTree, bundled_number, bundled_paths};
use crate::source::iac::tree::TemplateTree;
use std::sync::LazyLock;

/// The ids of files that are built in begin here, after those of all files that a root may have.
const FIRST_ID: u32 = 1 << 31;

/// Whether a file is built in.
pub(super) fn is_bundled(file: FileId) -> bool {
    file.0 >= FIRST_ID
}

/// What to call a file that is built in. Every value of such a module may be asked for it.
pub(super) fn bundled_name(file: FileId) -> Option<&'static str> {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let tree = BundleTree::new(&NoTree);
        bundled_paths().map(|path| tree.shown(&path)).collect()
    });
    NAMES.get(number(file)?).map(String::as_str)
}

/// What is in a file that is built in.
pub(super) fn bundled_text(file: FileId) -> Option<String> {
    let path = bundled_paths().nth(number(file)?)?;
    String::from_utf8(BundleTree::new(&NoTree).read(&path, MAX_FILE_BYTES).ok()?).ok()
}

fn number(file: FileId) -> Option<usize> {
    usize::try_from(file.0.checked_sub(FIRST_ID)?).ok()
}

/// The id of a file that is built in, by its path.
pub(super) fn bundled_file_id(path: &str) -> Option<FileId> {
    let number = u32::try_from(bundled_number(path)?).ok()?;
    Some(FileId(FIRST_ID + number))
}
