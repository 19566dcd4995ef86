//! Where the files of a template are read from: a folder that nothing leaves, on the disk or elsewhere.

use rustc_hash::FxHashMap;
use std::fmt;
use std::fs::{self, DirEntry, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Folders and files below one folder, which nothing leaves. Paths are relative to it, with `/`; the folder itself is the
/// empty text.
pub trait TemplateTree: Send + Sync {
    /// The names of the files in a folder, in order. Folders are not among them.
    ///
    /// # Errors
    ///
    /// It is not there, lies outside, or cannot be read.
    fn list(&self, folder: &str) -> Result<Vec<String>, TreeError>;

    /// The paths of the files below a folder, from that folder, in order: so many at most. Links to folders are not followed.
    ///
    /// # Errors
    ///
    /// It is not there, lies outside, has more files or folders than that, or cannot be read.
    fn below(&self, folder: &str, most: usize) -> Result<Vec<String>, TreeError>;

    /// The bytes of a file.
    ///
    /// # Errors
    ///
    /// It is not there, lies outside, is longer than the limit, or cannot be read.
    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, TreeError>;

    /// What people call a path.
    fn shown(&self, path: &str) -> String;

    /// What a path is called wherever a scan starts, as far as that can be known.
    fn known_as(&self, path: &str) -> String {
        self.shown(path)
    }
}

/// Why something could not be read from a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TreeError {
    /// It is not there.
    Absent,
    /// It lies outside of the folder that nothing leaves.
    Outside,
    /// It is longer than this many bytes.
    TooLong(usize),
    /// It has more than this many files and folders.
    TooMany(usize),
    /// Anything else, in words.
    Other(String),
}

impl fmt::Display for TreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("is not there"),
            Self::Outside => f.write_str("lies outside of the repository, and is not read"),
            Self::TooLong(limit) => write!(f, "is longer than {limit} bytes, and is not read"),
            Self::TooMany(most) => write!(f, "has more than {most} files and folders, and is not read"),
            Self::Other(why) => write!(f, "cannot be read: {why}"),
        }
    }
}

/// A path in a tree from a folder in it and a path relative to that folder; none if it leaves the tree.
pub fn tree_path(folder: &str, relative: &str) -> Option<String> {
    let is_rooted = relative.starts_with('/') || relative.contains(':') || relative.contains('\0');
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    (!is_rooted).then(|| parts.join("/"))
}

/// The folder of a path in a tree, and the name in it.
pub fn split_tree_path(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// A tree on the disk.
#[derive(Debug)]
pub struct DiskTree {
    root: PathBuf,
    base: Option<PathBuf>,
    /// Whether its root is the same wherever a scan starts.
    is_fixed: bool,
    /// Where folders really are: many files are in each, and to follow the links on the way costs more than to read most of them.
    folders: Mutex<FxHashMap<PathBuf, PathBuf>>,
}

impl DiskTree {
    /// The tree of a folder. Paths are shown relative to `base`, where they lie below it; as they are else.
    ///
    /// # Errors
    ///
    /// The folder is not there.
    pub fn new(root: &Path, base: Option<&Path>) -> io::Result<Self> {
        let base = base.and_then(|base| base.canonicalize().ok());
        Ok(Self { root: root.canonicalize()?, base, is_fixed: false, folders: Mutex::default() })
    }

    /// The same, if its root is the same wherever a scan starts: a Git work tree.
    #[must_use]
    pub fn fixed(self, is_fixed: bool) -> Self {
        Self { is_fixed, ..self }
    }

    /// The path in the tree of a path on the disk, if it is in the tree.
    pub fn path_of(&self, path: &Path) -> Option<String> {
        let (path, _) = self.followed(path).ok()?;
        let parts = path.strip_prefix(&self.root).ok()?.iter();
        let parts: Option<Vec<_>> = parts.map(|part| part.to_str()).collect();
        Some(parts?.join("/"))
    }

    /// Where a path of the tree really is, and what is there: links are followed, but none that leaves the tree.
    fn real(&self, path: &str) -> Result<(PathBuf, Metadata), TreeError> {
        let path = tree_path("", path).ok_or(TreeError::Outside)?;
        let (real, metadata) = self.followed(&self.root.join(path)).map_err(|error| failure(&error))?;
        if real.starts_with(&self.root) { Ok((real, metadata)) } else { Err(TreeError::Outside) }
    }

    /// A path without links in it, and what is there.
    fn followed(&self, path: &Path) -> io::Result<(PathBuf, Metadata)> {
        if let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
            let real = self.folder(folder)?.join(name);
            let metadata = fs::symlink_metadata(&real)?;
            if !metadata.is_symlink() {
                return Ok((real, metadata));
            }
        }
        let real = path.canonicalize()?;
        let metadata = fs::symlink_metadata(&real)?;
        Ok((real, metadata))
    }

    /// A folder without links on the way to it: found once.
    fn folder(&self, folder: &Path) -> io::Result<PathBuf> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let known = |folders: &FxHashMap<PathBuf, PathBuf>| folders.get(folder).cloned();
        if let Some(known) = known(&self.folders.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(known);
        }
        let real = folder.canonicalize()?;
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        folders.insert(folder.to_owned(), real.clone());
        Ok(real)
    }
}

