-- Only the SHA-256 of a key is kept.
CREATE TABLE api_keys (
  id binary(16) NOT NULL CONSTRAINT api_keys_key PRIMARY KEY CLUSTERED,
  hash binary(32) NOT NULL CONSTRAINT api_keys_by_hash UNIQUE NONCLUSTERED,
  name nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
  -- JSON: arrays of texts.
  scopes nvarchar(max) NOT NULL CONSTRAINT api_keys_scopes_json CHECK (ISJSON(scopes) = 1),
  allowed_origins nvarchar(max) NOT NULL CONSTRAINT api_keys_allowed_origins_json CHECK (ISJSON(allowed_origins) = 1),
  created_at datetime2(7) NOT NULL,
  expires_at datetime2(7) NULL,
  revoked_at datetime2(7) NULL,
  last_used_at datetime2(7) NULL
);
