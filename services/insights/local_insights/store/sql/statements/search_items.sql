-- One page of the items that match a search. The rowid is unique and never changes.
-- The inner query reads only the searched columns; the outer query reads the whole rows of the page.
SELECT rowid, {columns}
FROM items
WHERE
    rowid IN (
        SELECT rowid
        FROM items
        WHERE time_us >= $start_us AND time_us < $end_us AND {condition} AND {page}
        ORDER BY time_us {order}, rowid {order}
        LIMIT $limit
    )
ORDER BY time_us {order}, rowid {order}
