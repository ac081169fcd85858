-- Facts about the database itself.
--   minimum_version  the oldest program, by its newest known migration, that may open this database
--   time_zone        the shop's zone, by whose days the second tier of rollups is made
--
-- In all these files: what is compared, sorted or joined has a binary collation, so that this backend tells `A` from `a`
-- and pages as SQLite does, whatever the database's own collation is. The `=` of SQL Server still ignores trailing
-- blanks; the program lets none in. Texts are nvarchar, since the driver sends nvarchar and a varchar column would be
-- converted row by row. Constraints have names, so that a later migration can drop them.
CREATE TABLE properties (
  name nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT properties_key PRIMARY KEY CLUSTERED,
  value nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL
);

INSERT INTO properties (name, value) VALUES (N'minimum_version', N'1'), (N'time_zone', N'UTC');
