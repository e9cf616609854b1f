-- Why: DEFAULT CURRENT_TIMESTAMP sets updated_at once, at birth; nothing moved it afterwards.
-- clock_timestamp(), not now(): two changes in one transaction keep their order.

-- migrate:up
CREATE FUNCTION howdah.keep_updated_at() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END
$$;

CREATE TRIGGER keep_updated_at BEFORE UPDATE ON users
    FOR EACH ROW EXECUTE FUNCTION howdah.keep_updated_at();
CREATE TRIGGER keep_updated_at BEFORE UPDATE ON organizations
    FOR EACH ROW EXECUTE FUNCTION howdah.keep_updated_at();

-- migrate:down
DROP TRIGGER keep_updated_at ON organizations;
DROP TRIGGER keep_updated_at ON users;
DROP FUNCTION howdah.keep_updated_at();
