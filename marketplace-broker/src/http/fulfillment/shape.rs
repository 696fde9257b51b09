//! How the publisher face looks under a policy: its one table of quirks of wire shape. Handlers and projections ask
//! here and never the policy.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::Serialize;
use serde_json::Value;
use shared::{
    fulfillment::{AvailablePlans, Operations, SourceOffer},
    identity::issuer_v1,
    ids::{PlanId, SubscriptionId},
};
use uuid::Uuid;

use crate::{
    domain::{
        catalog::Plan,
        change::Wish,
        operation::{Operation, OperationState},
        policy::{
            AllowedOperationsOrder, ChangePlanAction, DeleteHeaders, EmptyList, EndDate, Etag,
            FreeTrial, LastModified, LastNextLink, ListOperations, ListPageSize, MalformedId,
            MissingBearer, NoIncludedUnits, OperationErrors, OperationStatusText,
            OperationSuccessWord, OperationsList, PendingDelete, PendingPatch, PlansOfUnknown,
            Policy, ProvisionalTerm, QuantityType, Quirk, RequestSource, ResolveTerm,
            RetiredMembers, SourceOffers, SuspendAction, UnknownOperation,
            UnknownSubscriptionOperations, UnsubscribedQuantity,
        },
        refusal::Refusal,
        subscription::{Status, Subscription},
    },
    ordered_json::{Members, Node},
    store::Caller,
};

/// Subscriptions of one page of the list (C26).
const PAGE: usize = 100;
/// The shortest page seen (fulfillment.md 1.4), and how many lengths there are.
const UNEVEN: (usize, usize) = (66, 24);

/// How long an operation is open before a late list has it: the number is ours.
const LISTED_AFTER: SignedDuration = SignedDuration::from_secs(5);
/// Makes a private offer's id of a subscription's.
const PRIVATE_OFFER: u128 = 0x5072_6976_6174_6500_8000_0000_4f66_6665;

/// The face as a sandbox's policy has it.
#[derive(Debug, Clone, Copy)]
pub struct Shape(Policy);

/// What is answered for an operation that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoOperation {
    /// The status.
    pub status: StatusCode,
    /// The message, unless it is the refusal's own.
    pub message: Option<&'static str>,
    /// The code.
    pub code: &'static str,
}

impl NoOperation {
    /// As documented.
    pub const NOT_FOUND: Self =
        Self { status: StatusCode::NOT_FOUND, message: None, code: "EntityNotFound" };
}

impl Shape {
    /// Of whom the caller's sandbox is.
    pub fn of(caller: &Caller) -> Self {
        Self(caller.policy)
    }

    /// The same of a policy.
    pub fn under(policy: Policy) -> Self {
        Self(policy)
    }

    /// GET of an operation that is not there.
    pub fn no_operation_to_get(self) -> NoOperation {
        self.no_operation("Failed to get operation", "EntityNotFound")
    }

    /// PATCH of an operation that is not there.
    pub fn no_operation_to_update(self) -> NoOperation {
        self.no_operation("Failed to find operation", "NotFound")
    }

    fn no_operation(self, message: &'static str, code: &'static str) -> NoOperation {
        match self.0.get() {
            UnknownOperation::NotFound => NoOperation::NOT_FOUND,
            UnknownOperation::BadRequest => {
                NoOperation { status: StatusCode::BAD_REQUEST, message: Some(message), code }
            }
        }
    }

    fn says<Q: Quirk + PartialEq>(self, value: Q) -> bool {
        self.0.get::<Q>() == value
    }

    /// PATCH of a subscription while an operation is open.
    pub fn locked_patch(self) -> StatusCode {
        match self.0.get() {
            PendingPatch::BadRequest => StatusCode::BAD_REQUEST,
            PendingPatch::Conflict => StatusCode::CONFLICT,
        }
    }

    /// DELETE of a subscription while an operation is open.
    pub fn locked_delete(self) -> StatusCode {
        match self.0.get() {
            PendingDelete::Conflict => StatusCode::CONFLICT,
            PendingDelete::BadRequest => StatusCode::BAD_REQUEST,
        }
    }

    /// Whether a subscription that is not there has an empty list of operations.
    pub fn has_operations_of_unknown(self) -> bool {
        self.says(UnknownSubscriptionOperations::Empty)
    }

    /// Whether an open operation is listed at `now`.
    pub fn lists(self, operation: &Operation, now: Timestamp) -> bool {
        match self.0.get() {
            ListOperations::Open => true,
            ListOperations::Empty => false,
            ListOperations::InProgress => operation.state != OperationState::NotStarted,
            ListOperations::Late => operation.created_at + LISTED_AFTER <= now,
        }
    }

