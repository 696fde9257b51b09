//! The hours that have passed are counted: the meter moves, and the overage it finds waits to be reported, in one
//! transaction. Called by the usage worker.

use jiff::Timestamp;

use crate::{
    domain::{Meter, MeteredPlan},
    store::{Command, Error, MeteredAccount, Tx},
};

/// Counts an account up to now.
#[derive(Debug)]
pub struct CountUsage {
    /// The account.
    pub account: MeteredAccount,
    /// The subscription as the marketplace shows it now.
    pub plan: MeteredPlan,
    /// Real time.
    pub now: Timestamp,
}

impl Command for CountUsage {
    type Output = ();
    const NAME: &'static str = "countUsage";

    async fn run(&self, tx: &mut Tx) -> Result<(), Error> {
        let MeteredAccount { key, publisher, activated_at, .. } = &self.account;
        let meter = match tx.meter(key).await? {
            Some(meter) => meter,
            None => Meter::begin(*activated_at, self.plan.term_start),
        };
        let (meter, overage) = meter.count(key.subscription, &self.plan);
        for one in &overage {
            tx.add_overage((key, publisher), &self.plan.plan, one, self.now).await?;
        }
        tx.save_meter(key, &meter).await
    }
}
