//! Which images nodes have: by the family that a file names, and by the types of instances.
//!
//! Written after `pkg/apis/eksctl.io/v1alpha5/amitype.go` of eksctl.

use super::node_group::NodeGroup;
use super::values::{chosen, find, unknown};
use crate::source::iac::TemplateValue;
use serde_json::json;

/// The family of images.
const FAMILY: &str = "AmazonLinux2023";

/// What a type of instance has that decides its image.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Accelerator {
    None,
    Nvidia,
    Neuron,
}

/// The images that EKS has for a family.
pub(super) fn ami_type(group: &NodeGroup<'_>, types: &TemplateValue) -> TemplateValue {
    let item = group.item;
    let family = find(item, "amiFamily");
    let place = family.and_then(|family| family.place.clone()).or_else(|| Some(group.place.clone()));
    let known = |name: &str| chosen(&json!(name), place.clone());
    if find(item, "ami").is_some() {
        return known("CUSTOM");
    }
    let family = match family {
        None => FAMILY,
        Some(family) => match family.as_str() {
            Some(family) => family,
            None => return family.clone(),
        },
    };
    let all: Vec<_> = types.items().iter().map(TemplateValue::as_str).collect();
    let accelerated = all.iter().flatten().find(|kind| accelerator(kind) != Accelerator::None);
    let Some(kind) = accelerated.copied().or_else(|| all.first().copied().flatten()) else {
        return unknown("the types of instances decide it, and are not known", place);
    };
    match ami_type_of(family, is_arm(kind), accelerator(kind)) {
        Some(found) => known(&found),
        None => known("CUSTOM"),
    }
}

/// The type of images of a family; none for a family of which eksctl looks up images.
fn ami_type_of(family: &str, is_arm: bool, accelerator: Accelerator) -> Option<String> {
    let family = family.to_ascii_lowercase();
    let found = match (family.as_str(), is_arm, accelerator) {
        ("amazonlinux2023", false, Accelerator::None) => "AL2023_x86_64_STANDARD",
        ("amazonlinux2023", false, Accelerator::Nvidia) => "AL2023_x86_64_NVIDIA",
        ("amazonlinux2023", false, Accelerator::Neuron) => "AL2023_x86_64_NEURON",
        ("amazonlinux2023", true, Accelerator::Nvidia) => "AL2023_ARM_64_NVIDIA",
        ("amazonlinux2023", true, _) => "AL2023_ARM_64_STANDARD",
        ("amazonlinux2", false, Accelerator::None) => "AL2_x86_64",
        ("amazonlinux2", false, _) => "AL2_x86_64_GPU",
        ("amazonlinux2", true, _) => "AL2_ARM_64",
        ("bottlerocket", false, Accelerator::Nvidia) => "BOTTLEROCKET_x86_64_NVIDIA",
        ("bottlerocket", false, _) => "BOTTLEROCKET_x86_64",
        ("bottlerocket", true, Accelerator::Nvidia) => "BOTTLEROCKET_ARM_64_NVIDIA",
        ("bottlerocket", true, _) => "BOTTLEROCKET_ARM_64",
        ("bottlerocketfips", false, Accelerator::Nvidia) => "BOTTLEROCKET_x86_64_NVIDIA_FIPS",
        ("bottlerocketfips", false, _) => "BOTTLEROCKET_x86_64_FIPS",
        ("bottlerocketfips", true, Accelerator::Nvidia) => "BOTTLEROCKET_ARM_64_NVIDIA_FIPS",
        ("bottlerocketfips", true, _) => "BOTTLEROCKET_ARM_64_FIPS",
        _ => return windows_type(&family),
    };
    Some(found.to_owned())
}

/// `WindowsServer2022FullContainer` is `WINDOWS_FULL_2022_x86_64`.
fn windows_type(family: &str) -> Option<String> {
    let rest = family.strip_prefix("windowsserver")?.strip_suffix("container")?;
    let (year, edition) = (rest.get(..4)?, rest.get(4..)?);
    let is_known = ["2019", "2022", "2025"].contains(&year) && ["full", "core"].contains(&edition);
    is_known.then(|| format!("WINDOWS_{}_{year}_x86_64", edition.to_ascii_uppercase()))
}

/// Whether a type of instance has processors of Arm: `m7g`, `c7gn`, `a1`.
fn is_arm(kind: &str) -> bool {
    let family = kind.split('.').next().unwrap_or_default();
    let generation = family.find(|c: char| c.is_ascii_digit());
    let after = generation.map_or("", |at| family[at..].trim_start_matches(|c: char| c.is_ascii_digit()));
    family == "a1" || after.starts_with('g') || family.starts_with("im4gn") || family.starts_with("is4gen")
}

/// What a type of instance has: `g5` and `p4d` have GPUs, `inf2` and `trn1` have Neuron.
fn accelerator(kind: &str) -> Accelerator {
    let family = kind.split('.').next().unwrap_or_default();
    let letters = family.trim_end_matches(|c: char| !c.is_ascii_digit());
    let letters = letters.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let start: String = family.chars().take_while(char::is_ascii_alphabetic).collect();
    match start.as_str() {
        "g" | "gr" | "p" => Accelerator::Nvidia,
        "inf" | "trn" => Accelerator::Neuron,
        _ if letters == "p" => Accelerator::Nvidia,
        _ => Accelerator::None,
    }
}

#[cfg(test)]
mod tests {
    use super::{accelerator, ami_type_of, is_arm};

    #[test]
    fn the_type_of_an_instance_decides_the_image() {
        for (family, kind, want) in [
            ("AmazonLinux2023", "m5.large", Some("AL2023_x86_64_STANDARD")),
            ("AmazonLinux2023", "m7g.large", Some("AL2023_ARM_64_STANDARD")),
            ("AmazonLinux2023", "g5.xlarge", Some("AL2023_x86_64_NVIDIA")),
            ("AmazonLinux2023", "g5g.xlarge", Some("AL2023_ARM_64_NVIDIA")),
            ("AmazonLinux2023", "p4d.24xlarge", Some("AL2023_x86_64_NVIDIA")),
            ("AmazonLinux2023", "inf2.xlarge", Some("AL2023_x86_64_NEURON")),
            ("AmazonLinux2023", "im4gn.large", Some("AL2023_ARM_64_STANDARD")),
            ("AmazonLinux2", "a1.large", Some("AL2_ARM_64")),
            ("AmazonLinux2", "p3.2xlarge", Some("AL2_x86_64_GPU")),
            ("Bottlerocket", "trn1.2xlarge", Some("BOTTLEROCKET_x86_64")),
            ("WindowsServer2022FullContainer", "m5.large", Some("WINDOWS_FULL_2022_x86_64")),
            ("WindowsServer2004CoreContainer", "m5.large", None),
            ("Ubuntu2404", "m5.large", None),
            ("", "", None),
        ] {
            let found = ami_type_of(family, is_arm(kind), accelerator(kind));
            assert_eq!(found.as_deref(), want, "{family} {kind}");
        }
    }
}
