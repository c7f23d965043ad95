/*
 * Changes the type of a column without blocking: a second column is filled beside the first one, and takes its place.
 *
 * A trigger converts what is written in the meantime. It runs with the settings of the session that created it, since
 * names, time zones and formats decide what a conversion gives, and it runs after other triggers, also for rows that
 * replication applies. Until the present rows are converted, it leaves the second column empty for a value that cannot
 * be converted, so that no writer fails before it is known that the rows can be converted; the batches then fail
 * instead. After that such a value is an error for its writer, as it is with the new type, and a last scan of all rows
 * proves that the columns agree. Nothing of this is decided by what the segments change themselves.
 */
#include "dialect/postgresql/online/types.h"

#include "dialect/postgresql/postgresql.h"
#include "dialect/postgresql/spell/names.h"

struct second {
    const struct change *c;
    struct recipe_call *k;
    struct arena *a;
    const char *name;    /* of the column */
    const char *trigger; /* '~' sorts after the names of other triggers, which decides their order */
    struct qname function;
};

static struct sql begin(const struct second *s)
{
    return sql_begin(s->k->ctx, &postgresql_dialect);
}

static void add_sql(const struct second *s, struct ops *ops, struct sql *q)
{
    vec_add(s->k->ctx, ops, recipe_sql(s->k, sql_end(q)));
}

/* "ALTER TABLE t " */
static struct sql alter(const struct second *s)
{
    struct sql q = begin(s);
    sql_addf(&q, "ALTER TABLE %Q ", &s->k->table.name);
    return q;
}

/* Long names that begin alike stay apart. */
static const char *temporary(const struct second *s, const char *name)
{
    const size_t most = 63 - strlen("_cmig_new"), n = strlen(name);
    const char *hash =
        n > most ? arena_printf(s->a, "%08x", (unsigned)hash_more(HASH_NOTHING, name, n)) : NULL;
    return pg_object_name(s->a, name, hash, "cmig_new");
}

static const char *new_type(const struct second *s)
{
    struct sql q = begin(s);
    sql_add(&q, s->c->to.type);
    if (s->c->to.collation)
        pg_render_collation(&q, s->c->to.collation);
    return sql_end(&q);
}

/* ---- the trigger ----------------------------------------------------------------------------------------- */

static const char *body(const struct second *s, bool is_strict)
{
    struct sql q = begin(s), set = begin(s);
    sql_addf(&set, "NEW.%I := (SELECT %E FROM (SELECT NEW.*) AS %I);", s->name, s->c->to.conversion,
        s->k->table.name.name);
    sql_add(&q, "\n#variable_conflict use_column\nBEGIN\n");
    if (is_strict)
        sql_addf(&q, "    %E\n", sql_end(&set));
    else
        sql_addf(&q,
            "    BEGIN\n        %E\n    EXCEPTION WHEN OTHERS THEN\n        NEW.%I := NULL;\n    END;\n",
            sql_end(&set), s->name);
    sql_add(&q, "    RETURN NEW;\nEND\n");
    return sql_end(&q);
}

/* The search path of this session, for all sessions that write; temporary objects come last. */
static bool read_path(const struct second *s, const char **ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    *ret = NULL;
    if (!s->k->pg)
        return true;
    if (!pg_query(s->k->pg, "SELECT pg_catalog.current_setting('search_path')", NULL, 0, &a))
        return false;
    const char *path = answer_text(&a, 0, 0);
    bool has_temporary = strstr(path, "pg_temp");
    *ret = ctx_printf(
        s->k->ctx, "%s%s%s", path, *path && !has_temporary ? ", " : "", has_temporary ? "" : "pg_temp");
    return true;
}

static bool add_function(const struct second *s, struct ops *ops, bool is_strict)
{
    static const char *const settings[] = {
        "DateStyle", "IntervalStyle", "TimeZone", "extra_float_digits", "bytea_output", "lc_monetary"};
    struct sql q = begin(s);
    const char *path;
    if (!read_path(s, &path))
        return false;
    sql_addf(&q, "CREATE OR REPLACE FUNCTION %Q() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER",
        &s->function);
    if (path)
        sql_addf(&q, " SET search_path = %E", path);
    else
        sql_add(&q, " SET search_path FROM CURRENT");
    for (size_t i = 0; i < COUNT_OF(settings); i++)
        sql_addf(&q, " SET %E FROM CURRENT", settings[i]);
    sql_addf(&q, " AS %L", body(s, is_strict));
    add_sql(s, ops, &q);
    return true;
}

