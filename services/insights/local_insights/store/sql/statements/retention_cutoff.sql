-- Start time of the oldest item to keep when a share of the oldest items is deleted.
SELECT percentile_disc($deleted) WITHIN GROUP (ORDER BY time_us) AS time_us
FROM items
