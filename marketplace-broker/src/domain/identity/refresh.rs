//! Refresh tokens: 90 days, for the app and the user they were made for (RFC 6749 6). Each use gives a new one; whether the
//! old one is still good is a quirk.

use jiff::{SignedDuration, Timestamp};
use shared::ids::{ClientId, TenantId};
use uuid::Uuid;

use super::{scope::Scopes, version::Door};

/// How long a refresh token is good, real time.
pub const REFRESH_LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What a refresh token stands for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RefreshGrant {
    /// The app it was given to.
    pub client_id: ClientId,
    /// What the user has allowed it.
    pub scope: String,
    /// The user's tenant.
    pub tenant_id: TenantId,
    /// The user.
    pub object_id: Uuid,
}

/// A refresh token as it is stored, without the token itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedRefresh {
    /// All that began with one sign-in.
    pub family: Uuid,
    /// What it stands for.
    pub grant: RefreshGrant,
    /// When it ends, real time.
    pub expires_at: Timestamp,
    /// When it was used first.
    pub used_at: Option<Timestamp>,
}

/// Why a refresh token is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshRefusal {
    /// No such token, or another app's, or of somebody who does not sign in where it was brought to, or its family has
    /// ended.
    Unknown,
    /// Its 90 days are over.
    Expired,
    /// What is asked for was not allowed when the user signed in.
    Scope,
    /// It was used before, and is good once: its family ends (RFC 9700 4.14.2).
    Reused,
}

impl IssuedRefresh {
    /// What it stands for, if `client` may use it at this door for `wanted` at `now`; `once`: unless it was used before.
    pub fn redeem(
        &self,
        (client, door): (ClientId, Door),
        wanted: Option<&Scopes>,
        once: bool,
        now: Timestamp,
    ) -> Result<&RefreshGrant, RefreshRefusal> {
        if self.grant.client_id != client || !door.admits(self.grant.tenant_id) {
            return Err(RefreshRefusal::Unknown);
        }
        if now >= self.expires_at {
            return Err(RefreshRefusal::Expired);
        }
        if once && self.used_at.is_some() {
            return Err(RefreshRefusal::Reused);
        }
        if wanted.is_some_and(|wanted| !wanted.is_within(&self.grant.scope)) {
            return Err(RefreshRefusal::Scope);
        }
        Ok(&self.grant)
    }

    /// The one that takes its place.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> Self {
        let expires_at = now + REFRESH_LIFETIME;
        Self { family: self.family, grant: self.grant.clone(), expires_at, used_at: None }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{authority::Authority, scope::Asker, version::Version},
        *,
    };

    fn now() -> Timestamp {
        "2027-01-31T09:00:00Z".parse().unwrap()
    }

    fn door() -> Door {
        Door { authority: Authority::Common, version: Version::V1 }
    }

    fn issued() -> IssuedRefresh {
        IssuedRefresh {
            family: Uuid::from_u128(4),
            grant: RefreshGrant {
                client_id: ClientId(Uuid::from_u128(1)),
                scope: "openid offline_access".to_owned(),
                tenant_id: TenantId(Uuid::from_u128(2)),
                object_id: Uuid::from_u128(3),
            },
            expires_at: now() + REFRESH_LIFETIME,
            used_at: None,
        }
    }

    #[test]
    fn it_is_good_for_its_app_for_ninety_days() {
        let client = ClientId(Uuid::from_u128(1));
        let last = now() + REFRESH_LIFETIME - SignedDuration::from_micros(1);
        for at in [now(), last] {
            assert_eq!(issued().redeem((client, door()), None, true, at), Ok(&issued().grant));
        }
        let end = now() + REFRESH_LIFETIME;
        assert_eq!(
            issued().redeem((client, door()), None, true, end),
            Err(RefreshRefusal::Expired)
        );
        let other = ClientId(Uuid::from_u128(9));
        assert_eq!(
            issued().redeem((other, door()), None, true, now()),
            Err(RefreshRefusal::Unknown)
        );
        let elsewhere = Door { authority: Authority::Tenant(TenantId(Uuid::nil())), ..door() };
        let refused = issued().redeem((client, elsewhere), None, true, now()).map(drop);
        assert_eq!(refused, Err(RefreshRefusal::Unknown));
        let more = Scopes::read("User.Read", Asker::LandingPage).unwrap();
        let issued = issued();
        let refused = issued.redeem((client, door()), Some(&more), true, now());
        assert_eq!(refused, Err(RefreshRefusal::Scope));
    }

    #[test]
    fn a_second_use_is_refused_only_where_it_is_good_once() {
        let client = ClientId(Uuid::from_u128(1));
        let used = IssuedRefresh { used_at: Some(now()), ..issued() };
        assert_eq!(used.redeem((client, door()), None, true, now()), Err(RefreshRefusal::Reused));
        assert!(used.redeem((client, door()), None, false, now()).is_ok());
        let next = used.next(now());
        assert_eq!((next.family, next.used_at), (used.family, None));
    }
}
