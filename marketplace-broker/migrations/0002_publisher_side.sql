-- The publisher's side: operations with a life of their own, webhooks on their way, terms that end.
-- CHECKs grow, and SQLite cannot alter a CHECK: subscriptions and the tables that point to it are made anew and
-- renamed; both databases follow the references through the rename.

-- Subscriptions as before, and: payment_fails_at since when the next renewal's payment is known to fail, modified_at
-- the last change, term_ends_at midnight after the last day of the term, once billing has started. It is NULL for
-- those that were billing before this migration until the broker has set their renewal timers (it does so before it
-- serves; the index below finds them).
CREATE TABLE subscriptions_2 (
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
  end_reason TEXT CHECK (end_reason IN
    ('canceled', 'canceledByPublisher', 'pendingLimit', 'suspendedLimit', 'termEnd')),
  licenses_assigned_at BIGINT,
  fulfillment_confirmed_at BIGINT,
  billing_started_at BIGINT,
  term_start BIGINT,
  term_ends_at BIGINT,
  licenses_assigned BIGINT NOT NULL,
  payment_fails_at BIGINT,
  modified_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (sandbox_id, id),
  FOREIGN KEY (sandbox_id, customer_id) REFERENCES customers (sandbox_id, id),
  FOREIGN KEY (sandbox_id, offer_id) REFERENCES offers (sandbox_id, id),
  CHECK ((status = 'Suspended') = (suspended_at IS NOT NULL)),
  CHECK ((status = 'Unsubscribed') = (ended_at IS NOT NULL)),
  CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
  CHECK (status NOT IN ('Subscribed', 'Suspended') OR fulfillment_confirmed_at IS NOT NULL),
  CHECK ((fulfillment_confirmed_at IS NULL) = (term_start IS NULL)),
  CHECK ((billing_started_at IS NOT NULL)
         = (licenses_assigned_at IS NOT NULL AND fulfillment_confirmed_at IS NOT NULL)),
  CHECK (billing_started_at IS NULL
         OR (billing_started_at >= licenses_assigned_at AND billing_started_at >= fulfillment_confirmed_at)),
  CHECK (term_ends_at IS NULL OR billing_started_at IS NOT NULL)
);
INSERT INTO subscriptions_2 (sandbox_id, id, order_id, publisher_id, offer_id, plan_id, name, customer_id, beneficiary,
  purchaser, sold_by, quantity, term, billing_cycle, unit_price, currency, auto_renew_off_at, purchased_at, status,
  suspended_at, ended_at, end_reason, licenses_assigned_at, fulfillment_confirmed_at, billing_started_at, term_start,
  licenses_assigned, modified_at, version)
SELECT sandbox_id, id, order_id, publisher_id, offer_id, plan_id, name, customer_id, beneficiary,
  purchaser, sold_by, quantity, term, billing_cycle, unit_price, currency, auto_renew_off_at, purchased_at, status,
  suspended_at, ended_at, end_reason, licenses_assigned_at, fulfillment_confirmed_at, billing_started_at, term_start,
  licenses_assigned, COALESCE(ended_at, billing_started_at, fulfillment_confirmed_at, purchased_at), version
FROM subscriptions;

CREATE TABLE license_assignments_2 (
  sandbox_id TEXT NOT NULL,
  subscription_id TEXT NOT NULL,
  assigned_to TEXT NOT NULL,
  assigned_at BIGINT NOT NULL,
  PRIMARY KEY (sandbox_id, subscription_id),
  FOREIGN KEY (sandbox_id, subscription_id) REFERENCES subscriptions_2 (sandbox_id, id)
);
INSERT INTO license_assignments_2 (sandbox_id, subscription_id, assigned_to, assigned_at)
SELECT sandbox_id, subscription_id, assigned_to, assigned_at FROM license_assignments;

-- Operations. plan_id, quantity and unit_price are what is asked for; what is so already where nothing else is.
-- acknowledged_at begins the decision window. failure tells why, and only on a failed one.
CREATE TABLE operations_2 (
  sandbox_id TEXT NOT NULL,
  id TEXT NOT NULL,
  subscription_id TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN
    ('ChangePlan', 'ChangeQuantity', 'Reinstate', 'Renew', 'Suspend', 'Unsubscribe', 'Subscribe')),
  status TEXT NOT NULL CHECK (status IN ('NotStarted', 'InProgress', 'Succeeded', 'Failed', 'Conflict')),
  source TEXT NOT NULL CHECK (source IN ('Azure', 'Partner')),
  plan_id TEXT NOT NULL,
  quantity BIGINT,
  unit_price TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  acknowledged_at BIGINT,
  failure TEXT CHECK (failure IN ('RefusedByPublisher', 'WebhookRejected', 'WebhookGivenUp', 'Overtaken')),
  PRIMARY KEY (sandbox_id, id),
  FOREIGN KEY (sandbox_id, subscription_id) REFERENCES subscriptions_2 (sandbox_id, id),
  CHECK ((status = 'Failed') = (failure IS NOT NULL)),
  CHECK (acknowledged_at IS NULL OR status <> 'NotStarted')
);
INSERT INTO operations_2 (sandbox_id, id, subscription_id, action, status, source, plan_id, quantity, unit_price,
  created_at)
SELECT o.sandbox_id, o.id, o.subscription_id, o.action, o.status, o.source, s.plan_id, s.quantity, s.unit_price,
  o.created_at
FROM operations o JOIN subscriptions s ON s.sandbox_id = o.sandbox_id AND s.id = o.subscription_id;

