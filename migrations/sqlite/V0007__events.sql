-- One row per client event. Times are microseconds since 1970 UTC, ids are the 16 bytes of a UUID. Network addresses are
-- not kept: at most a hash under a key that changes each day.
CREATE TABLE events (
  id BLOB NOT NULL,
  occurred_at INTEGER NOT NULL,
  type TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  skewed INTEGER NOT NULL,
  session_id TEXT NOT NULL,
  user_id TEXT,
  product_id TEXT,
  order_id TEXT,
  value_micros INTEGER,
  currency TEXT,
  interaction_id BLOB,
  page TEXT,
  ip_hash BLOB,
  key_id BLOB NOT NULL,
  supplied_hash BLOB NOT NULL,
  -- JSON: an object.
  properties TEXT
) STRICT;

CREATE UNIQUE INDEX events_by_id ON events (id);

-- The recompute of what orders and funnels count, and retention.
CREATE INDEX events_by_time ON events (occurred_at, id, type);

-- What a turn may have led to. Most events are of other types, and cost these indexes nothing.
CREATE INDEX events_by_session ON events (session_id, occurred_at)
  WHERE type IN ('product_view', 'add_to_cart', 'order');
CREATE INDEX events_by_user ON events (user_id, occurred_at)
  WHERE user_id IS NOT NULL AND type IN ('product_view', 'add_to_cart', 'order');
CREATE INDEX events_by_interaction ON events (interaction_id, occurred_at)
  WHERE interaction_id IS NOT NULL AND type IN ('product_view', 'add_to_cart', 'order');

-- An order counts once, with the first event that tells of it.
CREATE INDEX events_by_order ON events (order_id, occurred_at, id) WHERE type = 'order';

-- How many events were stored of each key on each day of the shop's zone.
CREATE TABLE event_counts (
  key_id BLOB NOT NULL,
  day INTEGER NOT NULL,
  stored INTEGER NOT NULL,
  PRIMARY KEY (key_id, day)
) STRICT, WITHOUT ROWID;
