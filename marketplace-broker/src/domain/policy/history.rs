//! Words and forms of earlier years, and of single pages of the documents (fulfillment.md 1.5, 1.10, 1.11, 3.3). Those of
//! webhooks are read by `domain/delivery`, those of the publisher face by `http/fulfillment` in its one table.

use super::quirk;

quirk! {
    69 "webhook_id" WebhookId
    "id of a webhook that the publisher did not cause itself"
    source "fulfillment.md 3.3: a GUID by all documents; from 2018 to 2020 org:<guid>,<guid> (azure-docs #40907, #47736)", "2020-02";
    {
        Operation "operation" "the operation's id",
        OrgPair "org_pair" "org:<guid>,<guid>, which names no operation; activityId is the operation's id",
    }
    documented Operation, observed Operation, sdk2 Operation
}

quirk! {
    70 "webhook_authorization" WebhookAuthorization
    "The bearer of a webhook"
    source "fulfillment.md 3.3, 3.5: documents of 2018 to 2020 know none and have publishers ask for the operation; those of 2025 demand its verification", "2025-01";
    {
        Bearer "bearer" "Authorization: Bearer, signed",
        Absent "absent" "no Authorization header",
    }
    documented Bearer, observed Bearer, sdk2 Bearer
}

quirk! {
    71 "webhook_success_word" WebhookSuccessWord
    "status of a webhook that tells of something that has happened"
    source "fulfillment.md 3.2, 3.3: Succeeded; documents of 2018 to 2020 Success", "2020-06";
    {
        Succeeded "succeeded" "Succeeded",
        Success "success" "Success; breaks whoever reads it with the words of the .NET SDK 2.x" breaks 1,
    }
    documented Succeeded, observed Succeeded, sdk2 Succeeded
}

quirk! {
    72 "webhook_reinstate_form" WebhookReinstateForm
    "How the webhook of a Reinstate is written"
    source "fulfillment.md 3.3: as all others; one sample of the documents is a short form with operationType", "2023-08";
    {
        Action "action" "as all others",
        OperationType "operation_type" "the short form, and its action is called operationType",
    }
    documented Action, observed Action, sdk2 Action
}

quirk! {
    73 "webhook_quantity_type" WebhookQuantityType
    "quantity of a webhook, at its top"
    source "fulfillment.md 3.3, 1.13 no. 9: a number; flat forms to Aug 2022 had a string in places (azure-docs #47736)", "2022-08";
    {
        Number "number" "20",
        Text "string" "\"20\"; breaks the accelerator" breaks 9,
    }
    documented Number, observed Number, sdk2 Number
}

quirk! {
    74 "suspend_action" SuspendAction
    "The action of a suspension, in its webhook and its operation"
    source "fulfillment.md 9: OpenAPI, the webhook page and the emulator Suspend; prose of the life-cycle page Suspended", "2023-08";
    {
        Suspend "suspend" "Suspend",
        Suspended "suspended" "Suspended; breaks the .NET SDK 2.x" breaks 1,
    }
    documented Suspend, observed Suspend, sdk2 Suspend
}

quirk! {
    75 "change_plan_action" ChangePlanAction
    "The action of a change of plan in the list of operations"
    source "fulfillment.md 3.3: ChangePlan; the oldest pages of list operations show Convert", "2019-05";
    {
        ChangePlan "change_plan" "ChangePlan",
        Convert "convert" "Convert; breaks the .NET SDK 2.x" breaks 1,
    }
    documented ChangePlan, observed ChangePlan, sdk2 ChangePlan
}

quirk! {
    76 "operation_success_word" OperationSuccessWord
    "status of an operation that is done"
    source "fulfillment.md 1.11: OpenAPI Succeeded; prose of the documents spells Succeed in places", "2023-08";
    {
        Succeeded "succeeded" "Succeeded",
        Succeed "succeed" "Succeed; breaks the .NET SDK 2.x" breaks 1,
    }
    documented Succeeded, observed Succeeded, sdk2 Succeeded
}

quirk! {
    77 "retired_members" RetiredMembers
    "Members of a subscription that are gone since March 2021"
    source "fulfillment.md 1.5: recorded in Feb 2021, not any more in March; in no document", "2021-03";
    {
        Absent "absent" "there are none",
        Sent "sent" "sessionId, fulfillmentId, storeFront, and iss and idp of the beneficiary",
    }
    documented Absent, observed Absent, sdk2 Absent
}
