-- Deletes the items dated more than a day in the future. Returns their number.
DELETE FROM items
WHERE time_us > $now_us + 86400000000
