//! `ekslint completions` and `ekslint man` know every subcommand and every option, and are made of what a shell and
//! a formatter of man pages can read.

use assert_cmd::Command;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use tempfile::{NamedTempFile, TempDir};

fn ekslint(arguments: &[&str]) -> String {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    let output = command.args(arguments).output().expect("it runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Every command by what it is called as a page (`ekslint-rules-list`), with its long options.
fn commands() -> BTreeMap<String, Vec<String>> {
    fn collect(command: &clap::Command, name: &str, found: &mut BTreeMap<String, Vec<String>>) {
        let options = command.get_arguments().filter_map(|option| option.get_long()).map(str::to_owned);
        found.insert(name.to_owned(), options.collect());
        for below in command.get_subcommands() {
            collect(below, &format!("{name}-{}", below.get_name()), found);
        }
    }
    let mut found = BTreeMap::new();
    let mut command = ekslint::cli::command().disable_help_subcommand(true);
    command.build();
    collect(&command, "ekslint", &mut found);
    assert!(
        found.contains_key("ekslint-rules-list") && found["ekslint-scan"].contains(&"fail-on".to_owned())
    );
    found
}

#[test]
fn every_shell_hears_of_every_command_and_option() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = ekslint(&["completions", shell]);
        for (command, options) in commands() {
            let name = command.rsplit('-').next().expect("a name");
            assert!(script.contains(name), "{shell} does not know {command}");
            for option in options {
                // fish writes `-l fail-on`, the others `--fail-on`.
                assert!(script.contains(&option), "{shell} does not know --{option} of {command}");
            }
        }
    }
}

/// What bash proposes for the last of these words.
fn proposed(script: &NamedTempFile, words: &[&str]) -> Vec<String> {
    let last = words.len() - 1;
    let ask = format!(
        "source '{}'\nCOMP_WORDS=({})\nCOMP_CWORD={last}\n_ekslint ekslint '{}' '{}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"",
        script.path().display(),
        words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
        words[last],
        words[last - 1],
    );
    let output = std::process::Command::new("bash").args(["--norc", "-c", &ask]).output().expect("bash runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[cfg(unix)]
#[test]
fn bash_completes_commands_options_and_values() {
    let mut script = NamedTempFile::new().expect("a file");
    script.write_all(ekslint(&["completions", "bash"]).as_bytes()).expect("written");
    assert_eq!(proposed(&script, &["ekslint", "rules", "li"]), ["list"]);
    assert_eq!(proposed(&script, &["ekslint", "scan", "--fail"]), ["--fail-on"]);
    assert_eq!(
        proposed(&script, &["ekslint", "scan", "--level", ""]),
        ["default", "strict", "advice", "all"]
    );
}

/// A page as people read it: without the macros and the escapes of roff.
fn read(page: &str) -> String {
    let plain = page.replace("\\-", "-").replace("\\fB", "").replace("\\fR", "").replace("\\fI", "");
    plain.replace("\\&", "")
}

/// What is wrong with a page for `man`: macros that there are not, text that would be taken for one, no name.
fn mistakes(page: &str) -> Vec<&str> {
    const MACROS: [&str; 13] = ["TH", "SH", "TP", "IP", "RS", "RE", "br", "sp", "ie", "el", "nf", "fi", "PP"];
    let is_known = |line: &str| MACROS.contains(&line[1..].split([' ', '\\']).next().unwrap_or_default());
    let mut wrong: Vec<_> = page
        .lines()
        .filter(|line| line.starts_with('.') && !is_known(line) || line.starts_with('\''))
        .collect();
    wrong.extend(["\n.TH ", "\n.SH NAME\n"].into_iter().filter(|part| !format!("\n{page}").contains(part)));
    wrong
}

#[test]
fn every_command_has_a_man_page_with_every_option() {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("man/man1");
    assert_eq!(ekslint(&["man", "-o", &path.to_string_lossy()]), "");
    let commands = commands();
    let mut pages: Vec<_> = fs::read_dir(&path)
        .expect("the directory is made")
        .map(|page| page.expect("an entry").file_name().into_string().expect("UTF-8").replace(".1", ""))
        .collect();
    pages.sort();
    assert_eq!(pages, commands.keys().cloned().collect::<Vec<_>>());
    for (command, options) in commands {
        let page = fs::read_to_string(path.join(format!("{command}.1"))).expect("UTF-8");
        assert!(
            page.contains(&format!(".TH {command} 1 \" \" \"ekslint {}\"", env!("CARGO_PKG_VERSION"))),
            "{page}"
        );
        let wrong = mistakes(&page);
        assert!(wrong.is_empty(), "{command}: {wrong:?}");
        for option in options {
            assert!(read(&page).contains(&format!("--{option}")), "{command} lacks --{option}");
        }
    }
    let first = ekslint(&["man"]);
    assert_eq!(first, fs::read_to_string(path.join("ekslint.1")).expect("UTF-8"));
    assert!(first.contains("ekslint\\-scan(1)") && !first.contains("ekslint\\-help(1)"), "{first}");
}

#[test]
fn a_broken_page_is_found_out() {
    assert_eq!(mistakes(".TH x 1\n.SH NAME\nx"), Vec::<&str>::new());
    assert_eq!(mistakes(".TH x 1\n.SH NAME\n.oops\n'quoted"), [".oops", "'quoted"]);
    assert_eq!(mistakes(".SH NAME\nx"), ["\n.TH "]);
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let file = NamedTempFile::new().expect("a file");
    let path = file.path().join("man1");
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    let output = command.args(["man", "-o", &path.to_string_lossy()]).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("cannot make") && text.contains("man1"), "{text}");
}
