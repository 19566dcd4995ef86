//! What processes take. Linux only.

use anyhow::ensure;
use std::process::{Command, ExitStatus, Stdio};
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
    pub(crate) fn of(command: Command) -> anyhow::Result<Self> {
        Self::if_it_ends(command, |status| status.success())
    }

    /// The same of a command that may end with any exit code: tools say with it that they found something.
    #[allow(dead_code, reason = "not every bench runs such a command")]
    pub(crate) fn whatever_it_says(command: Command) -> anyhow::Result<Self> {
        Self::if_it_ends(command, |status| status.code().is_some())
    }

    fn if_it_ends(mut command: Command, well: impl FnOnce(ExitStatus) -> bool) -> anyhow::Result<Self> {
        let start = Instant::now();
        let child = command.stdout(Stdio::null()).spawn()?;
        let used = child.wait4()?;
        ensure!(well(used.status), "{command:?} failed");
        let cpu = used.rusage.utime + used.rusage.stime;
        Ok(Self { cpu, wall: start.elapsed(), peak: used.rusage.maxrss })
    }

    /// The less of either time, the more of memory.
    pub(crate) fn or_less(self, other: Self) -> Self {
        let peak = self.peak.max(other.peak);
        Self { cpu: self.cpu.min(other.cpu), wall: self.wall.min(other.wall), peak }
    }
}
