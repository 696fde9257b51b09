-- Metering: usage events that were accepted. First wins, none is ever changed (fulfillment.md 4.2): the key is the last
-- guard of 'one event an hour of a resource and a dimension', also between two brokers.

-- started is when it was used, as it was sent; hour is the UTC hour of it (microseconds); quantity is an exact decimal.
-- publisher_id and offer_id never change for a subscription, and spare the publisher's list a join. plan_id is the plan
-- the subscription was on. Nobody looks for an event by its id: it has no index.
-- alone is 1 where quirk usage_dedupe was 'resource' when it was accepted: its hour has no other event, whatever the
-- dimension.
CREATE TABLE usage_events (
  sandbox_id TEXT NOT NULL,
  id TEXT NOT NULL,
  publisher_id TEXT NOT NULL,
  subscription_id TEXT NOT NULL,
  offer_id TEXT NOT NULL,
  plan_id TEXT NOT NULL,
  dimension TEXT NOT NULL,
  hour BIGINT NOT NULL CHECK (hour % 3600000000 = 0),
  started TEXT NOT NULL,
  quantity TEXT NOT NULL,
  resource_uri TEXT,
  accepted_at BIGINT NOT NULL,
  alone BIGINT NOT NULL DEFAULT 0 CHECK (alone IN (0, 1)),
  PRIMARY KEY (sandbox_id, subscription_id, hour, dimension),
  FOREIGN KEY (sandbox_id, subscription_id) REFERENCES subscriptions (sandbox_id, id)
);
-- A publisher's list is a range of days.
CREATE INDEX usage_events_of_publisher ON usage_events (sandbox_id, publisher_id, hour);
-- Of two brokers that take events of two dimensions at once under 'resource', one finds the hour taken.
CREATE UNIQUE INDEX usage_events_alone ON usage_events (sandbox_id, subscription_id, hour) WHERE alone = 1;
