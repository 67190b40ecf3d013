-- Items of a selection. The rowid is unique and never changes while a statement runs.
-- The inner query reads only the compared columns; the outer query reads the whole rows of the samples.
SELECT {columns}
FROM items
WHERE
    rowid IN (
        SELECT rowid
        FROM items
        WHERE time_us >= $start_us AND time_us < $end_us AND {selected} AND {timed}
        ORDER BY {order}
        LIMIT $limit
    )
ORDER BY {order}
