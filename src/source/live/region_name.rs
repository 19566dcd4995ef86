//! Names of regions: which are plausible, and which may be meant.

/// The region of a partition that is on in every account.
pub(super) fn home(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "cn-north-1",
        region if region.starts_with("us-gov-") => "us-gov-west-1",
        _ => "us-east-1",
    }
}

/// Regions, to say which one may be meant. Others are asked for all the same.
const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// Whether it has the form of a region's name: `eu-west-1`.
///
/// # Errors
///
/// It has not: in words.
pub(super) fn plausible(region: &str) -> Result<(), String> {
    let parts: Vec<_> = region.split('-').collect();
    let word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let fits =
        parts.len() >= 3 && parts[..parts.len() - 1].iter().all(word) && parts.last().is_some_and(number);
    if fits {
        Ok(())
    } else {
        Err(format!("{region}: this is not the name of a region\n{}", is_it_the_name(region)))
    }
}

/// What may be wrong with a region that does not answer.
pub(super) fn is_it_the_name(region: &str) -> String {
    let nearest = REGIONS.iter().min_by_key(|known| strsim::damerau_levenshtein(known, region));
    match nearest.filter(|known| **known != region && strsim::damerau_levenshtein(known, region) <= 3) {
        Some(known) if !REGIONS.contains(&region) => format!("Did you mean {known}?"),
        _ => "Check the name of the region, the network, and HTTPS_PROXY".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_it_the_name, plausible};

    #[test]
    fn names_of_regions_are_checked_by_their_form_alone() {
        for region in ["eu-west-1", "us-gov-west-1", "mx-central-1", "xx-newland-12"] {
            assert_eq!(plausible(region), Ok(()), "{region}");
        }
        for region in ["seoul", "", "eu-west", "EU-WEST-1", "eu--1", "eu-west-1a", "eu-west-1/../x"] {
            assert!(plausible(region).is_err(), "{region}");
        }
    }

    #[test]
    fn the_nearest_region_is_named() {
        assert_eq!(is_it_the_name("ap-northeast2"), "Did you mean ap-northeast-2?");
        assert!(is_it_the_name("eu-west-1").starts_with("Check"));
    }
}
