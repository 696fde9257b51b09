//! `rehearse buy`: buys at a running broker; prints the activation link and the marketplace authorization code.

use shared::rehearsal::{Offer, Plan, Purchase, Purchased, Sandbox};

use crate::{catalog, cli, locate, term::Terminal, words};

/// Buys what was asked for.
pub async fn buy(asked: cli::Buy) -> anyhow::Result<()> {
    let control = locate::control(&asked.target)?;
    let purchase = purchase(&control.sandbox().await?, &asked)?;
    let bought = control.purchase(&purchase).await?;
    let terminal = Terminal::new();
    if asked.json {
        terminal.line(&serde_json::to_string(&bought)?)?;
    } else {
        for line in lines(&purchase, &bought) {
            terminal.line(&line)?;
        }
    }
    Ok(())
}

/// What was asked for, with the defaults filled in. Whether it can be sold is the broker's to say.
fn purchase(sandbox: &Sandbox, asked: &cli::Buy) -> anyhow::Result<Purchase> {
    let customer = catalog::customer(sandbox, asked.customer.as_deref())?;
    let is_asked = |offer: &Offer, plan: &Plan| {
        asked.offer.as_ref().is_none_or(|id| *id == offer.offer_id)
            && asked.plan.as_ref().is_none_or(|id| *id == plan.plan_id)
    };
    let (offer_id, plan_id) = match (&asked.offer, &asked.plan) {
        (Some(offer), Some(plan)) => (offer.clone(), plan.clone()),
        _ => {
            let chosen = catalog::choose(sandbox, customer, is_asked)?;
            (chosen.offer.offer_id.clone(), chosen.plan.plan_id.clone())
        }
    };
    Ok(Purchase {
        offer_id,
        plan_id,
        quantity: asked.quantity,
        customer_id: Some(customer.customer_id.clone()),
        sold_by: Some(asked.sold_by.into()),
        ..Purchase::default()
    })
}

fn lines(purchase: &Purchase, bought: &Purchased) -> Vec<String> {
    vec![
        words::tell("bought", &[("offer", &purchase.offer_id), ("plan", &purchase.plan_id)]),
        words::tell("bought-subscription", &[("id", &bought.subscription_id)]),
        words::tell("bought-order", &[("id", &bought.order_id)]),
        words::tell("bought-link", &[("link", bought.activation_link.expose())]),
        words::tell("bought-code", &[("code", bought.authorization_code.expose())]),
        words::tell("bought-until", &[("until", &bought.token_expires_at.to_string())]),
    ]
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use shared::{rehearsal::SoldBy, secret::Secret};

    use super::*;
    use crate::{catalog::tests::sandbox, cli::Verb};

    fn asked(line: &str) -> cli::Buy {
        match cli::Cli::try_parse_from(line.split_whitespace()).unwrap().verb {
            Verb::Buy(asked) => asked,
            other => panic!("not a purchase: {other:?}"),
        }
    }

    #[test]
    fn the_defaults_are_the_first_customer_and_what_is_sold_there() {
        let purchase = purchase(&sandbox(), &asked("rehearse buy")).unwrap();
        assert_eq!((&*purchase.offer_id, &*purchase.plan_id), ("desk", "seats"));
        assert_eq!(purchase.customer_id.as_deref(), Some("cedar"));
        assert_eq!((purchase.quantity, purchase.sold_by), (None, Some(SoldBy::Partner)));
    }

    #[test]
    fn what_is_named_is_passed_on_for_the_broker_to_judge() {
        let asked = asked("rehearse buy --offer desk --plan flat --quantity 0 --sold-by customer");
        let purchase = purchase(&sandbox(), &asked).unwrap();
        assert_eq!((&*purchase.plan_id, purchase.quantity), ("flat", Some(0)));
        assert_eq!(purchase.sold_by, Some(SoldBy::Customer));
    }

    #[test]
    fn link_and_code_are_printed_whole() {
        let purchase = purchase(&sandbox(), &asked("rehearse buy")).unwrap();
        let bought = Purchased {
            subscription_id: "s".to_owned(),
            order_id: "o".to_owned(),
            activation_link: Secret::new("http://x/landing?token=a%2Bb%3D".to_owned()),
            authorization_code: Secret::new("a+b=".to_owned()),
            token_expires_at: "2027-02-01T09:00:00Z".parse().unwrap(),
        };
        let text = lines(&purchase, &bought).join("\n");
        assert!(
            text.contains("http://x/landing?token=a%2Bb%3D") && text.contains("a+b="),
            "{text}"
        );
    }
}
