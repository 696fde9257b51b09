//! Every verb and flag of `rehearse`, on one screen. Read by `lib.rs`; each verb's file takes its own arguments.

use std::{net::IpAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};
pub use hosting::LogFormat;
use shared::metering::Quantity;
use url::Url;

mod values;

pub use values::{
    Action, DATA_DIR, LicenseConfirmation, Outgoing, PaymentFails, SANDBOX, SoldBy, To,
};
use values::{duration, quantity, to};

/// Rehearse a marketplace sale from purchase to billing, on this machine.
#[derive(Debug, Parser)]
#[command(name = "rehearse", version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What `rehearse` can do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Play one sale from purchase to billing with throw-away services, and show each step
    Demo(Demo),
    /// Start broker and publisher, and serve until Ctrl-C
    Up(Box<Up>),
    /// Buy a subscription at a running broker; prints the activation link
    Buy(Buy),
    /// Let the customer or the marketplace do something to a subscription
    Trigger(Trigger),
    /// Show webhooks with every attempt, or send them again
    Webhook(Webhook),
    /// Report usage of a metered subscription, or show what was accepted
    Usage(Usage),
    /// Print a bearer of the partner face, for a partner's user or its app, without a sign-in
    Token(Token),
    /// Put offers of your own into a rehearsal sandbox's catalogue
    Offers(Offers),
    /// Show or move a rehearsal sandbox's clock
    Clock(Clock),
    /// Show where the sources about the marketplace disagree, and choose for a sandbox
    Quirks(Quirks),
    /// Measure complete flows, the dispatch of webhooks, a long list, usage events, or tokens
    Load(Load),
}

/// Flags of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Print one JSON object on the last line
    #[arg(long)]
    pub json: bool,
    /// Go on serving until Ctrl-C
    #[arg(long)]
    pub keep: bool,
}

