//! What the names of arguments say in a plan, which has no schema of its provider: which hold the identifier of another
//! resource, which attributes AWS sets, and which blocks nobody but the template sets.

/// An argument that holds identifiers of other resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct IdentifierArgument {
    /// Whether it is a list of them.
    pub(super) is_list: bool,
    /// The attribute that it holds where an expression only names the resource (`aws_subnet.private[*].id` is
    /// `aws_subnet.private` in a plan); none if no attribute is evident.
    pub(super) attribute: Option<&'static str>,
    /// The last names of attributes that may stand for an identifier here.
    accepts: &'static [&'static str],
}

/// Last names of attributes that identify something.
const IDENTIFIERS: &[&str] = &["id", "arn", "name"];

const fn one(attribute: &'static str) -> IdentifierArgument {
    IdentifierArgument { is_list: false, attribute: Some(attribute), accepts: IDENTIFIERS }
}

const fn many(attribute: &'static str) -> IdentifierArgument {
    IdentifierArgument { is_list: true, attribute: Some(attribute), accepts: IDENTIFIERS }
}

const fn only(accepts: &'static [&'static str]) -> IdentifierArgument {
    IdentifierArgument { is_list: false, attribute: None, accepts }
}

/// Arguments by their whole name.
const BY_NAME: [(&str, IdentifierArgument); 19] = [
    ("id", one("id")),
    ("arn", one("arn")),
    ("name", one("name")),
    ("role", one("name")),
    ("roles", many("name")),
    ("cluster_name", one("name")),
    ("log_group_name", one("name")),
    ("iam_instance_profile", one("name")),
    ("instance_profile", one("name")),
    ("launch_template_name", one("name")),
    ("log_destination", one("arn")),
    ("security_groups", many("id")),
    ("subnets", many("id")),
    ("ec2_ssh_key", only(&["key_name", "id"])),
    ("key_name", only(&["key_name", "id"])),
    ("version", only(&["latest_version", "default_version"])),
    ("url", only(&["issuer"])),
    // Of a document that Terraform writes: its statements are in the plan.
    ("policy", only(&["json"])),
    ("assume_role_policy", only(&["json"])),
];

/// Arguments by the end of their name.
const BY_ENDING: [(&str, IdentifierArgument); 4] =
    [("_ids", many("id")), ("_id", one("id")), ("_arns", many("arn")), ("_arn", one("arn"))];

/// Attributes of any resource that are there once it is made, whoever sets them.
const ALWAYS_THERE: [&str; 5] = ["id", "arn", "name", "node_group_name", "fargate_profile_name"];

/// Attributes that AWS alone sets: by the type of resource, empty for any, and their path.
const COMPUTED: [(&str, &str); 16] = [
    ("", "owner_id"),
    ("", "unique_id"),
    ("aws_eks_cluster", "endpoint"),
    ("aws_eks_cluster", "vpc_config[0].vpc_id"),
    ("aws_eks_cluster", "vpc_config[0].cluster_security_group_id"),
    ("aws_eks_access_entry", "access_entry_arn"),
    ("aws_eks_pod_identity_association", "association_arn"),
    ("aws_eks_pod_identity_association", "association_id"),
    ("aws_kms_key", "key_id"),
    ("aws_launch_template", "latest_version"),
    ("aws_vpc", "default_security_group_id"),
    ("aws_vpc", "default_network_acl_id"),
    ("aws_vpc", "default_route_table_id"),
    ("aws_vpc", "main_route_table_id"),
    ("aws_vpc_security_group_ingress_rule", "security_group_rule_id"),
    ("aws_vpc_security_group_egress_rule", "security_group_rule_id"),
];

