-- Profiles and quirks: how a sandbox behaves where the sources about the marketplace are silent or disagree.

-- quirks is a JSON object of what was set beside the profile: id of the quirk to its value. Both are read with the
-- clock, in the same statement.
ALTER TABLE sandboxes ADD COLUMN profile TEXT NOT NULL DEFAULT 'documented'
  CHECK (profile IN ('documented', 'observed', 'sdk2'));
ALTER TABLE sandboxes ADD COLUMN quirks TEXT NOT NULL DEFAULT '{}';

-- CHECKs grow, and SQLite cannot alter a CHECK: the tables are made anew and renamed, as in 0002.

-- Operations as before; they may also fail because a cancellation came too late (CancellationTooLate) and because the
-- publisher never answered (Unanswered).
CREATE TABLE operations_3 (
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
  failure TEXT CHECK (failure IN ('RefusedByPublisher', 'WebhookRejected', 'WebhookGivenUp', 'Overtaken',
    'CancellationTooLate', 'Unanswered')),
  PRIMARY KEY (sandbox_id, id),
  FOREIGN KEY (sandbox_id, subscription_id) REFERENCES subscriptions (sandbox_id, id),
  CHECK ((status = 'Failed') = (failure IS NOT NULL)),
  CHECK (acknowledged_at IS NULL OR status <> 'NotStarted')
);
INSERT INTO operations_3 (sandbox_id, id, subscription_id, action, status, source, plan_id, quantity, unit_price,
  created_at, acknowledged_at, failure)
SELECT sandbox_id, id, subscription_id, action, status, source, plan_id, quantity, unit_price,
  created_at, acknowledged_at, failure FROM operations;

-- Webhooks as before: they point to operations.
CREATE TABLE deliveries_3 (
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
  FOREIGN KEY (sandbox_id, operation_id) REFERENCES operations_3 (sandbox_id, id),
  CHECK ((leased_by IS NULL) = (leased_until IS NULL)),
  CHECK ((state = 'waiting') = (next_attempt_at IS NOT NULL)),
  CHECK (state <> 'done' OR ended IS NOT NULL),
  CHECK (leased_by IS NULL OR state = 'ready')
);
INSERT INTO deliveries_3 (sandbox_id, operation_id, subscription_id, publisher_id, number, action, notice, state, ended,
  attempts, resends, created_at, first_attempt_at, last_attempt_at, next_attempt_at, last_outcome, leased_by,
  leased_until)
SELECT sandbox_id, operation_id, subscription_id, publisher_id, number, action, notice, state, ended,
  attempts, resends, created_at, first_attempt_at, last_attempt_at, next_attempt_at, last_outcome, leased_by,
  leased_until FROM deliveries;

-- Timers as before; activation is an activation that was received and takes effect later.
CREATE TABLE timers_3 (
  sandbox_id TEXT NOT NULL,
  id TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN
    ('pendingLimit', 'activation', 'operationStart', 'decisionWindow', 'redelivery', 'suspendedLimit', 'termEnd')),
  subscription_id TEXT NOT NULL,
  PRIMARY KEY (sandbox_id, id),
  FOREIGN KEY (sandbox_id, subscription_id) REFERENCES subscriptions (sandbox_id, id)
);
INSERT INTO timers_3 (sandbox_id, id, due_at, kind, subscription_id)
SELECT sandbox_id, id, due_at, kind, subscription_id FROM timers;

DROP TABLE deliveries;
DROP TABLE operations;
DROP TABLE timers;
ALTER TABLE operations_3 RENAME TO operations;
ALTER TABLE deliveries_3 RENAME TO deliveries;
ALTER TABLE timers_3 RENAME TO timers;

CREATE INDEX timers_due ON timers (sandbox_id, due_at, id);
CREATE INDEX timers_of_subscription ON timers (sandbox_id, subscription_id);
-- The last guard of 'one pending operation at a time'.
CREATE UNIQUE INDEX operations_open ON operations (sandbox_id, subscription_id)
  WHERE status IN ('NotStarted', 'InProgress');
CREATE INDEX deliveries_ready ON deliveries (sandbox_id, publisher_id, operation_id) WHERE state = 'ready';
CREATE UNIQUE INDEX deliveries_of_subscription ON deliveries (sandbox_id, subscription_id, number);
-- Few at any time: who ends a webhook looks here for the next of its subscription.
CREATE INDEX deliveries_behind ON deliveries (sandbox_id, subscription_id) WHERE state = 'behind';
CREATE INDEX deliveries_tried ON deliveries (sandbox_id, last_attempt_at);
