-- Whose a step is (S17). A publisher's next declaration takes the place of its own steps alone: what the operator has set
-- for a rehearsal stays, although no publisher knows of it. Who declared those that are there was not kept: they count as
-- the publisher's, as before.

ALTER TABLE publisher_steps ADD COLUMN declared_by TEXT NOT NULL DEFAULT 'publisher'
  CHECK (declared_by IN ('publisher', 'operator'));
