/* Reflects keys, checks, exclusion constraints and indexes. */
#include "dialect/postgresql/reflect/reflect.h"

#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

/* ---- constraints ------------------------------------------------------------------------------------- */

enum {
    CON_OID,
    CON_REL,
    CON_NAME,
    CON_TYPE,
    CON_KEY,
    CON_INDEX,
    CON_DEFERRABLE,
    CON_DEFERRED,
    CON_VALIDATED,
    CON_NO_INHERIT,
    CON_CHECK,
    CON_REF_REL,
    CON_REF_KEY,
    CON_ON_UPDATE,
    CON_ON_DELETE,
    CON_MATCH,
    CON_SET_COLUMNS,
    CON_ENFORCED,
    CON_PERIOD,
    CON_OUTSIDE,
    CON_OPERATORS,
    CON_IS_INHERITED,
};

static void take_key(
    struct reflection *r, const struct relation *rel, const char *numbers, struct strings *ret)
{
    int64_t at;
    while (next_number(&numbers, &at))
        if (at > 0 && rel->columns[at])
            vec_add(r->ctx, ret, rel->columns[at]->name);
}

static int fk_action(char c)
{
    return c == 'r'   ? FK_RESTRICT
           : c == 'c' ? FK_CASCADE
           : c == 'n' ? FK_SET_NULL
           : c == 'd' ? FK_SET_DEFAULT
                      : FK_NO_ACTION;
}

/* schema, table, columns, joined */
static void take_outside(struct reflection *r, struct constraint *c, const char *joined)
{
    struct arena *arena = &r->ctx->arena;
    const char *schema = next_text(arena, &joined), *table = next_text(arena, &joined), *column;
    c->references = reflection_name(r, schema, table);
    while ((column = next_text(arena, &joined)))
        vec_add(r->ctx, &c->referred_columns, column);
}

static void take_foreign_key(
    struct reflection *r, const struct relation *rel, struct constraint *c, const struct answer *a, int i)
{
    const struct relation *to = reflection_relation(r, answer_oid(a, i, CON_REF_REL));
    if (to && to->table) {
        c->references = to->name;
        take_key(r, to, answer_text(a, i, CON_REF_KEY), &c->referred_columns);
    } else if (answer_text(a, i, CON_OUTSIDE)) {
        take_outside(r, c, answer_text(a, i, CON_OUTSIDE));
    }
    c->on_update = fk_action(*answer_text(a, i, CON_ON_UPDATE));
    c->on_delete = fk_action(*answer_text(a, i, CON_ON_DELETE));
    c->match = *answer_text(a, i, CON_MATCH) == 'f' ? FK_MATCH_FULL : FK_MATCH_SIMPLE;
    take_key(r, rel, answer_text(a, i, CON_SET_COLUMNS), &c->set_columns);
}

static enum constraint_kind kind_of(char contype)
{
    return contype == 'p'   ? CONSTRAINT_PRIMARY_KEY
           : contype == 'u' ? CONSTRAINT_UNIQUE
           : contype == 'c' ? CONSTRAINT_CHECK
           : contype == 'x' ? CONSTRAINT_EXCLUDE
                            : CONSTRAINT_FOREIGN_KEY;
}

static void set_flag(struct reflection *r, struct constraint *c, const char *key)
{
    if (!c->options)
        c->options = ctx_new(r->ctx, struct options);
    options_set(r->ctx, c->options, "postgresql", key, "true");
}

/* A constraint that is not enforced is never valid. */
static void take_flags(struct reflection *r, struct constraint *c, const struct answer *a, int i)
{
    bool is_enforced = answer_bool(a, i, CON_ENFORCED);
    c->deferrable = answer_bool(a, i, CON_DEFERRABLE);
    c->initially_deferred = answer_bool(a, i, CON_DEFERRED);
    c->not_valid = is_enforced && !answer_bool(a, i, CON_VALIDATED);
    if (!is_enforced)
        set_flag(r, c, "not_enforced");
    if (answer_bool(a, i, CON_PERIOD))
        set_flag(r, c, c->kind == CONSTRAINT_FOREIGN_KEY ? "period" : "without_overlaps");
}

/* An exclusion's parts are filled when its index is taken; until then they hold the operators. */
static void take_operators(struct reflection *r, struct constraint *c, const char *joined)
{
    const char *op;
    while ((op = next_text(&r->ctx->arena, &joined))) {
        struct index_part *part = ctx_new(r->ctx, struct index_part);
        part->op = op;
        vec_add(r->ctx, &c->parts, part);
    }
}

/* The list for parts of a partition that belong to its parent. */
static struct table *inherited_of(struct reflection *r, struct table *t)
{
    if (!t->inherited) {
        t->inherited = ctx_new(r->ctx, struct table);
        t->inherited->name = t->name;
    }
    return t->inherited;
}

