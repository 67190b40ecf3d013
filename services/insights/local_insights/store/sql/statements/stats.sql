-- Number of items, and the time of the oldest and the newest.
SELECT COUNT(*) AS items, MIN(time_us) AS oldest_us, MAX(time_us) AS newest_us
FROM items
