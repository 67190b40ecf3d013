-- Items in the order in which they were stored, from after a row on.
SELECT rowid, {columns}
FROM items
WHERE rowid > $row AND time_us >= $start_us AND time_us < $end_us
ORDER BY rowid
LIMIT $limit
