//! The kept inputs of fuzzing: hard ones, each sort in a folder of `corpus`.

use crate::untrusted;
use cpu_time::ProcessTime;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// For one input, in a debug build: by the clock and by the processor, whatever else runs. What hangs takes hours.
const LIMIT: Duration = Duration::from_secs(20);

type Target = fn(&[u8]);

const TARGETS: [(&str, Target); 7] = [
    ("snapshot", untrusted::snapshot),
    ("rule", untrusted::rule),
    ("cel", untrusted::cel),
    ("policy_document", untrusted::policy_document),
    ("user_data", untrusted::user_data),
    ("config", untrusted::config),
    ("import", untrusted::import),
];

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/robustness/corpus")
}

fn inputs(target: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(corpus().join(target)).expect("the target has a folder");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    files
}

#[test]
fn kept_inputs_bring_no_panic_and_take_no_time() {
    for (name, target) in TARGETS {
        let files = inputs(name);
        assert!(files.len() >= 5, "{name} has {} inputs", files.len());
        for file in files {
            let (clock, processor) = (Instant::now(), ProcessTime::now());
            target(&fs::read(&file).expect("readable"));
            let took = clock.elapsed().min(processor.elapsed());
            assert!(took < LIMIT, "{} took {took:?}", file.display());
        }
    }
}

#[test]
fn every_folder_of_the_corpus_has_its_target() {
    let entries = fs::read_dir(corpus()).expect("the corpus is there");
    for entry in entries.map(|entry| entry.expect("readable")) {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(TARGETS.iter().any(|(known, _)| *known == name), "{name} is no target");
    }
}
