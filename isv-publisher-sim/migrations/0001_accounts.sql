-- What the simulated publisher knows. Instants are microseconds since 1970, UTC; which of the two clocks is said
-- with each column. One process owns the file (an advisory lock beside it), and one transaction writes at a time.

-- One purchase the publisher has heard of, because its landing page was opened with a link that resolved.
CREATE TABLE accounts (
    sandbox_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    publisher_id TEXT NOT NULL,
    -- Names are copies made when the page was opened: the marketplace may be down when they are shown.
    publisher_name TEXT NOT NULL,
    offer_name TEXT NOT NULL,
    plan_name TEXT NOT NULL,
    subscription_name TEXT NOT NULL,
    -- Licenses bought; NULL for a plan without seats.
    quantity BIGINT CHECK (quantity IS NULL OR quantity > 0),
    term_unit TEXT NOT NULL,
    beneficiary TEXT NOT NULL,
    beneficiary_email TEXT NOT NULL,
    purchaser TEXT NOT NULL,
    purchaser_email TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('awaitingInformation', 'settingUp', 'billing', 'ended')),
    -- Sandbox time; set while the marketplace says Suspended.
    suspended_at BIGINT,
    -- The form, all of it or nothing. people: one e-mail address a line, empty for a plan without seats.
    site_address TEXT,
    admin_name TEXT,
    admin_email TEXT,
    people TEXT,
    -- Sandbox time.
    submitted_at BIGINT,
    -- How many forms arrived, and the one whose people were assigned last: tells whether assigning has news.
    revision BIGINT NOT NULL CHECK (revision >= 0),
    assigned_revision BIGINT NOT NULL CHECK (assigned_revision BETWEEN 0 AND revision),
    -- People the marketplace says hold a license.
    licenses_accepted BIGINT NOT NULL CHECK (licenses_accepted >= 0),
    -- Sandbox time, as the marketplace told it: the two keys.
    licenses_assigned_at BIGINT,
    fulfillment_confirmed_at BIGINT,
    -- Sandbox time of the first visit.
    opened_at BIGINT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    PRIMARY KEY (sandbox_id, subscription_id),
    -- A form is whole, and only a form has a revision.
    CHECK ((submitted_at IS NULL) = (site_address IS NULL) AND (submitted_at IS NULL) = (admin_name IS NULL)
        AND (submitted_at IS NULL) = (admin_email IS NULL) AND (submitted_at IS NULL) = (people IS NULL)
        AND (submitted_at IS NULL) = (revision = 0)),
    -- Setting up needs the form; waiting for it means it is not here; billing needs both keys.
    CHECK (state <> 'settingUp' OR submitted_at IS NOT NULL),
    CHECK (state <> 'awaitingInformation' OR submitted_at IS NULL),
    CHECK (state <> 'billing' OR (licenses_assigned_at IS NOT NULL AND fulfillment_confirmed_at IS NOT NULL))
);

-- The publisher's own licenses: who may use what was bought.
CREATE TABLE licenses (
    sandbox_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    email TEXT NOT NULL,
    PRIMARY KEY (sandbox_id, subscription_id, email),
    FOREIGN KEY (sandbox_id, subscription_id) REFERENCES accounts (sandbox_id, subscription_id)
);

-- A browser that came by an activation link. The cookie is random; only its SHA-256 is kept. The purchase token is
-- kept nowhere: either it led to a subscription, or what was wrong with it is noted.
CREATE TABLE visits (
    cookie_hash TEXT PRIMARY KEY NOT NULL,
    sandbox_id TEXT NOT NULL,
    publisher_id TEXT NOT NULL,
    subscription_id TEXT,
    failure TEXT CHECK (failure IN ('missing', 'garbled', 'expired', 'anotherPublishers')),
    -- Real time.
    expires_at BIGINT NOT NULL,
    CHECK ((subscription_id IS NULL) <> (failure IS NULL))
);
CREATE INDEX visits_by_expiry ON visits (expires_at);

-- Who is signed in to the console. Only the SHA-256 of the cookie is kept.
CREATE TABLE console_sessions (
    cookie_hash TEXT PRIMARY KEY NOT NULL,
    -- Real time.
    expires_at BIGINT NOT NULL
);

-- What the marketplace is still to be told. A row is written in the transaction of the step it belongs to, so a
-- crash between the two is impossible, and a crash after both is made good by whoever claims the row next.
CREATE TABLE outbox (
    id TEXT PRIMARY KEY NOT NULL,
    sandbox_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    publisher_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('licenseAssignments', 'activate')),
    -- The people, one e-mail address a line; empty for activate.
    people TEXT NOT NULL,
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
    CHECK (state <> 'failed' OR failure IS NOT NULL)
);
-- Two presses of one button make one call.
CREATE UNIQUE INDEX outbox_one_waiting ON outbox (sandbox_id, subscription_id, kind) WHERE state = 'waiting';
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX outbox_by_sandbox ON outbox (sandbox_id, subscription_id, created_at);