CREATE TABLE charges_2 (
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
  FOREIGN KEY (sandbox_id, subscription_id) REFERENCES subscriptions_2 (sandbox_id, id)
);
INSERT INTO charges_2 (sandbox_id, subscription_id, number, charge_type, first_day, last_day, quantity, unit_price,
  subtotal, currency, reference_id)
SELECT sandbox_id, subscription_id, number, charge_type, first_day, last_day, quantity, unit_price,
  subtotal, currency, reference_id FROM charges;

CREATE TABLE timers_2 (
  sandbox_id TEXT NOT NULL,
  id TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN
    ('pendingLimit', 'operationStart', 'decisionWindow', 'redelivery', 'suspendedLimit', 'termEnd')),
  subscription_id TEXT NOT NULL,
  PRIMARY KEY (sandbox_id, id),
  FOREIGN KEY (sandbox_id, subscription_id) REFERENCES subscriptions_2 (sandbox_id, id)
);
INSERT INTO timers_2 (sandbox_id, id, due_at, kind, subscription_id)
SELECT sandbox_id, id, due_at, kind, subscription_id FROM timers;

DROP TABLE license_assignments;
DROP TABLE operations;
DROP TABLE charges;
DROP TABLE timers;
DROP TABLE subscriptions;
ALTER TABLE subscriptions_2 RENAME TO subscriptions;
ALTER TABLE license_assignments_2 RENAME TO license_assignments;
ALTER TABLE operations_2 RENAME TO operations;
ALTER TABLE charges_2 RENAME TO charges;
ALTER TABLE timers_2 RENAME TO timers;

CREATE INDEX timers_due ON timers (sandbox_id, due_at, id);
CREATE INDEX timers_of_subscription ON timers (sandbox_id, subscription_id);
-- A publisher's list is walked in the order of this index.
CREATE INDEX subscriptions_of_publisher ON subscriptions (sandbox_id, publisher_id, id);
-- Those that were billing before terms could end.
CREATE INDEX subscriptions_without_term_end ON subscriptions (sandbox_id, id)
  WHERE billing_started_at IS NOT NULL AND term_ends_at IS NULL;
-- The last guard of 'one pending operation at a time'.
CREATE UNIQUE INDEX operations_open ON operations (sandbox_id, subscription_id)
  WHERE status IN ('NotStarted', 'InProgress');

-- Webhooks on their way, one an operation. notice is JSON: what is told, as it was when it was made. state: 'ready' is
-- on its way or about to be, 'behind' waits for an earlier one of its subscription, 'waiting' has a timer, 'done' is
-- over. ended stays when a finished one is sent again by hand (resends). A broker that sends one holds the lease;
-- leased_until is real time.
CREATE TABLE deliveries (
  sandbox_id TEXT NOT NULL,
  operation_id TEXT NOT NULL,
  subscription_id TEXT NOT NULL,
  publisher_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  action TEXT NOT NULL,
  notice TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ready', 'behind', 'waiting', 'done')),
  ended TEXT CHECK (ended IN ('acknowledged', 'rejected', 'givenUp', 'superseded')),
  attempts BIGINT NOT NULL,
  resends BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  first_attempt_at BIGINT,
  last_attempt_at BIGINT,
  next_attempt_at BIGINT,
  last_outcome TEXT,
  leased_by TEXT,
  leased_until BIGINT,
  PRIMARY KEY (sandbox_id, operation_id),
  FOREIGN KEY (sandbox_id, operation_id) REFERENCES operations (sandbox_id, id),
  CHECK ((leased_by IS NULL) = (leased_until IS NULL)),
  CHECK ((state = 'waiting') = (next_attempt_at IS NOT NULL)),
  CHECK (state <> 'done' OR ended IS NOT NULL),
  CHECK (leased_by IS NULL OR state = 'ready')
);
CREATE INDEX deliveries_ready ON deliveries (sandbox_id, publisher_id, operation_id) WHERE state = 'ready';
CREATE UNIQUE INDEX deliveries_of_subscription ON deliveries (sandbox_id, subscription_id, number);
-- Few at any time: who ends a webhook looks here for the next of its subscription.
CREATE INDEX deliveries_behind ON deliveries (sandbox_id, subscription_id) WHERE state = 'behind';
CREATE INDEX deliveries_tried ON deliveries (sandbox_id, last_attempt_at);

-- Every attempt. request_headers is JSON without secrets. Exactly one of status and error is set.
CREATE TABLE delivery_attempts (
  sandbox_id TEXT NOT NULL,
  operation_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  url TEXT NOT NULL,
  took_us BIGINT NOT NULL,
  request_headers TEXT NOT NULL,
  status BIGINT,
  answer TEXT,
  error TEXT,
  verdict TEXT NOT NULL,
  PRIMARY KEY (sandbox_id, operation_id, number),
  CHECK ((status IS NULL) <> (error IS NULL))
);

-- How a publisher wants its webhooks: the shape of their token, and the secret of Standard Webhooks signatures
-- (NULL: none).
ALTER TABLE publishers ADD COLUMN webhook_token_version TEXT NOT NULL DEFAULT 'v2'
  CHECK (webhook_token_version IN ('v1', 'v2'));
ALTER TABLE publishers ADD COLUMN webhook_secret TEXT;

-- While this is set no webhook of the sandbox leaves.
ALTER TABLE sandboxes ADD COLUMN deliveries_held_at BIGINT;
