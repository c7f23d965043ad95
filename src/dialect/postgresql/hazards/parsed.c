/*
 * Reads a statement with PostgreSQL's own parser, and says what it changes.
 *
 * The tree is libpg_query's JSON, in which every node is {"Kind": {…}}, and members with a default value are left out.
 */
#include "dialect/postgresql/hazards/parsed.h"

#include "dialect/postgresql/hazards/hazards.h"
#include "dialect/postgresql/hazards/libpg_query.h"

/* ---- nodes --------------------------------------------------------------------------------------------- */

const struct node *parsed_get(const struct node *n, const char *key)
{
    return n && n->kind == NODE_MAPPING ? node_get(n, key) : NULL;
}

const char *parsed_text(const struct node *n, const char *key)
{
    const struct node *value = parsed_get(n, key);

    return value && value->kind == NODE_SCALAR ? value->scalar : NULL;
}

bool parsed_flag(const struct node *n, const char *key)
{
    return str_eq(parsed_text(n, key), "true");
}

int64_t parsed_number(const struct node *n, const char *key)
{
    const struct node *value = parsed_get(n, key);
    int64_t number = 0;

    return value && node_int(value, &number) ? number : 0;
}

size_t parsed_count(const struct node *list)
{
    return list && list->kind == NODE_SEQUENCE ? list->n : 0;
}

const struct node *parsed_inner(const struct node *n, const char **ret_kind)
{
    *ret_kind = "";
    if (!n || n->kind != NODE_MAPPING || n->n != 1)
        return NULL;
    *ret_kind = n->v[0]->scalar;
    return n->v[1];
}

const char *parsed_string(const struct node *n)
{
    const char *kind;
    const struct node *inner = parsed_inner(n, &kind);
    const char *text = parsed_text(inner, "sval");

    return text ? text : parsed_text(inner, "str");
}

const char *parsed_last_string(const struct node *list)
{
    size_t n = parsed_count(list);

    return n ? parsed_string(list->v[n - 1]) : NULL;
}

/* The default schema of offline revisions goes without its name. */
static struct qname plain(struct qname name)
{
    if (str_eq(name.schema, pg_hazards.default_schema))
        name.schema = NULL;
    return name;
}

struct qname parsed_relation(const struct node *range)
{
    const char *kind;

    if (range && !parsed_get(range, "relname"))
        range = parsed_inner(range, &kind);
    return plain((struct qname){parsed_text(range, "schemaname"), parsed_text(range, "relname")});
}

struct qname parsed_name(const struct node *list)
{
    size_t n = parsed_count(list);

    return plain((struct qname){n > 1 ? parsed_string(list->v[n - 2]) : NULL, parsed_last_string(list)});
}

/* ---- changes ------------------------------------------------------------------------------------------- */

struct sql_change *parsed_add(struct parsed *p, enum sql_act act, bool is_ddl)
{
    struct sql_change *c = ctx_new(p->ctx, struct sql_change);

    *c = (struct sql_change){.act = act, .from = p->from, .to = p->to, .is_ddl = is_ddl};
    vec_add(p->ctx, p->ret, c);
    return c;
}

struct op *parsed_add_op(struct parsed *p, enum op_kind kind)
{
    struct sql_change *c = parsed_add(p, SQL_ACT_OPERATION, true);

    c->op = op_new(p->ctx, kind);
    return c->op;
}

struct sql_change *parsed_last(struct parsed *p)
{
    return p->ret->v[p->ret->n - 1];
}

static struct qname kept(struct parsed *p, struct qname name)
{
    return (struct qname){ctx_strdup(p->ctx, name.schema), ctx_strdup(p->ctx, name.name)};
}

static bool cascades(const struct node *n)
{
    return str_eq(parsed_text(n, "behavior"), "DROP_CASCADE");
}

/* ---- statements ---------------------------------------------------------------------------------------- */

