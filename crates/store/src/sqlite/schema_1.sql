-- Where each partition stands and who owns it. `until`: end of the owner's lease, ms since 1970.
CREATE TABLE head (
  part INTEGER PRIMARY KEY,
  epoch INTEGER NOT NULL,
  node TEXT NOT NULL,
  until INTEGER NOT NULL,
  pos INTEGER NOT NULL,
  received INTEGER NOT NULL,
  cases INTEGER NOT NULL,
  commands INTEGER NOT NULL,
  mail INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- Texts that come again and again: (tenant, kind of case), ('', connection).
CREATE TABLE symbol (
  id INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  text TEXT NOT NULL,
  UNIQUE (scope, text)
) STRICT;

-- The part of a case that changes. `live`: 1 in progress, 2 wants to be woken at `due`, 3 both, NULL neither.
CREATE TABLE cases (
  id INTEGER PRIMARY KEY,
  ver INTEGER NOT NULL,
  last INTEGER NOT NULL,
  due INTEGER,
  live INTEGER CHECK (live BETWEEN 1 AND 3),
  kind INTEGER NOT NULL,
  value TEXT NOT NULL,
  body BLOB NOT NULL,
  part INTEGER AS (id >> 47) VIRTUAL,
  pos INTEGER AS (id & 0x7FFFFFFFFFFF) VIRTUAL
) STRICT;
-- Timers for recovery, and cases in progress for status pages: what is over is not in it.
CREATE INDEX cases_live ON cases (kind, live) WHERE live IS NOT NULL;

-- What was placed, written once.
CREATE TABLE doc (
  id INTEGER PRIMARY KEY,
  body BLOB NOT NULL
) STRICT;

-- Names of cases. `own`: 1 for the name under which the case was opened, 0 for further ones.
CREATE TABLE route (
  kind INTEGER NOT NULL,
  value TEXT NOT NULL,
  part INTEGER NOT NULL,
  number INTEGER NOT NULL,
  own INTEGER NOT NULL,
  PRIMARY KEY (kind, value, part, number)
) STRICT, WITHOUT ROWID;

-- Messages as they came; never changed.
CREATE TABLE received (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  connection INTEGER NOT NULL,
  key TEXT NOT NULL,
  headers BLOB NOT NULL,
  body BLOB NOT NULL,
  part INTEGER AS (id >> 47) VIRTUAL,
  pos INTEGER AS (id & 0x7FFFFFFFFFFF) VIRTUAL
) STRICT;

-- Received messages that are waiting (0) or parked (2). The others are decided.
CREATE TABLE unsettled (
  id INTEGER PRIMARY KEY,
  state INTEGER NOT NULL CHECK (state IN (0, 2))
) STRICT;

-- Messages that a case has taken in, clustered by the case's id.
CREATE TABLE seen (
  id INTEGER NOT NULL,
  key BLOB NOT NULL CHECK (length(key) = 16),
  body BLOB NOT NULL CHECK (length(body) = 16),
  pos INTEGER NOT NULL,
  PRIMARY KEY (id, key)
) STRICT, WITHOUT ROWID;

-- One row per turn; `number` is the case's within the partition; `prev` links a case's turns, so that no index is needed.
CREATE TABLE journal (
  id INTEGER PRIMARY KEY,
  number INTEGER NOT NULL,
  prev INTEGER NOT NULL,
  at INTEGER NOT NULL,
  body BLOB NOT NULL,
  part INTEGER AS (id >> 47) VIRTUAL,
  pos INTEGER AS (id & 0x7FFFFFFFFFFF) VIRTUAL
) STRICT;

-- Commands that are not settled. `state`: 0 queued, 1 marked, 2 unknown since `time`, 3 accepted until `time`,
-- 4 parked. `body`: JSON of the case's name and the command.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  number INTEGER NOT NULL,
  cause INTEGER NOT NULL,
  created INTEGER NOT NULL,
  state INTEGER NOT NULL,
  time INTEGER,
  attempts INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;

-- Mail that has not been taken in, clustered by its receiver. `body`: JSON.
CREATE TABLE mail (
  to_part INTEGER NOT NULL,
  from_part INTEGER NOT NULL,
  pos INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (to_part, from_part, pos)
) STRICT, WITHOUT ROWID;

-- Up to where a partition has taken in another's mail.
CREATE TABLE mark (
  to_part INTEGER NOT NULL,
  from_part INTEGER NOT NULL,
  pos INTEGER NOT NULL,
  PRIMARY KEY (to_part, from_part)
) STRICT, WITHOUT ROWID;

-- Rows of cases that are too large to be one value, clustered by the case's id.
CREATE TABLE rows (
  id INTEGER NOT NULL,
  key TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (id, key)
) STRICT, WITHOUT ROWID;

-- The books' balances. The bounds make an overflow an error before SQLite could turn it into a float.
CREATE TABLE balance (
  part INTEGER NOT NULL,
  account TEXT NOT NULL,
  unit TEXT NOT NULL,
  value INTEGER NOT NULL CHECK (value BETWEEN -0x4000000000000000 AND 0x4000000000000000),
  PRIMARY KEY (part, account, unit)
) STRICT, WITHOUT ROWID;

-- What a person must see, and must have seen.
CREATE TABLE exception (
  id INTEGER PRIMARY KEY,
  part INTEGER NOT NULL,
  about TEXT NOT NULL,
  code TEXT NOT NULL,
  cause TEXT NOT NULL,
  owner TEXT NOT NULL,
  next_step TEXT NOT NULL,
  opened INTEGER NOT NULL,
  pos INTEGER NOT NULL,
  closed INTEGER,
  closed_pos INTEGER
) STRICT;
-- One open exception per fact.
CREATE UNIQUE INDEX exception_open ON exception (part, about, code) WHERE closed IS NULL;
