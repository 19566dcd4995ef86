//! Calls of modules whose sources are built in: what their defaults are, and where what they say is shown.

use super::{at, loaded, main, place, placed, resource, shown};
use crate::source::iac::terraform::hcl::VariableInputs;
use crate::source::iac::{Place, Template, TemplateValue, ValueKind};

const CLUSTER: &str = "module.eks.aws_eks_cluster.this[0]";
const GROUP: &str = "module.eks.module.eks_managed_node_group[\"apps\"]";
const VERSIONS: [&str; 5] = ["17.24.0", "18.31.2", "19.21.0", "20.37.2", "21.19.0"];

/// A network and a cluster with a node group, as most people call these modules.
fn called(version: &str, network: &str, more: &str) -> String {
    let major = version.split('.').next();
    let subnets = if major == Some("17") { "subnets" } else { "subnet_ids" };
    let group = if major == Some("17") {
        "node_groups = {\n    apps = { desired_capacity = 1, create_launch_template = true }\n  }"
    } else {
        "eks_managed_node_groups = {\n    apps = { min_size = 1 }\n  }"
    };
    let name = match major {
        Some("21") => "name               = \"prod\"\n  kubernetes_version = \"1.33\"",
        _ => "cluster_name    = \"prod\"\n  cluster_version = \"1.33\"",
    };
    format!(
        "provider \"aws\" {{\n  region = \"eu-west-1\"\n}}\nmodule \"vpc\" {{\n  source  = \"terraform-aws-modules/vpc/aws\"\n  version = \"{network}\"\n\n  name            = \"prod\"\n  cidr            = \"10.0.0.0/16\"\n  azs             = [\"eu-west-1a\", \"eu-west-1b\"]\n  private_subnets = [\"10.0.1.0/24\", \"10.0.2.0/24\"]\n  public_subnets  = [\"10.0.101.0/24\", \"10.0.102.0/24\"]\n}}\nmodule \"eks\" {{\n  source  = \"terraform-aws-modules/eks/aws\"\n  version = \"{version}\"\n\n  {name}\n  vpc_id     = module.vpc.vpc_id\n  {subnets} = module.vpc.private_subnets\n  {group}\n{more}}}\n"
    )
}

/// The value of an argument of a resource, as it is shown; what is not there is null.
fn value(template: &Template, address: &str, path: &str) -> String {
    let mut value = &resource(template, address).values;
    for part in path.split('.') {
        let next = match &value.kind {
            ValueKind::Map(fields) => fields.get(part),
            ValueKind::List(items) => part.parse::<usize>().ok().and_then(|at| items.get(at)),
            _ => None,
        };
        match next {
            Some(next) => value = next,
            None => return "null".to_owned(),
        }
    }
    shown(value)
}

/// An argument of a resource, and what it is in each version; empty where the version has no such resource.
type DefaultRow<'r> = (&'r str, &'r str, [&'r str; 5]);

