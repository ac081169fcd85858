-- What shoppers asked for, by days of the shop's zone. It is all made from the turns.

-- Up to where a day is counted. Writes of turns are seen by the `written` of the day's quarters: they mark nothing more.
CREATE TABLE query_days (
  -- Start of the day.
  day INTEGER NOT NULL PRIMARY KEY,
  -- What `written` of its quarters added up to when it was counted; 0 when it is not counted.
  counted INTEGER NOT NULL,
  -- Raised with every change. A recount that meets another version than it began with writes nothing.
  version INTEGER NOT NULL
) STRICT;

CREATE TABLE query_rollups (
  day INTEGER NOT NULL,
  type TEXT NOT NULL,
  -- Empty for turns that name none.
  channel TEXT NOT NULL,
  -- At most 120 characters.
  text TEXT NOT NULL,
  total INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  without_results INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  PRIMARY KEY (day, type, channel, text)
) STRICT, WITHOUT ROWID;

-- An older program would remove turns and leave their texts here.
UPDATE properties SET value = '13' WHERE name = 'minimum_version';
