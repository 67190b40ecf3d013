-- Requests of each role in [start, end), by duration bucket; apart those that name no parent.
-- The instances of a role are numbered: the largest number of all its rows says how many there are.
WITH by_instance AS (
    SELECT
        role,
        role_instance,
        parent_key IS NULL AS is_entry,
        bucket,
        SUM(item_count) AS calls,
        SUM(CASE WHEN success THEN 0 ELSE item_count END) AS failed,
        SUM(duration_us * item_count) AS duration_us
    FROM items
    WHERE item_type = 'request' AND time_us >= $start_us AND time_us < $end_us
    GROUP BY role, role_instance, parent_key IS NULL, bucket
),
numbered AS (
    SELECT *, DENSE_RANK() OVER (PARTITION BY role ORDER BY role_instance) AS instance_number
    FROM by_instance
)
SELECT
    role,
    is_entry,
    MAX(instance_number) AS instances,
    bucket,
    CAST(SUM(calls) AS BIGINT) AS calls,
    CAST(SUM(failed) AS BIGINT) AS failed,
    CAST(SUM(duration_us) AS BIGINT) AS duration_us
FROM numbered
GROUP BY role, is_entry, bucket
