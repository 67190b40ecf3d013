-- The items of a selection by some facts and by duration bucket, for the groups that come first in order.
WITH counted AS (
    SELECT
        {facts},
        {bucket} AS bucket,
        CAST(SUM(item_count) AS BIGINT) AS calls,
        CAST(SUM(CASE WHEN {failed} THEN item_count ELSE 0 END) AS BIGINT) AS failed,
        CAST(SUM(duration_us * item_count) AS BIGINT) AS duration_us
    FROM items
    WHERE time_us >= $start_us AND time_us < $end_us AND {selected}
    GROUP BY {counted_by}
),
summed AS (
    SELECT {facts}, SUM(calls) AS calls, SUM(failed) AS failed, SUM(COALESCE(duration_us, 0)) AS duration
    FROM counted
    GROUP BY {facts}
),
placed AS (
    SELECT
        {facts},
        ROW_NUMBER() OVER (ORDER BY {order} DESC, calls DESC, {facts}) AS place,
        COUNT(*) OVER () AS total
    FROM summed
)
SELECT p.place, p.total, {counted_facts}, c.bucket, c.calls, c.failed, c.duration_us
FROM counted AS c
INNER JOIN placed AS p ON {same_facts}
WHERE p.place <= $limit
