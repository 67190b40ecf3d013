-- The size of the texts of some rows dated after a time, and about that of their other columns.
SELECT COALESCE(
    SUM(
        200 + STRLEN(operation_name) + STRLEN(name) + STRLEN(target) + STRLEN(data) + STRLEN(message)
        + STRLEN(exceptions_json) + STRLEN(properties_json) + STRLEN(measurements_json) + STRLEN(details_json)
        + STRLEN(tags_json) + STRLEN(sent_json)
    ),
    0
)
FROM items
WHERE rowid >= $first AND rowid < $end AND time_us > $after_us
