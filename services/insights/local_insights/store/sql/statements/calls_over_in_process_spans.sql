-- Dependencies that began in [start, end), each with the role that served it. A remote call is served by the request that
-- has it as parent (the role that sorts first if several do: a retry is not a second call), else by a request that
-- reaches it over one or two in-process spans (three hops). An in-process span is itself the call if a request of another
-- role has it as parent and no remote call is one or two hops above it.
-- The margins allow for clock skew, queues and late arrival.
WITH requests AS (
    SELECT parent_key, role
    FROM items
    WHERE
        item_type = 'request' AND parent_key IS NOT NULL
        AND time_us >= $start_us - 60000000 AND time_us < $end_us + 3600000000
),
in_process_spans AS (
    SELECT span_key, parent_key, role
    FROM items
    WHERE
        in_process AND span_key IS NOT NULL
        AND time_us >= $start_us - 3600000000 AND time_us < $end_us + 3600000000
),
one_span AS (
    SELECT r.role AS target_role, p.role AS span_role, p.span_key, p.parent_key AS caller_key
    FROM requests AS r
    INNER JOIN in_process_spans AS p ON p.span_key = r.parent_key
),
two_spans AS (
    SELECT o.target_role, o.span_key, p.parent_key AS caller_key
    FROM one_span AS o
    INNER JOIN in_process_spans AS p ON p.span_key = o.caller_key
),
remote_calls AS (
    SELECT span_key
    FROM items
    WHERE
        item_type = 'dependency' AND NOT in_process AND span_key IS NOT NULL
        AND time_us >= $start_us - 3600000000 AND time_us < $end_us + 3600000000
),
spans_below_remote_calls AS (
    SELECT o.span_key FROM one_span AS o INNER JOIN remote_calls AS d ON d.span_key = o.caller_key
    UNION
    SELECT t.span_key FROM two_spans AS t INNER JOIN remote_calls AS d ON d.span_key = t.caller_key
),
served_directly AS (
    SELECT parent_key AS caller_key, MIN(role) AS role FROM requests GROUP BY parent_key
),
served_over_one_span AS (
    SELECT caller_key, MIN(target_role) AS role FROM one_span WHERE caller_key IS NOT NULL GROUP BY caller_key
),
served_over_two_spans AS (
    SELECT caller_key, MIN(target_role) AS role FROM two_spans WHERE caller_key IS NOT NULL GROUP BY caller_key
),
served_in_process AS (
    SELECT o.span_key, o.span_role, MIN(o.target_role) AS role
    FROM one_span AS o
    LEFT JOIN spans_below_remote_calls AS b ON b.span_key = o.span_key
    WHERE o.target_role <> o.span_role AND b.span_key IS NULL
    GROUP BY o.span_key, o.span_role
),
calls AS (
    SELECT
        d.role AS source_role,
        CASE WHEN d.in_process THEN p.role ELSE COALESCE(r.role, o.role, t.role) END AS target_role,
        d.in_process, d.dependency_type, d.target, d.bucket, d.item_count, d.success, d.duration_us
    FROM items AS d
    LEFT JOIN served_directly AS r ON r.caller_key = d.span_key
    LEFT JOIN served_over_one_span AS o ON o.caller_key = d.span_key
    LEFT JOIN served_over_two_spans AS t ON t.caller_key = d.span_key
    LEFT JOIN served_in_process AS p ON p.span_key = d.span_key AND p.span_role = d.role
    WHERE d.item_type = 'dependency' AND d.time_us >= $start_us AND d.time_us < $end_us
)
SELECT
    source_role,
    target_role,
    in_process,
    dependency_type,
    target,
    bucket,
    CAST(SUM(item_count) AS BIGINT) AS calls,
    CAST(SUM(CASE WHEN success THEN 0 ELSE item_count END) AS BIGINT) AS failed,
    SUM(CAST(duration_us AS Int128) * item_count) AS duration_us
FROM calls
GROUP BY source_role, target_role, in_process, dependency_type, target, bucket
