//! Operations and who decides them. Read by `domain/operation` and the commands that start, move and end operations.

use super::quirk;

quirk! {
    9 "activate_subscribed" ActivateSubscribed
    "activate of a subscription that is Subscribed already"
    source "fulfillment.md Q6, C21: docs of 2022 400, docs of 2023 silent; accelerator PR #903 (2026) sees a failure", "2026-02";
    {
        Refuse "refuse" "400",
        Accept "accept" "200 and nothing changes",
    }
    documented Refuse, observed Refuse, sdk2 Refuse
}

quirk! {
    10 "activate_body" ActivateBody
    "Plan and quantity in the body of activate"
    source "fulfillment.md Q7, 1.3: docs of 2022 and OpenAPI require them and they must match; docs of 2023 no body; live does not compare", "2023-08";
    {
        Ignore "ignore" "may be left out, and are not compared",
        Strict "strict" "may be left out; what is sent must match, else 400",
        Required "required" "planId, and quantity of a plan with seats, must be sent and match, else 400",
    }
    documented Ignore, observed Ignore, sdk2 Ignore
}

quirk! {
    11 "activate_effect" ActivateEffect
    "When activate takes effect"
    source "fulfillment.md 1.3, S3, 9: docs of 2022 and OpenAPI activated; docs of 2023 received, check after some minutes, an Unsubscribe follows a failure", "2023-08";
    {
        AtOnce "at_once" "with the answer",
        Delayed "delayed" "120 s of sandbox time after the answer",
        Fails "fails" "never: 120 s of sandbox time after the answer it has failed; the subscription ends, and Unsubscribe tells so",
    }
    documented AtOnce, observed AtOnce, sdk2 AtOnce
}

quirk! {
    17 "patch_own_operation" PatchOwnOperation
    "PATCH of an open operation that the publisher started itself"
    source "fulfillment.md Q12, 1.12: life-cycle page asks for it; emulator's author about the live service 500", "2023-07";
    {
        Ok "ok" "200 without effect",
        Error "error" "500" breaks 4,
    }
    documented Ok, observed Error, sdk2 Ok
}

quirk! {
    18 "operation_status_text" OperationStatusText
    "PATCH of an operation with a status that is neither Success nor Failure"
    source "fulfillment.md 1.12, 9: OpenAPI 400; emulator's author about the live service 200 for any text", "2023-07";
    {
        Strict "strict" "400",
        AnyText "any_text" "200 without effect",
    }
    documented Strict, observed AnyText, sdk2 Strict
}

quirk! {
    19 "reinstate_ack" ReinstateAck
    "Whether a publisher must or may decide a Reinstate"
    source "fulfillment.md Q1, F10: docs of 2022 and operations page PATCH; webhook page of 2026 no action; emulator ignores the answer", "2026-02";
    {
        Optional "optional" "PATCH counts while it is open; it succeeds 10 s after the first 2xx",
        Required "required" "it stays Suspended until PATCH says Success",
        Ignored "ignored" "PATCH is taken without effect; it succeeds 10 s after the first 2xx",
    }
    documented Optional, observed Ignored, sdk2 Optional
}

quirk! {
    20 "decision_window_origin" DecisionWindowOrigin
    "What the 10 s of a decision count from"
    source "fulfillment.md Q2, 3.6: docs the arrival of the notification; emulator its answer", "2023-08";
    {
        Answer "answer" "the first 2xx",
        Arrival "arrival" "the first attempt, whatever came of it",
    }
    documented Answer, observed Answer, sdk2 Answer
}

quirk! {
    21 "change_ack" ChangeAck
    "What a publisher's word on ChangePlan and ChangeQuantity counts (ack_mode of the history)"
    source "fulfillment.md 2.3: missing PATCH hung before Aug 2022 (azure-docs #83057); Failure was ignored in 2021-22 (accelerator #348)", "2022-08";
    {
        Newest "newest" "Failure refuses; silence accepts 10 s after the first 2xx",
        FailureIgnored "failure_ignored" "as of 2021: Failure is taken and the change goes through",
        SilenceFails "silence_fails" "as before Aug 2022: silence does not accept, the operation fails when the 10 s are over",
    }
    documented Newest, observed Newest, sdk2 Newest
}

quirk! {
    22 "second_operation" SecondOperation
    "A change or a cancellation while another operation is open"
    source "fulfillment.md F8, 2.1: one at a time is inferred; emulator's author saw a second one accepted; PATCH 409 speaks of a newer update", "2023-07";
    {
        Locked "locked" "refused",
        Supersedes "supersedes" "accepted; the earlier one fails",
        SideBySide "side_by_side" "accepted; each goes its own way, and what is decided last stands",
    }
    documented Locked, observed Supersedes, sdk2 Locked
}

quirk! {
    23 "publisher_change_order" PublisherChangeOrder
    "When a change that the publisher started takes effect"
    source "fulfillment.md F6, C42: operations page when it has succeeded; life-cycle page applied first, then notified", "2023-08";
    {
        NotifiedFirst "notified_first" "10 s after its webhook was answered 2xx",
        AppliedFirst "applied_first" "before its webhook leaves, which says Succeeded",
    }
    documented NotifiedFirst, observed NotifiedFirst, sdk2 NotifiedFirst
}

quirk! {
    24 "publisher_change_webhook" PublisherChangeWebhook
    "Whether a change that the publisher started has a webhook"
    source "fulfillment.md Q11, 1.8: docs yes; emulator no", "2023-08";
    {
        On "on" "it has",
        Off "off" "it has none, and succeeds 10 s after it was picked up",
    }
    documented On, observed On, sdk2 On
}

quirk! {
    26 "revert_webhook" RevertWebhook
    "A second webhook after a change was refused, back to what is"
    source "fulfillment.md Q15, 3.4: a comment in the accelerator's source only", "2025-06";
    {
        Off "off" "there is none",
        On "on" "ChangePlan or ChangeQuantity again, its target what the subscription is",
    }
    documented Off, observed Off, sdk2 Off
}
