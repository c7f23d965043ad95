/* Compares the models and the database. */
#include "migrate/run.h"
#include "migrate/sql_models.h"

/* ---- the models' side --------------------------------------------------------------------------- */

static bool is_managed(const struct project *p, const struct qname *name)
{
    if (!name->schema)
        return !p->scope.schemas.n || !p->conn->default_schema ||
               strings_have(&p->scope.schemas, p->conn->default_schema);
    return strings_have(&p->scope.schemas, name->schema);
}

static bool check_managed(struct project *p, const char *kind, const struct qname *name, struct pos pos)
{
    if (is_managed(p, name))
        return true;
    const char *schema = name->schema ? name->schema : p->conn->default_schema;
    fail_at(p->ctx, STATUS_CONFIG, pos, "%s '%s' is in schema '%s', which is not under management", kind,
        qname_text(&p->ctx->arena, name), schema);
    return fail_hint(p->ctx, "Add '%s' to 'schemas' in cmig.yaml.", schema);
}

/* Excluded objects are not compared, on either side. The macro walks any of a schema's lists of named
 * objects. */
#define KEEP_IN_SCOPE(p, list, kind) \
    do { \
        size_t kept_ = 0; \
        vec_each(i_, (list)) { \
            if (scope_excludes(&(p)->scope, (kind), &(list)->v[i_]->name, (p)->conn->default_schema)) \
                continue; \
            if (!check_managed((p), (kind), &(list)->v[i_]->name, (list)->v[i_]->pos)) \
                return false; \
            (list)->v[kept_++] = (list)->v[i_]; \
        } \
        (list)->n = kept_; \
    } while (0)

/* An unmanaged schema would be reported as missing for ever. */
static bool check_schemas(struct project *p, const struct namespaces *list)
{
    vec_each(i, list) {
        const struct namespace *ns = list->v[i];
        if (str_eq(ns->name, p->conn->default_schema) || strings_have(&p->scope.schemas, ns->name))
            continue;
        fail_at(p->ctx, STATUS_CONFIG, ns->pos, "schema '%s' is not under management", ns->name);
        return fail_hint(p->ctx, "Add '%s' to 'schemas' in cmig.yaml.", ns->name);
    }
    return true;
}

static void exclude_parts(struct project *p, struct schema *s)
{
    vec_each(i, &s->tables)
        scope_exclude_parts(&p->scope, p->conn->default_schema, s->tables.v[i]);
    vec_each(i, &s->views) {
        struct table t = view_as_table(s->views.v[i]);
        scope_exclude_parts(&p->scope, p->conn->default_schema, &t);
        s->views.v[i]->indexes = t.indexes;
    }
}

static bool check_defaults(struct project *p, const struct default_accesses *list)
{
    vec_each(i, list) {
        const struct default_access *d = list->v[i];
        const struct qname name = {str_eq(d->schema, p->conn->default_schema) ? NULL : d->schema, d->role};
        if (!d->schema || is_managed(p, &name))
            continue;
        fail_at(p->ctx, STATUS_CONFIG, d->pos,
            "default privileges of '%s' are for schema '%s', which is not under management", d->role,
            d->schema);
        return fail_hint(p->ctx, "Add '%s' to 'schemas' in cmig.yaml.", d->schema);
    }
    return true;
}

/* Objects on a table are in its schema. */
static bool objects_in_scope(struct project *p, struct objects *list, enum object_kind kind)
{
    size_t kept = 0;
    vec_each(i, list) {
        struct object *o = list->v[i];
        struct qname name = {o->of.name ? o->of.schema : o->name.schema, o->name.name};
        if (scope_excludes(&p->scope, object_table[kind].name, &name, p->conn->default_schema) ||
            (o->of.name && (scope_excludes(&p->scope, "table", &o->of, p->conn->default_schema) ||
                               scope_excludes(&p->scope, "view", &o->of, p->conn->default_schema))))
            continue;
        if (object_table[kind].naming != NAMED_IN_DATABASE &&
            !check_managed(p, object_table[kind].name, &name, o->pos))
            return false;
        list->v[kept++] = o;
    }
    list->n = kept;
    return true;
}

/* The partitions of an excluded table are excluded with it, at all levels. */
static void leave_orphans(struct schema *models)
{
    struct tables *list = &models->tables;
    size_t before;
    do {
        size_t kept = 0;
        before = list->n;
        vec_each(i, list) {
            struct table *t = list->v[i];
            if (!table_is_partition(t) || schema_table(models, &t->partition_of))
                list->v[kept++] = t;
        }
        list->n = kept;
    } while (list->n < before);
}

