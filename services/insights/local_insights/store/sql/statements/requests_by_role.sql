-- Requests in [start, end) by role, root request or not, and duration bucket; and, in rows with a role_instance, by role
-- and instance, without buckets.
WITH counted AS (
    SELECT
        role,
        role_instance,
        parent_key IS NULL AS is_root,
        bucket,
        SUM(item_count) AS calls,
        SUM(CASE WHEN success THEN 0 ELSE item_count END) AS failed,
        SUM(CAST(duration_us AS Int128) * item_count) AS duration_us,
        COUNT(*) AS items,
        SUM(item_count * item_count) AS squared_weights
    FROM {items} AS i
    WHERE item_type = 'request' AND time_us >= $start_us AND time_us < $end_us
    GROUP BY role, role_instance, parent_key IS NULL, bucket
)
SELECT
    role,
    NULL AS role_instance,
    is_root,
    bucket,
    CAST(SUM(calls) AS BIGINT) AS calls,
    CAST(SUM(failed) AS BIGINT) AS failed,
    CAST(SUM(duration_us) AS VARCHAR) AS duration_us,
    CAST(SUM(items) AS BIGINT) AS items,
    CAST(SUM(squared_weights) AS VARCHAR) AS squared_weights
FROM counted
GROUP BY role, is_root, bucket
UNION ALL
SELECT
    role,
    role_instance,
    NULL AS is_root,
    NULL AS bucket,
    CAST(SUM(calls) AS BIGINT) AS calls,
    CAST(SUM(failed) AS BIGINT) AS failed,
    CAST(SUM(duration_us) AS VARCHAR) AS duration_us,
    CAST(SUM(items) AS BIGINT) AS items,
    CAST(SUM(squared_weights) AS VARCHAR) AS squared_weights
FROM counted
GROUP BY role, role_instance
