//! How webhooks leave, when they are tried again, and what an answer means. Read by `domain/delivery` and the commands
//! on deliveries.

use super::quirk;

quirk! {
    4 "notify_4xx" NotifyRefused
    "A 4xx answer to a webhook that only tells: Renew, Suspend, Unsubscribe, Subscribe"
    source "fulfillment.md Q13: not documented", "2026-02";
    {
        Retry "retry" "it did not arrive and is tried again; what it tells stands",
        Done "done" "it has arrived and is over; what it tells stands",
    }
    documented Retry, observed Retry, sdk2 Retry
}
