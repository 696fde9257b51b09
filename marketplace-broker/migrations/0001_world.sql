-- The world of a rehearsal. One dialect for SQLite and PostgreSQL: TEXT and BIGINT only (docs/decisions/0001).
-- Ids are TEXT, instants BIGINT microseconds UTC, enums TEXT with CHECK, flags nullable instants, unit prices decimal
-- TEXT, money BIGINT minor units. Every key begins with the sandbox: no query can reach another sandbox by mistake.

-- A rehearsal sandbox and its clock. Exactly one of clock_offset_us and frozen_at is set: a clock runs or stands.
-- journal_sequence is the last number given out; it is raised in the transaction that writes the rows, so the
-- journal has no gaps and its order is the order of the commits.
CREATE TABLE sandboxes (
  id TEXT PRIMARY KEY,
  created_at BIGINT NOT NULL,
  clock_offset_us BIGINT,
  frozen_at BIGINT,
  journal_sequence BIGINT NOT NULL DEFAULT 0,
  CHECK ((clock_offset_us IS NULL) <> (frozen_at IS NULL))
);

-- RS256 keys sign bearer tokens. They belong to the installation: sandbox_id stays NULL until a sandbox rotates.
CREATE TABLE signing_keys (
  kid TEXT PRIMARY KEY,
  sandbox_id TEXT REFERENCES sandboxes (id),
  private_key TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

-- HMAC keys sign purchase tokens, per sandbox. The newest signs, all verify.
CREATE TABLE token_keys (
  sandbox_id TEXT NOT NULL REFERENCES sandboxes (id),
  id TEXT NOT NULL,
  secret TEXT NOT NULL,
  generation BIGINT NOT NULL,
  PRIMARY KEY (sandbox_id, id),
  UNIQUE (sandbox_id, generation)
);

-- Publishers. position keeps 'the first'. The client id is unique over the installation: it is how a caller's sandbox
-- is found. A NULL URL means the bundled publisher's.
CREATE TABLE publishers (
  sandbox_id TEXT NOT NULL REFERENCES sandboxes (id),
  id TEXT NOT NULL,
  position BIGINT NOT NULL,
  name TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  client_id TEXT NOT NULL UNIQUE,
  client_secret TEXT NOT NULL,
  landing_page_url TEXT,
  webhook_url TEXT,
  license_confirmation TEXT NOT NULL CHECK (license_confirmation IN ('explicit', 'withActivation')),
  version BIGINT NOT NULL,
  PRIMARY KEY (sandbox_id, id)
);

-- Partners. A reseller names its provider. buyer is the user who buys, as JSON.
CREATE TABLE partners (
  sandbox_id TEXT NOT NULL REFERENCES sandboxes (id),
  id TEXT NOT NULL,
  position BIGINT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('directBill', 'indirectProvider', 'indirectReseller')),
  tenant_id TEXT NOT NULL,
  client_id TEXT NOT NULL UNIQUE,
  client_secret TEXT NOT NULL,
  mpn_id TEXT NOT NULL,
  provider_id TEXT,
  buyer TEXT NOT NULL,
  PRIMARY KEY (sandbox_id, id),
  CHECK ((kind = 'indirectReseller') = (provider_id IS NOT NULL))
);

-- Customers of partners. admin is the beneficiary of purchases, as JSON.
CREATE TABLE customers (
  sandbox_id TEXT NOT NULL REFERENCES sandboxes (id),
  id TEXT NOT NULL,
  position BIGINT NOT NULL,
  name TEXT NOT NULL,
  country TEXT NOT NULL,
  domain TEXT NOT NULL,
  partner_id TEXT NOT NULL,
  admin TEXT NOT NULL,
  PRIMARY KEY (sandbox_id, id),
  FOREIGN KEY (sandbox_id, partner_id) REFERENCES partners (sandbox_id, id)
);

-- Offers with their plans. plans is JSON: it is read whole and never searched.
CREATE TABLE offers (
  sandbox_id TEXT NOT NULL REFERENCES sandboxes (id),
  id TEXT NOT NULL,
  position BIGINT NOT NULL,
  publisher_id TEXT NOT NULL,
  name TEXT NOT NULL,
  plans TEXT NOT NULL,
  PRIMARY KEY (sandbox_id, id),
  FOREIGN KEY (sandbox_id, publisher_id) REFERENCES publishers (sandbox_id, id)
);