static bool models_in_scope(struct project *p, struct schema *models)
{
    if (p->conn->dialect->has.privileges && !check_defaults(p, &models->default_accesses))
        return false;
    if (p->conn->dialect->has.schemas && !check_schemas(p, &models->namespaces))
        return false;
    KEEP_IN_SCOPE(p, &models->tables, "table");
    KEEP_IN_SCOPE(p, &models->views, "view");
    KEEP_IN_SCOPE(p, &models->enums, "enum");
    KEEP_IN_SCOPE(p, &models->sequences, "sequence");
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        if (!objects_in_scope(p, &models->objects[kind], (enum object_kind)kind))
            return false;
    leave_orphans(models);
    exclude_parts(p, models);
    return true;
}

/* Models without `schemas` leave them alone. */
static void models_keep_schemas(struct project *p, const struct schema *database, struct schema *models)
{
    if (models->namespaces.n || models->namespaces_given)
        return;
    vec_each(i, &database->namespaces)
        vec_add(p->ctx, &models->namespaces, database->namespaces.v[i]);
}

/* A model that this server does not support is an error. An embedded database has only one version, which was
 * checked when its tables were prepared. */
static bool check_creatable(struct project *p, const struct schema *models)
{
    bool is_embedded = p->conn->dialect->has.embedded;
    for (size_t i = 0; i < models->tables.n && !is_embedded; i++) {
        const struct table *t = models->tables.v[i];
        const struct op op = {.kind = OP_CREATE_TABLE, .pos = t->pos, .u.create_table.table = *t};
        if (!p->conn->dialect->check_op(p->ctx, p->conn, &op))
            return false;
    }
    vec_each(i, &models->views) {
        const struct view *v = models->views.v[i];
        const struct op op = {.kind = OP_CREATE_VIEW, .pos = v->pos, .u.view.view = *v};
        if (!p->conn->dialect->check_op(p->ctx, p->conn, &op))
            return false;
    }
    return true;
}

/* Keys without effect would be misleading. */
static bool is_managed_access(void *user, const struct access_place *place)
{
    const struct project *p = user;
    const struct access *a = *place->access;
    const struct {
        const char *key, *word;
        unsigned bit;
        struct pos pos;
    } keys[] = {
        {"grants", "grants", MANAGE_GRANTS, a ? a->grants_pos : (struct pos){0}},
        {"owner", "owners", MANAGE_OWNERS, a ? a->owner_pos : (struct pos){0}},
    };
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (!keys[i].pos.line || p->conn->manages & keys[i].bit)
            continue;
        fail_at(p->ctx, STATUS_CONFIG, keys[i].pos, "%s '%s' has '%s', but %s are not managed",
            place->kind->on, place->name, keys[i].key, keys[i].word);
        return fail_hint(p->ctx, "Add 'manage: [%s]' to cmig.yaml, or remove the key.", keys[i].word);
    }
    return true;
}

static bool check_manages(struct project *p, const struct schema *models)
{
    return !p->conn->dialect->has.privileges ||
           schema_each_access(
               models, &(struct access_walk){.visit = is_managed_access, .user = p, .arena = &p->ctx->arena});
}

static bool check_roles(struct project *p, const struct schema *models)
{
    return !p->conn->manages || !p->conn->dialect->check_roles ||
           p->conn->dialect->check_roles(p->conn, models);
}

bool migrate_models(struct project *p)
{
    struct schema *models = p->models ? p->models : ctx_new(p->ctx, struct schema);
    if (!p->models && !schema_load(p->ctx, &p->config.models, models))
        return false;
    p->models = models;
    return true;
}

static bool read_models(struct project *p, struct schema *ret)
{
    if (p->models_document)
        return schema_of_document(p->ctx, p->models_document, ret);
    if (!migrate_models(p))
        return false;
    *ret = *p->models;
    p->models = NULL;
    return models_complete(p, p->conn->dialect, ret);
}

static bool load_models(struct project *p, struct schema *ret)
{
    return read_models(p, ret) && check_manages(p, ret) &&
           schema_prepare(p->ctx, p->conn->dialect, p->conn->default_schema, ret) &&
           models_in_scope(p, ret) && check_roles(p, ret) &&
           schema_check_lengths(p->ctx, p->conn->dialect, p->conn->char_width, ret) &&
           check_creatable(p, ret);
}

