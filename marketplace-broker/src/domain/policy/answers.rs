//! Statuses and bodies of the publisher face that the sources disagree about. Read by `http/fulfillment`, in its one
//! table.

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
