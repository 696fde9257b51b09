//! Choosing what to buy from a sandbox's offers, the same way for `buy`, `demo` and `load`. Pure.

use anyhow::anyhow;
use shared::rehearsal::{Customer, Offer, Plan, Sandbox};

use crate::words;

/// An offer and a plan of it.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'a> {
    /// The offer.
    pub offer: &'a Offer,
    /// The plan.
    pub plan: &'a Plan,
}

/// The customer called `named` (id, domain or name), or the first one.
pub fn customer<'a>(sandbox: &'a Sandbox, named: Option<&str>) -> anyhow::Result<&'a Customer> {
    let Some(named) = named else {
        return sandbox.customers.first().ok_or_else(|| anyhow!(words::say("no-customers")));
    };
    let is_meant = |customer: &&Customer| {
        [&customer.customer_id, &customer.domain, &customer.name]
            .into_iter()
            .any(|text| text.eq_ignore_ascii_case(named))
    };
    sandbox.customers.iter().find(is_meant).ok_or_else(|| {
        let known: Vec<String> = sandbox
            .customers
            .iter()
            .map(|one| format!("{} ({})", one.domain, one.country))
            .collect();
        anyhow!(words::tell("no-such-customer", &[("named", named), ("known", &known.join(", "))]))
    })
}

/// The first public plan sold in the customer's country that `fits`.
pub fn choose<'a>(
    sandbox: &'a Sandbox,
    customer: &'a Customer,
    fits: impl Fn(&Offer, &Plan) -> bool,
) -> anyhow::Result<Choice<'a>> {
    let plans = sandbox.offers.iter().flat_map(|offer| offer.plans.iter().map(move |p| (offer, p)));
    let sold_here = |plan: &Plan| !plan.is_private && plan.markets.contains(&customer.country);
    plans
        .into_iter()
        .find(|(offer, plan)| sold_here(plan) && fits(offer, plan))
        .map(|(offer, plan)| Choice { offer, plan })
        .ok_or_else(|| anyhow!(words::tell("nothing-sold", &[("country", &customer.country)])))
}

/// `wanted` licenses, moved into what the plan allows; none for a flat rate.
#[must_use]
pub fn quantity(plan: &Plan, wanted: i64) -> Option<i64> {
    let fewest = plan.min_quantity.unwrap_or(1).max(1);
    let most = plan.max_quantity.unwrap_or(i64::MAX).max(fewest);
    plan.is_price_per_seat.then(|| wanted.clamp(fewest, most))
}

#[cfg(test)]
pub mod tests {
    //! A small sandbox for the tests of this crate.

    use super::*;

    /// One publisher, two plans, two customers.
    #[must_use]
    pub fn sandbox() -> Sandbox {
        let clock = serde_json::json!({"now": "2027-01-31T09:00:00.000000Z", "frozen": false});
        let publisher = serde_json::json!({"publisherId": "contoso", "name": "Contoso", "tenantId": "t", "clientId": "c",
            "clientSecret": "publisher-secret",
            "signIn": {"clientId": "sc", "clientSecret": "sign-in-secret", "redirectUris": []}, "landingPageUrl": "http://127.0.0.1:8701/s/default/contoso/landing",
            "licenseConfirmation": "explicit", "webhookTokenVersion": "v2", "webhookSignature": "none",
            "webhookUrl": "http://127.0.0.1:8701/s/default/contoso/webhook"});
        let partner = serde_json::json!({"partnerId": "alder", "name": "Alder & Finch", "kind": "directBill", "tenantId": "pt",
            "clientId": "pc", "clientSecret": "partner-secret", "mpnId": "1234567"});
        let customer = |id: &str, country: &str| {
            serde_json::json!({"customerId": id, "name": id.to_uppercase(), "country": country, "partnerId": "alder",
                "domain": format!("{id}.example")})
        };
        let plan = |id: &str, per_seat: bool, markets: &[&str]| {
            serde_json::json!({"planId": id, "name": id, "isPricePerSeat": per_seat, "isPrivate": false, "terms": ["P1M"],
                "minQuantity": per_seat.then_some(2), "maxQuantity": per_seat.then_some(4),
                "markets": markets, "meteringDimensions": [], "prices": []})
        };
        serde_json::from_value(
            serde_json::json!({"id": "default", "clock": clock, "publisher": publisher,
            "publishers": [publisher], "partner": partner, "partners": [partner],
            "customers": [customer("cedar", "US"), customer("hanbit", "KR")],
            "offers": [{"offerId": "desk", "publisherId": "contoso", "name": "Desk",
                "plans": [plan("flat", false, &["KR"]), plan("seats", true, &["US", "KR"])]}]}),
        )
        .unwrap()
    }

    #[test]
    fn the_first_plan_sold_in_the_country_is_taken() {
        let sandbox = sandbox();
        let first = customer(&sandbox, None).unwrap();
        assert_eq!(choose(&sandbox, first, |_, _| true).unwrap().plan.plan_id, "seats");
        let second = customer(&sandbox, Some("HANBIT.example")).unwrap();
        assert_eq!(choose(&sandbox, second, |_, _| true).unwrap().plan.plan_id, "flat");
        assert!(choose(&sandbox, first, |_, plan| !plan.is_price_per_seat).is_err());
    }

    #[test]
    fn an_unknown_customer_is_told_with_the_known_ones() {
        let line = customer(&sandbox(), Some("nobody")).unwrap_err().to_string();
        assert!(line.contains("nobody") && line.contains("cedar.example (US)"), "{line}");
    }

    #[test]
    fn the_quantity_keeps_within_the_plan() {
        let sandbox = sandbox();
        let [flat, seats] = &sandbox.offers[0].plans[..] else { panic!("two plans") };
        assert_eq!(quantity(flat, 4), None);
        assert_eq!([1, 3, 9].map(|n| quantity(seats, n)), [Some(2), Some(3), Some(4)]);
    }
}