/* ---- the judge ---------------------------------------------------------------------------------- */

static bool settle_side(struct project *p, const struct schema *doubts, struct schema *side, bool *asked)
{
    struct schema said = {0};
    bool any = doubts->tables.n || doubts->views.n;
    for (size_t kind = 0; kind < OBJECT_KINDS; kind++)
        any = any || doubts->objects[kind].n;
    if (!any)
        return true;
    if (!p->conn->dialect->normalise(p->conn, doubts, &said, asked))
        return false;
    if (*asked)
        diff_settle(p->ctx, p->conn->dialect, &said, side);
    return true;
}

/*
 * Has the database print whatever differs only in text. First only the models' side, with all new objects, so
 * that errors are found now: usually that is enough. Remaining doubts are printed again on both sides, since a
 * printed text that is used to recreate an object may be printed in another way: PostgreSQL's IN becomes = ANY
 * ((ARRAY[...])::text[]), and that, dumped and restored, moves the cast inside.
 */
static bool ask_judge(struct project *p, const struct compare_options *options, struct comparison *c)
{
    const struct dialect *dialect = p->conn->dialect;
    bool asked = true;
    for (int round = 0; round < 2 && asked; round++) {
        struct schema database = {0}, models = {0};
        if (!diff_doubts(p->ctx, dialect, &c->database, &c->models, &database, &models))
            return false;
        if (round == 0)
            diff_news(p->ctx, dialect, &c->database, &c->models, &models);
        if (!settle_side(p, &models, &c->models, &asked))
            return false;
        if (round > 0 && asked && !settle_side(p, &database, &c->database, &asked))
            return false;
    }
    c->text_only = !asked;
    if (c->text_only && !options->is_offline)
        log_warn(p->ctx, "%s: expressions were compared as text", p->conn->unjudged);
    return true;
}

/* ---- together ----------------------------------------------------------------------------------- */

static bool reflect(struct project *p, struct schema *ret)
{
    if (!p->conn->dialect->reflect(p->conn, &p->scope, ret))
        return fail_in(p->ctx, "cannot read the schema of '%s'", url_text(&p->ctx->arena, p->url.text));
    exclude_parts(p, ret);
    return true;
}

/* Reflected objects get the spelling of model files, which operations need once they are written down. */
static void spell(struct project *p, struct schema *database)
{
    vec_each(i, &database->tables)
        table_spell(p->ctx, p->conn->dialect, database->tables.v[i]);
}

/* The schema that the applied revisions lead to, as far as their operations say; NULL: that cannot be found out. */
static struct schema *replay(struct project *p)
{
    const struct run_options options = {.direction = DIRECTION_UP};
    struct run r = {.p = p, .dialect = p->conn->dialect, .options = &options, .offline = true};
    r.replayed = ctx_new(p->ctx, struct schema);
    r.replayed->default_schema = p->conn->default_schema;
    if (project_graph(p) && project_rows(p, &r.rows) && run_replay_rows(&r))
        return r.replayed;
    log_debug(p->ctx, "the downgrade uses the definitions of the database: the revisions cannot be replayed");
    err_clear(p->ctx);
    return NULL;
}

/* The database's schema in the spelling of model files: that of the revisions, where it still applies. */
static void spell_for_operations(struct project *p, const struct compare_options *options,
    const struct dialect *dialect, struct comparison *c)
{
    struct schema *replayed = options->way_back ? replay(p) : NULL;
    spell(p, &c->database);
    if (!replayed)
        return;
    struct dialect *lenient = ctx_new(p->ctx, struct dialect);
    *lenient = *dialect;
    if (dialect->expr_alike)
        lenient->expr_same = dialect->expr_alike;
    diff_recall(p->ctx, lenient, replayed, &c->models, &c->database);
}

/* Unmodelled objects whose names relations, types or both cannot have. */
static const struct {
    const char *kind;
    bool is_relation;
} taking[] = {{"virtual table", true}, {"partition", true}, {"inherited table", true},
    {"foreign table", true}, {"type", true}, {"domain", false}, {"range type", false}, {"base type", false}};

