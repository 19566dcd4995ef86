//! The tests of the program and of its library from outside, a module for each subject, in one binary. Beside it are
//! only `tests/live`, which needs a feature, and `tests/github`, which a published package leaves out.

mod aliases;
mod architecture;
mod bad_neighbours;
mod bounds;
#[cfg(unix)]
mod changes;
#[cfg(unix)]
mod cloudformation;
mod cluster_pictures;
mod command_line;
mod completions;
mod compliance;
mod config;
mod diff;
#[cfg(unix)]
mod docs;
#[cfg(unix)]
mod eksctl;
mod engine;
mod explain;
mod explain_rule;
mod facts;
mod facts_page;
#[cfg(unix)]
mod first_screen;
mod four_ways;
mod github;
mod hostile;
mod html;
mod import;
mod joined;
mod json;
mod loading;
mod markdown;
mod mixed_repository;
mod nothing_escapes;
mod oscal;
mod outputs;
mod picture;
#[cfg(unix)]
mod pull_request;
mod remediation;
mod rule_docs;
mod rules;
mod sarif;
mod sarif_limits;
mod scan;
mod schema;
#[cfg(unix)]
mod streams;
mod support;
mod symbolic_fixtures;
mod templates;
#[cfg(unix)]
mod terraform;
mod terraform_functions;
mod totals;
mod versions;
mod waivers;
mod what_people_have;
mod windows;
mod words;
