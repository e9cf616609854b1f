-- Why: what is committed survives the loss of every server once the WAL segment that holds it is
-- closed and archived. PostgreSQL closes one after archive_timeout, except when it does not: after a
-- start from recovery (a crash, a restore) the checkpointer may sleep for minutes before it looks
-- again, and all of that time is lost with the server. Reloading the configuration after each start
-- would wake it, but nobody of ours is there when Patroni starts a server. So the scheduler closes
-- the segment itself, after each heartbeat; archive_timeout stays as the second line.

-- migrate:up
-- Close the current segment if anything was written to it. Returns where it ends; NULL where there is
-- nothing to close: on a replica, where nothing is archived, or where the platform archives by itself
-- and lets nobody close a segment.
CREATE FUNCTION howdah.close_wal_segment() RETURNS pg_lsn
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF pg_is_in_recovery()
       OR current_setting('archive_mode') = 'off'
       OR NOT has_function_privilege('pg_switch_wal()', 'EXECUTE') THEN
        RETURN NULL;
    END IF;
    RETURN pg_switch_wal();
END
$$;

GRANT EXECUTE ON FUNCTION howdah.close_wal_segment() TO app_write;

-- migrate:down
DROP FUNCTION howdah.close_wal_segment();
