//! Statuses and bodies of the publisher face that the sources disagree about. Read by `http/fulfillment`, in its one
//! table, and where they are rules by queries and commands.

use super::quirk;

quirk! {
    1 "unknown_operation" UnknownOperation
    "GET and PATCH of an operation that is not there, or of an operation of a subscription that is not"
    source "fulfillment.md Q3, C48: docs and OpenAPI 404; emulator's author about the live service 400", "2023-07";
    {
        NotFound "not_found" "404, EntityNotFound",
        BadRequest "bad_request" "400: 'Failed to get operation' and 'Failed to find operation'",
    }
    documented NotFound, observed BadRequest, sdk2 NotFound
}

quirk! {
    5 "unknown_subscription_operations" UnknownSubscriptionOperations
    "The list of operations of a subscription that is not there"
    source "fulfillment.md 1.10, 9: docs and OpenAPI 404; emulator's author about the live service 200 with none", "2023-07";
    {
        NotFound "not_found" "404, EntityNotFound",
        Empty "empty" "200 with an empty list",
    }
    documented NotFound, observed Empty, sdk2 NotFound
}

quirk! {
    6 "pending_patch" PendingPatch
    "PATCH of a subscription while another operation is open"
    source "fulfillment.md Q5, 1.8: 2019 docs 409; OpenAPI and docs of 2023 have none, emulator 400", "2023-08";
    {
        BadRequest "bad_request" "400",
        Conflict "conflict" "409",
    }
    documented BadRequest, observed BadRequest, sdk2 BadRequest
}

quirk! {
    7 "pending_delete" PendingDelete
    "DELETE of a subscription while another operation is open"
    source "fulfillment.md Q5, C41: docs of 2023 409; not in OpenAPI", "2023-08";
    {
        Conflict "conflict" "409",
        BadRequest "bad_request" "400, as for PATCH",
    }
    documented Conflict, observed Conflict, sdk2 Conflict
}

quirk! {
    8 "delete_unsubscribed" DeleteUnsubscribed
    "DELETE of a subscription that is Unsubscribed already"
    source "fulfillment.md F4, Q4: OpenAPI, docs of 2023 and SDK know 202 only; docs of 2026 say 200; others 404", "2026-02";
    {
        Accepted "accepted" "202; its operation is a Conflict and nobody is told",
        Ok "ok" "200 and nothing is started; breaks the .NET SDK 2.x" breaks 4,
        NotFound "not_found" "404 and nothing is started",
    }
    documented Accepted, observed Accepted, sdk2 Accepted
}

quirk! {
    12 "list_operations" ListOperations
    "What the list of operations holds"
    source "fulfillment.md Q9, C43, 1.10: docs those in progress; live in 2019 always empty (azure-docs #41979); emulator's author about the live service late", "2019-11";
    {
        Open "open" "those that are open",
        Empty "empty" "nothing, ever",
        InProgress "in_progress" "those that are InProgress: of the publisher's own not before they are picked up",
        Late "late" "those that have been open for 5 s of sandbox time",
    }
    documented Open, observed Empty, sdk2 Open
}

quirk! {
    13 "empty_list" EmptyList
    "The list of a publisher without subscriptions"
    source "fulfillment.md Q10, 1.4: docs say the body is empty; live unknown", "2023-08";
    {
        Object "object" "{\"subscriptions\":[]}",
        Nothing "nothing" "200 with no body",
    }
    documented Object, observed Object, sdk2 Object
}

quirk! {
    14 "plans_of_unsubscribed" PlansOfUnsubscribed
    "listAvailablePlans of an Unsubscribed one"
    source "fulfillment.md Q21, 1.7: docs of 2023 hint at 403", "2023-08";
    {
        Listed "listed" "200 with the plans",
        Forbidden "forbidden" "403",
    }
    documented Listed, observed Listed, sdk2 Listed
}

quirk! {
    15 "plans_of_unknown" PlansOfUnknown
    "listAvailablePlans of a subscription that is not there"
    source "fulfillment.md 1.7: docs of 2022 200 with no body; docs of 2023 and OpenAPI 404", "2022-06";
    {
        NotFound "not_found" "404, EntityNotFound",
        Nothing "nothing" "200 with no body",
    }
    documented NotFound, observed NotFound, sdk2 NotFound
}

quirk! {
    16 "current_plan" CurrentPlan
    "Whether listAvailablePlans holds the plan that the subscription is on"
    source "fulfillment.md 1.7, C31: live list holds it; accelerator PR #903 warns that it may be missing", "2026-02";
    {
        Listed "listed" "it does",
        Missing "missing" "it does not",
    }
    documented Listed, observed Listed, sdk2 Listed
}

quirk! {
    49 "token_life" TokenLife
    "How long a purchase token resolves"
    source "fulfillment.md 1.2, 9: docs of 2018-19 one hour; docs of 2023 24 hours", "2023-08";
    {
        Day "day" "24 hours from its issue",
        Hour "hour" "1 hour from its issue",
    }
    documented Day, observed Day, sdk2 Day
}
