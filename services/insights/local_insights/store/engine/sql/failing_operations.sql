SELECT operation_id
FROM items
WHERE time_us >= $start_us AND time_us < $end_us AND operation_id <> '' AND {selected}
