//! What a consumer must know besides the results: what was not judged, and what is wrong with
//! inputs, rules and configuration.

use super::alerts;
use super::message::{literal, message, sentence, texts};
use super::result::physical;
use super::rule::name;
use crate::report::advice::advice;
use crate::report::finding_text::shortened;
use crate::report::uri::{self, Uris};
use crate::report::{NotEvaluated, Report, Summary};
use crate::value::Problem;
use serde_sarif::sarif::{
    Location, Notification, Region, ReportingConfiguration, ReportingDescriptor, ReportingDescriptorReference,
};

/// How many notifications of a sort the file has.
const MOST: usize = 1_000;
/// The longest text of what comes from an input or from AWS, in UTF-16 code units.
const MOST_TEXT: usize = 1_000;

/// The sorts of notifications.
#[derive(Clone, Copy)]
enum Sort {
    AlertsMustStay,
    AlertsCloseUnseen,
    NotEvaluated,
    ScanError,
    RuleNotLoaded,
    NeedsConfiguration,
    TooManyResults,
    Notice,
}

impl Sort {
    const ALL: [Self; 8] = [
        Self::AlertsMustStay,
        Self::AlertsCloseUnseen,
        Self::NotEvaluated,
        Self::ScanError,
        Self::RuleNotLoaded,
        Self::NeedsConfiguration,
        Self::TooManyResults,
        Self::Notice,
    ];

    fn id(self) -> &'static str {
        match self {
            Self::AlertsMustStay => "alerts-must-stay",
            Self::AlertsCloseUnseen => "alerts-close-unseen",
            Self::NotEvaluated => "not-evaluated",
            Self::ScanError => "scan-error",
            Self::RuleNotLoaded => "rule-not-loaded",
            Self::NeedsConfiguration => "needs-configuration",
            Self::TooManyResults => "too-many-results",
            Self::Notice => "scan-notice",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::AlertsMustStay => {
                "The file is not for code scanning: alerts would close that may still hold."
            }
            Self::AlertsCloseUnseen => {
                "Alerts close that nobody has evaluated, because the inputs never have what decides."
            }
            Self::NotEvaluated => {
                "Rules could not be evaluated, because something that decides is not known."
            }
            Self::ScanError => "An input could not be read, or a rule failed on it.",
            Self::RuleNotLoaded => "A rule has a mistake and was not loaded.",
            Self::NeedsConfiguration => "A rule has a parameter that only the user can set.",
            Self::TooManyResults => "There are more results than GitHub code scanning shows.",
            Self::Notice => "Something is worth knowing.",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::AlertsMustStay => "Correct what is named, and scan again.",
            Self::AlertsCloseUnseen => {
                "Not evaluated is not passed. Add what is missing to the inputs to keep these alerts."
            }
            Self::NotEvaluated => {
                "Not evaluated is not passed. Allow the call or add the answer that is named."
            }
            Self::ScanError => "The other inputs and rules were judged all the same. Correct this one.",
            Self::RuleNotLoaded => "It judged nothing. Correct it at the line that is named.",
            Self::NeedsConfiguration => {
                "It judges nothing until then. Set it with `--param RULE.NAME=VALUE`."
            }
            Self::TooManyResults => {
                "GitHub keeps 5000 results of a file, and refuses one with over 25000: the least severe are left out."
            }
            Self::Notice => "It changes no result.",
        }
    }

    fn level(self) -> &'static str {
        match self {
            Self::ScanError | Self::RuleNotLoaded => "error",
            Self::AlertsMustStay | Self::NotEvaluated | Self::TooManyResults => "warning",
            Self::AlertsCloseUnseen | Self::NeedsConfiguration | Self::Notice => "note",
        }
    }
}

/// Describes all sorts.
pub(super) fn descriptors() -> Vec<ReportingDescriptor> {
    let descriptor = |sort: &Sort| {
        ReportingDescriptor::builder()
            .id(sort.id())
            .name(name(sort.id()))
            .short_description(texts(sort.description().to_owned(), None))
            .full_description(texts(sort.description().to_owned(), None))
            .help(texts(sort.help().to_owned(), None))
            .default_configuration(ReportingConfiguration::builder().level(sort.level()).build())
            .build()
    };
    Sort::ALL.iter().map(descriptor).collect()
}

