-- Instances of one role that served or called in [start, end), with the requests they served, by duration bucket.
SELECT
    role_instance,
    CASE WHEN item_type = 'request' THEN bucket END AS bucket,
    CAST(SUM(CASE WHEN item_type = 'request' THEN item_count ELSE 0 END) AS BIGINT) AS calls,
    CAST(SUM(CASE WHEN item_type = 'request' AND NOT success THEN item_count ELSE 0 END) AS BIGINT) AS failed,
    CAST(SUM(CASE WHEN item_type = 'request' THEN duration_us * item_count END) AS BIGINT) AS duration_us
FROM items
WHERE item_type IN ('request', 'dependency') AND role = $role AND time_us >= $start_us AND time_us < $end_us
GROUP BY role_instance, 2
