-- What a subject served, by name and duration bucket; the busiest names first.
WITH served AS (
    SELECT name, bucket, item_count, success, duration_us
    FROM items
    WHERE time_us >= $start_us AND time_us < $end_us AND {subject}
),
busiest AS (
    SELECT name, SUM(item_count) AS calls
    FROM served
    GROUP BY name
    ORDER BY SUM(item_count) DESC, name ASC
    LIMIT $limit
)
SELECT
    s.name,
    s.bucket,
    CAST(SUM(s.item_count) AS BIGINT) AS calls,
    CAST(SUM(CASE WHEN NOT s.success THEN s.item_count ELSE 0 END) AS BIGINT) AS failed,
    CAST(SUM(s.duration_us * s.item_count) AS BIGINT) AS duration_us
FROM served AS s
INNER JOIN busiest AS b ON b.name = s.name
GROUP BY s.name, s.bucket
