//! Which family of Amazon Machine Images a node group runs, how old its image is, and when AWS
//! ends the family.

use crate::facts::builder::FactBuilder;
use crate::facts::known::Known;
use crate::facts::time::{self, AsOf};
use crate::facts::view::ResourceView;
use crate::snapshot::Unknown;
use crate::value::Json;
use chrono::NaiveDate;
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Deserialize)]
struct AmiFamilies {
    families: Vec<Family>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Family {
    family: String,
    ami_types: Vec<String>,
    end_of_support: Option<NaiveDate>,
}

static FAMILIES: LazyLock<Vec<Family>> = LazyLock::new(|| {
    let text = include_str!("../../rules/data/ami-families.yaml");
    serde_saphyr::from_str::<AmiFamilies>(text).expect("an embedded file is valid").families
});

/// The facts of `facts.nodegroups[…].ami`.
pub(crate) fn of_nodegroup<'s>(
    nodegroup: &ResourceView<'s>,
    as_of: AsOf,
    builder: FactBuilder<'s>,
) -> Json<'s> {
    builder.known(of_described(nodegroup, as_of, builder))
}

fn of_described<'s>(nodegroup: &ResourceView<'s>, as_of: AsOf, builder: FactBuilder<'s>) -> Known<Json<'s>> {
    nodegroup.why_incomplete().map_or(Ok(()), Err)?;
    let ami_type = nodegroup.text("amiType")?;
    let family = FAMILIES.iter().find(|family| family.ami_types.iter().any(|ty| ty == ami_type));
    let not_in_table = || Unknown::undecided(format!("the AMI type {ami_type} is not known"));
    let family = family.ok_or_else(not_in_table)?;
    let mut fields = vec![("family", builder.text(&family.family))];
    if let Some(end) = family.end_of_support {
        fields.push(("endOfSupport", builder.text(end)));
        fields.push(("daysToEndOfSupport", Json::Int(as_of.days_until(end))));
    }
    let date = nodegroup.text("releaseVersion").and_then(|release| {
        let undated = || Unknown::undecided(format!("the release version {release} has no date"));
        release_date(release).ok_or_else(undated)
    });
    fields.push(("releaseDate", builder.known(date.clone().map(|date| builder.text(date)))));
    fields.push(("ageDays", builder.known(date.map(|date| Json::Int(-as_of.days_until(date))))));
    Ok(builder.object(fields))
}

/// The date in a release version: `1.30.4-20240904` of Amazon Linux, `1.35-2026.04.18` of Windows.
fn release_date(release: &str) -> Option<NaiveDate> {
    let (_, date) = release.split_once('-')?;
    let digits = date.replace(['.', '-'], "");
    let whole = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let date = whole.then(|| NaiveDate::parse_from_str(&digits, "%Y%m%d").ok())?;
    date.filter(time::is_of_our_time)
}

#[cfg(test)]
mod tests {
    use super::release_date;

    #[test]
    fn some_releases_carry_a_date_and_others_do_not() {
        let date = |release| release_date(release).map(|date| date.to_string());
        assert_eq!(date("1.30.4-20240904").as_deref(), Some("2024-09-04"));
        assert_eq!(date("1.35-2026.04.18").as_deref(), Some("2026-04-18"));
        assert_eq!(date("1.35-2026-01-22").as_deref(), Some("2026-01-22"));
        assert_eq!(release_date("1.20.0-fcf71a47"), None);
        assert_eq!(release_date("ami-0123456789"), None);
        assert_eq!(release_date("1.30.4-99991231"), None);
        assert_eq!(release_date("1.30.4-00010101"), None);
    }
}
