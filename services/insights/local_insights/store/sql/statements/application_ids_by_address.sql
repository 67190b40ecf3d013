-- Addresses that were called in [start, end), with the application id that the callee returned.
-- `sent_json` contains the target as it was sent: `host | cid-v1:<36 characters>`.
SELECT DISTINCT
    role,
    dependency_type,
    target,
    SUBSTR(sent_json, POSITION('cid-v1:' IN sent_json) + 7, 36) AS application_id
FROM {items} AS i
WHERE
    item_type = 'dependency' AND sent_json LIKE '%| cid-v1:%'
    AND time_us >= $start_us AND time_us < $end_us
