//! Makes templates of CloudFormation from a seed, as people write them for EKS: a cluster with its network, nodes, roles and
//! add-ons, parameters and conditions, and the mistakes that real ones have.
//!
//! The text stands in `cloudformation/`; what differs between templates is written `@so@` there.

#[path = "random.rs"]
mod random;

use random::Random;

const STACK: &str = include_str!("cloudformation/stack.yaml.in");

/// The template number `index`.
pub(crate) fn stack(seed: u64, index: usize) -> String {
    let random = &mut Random::of_member(seed, index);
    let mut text = STACK.replace("@name@", &format!("fleet-{index:05}"));
    text = text.replace("@octet@", &random.below(256).to_string());
    for (word, texts) in ONE_OF {
        text = text.replace(&format!("@{word}@"), random.pick(texts));
    }
    for (word, percent) in TRUE_AT {
        text = text.replace(&format!("@{word}@"), &random.chance(percent).to_string());
    }
    text
}

/// Words for which one of some texts stands.
const ONE_OF: [(&str, &[&str]); 13] = [
    ("version", &["1.31", "1.32", "1.33", "1.34"]),
    ("cidrs", &["0.0.0.0/0", "203.0.113.0/24", "203.0.113.0/24,198.51.100.7/32"]),
    ("logs", &["[{Type: api}, {Type: audit}]", "[{Type: audit}]", "[{Type: api}]"]),
    ("authentication", &["API", "API_AND_CONFIG_MAP", "CONFIG_MAP"]),
    ("support", &["STANDARD", "EXTENDED"]),
    ("access_policy", &["AmazonEKSClusterAdminPolicy", "AmazonEKSViewPolicy"]),
    ("ingress", &["10.0.0.0/8", "0.0.0.0/0"]),
    ("node_policy", &["AmazonSSMManagedInstanceCore", "AmazonS3FullAccess"]),
    ("tokens", &["required", "optional"]),
    ("hops", &["1", "2"]),
    ("ami", &["AL2023_x86_64_STANDARD", "BOTTLEROCKET_x86_64", "AL2_x86_64"]),
    ("capacity", &["SPOT", "ON_DEMAND"]),
    ("pod_policy", &["AutoScalingReadOnlyAccess", "AdministratorAccess"]),
];

/// Words that are true that often in a hundred times.
const TRUE_AT: [(&str, usize); 6] = [
    ("public", 70),
    ("private", 80),
    ("public_addresses", 70),
    ("encrypted", 60),
    ("rotation", 60),
    ("ssh", 20),
];
