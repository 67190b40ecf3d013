-- Weighted number of items and failed items in [start, end) by type.
SELECT
    item_type,
    CAST(SUM(item_count) AS BIGINT) AS items,
    CAST(SUM(CASE WHEN success THEN 0 ELSE item_count END) AS BIGINT) AS failed
FROM items
WHERE time_us >= $start_us AND time_us < $end_us AND {role}
GROUP BY item_type