static void add_trigger(const struct second *s, struct ops *ops)
{
    struct sql q = begin(s);
    sql_addf(&q, "CREATE TRIGGER %I BEFORE INSERT OR UPDATE ON %Q FOR EACH ROW EXECUTE FUNCTION %Q()",
        s->trigger, &s->k->table.name, &s->function);
    add_sql(s, ops, &q);
    q = alter(s);
    sql_addf(&q, "ENABLE ALWAYS TRIGGER %I", s->trigger);
    add_sql(s, ops, &q);
}

static void drop_trigger(const struct second *s, struct ops *ops)
{
    struct sql q = begin(s);
    sql_addf(&q, "DROP TRIGGER IF EXISTS %I ON %Q", s->trigger, &s->k->table.name);
    add_sql(s, ops, &q);
    q = begin(s);
    sql_addf(&q, "DROP FUNCTION IF EXISTS %Q()", &s->function);
    add_sql(s, ops, &q);
}

/* ---- the rows -------------------------------------------------------------------------------------------- */

static struct op *block(const struct second *s, struct sql *text)
{
    struct sql q = begin(s);
    sql_addf(&q, "DO %L", sql_end(text));
    return recipe_sql(s->k, sql_end(&q));
}

/* Assigns each converted value to a variable, as it would be assigned to the column. */
static void try_rows(const struct second *s)
{
    struct sql q = begin(s);
    sql_addf(&q,
        "#variable_conflict use_column\nDECLARE converted %E; BEGIN FOR converted IN SELECT %E FROM (SELECT "
        "* FROM %Q) AS %I LOOP END LOOP; "
        "END",
        new_type(s), s->c->to.conversion, &s->k->table.name, s->k->table.name.name);
    recipe_add(s->k, block(s, &q), NULL, recipe_work(s->k, "scans"));
}

static bool add_column(const struct second *s)
{
    struct sql q = alter(s);
    sql_addf(&q, "ADD COLUMN %I %E", s->name, new_type(s));
    struct segment *at = recipe_add(s->k, recipe_sql(s->k, sql_end(&q)), LOCK_ACCESS_EXCLUSIVE, NULL);
    if (!add_function(s, &at->ops, false))
        return false;
    add_trigger(s, &at->ops);
    drop_trigger(s, &at->undo);
    q = alter(s);
    sql_addf(&q, "DROP COLUMN IF EXISTS %I", s->name);
    add_sql(s, &at->undo, &q);
    return true;
}

/* A cast of nothing gives nothing; another expression may not. */
static bool fill(const struct second *s)
{
    struct sql q = begin(s);
    sql_addf(&q, "%I IS DISTINCT FROM NULL", s->c->o->name);
    return recipe_fill(
        s->k, s->name, s->c->to.conversion, dtext_is_set(&s->c->o->using) ? NULL : sql_end(&q));
}

/* The lock waits for the transactions that have written with the old function. */
static bool make_strict(const struct second *s)
{
    struct sql q = begin(s);
    sql_addf(&q, "LOCK TABLE %Q IN SHARE ROW EXCLUSIVE MODE", &s->k->table.name);
    struct segment *at = recipe_add(s->k, recipe_sql(s->k, sql_end(&q)), LOCK_SHARE_ROW_EXCLUSIVE, NULL);
    return add_function(s, &at->ops, true);
}

