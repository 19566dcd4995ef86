//! What the AWS CLI says where a command fails. Redirected (`> file 2>&1`), it stands in the place of the answer.

use crate::text::bounded;
use regex::Regex;
use std::sync::LazyLock;

/// `An error occurred (CODE) when calling the OPERATION operation (reached max retries: 4): MESSAGE`
static OF_AWS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"An error occurred \(([^)]*)\) when calling the (\w+) operation(?: \([^)]*\))?:?[ ]*([^\r\n]*)",
    )
    .ok()
});

/// How messages start that come before AWS is asked, and what to do about them.
const BEFORE: [(&str, &str); 12] = [
    ("Unable to locate credentials", SIGN_IN),
    ("Partial credentials found", SIGN_IN),
    ("Error loading SSO Token", SIGN_IN),
    ("Error when retrieving token from sso", SIGN_IN),
    ("Token has expired", SIGN_IN),
    ("The SSO session associated with this profile", SIGN_IN),
    ("The config profile (", "name a profile that `aws configure list-profiles` prints, and run it again"),
    ("You must specify a region", "give it --region, and run it again"),
    ("Could not connect to the endpoint URL", "check region and network, and run it again"),
    ("Connect timeout on endpoint URL", "check region and network, and run it again"),
    ("aws: error: ", "correct the command, and run it again"),
    ("Parameter validation failed", "correct the command, and run it again"),
];

const SIGN_IN: &str = "sign in (`aws sso login` or `aws configure`), and run it again";

/// What a text is that the AWS CLI wrote instead of an answer, and what to do about it.
pub(super) fn recognise(text: &str) -> Option<String> {
    of_aws(text).or_else(|| before(text))
}

fn of_aws(text: &str) -> Option<String> {
    let found = OF_AWS.as_ref()?.captures(text)?;
    let part = |at: usize| found.get(at).map_or("", |part| part.as_str());
    let (code, operation, message) = (part(1), part(2), part(3).trim_end_matches(['.', ':', ' ']));
    let colon = if message.is_empty() { "" } else { ": " };
    let what = bounded(&format!("{code} of {operation}{colon}{message}"));
    Some(format!("is an error of the AWS CLI, not an answer ({what}): {}", way_out(code)))
}

fn way_out(code: &str) -> &'static str {
    let has = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    if has(&["AccessDenied", "Unauthorized", "NotAuthorized"]) {
        "allow the call (`ekslint permissions` prints a policy), and run the command again"
    } else if has(&["Expired", "InvalidClientToken", "UnrecognizedClient", "AuthFailure", "InvalidToken"]) {
        SIGN_IN
    } else if has(&["NotFound", "NoSuch"]) {
        "check name, account and region, and run the command again"
    } else {
        "run the command again"
    }
}

fn before(text: &str) -> Option<String> {
    let lines = text.lines().map(|line| line.trim_start().trim_start_matches("aws: [ERROR]: "));
    let mut said = lines.filter_map(|line| {
        let (_, way_out) = BEFORE.iter().find(|(start, _)| line.starts_with(start))?;
        Some((line.trim_end_matches(['.', ' ']), *way_out))
    });
    let (line, way_out) = said.next()?;
    Some(format!("is an error of the AWS CLI, not an answer ({}): {way_out}", bounded(line)))
}

#[cfg(test)]
mod tests {
    use super::recognise;

    #[test]
    fn an_error_of_the_aws_cli_says_what_to_do() {
        let denied = "\nAn error occurred (AccessDeniedException) when calling the DescribeCluster operation: User: a is not authorized.\n";
        assert_eq!(
            recognise(denied).unwrap(),
            "is an error of the AWS CLI, not an answer (AccessDeniedException of DescribeCluster: User: a is not authorized): \
             allow the call (`ekslint permissions` prints a policy), and run the command again"
        );
        for (text, want) in [
            (
                "An error occurred (ExpiredTokenException) when calling the ListClusters operation: x",
                "sign in",
            ),
            (
                "aws: [ERROR]: An error occurred (ResourceNotFoundException) when calling the DescribeCluster operation: No cluster found",
                "check name",
            ),
            (
                "An error occurred (Throttling) when calling the A operation (reached max retries: 4): Rate exceeded",
                "Throttling of A: Rate exceeded): run",
            ),
            ("An error occurred (X) when calling the A operation", "(X of A): run"),
            (
                "\nUnable to locate credentials. You can configure credentials by running \"aws configure\".\n",
                "sign in",
            ),
            ("usage: aws [options]\n\naws: error: argument command: Invalid choice", "correct the command"),
        ] {
            assert!(recognise(text).unwrap().contains(want), "{text}: {:?}", recognise(text));
        }
        assert_eq!(recognise("INFO start"), None);
        assert_eq!(recognise(""), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_looked_at(text in ".{0,200}") {
            recognise(&text);
        }
    }
}
