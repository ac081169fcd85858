-- Up to which write of turns usage is counted, beside `rolled`: other reads do not wait for it, and a write marks both by
-- raising `written`. Only rows of turns use it.
ALTER TABLE rollup_buckets ADD COLUMN usage_rolled INTEGER NOT NULL DEFAULT 0;

CREATE INDEX rollup_buckets_uncounted ON rollup_buckets (bucket)
  WHERE kind = 'interactions' AND written > usage_rolled;

-- How often usage was recounted. A recount that meets another number than it began with writes nothing.
INSERT INTO properties (name, value) VALUES ('usage_recounts', '0');

-- What a session has within one quarter of an hour: the base of all counts of users and sessions. Days are those of the
-- shop's zone, as midnight in UTC of the same date.
CREATE TABLE session_parts (
  session_seq INTEGER NOT NULL,
  -- Start of the quarter.
  bucket INTEGER NOT NULL,
  -- 1 for what is made of turns that retention removed while others of the session are left.
  removed INTEGER NOT NULL,
  day INTEGER NOT NULL,
  -- That of the first turn; empty when it names none.
  channel TEXT NOT NULL,
  turns INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  last_status TEXT NOT NULL,
  -- JSON: an array of pairs of channel and user.
  users TEXT NOT NULL,
  PRIMARY KEY (session_seq, bucket, removed)
) STRICT, WITHOUT ROWID;

CREATE INDEX session_parts_by_bucket ON session_parts (bucket);

-- Sums over the sessions that began on a day.
CREATE TABLE session_rollups (
  -- 0 all channels together, with the empty channel; 1 one channel, where empty is that of turns that name none.
  grouping_id INTEGER NOT NULL,
  day INTEGER NOT NULL,
  channel TEXT NOT NULL,
  sessions INTEGER NOT NULL,
  user_sessions INTEGER NOT NULL,
  turns INTEGER NOT NULL,
  followed_up INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  length_count INTEGER NOT NULL,
  length_micros INTEGER NOT NULL,
  length_histogram BLOB NOT NULL,
  PRIMARY KEY (grouping_id, day, channel)
) STRICT, WITHOUT ROWID;

-- On which days a user was there.
CREATE TABLE user_days (
  user_id TEXT NOT NULL,
  day INTEGER NOT NULL,
  channel TEXT NOT NULL,
  -- How many parts of sessions say so, also of those that retention removed.
  parts INTEGER NOT NULL,
  PRIMARY KEY (user_id, day, channel)
) STRICT, WITHOUT ROWID;

-- Users and sessions of each day, week and month, each once.
CREATE TABLE usage_counts (
  -- 'day', 'week' or 'month'; start is its first day.
  period TEXT NOT NULL,
  grouping_id INTEGER NOT NULL,
  start INTEGER NOT NULL,
  channel TEXT NOT NULL,
  users INTEGER NOT NULL,
  new_users INTEGER NOT NULL,
  sessions INTEGER NOT NULL,
  user_sessions INTEGER NOT NULL,
  PRIMARY KEY (period, grouping_id, start, channel)
) STRICT, WITHOUT ROWID;

-- Of the users who were there first in a week, how many were there some weeks later; age 0 counts them all.
CREATE TABLE usage_cohorts (
  grouping_id INTEGER NOT NULL,
  week INTEGER NOT NULL,
  channel TEXT NOT NULL,
  age INTEGER NOT NULL,
  users INTEGER NOT NULL,
  PRIMARY KEY (grouping_id, week, channel, age)
) STRICT, WITHOUT ROWID;
