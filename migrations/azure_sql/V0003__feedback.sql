CREATE TABLE feedback (
  id binary(16) NOT NULL,
  created_at datetime2(7) NOT NULL,
  interaction_id binary(16) NOT NULL,
  rating tinyint NULL,
  thumb nvarchar(16) COLLATE Latin1_General_100_BIN2 NULL,
  category nvarchar(16) COLLATE Latin1_General_100_BIN2 NULL,
  source nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  user_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
  review_state nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  review_reviewer nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
  review_at datetime2(7) NULL,
  sentiment_score float NULL,
  sentiment_label nvarchar(16) COLLATE Latin1_General_100_BIN2 NULL,
  updated_at datetime2(7) NOT NULL,
  version bigint NOT NULL,
  supplied_hash binary(32) NOT NULL,
  -- JSON: an array of texts. 20 names of 128 characters, escaped, can be more than the 4,000 that nvarchar(n) takes, and
  -- so are the 8 KiB of a comment or of notes.
  tags nvarchar(max) NOT NULL CONSTRAINT feedback_tags_json CHECK (ISJSON(tags) = 1),
  comment nvarchar(max) NULL,
  review_notes nvarchar(max) NULL
);

CREATE UNIQUE CLUSTERED INDEX feedback_in_order ON feedback (created_at, id) WITH (DATA_COMPRESSION = PAGE);

CREATE UNIQUE NONCLUSTERED INDEX feedback_by_id ON feedback (id) WITH (DATA_COMPRESSION = PAGE);

-- Every list, newest first, and the recompute of the rollups: what can be filtered by, and what is counted.
CREATE NONCLUSTERED INDEX feedback_by_time ON feedback (created_at, id)
  INCLUDE (interaction_id, rating, thumb, category, source, user_id, review_state, sentiment_label)
  WITH (DATA_COMPRESSION = PAGE);

-- The feedback of a turn, and, read backwards, its latest rating.
CREATE NONCLUSTERED INDEX feedback_by_interaction ON feedback (interaction_id, created_at, id)
  INCLUDE (rating, thumb, category, source, user_id, review_state)
  WITH (DATA_COMPRESSION = PAGE);

CREATE NONCLUSTERED INDEX feedback_by_user ON feedback (user_id, created_at, id)
  INCLUDE (interaction_id, rating, thumb, category, source, review_state)
  WHERE user_id IS NOT NULL
  WITH (DATA_COMPRESSION = PAGE);

CREATE NONCLUSTERED INDEX feedback_by_review_state ON feedback (review_state, created_at, id)
  INCLUDE (interaction_id, rating, thumb, category, source, user_id)
  WITH (DATA_COMPRESSION = PAGE);

CREATE NONCLUSTERED INDEX feedback_by_category ON feedback (category, created_at, id)
  INCLUDE (interaction_id, rating, thumb, source, user_id, review_state)
  WHERE category IS NOT NULL
  WITH (DATA_COMPRESSION = PAGE);

CREATE NONCLUSTERED INDEX feedback_by_rating ON feedback (rating, created_at, id)
  INCLUDE (interaction_id, thumb, category, source, user_id, review_state)
  WHERE rating IS NOT NULL
  WITH (DATA_COMPRESSION = PAGE);

-- The latest comments; their turn is needed where they are filtered by its type, model or channel.
CREATE NONCLUSTERED INDEX feedback_with_comment ON feedback (created_at, id)
  INCLUDE (interaction_id)
  WHERE comment IS NOT NULL
  WITH (DATA_COMPRESSION = PAGE);
