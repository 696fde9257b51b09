//! `rehearse offers`: puts offers of one's own into a sandbox's catalogue, from a JSON file. What an offer must be is the
//! broker's to say.

use anyhow::Context as _;
use serde_json::{Value, json};
use shared::rehearsal::PublishedOffer;

use crate::{
    cli::{self, OffersDeed},
    locate,
    term::Terminal,
    words,
};

/// Does what was asked for.
pub async fn offers(asked: cli::Offers) -> anyhow::Result<()> {
    let OffersDeed::Add { file } = &asked.deed;
    let shown = file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| shown.clone())?;
    let sent = serde_json::from_str(&text)
        .with_context(|| words::tell("offers-not-json", &[("file", &shown)]))?;
    let published = locate::control(&asked.target)?.publish_offers(&body(sent)).await?;
    let terminal = Terminal::new();
    if asked.json {
        return Ok(terminal.line(&serde_json::to_string(&published)?)?);
    }
    for offer in &published.offers {
        terminal.line(&line(offer))?;
    }
    Ok(())
}

/// A file may hold the list alone.
fn body(sent: Value) -> Value {
    if sent.is_array() { json!({"offers": sent}) } else { sent }
}

fn line(offer: &PublishedOffer) -> String {
    let key = if offer.added { "offers-added" } else { "offers-replaced" };
    let revision = offer.revision.to_string();
    let values =
        [("offer", &offer.offer_id), ("product", &offer.product_id), ("revision", &revision)];
    words::tell(key, &values.map(|(name, value)| (name, value.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_alone_is_taken_too() {
        assert_eq!(body(json!([{"offerId": "a"}])), json!({"offers": [{"offerId": "a"}]}));
        assert_eq!(body(json!({"offers": []})), json!({"offers": []}));
    }

    #[test]
    fn what_became_of_an_offer_is_told() {
        let mut offer = PublishedOffer {
            offer_id: "desk".to_owned(),
            product_id: "DZH9S0000004".to_owned(),
            revision: 1,
            added: true,
        };
        assert_eq!(line(&offer), "added desk: product DZH9S0000004");
        (offer.revision, offer.added) = (2, false);
        assert_eq!(line(&offer), "replaced desk: product DZH9S0000004, revision 2");
    }
}
