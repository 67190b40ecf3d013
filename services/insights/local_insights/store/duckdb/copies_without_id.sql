-- The stored items that equal a candidate without an id in all columns.
SELECT $columns
FROM items
WHERE
    time_us BETWEEN $first_us AND $last_us
    AND time_us IN (SELECT time_us FROM candidates WHERE id = '')
    AND message IN (SELECT message FROM candidates WHERE id = '')
    AND id = ''
INTERSECT
SELECT $columns
FROM candidates
