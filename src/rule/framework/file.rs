//! A framework as its file says it: `rules/data/frameworks/<id>.yaml`, or one of an organisation.

use super::{BilingualText, Control, ControlAssessment, ControlKind, Framework, FrameworkLanguage};
use crate::rule::RulePattern;
use crate::rule::document::RuleDocument;
use crate::text::bounded;
use crate::value::Problem;
use globset::Glob;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use serde_saphyr::Spanned;
use std::collections::BTreeSet;
use std::fmt;

/// A framework's file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameworkFile {
    id: Spanned<String>,
    title: BilingualText,
    version: String,
    source: String,
    total: Option<usize>,
    scope: Option<BilingualText>,
    #[serde(default)]
    language: FrameworkLanguage,
    controls: Vec<ControlFile>,
}

/// A control in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ControlFile {
    id: Spanned<String>,
    title: BilingualText,
    level: Option<ControlLevel>,
    assessment: Option<ControlAssessment>,
    kind: ControlKind,
    why: Option<BilingualText>,
    not_yet: Option<BilingualText>,
    #[serde(default)]
    rules: Vec<Spanned<String>>,
}

/// A level is a number or a word.
#[derive(Deserialize)]
#[serde(untagged)]
enum ControlLevel {
    Number(u32),
    Word(String),
}

impl<'de> Deserialize<'de> for BilingualText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Both {
            en: String,
            ko: Option<String>,
        }
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = BilingualText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or `en` and `ko` with a text each")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<BilingualText, E> {
                Ok(BilingualText { en: text.to_owned(), ko: None })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<BilingualText, A::Error> {
                let Both { en, ko } = Both::deserialize(MapAccessDeserializer::new(map))?;
                Ok(BilingualText { en, ko })
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

/// Reads a framework.
///
/// # Errors
///
/// What is wrong with the file, with its place.
pub(super) fn read(name: &str, text: &str, built_in: bool) -> Result<Framework, Problem> {
    let document = RuleDocument { name, text, json: None };
    let file: FrameworkFile = document.parse()?;
    let wrong = |text: &Spanned<String>, message: String| Err(document.error(text, None, message));
    if !is_framework_id(&file.id.value) {
        let message =
            format!("`{}` is no id for a framework; write it as acme-baseline-1.0", bounded(&file.id.value));
        return wrong(&file.id, message);
    }
    let mut ids = BTreeSet::new();
    if let Some(twice) = file.controls.iter().find(|control| !ids.insert(control.id.value.as_str())) {
        return wrong(&twice.id, format!("the control `{}` is here twice", bounded(&twice.id.value)));
    }
    let controls = file.controls.into_iter().map(|control| read_control(control, &document));
    Ok(Framework {
        controls: controls.collect::<Result<_, _>>()?,
        id: file.id.value,
        title: file.title,
        version: file.version,
        source: file.source,
        total: file.total,
        scope: file.scope,
        language: file.language,
        file: name.to_owned(),
        built_in,
    })
}

fn read_control(file: ControlFile, document: &RuleDocument<'_>) -> Result<Control, Problem> {
    if file.kind != ControlKind::Automated && file.why.is_none() {
        let message = format!(
            "the control `{}` is {} and has no `why`: say what a person has to look at",
            bounded(&file.id.value),
            file.kind.as_str()
        );
        return Err(document.error(&file.id, None, message));
    }
    let pattern = |text: &Spanned<String>| {
        let glob = Glob::new(&text.value).map_err(|error| {
            let message = format!("`{}` is not a pattern: {}", bounded(&text.value), error.kind());
            document.error(text, None, message)
        })?;
        Ok(RulePattern::new(glob.compile_matcher()))
    };
    let level = file.level.map(|level| match level {
        ControlLevel::Number(number) => number.to_string(),
        ControlLevel::Word(word) => word,
    });
    Ok(Control {
        rules: file.rules.iter().map(pattern).collect::<Result<_, _>>()?,
        id: file.id.value,
        title: file.title,
        level,
        assessment: file.assessment,
        kind: file.kind,
        why: file.why,
        not_yet: file.not_yet,
    })
}

/// Whether a text is fit to be a framework's id: lower-case words and numbers, joined by `-` and `.`.
fn is_framework_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.split(['-', '.']).all(|word| !word.is_empty() && word.bytes().all(fits))
}
