//! The account and region in which Security Hub keeps a finding.

use crate::snapshot::Identity;

/// The partitions that Security Hub knows.
const PARTITIONS: [&str; 5] = ["aws", "aws-cn", "aws-us-gov", "aws-us-iso", "aws-us-iso-b"];

/// The place of a finding.
#[derive(Clone, Copy, Debug)]
pub(super) struct Home<'a> {
    pub(super) partition: &'a str,
    pub(super) region: &'a str,
    pub(super) account: &'a str,
}

impl<'a> Home<'a> {
    /// The place, unless a snapshot does not say it or what it says can be none.
    pub(super) fn of(cluster: &'a Identity) -> Option<Self> {
        let (region, account) = (cluster.region.as_deref()?, cluster.account.as_deref()?);
        let partition = cluster.partition().filter(|name| PARTITIONS.contains(name))?;
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let of_region = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_region = !region.is_empty() && region.len() <= 32 && region.bytes().all(of_region);
        (is_account && is_region).then_some(Self { partition, region, account })
    }

    /// The product under which an account imports findings of its own.
    pub(super) fn product(self) -> String {
        let Self { partition, region, account } = self;
        format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default")
    }
}

#[cfg(test)]
mod tests {
    use super::Home;
    use crate::snapshot::Identity;

    #[test]
    fn only_accounts_and_regions_of_aws_are_places() {
        let is_home = |account: &str, region: &str, arn: Option<&str>| {
            let (account, region) = (Some(account.to_owned()), Some(region.to_owned()));
            let arn = arn.map(str::to_owned);
            Home::of(&Identity { account, region, arn, ..Identity::default() }).is_some()
        };
        assert!(is_home("111122223333", "eu-west-1", None));
        assert!(is_home(
            "111122223333",
            "cn-north-1",
            Some("arn:aws-cn:eks:cn-north-1:111122223333:cluster/a")
        ));
        assert!(!is_home("111122223333", "eu-west-1", Some("arn:evil:eks:eu-west-1:111122223333:cluster/a")));
        assert!(!is_home("11112222333", "eu-west-1", None));
        assert!(!is_home("１１１１", "eu-west-1", None));
        assert!(!is_home("111122223333", "eu west\n", None));
        assert!(Home::of(&Identity::default()).is_none());
    }
}
