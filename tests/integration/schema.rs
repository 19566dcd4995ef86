//! `src/snapshot/schema.json` and `src/source/live/wire.json` are what the AWS API models and
//! `src/snapshot/sections.json` make of them.

use crate::support::python;
use std::process::Command;

#[test]
fn the_schema_is_up_to_date() {
    let python = python::environment("schema", "tests/requirements-schema.txt");
    let output = Command::new(&python)
        .args(["tests/schema/generate.py", "--check"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the environment's Python runs");
    assert!(
        output.status.success(),
        "A generated file is not what the generator writes.\n\
         To write it again: {} tests/schema/generate.py\n\n{}{}",
        python.display(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}
