-- Dependencies that began in [start, end), each with the request that has it as parent: a call and the role that served
-- it. The margins allow for clock skew, queues and late arrival.
-- The result is complete if no call has two child requests and no in-process span has one, which `pairs` and `in_process`
-- show; otherwise calls_over_in_process_spans.sql is needed. A row without source_role is a request whose parent is not
-- one of these dependencies.
SELECT
    d.role AS source_role,
    r.role AS target_role,
    d.in_process,
    d.dependency_type,
    d.target,
    COUNT(*) AS pairs,
    MIN(d.time_us) AS first_us,
    d.bucket,
    CAST(SUM(d.item_count) AS BIGINT) AS calls,
    CAST(SUM(CASE WHEN d.success THEN 0 ELSE d.item_count END) AS BIGINT) AS failed,
    CAST(SUM(CAST(d.duration_us AS Int128) * d.item_count) AS VARCHAR) AS duration_us,
    COUNT(*) AS items,
    CAST(SUM(d.item_count * d.item_count) AS VARCHAR) AS squared_weights
FROM (
    SELECT time_us, span_key, role, in_process, dependency_type, target, bucket, item_count, success, duration_us
    FROM {items} AS i
    WHERE item_type = 'dependency' AND time_us >= $start_us - 60000000 AND time_us < $end_us + 60000000
) AS d
FULL JOIN (
    SELECT parent_key, role, time_us
    FROM {items} AS i
    WHERE
        item_type = 'request' AND parent_key IS NOT NULL
        AND time_us >= $start_us - 60000000 AND time_us < $end_us + 3600000000
) AS r ON r.parent_key = d.span_key
WHERE COALESCE(d.time_us, r.time_us) >= $start_us AND COALESCE(d.time_us, r.time_us) < $end_us
GROUP BY d.role, r.role, d.in_process, d.dependency_type, d.target, d.bucket