/// What the run met: errors, what was not evaluated, notices.
pub(super) fn execution(
    report: &Report<'_>,
    summary: &Summary,
    too_many: Option<String>,
    uris: &Uris<'_>,
) -> Vec<Notification> {
    let must_stay = alerts::must_stay(report, summary).map(|text| notification(Sort::AlertsMustStay, text));
    let unseen = alerts::close_unseen(report, summary);
    let unseen = unseen.map(|text| notification(Sort::AlertsCloseUnseen, text));
    let errors = report.errors.iter().map(|error| scan_error(error, uris));
    let reasons = summary.reasons.iter().map(not_evaluated);
    let too_many = too_many.map(|text| notification(Sort::TooManyResults, text));
    let notices = report.notices.iter().map(|notice| notification(Sort::Notice, sentence(notice)));
    let alerts = must_stay.into_iter().chain(unseen).chain(too_many);
    alerts
        .chain(first(Sort::ScanError, errors))
        .chain(first(Sort::NotEvaluated, reasons))
        .chain(first(Sort::Notice, notices))
        .collect()
}

/// The first notifications of a sort, and how many more there are: AWS's words for a refusal have the name of the cluster
/// in them, so a fleet could have as many as there are clusters times calls.
fn first(sort: Sort, all: impl ExactSizeIterator<Item = Notification>) -> Vec<Notification> {
    let more = all.len().saturating_sub(MOST);
    let rest = (more > 0).then(|| {
        let text = format!("There are {more} more like this, which the output `json` has.");
        notification(sort, text)
    });
    all.take(MOST).chain(rest).collect()
}

/// What the user can change: rules that did not load, parameters that are not set.
pub(super) fn configuration(report: &Report<'_>, summary: &Summary) -> Vec<Notification> {
    let not_loaded = report.rule_errors.iter().map(|error| rule_not_loaded(report, error));
    let unset = summary.unset.iter().map(not_evaluated);
    let (not_loaded, unset) =
        (first(Sort::RuleNotLoaded, not_loaded), first(Sort::NeedsConfiguration, unset));
    not_loaded.into_iter().chain(unset).collect()
}

fn notification(sort: Sort, text: String) -> Notification {
    let descriptor = ReportingDescriptorReference::builder().id(sort.id()).index(sort as i64).build();
    Notification::builder().descriptor(descriptor).level(sort.level()).message(message(text)).build()
}

/// What is missing is a warning; what nobody could know is a note.
fn not_evaluated(group: &NotEvaluated) -> Notification {
    let unknown = &group.unknown;
    let sort = if group.needs_configuration() { Sort::NeedsConfiguration } else { Sort::NotEvaluated };
    let mut notification = notification(sort, why(group));
    if !unknown.kind.is_incomplete() {
        notification.level = Some("note".into());
    }
    notification
}

fn why(group: &NotEvaluated) -> String {
    let unknown = &group.unknown;
    let what = if group.needs_configuration() { "Needs configuration" } else { "Not evaluated" };
    let at = if unknown.at.is_empty() { String::new() } else { format!(" at {}", literal(&unknown.at)) };
    let advice = advice(unknown).map(|advice| format!(" {}", sentence(&advice)));
    format!(
        "{what}{at}: {}{} {} on {}, {} in all: {}.",
        sentence(&shortened(&unknown.reason, MOST_TEXT)),
        advice.unwrap_or_default(),
        counted(group.rules.len(), "rule"),
        counted(group.clusters.len(), "cluster"),
        counted(group.count, "time"),
        group.rules.join(", ")
    )
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn scan_error(error: &Problem, uris: &Uris<'_>) -> Notification {
    let text = format!("{}: {}", literal(&error.file), sentence(&shortened(&error.message, MOST_TEXT)));
    let line = error.place.map(|place| i64::from(place.line));
    let location = uris.get(&error.file).map(|uri| place(uri, line));
    Notification { locations: location.map(|location| vec![location]), ..notification(Sort::ScanError, text) }
}

fn rule_not_loaded(report: &Report<'_>, error: &Problem) -> Notification {
    let rule = error.rule.as_ref().map(|rule| format!("the rule {} was not loaded: ", literal(rule)));
    let text = format!("{}: {}{}", literal(&error.file), rule.unwrap_or_default(), sentence(&error.message));
    let line = error.place.map(|place| i64::from(place.line));
    let location = place(&uri::relative(report.root, &error.file), line);
    Notification { locations: Some(vec![location]), ..notification(Sort::RuleNotLoaded, text) }
}

/// A line: parsers count columns in other units than this format does.
fn place(uri: &str, line: Option<i64>) -> Location {
    let region = line.map(|line| Region::builder().start_line(line.max(1)).build());
    Location::builder().physical_location(physical(uri, region)).build()
}
