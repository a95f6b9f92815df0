CREATE TABLE agents (
  id TEXT NOT NULL,
  owner TEXT DEFAULT '' NOT NULL,
  stage TEXT DEFAULT '' NOT NULL,
  active INTEGER DEFAULT 0 NOT NULL,
  created_us INTEGER DEFAULT 0 NOT NULL,
  purpose TEXT DEFAULT '' NOT NULL,
  contact TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE people (
  id TEXT NOT NULL,
  roles TEXT DEFAULT '' NOT NULL,
  public_key TEXT DEFAULT '' NOT NULL,
  active INTEGER DEFAULT 0 NOT NULL,
  enrolled_us INTEGER DEFAULT 0 NOT NULL,
  passkeys TEXT DEFAULT '' NOT NULL,
  recovery TEXT DEFAULT '' NOT NULL,
  identity TEXT DEFAULT '' NOT NULL,
  away TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE tokens (
  id TEXT NOT NULL,
  kind TEXT DEFAULT '' NOT NULL,
  agent TEXT DEFAULT '' NOT NULL,
  workflow TEXT DEFAULT '' NOT NULL,
  task TEXT DEFAULT '' NOT NULL,
  person TEXT DEFAULT '' NOT NULL,
  expires_us INTEGER DEFAULT 0 NOT NULL,
  revoked INTEGER DEFAULT 0 NOT NULL,
  created_us INTEGER DEFAULT 0 NOT NULL,
  label TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE tasks (
  id TEXT NOT NULL,
  workflow TEXT DEFAULT '' NOT NULL,
  agent TEXT DEFAULT '' NOT NULL,
  instance TEXT DEFAULT '' NOT NULL,
  requester TEXT DEFAULT '' NOT NULL,
  boundary TEXT DEFAULT '' NOT NULL,
  inputs BLOB,
  words BLOB,
  opened_us INTEGER DEFAULT 0 NOT NULL,
  expires_us INTEGER DEFAULT 0 NOT NULL,
  standing INTEGER DEFAULT 0 NOT NULL,
  closed INTEGER DEFAULT 0 NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE instances (
  id TEXT NOT NULL,
  influenced INTEGER DEFAULT 0 NOT NULL,
  since_us INTEGER DEFAULT 0 NOT NULL,
  source TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE calls (
  id TEXT NOT NULL,
  task TEXT DEFAULT '' NOT NULL,
  tool TEXT DEFAULT '' NOT NULL,
  system TEXT DEFAULT '' NOT NULL,
  workflow TEXT DEFAULT '' NOT NULL,
  agent TEXT DEFAULT '' NOT NULL,
  instance TEXT DEFAULT '' NOT NULL,
  requester TEXT DEFAULT '' NOT NULL,
  level TEXT DEFAULT '' NOT NULL,
  digest TEXT DEFAULT '' NOT NULL,
  boundary TEXT DEFAULT '' NOT NULL,
  origin TEXT DEFAULT '' NOT NULL,
  parent TEXT DEFAULT '' NOT NULL,
  channel TEXT DEFAULT '' NOT NULL,
  verdict TEXT DEFAULT '' NOT NULL,
  ending TEXT DEFAULT '' NOT NULL,
  action TEXT,
  approval TEXT DEFAULT '' NOT NULL,
  idempotency_key TEXT DEFAULT '' NOT NULL,
  delivered INTEGER DEFAULT 0 NOT NULL,
  proposed_us INTEGER DEFAULT 0 NOT NULL,
  changed_us INTEGER DEFAULT 0 NOT NULL,
  proposal BLOB,
  result BLOB,
  reasons TEXT DEFAULT '' NOT NULL,
  glass TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE approvals (
  id TEXT NOT NULL,
  call TEXT DEFAULT '' NOT NULL,
  digest TEXT DEFAULT '' NOT NULL,
  boundary TEXT DEFAULT '' NOT NULL,
  target TEXT DEFAULT '' NOT NULL,
  state TEXT DEFAULT '' NOT NULL,
  who TEXT DEFAULT '' NOT NULL,
  how_many INTEGER DEFAULT 0 NOT NULL,
  within_s INTEGER DEFAULT 0 NOT NULL,
  asked_us INTEGER DEFAULT 0 NOT NULL,
  expires_us INTEGER DEFAULT 0 NOT NULL,
  changed_us INTEGER DEFAULT 0 NOT NULL,
  answers TEXT DEFAULT '' NOT NULL,
  about TEXT DEFAULT '' NOT NULL,
  passed TEXT DEFAULT '' NOT NULL,
  object BLOB,
  risen INTEGER DEFAULT 0 NOT NULL,
  not_before_us INTEGER DEFAULT 0 NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE drafts (
  id TEXT NOT NULL,
  call TEXT DEFAULT '' NOT NULL,
  task TEXT DEFAULT '' NOT NULL,
  tool TEXT DEFAULT '' NOT NULL,
  state TEXT DEFAULT '' NOT NULL,
  stored_us INTEGER DEFAULT 0 NOT NULL,
  changed_us INTEGER DEFAULT 0 NOT NULL,
  released_as TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE switches (
  id TEXT NOT NULL,
  scope TEXT DEFAULT '' NOT NULL,
  verdict TEXT DEFAULT '' NOT NULL,
  because TEXT DEFAULT '' NOT NULL,
  by_person TEXT DEFAULT '' NOT NULL,
  since_us INTEGER DEFAULT 0 NOT NULL,
  lifted_us INTEGER,
  lifted_by TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE boundaries (
  id TEXT NOT NULL,
  workflow TEXT DEFAULT '' NOT NULL,
  state TEXT DEFAULT '' NOT NULL,
  document BLOB,
  active_from_us INTEGER DEFAULT 0 NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE versions (
  id TEXT NOT NULL,
  workflow TEXT DEFAULT '' NOT NULL,
  number INTEGER DEFAULT 0 NOT NULL,
  digest TEXT DEFAULT '' NOT NULL,
  proposal TEXT DEFAULT '' NOT NULL,
  state TEXT DEFAULT '' NOT NULL,
  author TEXT DEFAULT '' NOT NULL,
  because TEXT DEFAULT '' NOT NULL,
  against TEXT DEFAULT '' NOT NULL,
  change TEXT DEFAULT '' NOT NULL,
  proof TEXT DEFAULT '' NOT NULL,
  signatures TEXT DEFAULT '' NOT NULL,
  proposed_us INTEGER DEFAULT 0 NOT NULL,
  from_us INTEGER DEFAULT 0 NOT NULL,
  ended_us INTEGER DEFAULT 0 NOT NULL,
  reverts INTEGER DEFAULT 0 NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE baselines (
  id TEXT NOT NULL,
  number INTEGER DEFAULT 0 NOT NULL,
  digest TEXT DEFAULT '' NOT NULL,
  marked_by TEXT DEFAULT '' NOT NULL,
  signature TEXT DEFAULT '' NOT NULL,
  marked_us INTEGER DEFAULT 0 NOT NULL,
  on_since_us INTEGER,
  because TEXT DEFAULT '' NOT NULL,
  by_person TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE pins (
  id TEXT NOT NULL,
  system TEXT DEFAULT '' NOT NULL,
  tool TEXT DEFAULT '' NOT NULL,
  digest TEXT DEFAULT '' NOT NULL,
  definition TEXT DEFAULT '' NOT NULL,
  state TEXT DEFAULT '' NOT NULL,
  changed_us INTEGER DEFAULT 0 NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE secrets (
  id TEXT NOT NULL,
  sealed BLOB,
  created_us INTEGER DEFAULT 0 NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE images (
  id TEXT NOT NULL,
  call TEXT DEFAULT '' NOT NULL,
  system TEXT DEFAULT '' NOT NULL,
  tool TEXT DEFAULT '' NOT NULL,
  sealed BLOB,
  taken_us INTEGER DEFAULT 0 NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE outbox (
  id TEXT NOT NULL,
  notice TEXT DEFAULT '' NOT NULL,
  channel TEXT DEFAULT '' NOT NULL,
  kind TEXT DEFAULT '' NOT NULL,
  about TEXT DEFAULT '' NOT NULL,
  state TEXT DEFAULT '' NOT NULL,
  words TEXT DEFAULT '' NOT NULL,
  why TEXT DEFAULT '' NOT NULL,
  made_us INTEGER DEFAULT 0 NOT NULL,
  ends_us INTEGER DEFAULT 0 NOT NULL,
  changed_us INTEGER DEFAULT 0 NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE devices (
  id TEXT NOT NULL,
  person TEXT DEFAULT '' NOT NULL,
  label TEXT DEFAULT '' NOT NULL,
  state TEXT DEFAULT '' NOT NULL,
  made_us INTEGER DEFAULT 0 NOT NULL,
  changed_us INTEGER DEFAULT 0 NOT NULL,
  sealed BLOB,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE sign_ins (
  id TEXT NOT NULL,
  kind TEXT DEFAULT '' NOT NULL,
  person TEXT DEFAULT '' NOT NULL,
  state TEXT DEFAULT '' NOT NULL,
  until_us INTEGER DEFAULT 0 NOT NULL,
  changed_us INTEGER DEFAULT 0 NOT NULL,
  sealed BLOB,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE workflow_steps (
  id TEXT NOT NULL,
  workflow TEXT DEFAULT '' NOT NULL,
  public_key TEXT DEFAULT '' NOT NULL,
  because TEXT DEFAULT '' NOT NULL,
  active INTEGER DEFAULT 0 NOT NULL,
  added_us INTEGER DEFAULT 0 NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE flagged (
  id TEXT NOT NULL,
  call TEXT DEFAULT '' NOT NULL,
  state TEXT DEFAULT '' NOT NULL,
  changed_us INTEGER DEFAULT 0 NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE records (
  id TEXT NOT NULL,
  mark TEXT DEFAULT '' NOT NULL,
  call TEXT DEFAULT '' NOT NULL,
  at_us INTEGER DEFAULT 0 NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE glasses (
  id TEXT NOT NULL,
  scope TEXT DEFAULT '' NOT NULL,
  because TEXT DEFAULT '' NOT NULL,
  state TEXT DEFAULT '' NOT NULL,
  asked TEXT DEFAULT '' NOT NULL,
  second TEXT DEFAULT '' NOT NULL,
  review TEXT DEFAULT '' NOT NULL,
  found TEXT DEFAULT '' NOT NULL,
  words TEXT DEFAULT '' NOT NULL,
  ended_by TEXT DEFAULT '' NOT NULL,
  lasts_s INTEGER DEFAULT 0 NOT NULL,
  asked_us INTEGER DEFAULT 0 NOT NULL,
  since_us INTEGER DEFAULT 0 NOT NULL,
  ends_us INTEGER DEFAULT 0 NOT NULL,
  ended_us INTEGER DEFAULT 0 NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE exercises (
  id TEXT NOT NULL,
  call TEXT DEFAULT '' NOT NULL,
  made_from TEXT DEFAULT '' NOT NULL,
  state TEXT DEFAULT '' NOT NULL,
  asked_us INTEGER DEFAULT 0 NOT NULL,
  expires_us INTEGER DEFAULT 0 NOT NULL,
  changed_us INTEGER DEFAULT 0 NOT NULL,
  sealed BLOB,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE grants (
  id TEXT NOT NULL,
  approval TEXT DEFAULT '' NOT NULL,
  person TEXT DEFAULT '' NOT NULL,
  task TEXT DEFAULT '' NOT NULL,
  agent TEXT DEFAULT '' NOT NULL,
  workflow TEXT DEFAULT '' NOT NULL,
  system TEXT DEFAULT '' NOT NULL,
  tool TEXT DEFAULT '' NOT NULL,
  boundary TEXT DEFAULT '' NOT NULL,
  at_most INTEGER DEFAULT 0 NOT NULL,
  since_us INTEGER DEFAULT 0 NOT NULL,
  until_us INTEGER DEFAULT 0 NOT NULL,
  epoch INTEGER DEFAULT 0 NOT NULL,
  ended_us INTEGER,
  ended_by TEXT DEFAULT '' NOT NULL,
  why TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE lists (
  id TEXT NOT NULL,
  person TEXT DEFAULT '' NOT NULL,
  root TEXT DEFAULT '' NOT NULL,
  signature TEXT DEFAULT '' NOT NULL,
  size INTEGER DEFAULT 0 NOT NULL,
  signed_us INTEGER DEFAULT 0 NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE counters (
  id TEXT NOT NULL,
  value INTEGER DEFAULT 0 NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE epochs (
  id TEXT NOT NULL,
  epoch INTEGER DEFAULT 0 NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE meta (
  id TEXT NOT NULL,
  value TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (id)
)
 STRICT;
CREATE TABLE ledger (
  seq INTEGER NOT NULL,
  stream TEXT DEFAULT '' NOT NULL,
  hash TEXT DEFAULT '' NOT NULL,
  data BLOB NOT NULL,
  commit_id TEXT DEFAULT '' NOT NULL,
  kind TEXT DEFAULT '' NOT NULL,
  at_us INTEGER DEFAULT 0 NOT NULL,
  call TEXT DEFAULT '' NOT NULL,
  task TEXT DEFAULT '' NOT NULL,
  agent TEXT DEFAULT '' NOT NULL,
  person TEXT DEFAULT '' NOT NULL,
  tool TEXT DEFAULT '' NOT NULL,
  workflow TEXT DEFAULT '' NOT NULL,
  verdict TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (seq)
)
 STRICT;
CREATE TABLE payloads (
  seq INTEGER NOT NULL,
  salt BLOB,
  sealed BLOB,
  PRIMARY KEY (seq)
)
 STRICT;
CREATE INDEX calls_by_action ON calls (action) WHERE action <> 'done';
CREATE INDEX calls_by_glass ON calls (glass) WHERE glass <> '';
CREATE INDEX calls_by_parent ON calls (parent) WHERE parent <> '';
CREATE INDEX approvals_by_call ON approvals (call) WHERE call <> '';
CREATE INDEX approvals_by_state ON approvals (state) WHERE state <> '';
CREATE INDEX approvals_in_brief ON approvals (state, id, call, who, asked_us, expires_us, changed_us, passed, risen) WHERE state <> '';
CREATE INDEX drafts_by_call ON drafts (call) WHERE call <> '';
CREATE INDEX drafts_by_state ON drafts (state) WHERE state <> '';
CREATE INDEX images_by_call ON images (call) WHERE call <> '';
CREATE INDEX outbox_by_about ON outbox (about) WHERE about <> '';
CREATE INDEX outbox_by_state ON outbox (state) WHERE state <> '';
CREATE INDEX flagged_by_state ON flagged (state) WHERE state <> '';
CREATE INDEX records_by_mark ON records (mark) WHERE mark <> '';
CREATE INDEX exercises_by_call ON exercises (call) WHERE call <> '';
CREATE INDEX exercises_by_made_from ON exercises (made_from) WHERE made_from <> '';
CREATE INDEX exercises_by_state ON exercises (state) WHERE state <> '';
CREATE INDEX ledger_by_agent ON ledger (agent) WHERE agent <> '';
CREATE INDEX ledger_by_call ON ledger (call) WHERE call <> '';
CREATE INDEX ledger_by_person ON ledger (person) WHERE person <> '';
CREATE INDEX ledger_by_task ON ledger (task) WHERE task <> '';
CREATE INDEX ledger_by_tool ON ledger (tool) WHERE tool <> '';
CREATE INDEX ledger_of_answers ON ledger (kind, tool) WHERE kind = 'approval.answered';
