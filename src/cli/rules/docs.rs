//! `ekslint rules docs`: a page for each rule, an index of them, and what other tools call them.

use super::{RuleSources, count, print, tell};
use crate::cli::verbosity::Verbosity;
use crate::cli::{EXIT_FINDINGS, output};
use crate::report::printable;
use crate::report::rule_docs::{DocsPage, INDEX, RuleDocs, is_ours, rule_of};
use crate::rule::Rule;
use crate::source::bounded;
use crate::source::root::way;
use anyhow::{Context, bail};
use clap::Args;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The largest page that is read, in bytes.
const MAX_PAGE: u64 = 4 << 20;

/// `ekslint rules docs`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct WriteDocs {
    /// The directory to write to: a page for each rule, and README.md, the index
    #[arg(value_name = "DIR", default_value = "docs/rules")]
    dir: PathBuf,
    /// Write what other tools call the rules as well, to this file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    coming_from: Option<PathBuf>,
    /// Write nothing: exit with 1 if a page is missing, out of date, or of a rule that is gone
    #[arg(long, help_heading = "Output")]
    check: bool,
    #[command(flatten)]
    sources: RuleSources,
    #[command(flatten)]
    verbosity: Verbosity,
}

const EXAMPLES: &str = "\
A page that ekslint wrote begins with a comment that says so. A file without it
is yours and is never overwritten. No file is ever deleted: the page of a rule
that is gone is named, for you to delete.

Examples:
  ekslint rules docs
  ekslint rules docs handbook --rules my-rules --no-default-rules
  ekslint rules docs handbook --rules my-rules --no-default-rules --check";

/// A page and where it belongs.
struct Planned {
    path: PathBuf,
    text: String,
    /// What is there now.
    found: Option<String>,
}

impl WriteDocs {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let mut loaded = self.sources.load(true);
        if self.sources.no_default_rules {
            loaded.set.rules.retain(Rule::judges_clusters);
        }
        tell(&loaded, self.verbosity);
        if !loaded.errors.is_empty() {
            bail!("nothing is written while a rule does not load: it would look as if it were gone");
        }
        let docs =
            RuleDocs::new(&loaded.set, self.coming_from.as_deref().and_then(|file| way(&self.dir, file)));
        let planned = self.plan(&docs)?;
        let gone = self.gone(&planned)?;
        if self.check { self.report(&planned, &gone) } else { self.write(&planned, &gone) }
    }

    /// All pages, each with what is there now.
    fn plan(&self, docs: &RuleDocs<'_>) -> anyhow::Result<Vec<Planned>> {
        let mut pages: Vec<_> =
            docs.pages().into_iter().map(|page| (self.dir.join(&page.file), page)).collect();
        let is_index =
            |(_, page): &&(PathBuf, DocsPage)| page.file.eq_ignore_ascii_case(INDEX) && page.file != INDEX;
        if let Some((_, page)) = pages.iter().find(is_index) {
            bail!("the page of a rule cannot be {}, which is the index: rename the rule", page.file);
        }
        if let Some(file) = &self.coming_from {
            let folder = file.parent().unwrap_or(Path::new(""));
            let folder = way(folder, &self.dir).with_context(|| {
                format!("no relative path leads from {} to {}", file.display(), self.dir.display())
            })?;
            let page = DocsPage { file: file.display().to_string(), text: docs.coming_from(&folder) };
            if let Some((other, _)) =
                pages.iter().find(|(path, _)| way(path, file).is_some_and(|way| way.is_empty()))
            {
                bail!("--coming-from: {} is a page already: name another file", other.display());
            }
            pages.push((file.clone(), page));
        }
        let planned = |(path, page): (PathBuf, DocsPage)| {
            let found = found(&path)?;
            if found.as_deref().is_some_and(|text| !is_ours(text)) {
                bail!(
                    "{} was not written by `ekslint rules docs`, and is not overwritten: move it, or name another place",
                    path.display()
                );
            }
            Ok(Planned { path, text: page.text, found })
        };
        pages.into_iter().map(planned).collect()
    }

    /// Pages that ekslint wrote of rules that there are no more.
    fn gone(&self, planned: &[Planned]) -> anyhow::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", self.dir.display())),
        };
        let mut gone = Vec::new();
        for entry in entries {
            let path = entry.with_context(|| format!("cannot read {}", self.dir.display()))?.path();
            let is_page =
                path.file_name().and_then(|name| name.to_str()).is_some_and(|name| rule_of(name).is_some());
            let is_planned = planned.iter().any(|page| page.path == path);
            if is_page && !is_planned && path.is_file() && found(&path)?.is_some_and(|text| is_ours(&text)) {
                gone.push(path);
            }
        }
        gone.sort();
        Ok(gone)
    }

    /// Writes what is not as it should be.
    fn write(&self, planned: &[Planned], gone: &[PathBuf]) -> anyhow::Result<ExitCode> {
        let mut written = Vec::new();
        for page in planned.iter().filter(|page| !page.is_current()) {
            let failed = || format!("cannot write {}", page.path.display());
            if let Some(folder) = page.path.parent() {
                fs::create_dir_all(folder).with_context(failed)?;
            }
            output::write_file(&page.path, |out| out.write_all(page.text.as_bytes())).with_context(failed)?;
            written.push(page);
        }
        for path in gone {
            output::tell(&printable(&format!("note: {}: its rule is gone: delete the page", path.display())));
        }
        if !self.verbosity.quiet {
            if self.verbosity.verbose {
                print(
                    &written
                        .iter()
                        .map(|page| format!("{}\n", printable(&page.path.display().to_string())))
                        .collect::<String>(),
                )?;
            }
            let current = planned.len() - written.len();
            print(&format!(
                "{}: {} written, {current} up to date\n",
                count(planned.len(), "page"),
                written.len()
            ))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Says what is not as it should be.
    fn report(&self, planned: &[Planned], gone: &[PathBuf]) -> anyhow::Result<ExitCode> {
        let line = |path: &Path, what: &str| format!("{}: {what}\n", printable(&path.display().to_string()));
        let wrong = planned.iter().filter(|page| !page.is_current());
        let wrong =
            wrong.map(|page| line(&page.path, if page.found.is_some() { "out of date" } else { "missing" }));
        let gone = gone.iter().map(|path| line(path, "its rule is gone: delete the page"));
        let lines: Vec<_> = wrong.chain(gone).collect();
        print(&lines.concat())?;
        if lines.is_empty() {
            let all = format!("{}, all up to date\n", count(planned.len(), "page"));
            print(if self.verbosity.quiet { "" } else { &all })?;
            return Ok(ExitCode::SUCCESS);
        }
        if !self.verbosity.quiet {
            print("Without --check, `ekslint rules docs` writes what is missing or out of date.\n")?;
        }
        Ok(ExitCode::from(EXIT_FINDINGS))
    }
}

impl Planned {
    /// Whether the file is as it should be. Git may have given its lines other ends.
    fn is_current(&self) -> bool {
        self.found.as_ref().is_some_and(|found| found.replace("\r\n", "\n") == self.text)
    }
}

/// The text of a page, if there is one.
fn found(path: &Path) -> anyhow::Result<Option<String>> {
    if path.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return Ok(None);
    }
    bounded::read_text(path, MAX_PAGE).map(Some).with_context(|| format!("cannot read {}", path.display()))
}