static void create_index(struct parsed *p, const struct node *n)
{
    struct op_create_index *o = &parsed_add_op(p, OP_CREATE_INDEX)->u.create_index;
    const struct node *list = parsed_get(n, "indexParams");
    const char *kind;

    o->table = kept(p, parsed_relation(parsed_get(n, "relation")));
    o->index.name = ctx_strdup(p->ctx, parsed_text(n, "idxname"));
    o->index.unique = parsed_flag(n, "unique");
    o->concurrently = parsed_last(p)->concurrently = parsed_flag(n, "concurrent");
    o->if_not_exists = parsed_last(p)->is_guarded = parsed_flag(n, "if_not_exists");
    if (parsed_get(n, "whereClause"))
        o->index.where.sql.text = "true";
    for (size_t i = 0; i < parsed_count(list); i++) {
        struct index_part *part = ctx_new(p->ctx, struct index_part);

        part->column = ctx_strdup(p->ctx, parsed_text(parsed_inner(list->v[i], &kind), "name"));
        vec_add(p->ctx, &o->index.parts, part);
    }
}

static void drop_one(struct parsed *p, const struct node *n, const struct node *object)
{
    const char *type = parsed_text(n, "removeType"), *kind, *text = parsed_string(object);
    struct qname name = kept(p, parsed_name(parsed_get(parsed_inner(object, &kind), "items")));
    bool guarded = parsed_flag(n, "missing_ok"), concurrently = parsed_flag(n, "concurrent");
    struct sql_change *c;

    if (str_eq(type, "OBJECT_TABLE"))
        parsed_add_op(p, OP_DROP_TABLE)->u.drop =
            (struct op_drop){.name = name, .if_exists = guarded, .cascade = cascades(n)};
    else if (str_eq(type, "OBJECT_INDEX"))
        parsed_add_op(p, OP_DROP_INDEX)->u.drop_index =
            (struct op_drop_index){.name = name.name, .if_exists = guarded, .concurrently = concurrently};
    else if (str_eq(type, "OBJECT_SCHEMA"))
        parsed_add_op(p, OP_DROP_SCHEMA)->u.schema = (struct op_schema){
            .name = ctx_strdup(p->ctx, text), .if_exists = guarded, .cascade = cascades(n)};
    else
        parsed_add(p, SQL_ACT_DROP_OTHER, true);
    c = parsed_last(p);
    c->is_guarded = guarded;
    c->concurrently = concurrently;
    c->cascade = cascades(n);
}

static void drop(struct parsed *p, const struct node *n)
{
    const struct node *objects = parsed_get(n, "objects");

    for (size_t i = 0; i < parsed_count(objects); i++)
        drop_one(p, n, objects->v[i]);
}

static void rename_object(struct parsed *p, const struct node *n)
{
    static const struct {
        const char *type;
        enum op_kind kind;
    } parts[] = {{"OBJECT_COLUMN", OP_RENAME_COLUMN}, {"OBJECT_TABCONSTRAINT", OP_RENAME_CONSTRAINT}};
    const char *type = parsed_text(n, "renameType"), *to = ctx_strdup(p->ctx, parsed_text(n, "newname"));
    struct qname table = kept(p, parsed_relation(parsed_get(n, "relation")));
    bool is_table = str_eq(parsed_text(n, "relationType"), "OBJECT_TABLE");

    if (str_eq(type, "OBJECT_SCHEMA")) {
        parsed_add(p, SQL_ACT_RENAME_SCHEMA, true)->name = ctx_strdup(p->ctx, parsed_text(n, "subname"));
        return;
    }
    if (str_eq(type, "OBJECT_TABLE")) {
        parsed_add_op(p, OP_RENAME_TABLE)->u.rename = (struct op_rename){table, {table.schema, to}};
        return;
    }
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!str_eq(parts[i].type, type) || (parts[i].kind == OP_RENAME_COLUMN && !is_table))
            continue;
        parsed_add_op(p, parts[i].kind)->u.rename_part =
            (struct op_rename_part){table, ctx_strdup(p->ctx, parsed_text(n, "subname")), to};
        return;
    }
    parsed_add(p, SQL_ACT_HARMLESS, true);
}

static void add_relations(struct parsed *p, const struct node *list, enum sql_act act, bool cascade)
{
    for (size_t i = 0; i < parsed_count(list); i++) {
        struct sql_change *c = parsed_add(p, act, false);

        c->table = kept(p, parsed_relation(list->v[i]));
        c->cascade = cascade;
    }
}

