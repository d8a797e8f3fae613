-- What Pawl's store holds of a deployment, as tables: records, the history of each lane, those that are
-- unfinished, journals, request ids, and each lane's row. PostgreSQL and SQLite alike.
CREATE TABLE lanes (
  app TEXT NOT NULL,
  cluster TEXT NOT NULL,
  last_created BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  PRIMARY KEY (app, cluster)
);
CREATE TABLE deployments (
  id TEXT PRIMARY KEY,
  app TEXT NOT NULL,
  cluster TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  request_id TEXT NOT NULL UNIQUE,
  revision BIGINT NOT NULL,
  record TEXT NOT NULL
);
CREATE INDEX history ON deployments (app, cluster, created_at, id);
CREATE INDEX unfinished ON deployments (app, cluster, created_at) WHERE state NOT IN ('active', 'failed', 'retired');
CREATE TABLE events (
  deployment TEXT NOT NULL,
  seq BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (deployment, seq)
);
