-- Facts about the database itself.
--   minimum_version  the oldest program, by its newest known migration, that may open this database
--   time_zone        the shop's zone, by whose days the second tier of rollups is made
CREATE TABLE properties (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO properties (name, value) VALUES ('minimum_version', '1'), ('time_zone', 'UTC');
