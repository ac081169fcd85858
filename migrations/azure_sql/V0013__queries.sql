-- What shoppers asked for, by days of the shop's zone. It is all made from the turns.

-- Up to where a day is counted. Writes of turns are seen by the `written` of the day's quarters: they mark nothing more.
CREATE TABLE query_days (
  -- Start of the day.
  day datetime2(7) NOT NULL,
  -- What `written` of its quarters added up to when it was counted; 0 when it is not counted.
  counted bigint NOT NULL,
  -- Raised with every change.
  version bigint NOT NULL,
  CONSTRAINT query_days_key PRIMARY KEY CLUSTERED (day)
);

CREATE TABLE query_rollups (
  day datetime2(7) NOT NULL,
  type nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  -- Empty for turns that name none.
  channel nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  -- At most 120 characters, of which each may be two here.
  text nvarchar(240) COLLATE Latin1_General_100_BIN2 NOT NULL,
  total bigint NOT NULL,
  failed bigint NOT NULL,
  without_results bigint NOT NULL,
  last_seen datetime2(7) NOT NULL,
  CONSTRAINT query_rollups_key PRIMARY KEY CLUSTERED (day, type, channel, text) WITH (DATA_COMPRESSION = PAGE)
);

-- An older program would remove turns and leave their texts here.
UPDATE properties SET value = N'13' WHERE name = N'minimum_version';
