/*
 * Reads which migrations a database has from the version table of their tool.
 *
 * A migration that failed, was applied in part, or was edited afterwards is an error: only its tool, or a person, knows
 * what the database contains.
 */
#include "import.h"

#include <stdlib.h>

/* ---- values ---- */

static const char *text_at(const struct result_row *row, size_t column)
{
    return row->v[column].kind == VALUE_NONE ? NULL : row->v[column].text;
}

static bool is_true(const struct result_row *row, size_t column)
{
    const char *text = text_at(row, column);

    return text && (str_eq_ci(text, "true") || str_eq_ci(text, "t") || str_eq(text, "1"));
}

static const char *key_of(struct import_rows *r, const char *version)
{
    return import_key(&r->m->ctx->arena, r->m->tool, version);
}

static void add_key(struct import_rows *r, const char *key)
{
    if (!strings_have(&r->applied, key))
        vec_add(r->m->ctx, &r->applied, key);
}

static const struct migration *find_file(struct import_rows *r, const char *key)
{
    vec_each(i, &r->m->all) {
        const struct migration *g = r->m->all.v[i];

        if (g->whole && str_eq(key_of(r, g->id), key))
            return g;
    }
    return NULL;
}

/* ---- reasons for refusing ---- */

static bool refuse_failed(struct import_rows *r, const char *version, const char *state)
{
    const char *table = qname_text(&r->m->ctx->arena, &r->m->table);

    fail(r->m->ctx, STATUS_FOUND, "migration '%s' %s, according to table '%s'", version, state, table);
    return fail_hint(r->m->ctx, "Repair it with %s, and apply all migrations with '%s'.", r->m->tool->title,
        r->m->tool->upgrade);
}

static bool refuse_edited(struct import_rows *r, const struct migration *g)
{
    fail_at(
        r->m->ctx, STATUS_FOUND, (struct pos){.file = g->path}, "the file was edited after it was applied");
    return fail_hint(r->m->ctx, "Restore it, or have %s accept it: its checksum is in table '%s'.",
        r->m->tool->title, qname_text(&r->m->ctx->arena, &r->m->table));
}

/* The bytes of a checksum are \x... or hexadecimal digits. */
static bool check_sum(struct import_rows *r, const char *version, const char *found,
    const char *(*sum)(struct arena *a, const char *text))
{
    const struct migration *g = find_file(r, key_of(r, version));

    if (!g || !found)
        return true;
    if (str_starts(found, "\\x"))
        found += 2;
    return str_eq_ci(sum(&r->m->ctx->arena, g->whole), found) || refuse_edited(r, g);
}

/* ---- tools ---- */

bool import_take_each(struct import_rows *r, const struct result_row *row)
{
    const char *version = text_at(row, 0);

    if (version)
        add_key(r, key_of(r, version));
    return true;
}

bool import_take_newest(struct import_rows *r, const struct result_row *row)
{
    const char *version = text_at(row, 0);

    if (version && atoll(version) > 0)
        r->newest = key_of(r, version);
    return true;
}

bool import_take_dirty(struct import_rows *r, const struct result_row *row)
{
    if (is_true(row, 1))
        return refuse_failed(r, text_at(row, 0), "is dirty");
    return import_take_newest(r, row);
}

/* The newest row of a version counts. Version 0 is the table itself. */
bool import_take_goose(struct import_rows *r, const struct result_row *row)
{
    const char *key = key_of(r, text_at(row, 0));

    if (str_eq(key, "0"))
        return true;
    if (is_true(row, 1))
        add_key(r, key);
    else
        strings_forget(&r->applied, key);
    return true;
}

bool import_take_sqlx(struct import_rows *r, const struct result_row *row)
{
    const char *version = text_at(row, 0);

    if (!is_true(row, 1))
        return refuse_failed(r, version, "failed");
    add_key(r, key_of(r, version));
    return check_sum(r, version, text_at(row, 2), import_sha384);
}

bool import_take_prisma(struct import_rows *r, const struct result_row *row)
{
    const char *name = text_at(row, 0);

    if (text_at(row, 3))
        return true;
    if (!text_at(row, 2))
        return refuse_failed(r, name, "did not finish");
    add_key(r, key_of(r, name));
    return check_sum(r, name, text_at(row, 1), import_sha256);
}

