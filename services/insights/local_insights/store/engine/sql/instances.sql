-- Every role that served or called in [start, end), and how many instances of it did.
SELECT role, COUNT(DISTINCT role_instance) AS instances
FROM items
WHERE item_type IN ('request', 'dependency') AND time_us >= $start_us AND time_us < $end_us
GROUP BY role
