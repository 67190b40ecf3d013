-- Returns the number of deleted items.
DELETE FROM items
WHERE time_us < $before_us
