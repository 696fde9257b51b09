//! Lines of carts and orders as clients send them (partner-center.md 3.4, 3.5): PascalCase, nulls and defaults of the .NET SDK
//! included. What is wrong with a value is for the rules to say. Called by the handlers of carts and orders.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::reading::{self, word};
use crate::domain::{
    cart::{LINES_MAX, Line, Participant},
    refusal::Refusal,
};

/// What is the client's own inside a body.
const FREE: [&str; 1] = ["provisioningContext"];

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
struct SentCart {
    partneronrecordattestationaccepted: Option<bool>,
    lineitems: Option<Vec<SentCartLine>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
struct SentCartLine {
    id: Option<i64>,
    catalogitemid: Option<String>,
    friendlyname: Option<String>,
    quantity: Option<i64>,
    billingcycle: Option<String>,
    termduration: Option<String>,
    currencycode: Option<String>,
    participants: Option<Vec<SentParticipant>>,
    provisioningcontext: Option<BTreeMap<String, Option<String>>>,
    renewsto: Option<SentRenewsTo>,
}

#[derive(Deserialize)]
struct SentParticipant {
    key: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
struct SentRenewsTo {
    termduration: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
struct SentOrder {
    referencecustomerid: Option<String>,
    billingcycle: Option<String>,
    currencycode: Option<String>,
    partneronrecordattestationaccepted: Option<bool>,
    lineitems: Option<Vec<SentOrderLine>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
struct SentOrderLine {
    lineitemnumber: Option<i64>,
    offerid: Option<String>,
    friendlyname: Option<String>,
    quantity: Option<i64>,
    termduration: Option<String>,
    partneridonrecord: Option<String>,
}

/// What a body asks for.
pub struct Asked {
    /// Whether the partner attests how it sells.
    pub attested: bool,
    /// The lines.
    pub lines: Vec<Line>,
}

/// Reads a cart. Lines keep the client's numbers, unless two have the same.
pub fn cart(body: &[u8]) -> Result<Asked, Refusal> {
    let sent: SentCart = reading::json(body, &FREE)?;
    let lines = sent.lineitems.unwrap_or_default().into_iter().map(cart_line).collect();
    let mut lines: Vec<Line> = counted(lines)?;
    let mut numbers: Vec<_> = lines.iter().map(|line| line.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() < lines.len() {
        (0..).zip(&mut lines).for_each(|(number, line)| line.number = number);
    }
    Ok(Asked { attested: sent.partneronrecordattestationaccepted == Some(true), lines })
}

/// Reads an order for a customer. Its lines are in the order of the client's numbers.
pub fn order(body: &[u8], customer: &str) -> Result<Asked, Refusal> {
    let sent: SentOrder = reading::json(body, &FREE)?;
    if let Some(other) = text(sent.referencecustomerid)
        && !other.eq_ignore_ascii_case(customer)
    {
        let reason = "send the customer of the path, or leave it out";
        return Err(Refusal::field("referenceCustomerId", reason));
    }
    let common = Line {
        billing_cycle: billing_cycle(sent.billingcycle),
        currency: text(sent.currencycode),
        ..Line::default()
    };
    let lines = sent.lineitems.unwrap_or_default().into_iter();
    let lines = lines.map(|line| order_line(line, &common)).collect();
    let mut lines: Vec<Line> = counted(lines)?;
    lines.sort_by_key(|line| line.number);
    Ok(Asked { attested: sent.partneronrecordattestationaccepted == Some(true), lines })
}

fn counted(lines: Vec<Line>) -> Result<Vec<Line>, Refusal> {
    if (1..=LINES_MAX).contains(&lines.len()) {
        Ok(lines)
    } else {
        Err(Refusal::field("lineItems", format!("send 1 to {LINES_MAX} lines")))
    }
}

fn cart_line(sent: SentCartLine) -> Line {
    let participants = sent.participants.unwrap_or_default().into_iter();
    let context = sent.provisioningcontext.unwrap_or_default().into_iter();
    Line {
        number: sent.id.unwrap_or_default(),
        item: text(sent.catalogitemid).unwrap_or_default(),
        nickname: text(sent.friendlyname),
        quantity: sent.quantity.unwrap_or_default(),
        billing_cycle: billing_cycle(sent.billingcycle),
        term: text(sent.termduration),
        currency: text(sent.currencycode),
        participants: participants.filter_map(participant).collect(),
        context: context.filter_map(|(name, value)| Some((name, value?))).collect(),
        renews_to: sent.renewsto.and_then(|sent| text(sent.termduration)),
    }
}

fn order_line(sent: SentOrderLine, common: &Line) -> Line {
    let reseller = text(sent.partneridonrecord).map(Participant::reseller);
    Line {
        number: sent.lineitemnumber.unwrap_or_default(),
        item: text(sent.offerid).unwrap_or_default(),
        nickname: text(sent.friendlyname),
        quantity: sent.quantity.unwrap_or_default(),
        term: text(sent.termduration),
        participants: reseller.into_iter().collect(),
        ..common.clone()
    }
}

/// A participant without a value is none.
fn participant(sent: SentParticipant) -> Option<Participant> {
    let value = text(sent.value)?;
    let key = sent.key.unwrap_or_default();
    let known = ["transaction_reseller", "additional_transaction_reseller", "consumption_reseller"];
    let known = known.into_iter().find(|known| word(known) == word(&key));
    Some(Participant { key: known.map_or(key, str::to_owned), value })
}

/// Null and empty are as left out.
fn text(sent: Option<String>) -> Option<String> {
    sent.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn billing_cycle(sent: Option<String>) -> String {
    let sent = word(&sent.unwrap_or_default());
    if sent == "onetime" { "one_time".to_owned() } else { sent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cart_of_the_sdk_is_read_with_its_defaults() {
        let body = br#"{"Id":null,"Status":null,"LastModifiedTimestamp":null,"LineItems":[
            {"Id":0,"CatalogItemId":"a:b:c","FriendlyName":null,"Quantity":5,"CurrencyCode":null,
             "BillingCycle":"Monthly","TermDuration":"P1M","Participants":null,"OrderGroup":null,
             "ProvisioningContext":null,"AddonItems":null,"Error":null,"RenewsTo":null},
            {"Id":0,"CatalogItemId":"a:b:d","Quantity":0,"BillingCycle":"one_time",
             "Participants":[{"Key":"TransactionReseller","Value":"4847001"},{"Key":"x","Value":""}],
             "ProvisioningContext":{"SubscriptionId":"x","Scope":null}}]}"#;
        let asked = cart(body).unwrap();
        assert!(!asked.attested);
        let [first, second] = asked.lines.as_slice() else { panic!("two lines") };
        assert_eq!((first.number, second.number), (0, 1));
        assert_eq!(
            (first.billing_cycle.as_str(), second.billing_cycle.as_str()),
            ("monthly", "one_time")
        );
        assert_eq!(second.participants, [Participant::reseller("4847001".to_owned())]);
        assert_eq!(second.context.iter().collect::<Vec<_>>().len(), 1);
        assert_eq!(second.context["SubscriptionId"], "x");
    }

    #[test]
    fn lines_are_counted_and_numbers_kept() {
        for body in [r#"{}"#, r#"{"lineItems":null}"#, r#"{"lineItems":[]}"#] {
            assert!(cart(body.as_bytes()).is_err(), "{body}");
        }
        let asked = cart(br#"{"lineItems":[{"id":7},{"id":3}]}"#).unwrap();
        assert_eq!(asked.lines.iter().map(|line| line.number).collect::<Vec<_>>(), [7, 3]);
        let asked = order(br#"{"lineItems":[{"lineItemNumber":1},{"lineItemNumber":0}]}"#, "x");
        let numbers: Vec<_> = asked.unwrap().lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [0, 1]);
        assert!(order(br#"{"referenceCustomerId":"y","lineItems":[{}]}"#, "x").is_err());
    }
}
