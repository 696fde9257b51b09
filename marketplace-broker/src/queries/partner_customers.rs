//! The customers that a partner works with, one and a page at a time. Called by `http/partner_center`.

use std::collections::HashSet;

use shared::ids::{CustomerId, PartnerId, SandboxId};

use crate::{
    domain::{
        partner_refusal::PartnerRefusal,
        party::{Customer, Partner, PartnerKind},
        refusal::Refusal,
    },
    store::{self, Failure, Store, customer_of_partner, customers_page},
};

/// Customers that are read at once while looking for some.
const READ_AT_ONCE: i64 = 500;

/// What a list of customers can be looked through by (partner-center.md 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomerField {
    /// Its name.
    CompanyName,
    /// Its domain.
    Domain,
    /// Tenant or partner id of its indirect reseller.
    IndirectReseller,
    /// Tenant or partner id of its indirect provider.
    IndirectProvider,
}

/// Only customers whose field begins so, in any case.
#[derive(Debug, Clone)]
pub struct CustomerFilter {
    /// Which field.
    pub field: CustomerField,
    /// What it begins with.
    pub starts_with: String,
}

/// Which customers are asked for.
#[derive(Debug)]
pub struct CustomersAsked {
    /// Those after this place; -1: from the first on.
    pub after: i64,
    /// How many to leave out at the start.
    pub skip: usize,
    /// How many at most; `None`: all.
    pub size: Option<usize>,
    /// Which of them.
    pub filter: Option<CustomerFilter>,
}

/// A page of customers.
#[derive(Debug)]
pub struct CustomerPage {
    /// In the order in which they were made.
    pub customers: Vec<Customer>,
    /// The place of the last one, if more follow.
    pub next_after: Option<i64>,
}

/// The customer of a partner that a path names. Malformed, unknown, another partner's and removed are one (P6).
pub async fn customer_of(
    store: &Store,
    sandbox: &SandboxId,
    partner: &Partner,
    sent: &str,
) -> Result<Customer, Failure> {
    let foreign = || {
        let shown = sent.chars().take(60).collect();
        Refusal::from(PartnerRefusal::ForeignCustomer(shown))
    };
    let id: CustomerId = sent.parse().map_err(|_| foreign())?;
    let mut conn = store.read().await?;
    let found = customer_of_partner(&mut conn, sandbox, partner, id).await?;
    Ok(found.ok_or_else(foreign)?)
}

/// A page of the customers of a partner. Those that are made meanwhile have later places: none is seen twice, none lost.
pub async fn customers_of(
    store: &Store,
    sandbox: &SandboxId,
    partner: &Partner,
    asked: CustomersAsked,
) -> Result<CustomerPage, Failure> {
    let mut conn = store.read().await?;
    let sieve = match &asked.filter {
        None => Sieve::All,
        Some(filter) => {
            let partners = store::partners(&mut conn, sandbox).await?;
            Sieve::of(filter, &partners)
        }
    };
    // One more than asked for tells whether more follow.
    let wanted = asked.size.map(|size| size + 1);
    let page = match (&sieve, wanted) {
        (Sieve::All, Some(wanted)) => i64::try_from(wanted + asked.skip).unwrap_or(READ_AT_ONCE),
        _ => READ_AT_ONCE,
    };
    let page = page.min(READ_AT_ONCE);
    let (mut after, mut to_skip) = (asked.after, asked.skip);
    let mut found = Vec::new();
    'reading: loop {
        let read = customers_page(&mut conn, sandbox, partner, (after, page)).await?;
        let is_last = i64::try_from(read.len()).is_ok_and(|count| count < page);
        for (place, customer) in read {
            after = place;
            if !sieve.lets_through(&customer) {
                continue;
            }
            if to_skip > 0 {
                to_skip -= 1;
                continue;
            }
            found.push((place, customer));
            if wanted.is_some_and(|wanted| found.len() == wanted) {
                break 'reading;
            }
        }
        if is_last {
            break;
        }
    }
    let more = wanted.is_some_and(|wanted| found.len() == wanted);
    if more {
        found.pop();
    }
    let next_after = found.last().filter(|_| more).map(|(place, _)| *place);
    let customers = found.into_iter().map(|(_, customer)| customer).collect();
    Ok(CustomerPage { customers, next_after })
}

/// A filter with the partners it means.
enum Sieve {
    All,
    Name(String),
    Domain(String),
    /// Customers of these partners, by their own ids and by partner ids.
    Partners(HashSet<PartnerId>, HashSet<String>),
}

impl Sieve {
    fn of(filter: &CustomerFilter, partners: &[Partner]) -> Self {
        let start = filter.starts_with.to_lowercase();
        let kind = match filter.field {
            CustomerField::CompanyName => return Self::Name(start),
            CustomerField::Domain => return Self::Domain(start),
            CustomerField::IndirectReseller => PartnerKind::IndirectReseller,
            CustomerField::IndirectProvider => PartnerKind::IndirectProvider,
        };
        let meant = |partner: &&Partner| {
            let tenant = partner.app.tenant_id.to_string();
            partner.kind == kind
                && (tenant.starts_with(&start) || partner.mpn_id.starts_with(&start))
        };
        let meant: Vec<_> = partners.iter().filter(meant).collect();
        let mut ids: HashSet<_> = meant.iter().map(|partner| partner.id.clone()).collect();
        let theirs = partners.iter().filter(|partner| {
            partner.provider_id.as_ref().is_some_and(|provider| ids.contains(provider))
        });
        let theirs: Vec<_> = theirs.map(|partner| partner.id.clone()).collect();
        ids.extend(theirs);
        Self::Partners(ids, meant.iter().map(|partner| partner.mpn_id.clone()).collect())
    }

    fn lets_through(&self, customer: &Customer) -> bool {
        match self {
            Self::All => true,
            Self::Name(start) => customer.name.to_lowercase().starts_with(start),
            Self::Domain(start) => customer.domain.to_lowercase().starts_with(start),
            Self::Partners(ids, mpn_ids) => {
                ids.contains(&customer.partner_id)
                    || customer.reseller_mpn.as_ref().is_some_and(|mpn| mpn_ids.contains(mpn))
            }
        }
    }
}
