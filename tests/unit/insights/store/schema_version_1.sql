-- The schema of version 1, as its program created it. Do not change this file.
CREATE TABLE items (
    time_us BIGINT NOT NULL,
    item_type VARCHAR NOT NULL,
    item_count BIGINT NOT NULL,
    role VARCHAR NOT NULL,
    role_instance VARCHAR NOT NULL,
    operation_id VARCHAR NOT NULL, -- ids are stored as the text that SDKs send, without conversion
    operation_name VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    parent_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    duration_us BIGINT,
    success BOOLEAN,
    result_code VARCHAR NOT NULL,
    dependency_type VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    data VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    severity BIGINT,
    message VARCHAR NOT NULL,
    problem_id VARCHAR NOT NULL,
    exceptions_json VARCHAR NOT NULL,
    value DOUBLE,
    value_count BIGINT,
    value_min DOUBLE,
    value_max DOUBLE,
    value_std_dev DOUBLE,
    properties_json VARCHAR NOT NULL,
    measurements_json VARCHAR NOT NULL,
    details_json VARCHAR NOT NULL,
    tags_json VARCHAR NOT NULL,
    sent_json VARCHAR NOT NULL,
    instrumentation_key VARCHAR NOT NULL,
    sdk_version VARCHAR NOT NULL,
    bucket SMALLINT, -- model.statistics.bucket(duration_us): mergeable percentiles
    span_key BIGINT, -- hash of operation and id; null without an id
    parent_key BIGINT, -- hash of operation and parent id; null without a parent id. Equals the span_key of the parent
    in_process BOOLEAN NOT NULL -- model.targets.is_in_process(dependency_type)
);

CREATE TABLE schema_version (version INTEGER NOT NULL);
