//! `ekslint permissions`: the IAM policy that a live scan needs, made from the table of its calls.

use super::verbosity::Verbosity;
#[cfg(feature = "live")]
use super::{EXIT_ERROR, EXIT_FINDINGS};
use super::{described, output};
use crate::snapshot::section;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::ExitCode;

/// `ekslint permissions`
#[derive(Debug, Args)]
#[command(
    mut_arg("quiet", |arg| described(arg, "Print the policy only; with --check, only what is missing or unknown")),
    mut_arg("verbose", |arg| described(arg, "With --check, name the sections that each action fills")),
    after_help = EXAMPLES
)]
pub(super) struct PermissionsCommand {
    /// How to write the policy
    #[arg(long, short, value_name = "FORMAT", default_value = "json")]
    format: PolicyFormat,
    /// Try each action once and say which are missing; exit with 1 if one is
    #[cfg(feature = "live")]
    #[arg(long, conflicts_with = "format")]
    check: bool,
    #[cfg(feature = "live")]
    #[command(flatten)]
    live: super::live::LiveOptions,
    #[command(flatten)]
    verbosity: Verbosity,
}

const EXAMPLES: &str = "\
Examples:
  ekslint permissions > ekslint-policy.json
  aws iam create-policy --policy-name ekslint-read --policy-document file://ekslint-policy.json
  ekslint permissions --format terraform
  ekslint permissions --check --region ap-northeast-2";

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PolicyFormat {
    /// An IAM policy document
    Json,
    /// A Terraform data source, aws_iam_policy_document
    Terraform,
    /// A CloudFormation template with a managed policy
    Cloudformation,
}

/// One statement a service: its name, and its actions.
type PermissionStatement = (String, Vec<&'static str>);

impl PermissionsCommand {
    /// Runs the command.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        #[cfg(feature = "live")]
        if self.check {
            return self.check();
        }
        let text = match self.format {
            PolicyFormat::Json => pretty(&policy()),
            PolicyFormat::Terraform => terraform(),
            PolicyFormat::Cloudformation => pretty(&cloudformation()),
        };
        output::write_stdout(None, |out| writeln!(out, "{text}"))?;
        Ok(ExitCode::SUCCESS)
    }

    #[cfg(feature = "live")]
    fn check(&self) -> anyhow::Result<ExitCode> {
        let checked = crate::source::live::check(&self.live.options(self.verbosity.quiet))
            .map_err(anyhow::Error::msg)?;
        let Verbosity { quiet, verbose } = self.verbosity;
        let (mut missing, mut unknown) = (0, 0);
        output::write_stdout(None, |out| {
            for one in &checked {
                let (word, why) = match &one.allowed {
                    Ok(true) => ("allowed", String::new()),
                    Ok(false) => ("MISSING", String::new()),
                    Err(why) => ("unknown", format!(" ({})", crate::report::printable(why))),
                };
                missing += usize::from(one.allowed == Ok(false));
                unknown += usize::from(one.allowed.is_err());
                if one.allowed != Ok(true) || !quiet {
                    let fills = if verbose { fills(&one.action) } else { String::new() };
                    writeln!(out, "{word}  {}{fills}{why}", one.action)?;
                }
            }
            if quiet {
                return Ok(());
            }
            let all = checked.len();
            writeln!(
                out,
                "\n{} of {all} actions allowed, {missing} missing, {unknown} unknown",
                all - missing - unknown
            )
        })?;
        Ok(match (missing, unknown) {
            (0, 0) => ExitCode::SUCCESS,
            (0, _) => ExitCode::from(EXIT_ERROR),
            _ => ExitCode::from(EXIT_FINDINGS),
        })
    }
}

/// ` for nodegroups, addons`: the sections that an action fills.
#[cfg(feature = "live")]
fn fills(action: &str) -> String {
    let filled =
        section::all().iter().filter(|section| section.calls.iter().any(|call| call.action == action));
    let names: Vec<_> = filled.map(|section| section.name.as_str()).collect();
    if names.is_empty() { String::new() } else { format!(" for {}", names.join(", ")) }
}

fn statements() -> Vec<PermissionStatement> {
    let actions: BTreeSet<_> = section::calls().map(|call| call.action.as_str()).collect();
    let mut statements: Vec<PermissionStatement> = Vec::new();
    for action in actions {
        let service = action.split(':').next().unwrap_or_default();
        let name = format!("Ekslint{}", service.to_uppercase());
        match statements.last_mut() {
            Some((last, actions)) if *last == name => actions.push(action),
            _ => statements.push((name, vec![action])),
        }
    }
    statements
}

/// Every action of the policy only reads.
fn policy() -> Value {
    let statement = |(name, actions): &PermissionStatement| json!({ "Sid": name, "Effect": "Allow", "Action": actions, "Resource": "*" });
    json!({ "Version": "2012-10-17", "Statement": statements().iter().map(statement).collect::<Vec<_>>() })
}

fn cloudformation() -> Value {
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "What ekslint reads",
        "Resources": {
            "EkslintRead": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": { "Description": "What ekslint reads", "PolicyDocument": policy() }
            }
        },
        "Outputs": { "PolicyArn": { "Value": { "Ref": "EkslintRead" } } }
    })
}

fn terraform() -> String {
    let statement = |(name, actions): &PermissionStatement| {
        let actions: String = actions.iter().map(|action| format!("      \"{action}\",\n")).collect();
        format!(
            "  statement {{\n    sid       = \"{name}\"\n    effect    = \"Allow\"\n    resources = [\"*\"]\n    actions = [\n{actions}    ]\n  }}"
        )
    };
    let statements = statements().iter().map(statement).collect::<Vec<_>>().join("\n\n");
    format!(
        "data \"aws_iam_policy_document\" \"ekslint_read\" {{\n{statements}\n}}\n\nresource \"aws_iam_policy\" \"ekslint_read\" {{\n  name   = \"ekslint-read\"\n  policy = data.aws_iam_policy_document.ekslint_read.json\n}}"
    )
}

fn pretty(value: &Value) -> String {
    format!("{value:#}")
}
