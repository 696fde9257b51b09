-- Where codes for a partner's app may be sent: a JSON list; NULL is http://localhost on any port, where a program on the
-- developer's machine listens. version guards every write of a partner's settings.
ALTER TABLE partners ADD COLUMN redirect_uris TEXT;
ALTER TABLE partners ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

-- Refresh tokens, by their hash: who has one can use it, so none is stored. granted is JSON: for which app, user and
-- scopes. family is what began with one sign-in: where a token is good once, a second use ends the whole family. Times
-- are real.
CREATE TABLE refresh_tokens (
  sandbox_id TEXT NOT NULL REFERENCES sandboxes (id),
  token_hash TEXT NOT NULL,
  family TEXT NOT NULL,
  granted TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (sandbox_id, token_hash)
);
CREATE INDEX refresh_tokens_of_family ON refresh_tokens (sandbox_id, family);
CREATE INDEX refresh_tokens_ended ON refresh_tokens (expires_at);
