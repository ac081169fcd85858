CREATE TABLE feedback (
  id BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  interaction_id BLOB NOT NULL,
  rating INTEGER,
  thumb TEXT,
  category TEXT,
  source TEXT NOT NULL,
  user_id TEXT,
  review_state TEXT NOT NULL,
  review_reviewer TEXT,
  review_at INTEGER,
  sentiment_score REAL,
  sentiment_label TEXT,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  supplied_hash BLOB NOT NULL,
  -- JSON: an array of texts.
  tags TEXT NOT NULL,
  comment TEXT,
  review_notes TEXT
) STRICT;

CREATE UNIQUE INDEX feedback_by_id ON feedback (id);
CREATE INDEX feedback_by_time ON feedback (created_at, id);
CREATE INDEX feedback_by_interaction ON feedback (interaction_id, created_at, id);
CREATE INDEX feedback_by_user ON feedback (user_id, created_at, id) WHERE user_id IS NOT NULL;
CREATE INDEX feedback_by_review_state ON feedback (review_state, created_at, id);
CREATE INDEX feedback_by_category ON feedback (category, created_at, id) WHERE category IS NOT NULL;
CREATE INDEX feedback_by_rating ON feedback (rating, created_at, id) WHERE rating IS NOT NULL;
CREATE INDEX feedback_with_comment ON feedback (created_at, id) WHERE comment IS NOT NULL;
