//! Terraform and OpenTofu.

mod address;
mod configuration;
pub mod convert;
mod filling;
pub mod functions;
pub mod hcl;
mod number;
mod placed;
mod placing;
mod plan;
mod reading;
mod recognise;
mod registry;
mod secrets;
mod state;
#[cfg(test)]
mod tests;

pub use configuration::{ConfigurationForm, read_configuration, recognise_configuration};
pub use filling::{filled_from, planned_variables};
pub use placing::placed_in;
pub use recognise::{TerraformJson, recognise_json};
pub use registry::bundled_modules;

use super::template::Template;
use crate::text::bounded;
use crate::value::Problem;
use crate::value::position::{LineColumn, LineIndex};
use placed::{PlacedError, PlacedJson, PlacedKind};
use reading::JsonTemplateReader;
use std::sync::Arc;

/// Reads JSON of Terraform. What cannot be read is a problem of the template.
pub fn read_json(name: &str, text: Arc<str>, kind: TerraformJson) -> Template {
    let json = text.clone();
    let tree = match PlacedJson::parse(&json) {
        Ok(tree) => tree,
        Err(error) => {
            let problem = problem(name, &text, &error);
            return JsonTemplateReader::refused(name, text, problem);
        }
    };
    let mut template = JsonTemplateReader::new(name, text, &tree, kind == TerraformJson::Plan);
    let refusal = match kind {
        TerraformJson::StateFile => state::refusal(&tree),
        TerraformJson::Plan | TerraformJson::State => newer_format(&tree),
    };
    match (refusal, kind) {
        (Some((node, message)), _) => template.wrong(node, message),
        (None, TerraformJson::Plan) => plan::read(&mut template, &tree),
        (None, TerraformJson::State) => state::read_shown(&mut template, &tree),
        (None, TerraformJson::StateFile) => state::read_file(&mut template, &tree),
    }
    template.finish()
}

/// Why a format cannot be read, if it cannot. Within a major version nothing that is read changes its meaning.
fn newer_format<'t>(root: &'t PlacedJson<'t>) -> Option<(&'t PlacedJson<'t>, String)> {
    let version = root.get("format_version")?;
    let text = match &version.kind {
        PlacedKind::Text(text) => text.to_string(),
        PlacedKind::Number(number) => number.to_string(),
        _ => {
            return Some((
                version,
                format!("has a `format_version` that is {}, not a text", version.words()),
            ));
        }
    };
    let major = text.split('.').next().and_then(|major| major.parse::<u32>().ok());
    let text = bounded(&text);
    match major {
        Some(0 | 1) => None,
        Some(_) => Some((
            version,
            format!(
                "has the format {text}, and ekslint reads formats 0 and 1: write it with Terraform 1, or use a newer ekslint"
            ),
        )),
        None => Some((version, format!("has the format {text}, which is no version such as 1.2"))),
    }
}

fn problem(name: &str, text: &str, error: &PlacedError) -> Problem {
    match error {
        PlacedError::NotJson { line, column, words } => {
            Problem::at(name, LineColumn::of(*line, *column), format!("is not JSON: {}", bounded(words)))
        }
        PlacedError::TooMuch { at, words } => {
            let place = LineIndex::new(text).region(&(*at..*at)).start();
            Problem::at(name, place, format!("cannot be read: {words}"))
        }
    }
}
