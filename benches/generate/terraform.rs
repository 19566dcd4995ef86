//! Makes root modules of Terraform from a seed, as people write them for EKS: half of them have the resources themselves, a
//! quarter in a module of their own that they call, a quarter call modules of the registry. Each has a cluster or two with
//! the network, the nodes and the roles, and the mistakes that real ones have.
//!
//! The texts stand in `terraform/`; what differs between roots is written `@so@` there.

#[path = "random.rs"]
mod random;

use random::Random;

const PROVIDERS: &str = include_str!("terraform/providers.tf.in");
const CALLER: &str = include_str!("terraform/caller.tf.in");
const REGISTRY: &str = include_str!("terraform/registry.tf.in");
/// The files of a cluster.
const CLUSTER: [(&str, &str); 5] = [
    ("variables.tf", include_str!("terraform/variables.tf.in")),
    ("network.tf", include_str!("terraform/network.tf.in")),
    ("cluster.tf", include_str!("terraform/cluster.tf.in")),
    ("nodes.tf", include_str!("terraform/nodes.tf.in")),
    ("addons.tf", include_str!("terraform/addons.tf.in")),
];

/// A file of a root: its path from there, and its text.
pub(crate) type RootFile = (String, String);

/// What a root is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Resources of its own.
    Resources,
    /// A module of its own that it calls.
    OwnModule,
    /// Modules of the registry, whose sources are built into ekslint.
    RegistryModules,
}

impl Form {
    /// The form of the root number `index`.
    pub(crate) fn of(index: usize) -> Self {
        [Self::Resources, Self::OwnModule, Self::Resources, Self::RegistryModules][index % 4]
    }
}

/// The files of the root number `index`.
pub(crate) fn root(seed: u64, index: usize) -> Vec<RootFile> {
    let choices = Choices::of("main", seed, index);
    let mut files = vec![("providers.tf".to_owned(), choices.fill(PROVIDERS))];
    match Form::of(index) {
        Form::Resources => files.extend(choices.cluster("")),
        Form::OwnModule => {
            files.push(("main.tf".to_owned(), choices.fill(CALLER)));
            files.extend(choices.cluster("modules/cluster/"));
        }
        Form::RegistryModules => files.push(("main.tf".to_owned(), choices.fill(REGISTRY))),
    }
    files
}

/// One root with so many bytes of clusters, each in files of its own.
pub(crate) fn large_root(seed: u64, bytes: usize) -> Vec<RootFile> {
    let mut files = vec![("providers.tf".to_owned(), Choices::of("main", seed, 0).fill(PROVIDERS))];
    let (mut written, mut index) = (0, 0);
    while written < bytes {
        let id = format!("c{index:05}");
        for (path, text) in Choices::of(&id, seed, index).cluster(&format!("{id}_")) {
            written += text.len();
            files.push((path, text));
        }
        index += 1;
    }
    files
}

/// What stands for the words `@so@` of a text.
struct Choices(Vec<(&'static str, String)>);

impl Choices {
    /// For the cluster number `index`, whose resources have this in their names.
    fn of(id: &str, seed: u64, index: usize) -> Self {
        let random = &mut Random::of_member(seed, index);
        let mut choices = vec![
            ("name", format!("fleet-{index:05}")),
            ("number", index.to_string()),
            ("octet", random.below(256).to_string()),
        ];
        for (word, texts) in ONE_OF {
            choices.push((word, random.pick(texts).to_owned()));
        }
        for (word, percent) in TRUE_AT {
            choices.push((word, random.chance(percent).to_string()));
        }
        // The last one, for other texts have it in them.
        choices.push(("id", id.to_owned()));
        Self(choices)
    }

    /// The files of a cluster, with something before their names.
    fn cluster(&self, before: &str) -> impl Iterator<Item = RootFile> {
        CLUSTER.into_iter().map(move |(name, text)| (format!("{before}{name}"), self.fill(text)))
    }

    fn fill(&self, text: &str) -> String {
        let fill = |text: String, (word, with): &(&str, String)| text.replace(&format!("@{word}@"), with);
        self.0.iter().fold(text.to_owned(), fill)
    }
}

/// Words for which one of some texts stands.
const ONE_OF: [(&str, &[&str]); 23] = [
    ("region", &["ap-northeast-2", "us-west-2", "eu-central-1", "us-east-1"]),
    ("environment", &["production", "staging", "development"]),
    ("version", &["1.31", "1.32", "1.33", "1.34"]),
    ("cidrs", &[r#"["0.0.0.0/0"]"#, r#"["203.0.113.0/24"]"#, r#"["203.0.113.0/24", "198.51.100.7/32"]"#]),
    ("logs", &[r#"["api", "audit", "authenticator"]"#, r#"["audit"]"#, r#"["api"]"#]),
    ("most", &["6", "12", "40"]),
    ("capacity", &["SPOT", "ON_DEMAND"]),
    ("gateways", &["1", "3"]),
    ("ingress", &["var.@id@_cidr", r#""0.0.0.0/0""#]),
    ("extra_policy", &["AmazonEKSVPCResourceController", "AdministratorAccess"]),
    ("retention", &["7", "90", "365"]),
    ("authentication", &["API", "API_AND_CONFIG_MAP", "CONFIG_MAP"]),
    ("support", &["STANDARD", "EXTENDED"]),
    ("access_policy", &["AmazonEKSClusterAdminPolicy", "AmazonEKSViewPolicy"]),
    ("node_policy", &["AmazonSSMManagedInstanceCore", "AmazonS3FullAccess"]),
    ("tokens", &["required", "optional"]),
    ("hops", &["1", "2"]),
    ("ami", &["AL2023_x86_64_STANDARD", "BOTTLEROCKET_x86_64", "AL2_x86_64"]),
    ("autoscaler", &["cluster-autoscaler", "*"]),
    ("pod_policy", &["AutoScalingReadOnlyAccess", "AdministratorAccess"]),
    ("trust_test", &["StringEquals", "StringLike"]),
    ("replicas", &["1", "2", "3"]),
    ("pod_action", &["ec2:DescribeInstanceTypes", "iam:PassRole"]),
];

/// Words that are true that often in a hundred times.
const TRUE_AT: [(&str, usize); 10] = [
    ("hostnames", 90),
    ("public_addresses", 70),
    ("ssh", 20),
    ("rotation", 60),
    ("public", 70),
    ("private", 80),
    ("encrypted", 60),
    ("volumes_encrypted", 70),
    ("single", 50),
    ("two", 40),
];
