//! `rehearse load --tokens`: the token endpoint beside the bare signing rate of one core, and reads of a subscription
//! beside the same reads at a broker that does not look at their bearer. `report` tells.

mod report;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::anyhow;
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::RSA_PKCS1_SHA256,
};
use reqwest::Client;

use super::{
    Measured,
    crowd::{self, Errors},
    own::Own,
    size, stats,
    steps::{Deal, Stage},
};
use crate::{cli, words};
use report::{Report, Rounds};

/// Rounds. What disturbs the machine for a while disturbs few of them, and medians pass over it.
const ROUNDS: usize = 5;
/// How long one core signs in a round.
const SIGNING: Duration = Duration::from_millis(500);
/// As much as a token has to sign.
const SIGNED: [u8; 600] = [b'a'; 600];
/// Subscriptions that are read.
const BOUGHT: usize = 500;
/// Reads of a round.
const GETS: usize = 4_000;

/// Measures `tokens` tokens a round.
pub async fn measure(
    http: Client,
    (tokens, asked): (u32, &cli::Load),
    own: &Own,
) -> anyhow::Result<Measured> {
    let (count, workers) = (size(tokens), size(asked.concurrency));
    let control = own.control(http.clone(), asked).await?;
    let baseline =
        own.baseline(http.clone())?.ok_or_else(|| anyhow!(words::say("load-no-baseline")))?;
    let mut errors = Errors::default();
    let mut sides = Vec::new();
    for control in [control, baseline] {
        let stage = Stage::set(http.clone(), control, Deal::default()).await?;
        let done = stage.bought(BOUGHT, workers).await?;
        errors.merge(done.errors);
        let ids: Vec<String> = done.results.into_iter().map(|(_, id)| id).collect();
        sides.push((stage, Arc::new(ids)));
    }
    let key = Arc::new(Signer::new()?);
    let mut rounds = Rounds::default();
    for _ in 0..ROUNDS {
        let signer = Arc::clone(&key);
        rounds.signatures.push(tokio::task::spawn_blocking(move || signer.rate()).await??);
        if let Some((stage, _)) = sides.first() {
            let stage = stage.clone();
            let done = crowd::run("tokens", count, workers, move |_| {
                let stage = stage.clone();
                async move { stage.token().await }
            });
            let done = done.await?;
            rounds.tokens.push(stats::rate(done.results.len(), done.took));
            errors.merge(done.errors);
        }
        for ((stage, ids), rates) in sides.iter().zip([&mut rounds.checked, &mut rounds.unchecked])
        {
            let done = stage.gets(ids, GETS, workers).await?;
            rates.push(stats::rate(done.results.len(), done.took));
            errors.merge(done.errors);
        }
    }
    let report = Report::new((tokens, asked.concurrency), &rounds, &errors);
    Measured::new(&report, report.lines(), errors)
}

/// An RSA key like the broker's, and nothing around it.
struct Signer {
    key: KeyPair,
    random: SystemRandom,
}

impl Signer {
    fn new() -> anyhow::Result<Self> {
        let key = KeyPair::generate(KeySize::Rsa2048);
        let key = key.map_err(|_| anyhow!(words::say("load-tokens-no-key")))?;
        Ok(Self { key, random: SystemRandom::new() })
    }

    /// Signatures a second, one after the other.
    fn rate(&self) -> anyhow::Result<f64> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        let (begun, mut signed) = (Instant::now(), 0);
        while begun.elapsed() < SIGNING {
            let done = self.key.sign(&RSA_PKCS1_SHA256, &self.random, &SIGNED, &mut signature);
            done.map_err(|_| anyhow!(words::say("load-tokens-no-key")))?;
            signed += 1;
        }
        Ok(stats::rate(signed, begun.elapsed()))
    }
}