/// Flags of `up`.
#[derive(Debug, Args)]
pub struct Up {
    /// Port of the broker; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 8700)]
    pub port: u16,
    /// Port of the publisher; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 8701)]
    pub publisher_port: u16,
    /// Address both listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1")]
    pub listen: IpAddr,
    /// How the broker is reached from outside
    #[arg(long, value_name = "URL")]
    pub public_url: Option<Url>,
    /// How the publisher is reached from outside
    #[arg(long, value_name = "URL")]
    pub publisher_public_url: Option<Url>,
    /// Where state is kept
    #[arg(long, value_name = "DIR", default_value = DATA_DIR, conflicts_with = "ephemeral")]
    pub data_dir: PathBuf,
    /// Keep state in a throw-away directory
    #[arg(long)]
    pub ephemeral: bool,
    /// postgres://… or the path of an SQLite file
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// Start the broker alone
    #[arg(long)]
    pub no_publisher: bool,
    /// The bundled publisher assigns licenses and confirms the setup by itself
    #[arg(long, conflicts_with = "no_publisher")]
    pub auto: bool,
    /// Landing page of your own app, for the first publisher of `default`
    #[arg(long, value_name = "URL")]
    pub landing_page_url: Option<Url>,
    /// Webhook of your own app, for the first publisher of `default`
    #[arg(long, value_name = "URL")]
    pub webhook_url: Option<Url>,
    /// Where webhooks may go; `local` if the broker listens on loopback
    #[arg(long, value_enum)]
    pub outgoing: Option<Outgoing>,
    /// A host that webhooks may go to wherever it is; may be repeated
    #[arg(long, value_name = "NAME")]
    pub allow_host: Vec<String>,
    /// Certificates (PEM) that webhooks over https trust too
    #[arg(long, value_name = "PATH")]
    pub ca_file: Option<PathBuf>,
    /// Speak TLS, by certificates of a development CA in the data dir
    #[arg(long)]
    pub tls: bool,
    /// How the first key is turned: by a call of its own, or by activate
    #[arg(long, value_enum)]
    pub license_confirmation: Option<LicenseConfirmation>,
    /// Print one ready line as JSON
    #[arg(long)]
    pub json: bool,
    /// Write the ready line to a file that only you can read
    #[arg(long, value_name = "PATH")]
    pub json_file: Option<PathBuf>,
    /// How the log on standard error is written
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// Flags of `buy`.
#[derive(Debug, Args)]
pub struct Buy {
    /// The offer; the first one sold in the customer's country if absent
    #[arg(long, value_name = "ID")]
    pub offer: Option<String>,
    /// The plan; the offer's first one sold in the customer's country if absent
    #[arg(long, value_name = "ID")]
    pub plan: Option<String>,
    /// Licenses; the plan's fewest if absent
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub quantity: Option<i64>,
    /// Id, domain or name of the customer; the first one if absent
    #[arg(long, value_name = "CUSTOMER")]
    pub customer: Option<String>,
    /// Who buys
    #[arg(long, value_enum, default_value_t = SoldBy::Partner)]
    pub sold_by: SoldBy,
    /// Which broker and which rehearsal sandbox
    #[command(flatten)]
    pub target: Target,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Flags of `trigger`.
#[derive(Debug, Args)]
pub struct Trigger {
    /// What happens
    #[arg(value_enum)]
    pub action: Action,
    /// To which subscription
    #[arg(value_name = "SUB")]
    pub subscription: String,
    /// The plan to change to
    #[arg(long, value_name = "ID")]
    pub plan: Option<String>,
    /// The licenses to change to
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub quantity: Option<i64>,
    /// Which payment fails; `now` if absent
    #[arg(long, value_enum)]
    pub when: Option<PaymentFails>,
    /// Which broker and which rehearsal sandbox
    #[command(flatten)]
    pub target: Target,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Flags of `token`.
#[derive(Debug, Args)]
pub struct Token {
    /// Whose; the first partner's if absent
    #[arg(long, value_name = "ID")]
    pub partner: Option<String>,
    /// What the user signs in as; the first one with the roles if absent
    #[arg(long, value_name = "NAME", conflicts_with = "app_only")]
    pub user: Option<String>,
    /// What the user is: GlobalAdmin, AdminAgent, SalesAgent or BillingAdmin; may be repeated; what it is anyway if absent
    #[arg(long, value_name = "ROLE", conflicts_with = "app_only")]
    pub role: Vec<String>,
    /// The user has signed in without a second factor
    #[arg(long, conflicts_with = "app_only")]
    pub no_mfa: bool,
    /// The app by itself, without a user
    #[arg(long)]
    pub app_only: bool,
    /// Which broker and which rehearsal sandbox
    #[command(flatten)]
    pub target: Target,
}

/// Flags of `webhook`.
#[derive(Debug, Args)]
pub struct Webhook {
    /// What to do with webhooks.
    #[command(subcommand)]
    pub deed: WebhookDeed,
    /// Which broker and which rehearsal sandbox
    #[command(flatten)]
    pub target: Target,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// What can be done with webhooks.
#[derive(Debug, Subcommand)]
pub enum WebhookDeed {
    /// List them, oldest first
    Ls {
        /// Of this subscription only
        #[arg(long, value_name = "SUB")]
        subscription: Option<String>,
    },
    /// Show one: what is sent, and every attempt
    Show {
        /// The webhook's id, which is its operation's
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Send one again, whatever came of it
    Resend {
        /// The webhook's id, which is its operation's
        #[arg(value_name = "ID")]
        id: String,
        /// How often
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
        times: u32,
    },
    /// Hold the sandbox's webhooks back
    Hold,
    /// Let them go
    Release,
}

/// Flags of `usage`.
#[derive(Debug, Args)]
pub struct Usage {
    /// What to do with usage.
    #[command(subcommand)]
    pub deed: UsageDeed,
    /// Which broker and which rehearsal sandbox
    #[command(flatten)]
    pub target: Target,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// What can be done with usage.
#[derive(Debug, Subcommand)]
pub enum UsageDeed {
    /// Report an hour's usage, as the publisher; exit 0 if it is accepted
    Report {
        /// Of which subscription
        #[arg(value_name = "SUB")]
        subscription: String,
        /// What was used; the plan's dimension if it has one only
        #[arg(long, value_name = "ID")]
        dimension: Option<String>,
        /// How many units
        #[arg(long, value_name = "Q", value_parser = quantity, allow_negative_numbers = true)]
        quantity: Quantity,
        /// When it was used: 2027-01-31T08:30:00Z; now, on the sandbox's clock, if absent
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
        /// The plan it was used on; the present one if absent
        #[arg(long, value_name = "ID")]
        plan: Option<String>,
    },
    /// Show what was accepted in the present term, and what it would cost
    Ls {
        /// Of which subscription
        #[arg(value_name = "SUB")]
        subscription: String,
    },
}

/// Flags of `offers`.
#[derive(Debug, Args)]
pub struct Offers {
    /// What to do with offers.
    #[command(subcommand)]
    pub deed: OffersDeed,
    /// Which broker and which rehearsal sandbox
    #[command(flatten)]
    pub target: Target,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// What can be done with offers.
#[derive(Debug, Subcommand)]
pub enum OffersDeed {
    /// Add the offers of a JSON file, or replace those of the same id
    Add {
        /// `{"offers":[…]}`, or the list alone
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// Flags of `clock`.
#[derive(Debug, Args)]
pub struct Clock {
    /// What to do with it.
    #[command(subcommand)]
    pub deed: ClockDeed,
    /// Which broker and which rehearsal sandbox
    #[command(flatten)]
    pub target: Target,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// What can be done with a clock.
#[derive(Debug, Subcommand)]
pub enum ClockDeed {
    /// Tell the time and what is due next
    Show,
    /// Move the clock on and do everything that becomes due
    Advance {
        /// An ISO 8601 duration: P1M, P1D, PT2H
        #[arg(value_name = "DURATION", value_parser = duration, required_unless_present = "to", conflicts_with = "to")]
        by: Option<String>,
        /// An instant (2027-01-31T00:00:00Z), or `next-event`
        #[arg(long, value_name = "INSTANT", value_parser = to)]
        to: Option<To>,
        /// Real milliseconds that a publisher gets to answer a change before its decision window closes
        #[arg(long, value_name = "MS")]
        settle: Option<u32>,
    },
    /// Let the clock stand
    Freeze,
    /// Let the clock run again
    Resume,
}

/// Flags of `quirks`.
#[derive(Debug, Args)]
pub struct Quirks {
    /// What to do with quirks; the table if nothing is named.
    #[command(subcommand)]
    pub deed: Option<QuirkDeed>,
    /// The running broker; if absent, the one that serves from the data dir
    #[arg(long, value_name = "URL", env = "REHEARSE_URL", global = true)]
    pub url: Option<Url>,
    /// The data dir of the running broker
    #[arg(long, value_name = "DIR", default_value = DATA_DIR, global = true)]
    pub data_dir: PathBuf,
    /// Show what is in force in this rehearsal sandbox; the table alone, which needs no broker, if absent
    #[arg(long, value_name = "ID", global = true)]
    pub sandbox: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// What can be done with quirks.
#[derive(Debug, Subcommand)]
pub enum QuirkDeed {
    /// Show one: what it is about, and what each value means
    Show {
        /// The quirk
        #[arg(value_name = "QUIRK")]
        id: String,
    },
    /// Set one beside the sandbox's profile
    Set {
        /// The quirk
        #[arg(value_name = "QUIRK")]
        id: String,
        /// One of its values
        #[arg(value_name = "VALUE")]
        value: String,
    },
    /// Give one back to the sandbox's profile
    Reset {
        /// The quirk
        #[arg(value_name = "QUIRK")]
        id: String,
    },
    /// Give the sandbox another profile: documented, observed or sdk2
    Profile {
        /// The profile
        #[arg(value_name = "PROFILE")]
        profile: String,
    },
}

/// Flags of `load`.
#[derive(Debug, Args)]
pub struct Load {
    /// Complete flows
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub flows: u32,
    /// Clients at the same time
    #[arg(long, value_name = "C", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub concurrency: u32,
    /// Measure the dispatch of N webhooks instead, 2000 if no N is given
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "2000",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000), conflicts_with_all = ["flows", "baseline", "url", "sandbox", "list", "usage"])]
    pub webhooks: Option<u32>,
    /// Measure the list of a publisher with N subscriptions instead, 100000 if no N is given
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "100000",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000), conflicts_with_all = ["flows", "baseline", "usage"])]
    pub list: Option<u32>,
    /// Measure N usage events in batches beside single ones instead, 5000 a round if no N is given
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "5000",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000), conflicts_with_all = ["flows", "baseline"])]
    pub usage: Option<u32>,
    /// Measure N tokens beside the bare signing rate of one core, and reads with and without the look at their bearer
    /// instead, 5000 a round if no N is given
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "5000",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000), conflicts_with_all = ["flows", "baseline", "url", "sandbox", "list", "usage", "webhooks"])]
    pub tokens: Option<u32>,
    /// Measure a partner's list of a customer with N subscriptions beside the same values from memory, and pages of a
    /// catalogue of 10,000 products instead, 1000 if no N is given
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "1000",
        value_parser = clap::value_parser!(u32).range(1..=100_000), conflicts_with_all = ["flows", "baseline", "list", "usage", "webhooks", "tokens"])]
    pub partner: Option<u32>,
    /// Also measure a broker that commits each command alone
    #[arg(long, conflicts_with = "url")]
    pub baseline: bool,
    /// postgres://… or the path of an SQLite file, for the broker it starts
    #[arg(long, value_name = "URL", conflicts_with = "url")]
    pub database: Option<String>,
    /// A running broker; if absent, one is started for the measurement
    #[arg(long, value_name = "URL", env = "REHEARSE_URL")]
    pub url: Option<Url>,
    /// Where the running broker's control token lies, unless REHEARSE_TOKEN is set
    #[arg(long, value_name = "DIR", default_value = DATA_DIR)]
    pub data_dir: PathBuf,
    /// The rehearsal sandbox; if absent, a new one at a running broker, `default` at an own one
    #[arg(long, value_name = "ID")]
    pub sandbox: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Which running broker, and which rehearsal sandbox of it. The control token comes from REHEARSE_TOKEN or the
/// data dir's file, never from a flag.
#[derive(Debug, Args)]
pub struct Target {
    /// The running broker; if absent, the one that serves from the data dir
    #[arg(long, value_name = "URL", env = "REHEARSE_URL", global = true)]
    pub url: Option<Url>,
    /// The data dir of the running broker
    #[arg(long, value_name = "DIR", default_value = DATA_DIR, global = true)]
    pub data_dir: PathBuf,
    /// The rehearsal sandbox
    #[arg(long, value_name = "ID", default_value = SANDBOX, global = true)]
    pub sandbox: String,
}

#[cfg(test)]
mod tests;
