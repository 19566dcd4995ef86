//! What to do so that a rule can be evaluated.

use crate::snapshot::{Unknown, UnknownKind, envelope::ENVELOPES};

/// The way out of not knowing something, as a sentence, if there is one.
pub(super) fn advice(unknown: &Unknown) -> Option<String> {
    match unknown.kind {
        UnknownKind::Denied => {
            unknown.action.as_ref().map(|action| format!("Allow the IAM action {action}."))
        }
        UnknownKind::Error => unknown.api.as_ref().map(|api| format!("The call {api} failed: try again.")),
        UnknownKind::NotInSnapshot | UnknownKind::Incomplete | UnknownKind::FieldAbsent => {
            answer(unknown).map(|answer| format!("Add the answer of {answer} to the snapshot."))
        }
        UnknownKind::Invalid => Some("Correct the value in the snapshot.".to_owned()),
        UnknownKind::NeedsConfiguration => Some("Give it a value with `--param`.".to_owned()),
        UnknownKind::NotInTemplate => Some("Scan the running cluster as well.".to_owned()),
        UnknownKind::NotApplicable
        | UnknownKind::UntilApply
        | UnknownKind::SharedVpc
        | UnknownKind::NotRequested
        | UnknownKind::Undecided => None,
    }
}

/// The AWS CLI command whose answer holds the place, else the API call.
fn answer(unknown: &Unknown) -> Option<String> {
    let section = unknown.at.split('/').nth(1).unwrap_or_default();
    let describes = |command: &str| !command.contains(" list-");
    let row = ENVELOPES.iter().find(|row| row.section == section && describes(row.command));
    row.map(|row| format!("`aws {}`", row.command)).or_else(|| unknown.api.clone())
}

#[cfg(test)]
mod tests {
    use super::advice;
    use crate::snapshot::{Unknown, UnknownKind, section};

    #[test]
    fn a_missing_section_names_the_command_that_prints_it() {
        let unknown = Unknown::section_absent(section::by_name("subnets").unwrap());
        assert_eq!(
            advice(&unknown).unwrap(),
            "Add the answer of `aws ec2 describe-subnets` to the snapshot."
        );
        let unknown = Unknown::field_absent("/nodegroups/3/updateConfig", None);
        assert_eq!(
            advice(&unknown).unwrap(),
            "Add the answer of `aws eks describe-nodegroup` to the snapshot."
        );
    }

    #[test]
    fn a_refused_call_names_its_action() {
        let unknown = Unknown {
            kind: UnknownKind::Denied,
            reason: "AccessDenied".to_owned(),
            at: "/subnets".to_owned(),
            api: Some("ec2:DescribeSubnets".to_owned()),
            action: Some("ec2:DescribeSubnets".to_owned()),
        };
        assert_eq!(advice(&unknown).unwrap(), "Allow the IAM action ec2:DescribeSubnets.");
    }

    #[test]
    fn what_nobody_can_change_has_no_advice() {
        assert_eq!(advice(&Unknown::undecided("no calendar".to_owned())), None);
    }
}
