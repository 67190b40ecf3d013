-- How many items of each kind, how many of them failed, and under how many names of roles.
SELECT
    item_type,
    CAST(SUM(calls) AS BIGINT) AS items,
    CAST(SUM(failed) AS BIGINT) AS failed,
    COUNT(*) AS names,
    CAST(SUM(CASE WHEN failed > 0 THEN 1 ELSE 0 END) AS BIGINT) AS failed_names
FROM (
    SELECT
        item_type,
        SUM(item_count) AS calls,
        SUM(CASE WHEN success THEN 0 ELSE item_count END) AS failed
    FROM items
    WHERE
        item_type IN ('request', 'dependency', 'exception')
        AND time_us >= $start_us AND time_us < $end_us AND {role}
    GROUP BY item_type, role, name
) AS named
GROUP BY item_type