#[test]
fn a_cluster_is_what_each_version_of_the_module_makes_of_it() {
    let types = "[\"audit\", \"api\", \"authenticator\"]";
    let key = "\"${module.eks.module.kms.aws_kms_key.this[0].arn}\"".trim_matches('"');
    let group = "aws_eks_node_group.this[0]";
    let template = "aws_launch_template.this[0]";
    let rows: &[DefaultRow<'_>] = &[
        (CLUSTER, "vpc_config.0.endpoint_public_access", ["true", "true", "false", "false", "false"]),
        (CLUSTER, "vpc_config.0.endpoint_private_access", ["false", "false", "true", "true", "true"]),
        (CLUSTER, "vpc_config.0.public_access_cidrs", ["[\"0.0.0.0/0\"]"; 5]),
        (CLUSTER, "enabled_cluster_log_types", ["[]", types, types, types, types]),
        (CLUSTER, "encryption_config.0.provider.0.key_arn", ["null", "null", key, key, key]),
        (
            CLUSTER,
            "access_config.0.authentication_mode",
            ["null", "null", "null", "\"API_AND_CONFIG_MAP\"", "\"API_AND_CONFIG_MAP\""],
        ),
        (
            CLUSTER,
            "access_config.0.bootstrap_cluster_creator_admin_permissions",
            ["null", "null", "null", "false", "false"],
        ),
        (CLUSTER, "bootstrap_self_managed_addons", ["null", "null", "null", "null", "false"]),
        (CLUSTER, "version", ["\"1.33\""; 5]),
        ("module.eks.aws_cloudwatch_log_group.this[0]", "retention_in_days", ["", "90", "90", "90", "90"]),
        (
            "module.eks.module.kms.aws_kms_key.this[0]",
            "enable_key_rotation",
            ["", "", "true", "true", "true"],
        ),
        // Until 20 the variable is a map of texts.
        (group, "update_config.0.max_unavailable_percentage", ["", "null", "\"33\"", "\"33\"", "33"]),
        (group, "ami_type", ["", "null", "null", "null", "\"AL2023_x86_64_STANDARD\""]),
        (
            template,
            "metadata_options.0.http_tokens",
            ["", "\"required\"", "\"required\"", "\"required\"", "\"required\""],
        ),
        (template, "metadata_options.0.http_put_response_hop_limit", ["", "\"2\"", "\"2\"", "\"2\"", "1"]),
    ];
    for (position, version) in VERSIONS.iter().enumerate() {
        let template = main(&called(version, "5.21.0", ""));
        assert_eq!((&template.problems, &template.missing, &template.notices), (&vec![], &vec![], &vec![]));
        for (address, path, expected) in rows {
            let inner = !address.starts_with("module.");
            let address = if inner { format!("{GROUP}.{address}") } else { (*address).to_owned() };
            let found = template.resources.iter().any(|resource| *resource.address == *address);
            let value = if found { value(&template, &address, path) } else { String::new() };
            assert_eq!(value, expected[position], "{version}: {path} of {address}");
        }
        let providers =
            template.resources.iter().filter(|found| &*found.kind == "aws_iam_openid_connect_provider");
        assert_eq!(providers.count(), usize::from(*version != "17.24.0"), "enable_irsa of {version}");
    }
    let old = main(&called("17.24.0", "5.21.0", "enable_irsa = true\n"));
    let workers = "module.eks.module.node_groups.aws_launch_template.workers[\"apps\"]";
    assert_eq!(value(&old, workers, "metadata_options.0.http_tokens"), "\"optional\"");
    assert_eq!(value(&old, workers, "metadata_options.0.http_put_response_hop_limit"), "null");
    let provider = resource(&old, "module.eks.aws_iam_openid_connect_provider.oidc_provider[0]");
    assert_eq!(shown(at(&provider.values, "client_id_list")), "[\"sts.amazonaws.com\"]");
}

#[test]
fn an_empty_encryption_means_off_until_20_and_on_from_21() {
    for (version, argument, is_on) in [
        ("18.31.2", "cluster_encryption_config = []", false),
        ("19.21.0", "cluster_encryption_config = {}", false),
        ("20.37.2", "cluster_encryption_config = {}", false),
        ("21.19.0", "encryption_config = {}", true),
        ("21.19.0", "encryption_config = null", false),
    ] {
        let template = main(&called(version, "5.21.0", &format!("  {argument}\n")));
        let key = value(&template, CLUSTER, "encryption_config.0.provider.0.key_arn");
        assert_eq!(key != "null", is_on, "{version} with {argument}: {key}");
    }
}

