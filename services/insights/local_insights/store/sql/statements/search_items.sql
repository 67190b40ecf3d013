-- A page of the items that a search finds. A row's number never changes and no two rows have the same.
-- The rows are found by the columns that are searched, and only then read whole.
SELECT rowid, {columns}
FROM items
WHERE
    rowid IN (
        SELECT rowid
        FROM items
        WHERE time_us >= $start_us AND time_us < $end_us AND {searched} AND {page}
        ORDER BY time_us {order}, rowid {order}
        LIMIT $limit
    )
ORDER BY time_us {order}, rowid {order}
