-- A page of the items that a search finds. A row's number never changes and no two rows have the same.
SELECT rowid, {columns}
FROM items
WHERE time_us >= $start_us AND time_us < $end_us AND {searched} AND {page}
ORDER BY time_us {order}, rowid {order}
LIMIT $limit
