-- Failed requests and dependencies, and exceptions, of the operations in which an item of a selection failed.
WITH failed AS (
    SELECT
        operation_id, item_type, role, name, dependency_type, target, result_code,
        duration_us, success, item_count
    FROM items
    WHERE
        time_us >= $start_us AND time_us < $end_us AND operation_id <> ''
        AND (success = FALSE OR item_type = 'exception')
)
SELECT
    item_type, role, name, dependency_type, target, result_code,
    CAST(SUM(item_count) AS BIGINT) AS items
FROM failed
WHERE
    item_type IN ('request', 'dependency', 'exception')
    AND operation_id IN (SELECT operation_id FROM failed WHERE {selected})
GROUP BY item_type, role, name, dependency_type, target, result_code
ORDER BY items DESC, item_type, role, name, dependency_type, target, result_code
LIMIT $limit
