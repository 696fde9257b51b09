-- What this publisher wants done before a partner changes a subscription, what it reports of a setup, and the calls that
-- tell the marketplace of both. Instants are microseconds since 1970, UTC.

-- One row a step, in the order of position. blocks: one change a line, as the marketplace names it. done_at is sandbox
-- time, NULL while it is not done.
CREATE TABLE publisher_steps (
    sandbox_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    id TEXT NOT NULL,
    position BIGINT NOT NULL CHECK (position >= 0),
    title TEXT NOT NULL,
    url TEXT NOT NULL,
    blocks TEXT NOT NULL,
    done_at BIGINT,
    PRIMARY KEY (sandbox_id, subscription_id, id),
    FOREIGN KEY (sandbox_id, subscription_id) REFERENCES accounts (sandbox_id, subscription_id)
);

-- Who submitted the form first, and the address that the customer signs in at; written once. A form that arrived before
-- this table has no row until the next one arrives.
CREATE TABLE setups (
    sandbox_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    by_tenant TEXT NOT NULL,
    by_object TEXT NOT NULL,
    -- What that person signs in as; may be empty.
    by_username TEXT NOT NULL,
    sign_in_url TEXT NOT NULL,
    PRIMARY KEY (sandbox_id, subscription_id),
    FOREIGN KEY (sandbox_id, subscription_id) REFERENCES accounts (sandbox_id, subscription_id)
);

-- A sign-in may have begun at a page of an account: where it leads back to. Both NULL: to the landing page.
ALTER TABLE sign_ins ADD COLUMN return_subscription TEXT;
ALTER TABLE sign_ins ADD COLUMN return_step TEXT;

-- The outbox with two more calls, made anew because a CHECK cannot be changed. Nothing refers to it. What these two say
-- stands in the tables above when they are made, so the newest is told.
CREATE TABLE outbox_with_steps (
    id TEXT PRIMARY KEY NOT NULL,
    sandbox_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    publisher_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('licenseAssignments', 'activate', 'setup', 'publisherSteps', 'acceptOperation',
        'refuseOperation', 'followOperation')),
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
    CHECK ((kind IN ('licenseAssignments', 'activate', 'setup', 'publisherSteps')) = (operation_id = ''))
);
INSERT INTO outbox_with_steps (id, sandbox_id, subscription_id, publisher_id, kind, people, operation_id, state, attempt,
    created_at, next_attempt_at, lease_until, failure)
SELECT id, sandbox_id, subscription_id, publisher_id, kind, people, operation_id, state, attempt, created_at,
    next_attempt_at, lease_until, failure FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_with_steps RENAME TO outbox;
-- Two presses of one button make one call, and two deliveries of one webhook too.
CREATE UNIQUE INDEX outbox_one_waiting ON outbox (sandbox_id, subscription_id, kind, operation_id)
    WHERE state = 'waiting';
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX outbox_by_sandbox ON outbox (sandbox_id, subscription_id, created_at);
