//! Charge lines.

use shared::ids::{SandboxId, SubscriptionId};
use sqlx::{AnyConnection, AssertSqlSafe, any::AnyRow, query};

use super::{
    codec::Reader,
    failure::Failure,
    gathered::{pages, places},
    tx::Tx,
};
use crate::domain::{
    billing::{Charge, ChargeType},
    money::Money,
    term::{day_of, midnight},
};

fn decode(row: &AnyRow) -> Result<Charge, Failure> {
    let reader = Reader { table: "charges", row };
    Ok(Charge {
        charge_type: match reader.text("charge_type")?.as_str() {
            "new" => ChargeType::New,
            _ => return Err(reader.odd("charge_type")),
        },
        first_day: day_of(reader.at("first_day")?),
        last_day: day_of(reader.at("last_day")?),
        quantity: reader.int("quantity")?,
        unit_price: reader.parsed("unit_price")?,
        subtotal: Money { minor: reader.int("subtotal")?, currency: reader.parsed("currency")? },
        reference_id: reader.text("reference_id")?,
    })
}

/// A line to be written.
#[derive(Debug, Clone)]
pub(super) struct ChargeRow {
    sandbox: SandboxId,
    subscription: SubscriptionId,
    number: i64,
    charge: Charge,
}

impl Tx {
    /// Adds a line, written before COMMIT; `number` is its place among the lines of the subscription.
    pub fn charge(
        &mut self,
        sandbox: &SandboxId,
        subscription: SubscriptionId,
        number: i64,
        charge: &Charge,
    ) {
        self.written = true;
        let (sandbox, charge) = (sandbox.clone(), charge.clone());
        self.gathered.charges.push(ChargeRow { sandbox, subscription, number, charge });
    }
}

/// Writes the gathered lines.
pub(super) async fn flush(tx: &mut Tx, rows: &[ChargeRow]) -> Result<(), Failure> {
    for page in pages(rows) {
        let text = format!(
            "INSERT INTO charges (sandbox_id, subscription_id, number, charge_type, first_day, \
             last_day, quantity, unit_price, subtotal, currency, reference_id) VALUES {}",
            places(tx, page.len(), 11)
        );
        let mut statement = query(AssertSqlSafe(text)); // made of numbers only
        for ChargeRow { sandbox, subscription, number, charge } in page {
            statement = statement
                .bind(sandbox.as_str())
                .bind(subscription.to_string())
                .bind(number)
                .bind(charge.charge_type.name())
                .bind(midnight(charge.first_day).as_microsecond())
                .bind(midnight(charge.last_day).as_microsecond())
                .bind(charge.quantity)
                .bind(charge.unit_price.to_string())
                .bind(charge.subtotal.minor)
                .bind(charge.subtotal.currency.code())
                .bind(charge.reference_id.as_str());
        }
        statement.execute(tx.write()).await?;
    }
    Ok(())
}

/// The lines of a subscription, in the order they were made.
pub async fn charges_of(
    conn: &mut AnyConnection,
    sandbox: &SandboxId,
    subscription: SubscriptionId,
) -> Result<Vec<Charge>, Failure> {
    let rows = query(
        "SELECT charge_type, first_day, last_day, quantity, unit_price, subtotal, currency, \
         reference_id FROM charges WHERE sandbox_id = $1 AND subscription_id = $2 ORDER BY number",
    )
    .bind(sandbox.as_str())
    .bind(subscription.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(decode).collect()
}
