//! Why an API call failed, sorted by what follows: a permission is missing, the resource is gone,
//! the credentials do not work, or something went wrong on the way.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;
use std::fmt;

/// A call that gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CallFailure {
    /// What follows from it.
    pub(super) kind: FailureKind,
    /// The error code of AWS: `AccessDeniedException`.
    pub(super) code: Option<String>,
    /// What went wrong, in words.
    pub(super) message: String,
}

/// The sorts of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FailureKind {
    /// The caller lacks a permission.
    Denied,
    /// The resource does not exist, or no longer.
    NotFound,
    /// AWS does not answer this request about this resource; often, because of the cluster's kind.
    Refused,
    /// The credentials are not accepted, or the region is off.
    Credentials,
    /// AWS wants to be asked less often, to the end.
    Throttled,
    /// Anything else: timed out, unreachable, unreadable.
    Other,
}

/// Codes of errors, and what they mean. From the API references of EKS, EC2, IAM and STS, "Common Errors".
const CODES: &[(FailureKind, &[&str])] = &[
    (
        FailureKind::Denied,
        &[
            "AccessDenied",
            "AccessDeniedException",
            "UnauthorizedOperation",
            "AuthorizationError",
            "UnauthorizedException",
        ],
    ),
    (
        FailureKind::NotFound,
        &["ResourceNotFoundException", "NoSuchEntity", "NoSuchEntityException", "NotFoundException"],
    ),
    (
        FailureKind::Refused,
        &[
            "InvalidRequestException",
            "InvalidParameterException",
            "UnsupportedOperation",
            "UnsupportedOperationException",
        ],
    ),
    (
        FailureKind::Credentials,
        &[
            "ExpiredToken",
            "ExpiredTokenException",
            "RequestExpired",
            "UnrecognizedClientException",
            "InvalidClientTokenId",
            "AuthFailure",
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
            "MissingAuthenticationToken",
            "IncompleteSignature",
            "OptInRequired",
        ],
    ),
    (
        FailureKind::Throttled,
        &[
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "RequestThrottled",
            "RequestThrottledException",
            "RequestLimitExceeded",
            "TooManyRequestsException",
            "BandwidthLimitExceeded",
            "PriorRequestNotComplete",
            "SlowDown",
            "EC2ThrottledException",
        ],
    ),
];

impl FailureKind {
    fn of(code: &str) -> Self {
        let known = CODES.iter().find(|(_, codes)| codes.contains(&code)).map(|(kind, _)| *kind);
        // EC2 names the resource in the code: `InvalidSubnetID.NotFound`, `….VersionNotFound`.
        known.unwrap_or(if code.ends_with("NotFound") { Self::NotFound } else { Self::Other })
    }
}

impl CallFailure {
    /// Reads the SDK's error.
    pub(super) fn of<E>(error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let (code, said) = (error.code().map(str::to_owned), error.message().map(str::to_owned));
        let kind = code.as_deref().map_or(FailureKind::Other, FailureKind::of);
        let message = match &error {
            SdkError::TimeoutError(_) => Self::late().message,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => "no connection in time".to_owned(),
            SdkError::ServiceError(service) if code.is_none() => {
                format!(
                    "an answer that is none of the API's (HTTP status {})",
                    service.raw().status().as_u16()
                )
            }
            SdkError::ServiceError(_) => said.unwrap_or_default(),
            SdkError::DispatchFailure(_) => unreachable_words(&causes(&error)),
            SdkError::ResponseError(_) => format!("an answer that cannot be read: {}", causes(&error)),
            _ => causes(&error),
        };
        Self { kind, code, message }
    }

    /// No answer in time.
    pub(super) fn late() -> Self {
        Self { kind: FailureKind::Other, code: None, message: "no answer in time".to_owned() }
    }

    /// The same, of a call that AWS throttled before.
    pub(super) fn throttled(self) -> Self {
        let is_late = self.kind == FailureKind::Other && self.code.is_none();
        if is_late { Self { kind: FailureKind::Throttled, ..self } } else { self }
    }

    /// An answer that cannot be read.
    pub(super) fn malformed(message: impl fmt::Display) -> Self {
        Self { kind: FailureKind::Other, code: None, message: format!("an answer that {message}") }
    }

    /// The reason in words, the same for every resource, so that equal reasons group: who asked and
    /// for which resource is left out.
    pub(super) fn reason(&self) -> String {
        let message =
            without(&without(&self.message, "User: ", " is not authorized"), " on resource: ", "because ");
        let message =
            message.split(" Encoded authorization failure message").next().unwrap_or_default().trim();
        let said = match &self.code {
            Some(code) if message.is_empty() => code.clone(),
            Some(code) => format!("{code}: {message}"),
            None => message.to_owned(),
        };
        match self.kind {
            FailureKind::Throttled => format!("AWS throttled the calls ({said})"),
            _ => said,
        }
    }
}

/// Why nothing was reached, by what the layers of the client say of it.
const UNREACHABLE: [(&[&str], &str); 5] = [
    (&["dns error", "failed to lookup address"], "the name of its endpoint is not known (DNS)"),
    (&["refused"], "the connection is refused"),
    (&["unreachable", "no route to host"], "the network has no way to it"),
    (&["reset by peer", "connection closed", "broken pipe", "unexpected eof"], "the connection was cut"),
    (&["timed out", "timeout"], "no connection in time"),
];

