/*
 * Prints results as lines of text or as one JSON document.
 */
#include "command.h"

#include <stdlib.h>

#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define PLAIN "\033[0m"

/* The version of the documents: raised when a reader of an older one would misunderstand them. */
enum { DOCUMENT_VERSION = 1 };

struct node *document_begin(struct call *c)
{
    c->document = node_mapping(&c->ctx->arena);
    node_set(&c->ctx->arena, c->document, "version", node_number(&c->ctx->arena, DOCUMENT_VERSION));
    return c->document;
}

/* With the first line, so that questions and errors before it need no pager. */
static void begin_pager(struct call *c)
{
    const char *command = c->pages ? pager_choose(c->project.config.pager) : NULL;

    c->pages = false;
    if (command && !pager_begin(c->ctx, command, c->pager))
        log_debug(c->ctx, "cannot run the pager '%s'", command);
}

/* What could not be written is noticed by main, at the end. */
void print_text(struct call *c, const char *text)
{
    if (c->pages)
        begin_pager(c);
    if (c->out)
        str_add(c->out, text);
    else
        fputs(text, stdout);
}

void print_part(struct call *c, const char *text)
{
    print_text(c, text);
    if (!c->out)
        fflush(stdout);
}

void print_line(struct call *c, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    print_text(c, arena_vprintf(&c->ctx->arena, fmt, ap));
    va_end(ap);
    print_text(c, "\n");
}

struct node *strings_node(struct call *c, const struct strings *list)
{
    struct node *n = node_sequence(&c->ctx->arena);

    vec_each(i, list)
        node_append(&c->ctx->arena, n, node_string(&c->ctx->arena, list->v[i]));
    return n;
}

/* In the order of the models; what only the database has follows. */
static int by_place(const void *a, const void *b)
{
    const struct difference *x = *(struct difference *const *)a, *y = *(struct difference *const *)b;
    int files;

    if (!x->pos.file || !y->pos.file)
        return x->pos.file ? -1 : y->pos.file ? 1 : strcmp(x->text, y->text);
    files = strcmp(x->pos.file, y->pos.file);
    if (files)
        return files;
    if (x->pos.line != y->pos.line)
        return x->pos.line < y->pos.line ? -1 : 1;
    if (x->pos.column != y->pos.column)
        return x->pos.column < y->pos.column ? -1 : 1;
    return strcmp(x->text, y->text);
}

void differences_sort(struct differences *list)
{
    if (list->n)
        qsort(list->v, list->n, sizeof(*list->v), by_place);
}

struct node *differences_node(struct call *c, const struct differences *found)
{
    struct arena *a = &c->ctx->arena;
    struct node *n = node_sequence(a), *item;

    vec_each(i, found) {
        const struct difference *d = found->v[i];

        item = node_mapping(a);
        node_set(a, item, "text", node_string(a, d->text));
        if (d->pos.file) {
            node_set(a, item, "file", node_string(a, d->pos.file));
            node_set(a, item, "line", node_number(a, d->pos.line));
            node_set(a, item, "column", node_number(a, d->pos.column));
        }
        node_append(a, n, item);
    }
    return n;
}

const char *count_text(struct ctx *ctx, size_t n, const char *noun)
{
    return ctx_printf(ctx, "%zu %s%s", n, noun, n == 1 ? "" : "s");
}

/* ---- revisions ---- */

static bool is_half(const struct listing *l, const struct revision *r)
{
    return l->attempt && l->attempt->kind != ATTEMPT_NONE && str_eq(l->attempt->at.revision, r->id);
}

static bool is_half_applied(const struct listing *l, const struct revision *r)
{
    return is_half(l, r) && !l->attempt->is_downgrade;
}

static bool is_half_downgraded(const struct listing *l, const struct revision *r)
{
    return is_half(l, r) && l->attempt->is_downgrade;
}

static bool is_current(const struct listing *l, const struct revision *r)
{
    if (l->current)
        vec_each(i, l->current)
            if (l->current->v[i] == r)
                return true;
    return false;
}

struct mark {
    const char *text;
    bool (*holds)(const struct listing *l, const struct revision *r);
};

static bool is_real_head(ATTR_UNUSED const struct listing *l, const struct revision *r)
{
    return revision_is_head(r) && revision_is_real_head(r);
}

static bool is_effective_head(ATTR_UNUSED const struct listing *l, const struct revision *r)
{
    return revision_is_head(r) && !revision_is_real_head(r);
}

