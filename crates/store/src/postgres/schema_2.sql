-- `sum`: checksum over all other columns of the row (store/src/row.rs); NULL where an earlier release wrote the row.
-- `totals`: what the partition's commits have left in each table (store/src/totals.rs).
ALTER TABLE head ADD COLUMN totals bytea;
ALTER TABLE head ADD COLUMN sum bigint;
ALTER TABLE cases ADD COLUMN sum bigint;
ALTER TABLE doc ADD COLUMN sum bigint;
ALTER TABLE route ADD COLUMN sum bigint;
ALTER TABLE received ADD COLUMN sum bigint;
ALTER TABLE unsettled ADD COLUMN sum bigint;
ALTER TABLE seen ADD COLUMN sum bigint;
ALTER TABLE journal ADD COLUMN sum bigint;
ALTER TABLE outbox ADD COLUMN sum bigint;
ALTER TABLE mail ADD COLUMN sum bigint;
ALTER TABLE mark ADD COLUMN sum bigint;
ALTER TABLE rows ADD COLUMN sum bigint;
ALTER TABLE balance ADD COLUMN sum bigint;
ALTER TABLE exception ADD COLUMN sum bigint;
