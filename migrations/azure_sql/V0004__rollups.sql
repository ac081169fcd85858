-- Which quarters of an hour have something to count. A write raises `written` in its own transaction; a recompute sets
-- `rolled` to the `written` that it saw. A quarter is dirty while written > rolled.
--
-- SQLite has a partial index of the dirty ones. A filtered index cannot compare two columns; a month is less than 3,000
-- rows of this table, next to each other, so reading them is as good.
CREATE TABLE rollup_buckets (
  -- 'interactions' or 'feedback'
  kind nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  bucket datetime2(7) NOT NULL,
  written bigint NOT NULL,
  rolled bigint NOT NULL,
  CONSTRAINT rollup_buckets_key PRIMARY KEY CLUSTERED (kind, bucket)
);

-- Counts and sums of the turns of one bucket under one key. A dimension that is unknown, or that the grouping does not
-- keep, is the empty text.
--
-- The key is declared longer (1,066 bytes) than the 900 that a clustered key may have in fact, of which the server warns.
-- No stored grouping keeps more than type, model and channel: 426 bytes at most. A grouping that keeps more than three
-- names has to move the key to a nonclustered index first.
CREATE TABLE interaction_rollups (
  -- 0 quarters of an hour in UTC, 1 days of the shop's zone, 2 what retention removed from quarters; bucket is their
  -- start.
  tier tinyint NOT NULL,
  grouping_id tinyint NOT NULL,
  bucket datetime2(7) NOT NULL,
  type nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  provider nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  model nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  channel nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  locale nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  prompt_version nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  total bigint NOT NULL,
  succeeded bigint NOT NULL,
  failed bigint NOT NULL,
  pending bigint NOT NULL,
  duration_count bigint NOT NULL,
  duration_micros bigint NOT NULL,
  duration_histogram varbinary(max) NOT NULL,
  time_to_first_token_count bigint NOT NULL,
  time_to_first_token_micros bigint NOT NULL,
  time_to_first_token_histogram varbinary(max) NOT NULL,
  tokens_input_count bigint NOT NULL,
  tokens_input bigint NOT NULL,
  tokens_output_count bigint NOT NULL,
  tokens_output bigint NOT NULL,
  tokens_cached_count bigint NOT NULL,
  tokens_cached bigint NOT NULL,
  cost_count bigint NOT NULL,
  cost_micros bigint NOT NULL,
  CONSTRAINT interaction_rollups_key
    PRIMARY KEY CLUSTERED (tier, grouping_id, bucket, type, provider, model, channel, locale, prompt_version)
    WITH (DATA_COMPRESSION = PAGE)
);

-- In which quarters a value occurs: where a filtered list has to look. A statement matches these filters only where it
-- names tier and grouping with literals, no parameters.
CREATE NONCLUSTERED INDEX rollups_by_type ON interaction_rollups (type, bucket)
  WHERE tier = 0 AND grouping_id = 1;
CREATE NONCLUSTERED INDEX rollups_by_provider ON interaction_rollups (provider, bucket)
  WHERE tier = 0 AND grouping_id = 2;
CREATE NONCLUSTERED INDEX rollups_by_model ON interaction_rollups (model, bucket)
  WHERE tier = 0 AND grouping_id = 3;
CREATE NONCLUSTERED INDEX rollups_by_channel ON interaction_rollups (channel, bucket)
  WHERE tier = 0 AND grouping_id = 4;
CREATE NONCLUSTERED INDEX rollups_by_locale ON interaction_rollups (locale, bucket)
  WHERE tier = 0 AND grouping_id = 5;
CREATE NONCLUSTERED INDEX rollups_with_failed ON interaction_rollups (bucket)
  WHERE tier = 0 AND grouping_id = 0 AND failed > 0;
CREATE NONCLUSTERED INDEX rollups_with_pending ON interaction_rollups (bucket)
  WHERE tier = 0 AND grouping_id = 0 AND pending > 0;
CREATE NONCLUSTERED INDEX rollups_with_succeeded ON interaction_rollups (bucket)
  WHERE tier = 0 AND grouping_id = 0 AND succeeded > 0;

CREATE TABLE feedback_rollups (
  tier tinyint NOT NULL,
  grouping_id tinyint NOT NULL,
  bucket datetime2(7) NOT NULL,
  category nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  type nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  model nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  channel nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  total bigint NOT NULL,
  rating_1 bigint NOT NULL,
  rating_2 bigint NOT NULL,
  rating_3 bigint NOT NULL,
  rating_4 bigint NOT NULL,
  rating_5 bigint NOT NULL,
  thumbs_up bigint NOT NULL,
  thumbs_down bigint NOT NULL,
  sentiment_positive bigint NOT NULL,
  sentiment_neutral bigint NOT NULL,
  sentiment_negative bigint NOT NULL,
  sentiment_unknown bigint NOT NULL,
  CONSTRAINT feedback_rollups_key PRIMARY KEY CLUSTERED (tier, grouping_id, bucket, category, type, model, channel)
    WITH (DATA_COMPRESSION = PAGE)
);
