-- One row per turn. Times are microseconds since 1970 UTC, ids are the 16 bytes of a UUID.
-- Long texts stand last, so that reading the facts of a turn does not read its overflow pages.
CREATE TABLE interactions (
  id BLOB NOT NULL,
  started_at INTEGER NOT NULL,
  type TEXT NOT NULL,
  status TEXT NOT NULL,
  session_id TEXT NOT NULL,
  -- 1 on exactly one turn of a session: its earliest.
  first_in_session INTEGER NOT NULL,
  user_id TEXT,
  provider TEXT,
  model TEXT,
  channel TEXT,
  locale TEXT,
  prompt_version TEXT,
  completed_at INTEGER,
  duration_ms REAL,
  time_to_first_token_ms REAL,
  tokens_input INTEGER,
  tokens_output INTEGER,
  tokens_cached INTEGER,
  cost_micros INTEGER,
  rating INTEGER,
  feedback_count INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  supplied_hash BLOB NOT NULL,
  parent_id BLOB,
  trace_id TEXT,
  model_version TEXT,
  deployment TEXT,
  prompt_name TEXT,
  audio_seconds REAL,
  characters INTEGER,
  images INTEGER,
  error_type TEXT,
  -- JSON: an array of texts, and two objects.
  product_ids TEXT NOT NULL,
  error_message TEXT,
  request_text TEXT,
  response_text TEXT,
  context TEXT,
  metadata TEXT
) STRICT;

CREATE UNIQUE INDEX interactions_by_id ON interactions (id);

-- Every list, newest first. It carries what a list can be filtered by, so that a filtered list reads rows only for what
-- it shows; the rollups tell which quarters are worth reading at all.
CREATE INDEX interactions_by_time ON interactions (started_at, id, type, status, provider, model, channel, locale);

CREATE INDEX interactions_by_session ON interactions (session_id, started_at, id);
CREATE INDEX interactions_by_user ON interactions (user_id, started_at, id) WHERE user_id IS NOT NULL;
CREATE INDEX interactions_by_rating ON interactions (rating, started_at, id) WHERE rating IS NOT NULL;
CREATE INDEX sessions_by_time ON interactions (started_at, session_id) WHERE first_in_session = 1;
