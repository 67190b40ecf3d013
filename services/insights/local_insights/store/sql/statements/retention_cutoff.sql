-- The time from which on items are younger than the share that is to be removed.
SELECT percentile_disc($removed) WITHIN GROUP (ORDER BY time_us) AS time_us
FROM items
