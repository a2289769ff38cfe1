-- Who may do what in PostgreSQL. Run as the database's superuser, in the site's own database,
-- before the first `manage.py prepare` and after every one; harmless to repeat:
--
--   psql --no-psqlrc -v ON_ERROR_STOP=1 -d clinic -f deploy/postgres-roles.sql
--   psql -d clinic -c '\password clinic_owner'     (then clinic_staff, clinic_public)
--
-- clinic_owner   owns the tables; manage.py prepare connects as it, and nothing else does
-- clinic_staff   the desk, the admin, the worker and backups: rows, but no tables
-- clinic_public  the internet-facing process: puts submissions in, and reads releases. It
--                cannot read back even what it has just written.
--
-- Other names: -v owner=... -v staff=... -v public=...

\if :{?owner} \else \set owner clinic_owner \endif
\if :{?staff} \else \set staff clinic_staff \endif
\if :{?public} \else \set public clinic_public \endif

SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', name)
FROM unnest(ARRAY[:'owner', :'staff', :'public']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

BEGIN;

-- Nobody gets anything by being anybody.
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
REVOKE ALL ON SCHEMA public FROM PUBLIC;
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), name)
FROM unnest(ARRAY[:'owner', :'staff', :'public']) AS name
\gexec

-- The owner makes and changes tables, whoever made them first.
GRANT ALL ON SCHEMA public TO :"owner";
SELECT format('ALTER TABLE public.%I OWNER TO %I', tablename, :'owner')
FROM pg_tables WHERE schemaname = 'public'
\gexec

-- And the functions of the triggers.
SELECT format('ALTER FUNCTION public.%I() OWNER TO %I', proname, :'owner')
FROM pg_proc JOIN pg_namespace AS space ON space.oid = pronamespace
WHERE nspname = 'public' AND starts_with(proname, 'intake_refuse')
\gexec

-- Staff processes work with rows, of tables to come as well.
GRANT USAGE ON SCHEMA public TO :"staff";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"staff";
GRANT SELECT, USAGE ON ALL SEQUENCES IN SCHEMA public TO :"staff";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"staff";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
    GRANT SELECT, USAGE ON SEQUENCES TO :"staff";
-- The audit and the record of deletions are only ever added to.
SELECT format('REVOKE UPDATE, DELETE ON public.%I FROM %I', tablename, :'staff')
FROM pg_tables WHERE schemaname = 'public' AND tablename IN ('intake_auditevent', 'intake_purgetombstone')
\gexec

-- The public process. All it was ever given is taken back first.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM :"public";
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM :"public";
GRANT USAGE ON SCHEMA public TO :"public";
SELECT format('GRANT %s ON public.%I TO %I', privilege, tablename, :'public')
FROM (VALUES ('INSERT', 'intake_submission'), ('SELECT', 'pages_release'))
    AS allowed (privilege, tablename)
JOIN pg_tables USING (tablename) WHERE schemaname = 'public'
\gexec

-- A runaway statement of a page must not hold the database up.
ALTER ROLE :"public" SET statement_timeout = '5s';
ALTER ROLE :"public" SET idle_in_transaction_session_timeout = '10s';

COMMIT;
