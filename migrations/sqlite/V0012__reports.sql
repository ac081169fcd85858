-- One row a revision of the report on one period. The first revision is the schedule's: its row claims the period.
CREATE TABLE reports (
  id BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  period_name TEXT NOT NULL,
  revision INTEGER NOT NULL,
  period_from INTEGER NOT NULL,
  period_to INTEGER NOT NULL,
  time_zone TEXT NOT NULL,
  status TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  claimed_by BLOB NOT NULL,
  claimed_until INTEGER NOT NULL,
  generated_at INTEGER,
  headline TEXT,
  html_bytes INTEGER,
  json_bytes INTEGER,
  csv_bytes INTEGER,
  failure TEXT
) STRICT;

CREATE UNIQUE INDEX reports_by_id ON reports (id);
CREATE UNIQUE INDEX reports_by_period ON reports (kind, period_name, revision);
CREATE INDEX reports_in_order ON reports (created_at, id);
CREATE INDEX reports_by_kind ON reports (kind, created_at, id);
CREATE INDEX reports_scheduled ON reports (kind, period_from) WHERE revision = 1;

-- One row a reader. The address itself stays in the settings: here is its hash, and what may be shown of it.
CREATE TABLE report_deliveries (
  id BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  report_id BLOB NOT NULL,
  channel TEXT NOT NULL,
  target TEXT NOT NULL,
  target_hash BLOB NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  answer_status INTEGER,
  reason TEXT,
  updated_at INTEGER NOT NULL,
  next_at INTEGER,
  held_by BLOB,
  held_until INTEGER
) STRICT;

CREATE UNIQUE INDEX report_deliveries_by_id ON report_deliveries (id);
CREATE UNIQUE INDEX report_deliveries_by_target ON report_deliveries (report_id, channel, target_hash);
CREATE INDEX report_deliveries_in_order ON report_deliveries (created_at, id);
CREATE INDEX report_deliveries_by_state ON report_deliveries (state, created_at, id);
