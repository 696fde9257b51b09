-- Customers that partners make and remove themselves (partner-center.md 3.2).

-- Since when a partner has let a customer of its integration sandbox go; what was sold to it stays. NULL: it is there.
ALTER TABLE customers ADD COLUMN removed_at BIGINT;
-- Pages are walked in the order of places: a place is given once, so none is seen twice.
CREATE UNIQUE INDEX customers_by_position ON customers (sandbox_id, position);
-- A domain is one customer's, of those that are there.
CREATE INDEX customers_by_domain ON customers (sandbox_id, domain);
