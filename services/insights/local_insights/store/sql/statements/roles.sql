-- Names of the roles with an item in [start, end).
SELECT DISTINCT role
FROM items
WHERE time_us >= $start_us AND time_us < $end_us
ORDER BY role
