-- Why: reading one document is the commonest request, and planning it costs more than running it.
-- Nothing can be prepared through a transaction pooler (PgBouncer before 1.21), but a function keeps
-- its plan in the server connection. It runs with the caller's rights, so the policy on documents
-- holds as ever, and is planned once as well.

-- migrate:up
CREATE FUNCTION howdah.get_document(tenant_id integer, document_id integer)
RETURNS TABLE (
    id integer, title varchar, content text, tags text[], language text, author_id integer,
    updated_by integer, revision integer, created_at timestamptz, updated_at timestamptz)
LANGUAGE plpgsql STABLE ROWS 1 AS $$
BEGIN
    RETURN QUERY
    SELECT d.id, d.title, d.content, d.tags, d.language, d.author_id, d.updated_by, d.revision,
           d.created_at, d.updated_at
    FROM public.documents d
    WHERE d.org_id = tenant_id AND d.id = document_id AND d.deleted_at IS NULL;
END
$$;
GRANT EXECUTE ON FUNCTION howdah.get_document(integer, integer) TO app_write;

-- migrate:down
DROP FUNCTION howdah.get_document(integer, integer);
