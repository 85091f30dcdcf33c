-- `sum`: checksum over all other columns of the row (store/src/row.rs); NULL where an earlier release wrote the row.
-- `totals`: what the partition's commits have left in each table (store/src/totals.rs).
ALTER TABLE head ADD COLUMN totals BLOB;
ALTER TABLE head ADD COLUMN sum INTEGER;
ALTER TABLE symbol ADD COLUMN sum INTEGER;
ALTER TABLE cases ADD COLUMN sum INTEGER;
ALTER TABLE doc ADD COLUMN sum INTEGER;
ALTER TABLE route ADD COLUMN sum INTEGER;
ALTER TABLE received ADD COLUMN sum INTEGER;
ALTER TABLE unsettled ADD COLUMN sum INTEGER;
ALTER TABLE seen ADD COLUMN sum INTEGER;
ALTER TABLE journal ADD COLUMN sum INTEGER;
ALTER TABLE outbox ADD COLUMN sum INTEGER;
ALTER TABLE mail ADD COLUMN sum INTEGER;
ALTER TABLE mark ADD COLUMN sum INTEGER;
ALTER TABLE rows ADD COLUMN sum INTEGER;
ALTER TABLE balance ADD COLUMN sum INTEGER;
ALTER TABLE exception ADD COLUMN sum INTEGER;
