//! The one sentence that says what to do about a finding.

use super::MOST_SUMMARY;

/// What an author wrote, else the first sentence of the whole text, cut where it is too long.
pub(super) fn of(written: Option<String>, text: &str) -> String {
    match written {
        Some(summary) => summary.trim().to_owned(),
        None => cut(&first_sentence(text)),
    }
}

/// What is wrong with a summary that an author wrote.
pub(super) fn check(summary: &str) -> Result<(), String> {
    let length = summary.trim().chars().count();
    match length {
        0 => Err("the rule's remediation.summary is empty".to_owned()),
        1..=MOST_SUMMARY if !summary.trim().contains('\n') => Ok(()),
        1..=MOST_SUMMARY => Err("the rule's remediation.summary has more than one line".to_owned()),
        _ => Err(format!(
            "the rule's remediation.summary has {length} characters, and may have {MOST_SUMMARY}"
        )),
    }
}

/// A sentence ends with a full stop or a colon before a blank; what an author broke into lines is one.
fn first_sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = [". ", ": ", "? ", "! "].iter().filter_map(|end| text.find(end)).min();
    end.map_or(text.as_str(), |end| &text[..end]).trim_end_matches(['.', ':']).to_owned()
}

fn cut(sentence: &str) -> String {
    if sentence.chars().count() <= MOST_SUMMARY {
        return sentence.to_owned();
    }
    let start: String = sentence.chars().take(MOST_SUMMARY - 1).collect();
    let end = start.rfind(' ').unwrap_or(start.len());
    format!("{}…", start[..end].trim_end_matches([',', ';']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_summary_the_first_sentence_is_one() {
        for (text, expected) in [
            ("Turn it on. Then wait.", "Turn it on"),
            ("Turn on the private\nendpoint first: nodes need it.", "Turn on the private endpoint first"),
            ("Use 0.0.0.0/0 nowhere.", "Use 0.0.0.0/0 nowhere"),
        ] {
            assert_eq!(of(None, text), expected);
        }
        assert_eq!(of(Some(" Do it ".to_owned()), "Do something else."), "Do it");
    }

    proptest::proptest! {
        #[test]
        fn a_summary_is_never_too_long(text in "[a-z가 .:]{1,300}") {
            proptest::prop_assert!(of(None, &text).chars().count() <= MOST_SUMMARY);
        }
    }

    #[test]
    fn what_is_wrong_with_a_summary_is_said() {
        assert!(check("Turn it on").is_ok());
        assert!(check(" ").is_err());
        assert!(check("one\ntwo").is_err());
        assert!(check(&"x".repeat(MOST_SUMMARY + 1)).is_err());
    }
}
