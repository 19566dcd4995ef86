//! What a rule says to change in templates: one text for each language that people write them in.

use super::file::RemediationFile;
use crate::snapshot::TemplateSource;
use serde::{Serialize, Serializer};

/// How a template is changed to fix what a rule finds, by the language of the template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateChanges([Option<String>; TemplateSource::ALL.len()]);

impl TemplateChanges {
    /// Those that a rule file has.
    pub(super) fn take(file: &mut RemediationFile) -> Self {
        Self(TemplateSource::ALL.map(|language| {
            let text = match language {
                TemplateSource::Terraform => file.terraform.take(),
                TemplateSource::CloudFormation => file.cloudformation.take(),
                TemplateSource::Eksctl => file.eksctl.take(),
            };
            text.map(|text| text.trim_end().to_owned())
        }))
    }

    /// The change of a template in that language, if the rule has one.
    pub fn of(&self, language: TemplateSource) -> Option<&str> {
        self.each().find_map(|(own, text)| (own == language).then_some(text))
    }

    /// Each language that the rule has a change for, with the change.
    pub fn each(&self) -> impl Iterator<Item = (TemplateSource, &str)> {
        let both = TemplateSource::ALL.into_iter().zip(&self.0);
        both.filter_map(|(language, text)| Some((language, text.as_deref()?)))
    }
}

/// A field for each language; `null` where the rule has no change.
impl Serialize for TemplateChanges {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer
            .collect_map(TemplateSource::ALL.iter().map(|language| (language.as_str(), self.of(*language))))
    }
}