/// Why nothing was reached, in plain words: the chain of the client's errors is of no use to a reader, only its end is.
fn unreachable_words(chain: &str) -> String {
    let lower = chain.to_ascii_lowercase();
    let known = UNREACHABLE.iter().find(|(signs, _)| signs.iter().any(|sign| lower.contains(sign)));
    let certificate = || lower.find("invalid peer certificate: ").and_then(|at| chain.get(at..));
    match (certificate(), known) {
        (Some(why), _) => {
            let why = why.trim_start_matches(|c| c != ':').trim_start_matches([':', ' ']);
            format!(
                "its certificate is not trusted ({why}); where a proxy has its own, name it in AWS_CA_BUNDLE"
            )
        }
        (None, Some((_, words))) => (*words).to_owned(),
        (None, None) => chain.rsplit(": ").next().unwrap_or(chain).to_owned(),
    }
}

/// A text without what stands from one phrase to another; to its end, if the other one is missing.
fn without(text: &str, from: &str, to: &str) -> String {
    let Some((before, rest)) = text.split_once(from) else { return text.to_owned() };
    let after = rest.find(to).map_or("", |at| &rest[at..]);
    let after = after.trim_start().trim_start_matches("is ");
    format!("{} {after}", before.trim_end()).trim().to_owned()
}

/// Whether AWS throttled the last call of what failed: some errors tell their code in their debug form
/// alone.
pub(super) fn is_throttled(error: &(dyn Error + 'static)) -> bool {
    let codes =
        CODES.iter().filter(|(kind, _)| *kind == FailureKind::Throttled).flat_map(|(_, codes)| *codes);
    let debug = format!("{error:?}");
    codes.into_iter().any(|code| debug.contains(&format!("\"{code}\"")))
}

/// What the layers of the SDK add to a cause.
const LAYERS: [&str; 4] =
    ["an error occurred while loading credentials", "service error", "unhandled error", "dispatch failure"];

/// What the SDK says, with all causes, in one line.
pub(super) fn causes(error: &(dyn Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        next = error.source();
        let cause = error.to_string();
        // Some causes are the debug form of an answer: its message says it.
        let inner = cause.split_once("message: \"").and_then(|(_, rest)| rest.split('"').next());
        let text = inner.map_or(cause.as_str(), |message| message);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        // The SDK's own layers say nothing, unless they say all.
        if error.source().is_some() && LAYERS.iter().any(|layer| text.starts_with(layer)) {
            continue;
        }
        if !said.last().is_some_and(|last| last.contains(&text)) {
            said.push(text);
        }
    }
    said.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(code: &str, message: &str) -> String {
        CallFailure { kind: FailureKind::of(code), code: Some(code.to_owned()), message: message.to_owned() }
            .reason()
    }

    #[test]
    fn reasons_name_neither_caller_nor_resource() {
        let said = "User: arn:aws:sts::111122223333:assumed-role/x/y is not authorized to perform: eks:ListInsights \
            on resource: arn:aws:eks:eu-west-1:111122223333:cluster/prod because no identity-based policy allows the eks:ListInsights action";
        assert_eq!(
            reason("AccessDeniedException", said),
            "AccessDeniedException: not authorized to perform: eks:ListInsights because no identity-based policy allows the eks:ListInsights action"
        );
        let said = "You are not authorized to perform this operation. User: arn:aws:iam::111122223333:user/x is not authorized to perform: ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action";
        assert!(!reason("UnauthorizedOperation", said).contains("111122223333"));
        assert_eq!(reason("AccessDenied", ""), "AccessDenied");
    }

    #[test]
    fn what_cannot_be_reached_is_said_in_plain_words() {
        for (chain, want) in [
            (
                "io error: client error (Connect): tcp connect error: Connection refused (os error 111)",
                "the connection is refused",
            ),
            (
                "io error: client error (Connect): dns error: failed to lookup address information: Name or service not known",
                "the name of its endpoint is not known (DNS)",
            ),
            (
                "io error: client error (Connect): tcp connect error: Network is unreachable (os error 101)",
                "the network has no way to it",
            ),
            (
                "io error: client error (SendRequest): connection closed before message completed",
                "the connection was cut",
            ),
            (
                "io error: client error (Connect): invalid peer certificate: UnknownIssuer",
                "its certificate is not trusted (UnknownIssuer); where a proxy has its own, name it in AWS_CA_BUNDLE",
            ),
            ("other: something new", "something new"),
        ] {
            assert_eq!(unreachable_words(chain), want);
        }
    }

    #[test]
    fn codes_are_sorted() {
        assert_eq!(FailureKind::of("InvalidLaunchTemplateId.NotFound"), FailureKind::NotFound);
        assert_eq!(FailureKind::of("InvalidLaunchTemplateId.VersionNotFound"), FailureKind::NotFound);
        assert_eq!(FailureKind::of("UnauthorizedOperation"), FailureKind::Denied);
        assert_eq!(FailureKind::of("ThrottlingException"), FailureKind::Throttled);
        assert_eq!(FailureKind::of("InternalFailure"), FailureKind::Other);
    }

    #[test]
    fn being_throttled_is_said_whether_a_code_says_so_or_the_time_was_over() {
        let said = "AWS throttled the calls (ThrottlingException: Rate exceeded)";
        assert_eq!(reason("ThrottlingException", "Rate exceeded"), said);
        assert_eq!(CallFailure::late().throttled().reason(), "AWS throttled the calls (no answer in time)");
        assert_eq!(CallFailure::late().reason(), "no answer in time");
    }
}
