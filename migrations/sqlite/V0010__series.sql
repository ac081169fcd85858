-- Rollups of hours, turns by type and another property, and feedback by all properties of its turn. Everything is counted anew
-- when it is first asked for; what retention removed stays counted, as of unknown provider, locale and prompt version.
-- Hours are tier 3: 0 quarters of an hour in UTC, 1 days of the shop's zone, 2 what retention removed from quarters, 3 hours
-- in UTC.
DELETE FROM interaction_rollups WHERE tier <> 2;

INSERT INTO interaction_rollups
SELECT
  2, more.grouping_id, bucket, type, '', '', '', '', '', total, succeeded, failed, pending, duration_count,
  duration_micros, duration_histogram, time_to_first_token_count, time_to_first_token_micros,
  time_to_first_token_histogram, tokens_input_count, tokens_input, tokens_output_count, tokens_output,
  tokens_cached_count, tokens_cached, cost_count, cost_micros
FROM interaction_rollups AS removed
CROSS JOIN (SELECT 8 AS grouping_id UNION ALL SELECT 9 UNION ALL SELECT 10) AS more
WHERE removed.grouping_id = 1;

ALTER TABLE feedback_rollups RENAME TO feedback_rollups_before;

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
  provider TEXT NOT NULL,
  locale TEXT NOT NULL,
  prompt_version TEXT NOT NULL,
  PRIMARY KEY (tier, grouping_id, bucket, category, type, model, channel, provider, locale, prompt_version)
) STRICT, WITHOUT ROWID;

INSERT INTO feedback_rollups
SELECT
  2, grouping_id, bucket, category, type, model, channel, total, rating_1, rating_2, rating_3, rating_4,
  rating_5, thumbs_up, thumbs_down, sentiment_positive, sentiment_neutral, sentiment_negative, sentiment_unknown, '', '', ''
FROM feedback_rollups_before WHERE tier = 2;

INSERT INTO feedback_rollups
SELECT
  2, more.grouping_id, bucket, '', type, '', '', total, rating_1, rating_2, rating_3, rating_4,
  rating_5, thumbs_up, thumbs_down, sentiment_positive, sentiment_neutral, sentiment_negative, sentiment_unknown, '', '', ''
FROM feedback_rollups_before AS removed
CROSS JOIN (SELECT 5 AS grouping_id UNION ALL SELECT 6 UNION ALL SELECT 7) AS more
WHERE removed.tier = 2 AND removed.grouping_id = 2;

DROP TABLE feedback_rollups_before;

UPDATE rollup_buckets SET rolled = 0;

-- An older program would not count hours.
UPDATE properties SET value = '10' WHERE name = 'minimum_version';

-- What fails, by time.
CREATE INDEX interactions_failed ON interactions (started_at, error_type, model, type, channel) WHERE status = 'failed';