static void take_constraint(struct reflection *r, struct relation *rel, const struct answer *a, int i)
{
    struct table *t = answer_bool(a, i, CON_IS_INHERITED) ? inherited_of(r, rel->table) : rel->table;
    struct constraint *c = ctx_new(r->ctx, struct constraint);
    c->kind = kind_of(*answer_text(a, i, CON_TYPE));
    c->name = answer_copy(a, i, CON_NAME);
    take_flags(r, c, a, i);
    c->comment = reflection_comment(r, COMMENT_CONSTRAINT, answer_oid(a, i, CON_OID), 0);
    if (c->kind == CONSTRAINT_CHECK) {
        c->check.native = pg_unbracket(&r->ctx->arena, answer_text(a, i, CON_CHECK));
        c->no_inherit = answer_bool(a, i, CON_NO_INHERIT);
    } else if (c->kind != CONSTRAINT_EXCLUDE) {
        take_key(r, rel, answer_text(a, i, CON_KEY), &c->columns);
    }
    if (c->kind == CONSTRAINT_FOREIGN_KEY)
        take_foreign_key(r, rel, c, a, i);
    else if (c->kind != CONSTRAINT_CHECK)
        oids_set(&r->constraints, answer_oid(a, i, CON_INDEX), 0, c);
    take_operators(r, c, answer_text(a, i, CON_OPERATORS));
    if (c->kind == CONSTRAINT_PRIMARY_KEY)
        t->primary_key = c;
    else
        vec_add(r->ctx, table_constraints(t, c->kind), c);
}

bool take_constraints(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reflection *r = user;
    for (int i = 0; i < answer_rows(a); i++) {
        struct relation *rel = reflection_relation(r, answer_oid(a, i, CON_REL));
        if (rel && rel->table && rel->kind)
            take_constraint(r, rel, a, i);
    }
    return true;
}

/* ---- operator classes -------------------------------------------------------------------------------- */

bool take_opclasses(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reflection *r = user;
    for (int i = 0; i < answer_rows(a); i++) {
        struct opclass *o = arena_new(&r->scratch, struct opclass);
        o->oid = answer_oid(a, i, 0);
        o->method = answer_oid(a, i, 1);
        o->type = answer_oid(a, i, 2);
        o->is_default = answer_bool(a, i, 3);
        o->name = answer_copy(a, i, 4);
        oids_set(&r->opclasses, o->oid, 0, o);
        if (o->is_default)
            oids_set(&r->default_opclasses, o->type, o->method, o);
    }
    return true;
}

/*
 * The default class of this index method for a type, if there is one for exactly this type. For types without one
 * (varchar, domains, enums, arrays) the default of a related type is used; then any default class is right, since
 * only one of them fits.
 */
static bool is_default_class(const struct reflection *r, const struct opclass *o, uint32_t type)
{
    const struct opclass *usual = oids_get(&r->default_opclasses, type, o->method);
    return usual ? usual == o : o->is_default;
}

/* ---- indexes ----------------------------------------------------------------------------------------- */

enum {
    IDX_REL,
    IDX_OID,
    IDX_NAME,
    IDX_UNIQUE,
    IDX_NULLS_NOT_DISTINCT,
    IDX_VALID,
    IDX_KEYS,
    IDX_KEY,
    IDX_OPTION,
    IDX_CLASS,
    IDX_COLLATION,
    IDX_METHOD,
    IDX_METHOD_OID,
    IDX_OPTIONS,
    IDX_TABLESPACE,
    IDX_EXPRESSIONS,
    IDX_WHERE,
    IDX_IS_IDENTITY,
    IDX_IS_CLUSTERED,
    IDX_IS_INHERITED,
    IDX_ROOT,
};

/* The vectors of an index, read side by side. */
struct index_cursor {
    const char *key, *option, *class, *collation, *expressions;
};

/* siglen=32: a parameter of the class. */
static const char *class_text(
    struct reflection *r, const struct opclass *o, const char *settings, bool is_default)
{
    if (!settings)
        return is_default ? NULL : o->name;
    struct str out = STR(r->ctx);
    str_addf(&out, "%s (", o->name);
    const char *item;
    for (int n = 0; (item = next_text(&r->ctx->arena, &settings)); n++)
        str_addf(&out, "%s%s", n ? ", " : "", item);
    str_add(&out, ")");
    return str_get(&out);
}

static const char *collation_of(struct reflection *r, uint32_t usual, uint32_t collation)
{
    if (!collation || collation == usual)
        return NULL;
    /* The index's own columns were listed with the types, so this combination is there. */
    for (size_t i = 0; i < r->types.cap; i++)
        for (struct type_use *u = oids_slot(&r->types, i); u; u = u->next)
            if (u->collation_oid == collation && u->collation)
                return u->collation;
    return "default";
}

