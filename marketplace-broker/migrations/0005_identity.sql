-- The registration that a publisher's landing page signs its visitors in with. NULL only until a broker that knows of
-- it has started: it gives each publisher one (secrets are drawn, not made by a migration). redirect_uris is a JSON
-- list; NULL means the bundled publisher's page.
ALTER TABLE publishers ADD COLUMN sign_in_client_id TEXT;
ALTER TABLE publishers ADD COLUMN sign_in_client_secret TEXT;
ALTER TABLE publishers ADD COLUMN sign_in_redirect_uris TEXT;
CREATE UNIQUE INDEX publishers_sign_in_client ON publishers (sign_in_client_id);

-- For rehearsing what goes wrong at the token endpoint: the real time at which the secret of a publisher's app ends
-- (NULL: never), and since when its tenant has no service principal for the app (NULL: it has one).
ALTER TABLE publishers ADD COLUMN client_secret_expires_at BIGINT;
ALTER TABLE publishers ADD COLUMN service_principal_missing_since BIGINT;

-- Public keys that an app may prove itself with instead of its secret. form tells how key is written: a JWK, or a
-- certificate in PEM. thumbprint is the certificate's x5t.
CREATE TABLE client_keys (
  sandbox_id TEXT NOT NULL REFERENCES sandboxes (id),
  client_id TEXT NOT NULL,
  kid TEXT NOT NULL,
  form TEXT NOT NULL CHECK (form IN ('jwk', 'certificate')),
  thumbprint TEXT,
  key TEXT NOT NULL,
  added_at BIGINT NOT NULL,
  PRIMARY KEY (sandbox_id, client_id, kid)
);

-- Assertions that were used, by the hash of their jti, until they end by themselves. Times here and below are real.
CREATE TABLE used_assertions (
  sandbox_id TEXT NOT NULL REFERENCES sandboxes (id),
  client_id TEXT NOT NULL,
  jti_hash TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (sandbox_id, client_id, jti_hash)
);
CREATE INDEX used_assertions_ended ON used_assertions (expires_at);

-- Authorization codes, by their hash: who has one can redeem it, so none is stored. granted is JSON: whom and what it
-- stands for. A code that is over stays for a while, so that its second use is told from an invented one.
CREATE TABLE authorization_codes (
  sandbox_id TEXT NOT NULL REFERENCES sandboxes (id),
  code_hash TEXT NOT NULL,
  granted TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  redeemed_at BIGINT,
  PRIMARY KEY (sandbox_id, code_hash)
);
CREATE INDEX authorization_codes_ended ON authorization_codes (expires_at);
