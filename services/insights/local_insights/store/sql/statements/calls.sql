-- Dependencies that began in [start, end), with who answered them: a remote call is answered by the request that names it
-- as parent (the least role, where several do: a retry is no second call), else by one that reaches it over one or two
-- in-process spans (three hops). An in-process span is itself the call when a request of another role names it and no
-- remote call stands within reach above it. The margins take clock skew, queues and late arrival.
WITH requests AS (
    SELECT parent_key, role
    FROM items
    WHERE
        item_type = 'request' AND parent_key IS NOT NULL
        AND time_us >= $start_us - 60000000 AND time_us < $end_us + 3600000000
),
relays AS (
    SELECT span_key, parent_key, role
    FROM items
    WHERE
        in_process AND span_key IS NOT NULL
        AND time_us >= $start_us - 3600000000 AND time_us < $end_us + 3600000000
),
one_relay AS (
    SELECT r.role AS target_role, p.role AS relay_role, p.span_key AS relay_key, p.parent_key AS caller_key
    FROM requests AS r
    INNER JOIN relays AS p ON p.span_key = r.parent_key
),
two_relays AS (
    SELECT o.target_role, o.relay_key, p.parent_key AS caller_key
    FROM one_relay AS o
    INNER JOIN relays AS p ON p.span_key = o.caller_key
),
remote AS (
    SELECT span_key
    FROM items
    WHERE
        item_type = 'dependency' AND NOT in_process AND span_key IS NOT NULL
        AND time_us >= $start_us - 3600000000 AND time_us < $end_us + 3600000000
),
claimed AS (
    SELECT o.relay_key FROM one_relay AS o INNER JOIN remote AS d ON d.span_key = o.caller_key
    UNION
    SELECT t.relay_key FROM two_relays AS t INNER JOIN remote AS d ON d.span_key = t.caller_key
),
at_first_hand AS (
    SELECT parent_key AS caller_key, MIN(role) AS role FROM requests GROUP BY parent_key
),
over_one_relay AS (
    SELECT caller_key, MIN(target_role) AS role FROM one_relay WHERE caller_key IS NOT NULL GROUP BY caller_key
),
over_two_relays AS (
    SELECT caller_key, MIN(target_role) AS role FROM two_relays WHERE caller_key IS NOT NULL GROUP BY caller_key
),
by_relay AS (
    SELECT o.relay_key, o.relay_role, MIN(o.target_role) AS role
    FROM one_relay AS o
    LEFT JOIN claimed AS c ON c.relay_key = o.relay_key
    WHERE o.target_role <> o.relay_role AND c.relay_key IS NULL
    GROUP BY o.relay_key, o.relay_role
),
answered AS (
    SELECT
        d.role AS source_role,
        CASE WHEN d.in_process THEN p.role ELSE COALESCE(r.role, o.role, t.role) END AS target_role,
        d.in_process, d.dependency_type, d.target, d.bucket, d.item_count, d.success, d.duration_us
    FROM items AS d
    LEFT JOIN at_first_hand AS r ON r.caller_key = d.span_key
    LEFT JOIN over_one_relay AS o ON o.caller_key = d.span_key
    LEFT JOIN over_two_relays AS t ON t.caller_key = d.span_key
    LEFT JOIN by_relay AS p ON p.relay_key = d.span_key AND p.relay_role = d.role
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
    CAST(SUM(duration_us * item_count) AS BIGINT) AS duration_us
FROM answered
GROUP BY source_role, target_role, in_process, dependency_type, target, bucket
