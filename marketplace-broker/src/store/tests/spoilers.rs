//! A command that goes wrong does not touch its neighbours in the batch.

use futures_util::future::join_all;
use rstest::rstest;
use tokio::time::timeout;

use super::{
    super::{Failure, Store},
    bed::{Bed, Kind},
    scratch::{Hasty, Held, Note, SOON, Spoil, assert_journal, open, queue, stored},
};

const NEIGHBORS: usize = 40;

/// Queues a spoiler among its neighbours behind a busy writer, so that on SQLite they become one batch.
async fn among_neighbors(store: &Store, writers: usize, spoil: Spoil, place: usize) -> Failure {
    let held = Held::all(store, writers).await;
    let id = |number: usize| format!("{spoil:?}-{place}-{number:02}");
    let mut waiting = Vec::new();
    for number in 0..=NEIGHBORS {
        waiting.push(match spoil {
            _ if number != place => queue(store, Note::new(id(number))),
            Spoil::HangBefore | Spoil::HangAfter => {
                queue(store, Hasty(Note::spoiled(id(number), spoil)))
            }
            _ => queue(store, Note::spoiled(id(number), spoil)),
        });
    }
    held.release().await;
    let mut ends = timeout(SOON, join_all(waiting)).await.unwrap();
    let spoiler = ends.remove(place).unwrap_err();
    let neighbors = (0..=NEIGHBORS).filter(|number| *number != place);
    for (number, end) in neighbors.zip(ends) {
        assert_eq!(end.unwrap(), id(number), "a neighbor of {spoil:?} got another's answer");
    }
    spoiler
}

fn is_told(spoil: Spoil, failure: &Failure) -> bool {
    match spoil {
        Spoil::RefuseBefore | Spoil::RefuseAfter => matches!(failure, Failure::Refused(_)),
        Spoil::PanicBefore | Spoil::PanicAfter => matches!(failure, Failure::Panicked),
        Spoil::BadSql | Spoil::BrokenKey | Spoil::FailAtCommit => {
            matches!(failure, Failure::Database(_))
        }
        Spoil::HangBefore | Spoil::HangAfter => matches!(failure, Failure::TimedOut),
    }
}

/// Each spoiler first, last and in the middle; afterwards the rows of the neighbours are there, once, and no other.
async fn spoil_all(kind: Kind, spoils: &[Spoil], places: &[usize]) {
    let bed = Bed::new(kind);
    let broker = open(&bed).await;
    let mut expected = Vec::new();
    for &spoil in spoils {
        for &place in places {
            let failure = among_neighbors(&broker, kind.writers(), spoil, place).await;
            assert!(is_told(spoil, &failure), "{spoil:?} was told {failure:?}");
            let neighbors = (0..=NEIGHBORS).filter(|number| *number != place);
            expected.extend(neighbors.map(|number| format!("{spoil:?}-{place}-{number:02}")));
        }
    }
    expected.sort();
    assert_eq!(stored(&broker).await, expected);
    assert_journal(&broker, expected.len()).await;
    broker.stop().await;
    assert_eq!(stored(&*bed.open().await).await, expected, "after a restart");
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::sqlite_single(Kind::SqliteSingle)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn six_kinds_of_spoilers_do_not_touch_their_neighbors(#[case] kind: Kind) {
    let spoils = [
        Spoil::RefuseBefore,
        Spoil::RefuseAfter,
        Spoil::PanicBefore,
        Spoil::PanicAfter,
        Spoil::BadSql,
        Spoil::BrokenKey,
    ];
    spoil_all(kind, &spoils, &[0, 20, NEIGHBORS]).await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_command_that_hangs_is_ended_and_its_neighbors_survive(#[case] kind: Kind) {
    spoil_all(kind, &[Spoil::HangBefore, Spoil::HangAfter], &[0, 20]).await;
}
