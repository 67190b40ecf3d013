-- Deletes the $count oldest items, in the order that `Maintenance.delete_oldest` defines. Returns their number.
DELETE FROM items
WHERE rowid IN (
    SELECT row_number
    FROM (
        SELECT
            rowid AS row_number,
            CASE
                WHEN time_us <= $now_us THEN time_us
                WHEN time_us <= $now_us + 86400000000
                    THEN MAX(CASE WHEN time_us <= $now_us THEN time_us END)
                        OVER (ORDER BY rowid ROWS UNBOUNDED PRECEDING)
            END AS received_us
        FROM items
    ) AS ranked
    ORDER BY received_us NULLS FIRST, row_number
    LIMIT $count
)
