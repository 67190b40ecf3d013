-- Columns are matched by name, because a migrated file has another order. 1.02 is model.statistics.BUCKET_BASE. The hash
-- is shifted into the positive half of BIGINT.
INSERT INTO items BY NAME
SELECT
    batch.*,
    CAST(CASE WHEN duration_us > 1 THEN FLOOR(LN(duration_us) / LN(1.02)) WHEN duration_us IS NOT NULL THEN 0 END AS SMALLINT) AS bucket,
    CASE WHEN id <> '' THEN CAST(hash(operation_id, id) >> 1 AS BIGINT) END AS span_key,
    CASE WHEN parent_id <> '' THEN CAST(hash(operation_id, parent_id) >> 1 AS BIGINT) END AS parent_key,
    LOWER(dependency_type) = 'inproc' OR LOWER(dependency_type) LIKE 'inproc |%' AS in_process
FROM batch
