-- Why: reads may be answered by replicas, which are a little behind. A commit says its position in the
-- history, and a read that must not miss it has the replica wait for that position, or is told to
-- ask the primary.
--
-- SQLSTATE  meaning
-- HW425     this server has not replayed the position in time, or it led on an earlier timeline

-- migrate:up
-- What is flushed after a commit holds that commit, and is all on its way to the replicas. The place
-- where the next record will be inserted is not: it may lie behind records that nobody sends yet, or,
-- at the beginning of a segment, behind a header that no replica counts as replayed.
CREATE FUNCTION howdah.position() RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog AS $$
DECLARE
    flushed pg_lsn;
BEGIN
    IF pg_is_in_recovery() THEN
        RETURN NULL;
    END IF;
    flushed := pg_current_wal_flush_lsn();
    RETURN ('x' || substr(pg_walfile_name(flushed), 1, 8))::bit(32)::integer || '-' || flushed;
END
$$;

-- The timeline that this replica replays, as far as it is certain. The receiver's is: it streams a
-- timeline only after recovery has found that what it replayed belongs to it. Without a receiver the
-- last checkpoint that was replayed says at least that much. Only members of pg_read_all_stats, as
-- the owner is, are told the receiver's.
CREATE FUNCTION howdah.replayed_timeline(enough integer) RETURNS integer
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

-- Return once this server has everything up to the position. A replica on an earlier timeline may
-- have replayed as many bytes of a history that was given up, so bytes alone say nothing.
CREATE FUNCTION howdah.await_position(wanted_timeline integer, wanted pg_lsn, wait_ms integer)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog AS $$
DECLARE
    gives_up_at timestamptz;
    pause_seconds double precision := 0.001;
BEGIN
    IF NOT pg_is_in_recovery() THEN
        IF split_part(howdah.position(), '-', 1)::integer < wanted_timeline THEN
            RAISE EXCEPTION 'This server led before that change was made.' USING ERRCODE = 'HW425';
        END IF;
        RETURN;
    END IF;
    LOOP
        IF pg_last_wal_replay_lsn() >= wanted
           AND howdah.replayed_timeline(wanted_timeline) >= wanted_timeline THEN
            RETURN;
        END IF;
        gives_up_at := coalesce(gives_up_at, clock_timestamp() + wait_ms * interval '1 ms');
        IF clock_timestamp() >= gives_up_at THEN
            RAISE EXCEPTION 'This replica has not replayed that change yet.' USING ERRCODE = 'HW425';
        END IF;
        PERFORM pg_sleep(pause_seconds);
        pause_seconds := least(pause_seconds * 2, 0.016);
    END LOOP;
END
$$;

GRANT EXECUTE ON FUNCTION
    howdah.position(),
    howdah.replayed_timeline(integer),
    howdah.await_position(integer, pg_lsn, integer)
TO app_write;

-- migrate:down
DROP FUNCTION howdah.await_position(integer, pg_lsn, integer);
DROP FUNCTION howdah.replayed_timeline(integer);
DROP FUNCTION howdah.position();
