/*
 * Finds views, triggers and virtual tables that would stop working.
 *
 * Objects that worked in the shadow before the operations, but do not after them, are named before anything
 * runs. SQLite itself reports most of them only when they are used.
 */
#include "dialect/sqlite/ddl.h"
#include "dialect/sqlite/render.h"
#include "dialect/sqlite/sqlite.h"

#include <stdlib.h>

/* Preparing a statement compiles the triggers that it would run; a virtual table reads its content table when
 * it is read itself. The shadow has no rows. */
static bool works(struct rendering *r, const char *sql, bool is_virtual)
{
    STMT stmt = NULL;
    r->compiled = (struct strings){0};
    if (sqlite3_prepare_v2(r->shadow->db, sql, -1, &stmt, NULL) != SQLITE_OK)
        return false;
    if (!is_virtual)
        return true;
    int code = sqlite3_step(stmt);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

/* NULL when it works, as far as can be told here. */
static const char *find_fault(struct rendering *r, const char *sql, bool is_virtual)
{
    const char *message = NULL, *before;
    do {
        before = message;
        if (works(r, sql, is_virtual))
            return NULL;
        message = ctx_strdup(r->ctx, sqlite3_errmsg(r->shadow->db));
    } while (!str_eq(message, before) && missing_add(r, message));
    bool is_fine =
        str_starts(message, "no such module") || /* nor must a view have triggers for everything: */
        str_ends(message, "because it is a view");
    return is_fine ? NULL : message;
}

static const char *update_all(struct rendering *r, const char *table)
{
    struct shadow_rows columns;
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    sql_addf(&q, "UPDATE %I SET ", table);
    if (!shadow_rows(r, "SELECT name, NULL FROM pragma_table_info(?)", table, &columns)) {
        err_clear(r->ctx); /* a view that does not work, which is reported anyway */
        return NULL;
    }
    vec_each(i, &columns)
        sql_addf(&q, i ? ", %I = %I" : "%I = %I", columns.v[i]->name, columns.v[i]->name);
    return sql_end(&q);
}

enum fault_kind { FAULT_VIEW, FAULT_VIRTUAL, FAULT_INSERT, FAULT_UPDATE, FAULT_DELETE, FAULT_KINDS };
static const struct {
    const char *what, *hint;
} kinds[FAULT_KINDS] = {
#define WITH_TRIGGERS "Drop the trigger in the same revision, and create it again in its new form."
    [FAULT_VIEW] = {"view", "Drop the view or replace it in the same revision."},
    [FAULT_VIRTUAL] = {"virtual table",
        "Drop it with an 'execute' before this operation, and create and fill it again with one after it."},
    [FAULT_INSERT] = {"trigger on insert into", WITH_TRIGGERS},
    [FAULT_UPDATE] = {"trigger on update of", WITH_TRIGGERS},
    [FAULT_DELETE] = {"trigger on delete from", WITH_TRIGGERS},
};

/* A view, a virtual table, or a table with triggers, and what is wrong with it. */
struct fault {
    enum fault_kind kind;
    const char *name, *message;
};
struct faults VEC_OF(struct fault *);

static void add_fault(
    struct rendering *r, struct faults *list, enum fault_kind kind, const char *name, const char *sql)
{
    const char *message = sql ? find_fault(r, sql, kind == FAULT_VIRTUAL) : NULL;
    if (!message)
        return;
    struct fault *f = ctx_new(r->ctx, struct fault);
    *f = (struct fault){kind, name, message};
    vec_add(r->ctx, list, f);
}

static const char *sql_of(struct rendering *r, const char *format, const char *name)
{
    struct sql q = sql_begin(r->ctx, &sqlite_dialect);
    sql_addf(&q, format, name);
    return sql_end(&q);
}

/* The newest first: they may read older ones. */
#define ALL_VIEWS "SELECT name, sql FROM sqlite_schema WHERE type = 'view' ORDER BY rowid DESC"

/* In a message about a compiled view, a WITH's name is like that of a view. */
static bool any_with(const struct shadow_rows *views)
{
    vec_each(i, views)
        if (sql_mentions(views->v[i]->sql, "with"))
            return true;
    return false;
}

static int by_name(const void *a, const void *b)
{
    const struct fault *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

/* The views that do not work. Compiling one compiles all that it reads, so these need no test of their own: in a chain
 * of views, SQLite takes time that grows with the square of a view's depth. */
static bool find_broken_views(struct rendering *r, struct faults *ret)
{
    struct shadow_rows views;
    struct map working = MAP(r->ctx);
    *ret = (struct faults){0};
    if (!shadow_rows(r, ALL_VIEWS, NULL, &views))
        return false;
    bool is_told = !any_with(&views);
    vec_each(i, &views) {
        const char *name = views.v[i]->name;
        size_t n = ret->n;
        if (map_get(&working, name))
            continue;
        add_fault(r, ret, FAULT_VIEW, name, sql_of(r, "SELECT * FROM %I", name));
        for (size_t k = 0; is_told && ret->n == n && k < r->compiled.n; k++)
            map_set(&working, r->compiled.v[k], r);
    }
    if (ret->n)
        qsort(ret->v, ret->n, sizeof(*ret->v), by_name);
    return true;
}

static bool find_faults(struct rendering *r, struct faults *ret)
{
    struct shadow_rows virtuals, tables;
    if (!find_broken_views(r, ret) ||
        !shadow_rows(r,
            "SELECT name, NULL FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%' ORDER BY name", NULL,
            &virtuals) ||
        !shadow_rows(r,
            "SELECT DISTINCT tbl_name, NULL FROM sqlite_schema WHERE type = 'trigger' ORDER BY tbl_name",
            NULL, &tables))
        return false;
    vec_each(i, &virtuals)
        add_fault(
            r, ret, FAULT_VIRTUAL, virtuals.v[i]->name, sql_of(r, "SELECT * FROM %I", virtuals.v[i]->name));
    vec_each(i, &tables) {
        const char *name = tables.v[i]->name;
        add_fault(r, ret, FAULT_INSERT, name, sql_of(r, "INSERT INTO %I DEFAULT VALUES", name));
        add_fault(r, ret, FAULT_UPDATE, name, update_all(r, name));
        add_fault(r, ret, FAULT_DELETE, name, sql_of(r, "DELETE FROM %I", name));
    }
    return true;
}

static const char *fault_key(struct rendering *r, const struct fault *f)
{
    return ctx_printf(r->ctx, "%s %s", kinds[f->kind].what, f->name);
}

bool shadow_remember_faults(struct rendering *r)
{
    struct faults faults;
    if (!find_faults(r, &faults))
        return false;
    vec_each(i, &faults)
        vec_add(r->ctx, &r->broken, fault_key(r, faults.v[i]));
    return true;
}

static void add_row(struct rendering *r, struct shadow_rows *list, const struct fault *f)
{
    struct shadow_row *row = ctx_new(r->ctx, struct shadow_row);
    *row = (struct shadow_row){.name = f->name, .sql = f->message};
    vec_add(r->ctx, list, row);
}

bool shadow_faults(struct rendering *r, struct shadow_rows *ret)
{
    struct faults faults;
    *ret = (struct shadow_rows){0};
    if (!find_faults(r, &faults))
        return false;
    vec_each(i, &faults)
        add_row(r, ret, faults.v[i]);
    return true;
}

bool shadow_broken_views(struct rendering *r, struct shadow_rows *ret)
{
    struct faults faults;
    *ret = (struct shadow_rows){0};
    if (!shadow_sync(r) || !find_broken_views(r, &faults))
        return false;
    vec_each(i, &faults)
        if (!strings_have(&r->broken, fault_key(r, faults.v[i])))
            add_row(r, ret, faults.v[i]);
    return true;
}

/* The object that an operation removes, by its name; NULL: none. */
static const char *name_taken(const struct op *op)
{
    switch ((int)op->kind) {
    case OP_DROP_COLUMN:
        return op->u.drop_column.name;
    case OP_RENAME_COLUMN:
        return op->u.rename_part.name;
    case OP_ALTER_COLUMN:
        return ALTER_HAS(&op->u.alter_column, ALTER_NEW_NAME) ? op->u.alter_column.name : NULL;
    case OP_RENAME_TABLE:
        return op->u.rename.name.name;
    }
    return NULL;
}

/* The operation that caused it: the last one that removed the object in the message. */
static const struct op *find_culprit(const struct ops *ops, const char *message)
{
    const struct op *found = NULL;
    vec_each(i, ops) {
        const char *name = name_taken(ops->v[i]);
        if (name && sql_mentions(message, name))
            found = ops->v[i];
    }
    for (size_t i = ops->n; !found && i-- > 0;)
        if (ops->v[i]->kind == OP_DROP_COLUMN || op_table[ops->v[i]->kind].destroys)
            found = ops->v[i];
    return found ? found : ops->v[ops->n - 1];
}

/* The operation that creates a view; NULL: it existed before. */
static const struct op *find_maker(const struct ops *ops, const char *view)
{
    vec_each(i, ops)
        if (ops->v[i]->kind == OP_CREATE_VIEW && str_eq_ci(ops->v[i]->u.view.view.name.name, view))
            return ops->v[i];
    return NULL;
}

/* In a new view double-quoted words may be strings. */
static bool works_with_strings(struct rendering *r, const char *view)
{
    sqlite3_db_config(r->shadow->db, SQLITE_DBCONFIG_DQS_DML, 1, NULL);
    bool works = !find_fault(r, sql_of(r, "SELECT * FROM %I", view), false);
    sqlite3_db_config(r->shadow->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    return works;
}

bool shadow_check_dependents(struct rendering *r, const struct ops *ops)
{
    struct faults faults;
    if (!find_faults(r, &faults))
        return false;
    vec_each(i, &faults) {
        const struct fault *f = faults.v[i];
        bool view = f->kind == FAULT_VIEW;
        if (strings_have(&r->broken, fault_key(r, f)) || dangling_allows(r->ctx, ops, f->message))
            continue;
        const struct op *maker = view ? find_maker(ops, f->name) : NULL;
        if (maker && works_with_strings(r, f->name))
            continue;
        if (maker) {
            fail(r->ctx, STATUS_FAILED, "view '%s' would not work: %s", f->name, f->message);
            return rendering_fail(r, maker);
        }
        fail(r->ctx, STATUS_FAILED, "%s '%s' would no longer work: %s", kinds[f->kind].what, f->name,
            f->message);
        fail_hint(r->ctx, "%s", kinds[f->kind].hint);
        return rendering_fail(r, find_culprit(ops, f->message));
    }
    return true;
}
