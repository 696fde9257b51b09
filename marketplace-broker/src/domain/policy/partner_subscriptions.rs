//! What a partner may do with what it sold, and how it looks to it. Read by `domain/cancellation`, `domain/amendment` and
//! `domain/partner_status`.

use super::quirk;

quirk! {
    59 "cancellation_policy" CancellationPolicy
    "By which rules a partner cancels what it sold; what a customer bought itself follows saas-72h"
    source "partner-center.md 2.5, P-1, P-2: SUB19b (2019-11 to 2021-05); SUB19a (2019-03 to 2019-11); ISV23; new-commerce-cancellation-policy 2024", "2024-01";
    {
        Csp2019 "csp-2019" "24 hours for a month, 14 days for a year, 72 hours for longer terms; later it is scheduled to the end of the term",
        Hide2019a "hide-2019a" "24 hours for a month, 14 days for longer terms; later it is refused, and Cancel is not among the actions",
        Saas72h "saas-72h" "72 hours for every term, and again from each renewal; later it ends at once, but for terms of two years and more with payments due",
        Csp2024 "csp-2024" "72 hours for every term; later it is refused",
    }
    documented Csp2019, observed Csp2019, sdk2 Csp2019
}

quirk! {
    60 "cancellation_anchor" CancellationAnchor
    "What the cancellation window counts from"
    source "partner-center.md Q2, P-2: texts of all years order or purchase; one sample resource of 2019 and one platform's manual the start of the term", "2024-01";
    {
        Order "order" "the order",
        Activation "activation" "the start of billing; before it the window is open",
    }
    documented Order, observed Activation, sdk2 Order
}

quirk! {
    61 "window_by" WindowBy
    "What decides how long the cancellation window is"
    source "partner-center.md Q14: documents say monthly subscription and billed monthly for one another", "2023-10";
    {
        Term "term" "the term: a year billed by the month has the window of a year",
        BillingCycle "billing_cycle" "the billing cycle: a year billed by the month has the window of a month",
    }
    documented Term, observed Term, sdk2 Term
}

quirk! {
    62 "preactivation_status" PreactivationStatus
    "What a partner sees as the status of a purchase that is not activated"
    source "partner-center.md Q1, 3.7: the activation of the integration sandbox asks for an active subscription; the enum has pending", "2023-10";
    {
        Active "active" "active, and attentionNeeded",
        Pending "pending" "pending, and attentionNeeded",
    }
    documented Active, observed Active, sdk2 Active
}

quirk! {
    63 "autorenew_absent" AutorenewAbsent
    "PATCH of a subscription without autoRenewEnabled"
    source "partner-center.md 3.8, P-6: update-a-subscription-by-id warns that an absent flag counts as false", "2023-10";
    {
        Off "off" "it counts as false and switches auto-renew off",
        Keep "keep" "auto-renew stays as it is",
    }
    documented Off, observed Off, sdk2 Off
}
