-- Requests of each role in [start, end), by duration bucket, apart those that name no parent; and, in rows that name an
-- instance, those of each instance, of all durations together.
WITH counted AS (
    SELECT
        role,
        role_instance,
        parent_key IS NULL AS is_entry,
        bucket,
        SUM(item_count) AS calls,
        SUM(CASE WHEN success THEN 0 ELSE item_count END) AS failed,
        SUM(duration_us * item_count) AS duration_us
    FROM items
    WHERE item_type = 'request' AND time_us >= $start_us AND time_us < $end_us
    GROUP BY role, role_instance, parent_key IS NULL, bucket
)
SELECT
    role,
    NULL AS role_instance,
    is_entry,
    bucket,
    CAST(SUM(calls) AS BIGINT) AS calls,
    CAST(SUM(failed) AS BIGINT) AS failed,
    CAST(SUM(duration_us) AS BIGINT) AS duration_us
FROM counted
GROUP BY role, is_entry, bucket
UNION ALL
SELECT
    role,
    role_instance,
    NULL AS is_entry,
    NULL AS bucket,
    CAST(SUM(calls) AS BIGINT) AS calls,
    CAST(SUM(failed) AS BIGINT) AS failed,
    CAST(SUM(duration_us) AS BIGINT) AS duration_us
FROM counted
GROUP BY role, role_instance
