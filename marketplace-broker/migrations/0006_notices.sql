-- What a webhook tells, apart from where it stands: a kilobyte that is written once, beside a row that is changed by
-- every lease and every attempt. SQLite writes whole pages, and many webhooks share one only while their rows are small.
CREATE TABLE notices (
  sandbox_id TEXT NOT NULL,
  operation_id TEXT NOT NULL,
  notice TEXT NOT NULL,
  PRIMARY KEY (sandbox_id, operation_id),
  FOREIGN KEY (sandbox_id, operation_id) REFERENCES deliveries (sandbox_id, operation_id)
);
INSERT INTO notices (sandbox_id, operation_id, notice) SELECT sandbox_id, operation_id, notice FROM deliveries;
ALTER TABLE deliveries DROP COLUMN notice;
