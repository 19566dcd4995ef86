//! What the facts of a snapshot cost, in this process, against `serde_json` parsing its text.
//!
//! As a scan does it: one arena a thread, each snapshot parsed and read into it, then its facts. Only
//! the facts are measured, by the system's allocator, which is slower than the one of the binary.

use crate::{SEED, generate};
use bumpalo::Bump;
use ekslint::facts::{AsOf, FactSet, facts};
use ekslint::snapshot::Snapshot;
use ekslint::value::Json;
use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant};

/// Snapshots that are measured.
const SNAPSHOTS: usize = 300;
/// How often each is measured; the least counts, for the machines are noisy.
const ROUNDS: usize = 7;

/// Groups of facts by what they are about, as rules name them: structure and field.
const AREAS: [(&str, &[(&str, &str)]); 4] = [
    (
        "versions",
        &[
            ("facts.Cluster", "version"),
            ("facts.Nodegroup", "version"),
            ("facts.Nodegroup", "ami"),
            ("facts.Facts", "addons"),
        ],
    ),
    ("endpoint", &[("facts.Cluster", "endpoint")]),
    (
        "network and flows",
        &[
            ("facts.Cluster", "network"),
            ("facts.Cluster", "flows"),
            ("facts.Facts", "subnets"),
            ("facts.Facts", "routeTables"),
            ("facts.Facts", "natGateways"),
            ("facts.Facts", "securityGroups"),
            ("facts.Facts", "networkAcls"),
            ("facts.Facts", "instances"),
        ],
    ),
    (
        "identities",
        &[
            ("facts.Cluster", "serviceAccounts"),
            ("facts.Cluster", "workloadIdentity"),
            ("facts.Facts", "roles"),
            ("facts.Facts", "podIdentityAssociations"),
            ("facts.Facts", "accessEntries"),
            ("facts.Facts", "openIDConnectProviders"),
        ],
    ),
];

/// What is measured of one snapshot: the parse, all facts, the facts of each area.
type Times = [Duration; 2 + AREAS.len()];

/// Measures, and writes what was measured.
pub(crate) fn report(count: usize, out: &mut impl Write) -> anyhow::Result<()> {
    let texts: Vec<_> = (0..count.clamp(1, SNAPSHOTS)).map(|index| generate::snapshot(SEED, index)).collect();
    let mut least = vec![[Duration::MAX; 2 + AREAS.len()]; texts.len()];
    let mut arena = Bump::new();
    for _ in 0..ROUNDS {
        for (text, least) in texts.iter().zip(&mut least) {
            arena.reset();
            let times = measure(text, &arena)?;
            least.iter_mut().zip(times).for_each(|(least, time)| *least = time.min(*least));
        }
    }
    let bytes = texts.iter().map(String::len).sum::<usize>() / texts.len();
    let [parse, all, areas @ ..] = medians(&least);
    writeln!(out, "facts: {all:.0} µs per snapshot of {bytes} bytes, all groups")?;
    let areas: Vec<_> =
        AREAS.iter().zip(areas).map(|((name, _), time)| format!("{name} {time:.0} µs")).collect();
    writeln!(out, "facts alone of each area: {}", areas.join(", "))?;
    writeln!(out, "ratio of facts to serde_json parse ({parse:.0} µs here): {:.2}", all / parse)?;
    Ok(())
}

/// The median of each column, in microseconds.
fn medians(rows: &[Times]) -> [f64; 2 + AREAS.len()] {
    std::array::from_fn(|at| {
        let mut column: Vec<_> = rows.iter().map(|times| times[at]).collect();
        column.sort_unstable();
        column[column.len() / 2].as_secs_f64() * 1e6
    })
}

fn measure(text: &str, arena: &Bump) -> anyhow::Result<Times> {
    let as_of = AsOf { date: crate::AS_OF.parse()? };
    let start = Instant::now();
    let value: serde_json::Value = serde_json::from_str(text)?;
    let parse = start.elapsed();
    drop(black_box(value));
    let snapshots = Snapshot::read(Json::parse(text, arena)?, arena)?;
    let time = |wanted: FactSet| {
        let start = Instant::now();
        for snapshot in &snapshots {
            black_box(facts(snapshot, as_of, wanted, arena));
        }
        start.elapsed()
    };
    let mut times = [parse; 2 + AREAS.len()];
    times[1] = time(FactSet::ALL);
    for (time_of_area, (_, fields)) in times[2..].iter_mut().zip(AREAS) {
        let mut wanted = FactSet::default();
        fields.iter().for_each(|(structure, field)| wanted.add(structure, field));
        *time_of_area = time(wanted);
    }
    Ok(times)
}
