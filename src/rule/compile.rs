//! From a rule file to a rule: compiles every expression, resolves every path, and says where a
//! mistake is.

use super::cel::{CelParser, Expression, Mistake, Ty};
use super::document::RuleDocument;
use super::file::{CheckFile, Each, Example, Ordered, RelatedFile, RuleFile, SpannedText, is_id};
use super::names::RuleNames;
use super::path::{Path, PathRoot};
use super::summary;
use super::template::MessageTemplate;
use super::{Check, Loop, LoopItems, RelatedPlace, Remediation, Rule, TemplateChanges};
use crate::snapshot::{Section, section};
use crate::text::nearest_or_all;
use crate::value::Problem;
use serde_saphyr::Spanned;
use std::sync::OnceLock;

/// The most checks of a rule, and the most loops of a check.
pub(super) const MAX_CHECKS: usize = 32;
pub(super) const MAX_EACH: usize = 4;

pub(super) fn compile(
    file: RuleFile,
    document: &RuleDocument<'_>,
    parser: CelParser,
) -> Result<Rule, Problem> {
    let Some(resource) = section::by_singular(&file.resource.value) else {
        let known: Vec<_> = section::all().iter().map(|section| section.singular.as_str()).collect();
        let hint = nearest_or_all(&file.resource.value, &known);
        return Err(document.error(
            &file.resource,
            None,
            format!("unknown resource `{}`{hint}", file.resource.value),
        ));
    };
    check_texts(&file, document)?;
    let params = file.params.0.iter().map(|(name, param)| (name.as_str(), param.ty));
    let names = RuleNames::new(resource, params, parser);
    RuleBuilder { names, resource, document }.rule(file)
}

fn example(example: Spanned<Example>) -> Example {
    let line = usize::try_from(example.referenced.line()).unwrap_or_default();
    Example { line, ..example.value }
}

/// A check's parts as people wrote them, by their keys.
fn written(lists: &[(String, SpannedText)], check: &CheckFile) -> Vec<(String, String)> {
    let part = |key: &str, text: &SpannedText| (key.to_owned(), text.value.trim_end().to_owned());
    let each = lists.iter().map(|(name, text)| match name.as_str() {
        "item" => part("each", text),
        name => part(&format!("each {name}"), text),
    });
    let mut parts: Vec<_> = each.collect();
    parts.push(part("assert", &check.assert));
    parts.extend(check.at.iter().map(|at| part("at", at)));
    parts.extend(check.key.iter().map(|key| part("key", key)));
    parts.push(part("message", &check.message));
    for related in &check.related {
        parts.push(part("related at", &related.at));
        parts.push(part("related message", &related.message));
    }
    parts
}

/// What is more than the types of the fields: ids are slugs, texts say something.
fn check_texts(file: &RuleFile, document: &RuleDocument<'_>) -> Result<(), Problem> {
    if !is_id(&file.id.value) {
        let message = format!("`{}` is not an id: lower-case words joined by `-`", file.id.value);
        return Err(document.error(&file.id, None, message));
    }
    for (what, text) in
        [("title", &file.title), ("rationale", &file.rationale), ("remediation.text", &file.remediation.text)]
    {
        if text.trim().is_empty() {
            return Err(document.error(&file.id, None, format!("the rule's {what} is empty")));
        }
    }
    match &file.remediation.summary {
        Some(summary) => {
            summary::check(&summary.value).map_err(|message| document.error(summary, None, message))
        }
        None => Ok(()),
    }
}

struct RuleBuilder<'d> {
    names: RuleNames,
    resource: &'static Section,
    document: &'d RuleDocument<'d>,
}

