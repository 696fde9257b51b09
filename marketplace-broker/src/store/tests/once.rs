//! A request that is repeated makes nothing a second time, whoever is faster, and whatever end the broker came to.

use futures_util::future::join_all;
use jiff::Timestamp;
use rstest::rstest;
use shared::ids::{ClientId, SandboxId, TenantId};
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    super::{Command, Failure, RequestKey, Tx},
    bed::{Bed, Kind},
    scratch::{Note, SOON, Spoil, open, queue, sandbox, stored},
};
use crate::commands::{Once, Replayable};

/// A note of the scratch sandbox.
struct Written {
    note: Note,
    sandbox: SandboxId,
}

impl Command for Written {
    type Output = String;
    const NAME: &'static str = "written";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<String, Failure> {
        self.note.run(tx, at).await?;
        tokio::task::yield_now().await;
        Ok(self.note.id.clone())
    }
}

impl Replayable for Written {
    fn keep(made: &String) -> String {
        made.clone()
    }

    async fn recall(&self, _tx: &mut Tx, kept: &str, _at: Timestamp) -> Result<String, Failure> {
        Ok(kept.to_owned())
    }
}

fn key(tenant: u128, client: u128, body: &str) -> RequestKey {
    RequestKey {
        tenant: TenantId(Uuid::from_u128(tenant)),
        client: ClientId(Uuid::from_u128(client)),
        route: "POST /v1/notes".to_owned(),
        request_id: "a-request".to_owned(),
        body_hash: body.to_owned(),
    }
}

fn write(id: impl Into<String>, key: impl Into<Option<RequestKey>>) -> Once<Written> {
    let command = Written { note: Note::new(id), sandbox: sandbox() };
    Once { command, key: key.into() }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_told_what_the_first_one_made_after_a_crash_too(#[case] kind: Kind) {
    let bed = Bed::new(kind);
    let broker = open(&bed).await;
    let first = broker.execute(write("first", key(1, 1, "body"))).await.unwrap();
    assert_eq!(broker.execute(write("second", key(1, 1, "body"))).await.unwrap(), first);
    broker.crash().await;
    let broker = bed.open().await;
    assert_eq!(broker.execute(write("third", key(1, 1, "body"))).await.unwrap(), first);
    // Another tenant, app or body is another request, and so is each without an id.
    for (id, key) in [
        ("tenant", Some(key(2, 1, "body"))),
        ("app", Some(key(1, 2, "body"))),
        ("body", Some(key(1, 1, "another"))),
        ("no id", None),
        ("no id either", None),
    ] {
        assert_eq!(broker.execute(write(id, key)).await.unwrap(), id);
    }
    let all = ["app", "body", "first", "no id", "no id either", "tenant"];
    assert_eq!(stored(&broker).await, all);
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_may_be_sent_again(#[case] kind: Kind) {
    let bed = Bed::new(kind);
    let broker = open(&bed).await;
    for spoil in [Spoil::RefuseBefore, Spoil::RefuseAfter] {
        let note = Note::spoiled("refused", spoil);
        let command = Written { note, sandbox: sandbox() };
        let refused = broker.execute(Once { command, key: Some(key(1, 1, "body")) }).await;
        assert!(matches!(refused, Err(Failure::Refused(_))), "{refused:?}");
    }
    assert_eq!(broker.execute(write("mended", key(1, 1, "body"))).await.unwrap(), "mended");
    assert_eq!(stored(&broker).await, ["mended"]);
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[cfg_attr(no_postgres, ignore = "PostgreSQL's initdb is not installed")]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn of_racing_requests_one_makes_and_all_are_told_of_it(#[case] kind: Kind) {
    let bed = Bed::new(kind);
    let broker = open(&bed).await;
    let racing: Vec<_> = (0..32)
        .map(|place| queue(&broker, write(format!("racer {place}"), key(1, 1, "body"))))
        .collect();
    let told = timeout(SOON, join_all(racing)).await.unwrap();
    let told: Vec<_> = told.into_iter().map(Result::unwrap).collect();
    assert_eq!(stored(&broker).await, told[..1]);
    assert!(told.iter().all(|id| *id == told[0]), "{told:?}");
}
