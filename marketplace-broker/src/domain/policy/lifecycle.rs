//! Ends, beginnings and terms of subscriptions. Read by commands and by `domain/subscription`.

use super::quirk;

quirk! {
    25 "delete_webhook" DeleteWebhook
    "Whether a DELETE by the publisher has a webhook"
    source "fulfillment.md S6, 9: docs yes; emulator no", "2023-08";
    {
        On "on" "Unsubscribe, source Partner",
        Off "off" "there is none",
    }
    documented On, observed On, sdk2 On
}

quirk! {
    27 "subscribe_webhook" SubscribeWebhook
    "Whether a purchase on a plan that activates by itself has a webhook"
    source "fulfillment.md Q16, F9, C57: Subscribe since 2026, seen live (client-dotnet #82); it crashes the .NET SDK 2.x", "2026-05";
    {
        On "on" "Subscribe, which only tells",
        Off "off" "there is none, and no operation of that kind",
    }
    documented On, observed On, sdk2 Off
}

quirk! {
    28 "pending_expiry_webhook" PendingExpiryWebhook
    "Whether a purchase that nobody finished in 30 days has a webhook at its end"
    source "fulfillment.md Q17, S4: not stated", "2026-02";
    {
        On "on" "Unsubscribe, Succeeded, source Azure",
        Off "off" "there is none",
    }
    documented On, observed On, sdk2 On
}

quirk! {
    29 "late_cancel" LateCancel
    "DELETE of a billed subscription when its free cancel window is over"
    source "fulfillment.md F2: life-cycle page allowed; P2Y and P3Y with payments due not (2023); annual ones reported to fail (accelerator #729)", "2024-07";
    {
        Allow "allow" "every term ends",
        MultiYearFail "multi_year_fail" "terms of two years and more with payments due stay; the operation fails",
        AnnualAndLongerFail "annual_and_longer_fail" "terms of a year and more stay; the operation fails",
    }
    documented Allow, observed AnnualAndLongerFail, sdk2 Allow
}

quirk! {
    30 "free_cancel_window" FreeCancelWindow
    "How long after the purchase late_cancel does not apply"
    source "fulfillment.md 1.9, 9: subscription page 72 h; webhook page tells testers 24 h", "2023-08";
    {
        ThreeDays "three_days" "72 hours",
        OneDay "one_day" "24 hours",
    }
    documented ThreeDays, observed ThreeDays, sdk2 ThreeDays
}
