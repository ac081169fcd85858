-- What a unit of a model costs for a time. Rows of the same provider, model and unit follow each other without overlap.
CREATE TABLE model_prices (
  id binary(16) NOT NULL CONSTRAINT model_prices_key PRIMARY KEY NONCLUSTERED,
  provider nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  -- A name, or a pattern in which * stands for any text.
  model nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  unit nvarchar(32) COLLATE Latin1_General_100_BIN2 NOT NULL,
  -- Micro-dollars for `unit_count` units.
  price_micros bigint NOT NULL,
  unit_count bigint NOT NULL,
  effective_from datetime2(7) NOT NULL,
  effective_to datetime2(7) NULL,
  source nvarchar(512) COLLATE Latin1_General_100_BIN2 NULL,
  -- 'shipped', 'cli', or 'key:' and an id.
  set_by nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  set_at datetime2(7) NOT NULL
);

CREATE UNIQUE CLUSTERED INDEX model_prices_in_order ON model_prices (provider, model, unit, effective_from);

-- Which model a deployment runs.
CREATE TABLE deployment_models (
  deployment nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL
    CONSTRAINT deployment_models_key PRIMARY KEY CLUSTERED,
  provider nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  model nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  set_by nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  set_at datetime2(7) NOT NULL
);

-- What was done that has to be accounted for. Rows are only ever added.
CREATE TABLE audit_log (
  id binary(16) NOT NULL CONSTRAINT audit_log_key PRIMARY KEY NONCLUSTERED,
  at datetime2(7) NOT NULL,
  actor nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  action nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  subject nvarchar(512) COLLATE Latin1_General_100_BIN2 NOT NULL,
  -- JSON: an object.
  detail nvarchar(max) NOT NULL CONSTRAINT audit_log_detail_json CHECK (ISJSON(detail) = 1)
);

CREATE UNIQUE CLUSTERED INDEX audit_log_by_time ON audit_log (at, id);

-- 1 where the cost is that of the price table. What was stored before there was one is the client's, and null.
ALTER TABLE interactions ADD priced tinyint NULL;
-- How many of the changes that `version` counts are of the cost alone; null stands for none.
ALTER TABLE interactions ADD repricings bigint NULL;
