-- One row a revision of the report on one period. The first revision is the schedule's: its row claims the period.
CREATE TABLE reports (
  id binary(16) NOT NULL,
  created_at datetime2(7) NOT NULL,
  kind nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  period_name nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  revision int NOT NULL,
  period_from datetime2(7) NOT NULL,
  period_to datetime2(7) NOT NULL,
  time_zone nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL,
  status nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  attempts int NOT NULL,
  claimed_by binary(16) NOT NULL,
  claimed_until datetime2(7) NOT NULL,
  generated_at datetime2(7) NULL,
  headline nvarchar(400) COLLATE Latin1_General_100_BIN2 NULL,
  html_bytes bigint NULL,
  json_bytes bigint NULL,
  csv_bytes bigint NULL,
  failure nvarchar(400) COLLATE Latin1_General_100_BIN2 NULL
);

CREATE UNIQUE CLUSTERED INDEX reports_in_order ON reports (created_at, id);
CREATE UNIQUE NONCLUSTERED INDEX reports_by_id ON reports (id);
CREATE UNIQUE NONCLUSTERED INDEX reports_by_period ON reports (kind, period_name, revision);
CREATE NONCLUSTERED INDEX reports_by_kind ON reports (kind, created_at, id);
CREATE NONCLUSTERED INDEX reports_scheduled ON reports (kind, period_from) WHERE revision = 1;

-- One row a reader. The address itself stays in the settings: here is its hash, and what may be shown of it.
CREATE TABLE report_deliveries (
  id binary(16) NOT NULL,
  created_at datetime2(7) NOT NULL,
  report_id binary(16) NOT NULL,
  channel nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  target nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
  target_hash binary(32) NOT NULL,
  state nvarchar(16) COLLATE Latin1_General_100_BIN2 NOT NULL,
  attempts int NOT NULL,
  answer_status int NULL,
  reason nvarchar(400) COLLATE Latin1_General_100_BIN2 NULL,
  updated_at datetime2(7) NOT NULL,
  next_at datetime2(7) NULL,
  held_by binary(16) NULL,
  held_until datetime2(7) NULL
);

CREATE UNIQUE CLUSTERED INDEX report_deliveries_in_order ON report_deliveries (created_at, id);
CREATE UNIQUE NONCLUSTERED INDEX report_deliveries_by_id ON report_deliveries (id);
CREATE UNIQUE NONCLUSTERED INDEX report_deliveries_by_target
  ON report_deliveries (report_id, channel, target_hash);
CREATE NONCLUSTERED INDEX report_deliveries_by_state ON report_deliveries (state, created_at, id);