static bool is_branch_point(ATTR_UNUSED const struct listing *l, const struct revision *r)
{
    return r->children.n > 1;
}

static bool is_merge_point(ATTR_UNUSED const struct listing *l, const struct revision *r)
{
    return r->parents.n > 1;
}

static bool is_expand(ATTR_UNUSED const struct listing *l, const struct revision *r)
{
    return r->phase == PHASE_EXPAND;
}

static bool is_contract(ATTR_UNUSED const struct listing *l, const struct revision *r)
{
    return r->phase == PHASE_CONTRACT;
}

static const struct mark marks[] = {
    {"head", is_real_head},
    {"effective head", is_effective_head},
    {"current", is_current},
    {"half applied", is_half_applied},
    {"half downgraded", is_half_downgraded},
    {"branchpoint", is_branch_point},
    {"mergepoint", is_merge_point},
    {"expand", is_expand},
    {"contract", is_contract},
};

void add_revision_marks(struct call *c, struct str *out, const struct listing *l, const struct revision *r)
{
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (marks[i].holds(l, r))
            str_addf(out, " (%s%s%s)", c->color ? GREEN : "", marks[i].text, c->color ? PLAIN : "");
}

void add_id(struct call *c, struct str *out, const char *id)
{
    str_addf(out, "%s%s%s", c->color ? YELLOW : "", id, c->color ? PLAIN : "");
}

void add_sign(struct call *c, struct str *out, enum sign sign)
{
    static const struct {
        const char *drawn, *ascii, *color;
    } signs[] = {
        [SIGN_GOOD] = {"✓", "+", GREEN},
        [SIGN_WAITS] = {"○", "o", YELLOW},
        [SIGN_BAD] = {"✗", "!", RED},
        [SIGN_DIFFERS] = {"≠", "!", RED},
    };
    const char *text = charset_is_utf8() ? signs[sign].drawn : signs[sign].ascii;

    if (c->columns)
        str_addf(out, "%s%s%s ", c->color ? signs[sign].color : "", text, c->color ? PLAIN : "");
}

const char *cut_to_terminal(struct call *c, const char *line)
{
    if (!c->columns || str_columns(line) <= (size_t)c->columns)
        return line;
    return ctx_printf(c->ctx, "%.*s%s%s", (int)str_fit(line, (size_t)c->columns - 1), line,
        c->color ? PLAIN : "", charset_is_utf8() ? "…" : ">");
}

void add_outcome(struct call *c, struct str *out, const char *text, bool is_good)
{
    str_addf(out, "%s%s%s", !c->color ? "" : is_good ? GREEN : RED, text, c->color ? PLAIN : "");
}

void add_indented(struct str *out, const char *text)
{
    for (const char *end; *text; text = end + (*end == '\n')) {
        end = text + strcspn(text, "\n");
        if (end > text)
            str_addf(out, "    %.*s", (int)(end - text), text);
        str_addc(out, '\n');
    }
}

struct strings revision_ids(struct call *c, const struct revisions *list)
{
    struct strings ids = {0};

    vec_each(i, list)
        vec_add(c->ctx, &ids, list->v[i]->id);
    return ids;
}

const char *ids_text(struct call *c, const struct revisions *list)
{
    const struct strings ids = revision_ids(c, list);

    return strings_join(&c->ctx->arena, &ids, ", ");
}

static void add_revision(struct call *c, struct str *out, const struct listing *l, const struct revision *r)
{
    const char *message = r->message ? r->message : "";
    int first_line = (int)strcspn(message, "\n");

    add_id(c, out, r->id);
    if (r->labels.n)
        str_addf(out, " (%s)", strings_join(&c->ctx->arena, &r->labels, ", "));
    add_revision_marks(c, out, l, r);
    if (first_line)
        str_addf(out, ", %.*s", first_line, message);
}

const char *revision_line_text(struct call *c, const struct listing *l, const struct revision *r)
{
    struct str out = STR(c->ctx);

    add_revision(c, &out, l, r);
    return out.s;
}

void print_revision(struct call *c, const struct listing *l, const struct revision *r)
{
    print_line(c, "%s", revision_line_text(c, l, r));
}

void print_revision_step(struct call *c, const struct listing *l, const struct revision *r)
{
    struct str out = STR(c->ctx);

    str_add(&out, r->parents.n ? ids_text(c, &r->parents) : "<base>");
    if (r->all_dependencies.n)
        str_addf(&out, " (%s)", ids_text(c, &r->all_dependencies));
    str_add(&out, " -> ");
    add_revision(c, &out, l, r);
    print_line(c, "%s", out.s);
}

