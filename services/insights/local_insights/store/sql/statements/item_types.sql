-- How many items of each type began in [start, end).
SELECT item_type, COUNT(*) AS items
FROM items
WHERE time_us >= $start_us AND time_us < $end_us
GROUP BY item_type
