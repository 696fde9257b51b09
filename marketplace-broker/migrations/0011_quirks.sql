-- What quirks of operations and terms need.

-- Several operations of a subscription may be open, where a sandbox has them go side by side: the index that finds them
-- is no longer the guard of one at a time, which the commands keep.
DROP INDEX operations_open;
CREATE INDEX operations_open ON operations (sandbox_id, subscription_id)
  WHERE status IN ('NotStarted', 'InProgress');

-- The day of the month on which the next term begins, if that month has it and the running term began earlier in its
-- own; NULL: on the running term's day.
ALTER TABLE subscriptions ADD COLUMN anchor_day BIGINT CHECK (anchor_day BETWEEN 1 AND 31);
