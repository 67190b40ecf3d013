-- 1.02 is model.statistics.BUCKET_BASE. The hash is shifted into the positive half of BIGINT.
INSERT INTO items
SELECT
    batch.*,
    CAST(CASE WHEN duration_us > 1 THEN FLOOR(LN(duration_us) / LN(1.02)) WHEN duration_us IS NOT NULL THEN 0 END AS SMALLINT),
    CASE WHEN id <> '' THEN CAST(hash(operation_id, id) >> 1 AS BIGINT) END,
    CASE WHEN parent_id <> '' THEN CAST(hash(operation_id, parent_id) >> 1 AS BIGINT) END,
    LOWER(dependency_type) = 'inproc' OR LOWER(dependency_type) LIKE 'inproc |%'
FROM batch
