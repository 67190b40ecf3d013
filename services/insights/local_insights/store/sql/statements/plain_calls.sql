-- Dependencies that began in [start, end), each with the request that names it as its parent: a call and who answered.
-- The margins take clock skew, queues and late arrival.
-- This is all there is to it where no call is answered twice and no in-process span is named as a parent. `pairs` and
-- `in_process` tell; else calls.sql has the answer. Rows without a source say that a request names a parent that is no
-- dependency here.
SELECT
    d.role AS source_role,
    r.role AS target_role,
    d.in_process,
    d.dependency_type,
    d.target,
    COUNT(*) AS pairs,
    d.bucket,
    CAST(SUM(d.item_count) AS BIGINT) AS calls,
    CAST(SUM(CASE WHEN d.success THEN 0 ELSE d.item_count END) AS BIGINT) AS failed,
    CAST(SUM(d.duration_us * d.item_count) AS BIGINT) AS duration_us
FROM (
    SELECT time_us, span_key, role, in_process, dependency_type, target, bucket, item_count, success, duration_us
    FROM items
    WHERE item_type = 'dependency' AND time_us >= $start_us - 60000000 AND time_us < $end_us + 60000000
) AS d
FULL JOIN (
    SELECT parent_key, role, time_us
    FROM items
    WHERE
        item_type = 'request' AND parent_key IS NOT NULL
        AND time_us >= $start_us - 60000000 AND time_us < $end_us + 3600000000
) AS r ON r.parent_key = d.span_key
WHERE COALESCE(d.time_us, r.time_us) >= $start_us AND COALESCE(d.time_us, r.time_us) < $end_us
GROUP BY d.role, r.role, d.in_process, d.dependency_type, d.target, d.bucket
