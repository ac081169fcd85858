-- What a unit of a model costs for a time. Rows of the same provider, model and unit follow each other without overlap.
CREATE TABLE model_prices (
  id BLOB NOT NULL PRIMARY KEY,
  provider TEXT NOT NULL,
  -- A name, or a pattern in which * stands for any text.
  model TEXT NOT NULL,
  unit TEXT NOT NULL,
  -- Micro-dollars for `unit_count` units.
  price_micros INTEGER NOT NULL,
  unit_count INTEGER NOT NULL,
  effective_from INTEGER NOT NULL,
  effective_to INTEGER,
  source TEXT,
  -- 'shipped', 'cli', or 'key:' and an id.
  set_by TEXT NOT NULL,
  set_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX model_prices_in_order ON model_prices (provider, model, unit, effective_from);

-- Which model a deployment runs.
CREATE TABLE deployment_models (
  deployment TEXT NOT NULL PRIMARY KEY,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was done that has to be accounted for. Rows are only ever added.
CREATE TABLE audit_log (
  id BLOB NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  -- JSON: an object.
  detail TEXT NOT NULL
) STRICT;

CREATE INDEX audit_log_by_time ON audit_log (at, id);

-- 1 where the cost is that of the price table. What was stored before there was one is the client's, and null.
ALTER TABLE interactions ADD COLUMN priced INTEGER;
-- How many of the changes that `version` counts are of the cost alone; null stands for none.
ALTER TABLE interactions ADD COLUMN repricings INTEGER;
