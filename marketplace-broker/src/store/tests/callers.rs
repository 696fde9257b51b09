//! What callers are told: `Busy` at once, an answer only after COMMIT, and that hanging up cancels nothing.

use std::time::{Duration, Instant};

use futures_util::{FutureExt, future::join_all};
use rstest::rstest;
use tokio::{task::JoinSet, time::timeout};

use super::{
    super::{Failure, writer::QUEUE},
    bed::{Bed, Kind},
    scratch::{Held, Note, SOON, open, queue, stored},
};

/// How long "at once" may take on a busy machine.
const AT_ONCE: Duration = Duration::from_millis(250);

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_full_queue_answers_busy_at_once_and_loses_nobody(#[case] kind: Kind) {
    let bed = Bed::new(kind);
    let broker = open(&bed).await;
    let held = Held::all(&broker, kind.writers()).await;
    let waiting: Vec<_> =
        (0..QUEUE).map(|number| queue(&broker, Note::new(format!("{number:03}")))).collect();
    let began = Instant::now();
    let mut refused = Vec::new();
    for _ in 0..50 {
        refused.push(broker.execute(Note::new("refused")).await);
    }
    assert!(began.elapsed() < AT_ONCE, "50 refusals took {:?}", began.elapsed());
    assert!(refused.iter().all(|end| matches!(end, Err(Failure::Busy))), "{refused:?}");
    held.release().await;
    for (number, end) in timeout(SOON, join_all(waiting)).await.unwrap().into_iter().enumerate() {
        assert_eq!(end.unwrap(), format!("{number:03}"));
    }
    assert_eq!(stored(&broker).await.len(), QUEUE, "and nobody who was refused");
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_worker_waits_for_a_place_instead(#[case] kind: Kind) {
    let bed = Bed::new(kind);
    let broker = open(&bed).await;
    let held = Held::all(&broker, kind.writers()).await;
    let waiting: Vec<_> =
        (0..QUEUE).map(|number| queue(&broker, Note::new(format!("{number:03}")))).collect();
    let mut worker = Box::pin(broker.execute_in_turn(Note::new("worker")));
    assert!((&mut worker).now_or_never().is_none(), "there is no place yet");
    held.release().await;
    assert_eq!(timeout(SOON, worker).await.unwrap().unwrap(), "worker");
    timeout(SOON, join_all(waiting)).await.unwrap();
    assert_eq!(stored(&broker).await.len(), QUEUE + 1);
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_caller_who_hangs_up_cancels_nothing(#[case] kind: Kind) {
    let bed = Bed::new(kind);
    let broker = open(&bed).await;
    let held = Held::all(&broker, kind.writers()).await;
    for number in 0..50 {
        drop(queue(&broker, Note::new(format!("{number:02}"))));
    }
    held.release().await;
    broker.stop().await; // drains the queue
    assert_eq!(stored(&*bed.open().await).await.len(), 50);
}

/// The batch, seen from outside: a command that has run is neither answered nor visible before its batch commits.
#[tokio::test]
async fn commands_that_queued_up_are_committed_together_and_answered_after_it() {
    let bed = Bed::new(Kind::Sqlite);
    let broker = open(&bed).await;
    let first = Held::all(&broker, 1).await;
    let mut before = queue(&broker, Note::new("before"));
    let store = broker.0.store.clone();
    let mut set = JoinSet::new();
    set.spawn(async move { Held::all(&store, 1).await });
    for _ in 0..10 {
        tokio::task::yield_now().await; // until the second hold is in the queue, behind `before`
    }
    first.release().await;
    let second = timeout(SOON, set.join_next()).await.unwrap().unwrap().unwrap();
    assert!((&mut before).now_or_never().is_none(), "answered before its batch was committed");
    assert_eq!(stored(&broker).await, Vec::<String>::new(), "visible before it was committed");
    second.release().await;
    assert_eq!(timeout(SOON, before).await.unwrap().unwrap(), "before");
    assert_eq!(stored(&broker).await, ["before"]);
}

/// Cuts the writers off while callers wait; what was acknowledged is there, and nothing is there in part.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn everything_acknowledged_is_there_after_a_crash(#[case] kind: Kind) {
    let bed = Bed::new(kind);
    let mut broker = open(&bed).await;
    let mut acknowledged = Vec::new();
    for round in 0..4 {
        let mut callers = JoinSet::new();
        for number in 0..200 {
            let store = broker.0.store.clone();
            let id = format!("{round}-{number:03}");
            callers.spawn(async move { store.execute(Note::new(id)).await });
        }
        for _ in 0..(40 * round) {
            acknowledged.extend(callers.join_next().await.unwrap().unwrap());
        }
        let store = broker.0.store.clone();
        broker.crash().await;
        drop(store);
        while let Some(end) = timeout(SOON, callers.join_next()).await.unwrap() {
            acknowledged.extend(end.unwrap());
        }
        broker = bed.open().await;
        let stored = stored(&broker).await;
        let lost: Vec<_> = acknowledged.iter().filter(|id| !stored.contains(id)).collect();
        assert!(lost.is_empty(), "{} acknowledged and lost: {lost:?}", lost.len());
        super::scratch::assert_journal(&broker, stored.len()).await;
    }
    assert!(acknowledged.len() >= 240, "too few to say anything: {}", acknowledged.len());
}
