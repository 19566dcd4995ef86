//! Text with expressions: `{{cluster.name}} accepts API traffic from {{item}}`.

use super::cel::{Compiler, EvaluationScope, Expression, Mistake};
use crate::text::is_unprintable;

/// A text whose `{{…}}` are evaluated when a finding is made.
#[derive(Debug, Default)]
pub struct MessageTemplate {
    parts: Vec<TemplatePart>,
}

#[derive(Debug)]
enum TemplatePart {
    Text(String),
    Expression {
        expression: Expression,
        /// What a command has in its place where it is not known.
        placeholder: String,
        /// `{{? …}}`: a message leaves it out where it is not known.
        optional: bool,
        /// Whether it is the name of the cluster.
        is_cluster_name: bool,
    },
}

/// What is shown instead of an expression that could not be evaluated: a message never loses its finding.
const UNKNOWN: &str = "?";

/// The longest value put in, in characters.
const MAX_SHOWN: usize = 1_000;

impl MessageTemplate {
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
            let optional = source[open + 2..close].starts_with('?');
            let begin = open + 2 + usize::from(optional);
            let inner = &source[begin..close];
            let shift = |mistake: Mistake| Mistake {
                range: mistake.range.map(|(start, end)| (start + begin, end + begin)),
                ..mistake
            };
            let expression = compiler.compile(inner).map_err(shift)?;
            let is_cluster_name = inner.trim() == "cluster.name";
            let placeholder = placeholder(inner);
            parts.push(TemplatePart::Expression { expression, placeholder, optional, is_cluster_name });
            at = close + 2;
        }
        parts.push(TemplatePart::Text(source[at..].to_owned()));
        Ok(Self { parts })
    }

    /// Fills it in. A value that is longer than anyone reads is cut. `called` is what to call the cluster, where its
    /// name is known only after apply.
    pub fn fill(&self, scope: &EvaluationScope<'_>, called: Option<&str>) -> String {
        let value = |part: &TemplatePart| match part {
            TemplatePart::Text(text) => text.clone(),
            TemplatePart::Expression { expression, optional, is_cluster_name, .. } => {
                if let Some(name) = called.filter(|_| *is_cluster_name) {
                    return name.to_owned();
                }
                let unknown = if *optional { "" } else { UNKNOWN };
                let mut text = expression.text(scope).unwrap_or_else(|_| unknown.to_owned());
                if let Some((end, _)) = text.char_indices().nth(MAX_SHOWN) {
                    text.truncate(end);
                    text.push('…');
                }
                text
            }
        };
        self.parts.iter().map(value).collect()
    }

    /// Fills it in as a shell command: what is put in is quoted, and each text of a list is a word of
    /// its own. A command with half a value in it would be another command.
    pub fn fill_shell(&self, scope: &EvaluationScope<'_>) -> String {
        let mut command = String::new();
        for part in &self.parts {
            match part {
                TemplatePart::Text(text) => command.push_str(text),
                TemplatePart::Expression { expression, placeholder, .. } => {
                    let words = words(expression, scope);
                    if words.as_ref().is_some_and(Vec::is_empty) && command.ends_with(' ') {
                        command.pop();
                    }
                    command.push_str(&words.map_or_else(|| placeholder.clone(), |words| words.join(" ")));
                }
            }
        }
        command
    }
}

/// The words of a command that an expression gives; none where one is not known, or is too long.
fn words(expression: &Expression, scope: &EvaluationScope<'_>) -> Option<Vec<String>> {
    let texts = match expression.json(scope) {
        Ok(serde_json::Value::Array(items)) => {
            items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()?
        }
        _ => vec![expression.text(scope).ok()?],
    };
    let fits = |text: &String| text.chars().nth(MAX_SHOWN).is_none();
    texts.iter().all(fits).then(|| texts.iter().map(|text| shell_quoted(text)).collect())
}

/// What stands for a value that is not known, in the way in which rules write what readers fill in:
/// `<NODEGROUP_NAME>` for `nodegroup.nodegroupName`.
fn placeholder(expression: &str) -> String {
    let path: Vec<_> = expression.trim().split('.').map(|name| name.trim_start_matches('?')).collect();
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let last = path.iter().take_while(|name| is_name(name)).last();
    let mut placeholder = String::new();
    for c in last.copied().unwrap_or("VALUE").chars() {
        let starts =
            c.is_ascii_uppercase() && placeholder.chars().last().is_some_and(|c| c.is_ascii_lowercase());
        if starts {
            placeholder.push('_');
        }
        placeholder.push(c);
    }
    format!("<{}>", placeholder.to_ascii_uppercase())
}

/// Quotes text for a POSIX shell; plain words stay as they are.
pub(crate) fn shell_quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    let printable: String = text.chars().map(|c| if is_unprintable(c) { ' ' } else { c }).collect();
    format!("'{}'", printable.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::{placeholder, shell_quoted};

    #[test]
    fn what_is_not_known_is_named() {
        for (expression, expected) in [
            ("facts.region", "<REGION>"),
            ("nodegroup.nodegroupName", "<NODEGROUP_NAME>"),
            ("podIdentityAssociation.roleArn.split('/').reverse()[0]", "<ROLE_ARN>"),
            ("cluster.?resourcesVpcConfig.?vpcId.orValue('')", "<VPC_ID>"),
            ("role_and_values", "<ROLE_AND_VALUES>"),
            ("'1.' + string(minor(cluster.version) + 1)", "<VALUE>"),
            ("instance.SecurityGroups.map(g, g.GroupId).join(',')", "<SECURITY_GROUPS>"),
        ] {
            assert_eq!(placeholder(expression), expected, "{expression}");
        }
    }

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
