//! Threads: how many there are, how large their stacks are, and what happens where there are none to be had. All parallel
//! work runs through here: the pool that `rayon` makes by itself panics where the system gives it no thread.

use rayon::{ThreadPool, ThreadPoolBuilder};
use std::cell::Cell;

/// The most threads, however many are asked for: this many for each core, and this many all in all. More than a core each
/// helps only where files are read slowly.
const PER_CORE: usize = 4;
const MOST: usize = 64;

thread_local! {
    static STACK: Cell<usize> = const { Cell::new(0) };
}

/// How many bytes the stack of this thread has, if it is one that was made here; 0 for others, of which that is not known.
pub(crate) fn stack() -> usize {
    STACK.get()
}

/// Does work in a pool of threads whose stacks have that size, and of which there are so many at most; parallel iterators
/// within it share the pool. Where the system gives fewer, there are fewer; where it gives none, the work is done on this
/// thread alone.
pub(crate) fn run<T: Send>(stack: usize, most: usize, work: impl FnOnce() -> T + Send) -> T {
    match pool(stack, count().min(most).max(1)) {
        Some(pool) => pool.install(work),
        None => on_this_thread(work),
    }
}

/// A pool, with fewer threads where there are no more to be had.
fn pool(stack: usize, most: usize) -> Option<ThreadPool> {
    let halves =
        std::iter::successors(Some(most), |threads| Some(threads / 2)).take_while(|threads| *threads > 0);
    let builder = |threads| {
        let builder = ThreadPoolBuilder::new().num_threads(threads).stack_size(stack);
        builder.start_handler(move |_| STACK.set(stack))
    };
    let mut builders = halves.map(builder);
    builders.find_map(|builder| builder.build().ok())
}

fn on_this_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match ThreadPoolBuilder::new().num_threads(1).use_current_thread().build() {
        Ok(pool) => pool.install(work),
        // The thread is in a pool already: that of the work around this one, or of work before it.
        Err(_) => work(),
    }
}

/// How many threads: as `RAYON_NUM_THREADS` says, else one for each core.
fn count() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    bounded(std::env::var("RAYON_NUM_THREADS").ok().as_deref(), cores)
}

fn bounded(asked: Option<&str>, cores: usize) -> usize {
    let asked = asked.and_then(|text| text.trim().parse::<usize>().ok()).filter(|threads| *threads > 0);
    asked.unwrap_or(cores).min((PER_CORE * cores).min(MOST).max(cores))
}

#[cfg(test)]
mod tests {
    use super::{bounded, on_this_thread, pool, run};
    use rayon::prelude::*;

    #[test]
    fn threads_are_bounded() {
        for (asked, cores, expected) in [
            (None, 2, 2),
            (Some("1"), 8, 1),
            (Some("3"), 2, 3),
            (Some("5000"), 2, 8),
            (Some("5000"), 16, 64),
            (Some("5000"), 128, 128),
            (Some("99999999999999999999999999"), 4, 4),
            (Some("0"), 4, 4),
            (Some("-1"), 4, 4),
            (Some("many"), 4, 4),
        ] {
            assert_eq!(bounded(asked, cores), expected, "{asked:?} of {cores}");
        }
    }

    #[test]
    fn where_there_are_no_threads_this_one_does_the_work() {
        // More than any address space holds.
        assert!(pool(usize::MAX / 2, 4).is_none());
        // On threads of their own: what a pool takes it keeps.
        let work = || {
            let caller = std::thread::current().id();
            let sum = |of: std::ops::Range<u64>| {
                of.into_par_iter().map(|n| (n, std::thread::current().id())).collect::<Vec<_>>()
            };
            let outer = run(usize::MAX / 2, 4, || sum(0..100));
            let again = on_this_thread(|| on_this_thread(|| sum(0..100)));
            [outer, again].concat().iter().all(|(_, thread)| *thread == caller)
        };
        assert!(std::thread::spawn(work).join().expect("it does not panic"));
    }
}
