//! How the publisher face looks under a policy: its one table of quirks of wire shape. Handlers and projections ask
//! here and never the policy.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::civil::Date;
use serde::Serialize;
use shared::ids::SubscriptionId;

use crate::{
    domain::{
        operation::OperationState,
        policy::{
            AllowedOperationsOrder, DeleteHeaders, EmptyList, EndDate, Etag, FreeTrial,
            LastModified, ListOperations, ListPageSize, MissingBearer, OperationErrors,
            OperationStatusText, PendingDelete, PendingPatch, PlansOfUnknown, Policy,
            ProvisionalTerm, QuantityType, Quirk, RequestSource, ResolveTerm, UnknownOperation,
            UnknownSubscriptionOperations, UnsubscribedQuantity,
        },
        subscription::{Status, Subscription},
    },
    ordered_json::{Members, Node},
    store::Caller,
};

/// Subscriptions of one page of the list (C26).
const PAGE: usize = 100;
/// The shortest page seen (fulfillment.md 1.4), and how many lengths there are.
const UNEVEN: (usize, usize) = (66, 24);

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

    /// Whether open operations are listed.
    pub fn lists_operations(self) -> bool {
        self.says(ListOperations::Open)
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
            ListPageSize::Uneven => {
                let last = after.map_or(7, |id| id.0.as_bytes()[15]);
                shortest + usize::from(last) % lengths
            }
        }
    }

    /// First and last day of the term.
    pub fn term_days(self, stored: &Subscription) -> (Option<Date>, Option<Date>) {
        let provisional = stored.gate.billing_started_at().is_none();
        if provisional && self.says(ProvisionalTerm::Hidden) {
            return (None, None);
        }
        let last = |start| match self.0.get() {
            EndDate::LastDay => stored.term.last_day(start),
            EndDate::ThirtyDays => stored.term.thirty_days(start),
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
        let edited = self.says(LastModified::Absent)
            || self.says(FreeTrial::Absent)
            || self.says(QuantityType::Text)
            || self.says(ResolveTerm::Dropped)
            || !self.says(RequestSource::Present);
        match edited.then(|| Node::of(document)).flatten() {
            Some(mut node) => {
                node.each_object(&mut |members| self.edit(members));
                Json(node).into_response()
            }
            None => Json(document).into_response(),
        }
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