impl RuleBuilder<'_> {
    fn rule(mut self, mut file: RuleFile) -> Result<Rule, Problem> {
        for (name, text) in &file.lets.0 {
            self.name_let(name, text)?;
        }
        let when = file.when.as_ref().map(|text| self.condition(text)).transpose()?;
        let checks = take_checks(&mut file, self.document)?;
        let checks = checks.into_iter().map(|check| self.check(check)).collect::<Result<_, _>>()?;
        self.names.forget_items(0);
        let command = match &file.remediation.awscli {
            Some(text) => Some(self.template(text)?),
            None => None,
        };
        let changes = TemplateChanges::take(&mut file.remediation);
        let (regexes, shared, mut reads) = self.names.compiler.finish();
        reads.sections.insert(&self.resource.name);
        Ok(Rule {
            id: file.id.value,
            title: file.title.trim().to_owned(),
            severity: file.severity,
            level: file.level,
            precision: file.precision,
            since: file.since,
            area: self.document.area(),
            file: self.document.name.to_owned(),
            built_in: false,
            resource: self.resource,
            clusters: file.clusters,
            params: file.params.0,
            rationale: file.rationale.trim().to_owned(),
            remediation: Remediation {
                summary: summary::of(file.remediation.summary.map(|text| text.value), &file.remediation.text),
                text: file.remediation.text.trim().to_owned(),
                awscli: file.remediation.awscli.map(|text| text.value.trim().to_owned()),
                changes,
                command,
            },
            references: file.references,
            aliases: file.aliases,
            other_names: Vec::new(),
            written_frameworks: file.frameworks,
            frameworks: OnceLock::new(),
            supersedes: file.supersedes.into_iter().map(|id| id.value).collect(),
            examples: file.examples.into_iter().map(example).collect(),
            reads,
            lets: file.lets.0.into_iter().map(|(name, text)| (name, text.value)).collect(),
            when,
            checks,
            regexes,
            shared,
        })
    }

    fn name_let(&mut self, name: &str, text: &SpannedText) -> Result<(), Problem> {
        let expression = self.expression(text)?;
        let named = self.names.name_let(name, &text.value, &expression);
        named.map_err(|mistake| self.place(text, mistake))
    }

    fn check(&mut self, check: CheckFile) -> Result<Check, Problem> {
        self.names.forget_items(0);
        let lists = loops(check.each.as_ref(), self.document)?;
        let mut each = Vec::new();
        for (name, text) in &lists {
            each.push(self.each(name, text)?);
        }
        let assert = self.condition(&check.assert)?;
        let at = check.at.as_ref().map(|text| self.path(text)).transpose()?;
        let key = check.key.as_ref().map(|text| self.expression(text)).transpose()?;
        let loose = each.iter().any(|each| matches!(each.list, LoopItems::Value(_)));
        if loose && at.is_none() {
            let message = "`each` is no place in the document, so the check needs `at`";
            return Err(self.document.error(&check.assert, None, message.to_owned()));
        }
        let message = self.template(&check.message)?;
        let related = check.related.iter().map(|related| self.related(related)).collect::<Result<_, _>>()?;
        Ok(Check { written: written(&lists, &check), each, assert, at, key, message, related })
    }

    fn each(&mut self, name: &str, text: &SpannedText) -> Result<Loop, Problem> {
        self.names.open_loop(name, &text.value).map_err(|mistake| self.place(text, mistake))
    }

    fn related(&mut self, related: &RelatedFile) -> Result<RelatedPlace, Problem> {
        Ok(RelatedPlace { at: self.path(&related.at)?, message: self.template(&related.message)? })
    }

    fn expression(&mut self, text: &SpannedText) -> Result<Expression, Problem> {
        self.names.compiler.compile(&text.value).map_err(|mistake| self.place(text, mistake))
    }

    fn condition(&mut self, text: &SpannedText) -> Result<Expression, Problem> {
        let expression = self.expression(text)?;
        if !expression.ty.may_be(&Ty::Bool) {
            let message = format!("is {}, where true or false is needed", expression.ty.described());
            return Err(self.document.error(text, None, message));
        }
        Ok(expression)
    }

    fn template(&mut self, text: &SpannedText) -> Result<MessageTemplate, Problem> {
        MessageTemplate::compile(&text.value, &mut self.names.compiler)
            .map_err(|mistake| self.place(text, mistake))
    }

    /// A path, checked as the expression that it also is.
    fn path(&mut self, text: &SpannedText) -> Result<Path, Problem> {
        self.expression(text)?;
        let path = self.path_of(text)?;
        path.filter(|path| !matches!(path.root(), PathRoot::Elsewhere)).ok_or_else(|| {
            let message =
                "is not a place in the document: `.field`, `.?field` and `[…]` on a name".to_owned();
            self.document.error(text, None, message)
        })
    }

    fn path_of(&mut self, text: &SpannedText) -> Result<Option<Path>, Problem> {
        self.names.path_of(&text.value).map_err(|mistake| self.place(text, mistake))
    }

    fn place(&self, text: &SpannedText, mistake: Mistake) -> Problem {
        self.document.error(text, mistake.range, mistake.message)
    }
}

/// Takes the checks out of a file: those under `checks`, or the one whose keys are the rule's own.
fn take_checks(file: &mut RuleFile, document: &RuleDocument<'_>) -> Result<Vec<CheckFile>, Problem> {
    let texts = [&file.assert, &file.at, &file.key, &file.message];
    let direct = texts.iter().any(|text| text.is_some()) || file.each.is_some() || !file.related.is_empty();
    let mistake = |message: String| Err(document.error(&file.id, None, message));
    match (file.checks.take(), file.assert.take(), file.message.take()) {
        (Some(_), ..) if direct => {
            mistake("has both `checks` and a check's own keys; move them into `checks`".to_owned())
        }
        (Some(checks), ..) if checks.is_empty() || checks.len() > MAX_CHECKS => {
            mistake(format!("needs 1 to {MAX_CHECKS} checks"))
        }
        (Some(checks), ..) => Ok(checks),
        (None, Some(assert), Some(message)) => Ok(vec![CheckFile {
            each: file.each.take(),
            assert,
            at: file.at.take(),
            key: file.key.take(),
            message,
            related: std::mem::take(&mut file.related),
        }]),
        (None, None, _) => mistake("has no `assert`".to_owned()),
        (None, _, None) => mistake("has no `message`".to_owned()),
    }
}

fn loops(
    each: Option<&Spanned<Each>>,
    document: &RuleDocument<'_>,
) -> Result<Vec<(String, SpannedText)>, Problem> {
    let Some(each) = each else { return Ok(Vec::new()) };
    match &each.value {
        Each::One(text) => {
            let text = Spanned { value: text.clone(), referenced: each.referenced, defined: each.defined };
            Ok(vec![("item".to_owned(), text)])
        }
        Each::Nested(Ordered(lists)) if lists.is_empty() || lists.len() > MAX_EACH => {
            let text = Spanned { value: String::new(), referenced: each.referenced, defined: each.defined };
            Err(document.error(&text, None, format!("`each` names 1 to {MAX_EACH} lists")))
        }
        Each::Nested(Ordered(lists)) => Ok(lists.clone()),
    }
}
