//! Configurations of eksctl, `kind: ClusterConfig`: what eksctl would make of them.
//!
//! eksctl makes stacks of CloudFormation. So a document becomes a tree of values by the table of eksctl's keys (`keys`, `config`),
//! and that becomes the resources which eksctl would write (`builder` and the files after it, written after `pkg/cfn/builder` of
//! eksctl): from there on it is a stack. What nobody wrote is what eksctl chooses, not what the API does.

mod access;
mod addons;
mod builder;
mod cluster;
mod config;
mod images;
mod keys;
mod kinds;
mod launch_templates;
mod network;
mod node_group;
mod node_groups;
mod policies;
mod read;
mod recognise;
mod refused;
mod security_groups;
mod service_accounts;
mod values;
mod vpc_endpoints;

#[cfg(test)]
mod tests;

pub use keys::{ConfigKeys, config_keys, unread_keys};
pub use read::read_configs;
pub use recognise::is_config;
