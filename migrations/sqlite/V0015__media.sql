-- What was uploaded: one row a photo, recording or attachment, with all that was made of it.
CREATE TABLE media (
  id BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  -- The client's name for the file: a label.
  name TEXT NOT NULL,
  -- The blob in `incoming`.
  incoming TEXT NOT NULL,
  interaction_id BLOB,
  product_id TEXT,
  alt_text TEXT,
  declared_type TEXT,
  declared_size INTEGER,
  declared_sha256 BLOB,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  supplied_hash BLOB NOT NULL,
  -- The ETag of the blob that was claimed last, by which run, and until when.
  received_etag TEXT,
  claimed_by BLOB,
  claimed_until INTEGER,
  reason TEXT,
  detail TEXT,
  format TEXT,
  size INTEGER,
  -- The 64 bits as a signed number.
  perceptual_hash INTEGER,
  facts TEXT,
  -- The files to serve, as one list: they come and go as one.
  variants TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX media_by_id ON media (id);
CREATE INDEX media_in_order ON media (created_at, id);
CREATE INDEX media_by_kind ON media (kind, created_at, id);
CREATE INDEX media_by_status ON media (status, created_at, id);
CREATE INDEX media_by_product ON media (product_id, created_at, id) WHERE product_id IS NOT NULL;
CREATE INDEX media_by_interaction ON media (interaction_id, created_at, id) WHERE interaction_id IS NOT NULL;
