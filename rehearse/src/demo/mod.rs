//! `rehearse demo`: one sale from purchase to billing, over HTTP only. `story` prints, `browser` opens pages as people
//! do, `cast` plays the parts, `timeline` and `views` tell how it ended. Exit 0 only if billing started exactly once.

mod browser;
mod cast;
mod markup;
mod page;
mod story;
mod timeline;
mod views;

use anyhow::bail;
use shared::rehearsal::{Charge, SubscriptionTruth};

use crate::{
    cli,
    control::Control,
    publisher_face::PublisherFace,
    services::{self, Services},
    term::Terminal,
    web, words,
};
use cast::Cast;
use story::Story;
use views::Outcome;

/// The rehearsal sandbox it happens in.
const SANDBOX: &str = "default";
/// The publisher whose plan is sold.
const PUBLISHER: &str = "contoso";

/// Plays the sale; with `--keep` it goes on serving.
pub async fn demo(asked: cli::Demo) -> anyhow::Result<()> {
    let stop = services::asked_to_stop()?;
    services::log(cli::LogFormat::Text, "warn");
    let dir = services::throwaway_dir(None)?;
    let running = Services::start(
        services::throwaway_broker(dir.path()),
        Some(services::throwaway_publisher(dir.path())),
    )
    .await?;
    let mut stop = std::pin::pin!(stop);
    let told = tokio::select! {
        told = tell(&asked, &running) => told,
        () = &mut stop => Err(anyhow::anyhow!(words::say("interrupted"))),
    };
    if told.is_ok() && asked.keep {
        stop.await;
    }
    running.stop().await;
    told
}

async fn tell(asked: &cli::Demo, running: &Services) -> anyhow::Result<()> {
    running.ready().await?;
    let control =
        Control::new(web::client()?, &running.broker_url(), SANDBOX, running.control_token())?;
    let mut story = Story::begin(Terminal::new())?;
    let mut cast = Cast::gather(control.clone()).await?;
    let sold = cast.sell(&mut story).await?;
    cast.set_up(&mut story, &sold).await?;
    let console = running.publisher_url().unwrap_or_default();
    cast.turn_both_keys(&mut story, &sold, &console, running.control_token()).await?;
    let (truth, charges) = cast.bill(&mut story, &sold.subscription_id).await?;

    let face =
        PublisherFace::sign_in(web::client()?, &running.broker_url(), &cast.publisher).await?;
    let row = cast.console_row(&sold.subscription_id, &console).await?;
    let sides = [
        views::marketplace(&truth),
        views::publisher(&face.get(&sold.subscription_id).await?),
        views::console(row.as_deref()),
    ];
    close(&story, &truth, &charges, &sides)?;
    where_next(&story, &cast, asked.keep, running)?;

    let times = cast.billing_starts(&sold.subscription_id).await?;
    let outcome = Outcome {
        subscription_id: &sold.subscription_id,
        licenses_assigned_at: truth.licenses_assigned_at,
        fulfillment_confirmed_at: truth.fulfillment_confirmed_at,
        billing_started_at: truth.billing_started_at,
        billing_started_times: times,
        charges: &charges,
        steps: story.steps(),
    };
    if outcome.is_good() {
        story.end_well(&words::say("demo-good"))?;
    }
    if asked.json {
        story.add(&[serde_json::to_string(&outcome)?])?;
    }
    if !outcome.is_good() {
        let charged = charges.len().to_string();
        let values = [("times", &*times.to_string()), ("charges", &*charged)];
        bail!(words::tell("demo-bad", &values));
    }
    Ok(())
}

/// The timeline, the three views, the charge.
fn close(
    story: &Story,
    truth: &SubscriptionTruth,
    charges: &[Charge],
    sides: &[String],
) -> anyhow::Result<()> {
    story.heading("heading-timeline")?;
    story.add(&timeline::lines(truth))?;
    story.heading("heading-sides")?;
    story.add(sides)?;
    story.heading("heading-charge")?;
    story.add(&charges.iter().map(views::charge).collect::<Vec<_>>())
}

/// With `--keep` what still serves; else what will serve after `rehearse up`: a throw-away port is gone by then.
fn where_next(story: &Story, cast: &Cast, keep: bool, running: &Services) -> anyhow::Result<()> {
    story.heading("heading-next")?;
    story.add(&[words::say("next-up")])?;
    let landing = match &cast.publisher.landing_page_url {
        Some(url) if keep => url.clone(),
        _ => {
            let port = services::PublisherConfig::default().port;
            format!("http://127.0.0.1:{port}/s/{SANDBOX}/{PUBLISHER}/landing")
        }
    };
    story.add(&[words::tell("next-landing", &[("url", &landing)])])?;
    if keep {
        let publisher = running.publisher_url().unwrap_or_default();
        let urls = [("broker", &*running.broker_url()), ("publisher", &*publisher)];
        story.add(&[words::tell("next-kept", &urls)])?;
    }
    Ok(())
}
