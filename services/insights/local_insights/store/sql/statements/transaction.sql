-- All items of one operation, earliest first.
SELECT {columns}
FROM items
WHERE operation_id = $operation_id
ORDER BY time_us, id
LIMIT $limit
