//! Text with expressions: `{{cluster.name}} accepts API traffic from {{item}}`.

use super::cel::{Compiler, EvaluationScope, Expression, Mistake};
use crate::text::is_unprintable;

/// A text whose `{{…}}` are evaluated when a finding is made.
#[derive(Debug, Default)]
pub struct Template {
    parts: Vec<TemplatePart>,
}

#[derive(Debug)]
enum TemplatePart {
    Text(String),
    Expression(Expression),
}

/// What is shown instead of an expression that could not be evaluated: a message never loses its finding.
const UNKNOWN: &str = "?";

/// The longest value put in, in characters.
const MAX_SHOWN: usize = 1_000;

impl Template {
    /// Compiles a template.
    ///
    /// # Errors
    ///
    /// What is wrong with an expression, and where in the template.
    pub fn compile(source: &str, compiler: &mut Compiler) -> Result<Self, Mistake> {
        let mut parts = Vec::new();
        let mut at = 0;
        while let Some(open) = source[at..].find("{{") {
            let open = at + open;
            let close = source[open..].find("}}").map(|close| open + close).ok_or_else(|| Mistake {
                message: "`{{` has no `}}`".to_owned(),
                range: Some((open, open + 1)),
            })?;
            parts.push(TemplatePart::Text(source[at..open].to_owned()));
            let inner = &source[open + 2..close];
            let shift = |mistake: Mistake| Mistake {
                range: mistake.range.map(|(start, end)| (start + open + 2, end + open + 2)),
                ..mistake
            };
            parts.push(TemplatePart::Expression(compiler.compile(inner).map_err(shift)?));
            at = close + 2;
        }
        parts.push(TemplatePart::Text(source[at..].to_owned()));
        Ok(Self { parts })
    }

    /// Fills it in. A value that is longer than anyone reads is cut.
    pub fn fill(&self, scope: &EvaluationScope<'_>) -> String {
        self.fill_with(scope, UNKNOWN, |mut text| {
            if let Some((end, _)) = text.char_indices().nth(MAX_SHOWN) {
                text.truncate(end);
                text.push('…');
            }
            text
        })
    }

    /// Fills it in as a shell command: what is put in is quoted. A command with half a value in it
    /// would be another command.
    pub fn fill_shell(&self, scope: &EvaluationScope<'_>) -> String {
        self.fill_with(scope, &shell_quoted(UNKNOWN), |text| {
            let whole = text.chars().nth(MAX_SHOWN).is_none();
            shell_quoted(if whole { &text } else { UNKNOWN })
        })
    }

    fn fill_with(
        &self,
        scope: &EvaluationScope<'_>,
        unknown: &str,
        quote: impl Fn(String) -> String,
    ) -> String {
        let part = |part: &TemplatePart| match part {
            TemplatePart::Text(text) => text.clone(),
            TemplatePart::Expression(expression) => {
                expression.text(scope).map_or_else(|_| unknown.to_owned(), &quote)
            }
        };
        self.parts.iter().map(part).collect()
    }
}

/// Quotes text for a POSIX shell; plain words stay as they are.
fn shell_quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    let printable: String = text.chars().map(|c| if is_unprintable(c) { ' ' } else { c }).collect();
    format!("'{}'", printable.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::shell_quoted;

    #[test]
    fn what_a_shell_would_read_is_quoted() {
        assert_eq!(shell_quoted("prod-1"), "prod-1");
        assert_eq!(shell_quoted("a b; rm -rf ~"), "'a b; rm -rf ~'");
        assert_eq!(shell_quoted("it's"), r"'it'\''s'");
        assert_eq!(shell_quoted("a\nb"), "'a b'");
        assert_eq!(shell_quoted(""), "''");
        assert_eq!(shell_quoted("?"), "'?'");
        assert_eq!(shell_quoted("=ls"), "'=ls'");
        assert_eq!(shell_quoted("arn:aws:iam::1:role/x"), "arn:aws:iam::1:role/x");
    }
}
