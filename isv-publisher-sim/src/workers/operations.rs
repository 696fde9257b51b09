//! One call about an operation: the publisher's answer to it, or a look at it. Called by the outbox worker.

use http::StatusCode;

use crate::{
    app::App,
    clients::{Trouble, marketplace::Caller},
    commands::OperationNews,
    domain::{OperationCall, Status, Verdict, WebhookKey},
    store::Claimed,
};

/// Makes the call.
pub(super) async fn make(
    app: &App,
    claimed: &Claimed,
    key: &WebhookKey,
    call: OperationCall,
) -> OperationNews {
    let caller = Caller { sandbox: key.sandbox.clone(), publisher: key.publisher.clone() };
    let made = match call {
        OperationCall::Answer(verdict) => answer(app, &caller, claimed, key, verdict).await,
        OperationCall::Look => look(app, &caller, claimed, key).await,
    };
    made.unwrap_or_else(|trouble| match trouble {
        Trouble::Unreachable { what, retry_after } => {
            OperationNews::Unanswered { failure: what, retry_after }
        }
        Trouble::UnknownSandbox | Trouble::UnknownPublisher | Trouble::Refused { .. } => {
            OperationNews::Lost { said: trouble.to_string() }
        }
    })
}

/// Sends the publisher's answer. A refusal is an answer too: the operation was decided before (409), or it cannot be
/// answered. A look at it tells more.
async fn answer(
    app: &App,
    caller: &Caller,
    claimed: &Claimed,
    key: &WebhookKey,
    verdict: Verdict,
) -> Result<OperationNews, Trouble> {
    let (subscription, id) = (claimed.key.subscription, &claimed.id);
    let sent = app.marketplace.answer_operation(caller, subscription, key.operation, verdict, id);
    match sent.await {
        Ok(()) => Ok(OperationNews::Answered { status: StatusCode::OK.as_u16(), said: None }),
        Err(Trouble::Refused { status: StatusCode::CONFLICT, .. }) => {
            // The words of a 409 are an id of the request (fulfillment.md E4).
            let status = StatusCode::CONFLICT.as_u16();
            Ok(OperationNews::Answered { status, said: None })
        }
        Err(Trouble::Refused { status, message }) => {
            Ok(OperationNews::Answered { status: status.as_u16(), said: Some(message) })
        }
        Err(trouble) => Err(trouble),
    }
}

/// Looks at the operation; once it has succeeded, at the subscription.
async fn look(
    app: &App,
    caller: &Caller,
    claimed: &Claimed,
    key: &WebhookKey,
) -> Result<OperationNews, Trouble> {
    let subscription = claimed.key.subscription;
    let (operation, at) = app.marketplace.operation(caller, subscription, key.operation).await?;
    Ok(match operation.status {
        Status::Open => OperationNews::Open,
        Status::Failed => OperationNews::Failed { said: operation.failure, at },
        Status::Succeeded => {
            let seen = app.marketplace.seen(caller, subscription).await?;
            OperationNews::Succeeded(Box::new(seen))
        }
    })
}