static void prove_rows(const struct second *s)
{
    struct sql q = begin(s);
    const char *column = ctx_printf(s->k->ctx, "%s.%s", qname_text(s->a, &s->k->table.name), s->c->o->name);
    sql_addf(&q,
        "BEGIN IF EXISTS (SELECT FROM (SELECT * FROM %Q) AS %I WHERE (%I IS DISTINCT FROM NULL) <> ((%E) IS "
        "DISTINCT FROM NULL)) THEN "
        "RAISE EXCEPTION 'rows of %% were not converted', %L USING HINT = "
        "'A trigger of the table may keep its rows as they are.'; END IF; END",
        &s->k->table.name, s->k->table.name.name, s->name, s->c->to.conversion, column);
    recipe_add(s->k, block(s, &q), NULL, recipe_work(s->k, "scans"));
}

/* ---- indexes and constraints ------------------------------------------------------------------------------ */

static const char *renamed(const struct second *s, const char *text)
{
    return text ? sql_rename(s->k->ctx, &postgresql_dialect, text, s->c->o->name, s->name) : NULL;
}

static struct expr renamed_expr(const struct second *s, const struct expr *e)
{
    return (struct expr){.native = renamed(s, pg_render_expr(e))};
}

static struct strings renamed_names(const struct second *s, const struct strings *names)
{
    struct strings ret = {0};
    vec_each(i, names)
        vec_add(s->k->ctx, &ret, str_eq(names->v[i], s->c->o->name) ? s->name : names->v[i]);
    return ret;
}

static struct index renamed_index(const struct second *s, const struct index *x)
{
    struct index ret = *x;
    ret.name = temporary(s, x->name);
    recipe_claim(s->k, CLAIM_RELATION, &s->k->table.name, ret.name);
    ret.parts = (struct index_parts){0};
    vec_each(i, &x->parts) {
        struct index_part *part = ctx_new(s->k->ctx, struct index_part);
        *part = *x->parts.v[i];
        if (str_eq(part->column, s->c->o->name))
            part->column = s->name;
        part->expr = renamed_expr(s, &part->expr);
        vec_add(s->k->ctx, &ret.parts, part);
    }
    ret.where = renamed_expr(s, &x->where);
    ret.include = renamed_names(s, &x->include);
    return ret;
}

static bool build_indexes(const struct second *s)
{
    vec_each(i, &s->c->indexes) {
        struct index x = renamed_index(s, s->c->indexes.v[i]);
        if (!recipe_build_index(s->k, &x, false))
            return false;
    }
    vec_each(i, &s->c->uniques) {
        struct index of_key = recipe_key_index(s->k, s->c->uniques.v[i]), x = renamed_index(s, &of_key);
        if (!recipe_build_index(s->k, &x, false))
            return false;
    }
    return true;
}

static bool add_checks(const struct second *s)
{
    vec_each(i, &s->c->checks) {
        struct constraint k = *s->c->checks.v[i];
        struct recipe_call call = *s->k;
        k.name = temporary(s, k.name);
        recipe_claim(s->k, CLAIM_CONSTRAINT, &s->k->table.name, k.name);
        k.check = renamed_expr(s, &k.check);
        call.op = op_create_constraint_new(s->k->ctx, &s->k->table.name, &k);
        if (!k.not_valid) {
            if (!recipe_not_valid_first(&call))
                return false;
            continue;
        }
        struct segment *at = recipe_add(s->k, recipe_plain(&call), LOCK_ACCESS_EXCLUSIVE, NULL);
        vec_add(s->k->ctx, &at->undo, recipe_drop_constraint(s->k, k.name));
    }
    return true;
}

static bool is_not_null(const struct second *s)
{
    return ALTER_HAS(s->c->o, ALTER_NULLABLE) ? !s->c->o->nullable : s->c->to.now.not_null;
}

/* ---- the swap -------------------------------------------------------------------------------------------- */

static struct op *rename_part(
    const struct second *s, enum op_kind kind, const char *name, const char *new_name)
{
    struct op *ret = op_new(s->k->ctx, kind);
    ret->u.rename_part =
        (struct op_rename_part){.table = s->k->table.name, .name = name, .new_name = new_name};
    return ret;
}

static void swap_columns(const struct second *s, struct ops *ops)
{
    struct sql q = alter(s);
    sql_addf(&q, "DROP COLUMN %I", s->c->o->name);
    add_sql(s, ops, &q);
    q = alter(s);
    sql_addf(&q, "RENAME COLUMN %I TO %I", s->name, s->c->o->name);
    add_sql(s, ops, &q);
}

