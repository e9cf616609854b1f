-- Why: preferences and settings are changed by JSON Merge Patch (RFC 7396). Merged inside the UPDATE
-- that stores it, on the row it has locked, two changes at the same time are both kept; merged in
-- the application, the second would overwrite the first.
-- A patch that is SQL NULL changes nothing; a target that is SQL NULL is an empty object.

-- migrate:up
CREATE FUNCTION howdah.merge_patch(target jsonb, patch jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT CASE
        WHEN jsonb_typeof(patch) <> 'object' THEN patch
        ELSE (
            SELECT coalesce(
                jsonb_object_agg(
                    key,
                    CASE
                        WHEN changed.value IS NULL THEN kept.value
                        ELSE howdah.merge_patch(kept.value, changed.value)
                    END),
                '{}')
            FROM jsonb_each(CASE WHEN jsonb_typeof(target) = 'object' THEN target ELSE '{}' END)
                     AS kept
            FULL JOIN jsonb_each(patch) AS changed USING (key)
            WHERE changed.value IS NULL OR jsonb_typeof(changed.value) <> 'null'
        )
    END
$$;
GRANT EXECUTE ON FUNCTION howdah.merge_patch(jsonb, jsonb) TO app_write;

-- migrate:down
DROP FUNCTION howdah.merge_patch(jsonb, jsonb);
