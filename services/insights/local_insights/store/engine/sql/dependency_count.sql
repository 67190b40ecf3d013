-- How many dependencies began in [start, end).
SELECT COUNT(*) AS dependencies
FROM items
WHERE item_type = 'dependency' AND time_us >= $start_us AND time_us < $end_us