/* The expression, and its collation where it is not the expression's own. */
static void take_expression(
    struct reflection *r, struct index_cursor *c, uint32_t collation, struct index_part *part)
{
    const char *text = next_text(&r->scratch, &c->expressions);
    bool collated = text && *text == '\x02';
    part->expr.native = pg_unbracket(&r->ctx->arena, text + collated);
    if (collated)
        part->collation = collation_of(r, 0, collation);
}

static void take_part(struct reflection *r, const struct relation *rel, struct index_cursor *c,
    const char *settings, struct index_part *part)
{
    int64_t at = 0, option = 0, class = 0, collation = 0;
    next_number(&c->key, &at);
    next_number(&c->option, &option);
    next_number(&c->class, &class);
    next_number(&c->collation, &collation);
    const struct opclass *o = oids_get(&r->opclasses, (uint32_t) class, 0);
    const struct type_use *type = at > 0 ? rel->types[at] : NULL;
    if (at > 0)
        part->column = rel->columns[at]->name;
    else
        take_expression(r, c, (uint32_t)collation, part);
    part->order = option & 1 ? ORDER_DESC : ORDER_ASC;
    if (((option & 2) != 0) != ((option & 1) != 0))
        part->nulls = option & 2 ? NULLS_FIRST : NULLS_LAST;
    if (o)
        part->opclass = class_text(r, o, settings, is_default_class(r, o, type ? type->oid : 0));
    if (type)
        part->collation = collation_of(r, type->collation_oid, (uint32_t)collation);
}

/* The statistics target of an expression comes before the parameters of its operator class. */
static const char *leave_statistics(
    struct reflection *r, const struct relation *rel, const char *index, const char *settings)
{
    struct qname name = reflection_name(r, rel->name.schema ? rel->name.schema : r->home, index);
    reflection_unmodelled(r, "index statistics", &name, NULL);
    next_text(&r->scratch, &settings);
    return settings;
}

/* Key columns become parts, later ones INCLUDE. */
static void take_parts(struct reflection *r, const struct relation *rel, const struct answer *a, int i,
    struct index_parts *parts, struct strings *include)
{
    struct index_cursor c = {answer_text(a, i, IDX_KEY), answer_text(a, i, IDX_OPTION),
        answer_text(a, i, IDX_CLASS), answer_text(a, i, IDX_COLLATION), answer_text(a, i, IDX_EXPRESSIONS)};
    int64_t keys = answer_int(a, i, IDX_KEYS), at;
    for (int64_t k = 0; k < keys; k++) {
        if ((size_t)k == parts->n)
            vec_add(r->ctx, parts, ctx_new(r->ctx, struct index_part));
        const char *settings = oids_get(&r->relations, answer_oid(a, i, IDX_OID), (uint32_t)k + 1);
        if (settings && str_starts(settings, "statistics="))
            settings = leave_statistics(r, rel, answer_text(a, i, IDX_NAME), settings);
        take_part(r, rel, &c, settings, parts->v[k]);
    }
    while (next_number(&c.key, &at))
        if (at > 0)
            vec_add(r->ctx, include, rel->columns[at]->name);
}

static void index_options(struct reflection *r, const struct answer *a, int i, struct options **ret)
{
    take_options(r, answer_text(a, i, IDX_OPTIONS), "", ret);
    if (!answer_text(a, i, IDX_TABLESPACE))
        return;
    if (!*ret)
        *ret = ctx_new(r->ctx, struct options);
    options_set(r->ctx, *ret, "postgresql", "tablespace", answer_copy(a, i, IDX_TABLESPACE));
}

static const char *method_of(struct reflection *r, const struct answer *a, int i, const char *usual)
{
    const char *method = answer_text(a, i, IDX_METHOD);
    return str_eq(method, usual) ? NULL : map_intern(&r->names, method, strlen(method));
}

/* The name that the server gives to the index of a partition. */
static const char *usual_name(
    struct reflection *r, const struct table *t, const struct constraint *c, const char *columns)
{
    const char *label = !c ? "idx" : c->kind == CONSTRAINT_EXCLUDE ? "excl" : "key";
    if (c && c->kind == CONSTRAINT_PRIMARY_KEY)
        return pg_object_name(&r->ctx->arena, t->name.name, NULL, "pkey");
    return pg_object_name(&r->ctx->arena, t->name.name, columns, label);
}

/* Of an index that is a part of one of the table above: that one's name, and the names of the columns. The latter are
 * missing if not all partitions have one. */
