-- DuckDB, with its extensions iceberg, avro and httpfs loaded: the tables are perdure.durable.workflow_executions and
-- perdure.durable.workflow_history.
SET TimeZone = 'UTC';
CREATE SECRET files (
  TYPE s3,
  KEY_ID 'local',
  SECRET 'local-secret',
  REGION 'auto',
  ENDPOINT 'localhost:8787/cdn-cgi/local/r2/s3',
  URL_STYLE 'path',
  USE_SSL false
);
CREATE SECRET catalog (TYPE iceberg, TOKEN 'dev');
ATTACH 'perdure-archive' AS perdure (
  TYPE iceberg,
  ENDPOINT 'http://localhost:8787/iceberg',
  SECRET catalog,
  ACCESS_DELEGATION_MODE 'none'
);
