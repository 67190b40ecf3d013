-- The row of the item that was stored last, -1 without items.
SELECT COALESCE(MAX(rowid), -1) AS latest_row
FROM items
