//! `src/snapshot/schema.json` is what the AWS API models and `src/snapshot/sections.json` make of it.

use std::process::Command;

#[path = "support/python.rs"]
mod python;

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
        "src/snapshot/schema.json is not what the generator writes.\n\
         To write it again: {} tests/schema/generate.py\n\n{}{}",
        python.display(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}