/* Its rows do not name files: the first of them belongs to the first file. */
bool import_take_drizzle(struct import_rows *r, const struct result_row *row)
{
    const struct revisions *all = &r->m->c->project.graph.all;

    if (r->n > all->n) {
        fail(r->m->ctx, STATUS_FOUND, "the database has more migrations than there are files");
        return fail_hint(r->m->ctx, "Check out the files that were applied to it.");
    }
    add_key(r, key_of(r, all->v[r->n - 1]->id));
    (void)row;
    return true;
}

bool import_take_django(struct import_rows *r, const struct result_row *row)
{
    const char *id = ctx_printf(r->m->ctx, "%s.%s", text_at(row, 0), text_at(row, 1));
    const struct revision *known = map_get(&r->m->c->project.graph.by_id, id);

    /* Apps that are not installed any more have rows, too. */
    if (known)
        add_key(r, id);
    return true;
}

/* ---- Flyway ---- */

/* The CRC-32 of the lines, without their ends. */
static int32_t flyway_checksum(const char *text)
{
    static const char bom[] = "\xef\xbb\xbf";
    uint32_t crc = 0xffffffff;

    for (const char *s = str_starts(text, bom) ? text + 3 : text; *s; s++) {
        if (*s == '\n' || *s == '\r')
            continue;
        crc ^= (unsigned char)*s;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return (int32_t)~crc;
}

/* A changed repeatable migration is to be applied again. */
static bool take_repeatable(struct import_rows *r, const char *script, const char *checksum)
{
    const char *base = fs_basename(script);

    vec_each(i, &r->m->all) {
        const struct migration *g = r->m->all.v[i];

        if (!g->is_repeatable || !g->path || !str_eq(fs_basename(g->path), base))
            continue;
        strings_forget(&r->applied, g->id);
        if (checksum && flyway_checksum(g->whole) == (int32_t)atoll(checksum))
            add_key(r, g->id);
    }
    return true;
}

static bool take_versioned(struct import_rows *r, const char *version, const char *checksum)
{
    const struct migration *g = find_file(r, key_of(r, version));

    add_key(r, key_of(r, version));
    return !g || g->is_baseline || !checksum || flyway_checksum(g->whole) == (int32_t)atoll(checksum) ||
           refuse_edited(r, g);
}

bool import_take_flyway(struct import_rows *r, const struct result_row *row)
{
    const char *version = text_at(row, 0), *type = text_at(row, 1), *script = text_at(row, 2);

    if (!is_true(row, 4))
        return refuse_failed(r, version ? version : script, "failed");
    if (!version)
        return !str_ends(script, ".sql") || take_repeatable(r, script, text_at(row, 3));
    if (str_starts(type, "UNDO") || str_eq(type, "DELETE")) {
        strings_forget(&r->applied, key_of(r, version));
        return true;
    }
    if (str_ends(type, "BASELINE"))
        r->newest = key_of(r, version);
    return take_versioned(r, version, str_ends(type, "BASELINE") ? NULL : text_at(row, 3));
}

/* ---- what they mean ---- */

static bool is_repeatable(const struct import *m, const struct revision *g)
{
    return m->tool->kinds && strchr(m->tool->kinds, 'R') && str_starts(g->id, "R_");
}

static bool has_key(const struct import_rows *r, const char *key, bool repeatable)
{
    return strings_have(&r->applied, key) ||
           (!repeatable && r->newest && import_compare(key, r->newest) <= 0);
}

/* Keys that belong to a revision, or to one that it replaces. */
static void find_known(struct import_rows *r, struct strings *ret)
{
    const struct revisions *all = &r->m->c->project.graph.all;

    vec_each(i, all) {
        vec_add(r->m->ctx, ret, key_of(r, all->v[i]->id));
        vec_each(k, &all->v[i]->replaces)
            vec_add(r->m->ctx, ret, key_of(r, all->v[i]->replaces.v[k]));
    }
}

static bool check_known(struct import_rows *r)
{
    struct strings known = {0};

    find_known(r, &known);
    if (r->newest && !r->m->tool->kinds)
        add_key(r, r->newest);
    vec_each(i, &r->applied) {
        if (strings_have(&known, r->applied.v[i]))
            continue;
        if (r->m->tool->kinds && r->newest && import_compare(r->applied.v[i], r->newest) <= 0)
            continue;
        fail(r->m->ctx, STATUS_UNKNOWN_REVISION, "the database has migration '%s', which has no file",
            r->applied.v[i]);
        return fail_hint(r->m->ctx,
            "Check out the files that were applied to it, or bring both to the same state "
            "with %s.",
            r->m->tool->title);
    }
    return true;
}

static bool refuse_hole(struct import_rows *r, const char *applied, const char *missing)
{
    fail(r->m->ctx, STATUS_FOUND, "migration '%s' is applied, but '%s' before it is not", applied, missing);
    return fail_hint(r->m->ctx, "Apply it first: %s.", r->m->tool->upgrade);
}

static bool check_replaced(struct import_rows *r, const struct revision *g)
{
    vec_each(i, &g->replaces)
        if (!r->newest && !has_key(r, key_of(r, g->replaces.v[i]), false) &&
            !(r->m->tool->kinds && find_file(r, key_of(r, g->id))))
            return refuse_hole(r, g->id, g->replaces.v[i]);
    return true;
}

/* A database that has only migrations before a baseline. */
static bool check_begun(struct import_rows *r, const bool *marks)
{
    const struct revisions *all = &r->m->c->project.graph.all;

    vec_each(i, all)
        if (marks[all->v[i]->order])
            return true;
    if (!r->applied.n)
        return true;
    fail(r->m->ctx, STATUS_FOUND, "the database is at migration '%s', which is older than the baseline",
        r->applied.v[r->applied.n - 1]);
    return fail_hint(r->m->ctx, "Apply the migrations up to the baseline first: %s.", r->m->tool->upgrade);
}

static bool check_parents(struct import_rows *r, const struct revision *g, bool *marks)
{
    const struct revisions *lists[] = {&g->parents, &g->all_dependencies};

    for (size_t k = 0; k < COUNT_OF(lists); k++)
        vec_each(i, lists[k]) {
            if (marks[lists[k]->v[i]->order])
                continue;
            if (!is_repeatable(r->m, g))
                return refuse_hole(r, g->id, lists[k]->v[i]->id);
            marks[g->order] = false; /* it can be applied again */
        }
    return true;
}

static bool mark_applied(struct import_rows *r, bool *marks)
{
    struct graph *graph = &r->m->c->project.graph;
    struct revisions heads, sorted;

    graph_heads(r->m->ctx, graph, &heads);
    if (!graph_sorted(r->m->ctx, graph, &heads, &sorted))
        return false;
    vec_each(i, &sorted) {
        const struct revision *g = sorted.v[i];

        marks[g->order] = has_key(r, key_of(r, g->id), is_repeatable(r->m, g));
        if (marks[g->order] && !check_replaced(r, g))
            return false;
    }
    for (size_t i = sorted.n; i-- > 0;)
        if (marks[sorted.v[i]->order] && !check_parents(r, sorted.v[i], marks))
            return false;
    return check_begun(r, marks);
}

static void find_heads(struct import *m, const bool *marks, struct revisions *ret)
{
    vec_each(i, &m->c->project.graph.all) {
        struct revision *g = m->c->project.graph.all.v[i];
        const struct revisions *lists[] = {&g->children, &g->dependents};
        bool has_child = false;

        for (size_t l = 0; l < COUNT_OF(lists); l++)
            vec_each(k, lists[l])
                has_child = has_child || marks[lists[l]->v[k]->order];
        if (marks[g->order] && !has_child)
            vec_add(m->ctx, ret, g);
    }
}

/* ---- reading ---- */

static bool read_rows(struct import *m, struct import_rows *r)
{
    struct conn *conn = m->c->project.conn;
    struct result found = {0};

    if (!other_table_rows(conn, &m->table, m->tool->columns, m->tool->order, &found)) {
        fail_in(m->ctx, "cannot read table '%s' as that of %s", qname_text(&m->ctx->arena, &m->table),
            m->tool->title);
        return fail_hint(m->ctx, "--from names another tool, and --version-table another table.");
    }
    vec_each(i, &found.rows) {
        r->n = i + 1;
        if (!m->tool->take(r, found.rows.v[i]))
            return false;
    }
    return true;
}

bool import_rows(struct import *m, struct revisions *ret_heads, bool *ret_exists)
{
    struct import_rows r = {.m = m, .dialect = m->c->project.conn->dialect};
    const struct version_table v = {.name = m->table, .column = m->tool->columns[0]};
    bool *marks = arena_alloc(&m->ctx->arena, m->c->project.graph.all.n + 1);

    *ret_heads = (struct revisions){0};
    if (!r.dialect->versions(m->c->project.conn, &v, NULL, ret_exists))
        return false;
    if (!*ret_exists)
        return true;
    if (!read_rows(m, &r) || !check_known(&r) || !mark_applied(&r, marks))
        return false;
    find_heads(m, marks, ret_heads);
    return true;
}