/* What an operation creates or renames, if it takes a name of the schema. */
static bool op_takes(
    const struct op *op, struct qname *ret, const char **ret_what, bool *ret_relation, bool *ret_type)
{
    *ret_relation = op->kind != OP_CREATE_ENUM && op->kind != OP_RENAME_ENUM;
    *ret_type = true;
    switch ((int)op->kind) {
    case OP_CREATE_TABLE:
        return *ret = op->u.create_table.table.name, *ret_what = "table", true;
    case OP_CREATE_VIEW:
        return *ret = op->u.view.view.name, *ret_what = "view", true;
    case OP_CREATE_ENUM:
        return *ret = op->u.create_enum.enumeration.name, *ret_what = "enum", true;
    case OP_CREATE_SEQUENCE:
        return *ret = op->u.sequence.sequence.name, *ret_what = "sequence", true;
    case OP_RENAME_TABLE:
        return *ret = op->u.rename.new_name, *ret_what = "table", true;
    case OP_RENAME_ENUM:
        return *ret = op->u.rename.new_name, *ret_what = "enum", true;
    case OP_CREATE_INDEX:
        *ret_type = false;
        *ret = (struct qname){op->u.create_index.table.schema, op->u.create_index.index.name};
        return *ret_what = "index", true;
    default:
        return false;
    }
}

static const struct unmodelled *name_taken(
    const struct unmodelleds *list, const struct qname *name, bool is_relation, bool is_type)
{
    vec_each(i, list)
        for (size_t k = 0; k < COUNT_OF(taking); k++)
            if (str_eq(list->v[i]->kind, taking[k].kind) && qname_eq(&list->v[i]->name, name) &&
                (is_type || (is_relation && taking[k].is_relation)))
                return list->v[i];
    return NULL;
}

/* An object that cmig does not model may have a name that the models want; the server would only say so at the upgrade. */
static bool check_names_free(struct project *p, const struct comparison *c)
{
    const struct ops *up = &c->diff.up;
    for (size_t i = 0; c->database.unmodelled.n && i < up->n; i++) {
        const struct unmodelled *u;
        struct qname name;
        const char *what;
        bool is_relation, is_type;
        if (!op_takes(up->v[i], &name, &what, &is_relation, &is_type) ||
            !(u = name_taken(&c->database.unmodelled, &name, is_relation, is_type)))
            continue;
        const char *text = qname_text(&p->ctx->arena, &name);
        fail_at(p->ctx, STATUS_CONFIG, up->v[i]->pos,
            "cannot create %s '%s': the database has %s %s of that name, which cmig does not model", what,
            text, strchr("aeio", *u->kind) ? "an" : "a", u->kind);
        return fail_hint(p->ctx,
            "Choose another name, or add '%s' to 'exclude' in cmig.yaml to leave the %s alone.", text,
            u->kind);
    }
    return true;
}

/* Differences that cannot be changed have no revision. */
static bool check_possible(struct project *p, const struct differences *refused)
{
    if (!refused->n)
        return true;
    fail_at(p->ctx, STATUS_CONFIG, refused->v[0]->pos, "%s", refused->v[0]->text);
    return fail_hint(p->ctx, "%s", refused->v[0]->hint);
}

/* If texts cannot be printed, similar ones are treated as equal: no false alarms. */
static const struct dialect *comparing_dialect(struct ctx *ctx, const struct conn *conn)
{
    if (!conn->unjudged)
        return conn->dialect;
    struct dialect *lenient = ctx_new(ctx, struct dialect);
    *lenient = *conn->dialect;
    lenient->expr_same = conn->dialect->expr_alike;
    return lenient;
}

static bool serial_keys(const struct project *p, const struct dialect *dialect)
{
    return p->config.integer_keys == INTEGER_KEYS_SERIAL ||
           (p->config.integer_keys == INTEGER_KEYS_AUTO && dialect->serial_apart);
}

