//! The accounts of a sandbox, for its account picker: they follow from its customers and partners, so that a sandbox of
//! any age has them. No account has a password.

use sha2::{Digest, Sha256};
use shared::ids::{SandboxId, TenantId};
use uuid::Uuid;

use super::authority::CONSUMERS;
use crate::domain::party::{Customer, Partner, User};

/// Second users of customers, in turn.
const COLLEAGUES: [(&str, &str); 6] = [
    ("Samuel", "Okafor"),
    ("Jiwoo", "Park"),
    ("Lena", "Hoffmann"),
    ("Chris", "Duarte"),
    ("Mina", "Castell"),
    ("Noor", "Haddad"),
];

/// Somebody who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its tenant; [`CONSUMERS`] for a personal one.
    pub tenant_id: TenantId,
    /// Its id in the tenant.
    pub object_id: Uuid,
    /// First and last name.
    pub name: (String, String),
    /// What it signs in as.
    pub user_name: String,
    /// Its mail address, if it has one (LP-09).
    pub mail: Option<String>,
    /// The name of its tenant; empty for a personal one.
    pub organization: String,
    /// Whether only an administrator may let it use an app.
    pub needs_approval: bool,
}

impl Account {
    /// The whole name.
    #[must_use]
    pub fn display_name(&self) -> String {
        let (first, last) = &self.name;
        if last.is_empty() { first.clone() } else { format!("{first} {last}") }
    }

    /// Whether it is nobody's employee.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        self.tenant_id == CONSUMERS
    }

    /// Whether a hint means it: what it signs in as, or its mail, in any case.
    #[must_use]
    pub fn is_hinted(&self, hint: &str) -> bool {
        let same = |text: &str| text.to_lowercase() == hint.trim().to_lowercase();
        same(&self.user_name) || self.mail.as_deref().is_some_and(same)
    }

    /// How one app names it, and no other app: `sub` (OpenID Connect Core 8.1).
    #[must_use]
    pub fn subject(&self, client: &str) -> [u8; 32] {
        Sha256::new()
            .chain_update("subject\0")
            .chain_update(client)
            .chain_update(self.tenant_id.0)
            .chain_update(self.object_id)
            .finalize()
            .into()
    }

    fn of(user: &User, organization: &str) -> Self {
        Self {
            tenant_id: user.tenant_id,
            object_id: user.object_id,
            name: names(&user.email),
            user_name: user.email.clone(),
            mail: Some(user.email.clone()),
            organization: organization.to_owned(),
            needs_approval: false,
        }
    }
}

/// First and last name from an address: `dana.whitlock@…` is Dana Whitlock.
fn names(email: &str) -> (String, String) {
    let local = email.split('@').next().unwrap_or_default();
    let mut parts = local.split('.').map(|part| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
    });
    let mut next = || parts.next().flatten().unwrap_or_default();
    (next(), next())
}