#[test]
fn a_network_is_what_each_version_of_the_module_makes_of_it() {
    for (version, gives_public, has_names, empties_default) in [
        ("2.78.0", "true", "false", false),
        ("3.19.0", "true", "false", false),
        ("4.0.2", "false", "true", true),
        ("5.21.0", "false", "true", true),
        ("6.6.0", "false", "true", true),
    ] {
        let template = main(&called("20.37.2", version, ""));
        assert_eq!((&template.problems, &template.missing), (&vec![], &vec![]), "{version}");
        let public = "module.vpc.aws_subnet.public[0]";
        assert_eq!(value(&template, public, "map_public_ip_on_launch"), gives_public, "{version}");
        assert_eq!(value(&template, public, "availability_zone"), "\"eu-west-1a\"", "{version}");
        assert_eq!(
            value(&template, "module.vpc.aws_vpc.this[0]", "enable_dns_hostnames"),
            has_names,
            "{version}"
        );
        let of = |kind: &str| template.resources.iter().filter(|resource| &*resource.kind == kind).count();
        assert_eq!(of("aws_default_security_group"), usize::from(empties_default), "{version}");
        assert_eq!((of("aws_nat_gateway"), of("aws_flow_log"), of("aws_subnet")), (0, 0, 4), "{version}");
        assert_eq!(
            value(&template, CLUSTER, "vpc_config.0.subnet_ids"),
            "[${module.vpc.aws_subnet.private[0].id}, ${module.vpc.aws_subnet.private[1].id}]",
            "{version}"
        );
    }
}

#[test]
fn what_stands_in_a_bundled_module_is_shown_on_its_call() {
    let more = "  cluster_endpoint_public_access = var.public\n  access_entries = {\n    admin = { principal_arn = \"arn:aws:iam::111122223333:role/admin\" }\n  }\n}\nvariable \"public\" {\n  default = true\n";
    let template = main(&called("~> 20.0", "~> 5.0", more));
    let cluster = resource(&template, CLUSTER);
    let label = "main.tf:14 \"eks\"";
    let title = "terraform-aws-modules/eks 20.37.2";
    assert_eq!(
        place(&template, &cluster.place),
        format!("{label} ← in module.eks ({title}, main.tf): {label}")
    );
    let shown_at = |path| placed(&template, at(&cluster.values, path));
    assert_eq!(
        shown_at("vpc_config.0.endpoint_private_access"),
        format!("{label} ← default of var.cluster_endpoint_private_access in module.eks ({title}): {label}")
    );
    assert_eq!(
        shown_at("access_config.0.bootstrap_cluster_creator_admin_permissions"),
        format!("{label} ← in module.eks ({title}, main.tf): {label}")
    );
    assert_eq!(shown_at("version"), "main.tf:19 \"1.33\"");
    assert_eq!(
        shown_at("vpc_config.0.endpoint_public_access"),
        "main.tf:25 var.public ← default of var.public: main.tf:31 true"
    );
    assert!(
        shown_at("vpc_config.0.subnet_ids.0")
            .starts_with("main.tf:21 module.vpc.private_subnets ← in module.vpc")
    );
    let entry = resource(&template, "module.eks.aws_eks_access_entry.this[\"admin\"]");
    let principal = placed(&template, at(&entry.values, "principal_arn"));
    assert!(principal.starts_with("main.tf:27 \"arn:aws:iam::111122223333:role/admin\""), "{principal}");
}

/// All places in a value, with those that these lead to.
fn places(value: &TemplateValue) -> Vec<&Place> {
    let own = value.place.iter().flat_map(|place| [Some(place), place.via.as_ref().map(|via| &via.place)]);
    let inner: Vec<&TemplateValue> = match &value.kind {
        ValueKind::List(items) => items.iter().collect(),
        ValueKind::Map(fields) => fields.values().collect(),
        _ => Vec::new(),
    };
    own.flatten().chain(inner.into_iter().flat_map(places)).collect()
}

#[test]
fn no_place_leads_into_a_file_that_nobody_can_open() {
    for version in VERSIONS {
        let more = "}\nresource \"test\" \"a\" {\n  x = module.eks\n  y = module.vpc.private_subnets\n";
        let template = main(&called(version, "5.21.0", more));
        let mut count = 0;
        for resource in &template.resources {
            let own = [Some(&resource.place), resource.place.via.as_ref().map(|via| &via.place)];
            let values = [Some(&resource.values), resource.region.as_ref(), resource.default_tags.as_ref()];
            let all = values.into_iter().flatten().flat_map(places).chain(own.into_iter().flatten());
            for place in all {
                assert_eq!(place.file.0, 0, "{version}: {}", resource.address);
                count += 1;
            }
        }
        assert!(count > 500, "{version}: {count}");
        assert_eq!(template.files.len(), 1, "{version}");
    }
}

