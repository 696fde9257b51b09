//! Members and headers of the publisher face. Read by `http/fulfillment` in its one table and nowhere else.

use super::quirk;

quirk! {
    36 "end_date" EndDate
    "term.endDate on the publisher face"
    source "fulfillment.md F1, 1.6, 9: live and samples the last day; four live ones before 2020-03 start + 30 days; emulator the start", "2021-03";
    {
        LastDay "last_day" "start + term - 1 day",
        ThirtyDays "thirty_days" "of a term of a month start + 30 days; of others the last day",
        Start "start" "the start, as the emulator has it",
    }
    documented LastDay, observed LastDay, sdk2 LastDay
}

quirk! {
    37 "provisional_term" ProvisionalTerm
    "Dates of the term between activate and the start of billing"
    source "fulfillment.md C17, C23; the gate of two confirmations is this product's: INFERRED", "2026-11";
    {
        Shown "shown" "those of the activation, until billing sets them",
        Hidden "hidden" "none, as before the activation",
    }
    documented Shown, observed Shown, sdk2 Shown
}

quirk! {
    38 "last_modified" LastModified
    "lastModified on the publisher face"
    source "fulfillment.md 1.5, C29, 9: live the constant; docs deprecated; absent from OpenAPI", "2021-03";
    {
        Constant "constant" "0001-01-01T00:00:00",
        Real "real" "when it changed last",
        Absent "absent" "left out",
    }
    documented Constant, observed Constant, sdk2 Constant
}

quirk! {
    39 "unsubscribed_quantity" UnsubscribedQuantity
    "quantity of an Unsubscribed one"
    source "fulfillment.md 1.5, 9: live keeps it; emulator's author says removed", "2023-07";
    {
        Kept "kept" "what it was",
        Absent "absent" "left out",
    }
    documented Kept, observed Kept, sdk2 Kept
}

quirk! {
    40 "quantity_type" QuantityType
    "quantity in resolve, in the list and in GET of a subscription"
    source "fulfillment.md 1.2, 9: docs of 2022 a string in places; OpenAPI and recordings a number", "2022-06";
    {
        Number "number" "20",
        Text "string" "\"20\"; breaks the .NET SDK" breaks 3,
    }
    documented Number, observed Number, sdk2 Number
}

quirk! {
    41 "resolve_term" ResolveTerm
    "subscription.term in the answer to resolve"
    source "fulfillment.md 1.2: live dropped it for a while (openapi #22)", "2021-08";
    {
        Present "present" "it is there",
        Dropped "dropped" "it is not",
    }
    documented Present, observed Present, sdk2 Present
}

quirk! {
    42 "allowed_operations_order" AllowedOperationsOrder
    "The order of allowedCustomerOperations, which is a set"
    source "fulfillment.md 1.5: live Delete, Update, Read in 2021; Delete, Read, Update in 2024", "2024-01";
    {
        DeleteReadUpdate "delete_read_update" "as recorded in 2024",
        DeleteUpdateRead "delete_update_read" "as recorded in 2021",
    }
    documented DeleteReadUpdate, observed DeleteUpdateRead, sdk2 DeleteReadUpdate
}

quirk! {
    43 "operation_errors" OperationErrors
    "errorStatusCode and errorMessage of an operation"
    source "fulfillment.md 1.11, 9: absent from OpenAPI and recordings; empty strings in the docs' sample", "2023-08";
    {
        FailedOnly "failed_only" "on a Failed one, saying why",
        EmptyStrings "empty_strings" "always; empty unless it is Failed",
        Never "never" "left out",
    }
    documented FailedOnly, observed Never, sdk2 FailedOnly
}

quirk! {
    44 "request_source" RequestSource
    "operationRequestSource of an operation"
    source "fulfillment.md 1.11, 9: docs and recordings have it; absent from OpenAPI; the emulator misspells it", "2023-07";
    {
        Present "present" "it is there",
        Absent "absent" "left out",
        Misspelt "misspelt" "operationRequestedSource in its place",
    }
    documented Present, observed Present, sdk2 Present
}

quirk! {
    45 "list_page_size" ListPageSize
    "How many subscriptions are on a page of the list"
    source "fulfillment.md 1.4, 9: docs 100; live 66 to 89, and by the way it pages even none while more follow", "2021-03";
    {
        Hundred "hundred" "100, and fewer on the last",
        Uneven "uneven" "66 to 89, another number on each",
        WithEmpty "with_empty" "the same, and between two such pages one without any",
    }
    documented Hundred, observed Uneven, sdk2 Hundred
}

quirk! {
    46 "etag" Etag
    "ETag of a GET"
    source "fulfillment.md 1.1, Q22: live a random GUID, new on every GET; not in docs or OpenAPI", "2024-01";
    {
        Random "random" "a GUID, new on every GET",
        Absent "absent" "there is none",
    }
    documented Random, observed Random, sdk2 Random
}

quirk! {
    47 "delete_headers" DeleteHeaders
    "Headers of the 202 to DELETE beside Operation-Location"
    source "fulfillment.md 1.1: live has Operation-Id and Retry-After on PATCH; docs and OpenAPI promise Operation-Location only for DELETE", "2023-08";
    {
        AsPatch "as_patch" "Operation-Id and Retry-After, as for PATCH",
        LocationOnly "location_only" "none",
    }
    documented AsPatch, observed AsPatch, sdk2 AsPatch
}

quirk! {
    89 "source_offers" SourceOffers
    "sourceOffers of listAvailablePlans, asked for the plan that was bought"
    source "fulfillment.md 1.7: docs of 2023 and OpenAPI may add the private offer's id; not in recordings", "2023-08";
    {
        Never "never" "left out",
        PrivatePlans "private_plans" "of a private plan: one, with a GUID that stays the same for the subscription",
    }
    documented Never, observed Never, sdk2 Never
}

quirk! {
    48 "free_trial" FreeTrial
    "isFreeTrial of a subscription that is in no trial"
    source "fulfillment.md 1.5: docs of 2022 optional, absent means false; live always sent", "2022-06";
    {
        Sent "sent" "false",
        Absent "absent" "left out",
    }
    documented Sent, observed Sent, sdk2 Sent
}

quirk! {
    91 "no_included_units" NoIncludedUnits
    "meteredQuantityIncluded of a term that includes no units"
    source "fulfillment.md 1.7: OpenAPI a list; live sometimes absent", "2021-03";
    {
        EmptyList "empty_list" "[]",
        Absent "absent" "left out",
    }
    documented EmptyList, observed Absent, sdk2 EmptyList
}
