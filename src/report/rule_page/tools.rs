//! What other tools call a rule: `checkov:CKV_AWS_38`.

/// The tools by what aliases call them, and as they write their names themselves.
const TOOLS: [(&str, &str); 21] = [
    ("aws-config", "AWS Config"),
    ("cdk-nag", "cdk-nag"),
    ("cfn-nag", "cfn_nag"),
    ("checkov", "Checkov"),
    ("cloudsploit", "CloudSploit"),
    ("eksup", "eksup"),
    ("electriceye", "ElectricEye"),
    ("guard", "AWS CloudFormation Guard"),
    ("hardeneks", "hardeneks"),
    ("hashicorp-fsbp", "HashiCorp policies for FSBP"),
    ("kics", "KICS"),
    ("kube-bench", "kube-bench"),
    ("kubescape", "Kubescape"),
    ("lensix", "Lensix"),
    ("prowler", "Prowler"),
    ("pulumi", "Pulumi"),
    ("scoutsuite", "ScoutSuite"),
    ("security-hub", "AWS Security Hub"),
    ("steampipe", "Steampipe"),
    ("terrascan", "Terrascan"),
    ("trivy", "Trivy"),
];

/// A tool, by what aliases call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tool<'a>(&'a str);

/// What a tool calls a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alias<'a> {
    /// The tool.
    pub tool: Tool<'a>,
    /// The name that it has for the rule.
    pub name: &'a str,
}

impl<'a> Alias<'a> {
    /// An alias as rules write it. Without a tool in front it is a name that no tool is known for.
    pub fn of(alias: &'a str) -> Self {
        let (tool, name) = alias.split_once(':').unwrap_or(("", alias));
        Self { tool: Tool(tool), name }
    }
}

impl<'a> Tool<'a> {
    /// Whether its name is in the table.
    pub fn is_known(self) -> bool {
        TOOLS.iter().any(|(known, _)| *known == self.0)
    }

    /// What it is called.
    pub fn name(self) -> &'a str {
        let known = TOOLS.iter().find(|(known, _)| *known == self.0);
        match known {
            Some((_, name)) => name,
            None if self.0.is_empty() => "Elsewhere",
            None => self.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{RuleSet, RuleSource};

    #[test]
    fn aliases_have_a_tool_and_a_name() {
        let alias = Alias::of("security-hub:EKS.1");
        assert_eq!((alias.tool.name(), alias.name), ("AWS Security Hub", "EKS.1"));
        assert_eq!((Alias::of("ours:a:b").tool.name(), Alias::of("ours:a:b").name), ("ours", "a:b"));
        assert_eq!((Alias::of("X1").tool.name(), Alias::of("X1").name), ("Elsewhere", "X1"));
    }

    #[test]
    fn the_tools_are_those_of_the_built_in_rules() {
        let set = RuleSet::load(&[RuleSource::BuiltIn], false).set;
        let aliases = || set.rules.iter().flat_map(|rule| &rule.aliases).map(|alias| Alias::of(alias));
        for alias in aliases() {
            assert!(alias.tool.is_known(), "{alias:?}");
        }
        for (tool, _) in TOOLS {
            assert!(aliases().any(|alias| alias.tool == Tool(tool)), "{tool}");
        }
    }
}
