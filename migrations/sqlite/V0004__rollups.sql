-- Which quarters of an hour have something to count. A write raises `written` in its own transaction; a recompute sets
-- `rolled` to the `written` that it saw. A quarter is dirty while written > rolled.
CREATE TABLE rollup_buckets (
  -- 'interactions' or 'feedback'
  kind TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  written INTEGER NOT NULL,
  rolled INTEGER NOT NULL,
  PRIMARY KEY (kind, bucket)
) STRICT, WITHOUT ROWID;

CREATE INDEX rollup_buckets_dirty ON rollup_buckets (kind, bucket) WHERE written > rolled;

-- Counts and sums of the turns of one bucket under one key. A dimension that is unknown, or that the grouping does not
-- keep, is the empty text.
CREATE TABLE interaction_rollups (
  -- 0 quarters of an hour in UTC, 1 days of the shop's zone, 2 what retention removed from quarters; bucket is their
  -- start.
  tier INTEGER NOT NULL,
  grouping_id INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  type TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  channel TEXT NOT NULL,
  locale TEXT NOT NULL,
  prompt_version TEXT NOT NULL,
  total INTEGER NOT NULL,
  succeeded INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  duration_count INTEGER NOT NULL,
  duration_micros INTEGER NOT NULL,
  duration_histogram BLOB NOT NULL,
  time_to_first_token_count INTEGER NOT NULL,
  time_to_first_token_micros INTEGER NOT NULL,
  time_to_first_token_histogram BLOB NOT NULL,
  tokens_input_count INTEGER NOT NULL,
  tokens_input INTEGER NOT NULL,
  tokens_output_count INTEGER NOT NULL,
  tokens_output INTEGER NOT NULL,
  tokens_cached_count INTEGER NOT NULL,
  tokens_cached INTEGER NOT NULL,
  cost_count INTEGER NOT NULL,
  cost_micros INTEGER NOT NULL,
  PRIMARY KEY (tier, grouping_id, bucket, type, provider, model, channel, locale, prompt_version)
) STRICT, WITHOUT ROWID;

-- In which quarters a value occurs: where a filtered list has to look.
CREATE INDEX rollups_by_type ON interaction_rollups (type, bucket) WHERE tier = 0 AND grouping_id = 1;
CREATE INDEX rollups_by_provider ON interaction_rollups (provider, bucket) WHERE tier = 0 AND grouping_id = 2;
CREATE INDEX rollups_by_model ON interaction_rollups (model, bucket) WHERE tier = 0 AND grouping_id = 3;
CREATE INDEX rollups_by_channel ON interaction_rollups (channel, bucket) WHERE tier = 0 AND grouping_id = 4;
CREATE INDEX rollups_by_locale ON interaction_rollups (locale, bucket) WHERE tier = 0 AND grouping_id = 5;
CREATE INDEX rollups_with_failed ON interaction_rollups (bucket) WHERE tier = 0 AND grouping_id = 0 AND failed > 0;
CREATE INDEX rollups_with_pending ON interaction_rollups (bucket) WHERE tier = 0 AND grouping_id = 0 AND pending > 0;
CREATE INDEX rollups_with_succeeded ON interaction_rollups (bucket) WHERE tier = 0 AND grouping_id = 0 AND succeeded > 0;

CREATE TABLE feedback_rollups (
  tier INTEGER NOT NULL,
  grouping_id INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  category TEXT NOT NULL,
  type TEXT NOT NULL,
  model TEXT NOT NULL,
  channel TEXT NOT NULL,
  total INTEGER NOT NULL,
  rating_1 INTEGER NOT NULL,
  rating_2 INTEGER NOT NULL,
  rating_3 INTEGER NOT NULL,
  rating_4 INTEGER NOT NULL,
  rating_5 INTEGER NOT NULL,
  thumbs_up INTEGER NOT NULL,
  thumbs_down INTEGER NOT NULL,
  sentiment_positive INTEGER NOT NULL,
  sentiment_neutral INTEGER NOT NULL,
  sentiment_negative INTEGER NOT NULL,
  sentiment_unknown INTEGER NOT NULL,
  PRIMARY KEY (tier, grouping_id, bucket, category, type, model, channel)
) STRICT, WITHOUT ROWID;