/// An id that follows from the sandbox and a label.
fn object_id(sandbox: &SandboxId, tenant: TenantId, label: &str) -> Uuid {
    let hash = Sha256::new()
        .chain_update("account\0")
        .chain_update(sandbox.as_str())
        .chain_update(tenant.0)
        .chain_update(label)
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    if tenant == CONSUMERS {
        bytes[..8].fill(0); // ids of personal accounts begin with zeros
        return Uuid::from_bytes(bytes);
    }
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// Everybody who can sign in: each customer's admin and a colleague, each partner's buyer, somebody without mail,
/// somebody whose admin must approve, and one personal account.
#[must_use]
pub fn accounts(sandbox: &SandboxId, customers: &[Customer], partners: &[Partner]) -> Vec<Account> {
    let mut all = Vec::new();
    let invented = |customer: &Customer, (first, last): (&str, &str)| {
        let tenant_id = customer.admin.tenant_id;
        let local = format!("{}.{}", first.to_lowercase(), last.to_lowercase());
        let user_name = format!("{local}@{}", customer.domain);
        Account {
            tenant_id,
            object_id: object_id(sandbox, tenant_id, &local),
            name: (first.to_owned(), last.to_owned()),
            mail: Some(user_name.clone()),
            user_name,
            organization: customer.name.clone(),
            needs_approval: false,
        }
    };
    for (customer, colleague) in customers.iter().zip(COLLEAGUES.into_iter().cycle()) {
        all.push(Account::of(&customer.admin, &customer.name));
        all.push(invented(customer, colleague));
    }
    all.extend(customers.first().map(|customer| {
        Account { mail: None, ..invented(customer, ("Robin", "Keller")) } // a first-line worker
    }));
    all.extend(customers.last().map(|customer| {
        let user_name = format!("t.lindqvist@{}", customer.domain);
        let mail = Some(user_name.clone());
        let person = invented(customer, ("Teresa", "Lindqvist"));
        Account { needs_approval: true, user_name, mail, ..person }
    }));
    all.extend(partners.iter().map(|partner| Account::of(&partner.buyer, &partner.name)));
    all.push(Account {
        tenant_id: CONSUMERS,
        object_id: object_id(sandbox, CONSUMERS, "personal"),
        name: ("Alex".to_owned(), "Moreau".to_owned()),
        user_name: "alex.moreau@personal.example".to_owned(),
        mail: Some("alex.moreau@personal.example".to_owned()),
        organization: String::new(),
        needs_approval: false,
    });
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use shared::entropy::SystemEntropy;

    use super::*;
    use crate::commands::World;

    fn of(id: &str) -> (World, Vec<Account>) {
        let sandbox: SandboxId = id.parse().unwrap();
        let world =
            World::believable(&sandbox, "", jiff::Timestamp::UNIX_EPOCH, &SystemEntropy).unwrap();
        let accounts = accounts(&sandbox, &world.customers, &world.partners);
        (world, accounts)
    }

    #[test]
    fn everybody_of_the_world_can_sign_in() {
        let (world, accounts) = of("default");
        for user in world
            .customers
            .iter()
            .map(|customer| &customer.admin)
            .chain(world.partners.iter().map(|partner| &partner.buyer))
        {
            let found = accounts.iter().find(|account| account.object_id == user.object_id);
            let found = found.unwrap();
            assert_eq!((found.tenant_id, &found.user_name), (user.tenant_id, &user.email));
            assert!(found.is_hinted(&user.email.to_uppercase()));
        }
        for customer in &world.customers {
            let of_it = accounts.iter().filter(|account| account.tenant_id.0 == customer.id.0);
            assert!(of_it.count() >= 2, "{}", customer.name);
        }
        let count = |is: fn(&Account) -> bool| accounts.iter().filter(|a| is(a)).count();
        assert_eq!(count(Account::is_personal), 1);
        assert_eq!(count(|account| account.mail.is_none()), 1);
        assert_eq!(count(|account| account.needs_approval), 1);
        let ids: BTreeSet<_> = accounts.iter().map(|account| account.object_id).collect();
        assert_eq!(ids.len(), accounts.len());
        let names: BTreeSet<_> = accounts.iter().map(Account::display_name).collect();
        assert_eq!(names.len(), accounts.len(), "{names:?}");
        assert!(names.contains("Dana Whitlock"), "{names:?}");
    }

    #[test]
    fn ids_are_repeatable_and_a_sandboxes_own() {
        let ids = |id| of(id).1.iter().map(|account| account.object_id).collect::<BTreeSet<_>>();
        assert_eq!(ids("a"), ids("a"));
        assert!(ids("a").is_disjoint(&ids("b")));
    }

    #[test]
    fn each_app_has_its_own_name_for_a_person() {
        let (_, accounts) = of("a");
        assert_ne!(accounts[0].subject("one"), accounts[0].subject("two"));
        assert_ne!(accounts[0].subject("one"), accounts[1].subject("one"));
        assert_eq!(accounts[0].subject("one"), accounts[0].subject("one"));
    }
}
