//! Pods, add-ons and hybrid nodes, for programs: the rest of `flows`.

use super::identities::listed;
use super::{checks, known, known_as, location, object, unknown};
use crate::explain::{CalledPort, HybridObstacle, PodsWay};
use crate::report::explain::Explained;
use serde_json::{Value, json};

/// The fields of `flows` that are not about kubelets and kubectl.
pub(super) fn flows(explained: &Explained) -> Vec<(String, Value)> {
    let explanation = &explained.explanation;
    let way = |way: &PodsWay| {
        object(json!({
            "nodes": way.nodes,
            "subnet": way.subnet,
            "verdict": way.verdict.as_ref().map_or("unknown", |verdict| verdict.as_str()),
            "unknown": way.verdict.as_ref().err().map(unknown),
            "reason": way.verdict.is_ok().then_some(&way.reason),
            "location": location(explained, Some(&way.place)),
        }))
    };
    let port = |port: &CalledPort| {
        object(json!({
            "addon": port.addon,
            "serves": port.serves,
            "port": known(&port.port),
            "reachable": known(&port.reachable),
            "reason": port.reachable.is_ok().then_some(&port.reason),
            "location": location(explained, Some(&port.place)),
            "checks": checks(&port.checks),
        }))
    };
    let obstacle = |obstacle: &HybridObstacle| {
        object(json!({
            "network": obstacle.network,
            "reason": obstacle.reason,
            "location": location(explained, Some(&obstacle.place)),
        }))
    };
    let hybrid = known_as(&explanation.hybrid, |hybrid| {
        hybrid.as_ref().map_or(Value::Null, |obstacles| listed(obstacles, obstacle))
    });
    let mut from_pods = listed(&explanation.from_pods, way);
    if let Some(checks) = checks(&explanation.checks.from_pods) {
        from_pods["checks"] = checks;
    }
    let fields = [
        ("podsToApiServer", from_pods),
        ("apiServerToPods", listed(&explanation.to_pods, port)),
        ("hybridNodes", hybrid),
    ];
    let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
    fields.map(|(name, value)| (name.to_owned(), value)).collect()
}
