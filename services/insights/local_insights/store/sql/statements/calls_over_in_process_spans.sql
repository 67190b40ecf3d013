-- Dependencies that began in [start, end), each with the roles that served it. A remote call is served by the requests that
-- have it as parent, else by requests that reach it over one or two in-process spans (three hops). Several requests of
-- one role are one call: a retry is not a second call. Each of several roles, such as the receivers of a message, has a
-- row with the call. An in-process span is itself the call if a request of another role has it as parent and no remote
-- call is one or two hops above it.
-- The margins allow for clock skew, queues and late arrival.
WITH requests AS (
    SELECT parent_key, role
    FROM {items} AS i
    WHERE
        item_type = 'request' AND parent_key IS NOT NULL
        AND time_us >= $start_us - 60000000 AND time_us < $end_us + 3600000000
),
in_process_spans AS (
    SELECT span_key, parent_key, role
    FROM {items} AS i
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
    FROM {items} AS i
    WHERE
        item_type = 'dependency' AND NOT in_process AND span_key IS NOT NULL
        AND time_us >= $start_us - 3600000000 AND time_us < $end_us + 3600000000
),
spans_below_remote_calls AS (
    SELECT o.span_key FROM one_span AS o INNER JOIN remote_calls AS d ON d.span_key = o.caller_key
    UNION
    SELECT t.span_key FROM two_spans AS t INNER JOIN remote_calls AS d ON d.span_key = t.caller_key
),
served_over_one_span AS (
    SELECT o.caller_key, o.target_role FROM one_span AS o ANTI JOIN requests AS r ON r.parent_key = o.caller_key
    WHERE o.caller_key IS NOT NULL
),
served_over_two_spans AS (
    SELECT t.caller_key, t.target_role FROM two_spans AS t
    ANTI JOIN requests AS r ON r.parent_key = t.caller_key
    ANTI JOIN served_over_one_span AS o ON o.caller_key = t.caller_key
    WHERE t.caller_key IS NOT NULL
),
served AS (
    SELECT parent_key AS caller_key, role FROM requests
    UNION
    SELECT caller_key, target_role FROM served_over_one_span
    UNION
    SELECT caller_key, target_role FROM served_over_two_spans
),
served_in_process AS (
    SELECT DISTINCT o.span_key, o.span_role, o.target_role AS role
    FROM one_span AS o
    LEFT JOIN spans_below_remote_calls AS b ON b.span_key = o.span_key
    WHERE o.target_role <> o.span_role AND b.span_key IS NULL
),
calls AS (
    SELECT
        d.role AS source_role,
        CASE WHEN d.in_process THEN p.role ELSE s.role END AS target_role,
        d.in_process, d.dependency_type, d.target, d.time_us, d.bucket, d.item_count, d.success, d.duration_us
    FROM {items} AS d
    LEFT JOIN served AS s ON NOT d.in_process AND s.caller_key = d.span_key
    LEFT JOIN served_in_process AS p ON d.in_process AND p.span_key = d.span_key AND p.span_role = d.role
    WHERE d.item_type = 'dependency' AND d.time_us >= $start_us AND d.time_us < $end_us
)
SELECT
    source_role,
    target_role,
    in_process,
    dependency_type,
    target,
    MIN(time_us) AS first_us,
    bucket,
    CAST(SUM(item_count) AS BIGINT) AS calls,
    CAST(SUM(CASE WHEN success THEN 0 ELSE item_count END) AS BIGINT) AS failed,
    CAST(SUM(CAST(duration_us AS Int128) * item_count) AS VARCHAR) AS duration_us,
    COUNT(*) AS items,
    CAST(SUM(item_count * item_count) AS VARCHAR) AS squared_weights
FROM calls
GROUP BY source_role, target_role, in_process, dependency_type, target, bucket
