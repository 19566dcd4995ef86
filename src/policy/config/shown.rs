//! The settings at the top of the configuration as they hold, for people and programs to read.

use super::keys::TOP;
use super::{Config, ConfiguredOutput, FailOn, Located};
use crate::value::position::LineSpan;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A setting at the top of the file as it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownSetting {
    /// Its key.
    pub key: &'static str,
    /// Its value; `None` where nothing is set and nothing is the default.
    pub value: Option<Value>,
    /// Where it is set; `None` for the default.
    pub region: Option<LineSpan>,
}

impl Config {
    /// The settings at the top of the file, set or by default, in the order of the documentation.
    /// Tables are left out.
    pub fn settings(&self) -> Vec<ShownSetting> {
        let set = [
            ("paths", said(&self.paths, |paths| texts(paths))),
            ("exclude", said(&self.exclude, |globs| globs.clone().into())),
            ("rules-dirs", said(&self.rules_dirs, |paths| texts(paths))),
            ("level", said(&self.level, |level| level.as_str().into())),
            ("severity", said(&self.severity, |severity| severity.as_str().into())),
            ("fail-on", said(&self.fail_on, |fail_on| fail_on.as_str().into())),
            ("strict", said(&self.strict, |strict| (*strict).into())),
            ("format", said(&self.format, |outputs| outputs.iter().map(ConfiguredOutput::written).collect())),
            ("baseline", said(&self.baseline, |path| text(path))),
            ("mask-account", said(&self.mask_account, |mask| (*mask).into())),
        ];
        let shown = |(key, set): (&'static str, Option<(Value, LineSpan)>)| match set {
            Some((value, region)) => ShownSetting { key, value: Some(value), region: Some(region) },
            None => ShownSetting { key, value: default(key), region: None },
        };
        set.into_iter().map(shown).collect()
    }
}

impl FailOn {
    /// Its name in the file and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Severity(severity) => severity.as_str(),
            Self::Never => super::keys::NEVER,
        }
    }
}

impl ConfiguredOutput {
    fn written(&self) -> String {
        let format = &self.format.value;
        self.file.as_ref().map_or_else(|| format.clone(), |file| format!("{format}={}", file.display()))
    }
}

fn said<T>(set: &Option<Located<T>>, value: impl Fn(&T) -> Value) -> Option<(Value, LineSpan)> {
    set.as_ref().map(|placed| (value(&placed.value), placed.region))
}

fn default(key: &str) -> Option<Value> {
    let default = TOP.iter().find(|known| known.name == key)?.default?;
    serde_json::from_str(default).ok()
}

fn text(path: &Path) -> Value {
    path.display().to_string().into()
}

fn texts(paths: &[PathBuf]) -> Value {
    paths.iter().map(|path| text(path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::LevelChoice;
    use crate::policy::config::keys::{KeyKind, NEVER, TOP};
    use crate::rule::Severity;

    #[test]
    fn each_setting_at_the_top_is_shown() {
        let is_table = |kind: KeyKind| {
            matches!(kind, KeyKind::Lists | KeyKind::Rules | KeyKind::Table(_) | KeyKind::Tables(_))
        };
        let known: Vec<_> = TOP.iter().filter(|key| !is_table(key.kind)).map(|key| key.name).collect();
        let shown: Vec<_> = Config::default().settings().into_iter().map(|shown| shown.key).collect();
        assert_eq!(shown, known);
    }

    #[test]
    fn the_defaults_are_those_of_the_types() {
        let shown = |key| default(key).unwrap();
        assert_eq!(shown("fail-on"), FailOn::default().as_str());
        assert_eq!(shown("level"), LevelChoice::default().as_str());
        assert_eq!(shown("severity"), Severity::ALL.last().unwrap().as_str());
        assert_eq!(FailOn::Never.as_str(), NEVER);
    }

    #[test]
    fn every_default_and_example_is_written_in_toml() {
        for key in TOP.iter().filter(|key| {
            !matches!(key.kind, KeyKind::Lists | KeyKind::Rules | KeyKind::Table(_) | KeyKind::Tables(_))
        }) {
            let line = format!("{} = {}", key.name, key.example);
            assert!(Config::parse(Path::new("ekslint.toml"), &line).is_ok(), "{line}");
            let default = key.default.map(|text| serde_json::from_str::<Value>(text).is_ok());
            assert_ne!(default, Some(false), "{}", key.name);
        }
    }
}
