//! Who may call at all, and how the authority answers. Read by `http/extract` and, where it is a matter of shape, by
//! `http/identity` in its one table.

use super::quirk;

quirk! {
    2 "missing_bearer" MissingBearer
    "A call without any bearer. It comes from no sandbox: the sandbox `default` decides"
    source "fulfillment.md Q8: OpenAPI and docs 403; emulator and one live report (openapi #39) 401", "2024-12";
    {
        Forbidden "forbidden" "403 with the bare JSON string of every bad bearer",
        Unauthorized "unauthorized" "401 with the same body and WWW-Authenticate: Bearer",
    }
    documented Forbidden, observed Unauthorized, sdk2 Forbidden
}

quirk! {
    3 "retired_resource" RetiredResource
    "A bearer whose audience is 62d94f6c-d599-489b-a797-3e10e42fbe22, the resource id of the API before June 2020"
    source "fulfillment.md 5.3: retired, reject; clients.md 3: older samples still ask for it", "2020-06";
    {
        Accept "accept" "it is as good as a bearer for today's resource id",
        Reject "reject" "403, as for any other audience",
    }
    documented Accept, observed Accept, sdk2 Accept
}

quirk! {
    88 "publisher_rate_limit" PublisherRateLimit
    "How many calls a publisher may make"
    source "fulfillment.md Q20: none documented; MONA waits and repeats after 429", "2026-02";
    {
        Off "off" "any number",
        PerMinute60 "per_minute_60" "after 60 in a minute of real time 429 with Retry-After, until the minute is over",
    }
    documented Off, observed Off, sdk2 Off
}

quirk! {
    92 "v2_token_numbers" V2TokenNumbers
    "expires_in and ext_expires_in of the v2 token endpoint"
    source "fulfillment.md 5.2: the real authority sends numbers; samples of the docs have strings, as v1 has", "2024-01";
    {
        Numbers "numbers" "3599",
        Strings "strings" "\"3599\"",
    }
    documented Numbers, observed Numbers, sdk2 Numbers
}
