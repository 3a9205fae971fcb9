-- Cluster-wide roles of Tithi. Run as a superuser on any database of the cluster; running it again changes nothing.
-- Passwords are no part of this file: set them with \password, or through tithi.platform.roles.bootstrap_cluster.
-- Plain GRANT is used on purpose: from PostgreSQL 16 on it takes the INHERIT option from the member's own attribute
-- and gives SET, which is what PostgreSQL 15 does without the options.

do $$
declare
  wanted record;
  present record;
  attributes text;
begin
  for wanted in
    select *
    from (values
      -- name             logs in  inherits  bypasses row-level security
      ('tithi_owner',     false,   true,     false),
      ('tithi_directory', false,   false,    false),
      ('tithi_migrator',  true,    false,    false),
      ('tithi_app',       true,    false,    false),
      ('tithi_worker',    true,    false,    false),
      ('tithi_backup',    true,    true,     true)
    ) as roles (name, logs_in, inherits, bypasses)
  loop
    attributes := concat_ws(' ',
      case when wanted.logs_in then 'login' else 'nologin' end,
      case when wanted.inherits then 'inherit' else 'noinherit' end,
      case when wanted.bypasses then 'bypassrls' else 'nobypassrls' end,
      'nosuperuser nocreatedb nocreaterole noreplication');
    select * into present from pg_roles where rolname = wanted.name;
    if not found then
      execute format('create role %I %s', wanted.name, attributes);
    elsif (present.rolcanlogin, present.rolinherit, present.rolbypassrls) is distinct from
          (wanted.logs_in, wanted.inherits, wanted.bypasses)
          or present.rolsuper or present.rolcreatedb or present.rolcreaterole or present.rolreplication then
      execute format('alter role %I %s', wanted.name, attributes);
    end if;
  end loop;
end
$$;

-- Migrations log in as tithi_migrator and SET ROLE tithi_owner; without it the migrator may do nothing.
grant tithi_owner to tithi_migrator;

-- The owner hands the look-ups that run before a tenant is known to tithi_directory (ALTER FUNCTION ... OWNER TO).
grant tithi_directory to tithi_owner;

grant pg_read_all_data to tithi_backup;
