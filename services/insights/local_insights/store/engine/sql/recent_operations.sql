-- The operations with the newest items in the range, each shown by its outermost request (the one without a parent, else
-- the earliest), failing that by its earliest item.
WITH recent AS (
    SELECT operation_id, MAX(time_us) AS latest_us
    FROM items
    WHERE time_us >= $start_us AND time_us < $end_us AND operation_id <> '' AND {subject} AND {outcome}
    GROUP BY operation_id
    ORDER BY MAX(time_us) DESC, operation_id ASC
    LIMIT $limit
),
ranked AS (
    SELECT
        i.operation_id, i.name, i.operation_name, i.role, i.time_us, i.duration_us, i.success,
        ROW_NUMBER() OVER (
            PARTITION BY i.operation_id
            ORDER BY
                CASE WHEN i.item_type = 'request' AND i.parent_id = '' THEN 0 WHEN i.item_type = 'request' THEN 1 ELSE 2 END,
                i.time_us, i.id
        ) AS place
    FROM items AS i
    INNER JOIN recent AS n ON n.operation_id = i.operation_id
    WHERE i.time_us >= $start_us - 3600000000 AND i.time_us < $end_us + 3600000000
)
SELECT operation_id, CASE WHEN name <> '' THEN name ELSE operation_name END AS name, role, time_us, duration_us, success
FROM ranked
WHERE place = 1
ORDER BY time_us DESC, operation_id ASC
