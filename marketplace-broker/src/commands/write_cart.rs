//! A partner fills a cart, or fills it anew (partner-center.md 3.4). What is wrong with a line is told in the cart (P12). Called
//! by `http/partner_center/carts`.

use std::sync::Arc;

use jiff::Timestamp;
use shared::ids::{CartId, CustomerId, SandboxId};

use super::{
    Replayable,
    sell::{judge, offers_of, require_customer},
};
use crate::{
    domain::{
        cart::{self, Buyer, Cart, CartLine, Line},
        order::may_buy,
        partner_refusal::PartnerRefusal,
        party::{Customer, Partner},
        refusal::Refusal,
    },
    store::{Command, Failure, Tx, find_cart, insert_cart, lock_cart, save_cart},
};

/// What a cart is filled with, and by whom.
pub struct Filling {
    /// The sandbox.
    pub sandbox: SandboxId,
    /// Who buys.
    pub partner: Arc<Partner>,
    /// For whom.
    pub customer: CustomerId,
    /// The cart.
    pub cart: CartId,
    /// Whether the partner attested how it sells.
    pub attested: bool,
    /// The lines.
    pub lines: Vec<Line>,
    /// The user, or the app.
    pub by: String,
}

/// Makes a cart.
pub struct CreateCart(pub Filling);

/// Replaces what a cart holds.
pub struct ReplaceCart(pub Filling);

impl Filling {
    async fn judged(&self, tx: &mut Tx, customer: &Customer) -> Result<Vec<CartLine>, Failure> {
        let offers = offers_of(tx, &self.sandbox, &self.lines).await?;
        let terms = tx.policy(&self.sandbox).await?.get();
        let buyer = Buyer { partner: &self.partner, customer, attested: self.attested, terms };
        let judged = self.lines.iter().map(|line| (line.clone(), judge(line, &buyer, &offers)));
        Ok(cart::judged(judged.collect()))
    }
}

impl Command for CreateCart {
    type Output = Cart;
    const NAME: &'static str = "createCart";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.0.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Cart, Failure> {
        let Self(filling) = self;
        may_buy(&filling.partner).map_err(Refusal::from)?;
        let customer = require_customer(tx, &filling.sandbox, filling.customer).await?;
        let life = cart::life(tx.policy(&filling.sandbox).await?.get());
        let made = Cart {
            id: filling.cart,
            partner_id: filling.partner.id.clone(),
            customer_id: customer.id,
            attested: filling.attested,
            lines: filling.judged(tx, &customer).await?,
            created_at: at,
            modified_at: at,
            modified_by: filling.by.clone(),
            expires_at: at + life,
            ordered: None,
            version: 1,
        };
        insert_cart(tx, &filling.sandbox, &made).await?;
        Ok(made)
    }
}

impl Replayable for CreateCart {
    fn keep(made: &Cart) -> String {
        made.id.to_string()
    }

    async fn recall(&self, tx: &mut Tx, kept: &str, _at: Timestamp) -> Result<Cart, Failure> {
        let Self(filling) = self;
        let gone = || Refusal::from(PartnerRefusal::NoCart(kept.to_owned()));
        let id = kept.parse().map_err(|_| gone())?;
        let whose = (&filling.partner.id, filling.customer);
        Ok(find_cart(tx.read(), &filling.sandbox, whose, id).await?.ok_or_else(gone)?)
    }
}

impl Command for ReplaceCart {
    type Output = Cart;
    const NAME: &'static str = "replaceCart";

    fn sandbox(&self) -> Option<&SandboxId> {
        Some(&self.0.sandbox)
    }

    async fn run(&self, tx: &mut Tx, at: Timestamp) -> Result<Cart, Failure> {
        let Self(filling) = self;
        may_buy(&filling.partner).map_err(Refusal::from)?;
        let customer = require_customer(tx, &filling.sandbox, filling.customer).await?;
        let whose = (&filling.partner.id, filling.customer);
        let found = lock_cart(tx, &filling.sandbox, whose, filling.cart).await?;
        let gone = || Refusal::from(PartnerRefusal::NoCart(filling.cart.to_string()));
        let found = found.ok_or_else(gone)?;
        found.may_change(at).map_err(Refusal::from)?;
        let changed = Cart {
            attested: filling.attested,
            lines: filling.judged(tx, &customer).await?,
            modified_at: at,
            modified_by: filling.by.clone(),
            ..found
        };
        save_cart(tx, &filling.sandbox, &changed).await?;
        Ok(changed)
    }
}
