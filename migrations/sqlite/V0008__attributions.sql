-- Which turns events are credited to: product views, carts and first events of orders. A row stays when retention removes
-- its turn: what is credited to that turn is credited to no other.
CREATE TABLE attributions (
  interaction_id BLOB NOT NULL,
  event_id BLOB NOT NULL,
  type TEXT NOT NULL,
  -- The rules under which the turn is credited, a bit each: first touch within 1 h (1), 24 h (2), 7 d (4), last touch (8,
  -- 16, 32).
  credit INTEGER NOT NULL,
  value_micros INTEGER,
  currency TEXT,
  PRIMARY KEY (interaction_id, event_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX attributions_by_event ON attributions (event_id);

-- Counts of the turns of one bucket under one key, and of what they led to. A dimension that is unknown, or that the
-- grouping does not keep, is the empty text.
CREATE TABLE funnel_rollups (
  -- As those of interaction_rollups.
  tier INTEGER NOT NULL,
  grouping_id INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  type TEXT NOT NULL,
  model TEXT NOT NULL,
  channel TEXT NOT NULL,
  prompt_version TEXT NOT NULL,
  total INTEGER NOT NULL,
  shown INTEGER NOT NULL,
  cost_count INTEGER NOT NULL,
  cost_micros INTEGER NOT NULL,
  viewed_first_1h INTEGER NOT NULL,
  viewed_first_24h INTEGER NOT NULL,
  viewed_first_7d INTEGER NOT NULL,
  viewed_last_1h INTEGER NOT NULL,
  viewed_last_24h INTEGER NOT NULL,
  viewed_last_7d INTEGER NOT NULL,
  carted_first_1h INTEGER NOT NULL,
  carted_first_24h INTEGER NOT NULL,
  carted_first_7d INTEGER NOT NULL,
  carted_last_1h INTEGER NOT NULL,
  carted_last_24h INTEGER NOT NULL,
  carted_last_7d INTEGER NOT NULL,
  ordered_first_1h INTEGER NOT NULL,
  ordered_first_24h INTEGER NOT NULL,
  ordered_first_7d INTEGER NOT NULL,
  ordered_last_1h INTEGER NOT NULL,
  ordered_last_24h INTEGER NOT NULL,
  ordered_last_7d INTEGER NOT NULL,
  orders_first_1h INTEGER NOT NULL,
  orders_first_24h INTEGER NOT NULL,
  orders_first_7d INTEGER NOT NULL,
  orders_last_1h INTEGER NOT NULL,
  orders_last_24h INTEGER NOT NULL,
  orders_last_7d INTEGER NOT NULL,
  -- JSON: an object of currencies.
  revenue TEXT NOT NULL,
  PRIMARY KEY (tier, grouping_id, bucket, type, model, channel, prompt_version)
) STRICT, WITHOUT ROWID;

-- Orders by when they happened.
CREATE TABLE order_rollups (
  tier INTEGER NOT NULL,
  grouping_id INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  -- The empty text for orders whose value is unknown.
  currency TEXT NOT NULL,
  total INTEGER NOT NULL,
  value_micros INTEGER NOT NULL,
  PRIMARY KEY (tier, grouping_id, bucket, currency)
) STRICT, WITHOUT ROWID;

-- Turns and events that are there already are credited and counted, too.
INSERT INTO rollup_buckets (kind, bucket, written, rolled)
SELECT 'turns', bucket, 1, 0 FROM rollup_buckets WHERE kind = 'interactions';
INSERT INTO rollup_buckets (kind, bucket, written, rolled)
SELECT 'orders', bucket, 1, 0 FROM rollup_buckets WHERE kind = 'events';
