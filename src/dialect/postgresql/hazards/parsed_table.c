/*
 * Reads what PostgreSQL's parser says of tables and their columns.
 *
 * Of expressions only what the rules ask for is kept: the functions that a default calls, and the text of a check.
 */
#include "dialect/postgresql/hazards/parsed.h"

/* ---- types and expressions ----------------------------------------------------------------------------- */

static const char *type_name(struct ctx *ctx, const struct node *type)
{
    static const struct {
        const char *internal, *name;
    } names[] = {{"int2", "smallint"}, {"int4", "integer"}, {"int8", "bigint"}, {"float4", "real"},
        {"float8", "double precision"}, {"bool", "boolean"}, {"varchar", "character varying"},
        {"bpchar", "character"}, {"varbit", "bit varying"}, {"timestamptz", "timestamp with time zone"},
        {"timestamp", "timestamp without time zone"}, {"timetz", "time with time zone"},
        {"time", "time without time zone"}};
    struct qname name = parsed_name(parsed_get(type, "names"));

    if (name.schema && !str_eq(name.schema, "pg_catalog"))
        return qname_text(&ctx->arena, &name);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq(name.name, names[i].internal))
            return names[i].name;
    return name.name ? name.name : "";
}

/* "(10,2)"; the first modifier of an interval is a set of fields. */
static const char *type_modifiers(struct ctx *ctx, const struct node *type, const char *name)
{
    const struct node *list = parsed_get(type, "typmods");
    size_t first = str_eq(name, "interval");
    struct str out = STR(ctx);

    for (size_t i = first; i < parsed_count(list); i++) {
        const char *kind;
        const struct node *value = parsed_get(parsed_inner(list->v[i], &kind), "ival");
        str_addf(&out, "%s%lld", i > first ? "," : "(", (long long)parsed_number(value, "ival"));
    }
    if (out.n)
        str_addc(&out, ')');
    return str_get(&out);
}

static struct dtext parsed_type(struct ctx *ctx, const struct node *type)
{
    const char *name = type_name(ctx, type), *modifiers = type_modifiers(ctx, type, name);
    const char *rest = strstr(name, " with");
    size_t n = rest ? (size_t)(rest - name) : strlen(name);

    return (struct dtext){.text = ctx_printf(ctx, "%.*s%s%s%s", (int)n, name, modifiers, rest ? rest : "",
                              parsed_count(parsed_get(type, "arrayBounds")) ? "[]" : "")};
}

/* The functions that an expression calls, each as "name()". */
static void add_calls(const struct node *n, struct str *out)
{
    if (!n || n->kind == NODE_SCALAR)
        return;
    for (size_t i = 0; i < n->n; i++) {
        const struct node *value = n->kind == NODE_MAPPING ? n->v[2 * i + 1] : n->v[i];

        if (n->kind == NODE_MAPPING && str_eq(n->v[2 * i]->scalar, "FuncCall")) {
            const char *name = parsed_last_string(parsed_get(value, "funcname"));
            str_addf(out, " %s()", name ? name : "");
        }
        add_calls(value, out);
    }
}

static void set_default(struct parsed *p, const struct node *expr, struct column *c)
{
    struct str out = STR(p->ctx);
    const char *kind;
    const struct node *inner = parsed_inner(expr, &kind);

    if (str_eq(kind, "A_Const") && parsed_flag(inner, "isnull"))
        return;
    str_add(&out, "0");
    add_calls(expr, &out);
    c->dflt = (struct value){.kind = VALUE_SQL, .expr.sql.text = str_get(&out)};
}

/* The text in the parentheses after a place. */
static const char *in_parentheses(struct parsed *p, int64_t at)
{
    const char *s = p->sql + at, *from = NULL;
    unsigned depth = 0;

    while (*s) {
        struct sql_piece piece = sql_piece(s, SQL_POSTGRESQL);
        bool opens = piece.kind == SQL_OTHER && *s == '(', closes = piece.kind == SQL_OTHER && *s == ')';

        if (closes && depth && --depth == 0)
            return arena_strndup(&p->ctx->arena, from, (size_t)(s - from));
        s += piece.n ? piece.n : 1;
        if (opens && depth++ == 0)
            from = s;
    }
    return "";
}

/* ---- constraints --------------------------------------------------------------------------------------- */

