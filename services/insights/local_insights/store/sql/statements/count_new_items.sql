-- Number of the items that match a search and were stored after a row.
SELECT COUNT(*) AS items
FROM items
WHERE rowid > $row AND time_us >= $start_us AND time_us < $end_us AND {condition}