/// Blocks that only the template sets. The configuration in a plan leaves out `dynamic` blocks, so such a block that is
/// unknown and not in the configuration comes from one.
const NEVER_COMPUTED: [(&str, &[&str]); 6] = [
    (
        "aws_eks_cluster",
        &[
            "compute_config",
            "encryption_config",
            "outpost_config",
            "remote_network_config",
            "storage_config",
            "vpc_config",
            "zonal_shift_config",
        ],
    ),
    ("aws_eks_node_group", &["launch_template", "remote_access", "scaling_config", "taint"]),
    ("aws_eks_fargate_profile", &["selector"]),
    ("aws_eks_addon", &["pod_identity_association"]),
    ("aws_eks_identity_provider_config", &["oidc"]),
    ("aws_launch_template", &["block_device_mappings", "iam_instance_profile", "network_interfaces"]),
];

/// What an argument holds, if it holds identifiers.
pub(super) fn identifier(argument: &str) -> Option<IdentifierArgument> {
    let named = BY_NAME.iter().find(|(name, _)| *name == argument);
    named.or_else(|| BY_ENDING.iter().find(|(ending, _)| argument.ends_with(ending))).map(|(_, found)| *found)
}

impl IdentifierArgument {
    /// Whether an attribute of a resource can be the value of such an argument as it is: where an expression has it, the
    /// value is that attribute, and no text made of it.
    pub(super) fn accepts(self, kind: &str, attribute: &str) -> bool {
        let last = attribute.rsplit(['.']).next().unwrap_or_default();
        let is_word =
            |word: &str| last == word || last.strip_suffix(word).is_some_and(|rest| rest.ends_with('_'));
        match self.accepts {
            ["json"] => last == "json" && kind == "aws_iam_policy_document",
            accepts => accepts.iter().any(|word| is_word(word)),
        }
    }
}

/// Whether an attribute is there once the resource is made, so that it is no more than not known yet.
pub(super) fn is_always_there(path: &str) -> bool {
    ALWAYS_THERE.contains(&path)
}

/// Whether AWS alone sets an attribute.
pub(super) fn is_computed(kind: &str, path: &str) -> bool {
    COMPUTED.iter().any(|(of, attribute)| (of.is_empty() || *of == kind) && *attribute == path)
}

/// Whether an argument that is unknown and not in the configuration is not set, so that the provider or AWS chooses it.
pub(super) fn may_be_unset(kind: &str, path: &str) -> bool {
    let never = NEVER_COMPUTED.iter().find(|(of, _)| *of == kind);
    !never.is_some_and(|(_, blocks)| blocks.contains(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_an_argument_holds() {
        let held = |name| identifier(name).map(|found| (found.is_list, found.attribute));
        assert_eq!(held("subnet_ids"), Some((true, Some("id"))));
        assert_eq!(held("node_role_arn"), Some((false, Some("arn"))));
        assert_eq!(held("cluster_name"), Some((false, Some("name"))));
        assert_eq!(held("policy"), Some((false, None)));
        assert_eq!(held("description"), None);
        assert_eq!(held("cidr_blocks"), None);
    }

    #[test]
    fn only_identifiers_are_the_value_itself() {
        let accepts =
            |argument: &str, kind, attribute| identifier(argument).expect("one").accepts(kind, attribute);
        assert!(accepts("security_group_ids", "aws_eks_cluster", "vpc_config[0].cluster_security_group_id"));
        assert!(accepts("key_arn", "aws_kms_key", "arn"));
        assert!(!accepts("key_arn", "random_id", "hex"));
        assert!(!accepts("subnet_id", "aws_x", "valid"));
        assert!(accepts("policy", "aws_iam_policy_document", "json"));
        assert!(!accepts("policy", "aws_s3_bucket", "arn"), "a text that has it in it");
    }

    #[test]
    fn what_may_be_unset_is_told_from_what_a_dynamic_block_sets() {
        assert!(may_be_unset("aws_eks_cluster", "access_config"));
        assert!(!may_be_unset("aws_eks_cluster", "encryption_config"));
        assert!(may_be_unset("aws_x", "encryption_config"));
    }
}
