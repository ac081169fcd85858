-- Rollups of hours, turns by type and another property, and feedback by all properties of its turn. Everything is counted anew
-- when it is first asked for; what retention removed stays counted, as of unknown provider, locale and prompt version.
-- Hours are tier 3: 0 quarters of an hour in UTC, 1 days of the shop's zone, 2 what retention removed from quarters, 3 hours
-- in UTC.
DELETE FROM interaction_rollups WHERE tier <> 2;

INSERT INTO interaction_rollups (
  tier, grouping_id, bucket, type, provider, model, channel, locale, prompt_version, total, succeeded, failed, pending,
  duration_count, duration_micros, duration_histogram, time_to_first_token_count, time_to_first_token_micros,
  time_to_first_token_histogram, tokens_input_count, tokens_input, tokens_output_count, tokens_output,
  tokens_cached_count, tokens_cached, cost_count, cost_micros
)
SELECT
  2, more.grouping_id, removed.bucket, removed.type, N'', N'', N'', N'', N'', removed.total, removed.succeeded,
  removed.failed, removed.pending, removed.duration_count, removed.duration_micros, removed.duration_histogram,
  removed.time_to_first_token_count, removed.time_to_first_token_micros, removed.time_to_first_token_histogram,
  removed.tokens_input_count, removed.tokens_input, removed.tokens_output_count, removed.tokens_output,
  removed.tokens_cached_count, removed.tokens_cached, removed.cost_count, removed.cost_micros
FROM interaction_rollups AS removed
CROSS JOIN (SELECT 8 AS grouping_id UNION ALL SELECT 9 UNION ALL SELECT 10) AS more
WHERE removed.grouping_id = 1;

-- The key is declared longer than it can be: no grouping keeps more than category, type, model and channel.
ALTER TABLE feedback_rollups DROP CONSTRAINT feedback_rollups_key;

ALTER TABLE feedback_rollups ADD provider nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL
  CONSTRAINT feedback_rollups_provider DEFAULT N'';

ALTER TABLE feedback_rollups ADD locale nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL
  CONSTRAINT feedback_rollups_locale DEFAULT N'';

ALTER TABLE feedback_rollups ADD prompt_version nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL
  CONSTRAINT feedback_rollups_prompt_version DEFAULT N'';

ALTER TABLE feedback_rollups ADD CONSTRAINT feedback_rollups_key
  PRIMARY KEY CLUSTERED (tier, grouping_id, bucket, category, type, model, channel, provider, locale, prompt_version)
  WITH (DATA_COMPRESSION = PAGE);

DELETE FROM feedback_rollups WHERE tier <> 2;

-- The new columns are not named: this batch was read before it added them.
INSERT INTO feedback_rollups (
  tier, grouping_id, bucket, category, type, model, channel, total, rating_1, rating_2, rating_3, rating_4, rating_5,
  thumbs_up, thumbs_down, sentiment_positive, sentiment_neutral, sentiment_negative, sentiment_unknown
)
SELECT
  2, more.grouping_id, removed.bucket, N'', removed.type, N'', N'', removed.total, removed.rating_1, removed.rating_2,
  removed.rating_3, removed.rating_4, removed.rating_5, removed.thumbs_up, removed.thumbs_down,
  removed.sentiment_positive, removed.sentiment_neutral, removed.sentiment_negative, removed.sentiment_unknown
FROM feedback_rollups AS removed
CROSS JOIN (SELECT 5 AS grouping_id UNION ALL SELECT 6 UNION ALL SELECT 7) AS more
WHERE removed.grouping_id = 2;

UPDATE rollup_buckets SET rolled = 0;

-- An older program would not count hours.
UPDATE properties SET value = N'10' WHERE name = N'minimum_version';

-- What fails, by time.
CREATE NONCLUSTERED INDEX interactions_failed ON interactions (started_at)
  INCLUDE (error_type, model, type, channel)
  WHERE status = N'failed'
  WITH (DATA_COMPRESSION = PAGE);
