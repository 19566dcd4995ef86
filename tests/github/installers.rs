//! What a release is installed by besides the action: `install.sh`, Homebrew's formula, `cargo binstall`. Nothing of it goes
//! online: the releases are in a directory.

use super::{VERSION, fake, path_with, read, release, root, text_of};
use regex::Regex;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const RELEASED: &str = "7.8.9";
const LINUX: &str = "x86_64-unknown-linux-musl";

fn sum_of(file: &Path) -> String {
    let bytes = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The targets of the release workflow.
fn targets() -> Vec<String> {
    let workflow = read(".github/workflows/release.yml");
    let target = |line: &str| line.trim().strip_prefix("- target: ").map(str::to_owned);
    let targets: Vec<_> = workflow.lines().filter_map(target).collect();
    assert_eq!(targets.len(), 5, "{targets:?}");
    targets
}

/// A machine, and releases that it can reach.
struct Machine(tempfile::TempDir);

impl Machine {
    /// One with a release: a real archive for Linux, and some bytes for each other target.
    fn new() -> Self {
        let machine = Self(tempfile::tempdir().expect("a directory"));
        let folder = machine.release();
        let output = release::package(RELEASED, RELEASED, LINUX, &folder);
        assert!(output.status.success(), "{}", text_of(&output));
        for target in targets().iter().filter(|target| *target != LINUX) {
            let extension = if target.contains("windows") { "zip" } else { "tar.gz" };
            fs::write(folder.join(format!("ekslint-v{RELEASED}-{target}.{extension}")), target)
                .expect("a file");
        }
        machine.sum();
        let output = machine.fill();
        assert!(output.status.success(), "{}", text_of(&output));
        machine
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn release(&self) -> PathBuf {
        self.file("releases").join(format!("v{RELEASED}"))
    }

    /// Writes the checksums of the archives, as the workflow does.
    fn sum(&self) {
        let mut sums: Vec<_> = fs::read_dir(self.release())
            .expect("a directory")
            .map(|entry| entry.expect("an entry").path())
            .map(|file| {
                format!("{}  {}\n", sum_of(&file), file.file_name().expect("a name").to_string_lossy())
            })
            .collect();
        sums.sort();
        fs::write(self.release().join("SHA256SUMS"), sums.concat()).expect("a file");
    }

    fn fill(&self) -> Output {
        let script = root().join(".github/release/installers.sh");
        Command::new("bash").arg(script).arg(RELEASED).arg(self.release()).output().expect("bash runs")
    }

    /// Runs the release's install.sh as a pipe into a shell does.
    fn install(&self, arguments: &[&str]) -> Output {
        let script = fs::File::open(self.release().join("install.sh")).expect("the script");
        Command::new("sh")
            .args(["-s", "--"])
            .args(arguments)
            .stdin(script)
            .env("PATH", path_with(&self.file("bin")))
            .env("HOME", self.file("home"))
            .env("EKSLINT_RELEASES", format!("file://{}", self.file("releases").display()))
            .output()
            .expect("sh runs")
    }

    /// Makes `uname` say what another machine says.
    fn pretend(&self, system: &str, machine: &str) {
        let says = format!("case \"$1\" in -s) echo '{system}' ;; -m) echo '{machine}' ;; *) exit 2 ;; esac");
        fake(&self.file("bin"), "uname", &says);
        fake(&self.file("bin"), "sysctl", "exit 1");
    }
}

#[track_caller]
fn refused(machine: &Machine, arguments: &[&str], why: &str) {
    let output = machine.install(arguments);
    assert_eq!(output.status.code(), Some(1), "{}", text_of(&output));
    assert!(text_of(&output).contains(why), "{}", text_of(&output));
    assert!(!machine.file("home/.local/bin/ekslint").exists());
}

#[test]
fn the_program_is_put_where_it_was_asked_for() {
    let machine = Machine::new();
    machine.pretend("Linux", "x86_64");
    let to = machine.file("some where");
    for arguments in [&[][..], &["--to", to.to_str().expect("UTF-8")]] {
        let output = machine.install(arguments);
        assert!(output.status.success(), "{}", text_of(&output));
        let folder = if arguments.is_empty() { machine.file("home/.local/bin") } else { to.clone() };
        let installed: Vec<_> = fs::read_dir(&folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        assert_eq!(installed, ["ekslint"]);
        let said = Command::new(folder.join("ekslint")).arg("--version").output().expect("ekslint runs");
        assert_eq!(text_of(&said).trim(), format!("ekslint {RELEASED}"));
        assert!(text_of(&output).contains("is not on your PATH yet"), "{}", text_of(&output));
    }
    // Over one that is there, too.
    assert!(machine.install(&[]).status.success());
}

#[test]
fn what_was_changed_on_the_way_is_not_installed() {
    let machine = Machine::new();
    machine.pretend("Linux", "amd64");
    fs::write(machine.release().join(format!("ekslint-v{RELEASED}-{LINUX}.tar.gz")), "else").expect("a file");
    refused(&machine, &[], "Nothing was installed");
}

#[test]
fn an_archive_that_is_not_there_is_said() {
    let machine = Machine::new();
    machine.pretend("Linux", "x86_64");
    fs::remove_file(machine.release().join(format!("ekslint-v{RELEASED}-{LINUX}.tar.gz"))).expect("is there");
    refused(&machine, &[], "cannot be downloaded");
}

#[test]
fn each_machine_gets_its_own_archive_or_a_clear_answer() {
    let machine = Machine::new();
    let table = [
        ("Linux", "aarch64", "aarch64-unknown-linux-musl.tar.gz cannot be unpacked"),
        ("Darwin", "x86_64", "x86_64-apple-darwin.tar.gz cannot be unpacked"),
        ("Darwin", "arm64", "aarch64-apple-darwin.tar.gz cannot be unpacked"),
        ("Linux", "riscv64", "there is no ekslint for Linux on riscv64"),
        ("FreeBSD", "amd64", "there is no ekslint for FreeBSD on amd64"),
        ("MINGW64_NT-10.0", "x86_64", "ekslint-v7.8.9-x86_64-pc-windows-msvc.zip"),
    ];
    for (system, cpu, says) in table {
        machine.pretend(system, cpu);
        refused(&machine, &[], says);
    }
    // A shell that runs translated on Apple's processors.
    machine.pretend("Darwin", "x86_64");
    fake(&machine.file("bin"), "sysctl", "echo 1");
    refused(&machine, &[], "aarch64-apple-darwin.tar.gz cannot be unpacked");
}

#[test]
fn options_that_are_none_are_refused() {
    let machine = Machine::new();
    machine.pretend("Linux", "x86_64");
    refused(&machine, &["--prefix", "x"], "there is no option --prefix");
    refused(&machine, &["--to"], "--to needs a directory");
    refused(&machine, &["--to="], "--to needs a directory");
    let help = machine.install(&["--help"]);
    assert!(help.status.success() && text_of(&help).contains("--to DIR"), "{}", text_of(&help));
}

#[test]
fn all_that_installs_a_release_has_its_checksums() {
    let machine = Machine::new();
    let [script, formula] = ["install.sh", "ekslint.rb"]
        .map(|file| fs::read_to_string(machine.release().join(file)).expect(file));
    for text in [&script, &formula] {
        assert!(!text.contains("@VERSION@") && !text.contains("@SHA256"), "{text}");
    }
    for target in targets().iter().filter(|target| !target.contains("windows")) {
        let sum = sum_of(&machine.release().join(format!("ekslint-v{RELEASED}-{target}.tar.gz")));
        assert!(script.contains(&format!("    {target}) echo '{sum}' ;;\n")), "{script}");
        let url = format!(
            "https://github.com/ekslint/ekslint/releases/download/v{RELEASED}/ekslint-v{RELEASED}-{target}.tar.gz"
        );
        assert!(formula.contains(&format!("      url \"{url}\"\n      sha256 \"{sum}\"\n")), "{formula}");
    }
    let sums = fs::read_to_string(machine.release().join("SHA256SUMS")).expect("the checksums");
    for file in ["install.sh", "ekslint.rb"] {
        assert!(sums.contains(&format!("{}  {file}\n", sum_of(&machine.release().join(file)))), "{sums}");
    }
}

/// What the formula installs is in the archive, and each of its blocks ends.
#[test]
fn the_formula_installs_what_is_in_an_archive() {
    let machine = Machine::new();
    let formula = fs::read_to_string(machine.release().join("ekslint.rb")).expect("the formula");
    let list = Command::new("tar")
        .arg("-tzf")
        .arg(machine.release().join(format!("ekslint-v{RELEASED}-{LINUX}.tar.gz")))
        .output()
        .expect("tar runs");
    let list = text_of(&list);
    let installed = Regex::new(r#"\.install "([^"]+)""#).expect("a pattern");
    let files: Vec<_> = installed.captures_iter(&formula).map(|found| found[1].to_owned()).collect();
    assert_eq!(files.len(), 4, "{files:?}");
    for file in files {
        assert!(list.lines().any(|line| line.ends_with(&format!("/{file}"))), "{file} is not in {list}");
    }
    assert!(formula.contains("Dir[\"man/*.1\"]") && list.contains("/man/ekslint.1"));
    let opened = formula
        .lines()
        .map(str::trim)
        .filter(|line| line.ends_with(" do") || line.starts_with("class ") || line.starts_with("def "));
    assert_eq!(opened.count(), formula.lines().filter(|line| line.trim() == "end").count(), "{formula}");
}

#[test]
fn a_release_without_an_archive_is_not_filled_in() {
    let machine = Machine::new();
    fs::remove_file(machine.release().join(format!("ekslint-v{RELEASED}-aarch64-apple-darwin.tar.gz")))
        .expect("is there");
    machine.sum();
    let output = machine.fill();
    assert!(!output.status.success());
    assert!(
        text_of(&output).contains("no checksum of ekslint-v7.8.9-aarch64-apple-darwin.tar.gz"),
        "{}",
        text_of(&output)
    );
}

/// The value of a key in a section of Cargo.toml.
fn cargo(section: &str, key: &str) -> Option<String> {
    let text = format!("\n{}", read("Cargo.toml"));
    let (_, rest) = text.split_once(&format!("\n[{section}]\n"))?;
    let line = rest
        .lines()
        .take_while(|line| !line.starts_with('['))
        .find_map(|line| line.strip_prefix(&format!("{key} = ")))?;
    Some(line.trim_matches('"').to_owned())
}

#[test]
fn cargo_binstall_is_sent_to_the_archives_of_the_release() {
    let machine = Machine::new();
    let section = "package.metadata.binstall";
    for target in targets() {
        let own = format!("{section}.overrides.{target}");
        let of =
            |key: &str| cargo(&own, key).or_else(|| cargo(section, key)).unwrap_or_else(|| panic!("{key}"));
        let extension = if target.contains("windows") { ".exe" } else { "" };
        let filled = |template: &str| {
            let repository = cargo("package", "repository").expect("the repository");
            template
                .replace("{ repo }", &repository)
                .replace("{ version }", RELEASED)
                .replace("{ target }", &target)
                .replace("{ bin }", "ekslint")
                .replace("{ binary-ext }", extension)
        };
        let url = filled(&of("pkg-url"));
        let archive = url
            .strip_prefix(&format!("https://github.com/ekslint/ekslint/releases/download/v{RELEASED}/"))
            .expect(&url);
        assert!(machine.release().join(archive).is_file(), "{archive}");
        assert_eq!(of("pkg-fmt"), if archive.ends_with(".zip") { "zip" } else { "tgz" });
        assert_eq!(filled(&of("bin-dir")), format!("ekslint-v{RELEASED}-{target}/ekslint{extension}"));
    }
}

#[test]
fn the_page_shows_the_version_and_the_names_of_this_release() {
    let page = read("docs/getting-started.md");
    let names = Regex::new(r"ekslint-v([0-9.]+[0-9])-([a-z0-9_-]+)\.(?:tar\.gz|zip)").expect("a pattern");
    let named: Vec<_> = names.captures_iter(&page).collect();
    for found in &named {
        assert_eq!(&found[1], VERSION, "{}", &found[0]);
        assert!(targets().iter().any(|target| *target == found[2]), "{}", &found[0]);
    }
    assert!(!named.is_empty());
    for target in targets() {
        assert!(page.contains(&format!("`{target}`")), "the page does not name {target}");
    }
    let rust = cargo("package", "rust-version").expect("the version of Rust");
    assert!(page.contains(&format!("Rust {rust}")), "the page says another version than {rust}");
    assert!(page.contains(&format!("ghcr.io/ekslint/ekslint:{VERSION} ")), "the page shows another image");
}
