-- Replaces the table `items` in the statements of the map, if several applications have one role or a request has the id
-- and the parent of a remote call. The role contains the key if its application is not the only one with that role; the
-- parent of a request that has the id of a call is that call.
(
    SELECT
        i.* REPLACE (
            CASE WHEN i.role = ANY($shared_roles) THEN i.role || CHR(31) || i.instrumentation_key ELSE i.role END
            AS role,
            CASE WHEN c.span_key IS NULL THEN i.parent_key ELSE c.span_key END AS parent_key
        )
    FROM items AS i
    LEFT JOIN (
        SELECT DISTINCT span_key, parent_key
        FROM items
        WHERE
            item_type = 'dependency' AND NOT in_process AND span_key IS NOT NULL
            AND time_us >= $start_us - 3600000000 AND time_us < $end_us + 3600000000
    ) AS c ON
        i.item_type = 'request' AND c.span_key = i.span_key AND c.parent_key IS NOT DISTINCT FROM i.parent_key
)
