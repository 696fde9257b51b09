-- What a publisher wants done before some changes of a subscription (S17), and the partner's duties between purchase and
-- use (S24, S25). Both stand beside the subscription: they change none of what the marketplace itself decides.

-- One row a step. position is its place in the publisher's list; blocks is a JSON list of the changes that wait for it.
-- done_at is NULL while it is not done.
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
  FOREIGN KEY (sandbox_id, subscription_id) REFERENCES subscriptions (sandbox_id, id)
);

-- One row a subscription of which anything is known. information_submitted_by is JSON: the person, as the publisher
-- told it. url_sent is about sign_in_url as it stands: another URL takes both columns back.
CREATE TABLE duties (
  sandbox_id TEXT NOT NULL,
  subscription_id TEXT NOT NULL,
  information_submitted_by TEXT,
  information_submitted_at BIGINT,
  sign_in_url TEXT,
  url_sent_by TEXT,
  url_sent_at BIGINT,
  PRIMARY KEY (sandbox_id, subscription_id),
  FOREIGN KEY (sandbox_id, subscription_id) REFERENCES subscriptions (sandbox_id, id),
  -- Who and when, or neither; and nobody sends a URL that there is not.
  CHECK ((information_submitted_by IS NULL) = (information_submitted_at IS NULL)),
  CHECK ((url_sent_by IS NULL) = (url_sent_at IS NULL)),
  CHECK (url_sent_at IS NULL OR sign_in_url IS NOT NULL)
);
