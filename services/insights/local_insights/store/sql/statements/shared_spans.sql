-- Number (0 or 1) of requests that have the id and the parent of a remote call; see model.shared_spans.
SELECT COUNT(*) AS shared
FROM (
    SELECT r.span_key
    FROM items AS r
    INNER JOIN items AS d ON d.span_key = r.span_key AND {same_parent}
    WHERE
        r.item_type = 'request' AND r.time_us >= $start_us - 60000000 AND r.time_us < $end_us + 3600000000
        AND d.item_type = 'dependency' AND NOT d.in_process
        AND d.time_us >= $start_us - 3600000000 AND d.time_us < $end_us + 3600000000
    LIMIT 1
) AS found
