-- What was uploaded: one row a photo, recording or attachment, with all that was made of it.
CREATE TABLE media (
  id binary(16) NOT NULL,
  created_at datetime2(7) NOT NULL,
  kind nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  status nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  -- The client's name for the file: a label.
  name nvarchar(255) COLLATE Latin1_General_100_BIN2 NOT NULL,
  -- The blob in `incoming`.
  incoming nvarchar(512) COLLATE Latin1_General_100_BIN2 NOT NULL,
  interaction_id binary(16) NULL,
  product_id nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
  alt_text nvarchar(1000) COLLATE Latin1_General_100_BIN2 NULL,
  declared_type nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
  declared_size bigint NULL,
  declared_sha256 binary(32) NULL,
  updated_at datetime2(7) NOT NULL,
  version bigint NOT NULL,
  supplied_hash binary(32) NOT NULL,
  -- The ETag of the blob that was claimed last, by which run, and until when.
  received_etag nvarchar(128) COLLATE Latin1_General_100_BIN2 NULL,
  claimed_by binary(16) NULL,
  claimed_until datetime2(7) NULL,
  reason nvarchar(64) COLLATE Latin1_General_100_BIN2 NULL,
  detail nvarchar(400) COLLATE Latin1_General_100_BIN2 NULL,
  format nvarchar(16) COLLATE Latin1_General_100_BIN2 NULL,
  size bigint NULL,
  -- The 64 bits as a signed number.
  perceptual_hash bigint NULL,
  facts nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL,
  -- The files to serve, as one list: they come and go as one.
  variants nvarchar(max) COLLATE Latin1_General_100_BIN2 NOT NULL
);

CREATE UNIQUE CLUSTERED INDEX media_in_order ON media (created_at, id);
CREATE UNIQUE NONCLUSTERED INDEX media_by_id ON media (id);
CREATE NONCLUSTERED INDEX media_by_kind ON media (kind, created_at, id);
CREATE NONCLUSTERED INDEX media_by_status ON media (status, created_at, id);
CREATE NONCLUSTERED INDEX media_by_product ON media (product_id, created_at, id)
  INCLUDE (status, perceptual_hash)
  WHERE product_id IS NOT NULL;
CREATE NONCLUSTERED INDEX media_by_interaction ON media (interaction_id, created_at, id)
  WHERE interaction_id IS NOT NULL;
