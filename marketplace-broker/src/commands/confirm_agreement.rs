//! A partner confirms that a customer accepted an agreement (partner-center.md 2.8, 3.10): from then on it can be sold to.
//! Called by `http/partner_center/agreements`.

use jiff::Timestamp;
use shared::ids::{CustomerId, SandboxId};

use super::{Replayable, record};
use crate::{
    domain::{
        agreement::{Acceptance, Agreement},
        event::Event,
        partner_refusal::PartnerRefusal,
        refusal::Refusal,
    },
    store::{Command, Failure, Tx, agreements_of, insert_agreement, lock_customer},
};

/// Confirms an acceptance; whose the customer is was looked at.
pub struct ConfirmAgreement {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Whose.
    pub customer: CustomerId,
    /// What was accepted, when, by whom.
    pub acceptance: Acceptance,
    /// The partner's user who confirms it.
    pub confirmed_by: String,
}

impl Command for ConfirmAgreement {
    type Output = Agreement;
    const NAME: &'static str = "confirmAgreement";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Agreement, Failure> {
        // Locked, so that acceptances are counted right.
        if lock_customer(tx, &self.sandbox, self.customer).await?.is_none() {
            let gone = PartnerRefusal::ForeignCustomer(self.customer.to_string());
            return Err(Refusal::from(gone).into());
        }
        let before = agreements_of(tx.read(), &self.sandbox, self.customer).await?;
        let number = before.last().map_or(1, |last| last.number + 1);
        let agreement = self.acceptance.confirmed(self.customer, number, &self.confirmed_by, at)?;
        insert_agreement(tx, &self.sandbox, &agreement).await?;
        let kind = agreement.kind.clone();
        let event = Event::AgreementConfirmed { customer: self.customer, kind };
        record(tx, &self.sandbox, at, None, &event);
        Ok(agreement)
    }
}

impl Replayable for ConfirmAgreement {
    fn keep(made: &Agreement) -> String {
        made.number.to_string()
    }

    async fn recall(&self, tx: &mut Tx, kept: &str, _at: Timestamp) -> Result<Agreement, Failure> {
        let all = agreements_of(tx.read(), &self.sandbox, self.customer).await?;
        let found = all.into_iter().find(|one| one.number.to_string() == kept);
        Ok(found.ok_or_else(|| Refusal::unknown("Agreement", kept))?)
    }
}
