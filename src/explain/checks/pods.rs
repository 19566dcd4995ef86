//! Beside the three flows: pods that call the API server, and pods that it calls.
//!
//! <https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/>,
//! <https://kubernetes.io/docs/reference/instrumentation/metrics/>

use super::command::CheckCommand;
use super::endpoint::{EndpointValues, NAMED};
use super::{CheckPlace, FlowCheck};
use crate::facts::known::Known;
use crate::text::first_names;

/// What the service `kubernetes` leads to, and whether a pod gets there, which it may not on some nodes.
pub(super) fn to_api_server(endpoint: &EndpointValues, stopped: &[String]) -> Vec<FlowCheck> {
    let at = CheckPlace::Anywhere;
    let slices = CheckCommand::new("kubectl get endpointslices --namespace default ")
        .text("--selector kubernetes.io/service-name=kubernetes");
    let call = CheckCommand::new("kubectl --namespace ")
        .blank("NAMESPACE")
        .text(" exec ")
        .blank("POD")
        .text(" -- wget -qO- -T 5 --no-check-certificate https://kubernetes.default.svc/livez");
    let prints = match stopped {
        [] => "ok from a pod whose image has wget, on any node".to_owned(),
        some => format!(
            "ok from a pod whose image has wget where it gets there; on {} look whether it times out",
            first_names(some, NAMED)
        ),
    };
    vec![
        FlowCheck { at, command: slices, prints: format!("the {}, and port 443", endpoint.owned()) },
        FlowCheck { at, command: call, prints },
    ]
}

/// Whether the API server gets to the pods of an add-on.
pub(in crate::explain) fn of_port(addon: &str, serves: &str, reachable: &Known<bool>) -> Vec<FlowCheck> {
    let (command, good, bad) = match serves.starts_with("the API ") {
        true => (
            CheckCommand::new("kubectl get apiservices"),
            format!("True under AVAILABLE for {}", serves),
            format!("False under AVAILABLE for {}", serves),
        ),
        false => (
            CheckCommand::new("kubectl get --raw /metrics | grep -E 'webhook_(fail_open|rejection)_count'"),
            format!("no row with calling_webhook_error, and none of fail_open, for webhooks of {}", addon),
            format!("rows with calling_webhook_error or of fail_open for webhooks of {}", addon),
        ),
    };
    let prints = match reachable {
        Ok(true) => good,
        Ok(false) => bad,
        Err(_) => format!("{good}: it gets there; {bad}: it does not"),
    };
    vec![FlowCheck { at: CheckPlace::Anywhere, command, prints }]
}