    /// Whether the list of operations of what is no id is a bad request.
    pub fn refuses_malformed_id(self) -> bool {
        self.says(MalformedId::BadRequest)
    }

    /// What a PATCH of a subscription wishes.
    pub fn wish(self, plan: Option<PlanId>, quantity: Option<i64>) -> Result<Wish, Refusal> {
        Wish::under(self.0.get(), plan, quantity)
    }

    /// What stands for the next page on the last one.
    pub fn last_next_link(self) -> Option<String> {
        self.says(LastNextLink::Empty).then(String::new)
    }

    /// `sourceOffers` of the plan that a subscription is on, where it was asked for.
    pub fn source_offers(self, plan: &Plan, of: &Subscription) -> Option<Vec<SourceOffer>> {
        let told = self.says(SourceOffers::PrivatePlans) && plan.is_private;
        let is_bought = plan.id == of.plan_id;
        let id = Uuid::from_u128(of.id.0.as_u128() ^ PRIVATE_OFFER);
        (told && is_bought).then(|| vec![SourceOffer { external_id: id.to_string() }])
    }

    /// Whether a list of no subscriptions has no body.
    pub fn empty_list_is_nothing(self) -> bool {
        self.says(EmptyList::Nothing)
    }

    /// Whether the plans of a subscription that is not there are 200 with no body.
    pub fn has_plans_of_unknown(self) -> bool {
        self.says(PlansOfUnknown::Nothing)
    }

    /// Whether the status of an operation may be any text.
    pub fn takes_any_status(self) -> bool {
        self.says(OperationStatusText::AnyText)
    }

    /// Whether the 202 to DELETE has the headers of the one to PATCH.
    pub fn delete_has_all_headers(self) -> bool {
        self.says(DeleteHeaders::AsPatch)
    }

    /// Whether a GET has an ETag.
    pub fn has_etag(self) -> bool {
        self.says(Etag::Random)
    }

    /// How many subscriptions are on the page after `after`.
    pub fn page_size(self, after: Option<SubscriptionId>) -> usize {
        let (shortest, lengths) = UNEVEN;
        match self.0.get() {
            ListPageSize::Hundred => PAGE,
            ListPageSize::Uneven | ListPageSize::WithEmpty => {
                let last = after.map_or(7, |id| id.0.as_bytes()[15]);
                shortest + usize::from(last) % lengths
            }
        }
    }

    /// Whether an empty page comes between two others.
    pub fn has_empty_pages(self) -> bool {
        self.says(ListPageSize::WithEmpty)
    }

    /// First and last day of the term.
    pub fn term_days(self, stored: &Subscription) -> (Option<Date>, Option<Date>) {
        let provisional = stored.gate.billing_started_at().is_none();
        if provisional && self.says(ProvisionalTerm::Hidden) {
            return (None, None);
        }
        let last = |start| match self.0.get() {
            EndDate::LastDay => stored.term.last_day_to(start, stored.anchor_day),
            EndDate::ThirtyDays => stored.term.thirty_days(start, stored.anchor_day),
            EndDate::Start => start,
        };
        (stored.term_start, stored.term_start.map(last))
    }

    /// What the beneficiary may do.
    pub fn customer_operations(self, stored: &Subscription) -> Vec<String> {
        let set = stored.customer_operations();
        let order = match self.0.get() {
            AllowedOperationsOrder::DeleteReadUpdate => ["Delete", "Read", "Update"],
            AllowedOperationsOrder::DeleteUpdateRead => ["Delete", "Update", "Read"],
        };
        order.into_iter().filter(|name| set.contains(name)).map(str::to_owned).collect()
    }

    /// The licenses.
    pub fn quantity(self, stored: &Subscription) -> Option<i64> {
        let ended = matches!(stored.status, Status::Unsubscribed { .. });
        stored.quantity.filter(|_| !(ended && self.says(UnsubscribedQuantity::Absent)))
    }

    /// When it changed last, if that is told as it is.
    pub fn modified_at(self, stored: &Subscription) -> Option<jiff::Timestamp> {
        self.says(LastModified::Real).then_some(stored.modified_at)
    }

    /// `errorStatusCode` and `errorMessage`.
    pub fn errors(self, state: OperationState) -> Option<(&'static str, &'static str)> {
        let failure = match state {
            OperationState::Failed(reason) => Some((reason.name(), reason.message())),
            _ => None,
        };
        match self.0.get() {
            OperationErrors::FailedOnly => failure,
            OperationErrors::EmptyStrings => Some(failure.unwrap_or_default()),
            OperationErrors::Never => None,
        }
    }

