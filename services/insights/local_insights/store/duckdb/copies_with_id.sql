-- The identities of the stored items that are probably copies of a candidate with an id. Numbers are compared first: to
-- compare five columns at once takes five times as long.
SELECT time_us, item_type, role, operation_id, id
FROM items
WHERE
    time_us BETWEEN $first_us AND $last_us
    AND time_us IN (SELECT time_us FROM candidates)
    AND span_key IN (SELECT CAST(hash(operation_id, id) >> 1 AS BIGINT) FROM candidates)