-- Subscriptions: one stored state. The CHECKs protect the state machine: a suspended one knows since when, an ended
-- one when and why, an activated one has its second key and a term, and billing starts with both keys or not at all,
-- at the later of the two. beneficiary and purchaser are JSON as they were at the purchase. version guards every write.
CREATE TABLE subscriptions (
  sandbox_id TEXT NOT NULL REFERENCES sandboxes (id),
  id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  publisher_id TEXT NOT NULL,
  offer_id TEXT NOT NULL,
  plan_id TEXT NOT NULL,
  name TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  beneficiary TEXT NOT NULL,
  purchaser TEXT NOT NULL,
  sold_by TEXT NOT NULL CHECK (sold_by IN ('partner', 'customer')),
  quantity BIGINT CHECK (quantity > 0),
  term TEXT NOT NULL,
  billing_cycle TEXT NOT NULL CHECK (billing_cycle IN ('monthly', 'annual')),
  unit_price TEXT NOT NULL,
  currency TEXT NOT NULL,
  auto_renew_off_at BIGINT,
  purchased_at BIGINT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('PendingFulfillmentStart', 'Subscribed', 'Suspended', 'Unsubscribed')),
  suspended_at BIGINT,
  ended_at BIGINT,
  end_reason TEXT CHECK (end_reason IN ('canceled', 'pendingLimit')),
  licenses_assigned_at BIGINT,
  fulfillment_confirmed_at BIGINT,
  billing_started_at BIGINT,
  term_start BIGINT,
  licenses_assigned BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (sandbox_id, id),
  FOREIGN KEY (sandbox_id, customer_id) REFERENCES customers (sandbox_id, id),
  FOREIGN KEY (sandbox_id, offer_id) REFERENCES offers (sandbox_id, id),
  CHECK ((status = 'Suspended') = (suspended_at IS NOT NULL)),
  CHECK ((status = 'Unsubscribed') = (ended_at IS NOT NULL)),
  CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
  CHECK (status <> 'Subscribed' OR fulfillment_confirmed_at IS NOT NULL),
  CHECK ((fulfillment_confirmed_at IS NULL) = (term_start IS NULL)),
  CHECK ((billing_started_at IS NOT NULL)
         = (licenses_assigned_at IS NOT NULL AND fulfillment_confirmed_at IS NOT NULL)),
  CHECK (billing_started_at IS NULL
         OR (billing_started_at >= licenses_assigned_at AND billing_started_at >= fulfillment_confirmed_at))
);

-- The set of people who hold a license, replaced as a whole. assigned_to is JSON.
CREATE TABLE license_assignments (
  sandbox_id TEXT NOT NULL,
  subscription_id TEXT NOT NULL,
  assigned_to TEXT NOT NULL,
  assigned_at BIGINT NOT NULL,
  PRIMARY KEY (sandbox_id, subscription_id),
  FOREIGN KEY (sandbox_id, subscription_id) REFERENCES subscriptions (sandbox_id, id)
);

-- Operations on subscriptions.
CREATE TABLE operations (
  sandbox_id TEXT NOT NULL,
  id TEXT NOT NULL,
  subscription_id TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('Unsubscribe')),
  status TEXT NOT NULL CHECK (status IN ('Succeeded')),
  source TEXT NOT NULL CHECK (source IN ('Azure', 'Partner')),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (sandbox_id, id),
  FOREIGN KEY (sandbox_id, subscription_id) REFERENCES subscriptions (sandbox_id, id)
);

-- Charge lines. The UNIQUE is the last guard of 'never billed twice'.
CREATE TABLE charges (
  sandbox_id TEXT NOT NULL,
  subscription_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  charge_type TEXT NOT NULL CHECK (charge_type IN ('new')),
  first_day BIGINT NOT NULL,
  last_day BIGINT NOT NULL,
  quantity BIGINT NOT NULL,
  unit_price TEXT NOT NULL,
  subtotal BIGINT NOT NULL,
  currency TEXT NOT NULL,
  reference_id TEXT NOT NULL,
  PRIMARY KEY (sandbox_id, subscription_id, number),
  UNIQUE (sandbox_id, subscription_id, charge_type, first_day),
  FOREIGN KEY (sandbox_id, subscription_id) REFERENCES subscriptions (sandbox_id, id)
);

-- What must happen later. The id grows with the order of making: what is due at one instant runs in that order.
CREATE TABLE timers (
  sandbox_id TEXT NOT NULL,
  id TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('pendingLimit')),
  subscription_id TEXT NOT NULL,
  PRIMARY KEY (sandbox_id, id),
  FOREIGN KEY (sandbox_id, subscription_id) REFERENCES subscriptions (sandbox_id, id)
);
CREATE INDEX timers_due ON timers (sandbox_id, due_at, id);
CREATE INDEX timers_of_subscription ON timers (sandbox_id, subscription_id);

-- Everything that happened: domain events, written with the change they tell of, and HTTP exchanges, written just
-- behind the answer. data is JSON and holds no secret.
CREATE TABLE journal (
  sandbox_id TEXT NOT NULL REFERENCES sandboxes (id),
  sequence BIGINT NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('event', 'exchange')),
  name TEXT NOT NULL,
  caller TEXT,
  callee TEXT,
  subscription_id TEXT,
  took_us BIGINT,
  data TEXT NOT NULL,
  PRIMARY KEY (sandbox_id, sequence)
);
