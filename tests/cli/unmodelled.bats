#!/usr/bin/env bats
# Every object of a database is modelled, or named as not modelled.

load helper

# A database cannot be dropped while it has a subscription.
teardown() {
    [ -z "${SUBSCRIBED:-}" ] || sql "DROP SUBSCRIPTION IF EXISTS sub"
    drop_databases
}

# Objects that models cannot contain: the SQL that creates them, and inspect's message.
kinds() {
    ! is_postgresql 15 || cat <<'T'
CREATE UNLOGGED TABLE iu (a int GENERATED ALWAYS AS IDENTITY); ALTER SEQUENCE iu_a_seq SET LOGGED|sequence of an identity column 'iu_a_seq': logged
T
    ! is_postgresql 18 || cat <<'T'
CREATE TABLE nn (a int CONSTRAINT nna NOT NULL NO INHERIT, b int)|NOT NULL NO INHERIT 'nna': nn
ALTER TABLE nn ADD CONSTRAINT nnb NOT NULL b NOT VALID|NOT NULL NOT VALID 'nnb': nn
COMMENT ON CONSTRAINT nna ON nn IS 'c'|comment 'nna': nn
T
    cat <<'T'
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'|function 'f'
CREATE PROCEDURE p(int) LANGUAGE sql AS 'SELECT 1'|procedure 'p'
CREATE AGGREGATE agg(int) (SFUNC = int4pl, STYPE = int)|aggregate 'agg': integer
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'|function 'tf'
CREATE TRIGGER tg BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tf()|trigger 'tg': t
CREATE TRIGGER td BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tf(); ALTER TABLE t DISABLE TRIGGER td|trigger 'td': t, disabled
CREATE TRIGGER ta BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tf(); ALTER TABLE t ENABLE ALWAYS TRIGGER ta|trigger 'ta': t, always
CREATE CONSTRAINT TRIGGER tc AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tf()|trigger 'tc': t
CREATE TABLE child (a int REFERENCES t); ALTER TABLE child DISABLE TRIGGER ALL|triggers of a foreign key 'child_a_fkey': child, disabled
CREATE TABLE child2 (a int REFERENCES u); ALTER TABLE u ENABLE REPLICA TRIGGER "RI_ConstraintTrigger_a_N"|triggers of a foreign key 'child2_a_fkey': u, replica
CREATE TABLE du (a int UNIQUE DEFERRABLE); ALTER TABLE du DISABLE TRIGGER ALL|triggers of a constraint 'du_a_key': du, disabled
CREATE RULE r AS ON UPDATE TO t DO INSTEAD NOTHING|rule 'r': t
CREATE RULE rd AS ON DELETE TO t DO INSTEAD NOTHING; ALTER TABLE t DISABLE RULE rd|rule 'rd': t, disabled
CREATE POLICY pol ON t USING (true)|policy 'pol': t
CREATE FUNCTION gf() RETURNS int LANGUAGE sql AS 'SELECT 1'|function 'gf'
REVOKE EXECUTE ON FUNCTION gf() FROM PUBLIC|grants 'gf': function
CREATE DOMAIN dom AS int|domain 'dom'
CREATE TYPE comp AS (a int)|type 'comp'
CREATE TYPE rng AS RANGE (subtype = float8)|type 'rng'
CREATE TYPE shell|shell type 'shell'
CREATE STATISTICS st ON a, b FROM t|statistics 'st': t
CREATE COLLATION co (provider = libc, locale = 'C')|collation 'co'
CREATE OPERATOR === (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int)|operator '==='
CREATE OPERATOR CLASS oc FOR TYPE int USING btree AS FUNCTION 1 btint4cmp(int, int)|operator class 'oc': btree
CREATE OPERATOR FAMILY of USING hash|operator family 'of': hash
CREATE CONVERSION con FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8|conversion 'con'
CREATE TEXT SEARCH CONFIGURATION tsc (COPY = simple)|text search configuration 'tsc'
CREATE TEXT SEARCH DICTIONARY tsd (TEMPLATE = simple)|text search dictionary 'tsd'
CREATE TEXT SEARCH PARSER tsp (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype)|text search parser 'tsp'
CREATE TEXT SEARCH TEMPLATE tst (LEXIZE = dsimple_lexize)|text search template 'tst'
CREATE FUNCTION ef() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER et ON sql_drop EXECUTE FUNCTION ef(); ALTER EVENT TRIGGER et DISABLE|event trigger 'et': disabled
CREATE PUBLICATION pub FOR TABLE t|publication 'pub'
CREATE SUBSCRIPTION sub CONNECTION 'password=hidden' PUBLICATION p WITH (connect = false, slot_name = NONE)|subscription 'sub'
CREATE FOREIGN DATA WRAPPER w|foreign data wrapper 'w'
CREATE SERVER srv FOREIGN DATA WRAPPER w|server 'srv'
CREATE USER MAPPING FOR PUBLIC SERVER srv OPTIONS (password 'hidden')|user mapping 'srv': public
CREATE FOREIGN TABLE ft (a int) SERVER srv|foreign table 'ft'
CREATE CAST (t AS text) WITH INOUT|cast 't as text'
CREATE TRUSTED LANGUAGE lang HANDLER plpgsql_call_handler|language 'lang'
CREATE TRANSFORM FOR int LANGUAGE lang (FROM SQL WITH FUNCTION time_support(internal))|transform 'integer language lang'
CREATE ACCESS METHOD am TYPE TABLE HANDLER heap_tableam_handler|access method 'am'
CREATE TABLE gt (a int); GRANT SELECT ON gt TO PUBLIC|grants 'gt'
CREATE TABLE gc (a int, "B c" int); GRANT SELECT ("B c") ON gc TO PUBLIC|grants 'gc': column B c
CREATE VIEW gv AS SELECT a FROM t; GRANT SELECT (a) ON gv TO PUBLIC|grants 'gv': column a
CREATE SEQUENCE gs; GRANT SELECT ON gs TO PUBLIC|grants 'gs'
CREATE TYPE ge AS ENUM ('a'); REVOKE USAGE ON TYPE ge FROM PUBLIC|grants 'ge': type
CREATE TYPE gk AS (a int); REVOKE USAGE ON TYPE gk FROM PUBLIC|grants 'gk': type
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC|grants 'plpgsql': language
CREATE VIEW dv AS SELECT a FROM t; ALTER VIEW dv ALTER COLUMN a SET DEFAULT 1|default 'dv': column a
GRANT CREATE ON SCHEMA public TO PUBLIC; REVOKE USAGE ON SCHEMA public FROM PUBLIC|grants 'public': schema
COMMENT ON SCHEMA public IS 'it is ours'|comment 'public': it is ours
CREATE VIEW cv AS SELECT a FROM t; COMMENT ON COLUMN cv.a IS 'c'|comment 'cv': a
CREATE TABLE ck (a int PRIMARY KEY); COMMENT ON INDEX ck_pkey IS 'c'|comment 'ck_pkey'
CREATE TABLE ci (a int GENERATED ALWAYS AS IDENTITY); COMMENT ON SEQUENCE ci_a_seq IS 'c'|comment 'ci_a_seq': sequence of an identity column
CREATE MATERIALIZED VIEW mv AS SELECT a FROM t; COMMENT ON COLUMN mv.a IS 'c'|comment 'mv': a
ALTER MATERIALIZED VIEW mv ALTER COLUMN a SET STATISTICS 50|column settings 'mv': a
GRANT SELECT ON mv TO PUBLIC|grants 'mv'
CREATE MATERIALIZED VIEW mw AS SELECT a, b FROM t; GRANT SELECT (b) ON mw TO PUBLIC|grants 'mw': column b
CREATE STATISTICS sm ON a, b FROM mw|statistics 'sm': mw
CREATE SCHEMA beside; CREATE TABLE beside.part (a int) PARTITION BY RANGE (a); CREATE TABLE part1 PARTITION OF beside.part DEFAULT|partition 'part1'
CREATE TABLE beside.plain (a int); CREATE TABLE inh () INHERITS (beside.plain)|inherited table 'inh'
CREATE TABLE heir (a int NOT NULL) INHERITS (t); CREATE TABLE heir2 () INHERITS (t); COMMENT ON COLUMN heir2.b IS 'c'|inherited column 'heir2': comment of column b
CREATE TABLE pn (a int, b text) PARTITION BY LIST (a); CREATE TABLE pn1 PARTITION OF pn DEFAULT; ALTER TABLE pn1 ALTER b SET STORAGE plain|inherited column 'pn1': options of column b
CREATE INDEX ie ON t ((a + b)); ALTER INDEX ie ALTER COLUMN 1 SET STATISTICS 50|index statistics 'ie'
CREATE TABLE pk (a int NOT NULL) PARTITION BY LIST (a); CREATE TABLE pk1 PARTITION OF pk (PRIMARY KEY (a)) DEFAULT; CREATE UNIQUE INDEX pki ON pk (a)|attached key 'pk1_pkey': pk1
CREATE INDEX pni ON pn (a); COMMENT ON INDEX pn1_a_idx IS 'c'|comment 'pn1_a_idx': pn1
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC|default privileges 'postgres': tables in public
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC|default privileges 'postgres': functions
T
}

