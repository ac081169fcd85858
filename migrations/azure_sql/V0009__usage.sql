-- Up to which write of turns usage is counted, beside `rolled`: other reads do not wait for it, and a write marks both by
-- raising `written`. Only rows of turns use it.
ALTER TABLE rollup_buckets ADD usage_rolled bigint NOT NULL CONSTRAINT rollup_buckets_usage_rolled DEFAULT (0);

-- How often usage was recounted. A recount that meets another number than it began with writes nothing.
INSERT INTO properties (name, value) VALUES (N'usage_recounts', N'0');

-- What a session has within one quarter of an hour: the base of all counts of users and sessions. Days are those of the
-- shop's zone, as midnight in UTC of the same date.
CREATE TABLE session_parts (
  session_seq bigint NOT NULL,
  -- Start of the quarter.
  bucket datetime2(7) NOT NULL,
  -- 1 for what is made of turns that retention removed while others of the session are left.
  removed tinyint NOT NULL,
  day datetime2(7) NOT NULL,
  -- That of the first turn; empty when it names none.
  channel nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  turns bigint NOT NULL,
  started_at datetime2(7) NOT NULL,
  ended_at datetime2(7) NOT NULL,
  last_at datetime2(7) NOT NULL,
  last_status nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  -- JSON: an array of pairs of channel and user.
  users nvarchar(max) NOT NULL CONSTRAINT session_parts_users_json CHECK (ISJSON(users) = 1),
  CONSTRAINT session_parts_key PRIMARY KEY CLUSTERED (session_seq, bucket, removed) WITH (DATA_COMPRESSION = PAGE)
);

CREATE NONCLUSTERED INDEX session_parts_by_bucket ON session_parts (bucket) WITH (DATA_COMPRESSION = PAGE);

-- Sums over the sessions that began on a day.
CREATE TABLE session_rollups (
  -- 0 all channels together, with the empty channel; 1 one channel, where empty is that of turns that name none.
  grouping_id tinyint NOT NULL,
  day datetime2(7) NOT NULL,
  channel nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  sessions bigint NOT NULL,
  user_sessions bigint NOT NULL,
  turns bigint NOT NULL,
  followed_up bigint NOT NULL,
  failed bigint NOT NULL,
  pending bigint NOT NULL,
  length_count bigint NOT NULL,
  length_micros bigint NOT NULL,
  length_histogram varbinary(max) NOT NULL,
  CONSTRAINT session_rollups_key PRIMARY KEY CLUSTERED (grouping_id, day, channel)
);

-- On which days a user was there.
CREATE TABLE user_days (
  user_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  day datetime2(7) NOT NULL,
  channel nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  -- How many parts of sessions say so, also of those that retention removed.
  parts bigint NOT NULL,
  CONSTRAINT user_days_key PRIMARY KEY CLUSTERED (user_id, day, channel) WITH (DATA_COMPRESSION = PAGE)
);

-- Users and sessions of each day, week and month, each once.
CREATE TABLE usage_counts (
  -- 'day', 'week' or 'month'; start is its first day.
  period nvarchar(8) COLLATE Latin1_General_100_BIN2 NOT NULL,
  grouping_id tinyint NOT NULL,
  start datetime2(7) NOT NULL,
  channel nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  users bigint NOT NULL,
  new_users bigint NOT NULL,
  sessions bigint NOT NULL,
  user_sessions bigint NOT NULL,
  CONSTRAINT usage_counts_key PRIMARY KEY CLUSTERED (period, grouping_id, start, channel)
);

-- Of the users who were there first in a week, how many were there some weeks later; age 0 counts them all.
CREATE TABLE usage_cohorts (
  grouping_id tinyint NOT NULL,
  week datetime2(7) NOT NULL,
  channel nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  age bigint NOT NULL,
  users bigint NOT NULL,
  CONSTRAINT usage_cohorts_key PRIMARY KEY CLUSTERED (grouping_id, week, channel, age)
);
