-- Why: while there is no primary, replicas receive nothing, and so could not tell which timeline they
-- are on (045) until their next checkpoint, minutes later: reads with a token waited for the primary
-- in just the moment when there is none. Now the primary leaves a row on each timeline. Who has
-- replayed it is on that timeline, or on a later one.

-- migrate:up
CREATE TABLE howdah.timelines (
    system_identifier bigint NOT NULL,
    timeline integer NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT timelines_pkey PRIMARY KEY (system_identifier, timeline)
);
COMMENT ON TABLE howdah.timelines IS
    'Timelines that a primary has led on. Rows restored into another cluster do not count there.';

CREATE FUNCTION howdah.note_timeline() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO howdah.timelines (system_identifier, timeline)
    SELECT (SELECT system_identifier FROM pg_control_system()),
           split_part(howdah.position(), '-', 1)::integer
    ON CONFLICT ON CONSTRAINT timelines_pkey DO NOTHING
$$;

CREATE OR REPLACE FUNCTION howdah.replayed_timeline(enough integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    timeline integer;
BEGIN
    SELECT received_tli INTO timeline FROM pg_stat_wal_receiver;
    IF timeline >= enough THEN
        RETURN timeline;
    END IF;
    RETURN greatest(
        timeline,
        (SELECT max(t.timeline) FROM howdah.timelines t
         WHERE t.system_identifier = (SELECT s.system_identifier FROM pg_control_system() s)),
        (SELECT timeline_id FROM pg_control_checkpoint()));
END
$$;

GRANT EXECUTE ON FUNCTION howdah.note_timeline() TO app_write;

-- migrate:down
CREATE OR REPLACE FUNCTION howdah.replayed_timeline(enough integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    timeline integer;
BEGIN
    SELECT received_tli INTO timeline FROM pg_stat_wal_receiver;
    IF timeline >= enough THEN
        RETURN timeline;
    END IF;
    RETURN greatest(timeline, (SELECT timeline_id FROM pg_control_checkpoint()));
END
$$;
DROP FUNCTION howdah.note_timeline();
DROP TABLE howdah.timelines;