@test "every kind of object that is not modelled is named" {
    project postgresql
    SUBSCRIBED=yes
    sql "CREATE TABLE t (a int PRIMARY KEY, b int); CREATE TABLE u (a int PRIMARY KEY)"
    ok inspect
    same "" "$err"
    # Where a line fails (an older server's grammar), so does the test. The server numbers the triggers of a foreign key.
    while IFS='|' read -r create _; do
        if [[ $create == *ConstraintTrigger_a_N* ]]; then
            sql "${create%%;*}"
            create=$(sql "SELECT format('ALTER TABLE u ENABLE REPLICA TRIGGER %I', tgname) FROM pg_trigger
                WHERE tgrelid = 'u'::regclass AND tgtype & 8 <> 0")
        fi
        PGOPTIONS='-c client_min_messages=error' psql -X -q -v ON_ERROR_STOP=1 -d "$URL" -c "$create" || report "$create"
    done < <(kinds)
    # What models can list is left alone as well, and named, where they list nothing of its kind.
    ok inspect
    python3 - "$out" >models/model.yaml <<'P'
import sys, yaml
model = yaml.safe_load(sys.argv[1])
for part in [*model["tables"].values(), *model["views"].values()]:
    for key in ("policies", "rules", "triggers"):
        isinstance(part, dict) and part.pop(key, None)
del model["complete"]
for key in [*model]:
    if key not in ("schemas", "tables", "views", "enums", "sequences", "extensions"):
        del model[key]
yaml.safe_dump(model, sys.stdout, sort_keys=False)
P
    fails 2 check --strict
    while IFS='|' read -r create words; do
        [[ $'\n'$err == *$'\n'"not modelled, ignored: $words"* ]] || report "not named: $words"
    done < <(kinds)
    [[ $err$out != *hidden* ]] || report "a password is shown"
    # Nothing else is named: objects of an extension, or parts of an object, belong to it.
    same "" "$(while IFS= read -r line; do
        line=${line#not modelled, ignored: }
        kinds | cut -d'|' -f2 | grep -qF -- "${line%: *}" || echo "$line"
    done <<<"$err" | grep -v "^function 'ef'$\|^type 'gk'$\|^1 other schema is not compared: beside$\|^cmig: the database contains")"
    fails 2 check --strict
}

# What pg_identify_object() calls each kind, and a word for it in the table of cmig-models(5).
names_of_kinds() {
    cat <<'T'
table|tables
table column|columns
table constraint|constraints
default value|columns
index|indexes
index column|indexes
view|views
view column|columns of views
rule|rules
trigger|triggers
policy|policies
materialized view|materialized views
materialized view column|columns of materialized views
sequence|sequences
schema|schemas
extension|extensions
type|enums
composite type|composite types
composite type column|attributes
domain constraint|domains
function|functions
procedure|procedures
aggregate|aggregates
operator|operators
operator class|operator classes
operator family|operator families
operator of access method|operator classes
function of access method|operator classes
cast|casts
transform|transforms
collation|collations
conversion|conversions
language|languages
access method|access methods
text search parser|text search parsers
text search template|templates
text search dictionary|text search dictionaries
text search configuration|configurations
statistics object|extended statistics
event trigger|event triggers
publication|publications
publication relation|publications
publication namespace|publications
subscription|subscriptions
foreign-data wrapper|foreign data wrappers
server|servers
user mapping|user mappings
foreign table|foreign tables
foreign table column|foreign tables
default acl|default privileges
role|roles
tablespace|tablespaces
database|databases
large object|large objects
T
}

@test "every kind of object that the server names is in the table of cmig-models(5)" {
    project postgresql
    SUBSCRIBED=yes
    sql "CREATE TABLE t (a int PRIMARY KEY, b int); CREATE TABLE u (a int PRIMARY KEY)"
    while IFS='|' read -r create _; do
        [[ $create == *ConstraintTrigger_a_N* ]] && create=${create%%;*}
        PGOPTIONS='-c client_min_messages=error' psql -X -q -v ON_ERROR_STOP=1 -d "$URL" -c "$create" || report "$create"
    done < <(kinds)
    page=$(sed -n '/^\.Sh WHAT IS NOT MODELLED/,/^\.Sh DATABASE OPTIONS/p' "$TESTS/../man/cmig-models.5" |
        tr 'A-Z\n' 'a-z ')
    while IFS='|' read -r _ word; do
        [[ $page == *"$word"* ]] || report "not in the table: $word"
    done < <(names_of_kinds)
    # Toast tables are parts of their tables.
    found=$(sql "WITH s AS (SELECT * FROM pg_shdepend WHERE dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())))
        SELECT DISTINCT i.type FROM (SELECT classid, objid, objsubid FROM pg_depend
            UNION SELECT refclassid, refobjid, refobjsubid FROM pg_depend UNION SELECT classid, objid, objsubid FROM s
            UNION SELECT refclassid, refobjid, 0 FROM s UNION SELECT classoid, objoid, objsubid FROM pg_description
            UNION SELECT tableoid, oid, 0 FROM pg_subscription UNION SELECT tableoid, oid, 0 FROM pg_publication) d,
        pg_identify_object(d.classid, d.objid, d.objsubid) i WHERE d.classid <> 0 AND i.type NOT LIKE 'toast table%' ORDER BY 1")
    while read -r type; do
        names_of_kinds | grep -q "^$type|" || report "unknown: $type"
    done <<<"$found"
}

@test "no catalogue of the server is unknown" {
    project postgresql
    known="
        pg_attrdef pg_attribute pg_class pg_constraint pg_depend pg_description pg_enum pg_index pg_inherits
        pg_init_privs pg_namespace pg_partitioned_table pg_sequence pg_type
            # modelled, or read for what is
        pg_aggregate pg_am pg_cast pg_collation pg_conversion pg_default_acl pg_event_trigger pg_extension
        pg_foreign_data_wrapper pg_foreign_server pg_foreign_table pg_language pg_opclass pg_operator pg_opfamily
        pg_policy pg_proc pg_publication pg_range pg_rewrite pg_seclabel pg_statistic_ext
        pg_subscription pg_transform pg_trigger pg_ts_config pg_ts_dict pg_ts_parser pg_ts_template pg_user_mapping
            # named
        pg_amop pg_amproc pg_publication_namespace pg_publication_rel pg_ts_config_map
            # parts of what is named
        pg_statistic pg_statistic_ext_data pg_largeobject pg_largeobject_metadata pg_subscription_rel
        pg_replication_origin
            # contents
        pg_auth_members pg_authid pg_database pg_db_role_setting pg_parameter_acl pg_pltemplate pg_shdepend pg_shdescription
        pg_shseclabel pg_tablespace
            # not a database's own"
    for catalogue in $(sql "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'pg_catalog'::regnamespace"); do
        [[ " $(tr '\n' ' ' <<<"$known")" == *" $catalogue "* ]] || report "unknown: $catalogue"
    done
}

@test "a role that owns nothing gets the same schema" {
    project postgresql
    sql "CREATE TABLE t (a int)"
    while IFS='|' read -r create _; do
        [[ $create == *SUBSCRIPTION* || $create == *ConstraintTrigger* ]] || sql "$create" >/dev/null 2>&1 || true
    done < <(kinds)
    ok inspect
    printf '%s\n' "$err" >told
    psql -X -q -d "$URL" -c "DROP ROLE IF EXISTS cmig_bats_reader" -c "CREATE ROLE cmig_bats_reader LOGIN" \
        -c "GRANT USAGE ON SCHEMA public TO cmig_bats_reader"
    ok --url "${URL/postgres@/cmig_bats_reader@}" inspect
    same "$(grep -v grants told)" "$(printf '%s\n' "$err" | grep -v grants)"
    psql -X -q -d "$URL" -c "DROP OWNED BY cmig_bats_reader" -c "DROP ROLE cmig_bats_reader"
}

@test "numbers in the header of a SQLite file are modelled" {
    project sqlite
    sql "CREATE TABLE t (a INTEGER); PRAGMA user_version = 7; PRAGMA application_id = -3"
    ok inspect
    prints "sqlite: {application_id: -3, user_version: 7}"
    printf '%s\n' "$out" >models/m.yaml
    ok check --strict
    sql "PRAGMA user_version = 8"
    fails 2 check
    prints "user_version: 8 in the database, 7 in the models"
    sed -i /user_version/d models/m.yaml
    ok check --strict
    echo 'sqlite: {user_version: 1.5}' >models/n.yaml
    fails 78 check
    says "models/n.yaml:1:10: option 'user_version' of SQLite takes an integer of 32 bits, not '1.5'"
    echo 'sqlite: {user_version: 1}' >models/n.yaml
    echo 'sqlite: {user_version: 2}' >models/o.yaml
    fails 78 check
    says "models/o.yaml:1:10: option 'user_version' of the database is given twice: 1 and 2"
}

@test "schemas that are not compared are named once" {
    project postgresql
    sql "CREATE TABLE t (a int)"
    ok inspect
    same "" "$err"
    sql "CREATE SCHEMA \"Other\"; CREATE TABLE \"Other\".x (a int)"
    for command in inspect status; do
        ok $command
        same "1 other schema is not compared: Other" "$err"
    done
    sql "CREATE SCHEMA a; CREATE SCHEMA b; CREATE SCHEMA c; CREATE SCHEMA d; CREATE SCHEMA e"
    ok status
    same "6 other schemas are not compared: Other, a, b, c, d, …" "$err"
    ok --json inspect
    same '["Other", "a", "b", "c", "d", "e"]' \
        "$(python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["unmanaged"]))' <<<"$out")"
    echo 'schemas: [public, Other]' >>cmig.yaml
    ok status
    says "5 other schemas are not compared: a, b, c, d, e"
}

@test "a baseline includes the enabled state of triggers, rules and row security" {
    database postgresql
    sql "CREATE TABLE t (a int); CREATE TABLE f (a int); ALTER TABLE f FORCE ROW LEVEL SECURITY;
        CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER tg BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tf(); ALTER TABLE t ENABLE REPLICA TRIGGER tg;
        CREATE RULE r AS ON UPDATE TO t DO INSTEAD NOTHING; ALTER TABLE t DISABLE RULE r;
        CREATE FUNCTION ef() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        CREATE EVENT TRIGGER et ON sql_drop EXECUTE FUNCTION ef(); ALTER EVENT TRIGGER et DISABLE"
    before=$(dump)
    mkdir project
    cd project
    ok --url "$URL" init --from-database .
    database postgresql
    ok --url "$URL" upgrade
    same "$before" "$(dump | grep -v cmig_)"
}

# ---- objects that models may list --------------------------------------------------------------------------------

@test "extensions are left alone until a model has the key" {
    project postgresql
    sql "CREATE EXTENSION citext"
    model <<<'{tables: {}}'
    ok check
    says "not modelled, ignored: extension 'citext'"
    fails 2 check --strict
    ok revision --autogenerate -m nothing
    same "" "$(ls migrations)"
    ok inspect
    same $'complete: true\nextensions: {citext: {}}' "$out"
    same "" "$err"
    model <<<'{extensions: [plpgsql, citext]}'
    ok check --strict
    model <<<'{extensions: []}'
    fails 2 check
    prints "extension 'citext': not in the models"
    printf "exclude: ['extension:cit*']\n" >>cmig.yaml
    ok check --strict
}

@test "an extension in two files, without a name, in a list" {
    project postgresql
    model a.yaml <<<'{extensions: [citext, pg_trgm]}'
    model b.yaml <<<'{extensions: {citext: , pg_trgm: {}}}'
    fails 2 check
    prints "models/a.yaml:1:15: extension 'citext': not in the database" "extension 'pg_trgm': not in the database"
    model b.yaml <<<'{extensions: {citext: {version: "1.6"}}}'
    fails 78 check
    says "models/b.yaml:1:15: extension 'citext' is defined twice, in two ways" "models/a.yaml:1:15: the first definition"
    model b.yaml <<<'{extensions: {"": {}}}'
    fails 78 check
    model b.yaml <<<'{extensions: {citext: {schemas: x}}}'
    fails 78 check
    says "unknown key 'schemas'" "Did you mean 'schema'?"
}

@test "an extension that the server does not have is rejected when the revision is written" {
    project postgresql
    model <<<'{extensions: [no_such_thing], tables: {t: {columns: {a: integer}}}}'
    fails 78 revision --autogenerate -m x
    says "models/model.yaml:1:15: the database does not accept extension 'no_such_thing'"
    same "" "$(ls migrations)"
}

@test "the version of an extension is compared if a model gives one" {
    project postgresql
    sql "CREATE EXTENSION citext VERSION '1.4'"
    model <<<'{extensions: [citext]}'
    ok check
    model <<<'{extensions: {citext: {version: "1.5"}}}'
    fails 2 check
    prints "extension 'citext': version '1.4' in the database, '1.5' in the models"
    ok revision --autogenerate -m newer
    same '  - alter_extension: {name: citext, version: "1.5"}' "$(sed -n '/^upgrade/{n;p}' migrations/*)"
    ok upgrade
    ok check
    same 1.5 "$(sql "SELECT extversion FROM pg_extension WHERE extname = 'citext'")"
    fails 1 downgrade base
    says "Everything was rolled back"
}

@test "an extension's schema need not be under management" {
    project postgresql
    model <<<'{extensions: {citext: {schema: ext}}, tables: {t: {columns: {a: {type: {postgresql: ext.citext}}}}}}'
    ok revision --autogenerate -m first
    ok upgrade
    ok check --strict
    ok inspect
    prints "extensions: {citext: {schema: ext}}"
    ok downgrade base
    same "" "$(sql "SELECT nspname FROM pg_namespace WHERE nspname = 'ext'")"
    sql "CREATE SCHEMA ext"
    rm migrations/*
    ok revision --autogenerate -m again
    [[ $(cat migrations/*) != *_schema* ]] || report "the schema is there"
    ok upgrade
    ok downgrade base
    same ext "$(sql "SELECT nspname FROM pg_namespace WHERE nspname = 'ext'")"
}

@test "extensions are ignored where there are none" {
    project sqlite
    model <<<'{extensions: {citext: {}}, tables: {t: {columns: {a: integer}}}}'
    ok revision --autogenerate -m first
    ok upgrade
    ok check
    revision_file 222222222222 "$(basename migrations/*_first.yaml _first.yaml)" <<'Y'
upgrade: [{create_extension: citext}, {alter_extension: {name: citext, schema: x}}]
downgrade: [{drop_extension: citext}]
Y
    ok upgrade
    ok downgrade -1
}

@test "the output of inspect for a database with an extension builds a new one" {
    database postgresql
    sql "CREATE SCHEMA ext; CREATE EXTENSION citext; CREATE EXTENSION pg_trgm SCHEMA ext; CREATE EXTENSION isn;
        CREATE TABLE t (a citext DEFAULT 'x', b ean13, c text); CREATE INDEX ix ON t USING gin (c ext.gin_trgm_ops)"
    before=$(dump) url=$URL
    project postgresql
    ok --url "$url" inspect
    printf '%s\n' "$out" >models/m.yaml
    ok revision --autogenerate -m baseline
    ok upgrade
    same "$before" "$(dump | grep -v cmig_)"
    ok check --strict
}

# ---- what models need, and cannot contain ------------------------------------------------------------------------

@test "missing objects that the models need are all reported when the revision is written" {
    project postgresql
    model <<'Y'
tables:
  a: {columns: {n: {type: {postgresql: posint}}}}
  b: {columns: {n: {type: {postgresql: addr}}}}
  c: {columns: {n: {type: integer, default: {sql: one()}}}, checks: {ck: n > 0}}
  d: {columns: {n: integer}, checks: {ck: ok(n)}}
  e: {columns: {n: integer}, indexes: {ix: {columns: [{sql: ok(n)}]}}}
views:
  v: SELECT one() AS a
  w: SELECT n FROM d
Y
    fails 78 revision --autogenerate -m x
    says "models/model.yaml:2:17: the database does not accept column 'n'" 'type "posint" does not exist' \
        "models/model.yaml:3:17: the database does not accept column 'n': type \"addr\" does not exist" \
        "function one() does not exist" "function ok(integer) does not exist" "with 'execute: CREATE …'" "'extensions'"
    same "" "$(ls migrations)"
    sql "CREATE DOMAIN posint AS int; CREATE TYPE addr AS (street text); CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION ok(int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true'"
    ok revision --autogenerate -m x
    ok upgrade
    ok check
}

@test "a view that calls a missing function is refused, and one with a function of another signature is not" {
    project postgresql
    model <<<'{tables: {t: {columns: {a: integer}}}, views: {v: "SELECT label(t) AS l FROM t"}}'
    fails 78 revision --autogenerate -m x
    says "the database does not accept view 'v'" "function label(t) does not exist"
    # It may be made for the table's rows before the view.
    sql "CREATE FUNCTION label(int) RETURNS int LANGUAGE sql AS 'SELECT 1'"
    ok revision --autogenerate -m x
}

@test "a foreign key to a missing table is rejected when the revision is written" {
    project postgresql
    model <<'Y'
tables:
  u:
    columns: {a: integer}
    foreign_keys: {k: {columns: [a], references: {table: p, columns: [a], external: true}}}
Y
    fails 78 revision --autogenerate -m x
    says "models/model.yaml:4:20: table 'p' does not exist, and the models do not have it" "Create it in a revision before this one"
    sql "CREATE SCHEMA beside; CREATE TABLE beside.base (a int); CREATE TABLE p (a int PRIMARY KEY) INHERITS (beside.base)"
    ok revision --autogenerate -m x
    ok upgrade
    ok check
    # At the upgrade the same revision may have made it.
    ok downgrade base
    sql "DROP TABLE p"
    sed -i 's/^upgrade:/upgrade:\n  - execute: CREATE TABLE p (a int PRIMARY KEY)/' migrations/*
    ok upgrade
}

@test "extensions that need one another are created in order and dropped in reverse" {
    project postgresql
    # adminpack, which belongs to pg_catalog, was removed in PostgreSQL 17.
    last=adminpack printed="adminpack: {schema: pg_catalog}"
    ! is_postgresql 17 || last=citext printed="citext: {}"
    model <<<"{extensions: [cube, earthdistance, $last]}"
    ok revision --autogenerate -m first
    ok upgrade
    ok check --strict
    ok inspect
    prints "cube: {}" "earthdistance: {}" "$printed"
    inspected=$out
    ok downgrade base
    model <<<"$inspected"
    ok upgrade
    ok check --strict
    model <<<'{extensions: []}'
    ok revision --autogenerate -m none
    ok upgrade
    same plpgsql "$(sql "SELECT string_agg(extname, ' ') FROM pg_extension")"
    ok downgrade -1
    same "cube earthdistance $last" "$(sql "SELECT string_agg(extname, ' ' ORDER BY oid) FROM pg_extension WHERE oid >= 16384")"
}

@test "an extension in an unmanaged schema is dropped and restored" {
    project postgresql
    sql "CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext VERSION '1.6'; CREATE TABLE t (a ext.citext)"
    # The judge does not move it.
    model <<<'{extensions: {citext: {version: "1.6"}}, tables: {t: {columns: {a: {type: {postgresql: ext.citext}, default: x}}}}}'
    ok revision --autogenerate -m default
    ok upgrade
    ok check
    model <<<'{extensions: []}'
    ok revision --autogenerate --no-rename -m gone
    [[ $(cat migrations/*_gone.yaml) != *_schema:* ]] || report "the schema stays"
    ok upgrade
    ok downgrade -1
    ok upgrade
}

@test "an object that is missing for one table does not affect others" {
    project postgresql
    sql "CREATE SEQUENCE q; CREATE TABLE t (a text, n bigint DEFAULT nextval('q'))"
    sql "CREATE INDEX ix ON t ((lower(a)))"
    model <<'Y'
sequences: {q: {}}
tables:
  t:
    columns: {a: text, n: {type: bigint, default: {sql: "nextval('q')"}}, g: {type: {postgresql: geometry}}}
    indexes: {ix: {columns: [{sql: "lower( a )"}]}}
Y
    psql -X -q -d "$URL" -c "BEGIN; LOCK TABLE t IN ACCESS SHARE MODE; SELECT pg_sleep(20)" >/dev/null 2>&1 &
    locker=$!
    until [ "$(sql "SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND mode = 'AccessShareLock'")" != 0 ]; do sleep 0.1; done
    fails 78 check # and not 75, after waiting for a lock
    kill "$locker" 2>/dev/null || true
    says 'type "geometry" does not exist'
    [[ $err != *'"t" does not exist'* && $err != *pg_temp* ]] || report "names what follows"
}

@test "a generated column without other columns is read where there is no other default" {
    project postgresql
    sql "CREATE TABLE t (a int, k text GENERATED ALWAYS AS ('x') STORED)"
    ok inspect
    prints "generated: "
    model <<<"$out"
    ok check --strict
}
