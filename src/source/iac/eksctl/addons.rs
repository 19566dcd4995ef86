//! Add-ons: those that a file names, and those that every cluster gets.
//!
//! Written after `pkg/actions/addon/tasks.go`, `create.go` and `pkg/apis/eksctl.io/v1alpha5/known_addons.go` of eksctl.

use super::builder::{ResourceBuilder, item_address, safe};
use super::kinds::{ASSOCIATION, ROLE};
use super::policies::{RoleMore, RolePolicies, ServiceAccountTrust, WELL_KNOWN};
use super::service_accounts::role_of_association;
use super::values::{chosen, find, flag, items, object, pairs, place_of, text, unknown};
use crate::source::iac::{Place, TemplateValue};
use serde_json::json;

/// Add-ons of clusters without EKS Auto Mode.
const DEFAULT: [&str; 3] = ["vpc-cni", "coredns", "kube-proxy"];
/// The one that all clusters get, but for some regions.
const METRICS: &str = "metrics-server";
/// How the regions begin that do not have it.
const WITHOUT_METRICS: [&str; 5] = ["cn-", "us-gov-", "us-iso-", "us-isob-", "us-isof-"];
const WITHOUT_METRICS_TOO: &str = "eu-isoe-";
/// An add-on.
const ADDON: &str = "AWS::EKS::Addon";

/// An add-on that has a role where the cluster has an OpenID Connect provider.
struct IrsaAddon {
    name: &'static str,
    /// Whose role it is, where eksctl says so: it does for one add-on only.
    service_account: Option<&'static str>,
    managed: &'static [&'static str],
    well_known: Option<&'static str>,
}

const CNI: &str = "vpc-cni";

const IRSA: [IrsaAddon; 3] = [
    IrsaAddon {
        name: CNI,
        service_account: Some("aws-node"),
        managed: &["AmazonEKS_CNI_Policy"],
        well_known: None,
    },
    IrsaAddon {
        name: "aws-ebs-csi-driver",
        service_account: None,
        managed: &[],
        well_known: Some("ebsCSIController"),
    },
    IrsaAddon {
        name: "aws-efs-csi-driver",
        service_account: None,
        managed: &[],
        well_known: Some("efsCSIController"),
    },
];

/// Adds the add-ons.
pub(super) fn add(builder: &mut ResourceBuilder<'_>) {
    let addons = builder.list("addons", &[ADDON, ASSOCIATION, ROLE]);
    for (position, addon) in addons.iter().enumerate() {
        if !addon.is_unknown() {
            one(builder, addon, &item_address("addons", addon, "name", position));
        }
    }
    let place = builder.near("addonsConfig");
    let auto_mode = builder.flag("autoModeConfig.enabled", false);
    match (builder.flag("addonsConfig.disableDefaultAddons", false), auto_mode) {
        (Ok(true), _) => {}
        (Ok(false), Ok(auto_mode)) => {
            let region = text(builder.config, "metadata.region").unwrap_or_default();
            let starts = WITHOUT_METRICS.iter().chain([&WITHOUT_METRICS_TOO]);
            let has_metrics = !{ starts }.any(|start| region.starts_with(start));
            let basic = DEFAULT.iter().filter(|_| !auto_mode);
            let all: Vec<_> = basic.chain([&METRICS].into_iter().filter(|_| has_metrics)).collect();
            let is_named = |name: &str| {
                addons
                    .iter()
                    .any(|addon| text(addon, "name").is_some_and(|own| own.eq_ignore_ascii_case(name)))
            };
            for name in all.into_iter().filter(|name| !is_named(name)) {
                let own =
                    object(Some(place.clone()), [("name", Some(chosen(&json!(name), Some(place.clone()))))]);
                one(builder, &own, &format!("addons[{name}]"));
            }
        }
        (Err(_), _) | (_, Err(_)) => {
            let reason = "whether eksctl adds its default add-ons is not known";
            builder.missing(&[ADDON], "addonsConfig.disableDefaultAddons", reason, &place);
        }
    }
}

fn one(builder: &mut ResourceBuilder<'_>, addon: &TemplateValue, address: &str) {
    let place = place_of(addon, &builder.place);
    let identity = AddonRole::of(builder, addon, address, &place);
    let namespace = find(addon, "namespaceConfig.namespace").cloned();
    let fields = [
        ("AddonName", find(addon, "name").cloned()),
        ("ClusterName", Some(builder.cluster_name())),
        ("AddonVersion", Some(version(addon, &place))),
        ("ConfigurationValues", find(addon, "configurationValues").cloned()),
        ("ServiceAccountRoleArn", identity.role),
        ("PodIdentityAssociations", identity.associations),
        ("NamespaceConfig", namespace.map(|name| object(name.place.clone(), [("Namespace", Some(name))]))),
        ("Tags", find(addon, "tags").map(pairs)),
    ];
    builder.add(address, ADDON, &place, fields);
}

/// The version, where the file has all of it: eksctl takes the newest that has what is written in it.
fn version(addon: &TemplateValue, place: &Place) -> TemplateValue {
    match find(addon, "version") {
        Some(version) if version.is_unknown() => version.clone(),
        Some(version) if version.as_str().is_some_and(|text| text.contains("-eksbuild.")) => version.clone(),
        Some(version) => unknown("eksctl chooses the newest version that fits", version.place.clone()),
        None => unknown("EKS chooses the add-on's default version; set `version`", Some(place.clone())),
    }
}

