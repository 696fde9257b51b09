-- The registration that a publisher's landing page signs its visitors in with. NULL only until a broker that knows of
-- it has started: it gives each publisher one (secrets are drawn, not made by a migration). redirect_uris is a JSON
-- list; NULL means the bundled publisher's page.
ALTER TABLE publishers ADD COLUMN sign_in_client_id TEXT;
ALTER TABLE publishers ADD COLUMN sign_in_client_secret TEXT;
ALTER TABLE publishers ADD COLUMN sign_in_redirect_uris TEXT;
CREATE UNIQUE INDEX publishers_sign_in_client ON publishers (sign_in_client_id);
