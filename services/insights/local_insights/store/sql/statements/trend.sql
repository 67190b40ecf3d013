-- Items of a selection by step of the range and duration bucket.
SELECT
    CAST(FLOOR((time_us - $start_us) * CAST($steps AS DOUBLE) / ($end_us - $start_us)) AS BIGINT) AS step,
    {bucket} AS bucket,
    CAST(SUM(item_count) AS BIGINT) AS calls,
    CAST(SUM(CASE WHEN {failed} THEN item_count ELSE 0 END) AS BIGINT) AS failed,
    CAST(SUM(CAST(duration_us AS Int128) * item_count) AS VARCHAR) AS duration_us,
    COUNT(*) AS items,
    CAST(SUM(item_count * item_count) AS VARCHAR) AS squared_weights
FROM items
WHERE time_us >= $start_us AND time_us < $end_us AND {selected}
GROUP BY {counted_by}
