-- interactions_by_time includes what the rollups count since V0002: there is nothing to do here.
SELECT 1 WHERE 1 = 0;
