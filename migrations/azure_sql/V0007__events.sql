-- One row per client event. Times are UTC, ids are the 16 bytes of a UUID in the order in which they are written. Network
-- addresses are not kept: at most a hash under a key that changes each day.
CREATE TABLE events (
  id binary(16) NOT NULL,
  occurred_at datetime2(7) NOT NULL,
  type nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  received_at datetime2(7) NOT NULL,
  skewed bit NOT NULL,
  session_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  user_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
  product_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
  order_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
  value_micros bigint NULL,
  currency nvarchar(3) COLLATE Latin1_General_100_BIN2 NULL,
  interaction_id binary(16) NULL,
  page nvarchar(2048) COLLATE Latin1_General_100_BIN2 NULL,
  ip_hash binary(16) NULL,
  key_id binary(16) NOT NULL,
  supplied_hash binary(32) NOT NULL,
  -- JSON: an object. 8 KiB are more than the 4,000 that nvarchar(n) takes.
  properties nvarchar(max) NULL CONSTRAINT events_properties_json CHECK (ISJSON(properties) = 1)
);

-- The recompute of what orders and funnels count, and retention; rows are appended at the end, about.
CREATE UNIQUE CLUSTERED INDEX events_by_time ON events (occurred_at, id) WITH (DATA_COMPRESSION = PAGE);

CREATE UNIQUE NONCLUSTERED INDEX events_by_id ON events (id) WITH (DATA_COMPRESSION = PAGE);

-- What a turn may have led to. Most events are of other types, and cost these indexes nothing.
CREATE NONCLUSTERED INDEX events_by_session ON events (session_id, occurred_at)
  INCLUDE (type, product_id, order_id)
  WHERE type IN (N'product_view', N'add_to_cart', N'order')
  WITH (DATA_COMPRESSION = PAGE);
CREATE NONCLUSTERED INDEX events_by_user ON events (user_id, occurred_at)
  INCLUDE (type, product_id, order_id)
  WHERE user_id IS NOT NULL AND type IN (N'product_view', N'add_to_cart', N'order')
  WITH (DATA_COMPRESSION = PAGE);
CREATE NONCLUSTERED INDEX events_by_interaction ON events (interaction_id, occurred_at)
  WHERE interaction_id IS NOT NULL AND type IN (N'product_view', N'add_to_cart', N'order')
  WITH (DATA_COMPRESSION = PAGE);

-- An order counts once, with the first event that tells of it.
CREATE NONCLUSTERED INDEX events_by_order ON events (order_id, occurred_at, id)
  INCLUDE (type)
  WHERE type = N'order'
  WITH (DATA_COMPRESSION = PAGE);

-- How many events were stored of each key on each day of the shop's zone.
CREATE TABLE event_counts (
  key_id binary(16) NOT NULL,
  day datetime2(7) NOT NULL,
  stored bigint NOT NULL,
  CONSTRAINT event_counts_key PRIMARY KEY CLUSTERED (key_id, day)
);
