-- One row per operation: its root request, else its earliest request, else its earliest item.
WITH ranked AS (
    SELECT
        operation_id, name, operation_name, role, time_us, duration_us, success,
        ROW_NUMBER() OVER (
            PARTITION BY operation_id
            ORDER BY
                CASE
                    WHEN item_type = 'request' AND parent_id IN ('', operation_id) THEN 0
                    WHEN item_type = 'request' THEN 1
                    ELSE 2
                END,
                time_us, id
        ) AS position
    FROM items
    WHERE operation_id = ANY($operation_ids) AND time_us >= $start_us AND time_us < $end_us
)
SELECT operation_id, CASE WHEN name <> '' THEN name ELSE operation_name END AS name, role, time_us, duration_us, success
FROM ranked
WHERE position = 1
ORDER BY time_us DESC, operation_id ASC
