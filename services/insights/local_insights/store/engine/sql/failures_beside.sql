-- Failed requests and dependencies, and exceptions, of the operations in which an item of a selection failed.
SELECT
    item_type, role, name, dependency_type, target, result_code,
    CAST(SUM(item_count) AS BIGINT) AS items
FROM items
WHERE
    time_us >= $start_us AND time_us < $end_us
    AND item_type IN ('request', 'dependency', 'exception') AND NOT COALESCE(success, FALSE)
    AND operation_id IN (
        SELECT operation_id
        FROM items
        WHERE time_us >= $start_us AND time_us < $end_us AND operation_id <> '' AND {selected}
    )
GROUP BY item_type, role, name, dependency_type, target, result_code
ORDER BY items DESC, item_type, role, name, dependency_type, target, result_code
LIMIT $limit
