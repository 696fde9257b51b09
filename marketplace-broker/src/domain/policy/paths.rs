//! What is found on the publisher face, and how lists are written. Read by `http/fulfillment` in its one table, and where
//! they are rules by queries and commands.

use super::quirk;

quirk! {
    78 "operations_list" OperationsList
    "How the list of operations is written"
    source "fulfillment.md 1.10, 9: OpenAPI and docs an object; docs' words on none 'empty JSON'; the emulator a bare list", "2023-07";
    {
        Object "object" "{\"operations\":[]}",
        EmptyJson "empty_json" "the same; without operations {}",
        List "list" "[], as the emulator has it; breaks the .NET SDK 2.x" breaks 4,
    }
    documented Object, observed Object, sdk2 Object
}

quirk! {
    79 "malformed_id" MalformedId
    "The list of operations of a subscription whose id is no GUID"
    source "fulfillment.md 9: for this call alone OpenAPI and docs have 400 beside 404; none says of what", "2023-08";
    {
        NotFound "not_found" "404, as of one that is not there",
        BadRequest "bad_request" "400, InvalidValue",
    }
    documented NotFound, observed NotFound, sdk2 NotFound
}

quirk! {
    80 "get_operation" GetOperation
    "Operations of which actions GET finds by their ids"
    source "fulfillment.md 9, 1.11: webhook page those of every webhook; operations page Unsubscribe, ChangePlan and ChangeQuantity in prose, ChangePlan, ChangeQuantity and Reinstate in its sample", "2023-08";
    {
        All "all" "all",
        Prose "prose" "Unsubscribe, ChangePlan, ChangeQuantity",
        Sample "sample" "ChangePlan, ChangeQuantity, Reinstate",
    }
    documented All, observed All, sdk2 All
}

quirk! {
    81 "patch_told_operation" PatchToldOperation
    "PATCH of an operation that only tells: Renew, Suspend, Unsubscribe, Subscribe"
    source "fulfillment.md F5, C46: docs and OpenAPI 409 for what has ended; the emulator 400", "2023-07";
    {
        Conflict "conflict" "409, as for every one that has ended",
        BadRequest "bad_request" "400, InvalidValue",
    }
    documented Conflict, observed Conflict, sdk2 Conflict
}

quirk! {
    82 "operation_patch_body" OperationPatchBody
    "Plan and quantity in a PATCH of an operation"
    source "fulfillment.md 1.12: OpenAPI allows them; older docs require them", "2019-11";
    {
        Ignore "ignore" "may be left out, and are not compared",
        Required "required" "planId, and quantity where the operation has one, must be sent as the operation has them, else 400",
    }
    documented Ignore, observed Ignore, sdk2 Ignore
}

quirk! {
    83 "last_next_link" LastNextLink
    "@nextLink on the last page of the list"
    source "fulfillment.md 1.4: live absent; docs empty or absent", "2023-08";
    {
        Absent "absent" "left out",
        Empty "empty" "an empty string",
    }
    documented Absent, observed Absent, sdk2 Absent
}
