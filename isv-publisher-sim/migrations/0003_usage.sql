-- The publisher meters what its customers use, and reports what goes beyond the included units to the marketplace.
-- Instants are microseconds since 1970, UTC.

-- Whether the plan meters anything (0 or 1). An account of before is not metered until it is looked at again.
ALTER TABLE accounts ADD COLUMN metered BIGINT NOT NULL DEFAULT 0 CHECK (metered IN (0, 1));

-- How far an account is counted. The rows of usage_reports are written in the transaction that moves counted_until, so
-- no hour is counted twice and none is forgotten, whenever the process dies.
CREATE TABLE meters (
    sandbox_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    -- The term that is counted: included units are a term's. Sandbox time.
    term_start BIGINT NOT NULL,
    -- The hour up to which everything is counted, sandbox time.
    counted_until BIGINT NOT NULL CHECK (counted_until % 3600000000 = 0),
    -- Units used in the term, by dimension: JSON.
    used TEXT NOT NULL,
    PRIMARY KEY (sandbox_id, subscription_id),
    FOREIGN KEY (sandbox_id, subscription_id) REFERENCES accounts (sandbox_id, subscription_id)
);

-- Overage, an hour of a dimension a row, and what became of it. The marketplace takes one event an hour, so a row that
-- is sent again after a crash is a duplicate there and counts once. A skipped row stands for all the hours that were
-- too old to be reported when they were counted.
CREATE TABLE usage_reports (
    sandbox_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    publisher_id TEXT NOT NULL,
    dimension TEXT NOT NULL,
    -- When the hour, or the first of the hours, began; sandbox time.
    hour BIGINT NOT NULL CHECK (hour % 3600000000 = 0),
    hours BIGINT NOT NULL CHECK (hours > 0),
    plan_id TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'accepted', 'duplicate', 'expired', 'refused', 'skipped')),
    -- Why it is not accepted, in the marketplace's words.
    note TEXT,
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    -- Real time.
    next_attempt_at BIGINT NOT NULL,
    -- Sandbox time of the marketplace's answer.
    answered_at BIGINT,
    PRIMARY KEY (sandbox_id, subscription_id, dimension, hour),
    FOREIGN KEY (sandbox_id, subscription_id) REFERENCES accounts (sandbox_id, subscription_id),
    CHECK (hours = 1 OR state = 'skipped')
);
CREATE INDEX usage_reports_waiting ON usage_reports (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX usage_reports_by_hour ON usage_reports (sandbox_id, hour);

-- Whether a publisher reports usage.
ALTER TABLE behaviors ADD COLUMN usage_reporting TEXT NOT NULL DEFAULT 'report'
    CHECK (usage_reporting IN ('report', 'silent'));