static void add_names(struct ctx *ctx, const struct node *list, struct strings *ret)
{
    for (size_t i = 0; i < parsed_count(list); i++) {
        const char *name = parsed_string(list->v[i]);
        if (name)
            vec_add(ctx, ret, ctx_strdup(ctx, name));
    }
}

/* False: it is a property of a column, or unknown. `column`: the one on which it is written, or NULL. */
static bool read_constraint(struct parsed *p, const struct node *n, const char *column, struct constraint *k)
{
    static const struct {
        const char *type;
        enum constraint_kind kind;
    } kinds[] = {{"CONSTR_PRIMARY", CONSTRAINT_PRIMARY_KEY}, {"CONSTR_UNIQUE", CONSTRAINT_UNIQUE},
        {"CONSTR_CHECK", CONSTRAINT_CHECK}, {"CONSTR_FOREIGN", CONSTRAINT_FOREIGN_KEY},
        {"CONSTR_EXCLUSION", CONSTRAINT_EXCLUDE}};
    const char *type = parsed_text(n, "contype");
    size_t i = 0;

    while (i < COUNT_OF(kinds) && !str_eq(kinds[i].type, type))
        i++;
    if (i == COUNT_OF(kinds))
        return false;
    k->kind = kinds[i].kind;
    k->name = ctx_strdup(p->ctx, parsed_text(n, "conname"));
    k->not_valid = parsed_flag(n, "skip_validation");
    add_names(p->ctx, parsed_get(n, k->kind == CONSTRAINT_FOREIGN_KEY ? "fk_attrs" : "keys"), &k->columns);
    if (column && !k->columns.n)
        vec_add(p->ctx, &k->columns, column);
    if (k->kind == CONSTRAINT_FOREIGN_KEY) {
        struct qname to = parsed_relation(parsed_get(n, "pktable"));
        k->references = (struct qname){ctx_strdup(p->ctx, to.schema), ctx_strdup(p->ctx, to.name)};
        add_names(p->ctx, parsed_get(n, "pk_attrs"), &k->referred_columns);
    }
    if (k->kind == CONSTRAINT_CHECK)
        k->check.sql.text = in_parentheses(p, parsed_number(n, "location"));
    return true;
}

static void add_constraint(
    struct parsed *p, const struct qname *table, const struct constraint *k, const char *index)
{
    struct sql_change *c = parsed_add(p, SQL_ACT_OPERATION, true);

    c->op = op_create_constraint_new(p->ctx, table, k);
    c->op->u.create_constraint.using_index = ctx_strdup(p->ctx, index);
}

/* ---- columns ------------------------------------------------------------------------------------------- */

/* A column, and what else its definition creates. */
struct definition_read {
    struct column column;
    struct constraints constraints;
};

static void read_property(struct parsed *p, const struct node *n, struct column *c)
{
    const char *type = parsed_text(n, "contype");

    if (str_eq(type, "CONSTR_NOTNULL"))
        c->nullable = false;
    else if (str_eq(type, "CONSTR_DEFAULT"))
        set_default(p, parsed_get(n, "raw_expr"), c);
    else if (str_eq(type, "CONSTR_IDENTITY"))
        c->identity = ctx_new(p->ctx, struct identity);
    else if (str_eq(type, "CONSTR_GENERATED")) {
        c->generated = ctx_new(p->ctx, struct generated);
        c->generated->stored = true; /* the only kind that this parser knows */
        c->generated->expr.sql.text = in_parentheses(p, parsed_number(n, "location"));
    }
}

static void read_column(struct parsed *p, const struct node *n, struct definition_read *ret)
{
    const struct node *list = parsed_get(n, "constraints");
    struct column *c = &ret->column;

    *ret = (struct definition_read){0};
    c->name = ctx_strdup(p->ctx, parsed_text(n, "colname"));
    c->nullable = true;
    c->type = parsed_type(p->ctx, parsed_get(n, "typeName"));
    if (str_ends(c->type.text, "serial"))
        c->nullable = false;
    for (size_t i = 0; i < parsed_count(list); i++) {
        struct constraint *k = ctx_new(p->ctx, struct constraint);
        const char *kind;
        const struct node *one = parsed_inner(list->v[i], &kind);

        if (read_constraint(p, one, c->name, k))
            vec_add(p->ctx, &ret->constraints, k);
        else
            read_property(p, one, c);
    }
}

/* ---- a new table --------------------------------------------------------------------------------------- */

static void put_constraint(struct parsed *p, struct table *t, struct constraint *k)
{
    if (k->kind == CONSTRAINT_PRIMARY_KEY)
        t->primary_key = k;
    else
        vec_add(p->ctx, table_constraints(t, k->kind), k);
}

