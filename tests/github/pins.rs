//! What pages show of workflows: zizmor finds nothing in it as it stands, and the action is pinned to one release.

use super::git::git;
use super::{VERSION, files_in, passes, read, root, text_of, zizmor};
use regex::Regex;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What stands for the hash until there is a release.
const NO_RELEASE: &str = "0000000000000000000000000000000000000000";

/// The README and the pages, with their texts.
pub(super) fn pages() -> Vec<(PathBuf, String)> {
    let pages = files_in("docs", "md").into_iter().chain([root().join("README.md")]);
    pages.map(|page| (page.clone(), read(page))).collect()
}

/// The blocks of YAML that use actions, with their page.
fn blocks() -> Vec<(PathBuf, String)> {
    let block = Regex::new(r"(?ms)^```yaml[^\n]*\n(.*?)^```$").expect("a pattern");
    let uses = Regex::new(r"(?m)^[ -]*uses: ").expect("a pattern");
    let of_page = |(page, text): (PathBuf, String)| {
        let found = block.captures_iter(&text).map(|found| found[1].to_owned());
        found.filter(|block| uses.is_match(block)).map(|block| (page.clone(), block)).collect::<Vec<_>>()
    };
    pages().into_iter().flat_map(of_page).collect()
}

/// Steps alone become a workflow that has nothing to complain about itself.
fn workflow(block: &str) -> String {
    if block.contains("\njobs:\n") {
        return block.to_owned();
    }
    assert!(block.starts_with("- "), "neither a workflow nor steps:\n{block}");
    let steps: String = block.lines().map(|line| format!("      {line}\n")).collect();
    format!(
        "name: steps\n\non: pull_request\n\npermissions: {{}}\n\nconcurrency:\n  group: ${{{{ github.ref }}}}\n  cancel-in-progress: true\n\n\
         jobs:\n  steps:\n    name: steps\n    runs-on: ubuntu-24.04\n    timeout-minutes: 10\n    steps:\n{steps}"
    )
}

#[test]
fn zizmor_finds_nothing_in_what_pages_show() {
    let directory = tempfile::tempdir().expect("a directory");
    let folder = directory.path().join(".github/workflows");
    fs::create_dir_all(&folder).expect("a directory");
    let blocks = blocks();
    let on = |name: &str| blocks.iter().filter(|(page, _)| page.ends_with(name)).count();
    assert!(on("docs/github.md") >= 3 && on("docs/diff.md") > 0 && on("README.md") > 0, "{}", blocks.len());
    for (at, (page, block)) in blocks.iter().enumerate() {
        let name = page.file_stem().expect("a name").to_string_lossy();
        fs::write(folder.join(format!("{name}-{at}.yml")), workflow(block)).expect("a file");
    }
    // As somebody runs it who has copied them: no configuration, and what auditors ask for as well.
    passes(zizmor().args(["--no-config", "--persona", "auditor"]).arg(directory.path()));
}

/// That zizmor sees what is written there, rather than an empty folder.
#[test]
fn zizmor_would_find_an_action_that_is_not_pinned() {
    let directory = tempfile::tempdir().expect("a directory");
    let folder = directory.path().join(".github/workflows");
    fs::create_dir_all(&folder).expect("a directory");
    let pinned = format!("ekslint/ekslint@{}", own_pin().0);
    let (_, block) = blocks().into_iter().find(|(_, block)| block.contains(&pinned)).expect("a block");
    let by_tag = workflow(&block).replace(&pinned, "ekslint/ekslint@v0.1.0");
    fs::write(folder.join("a.yml"), by_tag).expect("a file");
    let output = zizmor().arg("--no-config").arg(directory.path()).output().expect("zizmor runs");
    assert!(!output.status.success() && text_of(&output).contains("unpinned-uses"), "{}", text_of(&output));
}

