-- Results of each availability test in [start, end), with the role that served the first request of their operation.
-- A test and the requests it causes share the operation, whether or not the request names the test as its parent.
WITH results AS (
    SELECT operation_id, name, bucket, item_count, success, duration_us
    FROM items
    WHERE item_type = 'availabilityResult' AND time_us >= $start_us AND time_us < $end_us
),
served AS (
    SELECT operation_id, role, ROW_NUMBER() OVER (PARTITION BY operation_id ORDER BY time_us, id) AS place
    FROM items
    WHERE
        item_type = 'request' AND operation_id <> '' AND operation_id IN (SELECT operation_id FROM results)
        AND time_us >= $start_us - 3600000000 AND time_us < $end_us + 3600000000
)
SELECT
    a.name,
    s.role AS target_role,
    a.bucket,
    CAST(SUM(a.item_count) AS BIGINT) AS calls,
    CAST(SUM(CASE WHEN NOT a.success THEN a.item_count ELSE 0 END) AS BIGINT) AS failed,
    CAST(SUM(a.duration_us * a.item_count) AS BIGINT) AS duration_us
FROM results AS a
LEFT JOIN served AS s ON s.operation_id = a.operation_id AND s.place = 1
GROUP BY a.name, s.role, a.bucket
