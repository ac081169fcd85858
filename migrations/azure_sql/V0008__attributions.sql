-- Which turns events are credited to: product views, carts and first events of orders. A row stays when retention removes
-- its turn: what is credited to that turn is credited to no other.
CREATE TABLE attributions (
  interaction_id binary(16) NOT NULL,
  event_id binary(16) NOT NULL,
  type nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  -- The rules under which the turn is credited, a bit each: first touch within 1 h (1), 24 h (2), 7 d (4), last touch (8,
  -- 16, 32).
  credit tinyint NOT NULL,
  value_micros bigint NULL,
  currency nvarchar(3) COLLATE Latin1_General_100_BIN2 NULL,
  CONSTRAINT attributions_key PRIMARY KEY CLUSTERED (interaction_id, event_id)
);

CREATE NONCLUSTERED INDEX attributions_by_event ON attributions (event_id) INCLUDE (credit);

-- Counts of the turns of one bucket under one key, and of what they led to. A dimension that is unknown, or that the
-- grouping does not keep, is the empty text.
CREATE TABLE funnel_rollups (
  -- As those of interaction_rollups.
  tier tinyint NOT NULL,
  grouping_id tinyint NOT NULL,
  bucket datetime2(7) NOT NULL,
  type nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  model nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  channel nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  prompt_version nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  total bigint NOT NULL,
  shown bigint NOT NULL,
  cost_count bigint NOT NULL,
  cost_micros bigint NOT NULL,
  viewed_first_1h bigint NOT NULL,
  viewed_first_24h bigint NOT NULL,
  viewed_first_7d bigint NOT NULL,
  viewed_last_1h bigint NOT NULL,
  viewed_last_24h bigint NOT NULL,
  viewed_last_7d bigint NOT NULL,
  carted_first_1h bigint NOT NULL,
  carted_first_24h bigint NOT NULL,
  carted_first_7d bigint NOT NULL,
  carted_last_1h bigint NOT NULL,
  carted_last_24h bigint NOT NULL,
  carted_last_7d bigint NOT NULL,
  ordered_first_1h bigint NOT NULL,
  ordered_first_24h bigint NOT NULL,
  ordered_first_7d bigint NOT NULL,
  ordered_last_1h bigint NOT NULL,
  ordered_last_24h bigint NOT NULL,
  ordered_last_7d bigint NOT NULL,
  orders_first_1h bigint NOT NULL,
  orders_first_24h bigint NOT NULL,
  orders_first_7d bigint NOT NULL,
  orders_last_1h bigint NOT NULL,
  orders_last_24h bigint NOT NULL,
  orders_last_7d bigint NOT NULL,
  -- JSON: an object of currencies.
  revenue nvarchar(max) NOT NULL CONSTRAINT funnel_rollups_revenue_json CHECK (ISJSON(revenue) = 1),
  CONSTRAINT funnel_rollups_key PRIMARY KEY CLUSTERED (tier, grouping_id, bucket, type, model, channel, prompt_version)
    WITH (DATA_COMPRESSION = PAGE)
);

-- Orders by when they happened.
CREATE TABLE order_rollups (
  tier tinyint NOT NULL,
  grouping_id tinyint NOT NULL,
  bucket datetime2(7) NOT NULL,
  -- The empty text for orders whose value is unknown.
  currency nvarchar(3) COLLATE Latin1_General_100_BIN2 NOT NULL,
  total bigint NOT NULL,
  value_micros bigint NOT NULL,
  CONSTRAINT order_rollups_key PRIMARY KEY CLUSTERED (tier, grouping_id, bucket, currency)
);

-- Turns and events that are there already are credited and counted, too.
INSERT INTO rollup_buckets (kind, bucket, written, rolled)
SELECT N'turns', bucket, 1, 0 FROM rollup_buckets WHERE kind = N'interactions';
INSERT INTO rollup_buckets (kind, bucket, written, rolled)
SELECT N'orders', bucket, 1, 0 FROM rollup_buckets WHERE kind = N'events';
