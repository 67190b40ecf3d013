-- Page views in [start, end) by role and duration bucket.
SELECT
    role,
    bucket,
    CAST(SUM(item_count) AS BIGINT) AS calls,
    CAST(SUM(CASE WHEN NOT success THEN item_count ELSE 0 END) AS BIGINT) AS failed,
    SUM(CAST(duration_us AS Int128) * item_count) AS duration_us,
    COUNT(*) AS items,
    SUM(item_count * item_count) AS squared_weights
FROM {items} AS i
WHERE item_type = 'pageView' AND time_us >= $start_us AND time_us < $end_us
GROUP BY role, bucket
