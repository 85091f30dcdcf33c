-- `id` is partition and number in one, as in the SQLite tables: `id >> 47` is the partition, `id & 140737488355327`
-- the number in it. Times are milliseconds since 1970. Texts sort by their bytes, whatever the database's locale.
-- Bodies are packed by the hub, so PostgreSQL need not try again (STORAGE EXTERNAL below).

-- Where each partition stands and who owns it. `until`: end of the owner's lease. Every commit and every claim locks
-- the rows of its partitions first, so that all else of a partition is read and written by one at a time.
CREATE TABLE head (
  part integer PRIMARY KEY CHECK (part BETWEEN 0 AND 65535),
  epoch bigint NOT NULL,
  node text NOT NULL,
  until bigint NOT NULL,
  pos bigint NOT NULL,
  received bigint NOT NULL,
  cases bigint NOT NULL,
  commands bigint NOT NULL,
  mail bigint NOT NULL,
  hash bytea NOT NULL CHECK (length(hash) = 32)
) WITH (fillfactor = 10);

-- The part of a case that changes. `live`: 1 in progress, 2 wants to be woken at `due`, 3 both, NULL neither. Room is
-- left on each page, so that a turn's new version stays beside the old one and no index is touched.
CREATE TABLE cases (
  id bigint PRIMARY KEY,
  ver bigint NOT NULL,
  last bigint NOT NULL,
  due bigint,
  live bigint CHECK (live BETWEEN 1 AND 3),
  tenant text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  body bytea NOT NULL
) WITH (fillfactor = 70);
-- Timers for recovery, and cases in progress for status pages: what is over is not in it.
CREATE INDEX cases_live ON cases (id) WHERE live IS NOT NULL;

-- What was placed, written once.
CREATE TABLE doc (
  id bigint PRIMARY KEY,
  body bytea NOT NULL
);

-- Names of cases. `own`: 1 for the name under which the case was opened, 0 for further ones.
CREATE TABLE route (
  value text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  part integer NOT NULL,
  number bigint NOT NULL,
  own bigint NOT NULL,
  PRIMARY KEY (value, kind, tenant, part, number)
);

-- Messages as they came; never changed.
CREATE TABLE received (
  id bigint PRIMARY KEY,
  at bigint NOT NULL,
  connection text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  headers bytea NOT NULL,
  body bytea NOT NULL
);

-- Received messages that are waiting (0) or parked (2). The others are decided.
CREATE TABLE unsettled (
  id bigint PRIMARY KEY,
  state bigint NOT NULL CHECK (state IN (0, 2))
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Messages that a case has taken in.
CREATE TABLE seen (
  id bigint NOT NULL,
  key bytea NOT NULL CHECK (length(key) = 16),
  body bytea NOT NULL CHECK (length(body) = 16),
  pos bigint NOT NULL,
  PRIMARY KEY (id, key)
);

-- One row per turn; `number` is the case's within the partition; `prev` links a case's turns, so that no index is needed.
CREATE TABLE journal (
  id bigint PRIMARY KEY,
  number bigint NOT NULL,
  prev bigint NOT NULL,
  at bigint NOT NULL,
  body bytea NOT NULL
);

-- Commands that are not settled. `state`: 0 queued, 1 marked, 2 unknown since `time`, 3 accepted until `time`,
-- 4 parked. `body`: JSON of the case's name and the command.
CREATE TABLE outbox (
  id bigint PRIMARY KEY,
  number bigint NOT NULL,
  cause bigint NOT NULL,
  created bigint NOT NULL,
  state bigint NOT NULL,
  time bigint,
  attempts bigint NOT NULL,
  body bytea NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Mail that has not been taken in. `body`: JSON.
CREATE TABLE mail (
  to_part integer NOT NULL,
  from_part integer NOT NULL,
  pos bigint NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (to_part, from_part, pos)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Up to where a partition has taken in another's mail.
CREATE TABLE mark (
  to_part integer NOT NULL,
  from_part integer NOT NULL,
  pos bigint NOT NULL,
  PRIMARY KEY (to_part, from_part)
) WITH (fillfactor = 50);

-- Rows of cases that are too large to be one value.
CREATE TABLE rows (
  id bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (id, key)
) WITH (fillfactor = 70);

-- The books' balances.
CREATE TABLE balance (
  part integer NOT NULL,
  account text COLLATE "C" NOT NULL,
  unit text COLLATE "C" NOT NULL,
  value bigint NOT NULL CHECK (value BETWEEN -4611686018427387904 AND 4611686018427387904),
  PRIMARY KEY (part, account, unit)
) WITH (fillfactor = 50);

-- What a person must see, and must have seen.
CREATE TABLE exception (
  id bigint PRIMARY KEY,
  part integer NOT NULL,
  about text COLLATE "C" NOT NULL,
  code text COLLATE "C" NOT NULL,
  cause text NOT NULL,
  owner text NOT NULL,
  next_step text NOT NULL,
  opened bigint NOT NULL,
  pos bigint NOT NULL,
  closed bigint,
  closed_pos bigint
);
-- One open exception per fact.
CREATE UNIQUE INDEX exception_open ON exception (part, about, code) WHERE closed IS NULL;

ALTER TABLE cases ALTER body SET STORAGE EXTERNAL;
ALTER TABLE doc ALTER body SET STORAGE EXTERNAL;
ALTER TABLE received ALTER headers SET STORAGE EXTERNAL, ALTER body SET STORAGE EXTERNAL;
ALTER TABLE journal ALTER body SET STORAGE EXTERNAL;
ALTER TABLE outbox ALTER body SET STORAGE EXTERNAL;
ALTER TABLE mail ALTER body SET STORAGE EXTERNAL;
ALTER TABLE rows ALTER body SET STORAGE EXTERNAL;
