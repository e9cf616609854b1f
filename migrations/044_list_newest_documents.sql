-- Why: as 043, for the list that nobody filters: an organization's documents, last changed first.
-- The kept plan is forced: not knowing the page's size, the planner thinks planning anew cheaper.

-- migrate:up
CREATE FUNCTION howdah.newest_documents(
    tenant_id integer, before_updated_at timestamptz, before_id integer, page_size integer)
RETURNS TABLE (
    id integer, title varchar, tags text[], language text, author_id integer, revision integer,
    created_at timestamptz, updated_at timestamptz, deleted_at timestamptz)
LANGUAGE plpgsql STABLE ROWS 20 SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
    SELECT d.id, d.title, d.tags, d.language, d.author_id, d.revision, d.created_at, d.updated_at,
           d.deleted_at
    FROM public.documents d
    WHERE d.org_id = tenant_id AND d.deleted_at IS NULL
      AND (d.updated_at, d.id) < (before_updated_at, before_id)
    ORDER BY d.updated_at DESC, d.id DESC
    LIMIT page_size;
END
$$;
GRANT EXECUTE ON FUNCTION
    howdah.newest_documents(integer, timestamptz, integer, integer)
TO app_write;

-- migrate:down
DROP FUNCTION howdah.newest_documents(integer, timestamptz, integer, integer);