void add_fact(struct str *out, const char *label, const char *value)
{
    if (value && *value)
        str_addf(out, "%s: %s\n", label, value);
}

void add_message(struct str *out, const char *message)
{
    if (!message || !*message)
        return;
    str_addc(out, '\n');
    add_indented(out, message);
}

const char *revision_block_text(struct call *c, const struct listing *l, const struct revision *r)
{
    struct str out = STR(c->ctx);

    str_add(&out, "Rev: ");
    add_id(c, &out, r->id);
    add_revision_marks(c, &out, l, r);
    str_addc(&out, '\n');
    add_fact(
        &out, r->parents.n > 1 ? "Merges" : "Parent", r->parents.n ? ids_text(c, &r->parents) : "<base>");
    add_fact(&out, "Also depends on", ids_text(c, &r->all_dependencies));
    if (r->children.n > 1)
        add_fact(&out, "Branches into", ids_text(c, &r->children));
    add_fact(&out, "Branch names", strings_join(&c->ctx->arena, &r->all_labels, ", "));
    add_fact(&out, "Phase", phase_names[r->phase]);
    add_fact(&out, "Created", r->created);
    add_fact(&out, "Author", r->author);
    add_fact(&out, "Path", r->path);
    add_message(&out, r->message);
    return out.s;
}

void print_revision_block(struct call *c, const struct listing *l, const struct revision *r)
{
    print_text(c, revision_block_text(c, l, r));
}

void print_revisions(struct call *c, const struct listing *l, const struct revisions *list, bool verbose,
    void (*line)(struct call *, const struct listing *, const struct revision *))
{
    vec_each(i, list) {
        if (verbose && i)
            print_line(c, "%s", "");
        (verbose ? print_revision_block : line)(c, l, list->v[i]);
    }
}

static struct node *ids_node(struct call *c, const struct revisions *list)
{
    struct node *n = node_sequence(&c->ctx->arena);

    vec_each(i, list)
        node_append(&c->ctx->arena, n, node_string(&c->ctx->arena, list->v[i]->id));
    return n;
}

struct node *revision_node(struct call *c, const struct listing *l, const struct revision *r)
{
    struct arena *a = &c->ctx->arena;
    struct node *n = node_mapping(a);

    node_set(a, n, "revision", node_string(a, r->id));
    node_set(a, n, "down_revision", ids_node(c, &r->parents));
    node_set(a, n, "depends_on", ids_node(c, &r->all_dependencies));
    node_set(a, n, "branch_labels", strings_node(c, &r->labels));
    node_set(a, n, "branches", strings_node(c, &r->all_labels));
    node_set(a, n, "message", node_string(a, r->message));
    node_set(a, n, "created", node_string(a, r->created));
    node_set(a, n, "author", node_string(a, r->author));
    node_set(a, n, "path", node_string(a, r->path));
    if (r->phase)
        node_set(a, n, "phase", node_string(a, phase_names[r->phase]));
    node_set(a, n, "children", ids_node(c, &r->children));
    node_set(a, n, "head", node_boolean(a, revision_is_head(r)));
    if (l->current)
        node_set(a, n, "current", node_boolean(a, is_current(l, r)));
    if (l->applied)
        node_set(a, n, "applied", node_boolean(a, l->applied[r->order]));
    return n;
}

struct node *revisions_node(struct call *c, const struct listing *l, const struct revisions *list)
{
    struct node *n = node_sequence(&c->ctx->arena);

    vec_each(i, list)
        node_append(&c->ctx->arena, n, revision_node(c, l, list->v[i]));
    return n;
}

struct node *attempt_node(struct call *c, const struct attempt *a)
{
    struct arena *arena = &c->ctx->arena;
    struct node *n = node_mapping(arena);

    if (a->kind == ATTEMPT_NONE)
        return node_null(arena);
    node_set(arena, n, "revision", node_string(arena, a->at.revision));
    node_set(arena, n, "direction", node_string(arena, a->at.direction));
    node_set(arena, n, "applied", node_number(arena, a->at.operation));
    node_set(
        arena, n, "operations", a->at.is_foreign ? node_null(arena) : node_number(arena, a->at.operations));
    node_set(arena, n, "in_part", node_boolean(arena, a->at.part || a->at.state));
    node_set(arena, n, "outdated", node_boolean(arena, a->kind == ATTEMPT_OUTDATED));
    return n;
}
