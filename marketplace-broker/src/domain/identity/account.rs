//! The accounts of a sandbox, for its account picker: they follow from its customers and partners, so that a sandbox of
//! any age has them. No account has a password.

use sha2::{Digest, Sha256};
use shared::ids::{SandboxId, TenantId};
use uuid::Uuid;

use super::authority::CONSUMERS;
use crate::domain::{
    access::{Role, Roles},
    party::{Customer, Partner, User},
    refusal::Refusal,
};

/// Second users of customers, in turn.
const COLLEAGUES: [(&str, &str); 6] = [
    ("Samuel", "Okafor"),
    ("Jiwoo", "Park"),
    ("Lena", "Hoffmann"),
    ("Chris", "Duarte"),
    ("Mina", "Castell"),
    ("Noor", "Haddad"),
];

/// Users of partners besides the one who buys, in turn: who is what [`AGENT_ROLES`] says at the same place.
const AGENTS: [[(&str, &str); 4]; 5] = [
    [("Ruben", "Castillo"), ("Emma", "Lawson"), ("Nadia", "Petrov"), ("Owen", "Bell")],
    [("Katrin", "Vogel"), ("Felix", "Arndt"), ("Miriam", "Seidel"), ("Timo", "Krause")],
    [("Andre", "Fontaine"), ("Grace", "Holloway"), ("Victor", "Salas"), ("Hana", "Kim")],
    [("Bruno", "Teixeira"), ("Clara", "Nunes"), ("Diogo", "Matos"), ("Sofia", "Pinto")],
    [("Iris", "Bergman"), ("Marcus", "Webb"), ("Yara", "Costa"), ("Joel", "Stein")],
];
/// What they are; the last has no role.
const AGENT_ROLES: [Roles; 4] = [
    Roles::of(&[Role::AdminAgent]),
    Roles::of(&[Role::SalesAgent]),
    Roles::of(&[Role::BillingAdmin]),
    Roles::of(&[]),
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
    /// What it is in a partner's tenant (partner-center.md 3.1).
    pub roles: Roles,
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

    /// Whether a hint means where it comes from: a domain, `organizations` or `consumers`.
    #[must_use]
    pub fn is_in(&self, hint: &str) -> bool {
        match hint.trim().to_lowercase().as_str() {
            "organizations" => !self.is_personal(),
            "consumers" => self.is_personal(),
            domain => {
                let own = self.user_name.rsplit_once('@').map(|(_, own)| own.to_lowercase());
                own.is_some_and(|own| own == domain)
            }
        }
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
            roles: Roles::default(),
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

/// Everybody who can sign in: each customer's admin and a colleague, each partner's users, somebody without mail,
/// somebody whose admin must approve, and one personal account.
#[must_use]
pub fn accounts(sandbox: &SandboxId, customers: &[Customer], partners: &[Partner]) -> Vec<Account> {
    let mut all = Vec::new();
    let invented = |customer: &Customer, name: (&str, &str)| {
        let tenant = (customer.admin.tenant_id, &*customer.domain, &*customer.name);
        invented(sandbox, tenant, name)
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
    let partners = partners.iter().zip(AGENTS.iter().cycle());
    all.extend(partners.flat_map(|(partner, agents)| of_partner(sandbox, partner, agents)));
    all.push(Account {
        tenant_id: CONSUMERS,
        object_id: object_id(sandbox, CONSUMERS, "personal"),
        name: ("Alex".to_owned(), "Moreau".to_owned()),
        user_name: "alex.moreau@personal.example".to_owned(),
        mail: Some("alex.moreau@personal.example".to_owned()),
        organization: String::new(),
        needs_approval: false,
        roles: Roles::default(),
    });
    all
}

/// Somebody of a tenant, which has an id, a domain and a name.
fn invented(
    sandbox: &SandboxId,
    (tenant_id, domain, organization): (TenantId, &str, &str),
    (first, last): (&str, &str),
) -> Account {
    let local = format!("{}.{}", first.to_lowercase(), last.to_lowercase());
    let user_name = format!("{local}@{domain}");
    Account {
        tenant_id,
        object_id: object_id(sandbox, tenant_id, &local),
        name: (first.to_owned(), last.to_owned()),
        mail: Some(user_name.clone()),
        user_name,
        organization: organization.to_owned(),
        needs_approval: false,
        roles: Roles::default(),
    }
}

/// Whom a token is for that is made without a sign-in: who is named, else the first of a partner's users who is just
/// that, else the first.
pub fn user_of_token<'a>(
    users: &'a [Account],
    named: Option<&str>,
    roles: Option<Roles>,
) -> Result<&'a Account, Refusal> {
    let found = match (named, roles) {
        (Some(name), _) => users.iter().find(|user| user.is_hinted(name)),
        (None, Some(roles)) => {
            users.iter().find(|user| user.roles == roles).or_else(|| users.first())
        }
        (None, None) => users.first(),
    };
    found.ok_or_else(|| {
        let shown: String = named.unwrap_or_default().chars().take(60).collect();
        let known: Vec<_> = users.iter().map(|user| user.user_name.as_str()).collect();
        let reason = format!("nobody signs in as {shown:?} here; there are {}", known.join(", "));
        Refusal::field("user", reason)
    })
}

/// The users of a partner: the one who buys is its global admin.
fn of_partner(sandbox: &SandboxId, partner: &Partner, agents: &[(&str, &str); 4]) -> Vec<Account> {
    let buyer = &partner.buyer;
    let domain = buyer.email.split('@').nth(1).unwrap_or_default();
    let tenant = (buyer.tenant_id, domain, &*partner.name);
    let admin =
        Account { roles: Roles::of(&[Role::GlobalAdmin]), ..Account::of(buyer, &partner.name) };
    let agents = agents.iter().zip(AGENT_ROLES);
    let agents = agents.map(|(name, roles)| Account { roles, ..invented(sandbox, tenant, *name) });
    [admin].into_iter().chain(agents).collect()
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
    fn a_partner_has_a_user_of_each_role_and_one_without() {
        let (world, accounts) = of("default");
        for partner in &world.partners {
            let of_it = accounts.iter().filter(|one| one.tenant_id == partner.app.tenant_id);
            let roles: Vec<_> = of_it.map(|one| one.roles.names().collect::<Vec<_>>()).collect();
            let each =
                ["GlobalAdmin", "AdminAgent", "SalesAgent", "BillingAdmin"].map(|one| vec![one]);
            assert_eq!(roles, [each.to_vec(), vec![vec![]]].concat(), "{}", partner.name);
        }
        let others = accounts.iter().filter(|one| one.roles != Roles::default());
        assert_eq!(others.count(), world.partners.len() * 4);
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
