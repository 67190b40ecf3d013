-- Condition that a text of the row contains a term. contains (position in ClickHouse) finds candidates at memory speed: the
-- rows that have the longest word of the term. The regular expression then checks whole words; CASE evaluates it for
-- candidates only.
-- JSON is in the form that ingest writes: no white space; only quotes, backslashes and control characters are escaped.
(
    operation_id = $id_{n}
    OR CASE WHEN contains(LOWER(name), $part_{n}) THEN regexp_matches(LOWER(name), $whole_{n}) ELSE FALSE END
    OR CASE WHEN contains(LOWER(message), $part_{n}) THEN regexp_matches(LOWER(message), $whole_{n}) ELSE FALSE END
    OR CASE WHEN contains(LOWER(data), $part_{n}) THEN regexp_matches(LOWER(data), $whole_{n}) ELSE FALSE END
    OR CASE WHEN contains(LOWER(target), $part_{n}) THEN regexp_matches(LOWER(target), $whole_{n}) ELSE FALSE END
    OR CASE
        WHEN contains(LOWER(result_code), $part_{n}) THEN regexp_matches(LOWER(result_code), $whole_{n}) ELSE FALSE
    END
    OR CASE
        WHEN contains(LOWER(problem_id), $part_{n}) THEN regexp_matches(LOWER(problem_id), $whole_{n}) ELSE FALSE
    END
    OR CASE
        WHEN contains(LOWER(role_instance), $part_{n}) THEN regexp_matches(LOWER(role_instance), $whole_{n}) ELSE FALSE
    END
    OR CASE
        WHEN contains(LOWER(exceptions_json), $json_part_{n}) THEN regexp_matches(LOWER(exceptions_json), $json_whole_{n}) ELSE FALSE
    END
    OR CASE
        WHEN contains(LOWER(properties_json), $json_part_{n}) THEN regexp_matches(LOWER(properties_json), $json_whole_{n}) ELSE FALSE
    END
    OR CASE
        WHEN contains(LOWER(tags_json), $json_part_{n}) THEN regexp_matches(LOWER(tags_json), $json_whole_{n}) ELSE FALSE
    END
    OR CASE
        WHEN contains(LOWER(details_json), $json_part_{n}) THEN regexp_matches(LOWER(details_json), $json_whole_{n}) ELSE FALSE
    END
)
