/*
 * Values for rows of existing tables in which a column becomes NOT NULL: from --fill, from an answer on the
 * terminal, or a placeholder that must be replaced before the revision runs.
 */
#include "command.h"

/* ---- --fill TABLE.COLUMN=SQL ---- */

/* The text after a name, which may be in double quotes; NULL: the text does not begin with this name. */
static const char *skip_name(const char *text, const char *name)
{
    if (*text != '"')
        return str_starts(text, name) ? text + strlen(name) : NULL;
    for (text++; *name; text++, name++) {
        text += text[0] == '"' && text[1] == '"';
        if (*text != *name)
            return NULL;
    }
    return text[0] == '"' && text[1] != '"' ? text + 1 : NULL;
}

static const char *skip_part(const char *text, const char *name, char end)
{
    const char *after = text ? skip_name(text, name) : NULL;

    return after && *after == end ? after + 1 : NULL;
}

/* The expression of an option for this column; NULL: the option is for another one. The default schema need not be
 * named. */
static const char *value_for(const char *text, const struct unfilled *u, const char *default_schema)
{
    const char *schema = u->table.schema ? u->table.schema : default_schema;
    const char *in_schema = schema ? skip_part(text, schema, '.') : NULL;
    const char *plain =
        u->table.schema ? NULL : skip_part(skip_part(text, u->table.name, '.'), u->column, '=');

    return plain ? plain : skip_part(skip_part(in_schema, u->table.name, '.'), u->column, '=');
}

bool fill_check(struct call *c, const struct strings *given)
{
    vec_each(i, given) {
        const char *equals = strchr(given->v[i], '=');

        if (equals && equals > given->v[i] && equals[1] && strchr(given->v[i], '.'))
            continue;
        fail(c->ctx, STATUS_USAGE, "option '--fill' must be TABLE.COLUMN=SQL, not '%s'", given->v[i]);
        return fail_hint(c->ctx, "SQL is an expression: --fill \"users.role='reader'\", --fill users.age=0.");
    }
    return true;
}

static const char *column_text(struct ctx *ctx, const struct unfilled *u)
{
    return ctx_printf(ctx, "%s.%s", qname_text(&ctx->arena, &u->table), u->column);
}

/* An option is for the column with the longest name that fits, since names may contain '='. */
static bool take_option(struct call *c, const char *text, const struct unfilleds *list, struct strings *used)
{
    const char *best = NULL, *value;
    struct unfilled *found = NULL;

    vec_each(i, list) {
        value = value_for(text, list->v[i], c->project.conn->default_schema);
        if (!value || value < best)
            continue;
        best = value;
        found = list->v[i];
    }
    if (!found)
        return true;
    if (found->value)
        return fail(
            c->ctx, STATUS_USAGE, "option '--fill' was given twice for '%s'", column_text(c->ctx, found));
    found->value = best;
    vec_add(c->ctx, used, text);
    return true;
}

/* ---- a question ---- */

static void add_name(struct str *out, const char *name)
{
    bool is_plain = !strpbrk(name, ".=\"");

    str_add(out, is_plain ? "" : "\"");
    for (; *name; name++) {
        str_add(out, *name == '"' ? "\"" : "");
        str_addc(out, *name);
    }
    str_add(out, is_plain ? "" : "\"");
}

/* In the form that --fill accepts. */
static const char *option_text(struct ctx *ctx, const struct unfilled *u)
{
    struct str out = STR(ctx);

    if (u->table.schema) {
        add_name(&out, u->table.schema);
        str_addc(&out, '.');
    }
    add_name(&out, u->table.name);
    str_addc(&out, '.');
    add_name(&out, u->column);
    return str_get(&out);
}

