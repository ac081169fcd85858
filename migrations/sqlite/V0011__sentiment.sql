-- The tone of comments: score and label have been there from the beginning.
ALTER TABLE feedback ADD COLUMN sentiment_language TEXT;
-- JSON: the words that decided, with their weights.
ALTER TABLE feedback ADD COLUMN sentiment_words TEXT;
-- JSON: what the comment judges, and how.
ALTER TABLE feedback ADD COLUMN sentiment_aspects TEXT;
ALTER TABLE feedback ADD COLUMN sentiment_source TEXT;
-- JSON: an array of key phrases; null where there are neither phrases nor tags, so that the index has only what is counted.
ALTER TABLE feedback ADD COLUMN phrases TEXT;
-- When Azure AI Language is to be asked; whoever asks puts it off for others. Null: it is not asked.
ALTER TABLE feedback ADD COLUMN refine_at INTEGER;
ALTER TABLE feedback ADD COLUMN refine_attempts INTEGER NOT NULL DEFAULT 0;
-- Why it will not be asked again: the code that it answered.
ALTER TABLE feedback ADD COLUMN refine_error TEXT;

UPDATE feedback SET phrases = '[]' WHERE tags <> '[]';

CREATE INDEX feedback_by_sentiment ON feedback (sentiment_label, created_at, id) WHERE sentiment_label IS NOT NULL;
CREATE INDEX feedback_to_refine ON feedback (refine_at, id) WHERE refine_at IS NOT NULL;
CREATE INDEX feedback_with_phrases ON feedback (created_at, id) WHERE phrases IS NOT NULL;
