SELECT COALESCE(MAX(rowid), -1) AS latest_row
FROM items
