/*
 * The temporary objects that print the models' texts.
 *
 * Objects of the default schema keep their names, so that texts find and print them by these; others, and everything that
 * may have no name, get one of ours.
 */
#include "dialect/postgresql/judge/scratch.h"

#include "dialect/postgresql/spell/names.h"

struct creation *scratch_creation(struct judge *j)
{
    struct creation *c = ctx_new(j->ctx, struct creation);
    vec_add(j->ctx, &j->list, c);
    return c;
}

void scratch_mark(struct judge *j, struct creation *c, const struct sql *q, struct pos pos, const char *label)
{
    struct fragment f = {q->text.n, pos, label};
    vec_add(j->ctx, c, f);
}

static bool has_word(const char *text, const char *word)
{
    return text && strstr(text, word);
}

static bool parts_have(const struct index_parts *parts, const char *word)
{
    vec_each(i, parts)
        if (has_word(parts->v[i]->expr.native, word))
            return true;
    return false;
}

static bool indexes_have(const struct indexes *list, const char *word)
{
    vec_each(i, list)
        if (has_word(list->v[i]->where.native, word) || parts_have(&list->v[i]->parts, word))
            return true;
    return false;
}

static bool table_has(const struct table *t, const char *word)
{
    struct constraint *c;
    vec_each(i, &t->columns) {
        const struct column *column = t->columns.v[i];
        if (has_word(column->native, word) || has_word(column->dflt.expr.native, word) ||
            (column->generated && has_word(column->generated->expr.native, word)))
            return true;
    }
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (has_word(c->check.native, word) || has_word(c->where.native, word) || parts_have(&c->parts, word))
            return true;
    return indexes_have(&t->indexes, word);
}

/* Whether any text of the wanted tables, views and objects has this word. */
static bool is_said(const struct judge *j, const char *word)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &j->wanted->objects[kind])
            if (has_word(j->wanted->objects[kind].v[i]->native, word))
                return true;
    vec_each(i, &j->wanted->views) {
        const struct view *v = j->wanted->views.v[i];
        if (has_word(v->body.native, word) || indexes_have(&v->indexes, word))
            return true;
    }
    vec_each(i, &j->wanted->tables)
        if (table_has(j->wanted->tables.v[i], word))
            return true;
    return false;
}

static const char *enum_name(struct judge *j, size_t at)
{
    return scratch_name(j, &j->wanted->enums.v[at]->name, "enum", at);
}

static void add_enums(struct judge *j)
{
    vec_each(i, &j->wanted->enums) {
        const struct enumeration *e = j->wanted->enums.v[i];
        if (!is_said(j, pg_ident(&j->ctx->arena, enum_name(j, i))))
            continue;
        struct sql q = sql_begin(j->ctx, &postgresql_dialect);
        struct creation *c = scratch_creation(j);
        scratch_mark(j, c, &q, e->pos, ctx_printf(j->ctx, "enum '%s'", e->name.name));
        sql_addf(&q, "CREATE TYPE pg_temp.%I AS ENUM (", enum_name(j, i));
        vec_each(k, &e->values)
            sql_addf(&q, k ? ", %L" : "%L", e->values.v[k]);
        sql_add(&q, ")");
        c->sql = sql_end(&q);
    }
}

const char *scratch_dollar_tag(struct ctx *ctx, const char *text)
{
    const char *tag = "$cmig$";
    for (int i = 0; strstr(text, tag); i++)
        tag = ctx_printf(ctx, "$cmig%d$", i);
    return tag;
}

const char *scratch_do_block(struct judge *j, const char *body)
{
    const char *tag = scratch_dollar_tag(j->ctx, body);
    return ctx_printf(j->ctx, "DO %s %s %s", tag, body, tag);
}

const char *scratch_name(struct judge *j, const struct qname *name, const char *kind, size_t at)
{
    return name->schema ? ctx_printf(j->ctx, "cmig %s %zu", kind, at) : name->name;
}

void scratch_relocate(struct judge *j)
{
    const struct schema *w = j->original;
    struct schema *copy = ctx_new(j->ctx, struct schema);
    *copy = *w;
    copy->tables = (struct tables){0};
    copy->views = (struct views){0};
    relocation_init(&j->texts, j->ctx, w->default_schema);
    relocation_init(&j->types, j->ctx, w->default_schema);
    j->wanted = copy;
    vec_each(i, &w->enums) {
        relocation_add(&j->texts, &w->enums.v[i]->name, enum_name(j, i));
        relocation_add(&j->types, &w->enums.v[i]->name, enum_name(j, i));
    }
    vec_each(i, &w->tables) {
        const struct qname *name = &w->tables.v[i]->name;
        relocation_add(&j->types, name, scratch_name(j, name, "table", i));
        if (!name->schema)
            relocation_add(&j->texts, name, NULL);
    }
    vec_each(i, &w->views) {
        const struct qname *name = &w->views.v[i]->name;
        relocation_add(&j->types, name, scratch_name(j, name, "view", i));
        if (!name->schema)
            relocation_add(&j->texts, name, NULL);
    }
    /* Of an object that changes the temporary form hides the existing one, which is then printed with its schema. */
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &w->objects[kind]) {
            const struct object *o = w->objects[kind].v[i];
            if (!o->is_new && !o->of.name && !o->name.schema && object_table[kind].naming == NAMED_IN_SCHEMA)
                relocation_add(&j->types, &o->name, NULL);
        }
    vec_each(i, &w->tables)
        vec_add(j->ctx, &copy->tables, relocate_table(&j->texts, &j->types, w->tables.v[i]));
    vec_each(i, &w->views)
        vec_add(j->ctx, &copy->views, relocate_view(&j->types, w->views.v[i]));
    for (int kind = 0; kind < OBJECT_KINDS; kind++) {
        copy->objects[kind] = (struct objects){0};
        vec_each(i, &w->objects[kind]) {
            struct object *o = ctx_new(j->ctx, struct object);
            *o = *w->objects[kind].v[i];
            o->native = relocate(&j->types, o->native);
            vec_add(j->ctx, &copy->objects[kind], o);
        }
    }
}

bool scratch_add_all(struct judge *j)
{
    const struct schema *w = j->wanted;
    scratch_sort_objects(j);
    scratch_add_extensions(j);
    add_enums(j);
    scratch_add_objects(j, false);
    if (!scratch_add_tables(j))
        return false;
    vec_each(i, &w->tables)
        if (!scratch_add_indexes(
                j, &w->tables.v[i]->indexes, scratch_name(j, &w->tables.v[i]->name, "table", i), i))
            return false;
    scratch_add_objects(j, true);
    vec_each(i, &w->views)
        if (w->views.v[i]->materialized && !scratch_add_view_indexes(j, i))
            return false;
    scratch_add_event_triggers(j);
    return true;
}
