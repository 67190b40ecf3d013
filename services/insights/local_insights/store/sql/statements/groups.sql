-- The first groups of a selection, by grouping fields and duration bucket.
WITH counted AS (
    SELECT
        {fields},
        {bucket} AS bucket,
        CAST(SUM(item_count) AS BIGINT) AS calls,
        CAST(SUM(CASE WHEN {failed} THEN item_count ELSE 0 END) AS BIGINT) AS failed,
        SUM(CAST(duration_us AS Int128) * item_count) AS duration_us,
        COUNT(*) AS items,
        SUM(item_count * item_count) AS squared_weights
    FROM items
    WHERE time_us >= $start_us AND time_us < $end_us AND {selected}
    GROUP BY {counted_by}
),
summed AS (
    SELECT {fields}, SUM(calls) AS calls, SUM(failed) AS failed, SUM(COALESCE(duration_us, 0)) AS duration
    FROM counted
    GROUP BY {fields}
),
ranked AS (
    SELECT
        {fields},
        ROW_NUMBER() OVER (ORDER BY {order} DESC, calls DESC, {fields}) AS position,
        COUNT(*) OVER () AS total
    FROM summed
)
SELECT r.position, r.total, {counted_fields}, c.bucket, c.calls, c.failed,
    CAST(c.duration_us AS VARCHAR) AS duration_us, c.items, CAST(c.squared_weights AS VARCHAR) AS squared_weights
FROM counted AS c
INNER JOIN ranked AS r ON {same_fields}
WHERE r.position <= $limit
