//! How much work something is: by the processor's time, as other programs may use the machine too.

use cpu_time::ProcessTime;
use std::time::Duration;

/// Does some work, on however many threads, and fails if this process took more of the processor's time
/// meanwhile. What other tests did at the same time counts too, so the limit has room for them.
pub(crate) fn within<T>(limit: Duration, name: &str, work: impl FnOnce() -> T) -> T {
    let start = ProcessTime::now();
    let result = work();
    let took = start.elapsed();
    assert!(took < limit, "{name} took {took:?} of the processor");
    result
}
