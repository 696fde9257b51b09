//! Usage events. Read by `http/metering`, in its one table; which event is a second one is a rule, read by the command
//! that takes them.

use super::quirk;

quirk! {
    50 "usage_dedupe" UsageDedupe
    "Of what a UTC hour has one usage event"
    source "fulfillment.md Q18, 4.2, 9: docs of 2022 and the words of the 409 resource and hour; docs of 2023 the dimension too", "2023-08";
    {
        Dimension "dimension" "of a resource and a dimension",
        Resource "resource" "of a resource: an event of another dimension is a duplicate",
    }
    documented Dimension, observed Dimension, sdk2 Dimension
}

quirk! {
    51 "future_usage_in_batch" FutureUsageInBatch
    "The status of an event of a batch whose time is still to come"
    source "fulfillment.md Q19, 4.3: not recorded; the message of the 400 speaks of expired and future in one: INFERRED", "2026-11";
    {
        BadArgument "bad_argument" "BadArgument, as malformed",
        Expired "expired" "Expired, as too old",
    }
    documented BadArgument, observed BadArgument, sdk2 BadArgument
}

quirk! {
    52 "batch_order" BatchOrder
    "The order of the members in the answer to a batch"
    source "fulfillment.md 4.3, 9: live and OpenAPI result, count; docs' sample count first", "2021-03";
    {
        ResultFirst "result_first" "result, count",
        CountFirst "count_first" "count, result",
    }
    documented ResultFirst, observed ResultFirst, sdk2 ResultFirst
}

quirk! {
    53 "duplicate_message_time" DuplicateMessageTime
    "messageTime of a duplicate in a batch"
    source "fulfillment.md 4.3, 9: live the time of the call; docs' sample 0001-01-01T00:00:00", "2021-03";
    {
        Call "call" "the time of the call",
        Zero "zero" "0001-01-01T00:00:00",
    }
    documented Call, observed Call, sdk2 Call
}

quirk! {
    54 "effective_start_time" EffectiveStartTime
    "effectiveStartTime as it is given back"
    source "fulfillment.md 4.1, 9: live in UTC without zeros at the end of the fraction; docs as it was sent", "2021-03";
    {
        Normalised "normalised" "in UTC, without zeros at the end of the fraction",
        AsSent "as_sent" "to the letter, of the event that was accepted first too",
    }
    documented Normalised, observed Normalised, sdk2 Normalised
}

quirk! {
    55 "submitted_count" SubmittedCount
    "submittedCount of usageEvents"
    source "fulfillment.md 4.4, 9: live an integer; OpenAPI a double", "2021-03";
    {
        Integer "integer" "17",
        Number "number" "17.0",
    }
    documented Integer, observed Integer, sdk2 Integer
}

quirk! {
    56 "recon_status" ReconStatusNames
    "What reconStatus of usageEvents may be asked for"
    source "fulfillment.md 4.4, 9: OpenAPI four; docs TestHeaders and DryRun too", "2023-08";
    {
        Four "four" "Submitted, Accepted, Rejected, Mismatch; another one is 400",
        Six "six" "TestHeaders and DryRun too, which no row has",
    }
    documented Four, observed Four, sdk2 Four
}

quirk! {
    57 "usage_bad_argument_target" UsageBadArgumentTarget
    "target of the details of a 400 on the metering face"
    source "fulfillment.md 4.1: recorded effectiveStartTime; docs' sample ResourceId", "2021-03";
    {
        CamelCase "camel_case" "effectiveStartTime",
        PascalCase "pascal_case" "EffectiveStartTime",
    }
    documented CamelCase, observed CamelCase, sdk2 CamelCase
}
