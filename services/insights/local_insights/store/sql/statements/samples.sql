-- Items of a selection that belong to an operation.
SELECT {columns}
FROM items
WHERE time_us >= $start_us AND time_us < $end_us AND operation_id <> '' AND {selected} AND {timed}
ORDER BY {order}
LIMIT $limit