/* An empty answer, or the end of the input, leaves the placeholder. */
static bool ask(struct call *c, struct unfilled *u)
{
    char *answer = NULL;

    if (has_person() &&
        !term_ask(c->ctx,
            ctx_printf(c->ctx,
                "Column '%s' is NOT NULL, and rows have no value for it.\n"
                "SQL expression for these rows, such as 'none' or 0 (empty: edit the revision): ",
                column_text(c->ctx, u)),
            &answer) &&
        ctx_interrupted(c->ctx))
        return fail_interrupted(c->ctx);
    u->value = answer ? str_trim(&c->ctx->arena, answer) : "";
    if (*u->value)
        return true;
    u->value = VALUE_PLACEHOLDER;
    log_warn(c->ctx,
        "rows of '%s' have no value for '%s': replace " VALUE_PLACEHOLDER
        " in the revision, or remove the file and write it again with --fill %s=SQL",
        qname_text(&c->ctx->arena, &u->table), u->column, option_text(c->ctx, u));
    return true;
}

/* ---- both directions ---- */

static bool take_options(
    struct call *c, const struct strings *given, const struct unfilleds *list, struct strings *used)
{
    vec_each(i, given)
        if (!take_option(c, given->v[i], list, used))
            return false;
    return true;
}

bool fill_check_used(struct call *c, const struct strings *given, const struct strings *used)
{
    vec_each(i, given) {
        if (strings_have(used, given->v[i]))
            continue;
        fail(c->ctx, STATUS_USAGE, "nothing needs --fill '%s'", given->v[i]);
        return fail_hint(c->ctx, "Use it for a column of an existing table that is new and NOT NULL without "
                                 "a default, or becomes NOT NULL.");
    }
    return true;
}

/* ---- which rows have no value ---- */

static bool is_open(const struct unfilled *u)
{
    return !u->value && !u->has_rows;
}

static bool find_rows(struct project *p, const struct unfilleds *list)
{
    vec_each(i, list)
        if (is_open(list->v[i]) && !unfilled_lacks(p, list->v[i], &list->v[i]->has_rows))
            return false;
    return true;
}

/* A database that cannot be read may have such rows. */
static bool find_rows_in(struct call *c, const char *name, const struct unfilleds *list)
{
    struct call one;
    bool ok = environment_open(c, name, &one) && connect_database(&one, MISSING_IS_EMPTY) &&
              find_rows(&one.project, list);

    project_close(&one.project);
    if (ok || ctx_interrupted(c->ctx))
        return ok;
    log_warn(c->ctx, "cannot tell whether rows of environment '%s' lack a value: %s", name, err_text(c->ctx));
    err_clear(c->ctx);
    vec_each(i, list)
        list->v[i]->has_rows |= is_open(list->v[i]);
    return true;
}

static bool has_open(const struct unfilleds *list)
{
    vec_each(i, list)
        if (is_open(list->v[i]))
            return true;
    return false;
}

/* Environments of the same run with the same models are not compared, but the operations are for their databases,
 * too, which may have other rows. */
static bool find_rows_everywhere(
    struct call *c, const struct strings *same_models, const struct unfilleds *list)
{
    if (!find_rows(&c->project, list))
        return false;
    vec_each(i, &c->together) {
        const char *name = c->together.v[i];

        if (str_eq(name, c->globals->environment) || !strings_have(same_models, name) || !has_open(list))
            continue;
        if (!find_rows_in(c, name, list))
            return false;
    }
    return true;
}

/* ---- the operations ---- */

bool fill_columns(struct call *c, const struct fill_options *options, struct comparison *found)
{
    const struct strings *given = options->given;
    const struct dialect *dialect = c->project.conn->dialect;
    struct unfilleds up = {0}, down = {0};

    unfilled_find(c->ctx, dialect, &found->database, &found->diff.up, &up);
    unfilled_find(c->ctx, dialect, &found->models, &found->diff.down, &down);
    if (!take_options(c, given, &up, options->used) || !take_options(c, given, &down, options->used))
        return false;
    if (c->together.n < 2 && !fill_check_used(c, given, options->used))
        return false;
    if (!find_rows_everywhere(c, options->same_models, &up))
        return false;
    vec_each(i, &up)
        if (up.v[i]->has_rows && !ask(c, up.v[i]))
            return false;
    unfilled_fill(c->ctx, dialect, &up, &found->diff.up);
    unfilled_fill(c->ctx, dialect, &down, &found->diff.down);
    return true;
}
