//! Who of a partner may do what on the partner face: one row an errand (partner-center.md 3.1, P1 to P3, P51). Called by
//! the face's handlers, through `http/partner_center/caller`.

use super::partner_refusal::PartnerRefusal;

/// What somebody is in the partner's tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// May do everything (S2).
    GlobalAdmin,
    /// May do everything (S3).
    AdminAgent,
    /// Sells, and changes nothing that was sold (P2).
    SalesAgent,
    /// Looks after invoices.
    BillingAdmin,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::GlobalAdmin, Self::AdminAgent, Self::SalesAgent, Self::BillingAdmin];

    /// Its name on the wire and in a token.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GlobalAdmin => "GlobalAdmin",
            Self::AdminAgent => "AdminAgent",
            Self::SalesAgent => "SalesAgent",
            Self::BillingAdmin => "BillingAdmin",
        }
    }

    /// The role of this name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name().eq_ignore_ascii_case(name))
    }
}

/// Some roles, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Roles(u8);

impl Roles {
    /// These roles.
    #[must_use]
    pub const fn of(roles: &[Role]) -> Self {
        let (mut set, mut at) = (0, 0);
        while at < roles.len() {
            set |= 1 << roles[at] as u8;
            at += 1;
        }
        Self(set)
    }

    /// Those of these names that there are.
    #[must_use]
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        names.into_iter().filter_map(Role::named).fold(Self::default(), Self::with)
    }

    /// With one more.
    #[must_use]
    pub fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role as u8)
    }

    /// Whether this role is among them.
    #[must_use]
    pub fn has(self, role: Role) -> bool {
        self.shares(Self::of(&[role]))
    }

    /// Whether the two have a role in common.
    #[must_use]
    pub const fn shares(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Their names, in the order of [`Role::ALL`].
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Role::ALL.into_iter().filter(move |role| self.has(*role)).map(Role::name)
    }
}

/// Everybody with a role.
const ANYBODY: Roles = Roles::of(&Role::ALL);
/// Who buys for customers: MAN22 adds the sales agent to the seed's two (S2, S3; P2).
const SELLERS: Roles = Roles::of(&[Role::GlobalAdmin, Role::AdminAgent, Role::SalesAgent]);
/// Who changes what was bought (S2, S3; P1).
const ADMINS: Roles = Roles::of(&[Role::GlobalAdmin, Role::AdminAgent]);

/// Makes the errands and their table. `app` says whether an app may run it without a user.
macro_rules! errands {
    ($($errand:ident $what:literal $roles:expr, app $app:literal;)+) => {
        /// What the partner face can be asked.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Errand {
            $(#[doc = $what] $errand,)+
        }

        impl Errand {
            /// All of them.
            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$errand),+];

            fn row(self) -> Row {
                match self {
                    $(Self::$errand => Row { what: $what, roles: $roles, app: $app },)+
                }
            }
        }
    };
}

/// One row of the table.
struct Row {
    /// It in words: `change a subscription`.
    what: &'static str,
    /// Who may; `None`: whoever has signed in, with a role or without.
    roles: Option<Roles>,
    /// Whether an app may by itself.
    app: bool,
}

errands! {
    ExchangeToken "exchange a token for one of the partner face" None, app true;
    ReadCustomers "read customers" Some(ANYBODY), app true;
    CreateCustomer "create a customer" Some(SELLERS), app true;
    CreateResellersCustomer "create a customer of a reseller" Some(SELLERS), app false;
    DeleteCustomer "delete a customer" Some(ADMINS), app true;
    ReadProfile "read a company profile" Some(ANYBODY), app false;
    ReadCatalogue "read products, SKUs and availabilities" Some(ANYBODY), app true;
    FillCart "read and write carts" Some(SELLERS), app true;
    CheckOut "check out a cart" Some(SELLERS), app true;
    PlaceOrder "place an order" Some(SELLERS), app true;
    CancelOrder "cancel an order" Some(ADMINS), app true;
    ReadOrders "read orders" Some(ANYBODY), app true;
    ReadActivationLinks "read activation links" Some(SELLERS), app true;
    ActivateInSandbox "activate in an integration sandbox" Some(ADMINS), app true;
    ReadSubscriptions "read subscriptions" Some(ANYBODY), app true;
    AmendSubscription "change a subscription" Some(ADMINS), app true;
    ReadMpnProfile "read MPN profiles" Some(ANYBODY), app false;
    ReadRelationships "read relationships" Some(ANYBODY), app false;
    ReadAgreementStatus "read whether a partner has signed its agreement" Some(ANYBODY), app false;
    ReadAgreementTemplates "read templates of agreements" Some(ANYBODY), app true;
    ReadAgreements "read agreements of a customer" Some(ANYBODY), app false;
    ConfirmAgreement "confirm an agreement of a customer" Some(SELLERS), app false;
    RecordDuty "record a duty towards a customer as done" Some(SELLERS), app true;
}