static void put_element(struct parsed *p, struct table *t, const struct node *element)
{
    const char *kind;
    const struct node *n = parsed_inner(element, &kind);
    struct constraint *k = ctx_new(p->ctx, struct constraint);
    struct definition_read d;

    if (str_eq(kind, "Constraint") && read_constraint(p, n, NULL, k))
        put_constraint(p, t, k);
    if (!str_eq(kind, "ColumnDef"))
        return;
    read_column(p, n, &d);
    struct column *c = ctx_new(p->ctx, struct column);
    *c = d.column;
    vec_add(p->ctx, &t->columns, c);
    vec_each(i, &d.constraints)
        put_constraint(p, t, d.constraints.v[i]);
}

static struct qname copied(struct ctx *ctx, struct qname name)
{
    return (struct qname){ctx_strdup(ctx, name.schema), ctx_strdup(ctx, name.name)};
}

void parsed_create_table(struct parsed *p, const struct node *n)
{
    struct op *op = parsed_add_op(p, OP_CREATE_TABLE);
    struct table *t = &op->u.create_table.table;
    const struct node *elements = parsed_get(n, "tableElts"), *parents = parsed_get(n, "inhRelations");
    const char *kind;

    t->name = copied(p->ctx, parsed_relation(parsed_get(n, "relation")));
    parsed_last(p)->is_guarded = op->u.create_table.if_not_exists = parsed_flag(n, "if_not_exists");
    if (parsed_get(n, "partbound") && parsed_count(parents))
        t->partition_of = copied(p->ctx, parsed_relation(parsed_inner(parents->v[0], &kind)));
    for (size_t i = 0; i < parsed_count(elements); i++)
        put_element(p, t, elements->v[i]);
}

/* ---- changes of a table -------------------------------------------------------------------------------- */

/* One command of ALTER TABLE. */
struct command_read {
    struct qname table;
    const struct node *n, *def; /* def: what it defines, without its kind */
    const char *name;
    bool is_guarded, cascade;
};

static void add_column(struct parsed *p, const struct command_read *c)
{
    struct op *op = parsed_add_op(p, OP_ADD_COLUMN);
    struct definition_read d;

    parsed_last(p)->is_guarded = op->u.add_column.if_not_exists = c->is_guarded;
    read_column(p, c->def, &d);
    op->u.add_column.table = c->table;
    op->u.add_column.column = d.column;
    vec_each(i, &d.constraints) {
        struct constraint *k = d.constraints.v[i];

        if (k->kind == CONSTRAINT_FOREIGN_KEY)
            op->u.add_column.references = k;
        else if (k->kind == CONSTRAINT_PRIMARY_KEY)
            op->u.add_column.column.primary_key = true;
        else
            add_constraint(p, &c->table, k, NULL);
    }
}

static void drop_column(struct parsed *p, const struct command_read *c)
{
    parsed_add_op(p, OP_DROP_COLUMN)->u.drop_column = (struct op_drop_column){
        .table = c->table, .name = c->name, .if_exists = c->is_guarded, .cascade = c->cascade};
}

static struct op_alter_column *add_alter(
    struct parsed *p, const struct command_read *c, enum alter_field field)
{
    struct op_alter_column *o = &parsed_add_op(p, OP_ALTER_COLUMN)->u.alter_column;

    o->table = c->table;
    o->name = c->name;
    o->given = 1u << field;
    return o;
}

static void set_not_null(struct parsed *p, const struct command_read *c)
{
    add_alter(p, c, ALTER_NULLABLE)->nullable = false;
}

static void drop_not_null(struct parsed *p, const struct command_read *c)
{
    add_alter(p, c, ALTER_NULLABLE)->nullable = true;
}

/* "column", "column::type", or the column in some other expression. */
static const char *using_text(struct parsed *p, const struct node *expr, const struct command_read *c)
{
    const char *kind, *inner_kind;
    const struct node *n = parsed_inner(expr, &kind);
    const struct node *type = parsed_get(n, "typeName");

    if (str_eq(kind, "TypeCast")) {
        parsed_inner(parsed_get(n, "arg"), &inner_kind);
        if (str_eq(inner_kind, "ColumnRef"))
            return ctx_printf(p->ctx, "%s::%s", c->name, parsed_type(p->ctx, type).text);
    }
    return str_eq(kind, "ColumnRef") ? c->name : ctx_printf(p->ctx, "using(%s)", c->name);
}

