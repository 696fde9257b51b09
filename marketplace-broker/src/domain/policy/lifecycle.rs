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
        On "on" "Subscribe, which only tells; breaks the .NET SDK 2.x" breaks 1,
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

quirk! {
    84 "renewal_day" RenewalDay
    "The day on which a term begins after a month that was too short for the first term's day"
    source "fulfillment.md F1, 1.6: four live ones of the days 29 and 30 kept the clamped day; the anchor's day is kept in the text and where charges have a day (partner-center.md P-3): INFERRED", "2021-03";
    {
        CurrentStart "current_start" "the clamped one, from then on: 31 January, 28 February, 28 March",
        FirstStart "first_start" "the first term's again, where the month has it: 31 January, 28 February, 31 March",
    }
    documented CurrentStart, observed CurrentStart, sdk2 CurrentStart
}

quirk! {
    85 "stop_sold_plans" StopSoldPlans
    "Whether listAvailablePlans holds plans whose sale was stopped"
    source "fulfillment.md 1.7: live list holds them, isStopSell true; the docs' words are the plans that are available", "2021-03";
    {
        Listed "listed" "it does, with isStopSell true; nobody can change to one",
        Missing "missing" "it does not, but for the one that the subscription is on",
    }
    documented Listed, observed Listed, sdk2 Listed
}

quirk! {
    86 "plan_and_quantity" PlanAndQuantity
    "PATCH of a subscription with a plan and a quantity"
    source "fulfillment.md 1.8, 9: OpenAPI has both in one body; subscription page never both; life-cycle page either or both; emulator 400", "2023-08";
    {
        Refuse "refuse" "400",
        Together "together" "202; one operation, ChangePlan, with both as its target",
    }
    documented Refuse, observed Refuse, sdk2 Refuse
}

quirk! {
    87 "term_units" TermUnits
    "Terms that are sold"
    source "fulfillment.md 1.6, 9, 1.13 no. 1: OpenAPI P1M and P1Y to P5Y since June 2025 (openapi #41); the .NET SDK 2.x knows no more than P3Y; private offers of 2026 have others", "2026-02";
    {
        Six "six" "P1M, P1Y, P2Y, P3Y, P4Y, P5Y; P4Y and P5Y break the .NET SDK 2.x" breaks 1,
        Four "four" "P1M, P1Y, P2Y, P3Y",
        Custom "custom" "P18M too; it breaks every client with a closed list" breaks 1,
    }
    documented Six, observed Custom, sdk2 Four
}

quirk! {
    90 "auto_activation" AutoActivation
    "Whether a plan that is published without a word about it activates by itself"
    source "fulfillment.md F9: since 18 May 2026 new plans do, older ones not until they are published again with it; here off, as it was before", "2026-05-18";
    {
        Off "off" "it does not",
        On "on" "a new one does; one that was published before stays as it was",
    }
    documented Off, observed Off, sdk2 Off
}