#[test]
fn files_that_terraform_init_downloaded_come_first() {
    let files = [
        ("main.tf", "module \"eks\" {\n  source = \"terraform-aws-modules/eks/aws\"\n}\n"),
        (
            ".terraform/modules/modules.json",
            "{\"Modules\": [{\"Key\": \"eks\", \"Source\": \"x\", \"Dir\": \".terraform/modules/eks\"}]}",
        ),
        (".terraform/modules/eks/main.tf", "resource \"test\" \"a\" {}\n"),
    ];
    let template = loaded(&files, &VariableInputs::default());
    assert_eq!(super::addresses(&template), ["module.eks.test.a"]);
}

#[test]
fn a_version_that_is_not_there_is_said_once_a_call() {
    let text = "module \"eks\" {\n  for_each = toset([\"a\", \"b\"])\n  source   = \"terraform-aws-modules/eks/aws\"\n  version  = \"~> 20.8.4\"\n}\nmodule \"old\" {\n  source  = \"terraform-aws-modules/eks/aws\"\n  version = \"16.2.0\"\n}\nmodule \"off\" {\n  count  = 0\n  source = \"some/module/aws\"\n}\nmodule \"given\" {\n  source  = \"terraform-aws-modules/eks/aws\"\n  version = var.version\n}\nvariable \"version\" {}\n";
    let template = main(text);
    let notices: Vec<String> = template.notices.iter().map(ToString::to_string).collect();
    assert_eq!(
        notices,
        [
            "main.tf:1:8: module.eks wants terraform-aws-modules/eks ~> 20.8.4, which ekslint does not have: it is evaluated with the sources of 20.37.2; for its own, run `terraform init`"
        ]
    );
    let missing: Vec<&str> = template.missing.iter().map(|missing| &*missing.reason).collect();
    assert_eq!(
        missing,
        [
            "module.old: ekslint does not have terraform-aws-modules/eks 16.2.0: it has the versions 17, 18, 19, 20, 21 (the newest is 21.19.0 of 2026-04-27); run `terraform init`, or scan the plan",
            "module.given: its version is not known: var.version has no value; set it with --var or --var-file",
        ]
    );
}

/// The call of a module with some arguments, and what is noticed of it.
fn noticed(version: &str, arguments: &str) -> (Template, Vec<String>) {
    let text =
        format!("module \"eks\" {{\n  source = \"terraform-aws-modules/eks/aws\"\n{version}{arguments}}}\n");
    let template = main(&text);
    let notices = template.notices.iter().map(ToString::to_string).collect();
    (template, notices)
}

#[test]
fn the_arguments_of_a_call_say_which_version_it_was_written_for() {
    let of_20 =
        "  cluster_name = \"prod\"\n  cluster_version = \"1.31\"\n  cluster_endpoint_public_access = true\n";
    let of_19 = "  cluster_name = \"prod\"\n  manage_aws_auth_configmap = true\n";
    let of_17 = "  cluster_name = \"prod\"\n  subnets = [\"subnet-1\"]\n  worker_groups = []\n";
    let of_all = "  vpc_id = \"vpc-1\"\n";
    let fits = " for the arguments of the call";
    for (version, arguments, words, chosen, why) in [
        ("", of_20, "does not say its version, and", "20.37.2", fits),
        ("", of_19, "does not say its version, and", "19.21.0", fits),
        ("", of_17, "does not say its version, and", "17.24.0", fits),
        ("", of_all, "does not say its version, and", "21.19.0", ""),
        ("  version = \">= 19.0\"\n", of_20, "allows any newer version (>= 19.0), and", "20.37.2", fits),
        (
            "  version = \">= 18, < 21\"\n",
            of_19,
            "allows several versions (>= 18, < 21), and",
            "19.21.0",
            fits,
        ),
    ] {
        let (_, notices) = noticed(version, arguments);
        let expected = format!(
            "main.tf:1:8: module.eks {words} is evaluated with the sources of terraform-aws-modules/eks {chosen}, the newest that ekslint has{why}"
        );
        assert_eq!(notices, [expected], "{version}{arguments}");
    }
    assert_eq!(noticed("  version = \">= 18, < 21\"\n", of_20).1, Vec::<String>::new());
    let (template, _) = noticed("", of_20);
    assert_eq!(value(&template, CLUSTER, "vpc_config.0.endpoint_public_access"), "true");
    assert_eq!(value(&template, CLUSTER, "version"), "\"1.31\"");
}

