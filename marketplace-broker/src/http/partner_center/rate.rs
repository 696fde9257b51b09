//! How often a tenant calls: a partner's for customers, orders and subscriptions 500 times a minute of real time
//! (partner-center.md 3.0, P60), a publisher's as often as a quirk says. Kept in memory, for this process. Called by
//! `caller` and `http/extract`.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use shared::ids::TenantId;

/// Calls of one partner's tenant in a minute.
pub const CALLS_MAX: u32 = 500;
/// A minute.
const WINDOW_S: i64 = 60;
/// Tenants counted at once; then all begin anew.
const TENANTS_MAX: usize = 4_096;

/// The present minute of each tenant: when it began, in seconds, and its calls.
#[derive(Debug, Default)]
pub struct Rates(Mutex<HashMap<TenantId, (i64, u32)>>);

impl Rates {
    /// Counts a call at `now`, real time, of `most` in a minute. The error is how many seconds are left of a minute that
    /// is full.
    pub fn count(&self, tenant: TenantId, most: u32, now: Timestamp) -> Result<(), u64> {
        let now = now.as_second();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= TENANTS_MAX && !all.contains_key(&tenant) {
            all.clear();
        }
        let (began, calls) = all.entry(tenant).or_insert((now, 0));
        if !(0..WINDOW_S).contains(&(now - *began)) {
            (*began, *calls) = (now, 0);
        }
        if *calls >= most {
            return Err(u64::try_from(*began + WINDOW_S - now).unwrap_or(1));
        }
        *calls += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_tenant_has_five_hundred_calls_a_minute() {
        let rates = Rates::default();
        let (one, other) = (TenantId(Uuid::from_u128(1)), TenantId(Uuid::from_u128(2)));
        let now: Timestamp = "2027-01-31T09:00:00Z".parse().unwrap();
        let at = |seconds| now + SignedDuration::from_secs(seconds);
        for _ in 0..CALLS_MAX {
            assert_eq!(rates.count(one, CALLS_MAX, at(0)), Ok(()));
        }
        assert_eq!(rates.count(one, CALLS_MAX, at(13)), Err(47));
        assert_eq!(rates.count(other, CALLS_MAX, at(13)), Ok(()));
        assert_eq!(rates.count(one, CALLS_MAX, at(59)), Err(1));
        assert_eq!(rates.count(one, CALLS_MAX, at(60)), Ok(()));
    }
}
