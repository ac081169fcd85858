-- The tone of comments: score and label have been there from the beginning.
--
-- words: JSON, the words that decided, with their weights. aspects: JSON, what the comment judges, and how. phrases: JSON, an
-- array of key phrases; null where there are neither phrases nor tags, so that the index has only what is counted.
-- refine_at: when Azure AI Language is to be asked; whoever asks puts it off for others, and null means that it is not asked.
-- refine_error: why it will not be asked again, the code that it answered.
ALTER TABLE feedback ADD sentiment_language nvarchar(16) COLLATE Latin1_General_100_BIN2 NULL;
ALTER TABLE feedback ADD sentiment_words nvarchar(max) NULL;
ALTER TABLE feedback ADD sentiment_aspects nvarchar(max) NULL;
ALTER TABLE feedback ADD sentiment_source nvarchar(16) COLLATE Latin1_General_100_BIN2 NULL;
ALTER TABLE feedback ADD phrases nvarchar(max) NULL;
ALTER TABLE feedback ADD refine_at datetime2(7) NULL;
ALTER TABLE feedback ADD refine_attempts bigint NOT NULL CONSTRAINT feedback_refine_attempts DEFAULT 0;
ALTER TABLE feedback ADD refine_error nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL;

-- A text of its own, since the columns are not there yet when the server reads this file.
EXEC (N'UPDATE feedback SET phrases = N''[]'' WHERE tags <> N''[]''');

EXEC (N'CREATE NONCLUSTERED INDEX feedback_by_sentiment ON feedback (sentiment_label, created_at, id)
  INCLUDE (interaction_id, rating, thumb, category, source, user_id, review_state)
  WHERE sentiment_label IS NOT NULL
  WITH (DATA_COMPRESSION = PAGE)');

EXEC (N'CREATE NONCLUSTERED INDEX feedback_to_refine ON feedback (refine_at, id)
  WHERE refine_at IS NOT NULL
  WITH (DATA_COMPRESSION = PAGE)');

EXEC (N'CREATE NONCLUSTERED INDEX feedback_with_phrases ON feedback (created_at, id)
  INCLUDE (interaction_id, rating, sentiment_score)
  WHERE phrases IS NOT NULL
  WITH (DATA_COMPRESSION = PAGE)');