/* The index of a unique constraint gets the name of the constraint with it. */
static void swap_names(const struct second *s, struct ops *ops)
{
    vec_each(i, &s->c->indexes) {
        const char *name = s->c->indexes.v[i]->name;
        vec_add(s->k->ctx, ops, rename_part(s, OP_RENAME_INDEX, temporary(s, name), name));
    }
    vec_each(i, &s->c->uniques) {
        struct op *add = op_create_constraint_new(s->k->ctx, &s->k->table.name, s->c->uniques.v[i]);
        add->u.create_constraint.using_index = temporary(s, s->c->uniques.v[i]->name);
        vec_add(s->k->ctx, ops, add);
    }
    vec_each(i, &s->c->checks) {
        const char *name = s->c->checks.v[i]->name;
        vec_add(s->k->ctx, ops, rename_part(s, OP_RENAME_CONSTRAINT, temporary(s, name), name));
    }
}

/* From PostgreSQL 18 on NOT NULL has a name. */
static bool swap_not_null(const struct second *s, struct ops *ops)
{
    const char *table = s->k->table.name.name, *old;
    if (!s->k->pg || s->k->version < 180000 || !is_not_null(s))
        return true;
    if (!recipe_read_not_null(s->k, s->c->o->name, &old))
        return false;
    vec_add(s->k->ctx, ops,
        rename_part(s, OP_RENAME_CONSTRAINT, pg_object_name(s->a, table, s->name, "not_null"),
            old ? old : pg_object_name(s->a, table, s->c->o->name, "not_null")));
    return true;
}

/* The table names an index that was dropped with the column. */
static void swap_table_options(const struct second *s, struct ops *ops)
{
    static const char *const keys[] = {"replica_identity", "cluster_on"};
    const struct options *all = s->c->table->options;
    struct op *ret = op_new(s->k->ctx, OP_ALTER_TABLE);
    ret->u.alter_table.table = s->k->table.name;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const char *index = all ? options_get(all, "postgresql", keys[i]) : NULL;
        bool is_ours = false;
        vec_each(k, &s->c->indexes)
            is_ours |= str_eq(s->c->indexes.v[k]->name, index);
        vec_each(k, &s->c->uniques)
            is_ours |= str_eq(s->c->uniques.v[k]->name, index);
        if (is_ours)
            options_set(s->k->ctx, &ret->u.alter_table.options, "postgresql", keys[i], index);
    }
    if (ret->u.alter_table.options.n)
        vec_add(s->k->ctx, ops, ret);
}

static bool swap_privileges(const struct second *s, struct ops *ops)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {pg_qname(s->a, &s->k->table.name), s->c->o->name};
    if (!s->k->pg)
        return true;
    if (!pg_query(s->k->pg,
            "SELECT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE "
            "pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) END, x.privilege_type, "
            "x.is_grantable "
            "FROM pg_catalog.pg_attribute a CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) WITH "
            "ORDINALITY "
            "x (grantor, grantee, privilege_type, is_grantable, n) "
            "WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attname = $2 ORDER BY x.n",
            params, 2, &a))
        return false;
    for (int i = 0; i < answer_rows(&a); i++) {
        struct sql q = begin(s);
        sql_addf(&q, "GRANT %E (%I) ON TABLE %Q TO %E%E", answer_text(&a, i, 1), s->c->o->name,
            &s->k->table.name, answer_text(&a, i, 0), answer_bool(&a, i, 2) ? " WITH GRANT OPTION" : "");
        add_sql(s, ops, &q);
    }
    return true;
}

static struct op *alter_column(const struct second *s, uint32_t given)
{
    struct op *ret = op_new(s->k->ctx, OP_ALTER_COLUMN);
    ret->u.alter_column.table = s->k->table.name;
    ret->u.alter_column.name = s->c->o->name;
    ret->u.alter_column.given = 1u << ALTER_TABLE_NAME | 1u << ALTER_NAME | given;
    return ret;
}