#[test]
fn an_argument_that_a_module_does_not_have_is_said() {
    let (_, notices) =
        noticed("  version = \"~> 21.0\"\n", "  name = \"prod\"\n  endpoint_public_acess = true\n");
    assert_eq!(
        notices,
        [
            "main.tf:5:3: module.eks: terraform-aws-modules/eks 21.19.0 has no argument `endpoint_public_acess`, and it is not evaluated; did you mean `endpoint_public_access`?"
        ]
    );
    // A version that fits all of them there is none: the newest that lacks the fewest.
    let (_, notices) =
        noticed("", "  cluster_name = \"prod\"\n  cluster_version = \"1.31\"\n  zzzzzzzzz = 1\n");
    assert_eq!(notices.len(), 2, "{notices:?}");
    assert!(notices[0].contains("20.37.2") && notices[1].contains("`zzzzzzzzz`"), "{notices:?}");
    let files = [
        ("main.tf", "module \"a\" {\n  for_each = toset([\"x\", \"y\"])\n  source = \"./a\"\n  nme = 1\n}\n"),
        ("a/main.tf", "variable \"name\" {\n  default = 2\n}\n"),
    ];
    let template = loaded(&files, &VariableInputs::default());
    let notices: Vec<String> = template.notices.iter().map(ToString::to_string).collect();
    assert_eq!(
        notices,
        [
            "main.tf:4:3: module.a: the module in a has no argument `nme`, and it is not evaluated; did you mean `name`?"
        ]
    );
}

#[test]
fn what_a_module_that_is_not_here_may_make_is_known_of_some() {
    let call = |name: &str, source: &str| format!("module \"{name}\" {{\n  source = \"{source}\"\n}}\n");
    let text = [
        call("a", "terraform-aws-modules/key-pair/aws"),
        call("b", "github.com/gitops-bridge-dev/gitops-bridge-argocd-bootstrap-terraform?ref=v2.0.0"),
        call("c", "example/key-pair/aws"),
    ];
    let template = main(&text.concat());
    let [key_pair, bridge, other] = &template.missing[..] else { panic!("{:?}", template.missing) };
    assert!(key_pair.kinds.iter().any(|kind| &**kind == "aws_key_pair"), "{key_pair:?}");
    assert!(bridge.kinds.iter().any(|kind| &**kind == "helm_release"), "{bridge:?}");
    assert!(other.kinds.is_empty(), "{other:?}");
}

#[test]
fn what_try_gives_is_the_value_itself_where_nothing_can_fail() {
    // What is made of something unknown is equal to itself alone.
    let itself = Some("${test.a.x}");
    for (expression, value, name) in [
        (
            "try(var.name, \"\")",
            "?(var.name has no value; set it with --var or --var-file)",
            Some("${var.name}"),
        ),
        ("try(basename(path.cwd), \"\")", "${basename(path.cwd)}", Some("${basename(path.cwd)}")),
        ("try(var.name.part, \"\")", "?(var.name has no value; set it with --var or --var-file)", itself),
        ("try(var.name[0], \"\")", "?(var.name has no value; set it with --var or --var-file)", itself),
        ("try([\"a\"][var.name], \"\")", "?(var.name has no value; set it with --var or --var-file)", itself),
        (
            "try(tonumber(var.name), \"\")",
            "?(var.name has no value; set it with --var or --var-file)",
            itself,
        ),
    ] {
        let template =
            main(&format!("variable \"name\" {{}}\nresource \"test\" \"a\" {{\n  x = {expression}\n}}\n"));
        let x = at(&resource(&template, "test.a").values, "x");
        assert_eq!((shown(x).as_str(), x.join_key().as_deref()), (value, name), "{expression}");
    }
}
