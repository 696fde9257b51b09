//! The gate against the stored commands, on both databases: every interleaving of six steps up to a depth, and longer
//! ones drawn at random. What is right is told in `oracle`, in sentences; `walk` does the steps.

mod oracle;
mod walk;

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use rstest::rstest;

use self::{oracle::Step, walk::walk};
use crate::store::tests::bed::Kind;

/// Environment variable: how many steps are interleaved.
const DEPTH: &str = "REHEARSE_GATE_DEPTH";

/// Every sequence of `depth` steps.
fn every(depth: usize) -> Vec<Vec<Step>> {
    let longer = |sequences: Vec<Vec<Step>>, _| {
        let extended = |sequence: Vec<Step>| {
            Step::ALL.map(|step| sequence.iter().copied().chain([step]).collect::<Vec<_>>())
        };
        sequences.into_iter().flat_map(extended).collect()
    };
    (0..depth).fold(vec![Vec::new()], longer)
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn every_interleaving_bills_with_both_keys_and_once(#[case] kind: Kind) {
    let depth = std::env::var(DEPTH).map_or(4, |depth| depth.parse().unwrap());
    walk(kind, every(depth)).await;
}

/// Sequences of one length that restart at the same places, so that they share a database.
fn long_sequences() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let step = prop_oneof![
        4 => Just(Step::AssignAll),
        4 => Just(Step::AssignSome),
        2 => Just(Step::Activate),
        1 => Just(Step::Cancel),
        1 => Just(Step::ThirtyDays),
    ];
    let restarts = prop::collection::vec(prop::bool::weighted(0.2), 5..=12);
    restarts.prop_flat_map(move |restarts| {
        let sequence = prop::collection::vec(step.clone(), restarts.len());
        let sequence = sequence.prop_map(move |steps| {
            let place = |(step, restart)| if restart { Step::Restart } else { step };
            steps.into_iter().zip(restarts.iter().copied()).map(place).collect()
        });
        prop::collection::vec(sequence, 1..=40)
    })
}

#[test]
fn longer_sequences_bill_with_both_keys_and_once() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config =
        Config { cases: 6, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&long_sequences(), |sequences| {
            runtime.block_on(walk(Kind::Sqlite, sequences));
            Ok(())
        })
        .unwrap();
}
