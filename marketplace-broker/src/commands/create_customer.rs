//! A partner makes a customer. It has agreed to nothing yet, so nothing can be sold to it before its partner has confirmed
//! its agreement. Called by `http/partner_center/customers`.

use jiff::Timestamp;
use shared::ids::{CustomerId, PartnerId, SandboxId, TenantId};
use uuid::Uuid;

use super::{Replayable, record};
use crate::{
    domain::{
        customer::{NewCustomer, SANDBOX_CUSTOMERS_MAX},
        event::Event,
        partner_refusal::PartnerRefusal,
        party::{AccountKind, Customer, Partner, PartnerKind, User},
        refusal::Refusal,
        reseller::check_reseller,
    },
    store::{
        Command, Failure, Tx, customer, insert_customer, lock_clock, partner, partner_of_mpn,
        room_for_customer,
    },
};

/// Makes a customer.
#[derive(Debug, Clone)]
pub struct CreateCustomer {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Whose it will be.
    pub partner: PartnerId,
    /// What is known of it.
    pub new: NewCustomer,
    /// Its id.
    pub id: CustomerId,
    /// The id of its administrator.
    pub admin: Uuid,
}

/// A customer that a request made.
#[derive(Debug, Clone)]
pub struct Created {
    /// The customer.
    pub customer: Customer,
    /// Whether this request made it; else it repeats the one that did.
    pub first: bool,
}

impl Replayable for CreateCustomer {
    fn keep(made: &Created) -> String {
        made.customer.id.to_string()
    }

    async fn recall(&self, tx: &mut Tx, kept: &str, _at: Timestamp) -> Result<Created, Failure> {
        let unknown = || Refusal::unknown("Customer", kept);
        let id = kept.parse().map_err(|_| unknown())?;
        let found = customer(tx.read(), &self.sandbox, Some(id)).await?;
        Ok(Created { customer: found.ok_or_else(unknown)?, first: false })
    }
}

impl Command for CreateCustomer {
    type Output = Created;
    const NAME: &'static str = "createCustomer";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Created, Failure> {
        // Locked, so that places and domains are given once.
        lock_clock(tx, &self.sandbox).await?;
        let found = partner(tx.read(), &self.sandbox, &self.partner).await?;
        let partner = found.ok_or_else(|| Refusal::unknown("Partner", &self.partner))?;
        self.check_partner(tx, &partner).await?;
        let domain = &self.new.domain;
        let room = room_for_customer(tx.read(), &self.sandbox, &partner, domain).await?;
        if room.domain_taken {
            return Err(Refusal::Exists { what: "Domain", id: domain.clone() }.into());
        }
        if partner.account_kind == AccountKind::IntegrationSandbox
            && room.customers >= SANDBOX_CUSTOMERS_MAX
        {
            let full = PartnerRefusal::TooManyCustomers(SANDBOX_CUSTOMERS_MAX);
            return Err(Refusal::from(full).into());
        }
        let customer = self.made();
        insert_customer(tx, &self.sandbox, room.position, &customer).await?;
        let event = Event::CustomerCreated { id: self.id, partner: partner.id };
        record(tx, &self.sandbox, at, None, &event);
        Ok(Created { customer, first: true })
    }
}

impl CreateCustomer {
    /// Who may make customers, and for which reseller.
    async fn check_partner(&self, tx: &mut Tx, partner: &Partner) -> Result<(), Failure> {
        if partner.kind == PartnerKind::IndirectReseller {
            let provider = partner.provider_id.as_ref().map(ToString::to_string);
            let refusal = PartnerRefusal::ResellerCreates(provider.unwrap_or_default());
            return Err(Refusal::from(refusal).into());
        }
        let Some(mpn_id) = &self.new.reseller_mpn else { return Ok(()) };
        if partner.kind != PartnerKind::IndirectProvider {
            let reason = "only an indirect provider names a reseller: leave it out";
            return Err(Refusal::field("associatedPartnerId", reason).into());
        }
        let named = partner_of_mpn(tx.read(), &self.sandbox, mpn_id).await?;
        check_reseller(partner, named.as_ref(), mpn_id).map_err(Refusal::from)?;
        Ok(())
    }

    fn made(&self) -> Customer {
        let NewCustomer { domain, name, country, profile, reseller_mpn } = self.new.clone();
        Customer {
            id: self.id,
            admin: User::of(format!("admin@{domain}"), self.admin, TenantId(self.id.0)),
            name,
            country,
            domain,
            partner_id: self.partner.clone(),
            profile,
            reseller_mpn,
            removed_at: None,
        }
    }
}