    /// 200 with a document of subscriptions or operations. Members that have another name or type than the document's
    /// own, or are left out, are changed here.
    pub fn answer(self, document: &impl Serialize) -> Response {
        match self.edits().then(|| Node::of(document)).flatten() {
            Some(mut node) => {
                node.each_object(&mut |members| self.edit(members));
                Json(node).into_response()
            }
            None => Json(document).into_response(),
        }
    }

    /// 200 with the plans that a subscription may be on.
    pub fn answer_plans(self, plans: &AvailablePlans) -> Response {
        match self.says(NoIncludedUnits::Absent).then(|| Node::of(plans)).flatten() {
            Some(mut node) => {
                node.each_object(&mut |members| members.remove_empty("meteredQuantityIncluded"));
                Json(node).into_response()
            }
            None => Json(plans).into_response(),
        }
    }

    /// 200 with a list of operations.
    pub fn answer_operations(self, list: &Operations) -> Response {
        let form = self.0.get();
        if form == OperationsList::Object && self.says(ChangePlanAction::ChangePlan) {
            return self.answer(list);
        }
        let Some(mut node) = Node::of(list) else { return self.answer(list) };
        node.each_object(&mut |members| {
            self.edit(members);
            if self.says(ChangePlanAction::Convert) {
                members.swap("action", "ChangePlan", "Convert");
            }
        });
        if let Node::Object(members) = &mut node {
            let listed = members.take("operations");
            match (form, listed) {
                (OperationsList::List, Some(listed)) => return Json(listed).into_response(),
                (OperationsList::EmptyJson, _) if list.operations.is_empty() => {}
                (_, Some(listed)) => members.give("operations", listed),
                (_, None) => {}
            }
        }
        Json(node).into_response()
    }

    /// Whether some members are not as the document's own.
    fn edits(self) -> bool {
        self.says(LastModified::Absent)
            || self.says(FreeTrial::Absent)
            || self.says(QuantityType::Text)
            || self.says(ResolveTerm::Dropped)
            || self.says(RetiredMembers::Sent)
            || self.says(SuspendAction::Suspended)
            || self.says(OperationSuccessWord::Succeed)
            || !self.says(RequestSource::Present)
    }

    fn edit(self, members: &mut Members) {
        let resolved = members.has("subscriptionName");
        let subscription = members.has("saasSubscriptionStatus");
        if resolved && self.says(ResolveTerm::Dropped) {
            members.object("subscription").into_iter().for_each(|inner| inner.remove("term"));
        }
        if (resolved || subscription) && self.says(QuantityType::Text) {
            members.change("quantity", |quantity| quantity.to_string().into());
        }
        if subscription && self.says(LastModified::Absent) {
            members.remove("lastModified");
        }
        if subscription && self.says(FreeTrial::Absent) {
            members.remove("isFreeTrial");
        }
        if subscription && self.says(RetiredMembers::Sent) {
            retired(members);
        }
        if members.has("action") && self.says(SuspendAction::Suspended) {
            members.swap("action", "Suspend", "Suspended");
        }
        if members.has("action") && self.says(OperationSuccessWord::Succeed) {
            members.swap("status", "Succeeded", "Succeed");
        }
        match self.0.get() {
            RequestSource::Present => {}
            RequestSource::Absent => members.remove("operationRequestSource"),
            RequestSource::Misspelt => {
                members.rename("operationRequestSource", "operationRequestedSource");
            }
        }
    }

    /// A call without any bearer.
    pub fn missing_bearer(self) -> StatusCode {
        match self.0.get() {
            MissingBearer::Forbidden => StatusCode::FORBIDDEN,
            MissingBearer::Unauthorized => StatusCode::UNAUTHORIZED,
        }
    }
}

/// Members that subscriptions had until March 2021. What they held is not known: an id stands for ids, an issuer for both
/// of a person's.
fn retired(members: &mut Members) {
    let id = members.leaf("id").cloned().unwrap_or_default();
    members.put("fulfillmentId", id.clone());
    members.put("sessionId", id);
    members.put("storeFront", "AzurePortal".into());
    if let Some(beneficiary) = members.object("beneficiary") {
        let tenant = beneficiary.leaf("tenantId").and_then(Value::as_str);
        let issuer = issuer_v1(tenant.unwrap_or_default());
        beneficiary.put("iss", issuer.clone().into());
        beneficiary.put("idp", issuer.into());
    }
}
