-- The publisher hears of its subscriptions by webhooks: what came, what was answered and done, how it shall answer, and
-- the calls that follow. Accounts learn their term. Instants are microseconds since 1970, UTC.

-- The present term, both days or none; sandbox time. An account of before has none until it is looked at again.
ALTER TABLE accounts ADD COLUMN term_start BIGINT;
ALTER TABLE accounts ADD COLUMN term_end BIGINT;

-- One row an operation whose webhook was the marketplace's, however often it came: the key by which repetitions are
-- told, so rows are never cleared away.
CREATE TABLE webhooks (
    sandbox_id TEXT NOT NULL,
    publisher_id TEXT NOT NULL,
    operation_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    -- As the marketplace names it; one that is unknown here is kept by its name.
    action TEXT NOT NULL,
    -- What was asked for, as the API shows it.
    plan_id TEXT,
    quantity BIGINT,
    -- By what it was found sound: the shape of its token, and whether it was signed by Standard Webhooks (0 or 1).
    token_version TEXT NOT NULL CHECK (token_version IN ('v1', 'v2')),
    signed BIGINT NOT NULL CHECK (signed IN (0, 1)),
    course TEXT NOT NULL CHECK (course IN ('unavailable', 'unread', 'unknown', 'refused', 'patching', 'following',
        'applied', 'notApplied', 'lost')),
    -- The publisher's own answer to the operation, the HTTP status the marketplace gave to that, and its words if it
    -- refused.
    verdict TEXT CHECK (verdict IN ('Success', 'Failure')),
    verdict_answer BIGINT,
    verdict_said TEXT,
    -- Why something did not work, in the marketplace's words.
    note TEXT,
    deliveries BIGINT NOT NULL CHECK (deliveries > 0),
    -- Sandbox time: when it came last, and when it was found decided.
    at BIGINT,
    decided_at BIGINT,
    -- Real time, for the order.
    received_at BIGINT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    PRIMARY KEY (sandbox_id, publisher_id, operation_id),
    CHECK (verdict_answer IS NULL OR verdict IS NOT NULL),
    CHECK (verdict_said IS NULL OR verdict_answer IS NOT NULL),
    -- An answer on its way is an answer.
    CHECK (course <> 'patching' OR verdict IS NOT NULL)
);
CREATE INDEX webhooks_by_arrival ON webhooks (sandbox_id, received_at);

-- What came to a webhook's address and was not taken. Nothing in it is verified, and anybody can send such a thing: the
-- same is counted in one row, and only the newest rows of a sandbox are kept.
CREATE TABLE refused_webhooks (
    id TEXT PRIMARY KEY NOT NULL,
    sandbox_id TEXT NOT NULL,
    publisher_id TEXT NOT NULL,
    -- What it said of itself; empty where that could not be read.
    operation_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    action TEXT NOT NULL,
    -- The HTTP status it got, and why.
    answer BIGINT NOT NULL,
    reason TEXT NOT NULL,
    deliveries BIGINT NOT NULL CHECK (deliveries > 0),
    -- Sandbox time as it said itself.
    at BIGINT,
    -- Real time, for the order.
    received_at BIGINT NOT NULL,
    UNIQUE (sandbox_id, publisher_id, operation_id, subscription_id, action, answer, reason)
);
CREATE INDEX refused_webhooks_by_arrival ON refused_webhooks (sandbox_id, received_at);

-- How a publisher answers webhooks, where its console chose something. Without a row: 'accept'.
CREATE TABLE behaviors (
    sandbox_id TEXT NOT NULL,
    publisher_id TEXT NOT NULL,
    webhook TEXT NOT NULL CHECK (webhook IN ('accept', 'acceptSilently', 'refuseByPatch', 'refuse', 'fail')),
    PRIMARY KEY (sandbox_id, publisher_id)
);

-- The outbox with calls about operations, made anew because a CHECK cannot be changed. Nothing refers to it.
CREATE TABLE outbox_with_operations (
    id TEXT PRIMARY KEY NOT NULL,
    sandbox_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    publisher_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('licenseAssignments', 'activate', 'acceptOperation', 'refuseOperation',
        'followOperation')),
    -- The people, one e-mail address a line; empty for every other call.
    people TEXT NOT NULL,
    -- The operation; empty for a call that is about none, so that the index below tells them apart.
    operation_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    -- Rises with each claim; a result is recorded only for the attempt that made it.
    attempt BIGINT NOT NULL CHECK (attempt >= 0),
    -- Real time, all three.
    created_at BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    lease_until BIGINT,
    -- Why the last attempt failed, in the marketplace's words.
    failure TEXT,
    FOREIGN KEY (sandbox_id, subscription_id) REFERENCES accounts (sandbox_id, subscription_id),
    CHECK (state <> 'failed' OR failure IS NOT NULL),
    CHECK ((kind IN ('licenseAssignments', 'activate')) = (operation_id = ''))
);
INSERT INTO outbox_with_operations (id, sandbox_id, subscription_id, publisher_id, kind, people, operation_id, state,
    attempt, created_at, next_attempt_at, lease_until, failure)
SELECT id, sandbox_id, subscription_id, publisher_id, kind, people, '', state, attempt, created_at, next_attempt_at,
    lease_until, failure FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_with_operations RENAME TO outbox;
-- Two presses of one button make one call, and two deliveries of one webhook too.
CREATE UNIQUE INDEX outbox_one_waiting ON outbox (sandbox_id, subscription_id, kind, operation_id)
    WHERE state = 'waiting';
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX outbox_by_sandbox ON outbox (sandbox_id, subscription_id, created_at);
