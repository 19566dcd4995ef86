//! Puts files into the binary: all that stands in `rules/` is built in, also the frameworks, and so are the sources of modules of
//! Terraform.

use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    embed_rules()?;
    embed_frameworks()?;
    embed_modules()
}

/// Writes the list of the rules: of each its name, its text, and the same as JSON without its examples. Reading YAML is what
/// each start would spend much of its time on.
fn embed_rules() -> io::Result<()> {
    embed("rules", "built_in_rules.rs", &|name, text| {
        let end = text.find("\nexamples:").map_or(text.len(), |end| end + 1);
        let rule: serde_json::Value = serde_saphyr::from_str(&text[..end])
            .map_err(|error| io::Error::other(format!("{name}: {error}")))?;
        Ok(format!(", {:?}", rule.to_string()))
    })
}

/// Writes the list of the frameworks, each with its name and its text.
fn embed_frameworks() -> io::Result<()> {
    embed("rules/data/frameworks", "built_in_frameworks.rs", &|_, _| Ok(String::new()))
}

/// Writes the list of the YAML files of a folder: of each its name, its text, and what is made of these.
fn embed(folder: &str, list: &str, made: &dyn Fn(&str, &str) -> io::Result<String>) -> io::Result<()> {
    let mut source = String::from("&[\n");
    for (name, file) in files_of(folder, &is_yaml)? {
        let name = format!("{folder}/{name}");
        let made = made(&name, &fs::read_to_string(&file)?)?;
        writeln!(source, "    ({name:?}, include_str!({file:?}){made}),").map_err(io::Error::other)?;
    }
    source.push_str("]\n");
    fs::write(out(list)?, source)
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml")
}

/// Writes the sources of modules of Terraform, compressed, and the list of them: the name of each, where it begins, and how
/// many bytes it has when it is compressed and when it is not.
fn embed_modules() -> io::Result<()> {
    let is_source = |path: &Path| path.extension().is_some();
    let mut archive = Vec::new();
    let mut list = String::from("&[\n");
    for (name, file) in files_of("src/source/iac/terraform/registry/modules", &is_source)? {
        let text = fs::read(file)?;
        let start = archive.len();
        let mut encoder = DeflateEncoder::new(&mut archive, Compression::best());
        encoder.write_all(&text)?;
        encoder.finish()?;
        let size = archive.len() - start;
        writeln!(list, "    ({name:?}, {start}, {size}, {}),", text.len()).map_err(io::Error::other)?;
    }
    list.push_str("]\n");
    fs::write(out("registry_modules.rs")?, list)?;
    fs::write(out("registry_modules.bin")?, archive)
}

fn out(name: &str) -> io::Result<PathBuf> {
    Ok(PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?).join(name))
}

/// The files below a folder with their names, in the order of these.
fn files_of(folder: &str, is_taken: &dyn Fn(&Path) -> bool) -> io::Result<Vec<(String, PathBuf)>> {
    println!("cargo::rerun-if-changed={folder}");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join(folder);
    let mut files = Vec::new();
    collect(&root, is_taken, &mut files)?;
    let name = |file: PathBuf| {
        let name = file.strip_prefix(&root).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        Ok((name, file))
    };
    let mut files = files.into_iter().map(name).collect::<io::Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

fn collect(directory: &Path, is_taken: &dyn Fn(&Path) -> bool, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let data = path.file_name().is_some_and(|name| name == "data");
        if path.is_dir() && !data {
            collect(&path, is_taken, files)?;
        } else if is_taken(&path) {
            files.push(path);
        }
    }
    Ok(())
}