/// The hash and the version that all pages show of the action.
fn own_pin() -> (String, String) {
    let own = Regex::new(r"ekslint/ekslint@(\S+)(?: # v(\S+))?").expect("a pattern");
    let mut pins = BTreeSet::new();
    for (page, text) in pages() {
        for found in own.captures_iter(&text) {
            let version =
                found.get(2).unwrap_or_else(|| panic!("{}: {} has no version", page.display(), &found[0]));
            pins.insert((found[1].to_owned(), version.as_str().to_owned()));
        }
    }
    let pins: Vec<_> = pins.into_iter().collect();
    let [pin] = &pins[..] else { panic!("pages show several: {pins:?}") };
    pin.clone()
}

/// The releases before this version, the newest first.
fn earlier_releases(changelog: &str) -> Vec<String> {
    let heading = Regex::new(r"(?m)^## \[([0-9]\S*)\]").expect("a pattern");
    let releases = heading.captures_iter(changelog).map(|found| found[1].to_owned());
    releases.filter(|version| version != VERSION).collect()
}

#[test]
fn pages_show_the_newest_release_or_that_there_is_none() {
    let (hash, version) = own_pin();
    assert!(hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hash}");
    let earlier = earlier_releases(&read("CHANGELOG.md"));
    if hash == NO_RELEASE {
        assert_eq!(
            (earlier.first(), version.as_str()),
            (None, VERSION),
            "run .github/release/pin.sh v{earlier:?}"
        );
    } else {
        // The pages of a release show the one before it; afterwards they show it itself.
        let fits = version == VERSION || earlier.first() == Some(&version);
        assert!(fits, "run .github/release/pin.sh: the pages show v{version}, the changelog {earlier:?}");
    }
}

#[test]
fn earlier_releases_are_read_from_the_changelog() {
    let changelog = format!("## [Unreleased]\n\n## [{VERSION}] - 2026-12-01\n\n## [0.0.2]\n\n## [0.0.1]\n");
    assert_eq!(earlier_releases(&changelog), ["0.0.2", "0.0.1"]);
}

/// The self-repository syntax of GitHub means the repository that the workflow is in, which for readers is not ekslint.
#[test]
fn what_pages_show_works_in_another_repository() {
    for (page, block) in blocks() {
        assert!(!block.contains("uses: $/") && !block.contains("uses: ./"), "{}: {block}", page.display());
    }
    let own = read(".github/workflows/live-scan.yml");
    assert!(
        own.contains("uses: $/") && own.contains("docs/github.md"),
        "the workflow says where readers find theirs"
    );
}

#[test]
fn a_release_is_pinned_in_every_page() {
    let directory = tempfile::tempdir().expect("a directory");
    let copy = |path: &Path| {
        let to = directory.path().join(path.strip_prefix(root()).expect("inside"));
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(path, to).expect("a copy");
    };
    pages().iter().for_each(|(page, _)| copy(page));
    copy(&root().join(".github/release/pin.sh"));
    let git = |arguments: &[&str]| git(directory.path(), arguments);
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "x"]);
    // An annotated tag has a hash of its own, which is no commit.
    git(&["tag", "--annotate", "--message", "x", "v9.8.7"]);
    let commit = git(&["rev-parse", "HEAD"]);
    let pin = |tag: &str| {
        let script = directory.path().join(".github/release/pin.sh");
        Command::new("bash").arg(script).arg(tag).output().expect("bash runs")
    };
    let output = pin("v9.8.7");
    assert!(output.status.success(), "{}", text_of(&output));
    let mut pinned = 0;
    for (page, text) in pages() {
        let now = directory.path().join(page.strip_prefix(root()).expect("inside"));
        let now = fs::read_to_string(now).expect("a page");
        let (hash, version) = own_pin();
        let wanted = text.replace(&format!("@{hash} # v{version}"), &format!("@{commit} # v9.8.7"));
        assert_eq!(now, wanted, "{}", page.display());
        pinned += now.matches(&commit).count();
    }
    assert!(pinned > 3, "{pinned}");
    let changed = git(&["status", "--porcelain"]);
    assert!(!changed.contains("??"), "what it left behind: {changed}");
    let unknown = pin("v1.1.1");
    assert!(
        !unknown.status.success() && text_of(&unknown).contains("git fetch --tags"),
        "{}",
        text_of(&unknown)
    );
}