/* A new type ends the storage and compression of the old one. */
static void swap_column_options(const struct second *s, struct ops *ops)
{
    const struct options *all = table_column(s->c->table, s->c->o->name)->options;
    struct options *kept = ctx_new(s->k->ctx, struct options);
    for (size_t i = 0; all && i < all->n; i++)
        if (!str_eq(all->v[i].key, "storage") && !str_eq(all->v[i].key, "compression"))
            options_set(s->k->ctx, kept, all->v[i].dialect, all->v[i].key, all->v[i].value);
    if (!kept->n)
        return;
    struct op *ret = alter_column(s, 1u << ALTER_OPTIONS);
    ret->u.alter_column.options = kept;
    vec_add(s->k->ctx, ops, ret);
}

/* What the column had and what the operation changes besides the type. */
static void swap_rest(const struct second *s, struct ops *ops)
{
    const struct op_alter_column *o = s->c->o;
    const uint32_t done = 1u << ALTER_TYPE | 1u << ALTER_USING | 1u << ALTER_COLLATION | 1u << ALTER_NULLABLE;
    const uint32_t only = 1u << ALTER_TABLE_NAME | 1u << ALTER_NAME;
    if (s->c->to.dflt && !ALTER_HAS(o, ALTER_DEFAULT)) {
        struct sql q = alter(s);
        sql_addf(&q, "ALTER COLUMN %I SET DEFAULT %E", o->name, s->c->to.dflt);
        add_sql(s, ops, &q);
    }
    if (s->c->to.now.comment && !ALTER_HAS(o, ALTER_COMMENT)) {
        struct op *comment = alter_column(s, 1u << ALTER_COMMENT);
        comment->u.alter_column.comment = s->c->to.now.comment;
        vec_add(s->k->ctx, ops, comment);
    }
    if (!(o->given & ~done & ~only))
        return;
    struct op *rest = recipe_plain(s->k);
    rest->u.alter_column.given &= ~done;
    rest->u.alter_column.type = rest->u.alter_column.using = (struct dtext){0};
    vec_add(s->k->ctx, ops, rest);
}

static bool swap(const struct second *s)
{
    struct segment all = {.lock = LOCK_ACCESS_EXCLUSIVE, .stays = true};
    drop_trigger(s, &all.ops);
    swap_columns(s, &all.ops);
    swap_names(s, &all.ops);
    if (!swap_not_null(s, &all.ops) || !swap_privileges(s, &all.ops))
        return false;
    swap_table_options(s, &all.ops);
    swap_column_options(s, &all.ops);
    swap_rest(s, &all.ops);
    vec_add(s->k->ctx, s->k->ret, all);
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------------------- */

static void analyze(const struct second *s)
{
    struct sql q = begin(s);
    sql_addf(&q, "ANALYZE %Q (%I)", &s->k->table.name, s->name);
    recipe_add(
        s->k, recipe_sql(s->k, sql_end(&q)), LOCK_SHARE_UPDATE_EXCLUSIVE, recipe_work(s->k, "samples"));
}

bool change_by_second_column(const struct change *c)
{
    struct arena *a = &c->k->ctx->arena;
    const struct qname *table = &c->k->table.name;
    struct second s = {.c = c, .k = c->k, .a = a};
    s.name = temporary(&s, c->o->name);
    s.trigger = pg_object_name(a, arena_printf(a, "~%s", table->name), c->o->name, "cmig_sync");
    s.function = (struct qname){table->schema, s.trigger};
    recipe_claim(c->k, CLAIM_COLUMN, table, s.name);
    recipe_claim(c->k, CLAIM_TRIGGER, table, s.trigger);
    recipe_claim(c->k, CLAIM_FUNCTION, table, s.trigger);
    try_rows(&s);
    if (!add_column(&s) || !fill(&s) || !make_strict(&s))
        return false;
    prove_rows(&s);
    if (!build_indexes(&s) || !add_checks(&s))
        return false;
    if (is_not_null(&s) && !recipe_set_not_null(c->k, s.name, NULL))
        return false;
    analyze(&s);
    return swap(&s);
}
