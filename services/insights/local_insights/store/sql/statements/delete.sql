DELETE FROM items
WHERE time_us < $before_us
