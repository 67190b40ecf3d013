-- Requests of each role in [start, end), by duration bucket; apart those that name no parent.
SELECT
    role,
    parent_key IS NULL AS is_entry,
    bucket,
    CAST(SUM(item_count) AS BIGINT) AS calls,
    CAST(SUM(CASE WHEN success THEN 0 ELSE item_count END) AS BIGINT) AS failed,
    CAST(SUM(duration_us * item_count) AS BIGINT) AS duration_us
FROM items
WHERE item_type = 'request' AND time_us >= $start_us AND time_us < $end_us
GROUP BY role, parent_key IS NULL, bucket
