-- Number of items in [start, end) by type.
SELECT item_type, COUNT(*) AS items
FROM items
WHERE time_us >= $start_us AND time_us < $end_us
GROUP BY item_type
