//! What processes take. Linux only.

use anyhow::ensure;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use wait4::Wait4;

/// What a process took.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) cpu: Duration,
    pub(crate) wall: Duration,
    pub(crate) peak: u64,
}

impl Cost {
    pub(crate) const MOST: Self = Self { cpu: Duration::MAX, wall: Duration::MAX, peak: 0 };

    /// What a command takes: user and system time of all its threads, and its largest resident set.
    pub(crate) fn of(mut command: Command) -> anyhow::Result<Self> {
        let start = Instant::now();
        let child = command.stdout(Stdio::null()).spawn()?;
        let used = child.wait4()?;
        ensure!(used.status.success(), "{command:?} failed");
        let cpu = used.rusage.utime + used.rusage.stime;
        Ok(Self { cpu, wall: start.elapsed(), peak: used.rusage.maxrss })
    }

    /// The less of either time, the more of memory.
    pub(crate) fn or_less(self, other: Self) -> Self {
        let peak = self.peak.max(other.peak);
        Self { cpu: self.cpu.min(other.cpu), wall: self.wall.min(other.wall), peak }
    }
}
