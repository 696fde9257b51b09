//! The marketplace's extensions of the SaaS Fulfillment API that tell of a setup and of steps. Called by the outbox.

use shared::{
    fulfillment::{DeclareSteps, DeclaredStep, ReportSetup, SubmittedBy},
    ids::SubscriptionId,
};

use super::{
    Marketplace,
    exchange::Trouble,
    marketplace::{Caller, named},
};
use crate::domain::{PublisherStep, Setup};

impl Marketplace {
    /// Tells who submitted the information and where the customer signs in. `request_id` is the same at every attempt.
    pub async fn report_setup(
        &self,
        caller: &Caller,
        subscription: SubscriptionId,
        setup: &Setup,
        request_id: &str,
    ) -> Result<(), Trouble> {
        let url = self.subscription_url(subscription, "/setup");
        let by = SubmittedBy {
            object_id: Some(setup.by.object.clone()),
            tenant_id: Some(setup.by.tenant.clone()),
            email_id: Some(setup.username.clone()).filter(|username| !username.is_empty()),
        };
        let body = ReportSetup {
            information_submitted_by: Some(by),
            information_submitted_at: None,
            sign_in_url: Some(setup.sign_in_url.clone()),
        };
        self.call(caller, || named(self.http.put(&url), request_id).json(&body)).await?;
        Ok(())
    }

    /// Tells of all steps, then which of them are done; each call may be repeated.
    pub async fn declare_steps(
        &self,
        caller: &Caller,
        subscription: SubscriptionId,
        steps: &[PublisherStep],
        request_id: &str,
    ) -> Result<(), Trouble> {
        let url = self.subscription_url(subscription, "/publisherSteps");
        let declared = |step: &PublisherStep| DeclaredStep {
            id: step.id.to_string(),
            title: step.title.clone(),
            url: step.url.clone(),
            blocks: step.blocks.clone(),
        };
        let body = DeclareSteps { steps: steps.iter().map(declared).collect() };
        self.call(caller, || named(self.http.put(&url), request_id).json(&body)).await?;
        for step in steps.iter().filter(|step| step.done_at.is_some()) {
            let rest = format!("/publisherSteps/{}/done", step.id);
            let url = self.subscription_url(subscription, &rest);
            self.call(caller, || named(self.http.post(&url), request_id)).await?;
        }
        Ok(())
    }
}
