//! YAML that stands in a text of somebody else: user data, a ConfigMap, the configuration of an add-on.

use serde_json::Value;

/// One document of YAML, or of JSON, which is YAML too. Nothing if it is neither, or larger than anybody needs:
/// the limits are far above what configurations have, and keep aliases from multiplying.
pub(crate) fn bounded(text: &str) -> Option<Value> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: 32, flow_nesting_limit: 32, max_nodes: 10_000, max_aliases: 100 },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 1_000 },
    };
    serde_saphyr::from_str_with_options(text, options).ok()
}
