-- The partner's side: what a purchase is to a partner, and what a partner and its customer have agreed to.

-- account_kind: a partner buys for real, or in an integration sandbox, where a purchase is activated by the partner itself
-- (partner-center.md 3.7). agreement_signed_at: since when the Microsoft Partner Agreement is signed (NULL: it is not).
ALTER TABLE partners ADD COLUMN account_kind TEXT NOT NULL DEFAULT 'production'
  CHECK (account_kind IN ('production', 'integrationSandbox'));
ALTER TABLE partners ADD COLUMN agreement_signed_at BIGINT;
UPDATE partners SET agreement_signed_at = (SELECT s.created_at FROM sandboxes s WHERE s.id = partners.sandbox_id);

-- profile is JSON: company and billing profile as they were sent; '{}' is what follows from the other columns.
-- reseller_mpn: the indirect reseller of a customer. A partner's customers are walked in the order of the index.
ALTER TABLE customers ADD COLUMN profile TEXT NOT NULL DEFAULT '{}';
ALTER TABLE customers ADD COLUMN reseller_mpn TEXT;
CREATE INDEX customers_of_partner ON customers (sandbox_id, partner_id, position);

-- Who confirmed that a customer accepted an agreement, and when; several times, if somebody does (3.10). contact is JSON.
CREATE TABLE agreements (
  sandbox_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  agreement_type TEXT NOT NULL,
  template_id TEXT NOT NULL,
  agreed_at BIGINT NOT NULL,
  contact TEXT NOT NULL,
  confirmed_by TEXT NOT NULL,
  PRIMARY KEY (sandbox_id, customer_id, number),
  FOREIGN KEY (sandbox_id, customer_id) REFERENCES customers (sandbox_id, id)
);
-- Customers of before were sold to without asking: they have accepted. The contact follows from the customer.
INSERT INTO agreements (sandbox_id, customer_id, number, agreement_type, template_id, agreed_at, contact, confirmed_by)
SELECT c.sandbox_id, c.id, 1, 'MicrosoftCustomerAgreement', '117a77b0-9360-443b-8795-c6dedc750cf9', s.created_at, '{}', ''
FROM customers c JOIN sandboxes s ON s.id = c.sandbox_id;

-- selling is JSON: who may buy an offer, and how often; '{}' is everybody, any number. revision rises when the offer
-- changes: availability ids carry it. Offers are found by their place and walked in its order.
ALTER TABLE offers ADD COLUMN selling TEXT NOT NULL DEFAULT '{}';
ALTER TABLE offers ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
CREATE UNIQUE INDEX offers_by_position ON offers (sandbox_id, position);

-- Carts, as they were sent and judged: lines is JSON. A cart that was checked out names its orders (a JSON list) and
-- answers with them again. version guards every write.
CREATE TABLE carts (
  sandbox_id TEXT NOT NULL,
  id TEXT NOT NULL,
  partner_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  attested BIGINT NOT NULL CHECK (attested IN (0, 1)),
  lines TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  modified_by TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  ordered TEXT,
  version BIGINT NOT NULL,
  PRIMARY KEY (sandbox_id, id),
  FOREIGN KEY (sandbox_id, customer_id) REFERENCES customers (sandbox_id, id)
);

-- Orders: what was ordered, as it was then; lines is JSON. What became of it is in subscriptions.
CREATE TABLE orders (
  sandbox_id TEXT NOT NULL,
  id TEXT NOT NULL,
  alternate_id TEXT NOT NULL,
  partner_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  currency TEXT NOT NULL,
  billing_cycle TEXT NOT NULL,
  lines TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (sandbox_id, id),
  FOREIGN KEY (sandbox_id, customer_id) REFERENCES customers (sandbox_id, id)
);
CREATE INDEX orders_of_customer ON orders (sandbox_id, customer_id, created_at, id);
INSERT INTO orders (sandbox_id, id, alternate_id, partner_id, customer_id, currency, billing_cycle, lines, created_at)
SELECT s.sandbox_id, s.order_id, substr(s.id, 25, 12), c.partner_id, s.customer_id, s.currency,
  s.billing_cycle,
  '[{"number":0,"subscription_id":"' || s.id || '","offer_id":"' || s.offer_id || '","plan_id":"' || s.plan_id
    || '","quantity":' || COALESCE(CAST(s.quantity AS TEXT), 'null') || ',"term":"' || s.term || '"}]',
  s.purchased_at
FROM subscriptions s JOIN customers c ON c.sandbox_id = s.sandbox_id AND c.id = s.customer_id;

-- What a partner knows of a subscription: the line of its order, its nickname (NULL: none), the reseller's id, and since
-- when its end is scheduled.
ALTER TABLE subscriptions ADD COLUMN order_line BIGINT NOT NULL DEFAULT 0;
ALTER TABLE subscriptions ADD COLUMN nickname TEXT;
ALTER TABLE subscriptions ADD COLUMN reseller_mpn TEXT;
ALTER TABLE subscriptions ADD COLUMN cancel_scheduled_at BIGINT;
-- A customer's list is walked in the order of this index.
CREATE INDEX subscriptions_of_customer ON subscriptions (sandbox_id, customer_id, id);
CREATE INDEX subscriptions_of_order ON subscriptions (sandbox_id, order_id);

-- Requests that made something, by their MS-RequestId (3.0): a repeat is answered with what the first one made. outcome
-- names it and holds no secret.
CREATE TABLE partner_requests (
  sandbox_id TEXT NOT NULL REFERENCES sandboxes (id),
  tenant_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  route TEXT NOT NULL,
  request_id TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  outcome TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (sandbox_id, tenant_id, client_id, route, request_id, body_hash)
);
