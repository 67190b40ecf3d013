-- As calls.sql, when in-process spans stand between callers and requests: a remote call is answered by the request that
-- names it as parent, else by one that reaches it over one or two in-process spans (three hops). An in-process span is
-- itself the call when a request of another role names it and no remote call stands within reach above it.
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
    SELECT relay_key FROM one_relay WHERE caller_key IN (SELECT span_key FROM remote)
    UNION
    SELECT relay_key FROM two_relays WHERE caller_key IN (SELECT span_key FROM remote)
),
answers AS (
    SELECT
        caller_key,
        COALESCE(
            MIN(CASE WHEN hops = 1 THEN target_role END),
            MIN(CASE WHEN hops = 2 THEN target_role END),
            MIN(CASE WHEN hops = 3 THEN target_role END)
        ) AS role
    FROM (
        SELECT parent_key AS caller_key, role AS target_role, 1 AS hops FROM requests
        UNION ALL
        SELECT caller_key, target_role, 2 AS hops FROM one_relay WHERE caller_key IS NOT NULL
        UNION ALL
        SELECT caller_key, target_role, 3 AS hops FROM two_relays WHERE caller_key IS NOT NULL
    ) AS reached
    GROUP BY caller_key
),
relay_answers AS (
    SELECT relay_key, relay_role, MIN(target_role) AS role
    FROM one_relay
    WHERE target_role <> relay_role AND relay_key NOT IN (SELECT relay_key FROM claimed)
    GROUP BY relay_key, relay_role
)
SELECT
    d.role AS source_role,
    CASE WHEN d.in_process THEN p.role ELSE r.role END AS target_role,
    d.in_process,
    d.dependency_type,
    d.target,
    d.bucket,
    CAST(SUM(d.item_count) AS BIGINT) AS calls,
    CAST(SUM(CASE WHEN d.success THEN 0 ELSE d.item_count END) AS BIGINT) AS failed,
    CAST(SUM(d.duration_us * d.item_count) AS BIGINT) AS duration_us
FROM items AS d
LEFT JOIN answers AS r ON r.caller_key = d.span_key
LEFT JOIN relay_answers AS p ON p.relay_key = d.span_key AND p.relay_role = d.role
WHERE
    d.item_type = 'dependency' AND d.time_us >= $start_us AND d.time_us < $end_us
GROUP BY 1, 2, d.in_process, d.dependency_type, d.target, d.bucket
