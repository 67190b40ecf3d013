-- Counts of the items that match a search, by step of the range and by the values of each facet, in one pass.
-- Facets and steps are numbered by powers of two, the bits of GROUPING: 64 type … 2 severity, 1 step.
-- `missed` is the bit mask of the facets whose filter the row fails. A row that fails only one filter still counts for
-- the values of that facet.
WITH matched AS (
    SELECT
        {facets},
        CAST(
            LEAST(FLOOR((time_us - $start_us) * CAST($steps AS DOUBLE) / ($end_us - $start_us)), $steps - 1) AS BIGINT
        ) AS step,
        item_count,
        {missed} AS missed
    FROM items
    WHERE
        time_us >= $start_us AND time_us < $end_us AND {missed} IN (0, 2, 4, 8, 16, 32, 64) AND {query}
),
grouped AS (
    SELECT
        127 - GROUPING(type, role, operation, result, success, severity, step) AS facet,
        COALESCE(type, role, operation, result, success, severity, CAST(step AS VARCHAR)) AS value,
        missed,
        COUNT(*) AS items,
        SUM(item_count) AS events
    FROM matched
    GROUP BY GROUPING SETS (
        (type, missed), (role, missed), (operation, missed), (result, missed), (success, missed), (severity, missed),
        (step, missed)
    )
),
counted AS (
    SELECT facet, value, MIN(missed) AS missed, SUM(items) AS items, SUM(events) AS events
    FROM grouped
    WHERE missed IN (0, facet) AND value <> ''
    GROUP BY facet, value
),
ranked AS (
    SELECT
        facet, value, items, events,
        ROW_NUMBER() OVER (PARTITION BY facet ORDER BY missed ASC, events DESC, value ASC) AS position
    FROM counted
)
SELECT facet, value, CAST(items AS BIGINT) AS items, CAST(events AS BIGINT) AS events
FROM ranked
WHERE facet = 1 OR position <= $max_values
ORDER BY facet, position