impl Errand {
    /// It in words, after 'may'.
    #[must_use]
    pub fn what(self) -> &'static str {
        self.row().what
    }

    /// Whether a user with these roles, or an app by itself (`None`), may run it.
    pub fn permit(self, user: Option<Roles>) -> Result<(), PartnerRefusal> {
        let Row { roles, app, .. } = self.row();
        match (user, roles) {
            (None, _) if app => Ok(()),
            (None, _) => Err(PartnerRefusal::UserNeeded { errand: self }),
            (Some(_), None) => Ok(()),
            (Some(has), Some(may)) if has.shares(may) => Ok(()),
            (Some(_), Some(may)) => Err(PartnerRefusal::NoRole { errand: self, roles: may }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who may run an errand, in letters: Global admin, admin Agent, Sales agent, Billing admin, Nobody, aPp.
    fn who(errand: Errand) -> String {
        let users = [
            ('G', Some(Roles::of(&[Role::GlobalAdmin]))),
            ('A', Some(Roles::of(&[Role::AdminAgent]))),
            ('S', Some(Roles::of(&[Role::SalesAgent]))),
            ('B', Some(Roles::of(&[Role::BillingAdmin]))),
            ('N', Some(Roles::default())),
            ('P', None),
        ];
        let may = users.into_iter().filter(|(_, user)| errand.permit(*user).is_ok());
        may.map(|(letter, _)| letter).collect()
    }

    #[test]
    fn p01_p02_p51_each_errand_is_for_its_roles() {
        let table: Vec<_> =
            Errand::ALL.iter().map(|one| format!("{one:?} {}", who(*one))).collect();
        assert_eq!(
            table,
            [
                "ExchangeToken GASBNP",
                "ReadCustomers GASBP",
                "CreateCustomer GASP",
                "CreateResellersCustomer GAS",
                "DeleteCustomer GAP",
                "ReadProfile GASB",
                "ReadCatalogue GASBP",
                "FillCart GASP",
                "CheckOut GASP",
                "PlaceOrder GASP",
                "CancelOrder GAP",
                "ReadOrders GASBP",
                "ReadActivationLinks GASP",
                "ActivateInSandbox GAP",
                "ReadSubscriptions GASBP",
                "AmendSubscription GAP",
                "ReadMpnProfile GASB",
                "ReadRelationships GASB",
                "ReadAgreementStatus GASB",
                "ReadAgreementTemplates GASBP",
                "ReadAgreements GASB",
                "ConfirmAgreement GAS",
                "RecordDuty GASP",
            ]
        );
    }

    #[test]
    fn a_refusal_says_what_would_be_needed() {
        let nobody = Errand::AmendSubscription.permit(Some(Roles::default())).unwrap_err();
        let text = nobody.to_string();
        assert!(text.contains("change a subscription"), "{text}");
        assert!(text.contains("GlobalAdmin, AdminAgent"), "{text}");
        let app = Errand::ReadMpnProfile.permit(None).unwrap_err().to_string();
        assert!(app.contains("App+User"), "{app}");
    }

    #[test]
    fn roles_are_read_by_name_and_others_do_not_count() {
        let read = Roles::named(["salesagent", "GlobalAdmin", "HelpdeskAgent"]);
        assert_eq!(read, Roles::of(&[Role::GlobalAdmin, Role::SalesAgent]));
        assert_eq!(read.names().collect::<Vec<_>>(), ["GlobalAdmin", "SalesAgent"]);
        assert!(!read.has(Role::AdminAgent));
    }
}
