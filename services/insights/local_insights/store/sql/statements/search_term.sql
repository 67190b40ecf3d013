-- Condition that a text of the row contains a term. LIKE finds candidates at memory speed. The regular expression then
-- checks whole words; CASE evaluates it for candidates only.
-- JSON is in the form that ingest writes: no white space; only quotes, backslashes and control characters are escaped.
(
    operation_id = $id_{n}
    OR CASE WHEN LOWER(name) LIKE $like_{n} ESCAPE '\' THEN regexp_matches(LOWER(name), $whole_{n}) ELSE FALSE END
    OR CASE WHEN LOWER(message) LIKE $like_{n} ESCAPE '\' THEN regexp_matches(LOWER(message), $whole_{n}) ELSE FALSE END
    OR CASE WHEN LOWER(data) LIKE $like_{n} ESCAPE '\' THEN regexp_matches(LOWER(data), $whole_{n}) ELSE FALSE END
    OR CASE WHEN LOWER(target) LIKE $like_{n} ESCAPE '\' THEN regexp_matches(LOWER(target), $whole_{n}) ELSE FALSE END
    OR CASE
        WHEN LOWER(result_code) LIKE $like_{n} ESCAPE '\' THEN regexp_matches(LOWER(result_code), $whole_{n}) ELSE FALSE
    END
    OR CASE
        WHEN LOWER(problem_id) LIKE $like_{n} ESCAPE '\' THEN regexp_matches(LOWER(problem_id), $whole_{n}) ELSE FALSE
    END
    OR CASE
        WHEN LOWER(exceptions_json) LIKE $json_like_{n} ESCAPE '\'
            THEN regexp_matches(LOWER(exceptions_json), $json_whole_{n})
        ELSE FALSE
    END
    OR CASE
        WHEN LOWER(properties_json) LIKE $json_like_{n} ESCAPE '\'
            THEN regexp_matches(LOWER(properties_json), $json_whole_{n})
        ELSE FALSE
    END
)
