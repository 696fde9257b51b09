//! Waiting for something outside this process's reach: the one place that asks again and again, with an end.
//! Called by `demo`, `up` and `load`.

use std::time::Duration;

use anyhow::bail;
use tokio::time::{Instant, interval};

use crate::words;

const BETWEEN: Duration = Duration::from_millis(10);

/// Asks until there is an answer. An error ends the waiting; so does `limit`, naming `what` was waited for.
pub async fn until<T>(
    what: &str,
    limit: Duration,
    mut ask: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let end = Instant::now() + limit;
    let mut ticks = interval(BETWEEN);
    loop {
        ticks.tick().await;
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        if Instant::now() >= end {
            let limit = limit.as_secs().to_string();
            bail!(words::tell("waited-in-vain", &[("what", what), ("seconds", &limit)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_ends_with_the_answer_or_with_the_limit() {
        let mut asked = 0;
        let answer = until("a third time", Duration::from_secs(5), async || {
            asked += 1;
            Ok((asked == 3).then_some(asked))
        });
        assert_eq!(answer.await.unwrap(), 3);
        let never = until("nothing", Duration::ZERO, async || Ok(None::<()>)).await;
        assert!(never.unwrap_err().to_string().contains("nothing"));
    }
}
