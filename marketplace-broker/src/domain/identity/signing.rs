//! How long tokens live, and with them the keys that signed them. Real time.

use jiff::{SignedDuration, Timestamp};

/// How long a bearer or an id token lives (fulfillment.md 5.1).
pub const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// How long a key still verifies after a newer one has come: as long as its last token lives, and until every broker
/// has learned of the newer one.
pub const KEY_OVERLAP: SignedDuration = SignedDuration::from_mins(70);

/// How many of these keys, at the end of the list, are over at `now`. `since`: when each began to sign, newest first.
#[must_use]
pub fn keys_over(since: &[Timestamp], now: Timestamp) -> usize {
    let newer = since.iter().take(since.len().saturating_sub(1));
    newer.filter(|newer| now.duration_since(**newer) >= KEY_OVERLAP).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_over_when_its_last_token_is() {
        let at = |minutes: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
        let since = [at(100), at(50), at(0)];
        for (now, over) in [(100, 0), (119, 0), (120, 1), (169, 1), (170, 2), (9_999, 2)] {
            assert_eq!(keys_over(&since, at(now)), over, "{now}");
        }
        assert_eq!(keys_over(&since[2..], at(9_999)), 0, "the newest signs for ever");
        assert_eq!(keys_over(&[], at(0)), 0);
    }
}
