//! The parameters that users set: `--param rule.name=value`, and what a parameter takes.

use crate::rule::{Param, ParamType, Rule, RuleSet};
use crate::text::{bounded, nearest};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Rule → parameter → value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Params(BTreeMap<String, Map<String, Value>>);

/// A parameter that cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("--param {text}: {reason}")]
pub struct ParamError {
    text: String,
    reason: String,
}

impl Params {
    /// Reads `rule.name=value` texts. Lists are separated by commas, or are JSON.
    ///
    /// # Errors
    ///
    /// There is no such rule or parameter, or the value is not of its type.
    pub fn parse(texts: &[String], set: &RuleSet) -> Result<Self, ParamError> {
        let mut params = Self::default();
        for text in texts {
            let (rule, name, value) =
                parse(text, set).map_err(|reason| ParamError { text: text.clone(), reason })?;
            params.0.entry(rule).or_default().insert(name, value);
        }
        Ok(params)
    }

    /// What is set for a rule.
    pub fn of(&self, rule: &str) -> Map<String, Value> {
        self.0.get(rule).cloned().unwrap_or_default()
    }
}

fn parse(text: &str, set: &RuleSet) -> Result<(String, String, Value), String> {
    let form = "write it as rule.name=value";
    let (path, value) = text.split_once('=').ok_or(form)?;
    let (id, name) = path.rsplit_once('.').ok_or(form)?;
    let rule = set.get(id).ok_or_else(|| format!("no rule is called `{id}`{}", set.hint(id)))?;
    let param = find(rule, name).ok_or_else(|| no_param(rule, name))?;
    Ok((id.to_owned(), name.to_owned(), value_of(value, param)?))
}

/// The parameter of that name.
pub(super) fn find<'r>(rule: &'r Rule, name: &str) -> Option<&'r Param> {
    rule.params.iter().find(|(known, _)| known == name).map(|(_, param)| param)
}

/// What is wrong with the name of a parameter that a rule does not have.
pub(super) fn no_param(rule: &Rule, name: &str) -> String {
    let names = || rule.params.iter().map(|(name, _)| name.as_str());
    let known = names().collect::<Vec<_>>().join(", ");
    let known = if known.is_empty() { "none".to_owned() } else { known };
    format!("{} has no parameter `{}`{}; it has {known}", rule.id, bounded(name), nearest(name, names()))
}

/// What a parameter takes, as text.
pub(super) fn type_in_words(ty: ParamType) -> &'static str {
    match ty {
        ParamType::String => "a text in quotes",
        ParamType::Int => "a whole number",
        ParamType::Bool => "true or false",
        ParamType::List => "a list of texts",
    }
}

fn value_of(text: &str, param: &Param) -> Result<Value, String> {
    let text = text.trim();
    match param.ty {
        ParamType::String => Ok(text.into()),
        ParamType::Int => {
            text.parse::<i64>().map(Value::from).map_err(|_| format!("`{text}` is not a whole number"))
        }
        ParamType::Bool => match text {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => Err(format!("`{text}` is neither true nor false")),
        },
        ParamType::List if text.starts_with('[') => {
            let value: Value =
                serde_json::from_str(text).map_err(|error| format!("is not a JSON list: {error}"))?;
            match ParamType::of(&value) {
                Some(ParamType::List) => Ok(value),
                _ => Err("must be a list of texts".to_owned()),
            }
        }
        ParamType::List => {
            Ok(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect())
        }
    }
}
