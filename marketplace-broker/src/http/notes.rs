//! What a request turned out to be about. Extractors and handlers note it; `observe` reads it when the answer is made.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::ids::{SandboxId, SubscriptionId};

use crate::domain::{policy::Policy, sandbox::SandboxClock};

/// Notes of one request, shared between its layers.
#[derive(Debug, Clone, Default)]
pub struct Notes(Arc<Mutex<Noted>>);

/// What was noted.
#[derive(Debug, Clone, Default)]
pub struct Noted {
    /// The sandbox, once it is known, with its clock.
    pub sandbox: Option<(SandboxId, SandboxClock)>,
    /// The policy of a publisher's sandbox.
    pub policy: Option<Policy>,
    /// Who calls: `publisher contoso`, `operator`.
    pub caller: Option<String>,
    /// The subscription it is about.
    pub subscription: Option<SubscriptionId>,
    /// The purchase token it carried, as `tok_…`.
    pub token: Option<String>,
    /// Whether the user that calls has signed in with a second factor; `None`: no user calls.
    pub mfa: Option<bool>,
    /// Why it was refused.
    pub refusal: Option<String>,
}

impl Notes {
    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sandbox and its clock.
    pub fn sandbox(&self, id: &SandboxId, clock: SandboxClock) {
        self.lock().sandbox = Some((id.clone(), clock));
    }

    /// The policy of a publisher's sandbox.
    pub fn policy(&self, policy: Policy) {
        self.lock().policy = Some(policy);
    }

    /// The policy that was noted; the default one before a caller is known.
    pub fn current_policy(&self) -> Policy {
        self.lock().policy.unwrap_or_default()
    }

    /// Who calls.
    pub fn caller(&self, caller: impl Into<String>) {
        self.lock().caller = Some(caller.into());
    }

    /// The subscription it is about.
    pub fn subscription(&self, id: SubscriptionId) {
        self.lock().subscription = Some(id);
    }

    /// The fingerprint of the token it carried.
    pub fn token(&self, fingerprint: String) {
        self.lock().token = Some(fingerprint);
    }

    /// Whether the user that calls has signed in with a second factor.
    pub fn mfa(&self, mfa: bool) {
        self.lock().mfa = Some(mfa);
    }

    /// Why it was refused.
    pub fn refusal(&self, reason: impl ToString) {
        self.lock().refusal = Some(reason.to_string());
    }

    /// Everything noted so far.
    pub fn read(&self) -> Noted {
        self.lock().clone()
    }
}
