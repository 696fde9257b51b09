//! How webhooks look and leave, when they are tried again, and what an answer means. Read by `domain/delivery`.

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

quirk! {
    31 "retry_spacing" RetrySpacing
    "How 500 retries are spread over 8 hours"
    source "fulfillment.md Q14, C53: only the number and the hours are documented", "2026-02";
    {
        Even "even" "57.6 s apart",
        Growing "growing" "the n-th after (n/500)^2 of the 8 hours: close together at first",
    }
    documented Even, observed Even, sdk2 Even
}

quirk! {
    32 "webhook_payload" WebhookPayload
    "How much a webhook says"
    source "fulfillment.md 3.2, 3.3: the whole subscription since Aug 2022; flat before; a short form to June 2022 (azure-docs #75997); members without content in 2019 (azure-docs #45427)", "2022-08";
    {
        Full "full" "with the subscription, as since Aug 2022",
        Mid "mid" "flat, without the subscription",
        Short "short" "ids, action, source and time only",
        Blank "blank" "flat, and offer, plan, publisher, quantity and status are empty texts; breaks the accelerator" breaks 9,
    }
    documented Full, observed Full, sdk2 Full
}

quirk! {
    33 "webhook_flat_quantity" WebhookFlatQuantity
    "quantity of a webhook, at its top, for a flat rate"
    source "fulfillment.md 3.2, 1.13 no. 9: samples 1; the accelerator's model takes a number only", "2023-08";
    {
        One "one" "1",
        Null "null" "null; breaks the accelerator" breaks 9,
    }
    documented One, observed One, sdk2 One
}

quirk! {
    34 "webhook_suspend_status" WebhookSuspendStatus
    "saasSubscriptionStatus inside the webhook of a suspension"
    source "fulfillment.md 3.2, 9: docs of 2022 Subscribed; docs of 2023 Suspended", "2023-08";
    {
        Suspended "suspended" "Suspended",
        Subscribed "subscribed" "Subscribed, as it was before",
    }
    documented Suspended, observed Suspended, sdk2 Suspended
}

quirk! {
    35 "webhook_end_date" WebhookEndDate
    "term.endDate inside a webhook"
    source "fulfillment.md 9: webhook samples 30 days after the start; recordings of the API the last day", "2023-08";
    {
        LastDay "last_day" "start + term - 1 day",
        ThirtyDays "thirty_days" "of a term of a month start + 30 days; of others the last day",
    }
    documented LastDay, observed LastDay, sdk2 LastDay
}
