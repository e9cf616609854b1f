-- Why: the rows from before 016. A thousand at a time, each batch its own transaction, so that no
-- lock is held for long and an interrupted run goes on where it stopped.
-- forgets: the column that was filled goes with 016

-- migrate:up transaction:false
DO $$
DECLARE
    last_id integer := 0;
    batch_end integer;
BEGIN
    LOOP
        SELECT max(id) INTO batch_end FROM (
            SELECT id FROM public.documents WHERE id > last_id ORDER BY id LIMIT 1000
        ) AS batch;
        EXIT WHEN batch_end IS NULL;
        UPDATE public.documents SET language = language
        WHERE id > last_id AND id <= batch_end AND weighted_vector IS NULL;
        COMMIT;
        last_id := batch_end;
    END LOOP;
END
$$;

-- migrate:down transaction:false
SELECT 1;  -- the column itself goes with 016
