-- Results of availability tests in [start, end), with the role that served the first request of their operation.
-- A test and the requests that it causes share the operation id; the parent id is not considered.
-- Requests are joined before they are ranked, because few operations belong to a test.
WITH results AS (
    SELECT operation_id, name, bucket, item_count, success, duration_us
    FROM {items} AS i
    WHERE item_type = 'availabilityResult' AND time_us >= $start_us AND time_us < $end_us
),
tested AS (
    SELECT DISTINCT operation_id FROM results WHERE operation_id <> ''
),
served AS (
    SELECT t.operation_id, r.role, ROW_NUMBER() OVER (PARTITION BY t.operation_id ORDER BY r.time_us, r.role) AS position
    FROM tested AS t
    INNER JOIN {items} AS r ON r.operation_id = t.operation_id
    WHERE
        r.item_type = 'request'
        AND r.time_us >= $start_us - 3600000000 AND r.time_us < $end_us + 3600000000
)
SELECT
    a.name,
    s.role AS target_role,
    a.bucket,
    CAST(SUM(a.item_count) AS BIGINT) AS calls,
    CAST(SUM(CASE WHEN NOT a.success THEN a.item_count ELSE 0 END) AS BIGINT) AS failed,
    SUM(CAST(a.duration_us AS Int128) * a.item_count) AS duration_us,
    COUNT(*) AS items,
    SUM(a.item_count * a.item_count) AS squared_weights
FROM results AS a
LEFT JOIN served AS s ON s.operation_id = a.operation_id AND s.position = 1
GROUP BY a.name, s.role, a.bucket
