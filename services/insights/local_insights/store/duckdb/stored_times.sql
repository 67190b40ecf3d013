-- The times of the stored items around $now_us: of the past, of the next day, and later. Null without such an item.
SELECT
    MAX(time_us) FILTER (WHERE time_us <= $now_us),
    MIN(time_us) FILTER (WHERE time_us > $now_us),
    MAX(time_us) FILTER (WHERE time_us > $now_us AND time_us <= $now_us + 86400000000),
    MIN(time_us) FILTER (WHERE time_us > $now_us + 86400000000)
FROM items
