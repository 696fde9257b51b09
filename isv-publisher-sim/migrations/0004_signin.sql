-- The landing page signs its visitor in at the marketplace's identity service and lets purchaser and beneficiary in
-- (fulfillment.md 1.14). Accounts learn who these two are, visits who came, and a sign-in under way has a row of its
-- own. Instants are microseconds since 1970, UTC, real time.

-- Tenant and object id of the two. Empty: not known, and then they are nobody. An account of before learns them when
-- its link is opened again, or by its next webhook.
ALTER TABLE accounts ADD COLUMN beneficiary_tenant TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN beneficiary_object TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN purchaser_tenant TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN purchaser_object TEXT NOT NULL DEFAULT '';

-- A visit of before proves nobody and lasted a day at most: the table is made anew, and whoever had one opens the link
-- again. As before: a browser that came by an activation link, by the SHA-256 of its random cookie.
DROP TABLE visits;
CREATE TABLE visits (
    cookie_hash TEXT PRIMARY KEY NOT NULL,
    sandbox_id TEXT NOT NULL,
    publisher_id TEXT NOT NULL,
    subscription_id TEXT,
    failure TEXT CHECK (failure IN ('missing', 'garbled', 'expired', 'anotherPublishers')),
    expires_at BIGINT NOT NULL,
    -- Who signed in, and when: all of it or nothing. Names are for the page alone; nothing is decided by them.
    visitor_tenant TEXT,
    visitor_object TEXT,
    visitor_name TEXT,
    visitor_username TEXT,
    signed_in_at BIGINT,
    CHECK ((subscription_id IS NULL) <> (failure IS NULL)),
    CHECK ((signed_in_at IS NULL) = (visitor_tenant IS NULL) AND (signed_in_at IS NULL) = (visitor_object IS NULL)
        AND (signed_in_at IS NULL) = (visitor_name IS NULL) AND (signed_in_at IS NULL) = (visitor_username IS NULL))
);
CREATE INDEX visits_by_expiry ON visits (expires_at);

-- Sign-ins under way, one row an answer that is waited for: taken once, and only by the visit that began it. The PKCE
-- verifier and the nonce are kept nowhere: they follow from the cookie, which only the browser has, and the state,
-- of which only the SHA-256 stands here.
CREATE TABLE sign_ins (
    state_hash TEXT PRIMARY KEY NOT NULL,
    cookie_hash TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    FOREIGN KEY (cookie_hash) REFERENCES visits (cookie_hash) ON DELETE CASCADE
);
CREATE INDEX sign_ins_by_visit ON sign_ins (cookie_hash, expires_at);
