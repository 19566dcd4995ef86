//! What an input is: a snapshot, or a template in one of the languages that ekslint reads.

use crate::snapshot::TemplateSource;

/// What an input is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum InputKind {
    /// A root module of Terraform or OpenTofu.
    TerraformRoot,
    /// What Terraform made of a root module: a plan or a state.
    TerraformPlan,
    /// A template of CloudFormation.
    CloudFormation,
    /// A configuration of eksctl.
    Eksctl,
    /// A snapshot of clusters, or answers of the AWS CLI.
    #[default]
    Snapshot,
}

impl InputKind {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 5] =
        [Self::TerraformRoot, Self::TerraformPlan, Self::CloudFormation, Self::Eksctl, Self::Snapshot];

    /// What a template in this language is.
    pub(super) fn of_source(source: TemplateSource) -> Self {
        match source {
            TemplateSource::Terraform => Self::TerraformRoot,
            TemplateSource::CloudFormation => Self::CloudFormation,
            TemplateSource::Eksctl => Self::Eksctl,
        }
    }

    /// Whether it describes clusters that may not exist yet.
    pub fn is_template(self) -> bool {
        self != Self::Snapshot
    }

    /// So many of them, in words: `2 Terraform root modules`.
    pub fn counted(self, count: usize) -> String {
        let one = match self {
            Self::TerraformRoot => "Terraform root module",
            Self::TerraformPlan => "Terraform plan or state",
            Self::CloudFormation => "CloudFormation template",
            Self::Eksctl => "eksctl configuration",
            Self::Snapshot => "snapshot file",
        };
        match (count, self) {
            (1, _) => format!("1 {one}"),
            (_, Self::TerraformPlan) => format!("{count} Terraform plans and states"),
            _ => format!("{count} {one}s"),
        }
    }

    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TerraformRoot => "terraformRoots",
            Self::TerraformPlan => "terraformPlans",
            Self::CloudFormation => "cloudformationTemplates",
            Self::Eksctl => "eksctlConfigurations",
            Self::Snapshot => "snapshots",
        }
    }
}
