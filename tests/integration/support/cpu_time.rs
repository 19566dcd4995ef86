//! How long something takes. Other programs may use the machine too, so the clock alone says too much; and
//! other tests may run in this process, so its processor time alone does as well.

use cpu_time::ProcessTime;
use std::time::{Duration, Instant};

/// Does some work, on however many threads, and fails if it took as long as the limit: by the clock, and
/// by the processor time of this process.
pub(crate) fn within<T>(limit: Duration, name: &str, work: impl FnOnce() -> T) -> T {
    let (clock, processor) = (Instant::now(), ProcessTime::now());
    let result = work();
    let took = clock.elapsed().min(processor.elapsed());
    assert!(took < limit, "{name} took {took:?}");
    result
}