static void set_type(struct parsed *p, const struct command_read *c)
{
    struct op_alter_column *o = add_alter(p, c, ALTER_TYPE);
    const struct node *using = parsed_get(c->def, "raw_default");

    o->type = parsed_type(p->ctx, parsed_get(c->def, "typeName"));
    if (using) {
        o->given |= 1u << ALTER_USING;
        o->using.text = using_text(p, using, c);
    }
    if (parsed_get(c->def, "collClause"))
        o->given |= 1u << ALTER_COLLATION;
}

static void add_key(struct parsed *p, const struct command_read *c)
{
    struct constraint k = {0};

    if (read_constraint(p, c->def, NULL, &k))
        add_constraint(p, &c->table, &k, parsed_text(c->def, "indexname"));
}

static void validate(struct parsed *p, const struct command_read *c)
{
    parsed_add_op(p, OP_VALIDATE_CONSTRAINT)->u.validate_constraint =
        (struct op_validate_constraint){.table = c->table, .name = c->name};
}

static void drop_constraint(struct parsed *p, const struct command_read *c)
{
    parsed_add_op(p, OP_DROP_CONSTRAINT)->u.drop_constraint = (struct op_drop_constraint){
        .table = c->table, .name = c->name, .if_exists = c->is_guarded, .cascade = c->cascade};
}

static void rewrite(struct parsed *p, const struct command_read *c)
{
    parsed_add(p, SQL_ACT_REWRITE, true)->table = c->table;
}

static void add_partition(struct parsed *p, const struct command_read *c, enum op_kind kind)
{
    struct op *op = parsed_add_op(p, kind);

    op->u.partition.table = c->table;
    op->u.partition.partition = copied(p->ctx, parsed_relation(parsed_get(c->def, "name")));
    parsed_last(p)->concurrently = parsed_flag(c->def, "concurrent");
}

static void attach(struct parsed *p, const struct command_read *c)
{
    add_partition(p, c, OP_ATTACH_PARTITION);
}

static void detach(struct parsed *p, const struct command_read *c)
{
    add_partition(p, c, OP_DETACH_PARTITION);
}

static const struct {
    const char *subtype;
    void (*read)(struct parsed *p, const struct command_read *c);
} commands[] = {
    {"AT_AddColumn", add_column},
    {"AT_DropColumn", drop_column},
    {"AT_SetNotNull", set_not_null},
    {"AT_DropNotNull", drop_not_null},
    {"AT_AlterColumnType", set_type},
    {"AT_AddConstraint", add_key},
    {"AT_ValidateConstraint", validate},
    {"AT_DropConstraint", drop_constraint},
    {"AT_SetLogged", rewrite},
    {"AT_SetUnLogged", rewrite},
    {"AT_SetTableSpace", rewrite},
    {"AT_SetAccessMethod", rewrite},
    {"AT_AttachPartition", attach},
    {"AT_DetachPartition", detach},
};

static void read_command(struct parsed *p, const struct command_read *c)
{
    const char *subtype = parsed_text(c->n, "subtype");

    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        if (!str_eq(commands[i].subtype, subtype))
            continue;
        commands[i].read(p, c);
        if (p->ret->n)
            parsed_last(p)->is_guarded |= c->is_guarded;
        return;
    }
    parsed_add(p, SQL_ACT_HARMLESS, true);
}

void parsed_alter_table(struct parsed *p, const struct node *n)
{
    const struct node *list = parsed_get(n, "cmds");
    struct command_read c = {.table = copied(p->ctx, parsed_relation(parsed_get(n, "relation")))};
    const char *kind;

    for (size_t i = 0; str_eq(parsed_text(n, "objtype"), "OBJECT_TABLE") && i < parsed_count(list); i++) {
        c.n = parsed_inner(list->v[i], &kind);
        c.def = parsed_inner(parsed_get(c.n, "def"), &kind);
        c.name = ctx_strdup(p->ctx, parsed_text(c.n, "name"));
        c.is_guarded = parsed_flag(c.n, "missing_ok") || parsed_flag(n, "missing_ok");
        c.cascade = str_eq(parsed_text(c.n, "behavior"), "DROP_CASCADE");
        read_command(p, &c);
    }
    if (!p->ret->n || parsed_last(p)->from != p->from)
        parsed_add(p, SQL_ACT_HARMLESS, true);
}
