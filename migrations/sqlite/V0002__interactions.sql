-- One row per session, numbered as they begin. The number, and not the client's id, stands in the index of the turns: the
-- turns of the sessions that are going on then lie side by side, where ids at random would touch a page of the index for
-- each turn.
CREATE TABLE sessions (
  session_seq INTEGER NOT NULL PRIMARY KEY,
  session_id TEXT NOT NULL,
  -- Start of its earliest turn.
  started_at INTEGER NOT NULL,
  -- The shopper of the turn that was written last, where one is named.
  user_id TEXT
) STRICT;

CREATE UNIQUE INDEX sessions_by_id ON sessions (session_id);
CREATE INDEX sessions_by_time ON sessions (started_at, session_id);

-- In which sessions a shopper may have a turn.
CREATE TABLE session_users (
  user_id TEXT NOT NULL,
  session_seq INTEGER NOT NULL,
  PRIMARY KEY (user_id, session_seq)
) STRICT, WITHOUT ROWID;

-- One row per turn. Times are microseconds since 1970 UTC, ids are the 16 bytes of a UUID.
-- Long texts stand last, so that reading the facts of a turn does not read its overflow pages.
CREATE TABLE interactions (
  id BLOB NOT NULL,
  started_at INTEGER NOT NULL,
  type TEXT NOT NULL,
  status TEXT NOT NULL,
  session_id TEXT NOT NULL,
  session_seq INTEGER NOT NULL,
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

-- The turns of a session; with the shopper, for the turns of a shopper through the sessions that he or she is in.
CREATE INDEX interactions_by_session ON interactions (session_seq, started_at, id, user_id);
CREATE INDEX interactions_by_rating ON interactions (rating, started_at, id) WHERE rating IS NOT NULL;
