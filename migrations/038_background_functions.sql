-- Why: the relay, the scheduler and the sweeper serve all tenants and are bound to none. Each gets
-- what it needs as one function, and no policy is widened for it.

-- migrate:up
-- Waiting messages, oldest first, locked until the end of the transaction: two relays never hand
-- over the same one at the same time.
CREATE FUNCTION howdah.take_outbox(batch_size integer)
RETURNS TABLE (id bigint, message_id uuid, queue text, task text, arguments jsonb)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT o.id, o.message_id, o.queue, o.task, o.arguments
    FROM public.outbox o
    WHERE o.relayed_at IS NULL
    ORDER BY o.id
    LIMIT batch_size
    FOR UPDATE SKIP LOCKED
$$;

CREATE FUNCTION howdah.mark_relayed(relayed bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE public.outbox SET relayed_at = clock_timestamp() WHERE id = ANY (relayed)
$$;

CREATE FUNCTION howdah.outbox_waiting(OUT messages bigint, OUT oldest_seconds double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)
    FROM public.outbox WHERE relayed_at IS NULL
$$;

-- A run of a scheduled job and its message, or nothing when that moment was taken already.
CREATE FUNCTION howdah.take_cron_run(
    job_name text, moment timestamptz, queue_name text, task_name text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH taken AS (
        INSERT INTO public.cron_runs (job, scheduled_for) VALUES (job_name, moment)
        ON CONFLICT DO NOTHING RETURNING scheduled_for
    ), message AS (
        INSERT INTO public.outbox (queue, task, arguments)
        SELECT queue_name, task_name, jsonb_build_object('scheduled_for', scheduled_for)
        FROM taken RETURNING id
    )
    SELECT EXISTS (SELECT FROM message)
$$;

-- Jobs whose worker died (silent while running), or whose message the queue lost (waiting for much
-- longer: a backlog is no loss), get a new message.
CREATE FUNCTION howdah.requeue_stalled_jobs(
    silent_for interval, waiting_for interval, task_prefix text)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    requeued integer;
BEGIN
    WITH stalled AS (
        UPDATE public.jobs j SET state = 'queued', beaten_at = clock_timestamp()
        WHERE j.state IN ('queued', 'running')
          AND coalesce(j.beaten_at, j.created_at) < clock_timestamp()
              - CASE j.state WHEN 'running' THEN silent_for ELSE waiting_for END
        RETURNING j.id, j.org_id, j.created_by, j.kind
    )
    INSERT INTO public.outbox (task, arguments)
    SELECT task_prefix || kind,
           jsonb_build_object('job_id', id, 'org_id', org_id, 'user_id', created_by)
    FROM stalled;
    GET DIAGNOSTICS requeued = ROW_COUNT;
    RETURN requeued;
END
$$;

-- Nightly cleaning. What is removed here is expired by its own date or older than asked for.
CREATE FUNCTION howdah.clean_expired(
    idempotency_keys_older_than interval, revisions_older_than interval,
    deleted_documents_older_than interval, messages_older_than interval,
    job_files_older_than interval)
RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    removed jsonb := '{}';
    number_removed integer;
BEGIN
    DELETE FROM public.sessions WHERE expires_at < now();
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    removed := removed || jsonb_build_object('sessions', number_removed);
    DELETE FROM public.api_tokens WHERE expires_at < now();
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    removed := removed || jsonb_build_object('api_tokens', number_removed);
    DELETE FROM public.invitations WHERE accepted_at IS NULL AND expires_at < now();
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    removed := removed || jsonb_build_object('invitations', number_removed);
    DELETE FROM public.idempotency_keys WHERE created_at < now() - idempotency_keys_older_than;
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    removed := removed || jsonb_build_object('idempotency_keys', number_removed);
    DELETE FROM public.document_revisions WHERE replaced_at < now() - revisions_older_than;
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    removed := removed || jsonb_build_object('document_revisions', number_removed);
    DELETE FROM public.documents WHERE deleted_at < now() - deleted_documents_older_than;
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    removed := removed || jsonb_build_object('deleted_documents', number_removed);
    DELETE FROM public.outbox WHERE relayed_at < now() - messages_older_than;
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    removed := removed || jsonb_build_object('outbox', number_removed);
    DELETE FROM public.cron_runs c WHERE c.enqueued_at < now() - messages_older_than
        AND c.scheduled_for < (SELECT max(newest.scheduled_for) FROM public.cron_runs newest
                               WHERE newest.job = c.job);
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    removed := removed || jsonb_build_object('cron_runs', number_removed);
    DELETE FROM public.job_files f USING public.jobs j
    WHERE j.id = f.job_id AND j.state IN ('succeeded', 'failed')
      AND j.finished_at < now() - job_files_older_than;
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    RETURN removed || jsonb_build_object('job_files', number_removed);
END
$$;

-- One step of removing an organization that was deleted long enough ago: a batch of its documents,
-- and with the last of them everything else. To be called again, each time in a transaction of its
-- own, until it returns NULL: there is none left.
CREATE FUNCTION howdah.purge_organization(deleted_before interval, batch_size integer)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    doomed integer;
    removed integer;
BEGIN
    SELECT o.id INTO doomed FROM public.organizations o
    WHERE o.deleted_at < now() - deleted_before
    ORDER BY o.id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    DELETE FROM public.documents WHERE id IN
        (SELECT d.id FROM public.documents d WHERE d.org_id = doomed LIMIT batch_size);
    GET DIAGNOSTICS removed = ROW_COUNT;
    IF removed < batch_size THEN
        DELETE FROM public.organizations WHERE id = doomed;
    END IF;
    RETURN removed;
END
$$;

CREATE FUNCTION howdah.organization_ids() RETURNS SETOF integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT o.id FROM public.organizations o WHERE o.deleted_at IS NULL ORDER BY o.id
$$;

GRANT EXECUTE ON FUNCTION
    howdah.take_outbox(integer),
    howdah.mark_relayed(bigint[]),
    howdah.outbox_waiting(),
    howdah.take_cron_run(text, timestamptz, text, text),
    howdah.requeue_stalled_jobs(interval, interval, text),
    howdah.clean_expired(interval, interval, interval, interval, interval),
    howdah.purge_organization(interval, integer),
    howdah.organization_ids()
TO app_write;

-- migrate:down
DROP FUNCTION howdah.organization_ids();
DROP FUNCTION howdah.purge_organization(interval, integer);
DROP FUNCTION howdah.clean_expired(interval, interval, interval, interval, interval);
DROP FUNCTION howdah.requeue_stalled_jobs(interval, interval, text);
DROP FUNCTION howdah.take_cron_run(text, timestamptz, text, text);
DROP FUNCTION howdah.outbox_waiting();
DROP FUNCTION howdah.mark_relayed(bigint[]);
DROP FUNCTION howdah.take_outbox(integer);
