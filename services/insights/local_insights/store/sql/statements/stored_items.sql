-- Items in [start, end) that were stored after a row, in storage order.
SELECT rowid, {columns}
FROM items
WHERE rowid > $row AND time_us >= $start_us AND time_us < $end_us
ORDER BY rowid
LIMIT $limit
