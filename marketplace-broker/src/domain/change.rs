//! A change of plan or quantity: from what is wished to what exactly is asked for (fulfillment.md 1.8, C36, C37).
//! Called by the command that asks for it.

use shared::ids::PlanId;

use super::{
    catalog::{Offer, Plan, SeatRange},
    money::Money,
    operation::{OperationAction, Target},
    policy::PlanAndQuantity,
    refusal::Refusal,
    subscription::Subscription,
};

/// What is wished: one of the two, or both where a sandbox takes that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Another plan, with as many licenses as now.
    Plan(PlanId),
    /// Another number of licenses.
    Quantity(i64),
    /// Both at once.
    Both(PlanId, i64),
}

impl Wish {
    /// Reads the two members of a request: exactly one must be there.
    pub fn of(plan: Option<PlanId>, quantity: Option<i64>) -> Result<Self, Refusal> {
        Self::under(PlanAndQuantity::Refuse, plan, quantity)
    }

    /// The same where both may be there (fulfillment.md 9).
    pub fn under(
        rule: PlanAndQuantity,
        plan: Option<PlanId>,
        quantity: Option<i64>,
    ) -> Result<Self, Refusal> {
        match (plan, quantity) {
            (Some(plan), Some(quantity)) if rule == PlanAndQuantity::Together => {
                Ok(Self::Both(plan, quantity))
            }
            (Some(plan), None) => Ok(Self::Plan(plan)),
            (None, Some(quantity)) => Ok(Self::Quantity(quantity)),
            (None, None) => Err(Refusal::NothingAsked),
            (Some(_), Some(_)) => Err(Refusal::impossible(
                "quantity",
                "There is more than one field in the same request: send planId or quantity, not both",
            )),
        }
    }

    /// What it does.
    #[must_use]
    pub fn action(&self) -> OperationAction {
        match self {
            Self::Plan(_) | Self::Both(..) => OperationAction::ChangePlan,
            Self::Quantity(_) => OperationAction::ChangeQuantity,
        }
    }
}

/// What exactly is asked for, for a buyer in `country`.
pub fn target(
    subscription: &Subscription,
    wish: &Wish,
    offer: &Offer,
    country: &str,
) -> Result<Target, Refusal> {
    let target = match wish {
        Wish::Plan(id) => another_plan(subscription, (id, None), offer, country)?,
        Wish::Quantity(quantity) => another_quantity(subscription, *quantity, offer)?,
        Wish::Both(id, quantity) => {
            another_plan(subscription, (id, Some(*quantity)), offer, country)?
        }
    };
    let quantity = target.quantity.unwrap_or(1);
    if Money::of(target.unit_price, quantity, subscription.currency).is_none() {
        let field = match wish {
            Wish::Plan(_) => "planId",
            Wish::Quantity(_) | Wish::Both(..) => "quantity",
        };
        return Err(Refusal::impossible(field, "The charge would be too large to be represented"));
    }
    Ok(target)
}

fn another_plan(
    subscription: &Subscription,
    (id, quantity): (&PlanId, Option<i64>),
    offer: &Offer,
    country: &str,
) -> Result<Target, Refusal> {
    if *id == subscription.plan_id {
        return Err(Refusal::impossible(
            "planId",
            format!(
                "SaaS subscription {} is already subscribed to plan {id}. A change needs two different plans",
                subscription.name
            ),
        ));
    }
    let available = |plan: &&Plan| plan.is_available(country, &subscription.plan_id);
    let found = offer.plans.iter().filter(available).find(|plan| plan.id == *id);
    let plan = found.ok_or_else(|| {
        let ids: Vec<_> =
            offer.plans.iter().filter(available).map(|plan| plan.id.as_str()).collect();
        Refusal::NotInCatalog(ids.join(", "))
    })?;
    let asked = quantity.is_some();
    let price = plan
        .price(country, Some(subscription.term), Some(subscription.billing_cycle))
        .map_err(|refusal| Refusal::impossible("planId", refusal.to_string()))?;
    Ok(Target {
        plan_id: plan.id.clone(),
        quantity: match (plan.seats, quantity.or(subscription.quantity)) {
            (None, _) if asked => {
                let message = format!("Plan {id} has a flat rate: leave quantity out");
                return Err(Refusal::impossible("quantity", message));
            }
            (None, _) => None,
            (Some(seats), None) => Some(seats.min),
            (Some(seats), Some(quantity)) => {
                let field = if asked { "quantity" } else { "planId" };
                Some(within(seats, (plan, field), quantity)?)
            }
        },
        unit_price: price.unit_price,
    })
}

fn another_quantity(
    subscription: &Subscription,
    quantity: i64,
    offer: &Offer,
) -> Result<Target, Refusal> {
    let flat = || {
        Refusal::impossible(
            "quantity",
            format!("Plan {} has a flat rate: it has no quantity to change", subscription.plan_id),
        )
    };
    let plan = offer.plans.iter().find(|plan| plan.id == subscription.plan_id).ok_or_else(flat)?;
    let seats = plan.seats.ok_or_else(flat)?;
    let quantity = within(seats, (plan, "quantity"), quantity)?;
    if subscription.quantity == Some(quantity) {
        let message = format!("New quantity {quantity} is the same as on the subscription");
        return Err(Refusal::impossible("quantity", message));
    }
    Ok(Target { quantity: Some(quantity), ..subscription.target() })
}

fn within(
    seats: SeatRange,
    (plan, field): (&Plan, &'static str),
    quantity: i64,
) -> Result<i64, Refusal> {
    let SeatRange { min, max } = seats;
    if (min..=max).contains(&quantity) {
        Ok(quantity)
    } else {
        let id = &plan.id;
        Err(Refusal::impossible(
            field,
            format!(
                "The quantity {quantity} is outside the limits of plan {id}: {min} to {max} licenses"
            ),
        ))
    }
}

#[cfg(test)]
pub(crate) mod tests;
