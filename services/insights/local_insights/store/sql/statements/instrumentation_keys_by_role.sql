-- The instrumentation keys of each role: whether it served requests in [start, end), and whether it sent any item of the
-- map in that range; the others are of the hours before and after it.
SELECT
    role,
    instrumentation_key,
    MAX(
        CASE WHEN item_type = 'request' AND time_us >= $start_us AND time_us < $end_us THEN 1 ELSE 0 END
    ) AS is_serving,
    MAX(
        CASE WHEN item_type <> 'pageView' AND time_us >= $start_us AND time_us < $end_us THEN 1 ELSE 0 END
    ) AS is_linked,
    MAX(CASE WHEN time_us >= $start_us AND time_us < $end_us THEN 1 ELSE 0 END) AS is_in_range
FROM items
WHERE
    item_type IN ('request', 'dependency', 'pageView')
    AND time_us >= $start_us - 3600000000 AND time_us < $end_us + 3600000000
GROUP BY role, instrumentation_key
