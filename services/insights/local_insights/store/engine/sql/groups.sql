-- The items of a selection by some facts and by duration bucket, for the groups that come first in order.
WITH chosen AS (
    SELECT {facts}, bucket, item_count, success, duration_us
    FROM items
    WHERE time_us >= $start_us AND time_us < $end_us AND {selected}
),
summed AS (
    SELECT
        {facts},
        SUM(item_count) AS calls,
        SUM(CASE WHEN success THEN 0 ELSE item_count END) AS failed,
        SUM(COALESCE(duration_us, 0) * item_count) AS duration
    FROM chosen
    GROUP BY {facts}
),
placed AS (
    SELECT
        {facts},
        ROW_NUMBER() OVER (ORDER BY {order} DESC, calls DESC, {facts}) AS place,
        COUNT(*) OVER () AS total
    FROM summed
)
SELECT
    p.place,
    p.total,
    {chosen_facts},
    c.bucket,
    CAST(SUM(c.item_count) AS BIGINT) AS calls,
    CAST(SUM(CASE WHEN c.success THEN 0 ELSE c.item_count END) AS BIGINT) AS failed,
    CAST(SUM(c.duration_us * c.item_count) AS BIGINT) AS duration_us
FROM chosen AS c
INNER JOIN placed AS p ON {same_facts}
WHERE p.place <= $limit
GROUP BY p.place, p.total, {chosen_facts}, c.bucket