static void truncate(struct parsed *p, const struct node *n)
{
    add_relations(p, parsed_get(n, "relations"), SQL_ACT_TRUNCATE, cascades(n));
}

static void lock_tables(struct parsed *p, const struct node *n)
{
    add_relations(p, parsed_get(n, "relations"), SQL_ACT_LOCK, false);
}

static void add_act(struct parsed *p, const struct node *n, enum sql_act act)
{
    parsed_add(p, act, false)->table = kept(p, parsed_relation(parsed_get(n, "relation")));
}

/* The changes that WITH contains count, too. */
static void add_common(struct parsed *p, const struct node *n);

static void update(struct parsed *p, const struct node *n)
{
    add_act(p, n, parsed_get(n, "whereClause") ? SQL_ACT_WRITE : SQL_ACT_UPDATE_ALL);
    add_common(p, n);
}

static void delete (struct parsed *p, const struct node *n)
{
    bool is_limited = parsed_get(n, "whereClause") || parsed_get(n, "usingClause");

    add_act(p, n, is_limited ? SQL_ACT_WRITE : SQL_ACT_DELETE_ALL);
    add_common(p, n);
}

static void insert(struct parsed *p, const struct node *n)
{
    const char *kind;
    const struct node *source = parsed_inner(parsed_get(n, "selectStmt"), &kind);

    add_act(p, n, source && !parsed_get(source, "valuesLists") ? SQL_ACT_WRITE : SQL_ACT_HARMLESS);
    add_common(p, n);
}

static void select_rows(struct parsed *p, const struct node *n)
{
    parsed_add(p, SQL_ACT_HARMLESS, false);
    add_common(p, n);
}

static void refresh(struct parsed *p, const struct node *n)
{
    add_act(p, n, SQL_ACT_REFRESH);
    parsed_last(p)->concurrently = parsed_flag(n, "concurrent");
}

static void cluster(struct parsed *p, const struct node *n)
{
    add_act(p, n, SQL_ACT_REWRITE);
}

static bool has_option(const struct node *n, const char *key, const char *option)
{
    const struct node *list = parsed_get(n, key);
    const char *kind;

    for (size_t i = 0; i < parsed_count(list); i++)
        if (str_eq_ci(parsed_text(parsed_inner(list->v[i], &kind), "defname"), option))
            return true;
    return false;
}

static void vacuum(struct parsed *p, const struct node *n)
{
    const struct node *tables = parsed_get(n, "rels");
    const char *kind;

    if (!has_option(n, "options", "full")) {
        parsed_add(p, SQL_ACT_HARMLESS, false);
        return;
    }
    for (size_t i = 0; i < parsed_count(tables); i++)
        add_act(p, parsed_inner(tables->v[i], &kind), SQL_ACT_REWRITE);
    if (!parsed_count(tables))
        parsed_add(p, SQL_ACT_REWRITE, false);
}

static void reindex(struct parsed *p, const struct node *n)
{
    struct sql_change *c = parsed_add(p, SQL_ACT_REINDEX, false);
    struct qname name = parsed_relation(parsed_get(n, "relation"));

    c->name = ctx_strdup(p->ctx, name.name ? name.name : parsed_text(n, "name"));
    c->concurrently = has_option(n, "params", "concurrently");
}

static void alter_enum(struct parsed *p, const struct node *n)
{
    struct qname name = parsed_name(parsed_get(n, "typeName"));
    struct sql_change *c =
        parsed_add(p, parsed_text(n, "oldVal") ? SQL_ACT_RENAME_VALUE : SQL_ACT_HARMLESS, true);

    c->name = qname_text(&p->ctx->arena, &name);
    c->is_guarded = parsed_flag(n, "skipIfNewValExists");
}

static void alter_domain(struct parsed *p, const struct node *n)
{
    const char *subtype = parsed_text(n, "subtype"), *kind;
    struct qname name = parsed_name(parsed_get(n, "typeName"));
    bool skips = parsed_flag(parsed_inner(parsed_get(n, "def"), &kind), "skip_validation");
    bool checks = (str_eq(subtype, "C") && !skips) || str_eq(subtype, "O");

    parsed_add(p, checks ? SQL_ACT_DOMAIN_CHECK : SQL_ACT_HARMLESS, true)->name =
        qname_text(&p->ctx->arena, &name);
}