/// What an add-on may do in AWS.
#[derive(Default)]
struct AddonRole {
    role: Option<TemplateValue>,
    associations: Option<TemplateValue>,
}

impl AddonRole {
    fn of(builder: &mut ResourceBuilder<'_>, addon: &TemplateValue, address: &str, place: &Place) -> Self {
        if find(addon, "podIdentityAssociations").is_some() {
            let associations = Some(associations(builder, addon, address));
            return Self { associations, ..Self::default() };
        }
        const OF_IRSA: [&str; 4] =
            ["serviceAccountRoleARN", "attachPolicyARNs", "attachPolicy", "wellKnownPolicies"];
        let known = text(addon, "name")
            .and_then(|name| IRSA.iter().find(|known| known.name.eq_ignore_ascii_case(name)));
        let has_own = OF_IRSA.iter().any(|key| find(addon, key).is_some());
        let with_oidc = builder.flag("iam.withOIDC", false).map_err(Clone::clone);
        if !has_own {
            let recommended = [
                flag(addon, "useDefaultPodIdentityAssociations", false),
                builder.flag("addonsConfig.autoApplyPodIdentityAssociations", false),
            ];
            if recommended.iter().any(|on| *on != Ok(false)) {
                let words = "eksctl looks up what AWS recommends for the add-on";
                return Self { associations: Some(unknown(words, Some(place.clone()))), role: None };
            }
        }
        match (with_oidc, has_own, known) {
            (Ok(false), ..) | (_, false, None) => Self::default(),
            (Err(unknown), ..) => Self { role: Some(unknown), ..Self::default() },
            (Ok(true), true, known) => match find(addon, "serviceAccountRoleARN") {
                Some(given) => Self { role: Some(given.clone()), ..Self::default() },
                None => {
                    let mut policies = RolePolicies::new();
                    policies.add_known(builder, addon, "wellKnownPolicies", &WELL_KNOWN);
                    policies.add_named(addon, "attachPolicyARNs");
                    let name = chosen(&json!("Policy1"), Some(place.clone()));
                    policies.add_document(addon, "attachPolicy", &name);
                    Self {
                        role: Some(irsa(builder, policies, addon, address, place, known)),
                        ..Self::default()
                    }
                }
            },
            (Ok(true), false, Some(known)) => {
                let mut policies = RolePolicies::new();
                if known.name == CNI && is_ipv6(builder) {
                    let words = "eksctl writes the policy of the add-on for IPv6";
                    policies.inline.push(unknown(words, Some(place.clone())));
                } else {
                    known.managed.iter().for_each(|name| policies.add_of_aws(builder, name, place));
                }
                if let Some(key) = known.well_known {
                    let on =
                        object(Some(place.clone()), [(key, Some(chosen(&json!(true), Some(place.clone()))))]);
                    let on = object(Some(place.clone()), [("wellKnownPolicies", Some(on))]);
                    policies.add_known(builder, &on, "wellKnownPolicies", &WELL_KNOWN);
                }
                Self {
                    role: Some(irsa(builder, policies, addon, address, place, Some(known))),
                    ..Self::default()
                }
            }
        }
    }
}

/// The role of an add-on by the cluster's OpenID Connect provider.
fn irsa(
    builder: &mut ResourceBuilder<'_>,
    policies: RolePolicies,
    addon: &TemplateValue,
    address: &str,
    place: &Place,
    known: Option<&IrsaAddon>,
) -> TemplateValue {
    let own = |text: &str| chosen(&json!(text), Some(place.clone()));
    let (namespace, name) = (own("kube-system"), known.and_then(|known| known.service_account).map(own));
    let trust = ServiceAccountTrust { namespace: Some(&namespace), name: name.as_ref(), is_pattern: false };
    let more = RoleMore {
        name: None,
        trust: trust.document(builder, place),
        boundary: find(addon, "permissionsBoundary").cloned(),
    };
    policies.role(builder, &format!("{address}.role"), place, more)
}

fn is_ipv6(builder: &ResourceBuilder<'_>) -> bool {
    let family = text(builder.config, "kubernetesNetworkConfig.ipFamily");
    family.is_some_and(|family| family.eq_ignore_ascii_case("ipv6"))
}

fn associations(builder: &mut ResourceBuilder<'_>, addon: &TemplateValue, address: &str) -> TemplateValue {
    let path = "podIdentityAssociations";
    let (given, other) = items(addon, path);
    if let Some(other) = other {
        return other.clone();
    }
    let mut all = Vec::new();
    for association in given {
        if association.is_unknown() {
            all.push(association.clone());
            continue;
        }
        let place = place_of(association, &builder.place);
        let label = safe(text(association, "serviceAccountName").unwrap_or("unknown"));
        let role = format!("{address}.{path}[{label}].role");
        let role = role_of_association(builder, association, &role, &place);
        let account = find(association, "serviceAccountName").cloned();
        all.push(object(Some(place), [("ServiceAccount", account), ("RoleArn", Some(role))]));
    }
    TemplateValue::list(all, find(addon, path).and_then(|list| list.place.clone()))
}
