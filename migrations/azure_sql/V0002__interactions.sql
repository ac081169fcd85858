-- One row per session, numbered as they begin.
CREATE SEQUENCE session_numbers AS bigint START WITH 1 INCREMENT BY 1;

CREATE TABLE sessions (
  session_seq bigint NOT NULL CONSTRAINT sessions_number DEFAULT (NEXT VALUE FOR session_numbers) CONSTRAINT sessions_key PRIMARY KEY CLUSTERED,
  session_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  -- Start of its earliest turn.
  started_at datetime2(7) NOT NULL,
  -- The shopper of the turn that was written last, where one is named.
  user_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL
);

CREATE UNIQUE NONCLUSTERED INDEX sessions_by_id ON sessions (session_id) WITH (DATA_COMPRESSION = PAGE);
CREATE NONCLUSTERED INDEX sessions_by_time ON sessions (started_at, session_id) WITH (DATA_COMPRESSION = PAGE);

-- In which sessions a shopper may have a turn.
CREATE TABLE session_users (
  user_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  session_seq bigint NOT NULL,
  CONSTRAINT session_users_key PRIMARY KEY CLUSTERED (user_id, session_seq)
);

-- One row per turn. Times are UTC, ids are the 16 bytes of a UUID in the order in which they are written (a
-- uniqueidentifier sorts by its last bytes, and would page otherwise than SQLite).
CREATE TABLE interactions (
  id binary(16) NOT NULL,
  started_at datetime2(7) NOT NULL,
  type nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  status nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  session_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  session_seq bigint NOT NULL,
  user_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
  provider nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
  model nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
  channel nvarchar(64) COLLATE Latin1_General_100_BIN2 NULL,
  locale nvarchar(64) COLLATE Latin1_General_100_BIN2 NULL,
  prompt_version nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
  completed_at datetime2(7) NULL,
  duration_ms float NULL,
  time_to_first_token_ms float NULL,
  tokens_input bigint NULL,
  tokens_output bigint NULL,
  tokens_cached bigint NULL,
  cost_micros bigint NULL,
  rating tinyint NULL,
  feedback_count bigint NOT NULL,
  created_at datetime2(7) NOT NULL,
  updated_at datetime2(7) NOT NULL,
  version bigint NOT NULL,
  supplied_hash binary(32) NOT NULL,
  parent_id binary(16) NULL,
  trace_id nvarchar(32) COLLATE Latin1_General_100_BIN2 NULL,
  model_version nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
  deployment nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
  prompt_name nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
  audio_seconds float NULL,
  characters bigint NULL,
  images bigint NULL,
  error_type nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
  -- JSON: an array of texts, and two objects. ISJSON of NULL is unknown, which a CHECK lets pass. 50 names of 128
  -- characters are more than the 4,000 that nvarchar(n) takes, and so are the 4 KiB of an error message.
  product_ids nvarchar(max) NOT NULL CONSTRAINT interactions_product_ids_json CHECK (ISJSON(product_ids) = 1),
  error_message nvarchar(max) NULL,
  request_text nvarchar(max) NULL,
  response_text nvarchar(max) NULL,
  context nvarchar(max) NULL CONSTRAINT interactions_context_json CHECK (ISJSON(context) = 1),
  metadata nvarchar(max) NULL CONSTRAINT interactions_metadata_json CHECK (ISJSON(metadata) = 1)
);

-- Time before id: rows are appended at the end and a list reads pages in its own order, also where clients bring ids that
-- are no version 7.
CREATE UNIQUE CLUSTERED INDEX interactions_in_order ON interactions (started_at, id) WITH (DATA_COMPRESSION = PAGE);

CREATE UNIQUE NONCLUSTERED INDEX interactions_by_id ON interactions (id) WITH (DATA_COMPRESSION = PAGE);

-- Every list, newest first, and the recompute of the rollups. It carries what a list can be filtered by, so that a
-- filtered list reads rows only for what it shows, and what the rollups count, so that a recompute reads no texts.
CREATE NONCLUSTERED INDEX interactions_by_time ON interactions (started_at, id)
  INCLUDE (
    type, status, provider, model, channel, locale, prompt_version, rating, duration_ms, time_to_first_token_ms,
    tokens_input, tokens_output, tokens_cached, cost_micros
  )
  WITH (DATA_COMPRESSION = PAGE);

-- The turns of a session, and all that a session is summed up from.
CREATE NONCLUSTERED INDEX interactions_by_session ON interactions (session_seq, started_at, id)
  INCLUDE (
    type, status, user_id, provider, model, channel, locale, completed_at, tokens_input,
    tokens_output, cost_micros, rating, feedback_count
  )
  WITH (DATA_COMPRESSION = PAGE);

CREATE NONCLUSTERED INDEX interactions_by_user ON interactions (user_id, started_at, id)
  INCLUDE (type, status, session_id, provider, model, channel, locale, rating)
  WHERE user_id IS NOT NULL
  WITH (DATA_COMPRESSION = PAGE);

CREATE NONCLUSTERED INDEX interactions_by_rating ON interactions (rating, started_at, id)
  INCLUDE (type, status, provider, model, channel, locale)
  WHERE rating IS NOT NULL
  WITH (DATA_COMPRESSION = PAGE);
