-- Operations of the newest items in [start, end), newest first, each with its number of these items.
SELECT operation_id, MAX(time_us) AS latest_us, COUNT(*) AS items
FROM (
    SELECT operation_id, time_us
    FROM items
    WHERE time_us >= $start_us AND time_us < $end_us AND operation_id <> '' AND {node} AND {outcome}
    ORDER BY time_us DESC
    LIMIT $items
) AS newest
GROUP BY operation_id
ORDER BY MAX(time_us) DESC, operation_id ASC