static void take_index_name(
    struct reflection *r, struct table *t, const struct constraint *c, const struct answer *a, int i)
{
    const char *joined = answer_text(a, i, IDX_ROOT);
    if (!joined)
        return;
    bool is_own_key = c && !(t->inherited && table_constraint(t->inherited, c->name) == c);
    struct qname name = {t->name.schema, answer_copy(a, i, IDX_NAME)};
    if (is_own_key || reflection_comment(r, COMMENT_RELATION, answer_oid(a, i, IDX_OID), 0))
        reflection_unmodelled(r, is_own_key ? "attached key" : "comment", &name, t->name.name);
    if (is_own_key)
        return;
    struct index_name entry = {.of = next_text(&r->ctx->arena, &joined), .name = answer_copy(a, i, IDX_NAME)};
    const char *columns = next_text(&r->scratch, &joined);
    entry.usual = columns ? usual_name(r, t, c, columns) : NULL;
    entry.is_usual = str_eq(entry.name, entry.usual);
    vec_each(k, &t->index_names) {
        struct index_name *other = &t->index_names.v[k];
        if (entry.usual && str_eq(other->usual, entry.usual))
            other->is_usual = entry.is_usual = false;
    }
    vec_add(r->ctx, &t->index_names, entry);
}

/* What only the index of a key or an exclusion knows. */
static void complete_constraint(
    struct reflection *r, const struct relation *rel, struct constraint *c, const struct answer *a, int i)
{
    struct index_parts ignored = {0};
    bool is_exclude = c->kind == CONSTRAINT_EXCLUDE;
    take_parts(r, rel, a, i, is_exclude ? &c->parts : &ignored, &c->include);
    c->nulls_not_distinct = answer_bool(a, i, IDX_NULLS_NOT_DISTINCT);
    c->invalid = !answer_bool(a, i, IDX_VALID);
    c->attached = answer_bool(a, i, IDX_IS_INHERITED);
    index_options(r, a, i, &c->options);
    if (is_exclude) {
        c->using =
            map_intern(&r->names, answer_text(a, i, IDX_METHOD), strlen(answer_text(a, i, IDX_METHOD)));
        if (answer_text(a, i, IDX_WHERE))
            c->where.native = pg_unbracket(&r->ctx->arena, answer_text(a, i, IDX_WHERE));
    }
}

static void take_index(struct reflection *r, struct relation *rel, const struct answer *a, int i)
{
    struct index *x = ctx_new(r->ctx, struct index);
    x->name = answer_copy(a, i, IDX_NAME);
    x->unique = answer_bool(a, i, IDX_UNIQUE);
    x->nulls_not_distinct = answer_bool(a, i, IDX_NULLS_NOT_DISTINCT);
    x->invalid = !answer_bool(a, i, IDX_VALID);
    if (x->invalid && rel->table && table_is_partitioned(rel->table)) {
        x->on_only = true;
        x->invalid = false;
    }
    x->using = method_of(r, a, i, "btree");
    x->comment = reflection_comment(r, COMMENT_RELATION, answer_oid(a, i, IDX_OID), 0);
    if (answer_text(a, i, IDX_WHERE))
        x->where.native = pg_unbracket(&r->ctx->arena, answer_text(a, i, IDX_WHERE));
    index_options(r, a, i, &x->options);
    take_parts(r, rel, a, i, &x->parts, &x->include);
    if (!rel->table) {
        vec_add(r->ctx, &rel->view->indexes, x);
        return;
    }
    struct table *t = answer_bool(a, i, IDX_IS_INHERITED) ? inherited_of(r, rel->table) : rel->table;
    vec_add(r->ctx, &t->indexes, x);
}

/* Settings of the table that are kept with the index they name. */
static void table_index_options(struct reflection *r, struct options **options, const struct answer *a, int i)
{
    const char *name = answer_text(a, i, IDX_NAME);
    bool is_identity = answer_bool(a, i, IDX_IS_IDENTITY), is_clustered = answer_bool(a, i, IDX_IS_CLUSTERED);
    if (!is_identity && !is_clustered)
        return;
    if (!*options)
        *options = ctx_new(r->ctx, struct options);
    if (is_identity)
        options_set(r->ctx, *options, "postgresql", "replica_identity", ctx_strdup(r->ctx, name));
    if (is_clustered)
        options_set(r->ctx, *options, "postgresql", "cluster_on", ctx_strdup(r->ctx, name));
}

bool take_indexes(ATTR_UNUSED struct pg *pg, void *user, const struct answer *a)
{
    struct reflection *r = user;
    for (int i = 0; i < answer_rows(a); i++) {
        struct relation *rel = reflection_relation(r, answer_oid(a, i, IDX_REL));
        if (!rel || !rel->columns || !rel->kind)
            continue;
        struct constraint *c = oids_get(&r->constraints, answer_oid(a, i, IDX_OID), 0);
        if (c)
            complete_constraint(r, rel, c, a, i);
        else
            take_index(r, rel, a, i);
        if (rel->table)
            take_index_name(r, rel->table, c, a, i);
        table_index_options(r, rel->table ? &rel->table->options : &rel->view->options, a, i);
    }
    return true;
}