impl TemplateTree for DiskTree {
    fn list(&self, folder: &str) -> Result<Vec<String>, TreeError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.real(folder)?.0).map_err(|error| failure(&error))? {
            let entry = entry.map_err(|error| failure(&error))?;
            names.extend(entry.file_name().into_string().ok().filter(|_| is_file(&entry)));
        }
        names.sort();
        Ok(names)
    }

    fn below(&self, folder: &str, most: usize) -> Result<Vec<String>, TreeError> {
        let (mut found, mut seen) = (Vec::new(), 0);
        let mut next = vec![(self.real(folder)?.0, String::new())];
        while let Some((folder, prefix)) = next.pop() {
            for entry in fs::read_dir(folder).map_err(|error| failure(&error))? {
                let entry = entry.map_err(|error| failure(&error))?;
                seen += 1;
                if seen > most {
                    return Err(TreeError::TooMany(most));
                }
                let Ok(name) = entry.file_name().into_string() else { continue };
                let path = format!("{prefix}{name}");
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => next.push((entry.path(), format!("{path}/"))),
                    _ if is_file(&entry) => found.push(path),
                    _ => {}
                }
            }
        }
        found.sort();
        Ok(found)
    }

    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, TreeError> {
        let (real, metadata) = self.real(path)?;
        if !metadata.is_file() {
            return Err(TreeError::Other("it is no regular file".into()));
        }
        let file = File::open(&real).map_err(|error| failure(&error))?;
        let past = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        // One byte more than it has, so that its end is seen when it is read.
        let expected = metadata.len().saturating_add(1).min(past);
        let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or_default());
        file.take(past).read_to_end(&mut bytes).map_err(|error| failure(&error))?;
        if bytes.len() > limit { Err(TreeError::TooLong(limit)) } else { Ok(bytes) }
    }

    fn shown(&self, path: &str) -> String {
        let full = self.root.join(path);
        let shown = self.base.as_ref().and_then(|base| full.strip_prefix(base).ok());
        shown.unwrap_or(&full).to_string_lossy().into_owned()
    }

    fn known_as(&self, path: &str) -> String {
        if self.is_fixed { path.to_owned() } else { self.shown(path) }
    }
}

/// Whether an entry of a folder is a file. A link to a file counts as one; what it leads to is checked where it is read.
fn is_file(entry: &DirEntry) -> bool {
    match entry.file_type() {
        Ok(kind) if !kind.is_symlink() => kind.is_file(),
        _ => fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_file()),
    }
}

fn failure(error: &io::Error) -> TreeError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => TreeError::Absent,
        _ => TreeError::Other(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::{DiskTree, TemplateTree, TreeError, split_tree_path, tree_path};
    use std::fs;

    #[test]
    fn paths_stay_in_the_tree() {
        assert_eq!(tree_path("envs/prod", "../../modules/./eks").as_deref(), Some("modules/eks"));
        assert_eq!(tree_path("envs", ".").as_deref(), Some("envs"));
        for outside in ["../..", "/etc/passwd", "C:/x", "a/../../.."] {
            assert_eq!(tree_path("envs", outside), None, "{outside}");
        }
        assert_eq!(split_tree_path("a/b/c.tf"), ("a/b", "c.tf"));
        assert_eq!(split_tree_path("c.tf"), ("", "c.tf"));
    }

    #[test]
    fn a_tree_on_the_disk_reads_what_is_in_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path().join("repository");
        fs::create_dir_all(root.join("a/inner")).expect("a folder");
        fs::write(root.join("a/main.tf"), "locals {}").expect("a file");
        fs::write(dir.path().join("secret.txt"), "secret").expect("a file");
        let tree = DiskTree::new(&root, Some(&root)).expect("a tree");
        assert_eq!(tree.list("a"), Ok(vec!["main.tf".to_owned()]));
        fs::write(root.join("a/inner/x.yaml"), "").expect("a file");
        assert_eq!(tree.below("a", 3), Ok(vec!["inner/x.yaml".to_owned(), "main.tf".to_owned()]));
        assert_eq!(tree.below("a", 2), Err(TreeError::TooMany(2)));
        assert_eq!(tree.below("b", 9), Err(TreeError::Absent));
        assert_eq!(tree.below("..", 9), Err(TreeError::Outside));
        assert_eq!(tree.read("a/main.tf", 9), Ok(b"locals {}".to_vec()));
        assert_eq!(tree.read("a/main.tf", 8), Err(TreeError::TooLong(8)));
        assert_eq!(tree.read("a/none.tf", 8), Err(TreeError::Absent));
        assert_eq!(tree.read("../secret.txt", 8), Err(TreeError::Outside));
        assert!(matches!(tree.read("a", 8), Err(TreeError::Other(_))));
        assert_eq!(tree.shown("a/main.tf"), "a/main.tf");
        assert_eq!(tree.path_of(&root.join("a/main.tf")).as_deref(), Some("a/main.tf"));
        assert_eq!(tree.path_of(&dir.path().join("secret.txt")), None);
    }

    #[cfg(unix)]
    #[test]
    fn no_link_leads_out_of_the_tree() {
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path().join("repository");
        fs::create_dir_all(root.join("real")).expect("a folder");
        fs::write(root.join("real/x.tf"), "x").expect("a file");
        fs::write(dir.path().join("secret.txt"), "secret").expect("a file");
        std::os::unix::fs::symlink(dir.path().join("secret.txt"), root.join("out.tf")).expect("a link");
        std::os::unix::fs::symlink(dir.path(), root.join("up")).expect("a link");
        std::os::unix::fs::symlink(root.join("real"), root.join("in")).expect("a link");
        let tree = DiskTree::new(&root, None).expect("a tree");
        assert_eq!(tree.read("out.tf", 9), Err(TreeError::Outside));
        assert_eq!(tree.read("up/secret.txt", 9), Err(TreeError::Outside));
        assert_eq!(tree.list("up"), Err(TreeError::Outside));
        assert_eq!(tree.below("up", 9), Err(TreeError::Outside));
        assert_eq!(tree.below("", 9), Ok(vec!["out.tf".to_owned(), "real/x.tf".to_owned()]));
        assert_eq!(tree.read("in/x.tf", 9), Ok(b"x".to_vec()));
    }
}