static void create_domain(struct parsed *p, const struct node *n)
{
    struct qname name = parsed_name(parsed_get(n, "domainname"));
    bool checks = parsed_count(parsed_get(n, "constraints"));

    parsed_add(p, checks ? SQL_ACT_NEW_DOMAIN_CHECK : SQL_ACT_HARMLESS, true)->name =
        qname_text(&p->ctx->arena, &name);
}

static void drop_database(struct parsed *p, const struct node *n)
{
    (void)n;
    parsed_add(p, SQL_ACT_DROP_DATABASE, true);
}

/* CREATE TABLE AS, and materialized views. */
static void create_as(struct parsed *p, const struct node *n)
{
    struct sql_change *c = parsed_add(p, SQL_ACT_HARMLESS, true);

    c->table = kept(p, parsed_relation(parsed_get(parsed_get(n, "into"), "rel")));
    c->is_guarded = parsed_flag(n, "if_not_exists");
}

static void create_view(struct parsed *p, const struct node *n)
{
    struct sql_change *c = parsed_add(p, SQL_ACT_HARMLESS, true);

    c->table = kept(p, parsed_relation(parsed_get(n, "view")));
    c->is_guarded = parsed_flag(n, "replace");
}

/* What it does is not in the tree. */
static void unknown(struct parsed *p, const struct node *n)
{
    (void)n;
    parsed_add(p, SQL_ACT_UNKNOWN, false);
}

static const struct {
    const char *kind;
    void (*read)(struct parsed *p, const struct node *n);
} statements[] = {
    {"CreateStmt", parsed_create_table},
    {"AlterTableStmt", parsed_alter_table},
    {"IndexStmt", create_index},
    {"DropStmt", drop},
    {"RenameStmt", rename_object},
    {"TruncateStmt", truncate},
    {"LockStmt", lock_tables},
    {"UpdateStmt", update},
    {"DeleteStmt", delete},
    {"InsertStmt", insert},
    {"SelectStmt", select_rows},
    {"RefreshMatViewStmt", refresh},
    {"ClusterStmt", cluster},
    {"VacuumStmt", vacuum},
    {"ReindexStmt", reindex},
    {"AlterEnumStmt", alter_enum},
    {"AlterDomainStmt", alter_domain},
    {"CreateDomainStmt", create_domain},
    {"DropdbStmt", drop_database},
    {"CreateTableAsStmt", create_as},
    {"ViewStmt", create_view},
    {"DoStmt", unknown},
    {"CallStmt", unknown},
    {"ExecuteStmt", unknown},
};

/* A statement that is not in the table changes no table. */
static void read_statement(struct parsed *p, const struct node *statement)
{
    const char *kind;
    const struct node *n = parsed_inner(statement, &kind);

    for (size_t i = 0; i < COUNT_OF(statements); i++) {
        if (!str_eq(statements[i].kind, kind))
            continue;
        statements[i].read(p, n);
        return;
    }
    parsed_add(p, SQL_ACT_HARMLESS, str_starts(kind, "Create") || str_starts(kind, "Alter"));
}

static void add_common(struct parsed *p, const struct node *n)
{
    const struct node *list = parsed_get(parsed_get(n, "withClause"), "ctes");
    const char *kind;

    for (size_t i = 0; i < parsed_count(list); i++)
        read_statement(p, parsed_get(parsed_inner(list->v[i], &kind), "ctequery"));
}

bool pg_read_statement(struct ctx *ctx, const struct dialect *dialect, const char *text, size_t from,
    size_t to, struct sql_changes *ret, const char **ret_problem)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    const char *sql = arena_strndup(&ctx->arena, text + from, to - from);
    struct parsed p = {.ctx = ctx, .sql = sql, .from = from, .to = to, .ret = ret};
    struct node *tree = NULL;

    (void)dialect;
    if (libpg_query_parse(ctx, &scratch, sql, &tree, ret_problem) != PARSE_DONE)
        return false;
    const struct node *list = parsed_get(tree, "stmts");
    for (size_t i = 0; i < parsed_count(list); i++)
        read_statement(&p, parsed_get(list->v[i], "stmt"));
    return parsed_count(list) > 0;
}
