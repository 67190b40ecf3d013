-- Requests of [start, end) whose parent item is not stored, by role, `source` (empty when it names no role or
-- application), root request or not, recent or not, and duration bucket. A request that names its operation as parent is
-- a root request.
-- A parent begins before its child, at most an hour, or, with clock skew, up to a minute after.
SELECT
    r.role,
    CASE WHEN r.source LIKE '%roleName:%' OR r.source LIKE 'cid-v1:%' THEN r.source ELSE '' END AS named_source,
    r.parent_id = r.operation_id AS is_root,
    r.time_us >= $end_us - {recent_us} AS is_recent,
    r.bucket,
    CAST(SUM(r.item_count) AS BIGINT) AS calls,
    CAST(SUM(CASE WHEN r.success THEN 0 ELSE r.item_count END) AS BIGINT) AS failed,
    SUM(CAST(r.duration_us AS Int128) * r.item_count) AS duration_us,
    COUNT(*) AS items,
    SUM(r.item_count * r.item_count) AS squared_weights
FROM {items} AS r
LEFT JOIN (
    SELECT span_key
    FROM {items} AS i
    WHERE span_key IS NOT NULL AND time_us >= $start_us - 3600000000 AND time_us < $end_us + 60000000
) AS s ON s.span_key = r.parent_key
WHERE
    r.item_type = 'request' AND r.parent_key IS NOT NULL AND s.span_key IS NULL
    AND r.time_us >= $start_us AND r.time_us < $end_us
GROUP BY r.role, named_source, is_root, is_recent, r.bucket