bool migrate_compare(struct project *p, const struct compare_options *options, struct comparison *ret)
{
    struct comparison c = {0};
    /* The models first: their temporary memory is free again for the database's side. */
    if (!project_connect(p, NULL) || !load_models(p, &c.models) || !reflect(p, &c.database))
        return false;
    models_keep_schemas(p, &c.database, &c.models);
    diff_leave_hidden(&c.database, &c.models);
    const struct dialect *dialect = comparing_dialect(p->ctx, p->conn);
    struct diff_options how = {
        .naming = p->config.naming,
        .renames = options->renames,
        .no_rename = options->no_rename,
        .manages = p->conn->manages,
        .serial_keys = serial_keys(p, dialect),
        .no_down = true,
    };
    if (dialect->state_inherited)
        dialect->state_inherited(p->conn, &c.database, &c.models);
    if (!diff_pair(p->ctx, dialect, &how, &c.database, &c.models) || !ask_judge(p, options, &c))
        return false;
    bool differs = !c.database.tables.n && c.models.tables.n && !options->no_ops;
    if (!differs && !diff_schemas(p->ctx, dialect, &how, &c.database, &c.models, &c.diff))
        return false;
    if (!options->no_ops && (differs || c.diff.up.n)) {
        spell_for_operations(p, options, dialect, &c);
        c.diff = (struct diff){0};
        how.no_down = false;
        if (!diff_schemas(p->ctx, dialect, &how, &c.database, &c.models, &c.diff))
            return false;
    }
    if (options->way_back &&
        (!check_possible(p, &c.diff.refused) || !diff_check_remade(p->ctx, &c.database, &c.diff.up) ||
            !diff_check_remade(p->ctx, &c.models, &c.diff.down)))
        return false;
    if (!check_names_free(p, &c))
        return false;
    if (options->way_back && dialect->complete && c.diff.up.n &&
        !dialect->complete(p->conn, &c.diff.up, &c.diff.down))
        return false;
    c.unmodelled = c.database.unmodelled;
    *ret = c;
    return true;
}

/* Owners are read to tell their own privileges from others, but are not a part of models that do not manage them. */
static bool forget_owner(void *user, const struct access_place *place)
{
    const struct project *p = user;
    if (!*place->access)
        return true;
    struct access *a = ctx_new(p->ctx, struct access);
    *a = **place->access;
    a->owner = NULL;
    *place->access = a;
    return true;
}

bool migrate_inspect(struct project *p, struct schema *ret)
{
    if (!project_connect(p, NULL) || !reflect(p, ret))
        return false;
    if (!(p->conn->manages & MANAGE_OWNERS))
        schema_each_access(
            ret, &(struct access_walk){.visit = forget_owner, .user = p, .arena = &p->ctx->arena});
    spell(p, ret);
    schema_mark_external(p->ctx, p->conn->dialect, ret);
    return true;
}

bool migrate_create(struct project *p, const char *file, const char *text, struct diff *ret)
{
    struct schema models = {0}, empty = {0};

    if (!project_connect(p, NULL) || !schema_parse(p->ctx, file, text, strlen(text), &models))
        return false;
    const struct dialect *dialect = p->conn->dialect;
    struct diff_options how = {
        .naming = p->config.naming,
        .no_rename = true,
        .manages = p->conn->manages,
        .serial_keys = serial_keys(p, dialect),
    };
    empty.default_schema = p->conn->default_schema;
    return schema_prepare(p->ctx, dialect, p->conn->default_schema, &models) &&
           schema_check_lengths(p->ctx, dialect, p->conn->char_width, &models) &&
           diff_pair(p->ctx, dialect, &how, &empty, &models) &&
           diff_schemas(p->ctx, dialect, &how, &empty, &models, ret);
}

bool migrate_render(struct project *p, const struct ops *ops, struct statements *ret)
{
    struct state state = {
        .dialect = p->conn->dialect, .conn = p->conn, .base = p->config.folder, .elsewhere = true};
    return p->conn->dialect->render(p->ctx, &state, ops, ret);
}

static bool refers_outside(const struct op *op)
{
    const struct constraints *keys = &op->u.create_table.table.foreign_keys;
    if (op->kind != OP_CREATE_TABLE)
        return op->kind == OP_CREATE_FOREIGN_KEY && op->u.create_constraint.constraint.external;
    vec_each(i, keys)
        if (keys->v[i]->external)
            return true;
    return false;
}

static bool may_be_refused(const struct op *op)
{
    return refers_outside(op) || op->kind == OP_DROP_COLUMN || op->kind == OP_DROP_VIRTUAL_TABLE ||
           op->kind == OP_ALTER_ENUM ||
           (op->kind == OP_ALTER_COLUMN && ALTER_HAS(&op->u.alter_column, ALTER_TYPE));
}

bool migrate_refuse(struct project *p, const struct ops *ops)
{
    struct statements ignored = {0};
    bool asks = false;
    for (size_t i = 0; p->conn->dialect->complete && i < ops->n; i++)
        asks |= may_be_refused(ops->v[i]);
    return !asks || migrate_render(p, ops, &ignored) ||
           fail_in(p->ctx, "cannot write a revision that the database would reject");
}
