/*
 * Runs the case files of the revision graph.
 *
 * The files are dags.txt, cases.txt and rejected.txt in tests/cases/graph, or in the directory that
 * $CMIG_GRAPH_CASES names; the notation is described there.
 */
#include "unit.h"

#include "cmig/revision.h"

struct suite {
    struct ctx ctx;
    struct map graphs;
    const char *folder;
    size_t run, failed;
};

static char *read_cases(struct suite *s, const char *name)
{
    const char *path = fs_join(&s->ctx.arena, s->folder, name);
    char *text;
    size_t size;

    if (!fs_read(&s->ctx, &s->ctx.arena, "cases", path, FS_TEXT_LIMIT, &text, &size))
        fail_msg("%s", err_text(&s->ctx));
    return text;
}

/* Cuts text at a separator; the next piece, or NULL at the end. */
static char *cut(char **rest, char separator)
{
    char *piece = *rest, *end;

    if (!piece)
        return NULL;
    end = strchr(piece, separator);
    *rest = end ? end + 1 : NULL;
    if (end)
        *end = '\0';
    return piece;
}

static struct strings split(struct suite *s, const char *text, char separator)
{
    char *rest = ctx_strdup(&s->ctx, text), *piece;
    struct strings list = {0};

    while ((piece = cut(&rest, separator)))
        if (*piece && !str_eq(piece, "-"))
            vec_add(&s->ctx, &list, piece);
    return list;
}

/* "id<parents~dependencies#labels" */
static struct revision *read_revision(struct suite *s, const char *text)
{
    struct revision *r = ctx_new(&s->ctx, struct revision);
    struct {
        char mark;
        struct strings *list;
    } parts[] = {{'<', &r->down}, {'~', &r->depends_on}, {'#', &r->labels}};

    r->id = arena_strndup(&s->ctx.arena, text, strcspn(text, "<~#"));
    r->path = ctx_printf(&s->ctx, "%s.yaml", r->id);
    r->pos = r->down_pos = r->depends_pos = (struct pos){.file = r->path, .line = 1};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        const char *at = strchr(text, parts[i].mark);

        if (at)
            *parts[i].list = split(s, arena_strndup(&s->ctx.arena, at + 1, strcspn(at + 1, "<~#")), ',');
    }
    return r;
}

static struct revisions read_revisions(struct suite *s, const char *text)
{
    struct strings words = split(s, text, ' ');
    struct revisions list = {0};

    vec_each(i, &words)
        vec_add(&s->ctx, &list, read_revision(s, words.v[i]));
    return list;
}

static void read_dags(struct suite *s)
{
    char *rest = read_cases(s, "dags.txt"), *line;

    while ((line = cut(&rest, '\n'))) {
        char *name = cut(&line, ' ');
        struct revisions list;
        struct graph *g;

        if (!*name || *name == '#')
            continue;
        g = ctx_new(&s->ctx, struct graph);
        list = read_revisions(s, line ? line : "");
        assert_ok(&s->ctx, graph_build(&s->ctx, &list, g));
        map_set(&s->graphs, name, g);
    }
}

static char *steps_text(struct suite *s, const struct plan *plan)
{
    struct str out = STR(&s->ctx);

    for (size_t i = 0; i < plan->n; i++) {
        const struct step *step = &plan->v[i];

        str_add(&out, i ? " " : "");
        if (step->direction == DIRECTION_STAMP) {
            for (size_t k = 0, n = 0; k < step->moves.n; k++)
                if (step->moves.v[k].from)
                    str_addf(&out, "%s%s", n++ ? "," : "", step->moves.v[k].from);
            str_add(&out, "->");
        }
        str_add(&out, step->revision ? step->revision->id : "");
    }
    return ctx_strdup(&s->ctx, out.n ? str_get(&out) : "-");
}

static void add_move(struct str *out, const struct row_move *move)
{
    if (!move->from)
        str_addf(out, "I %s", move->to);
    else if (!move->to)
        str_addf(out, "D %s", move->from);
    else
        str_addf(out, "U %s>%s", move->from, move->to);
}

static char *moves_text(struct suite *s, const struct plan *plan)
{
    struct str out = STR(&s->ctx);

    for (size_t i = 0; i < plan->n; i++) {
        str_add(&out, i ? " / " : "");
        for (size_t k = 0; k < plan->v[i].moves.n; k++) {
            str_add(&out, k ? "; " : "");
            add_move(&out, &plan->v[i].moves.v[k]);
        }
    }
    return ctx_strdup(&s->ctx, out.n ? str_get(&out) : "-");
}

/* Applies the moves to the rows as a database would. False: one changes no row, or more than one. */
static bool play(struct suite *s, const struct strings *rows, const struct plan *plan)
{
    struct strings now = {0};

    vec_each(i, rows)
        vec_add(&s->ctx, &now, rows->v[i]);
    for (size_t i = 0; i < plan->n; i++)
        for (size_t k = 0; k < plan->v[i].moves.n; k++) {
            const struct row_move *move = &plan->v[i].moves.v[k];
            size_t at = 0;

            while (move->from && at < now.n && !str_eq(now.v[at], move->from))
                at++;
            if (move->from && at == now.n)
                return false;
            if (move->from)
                vec_remove(&now, at);
            if (move->to && strings_have(&now, move->to))
                return false;
            if (move->to)
                vec_add(&s->ctx, &now, move->to);
        }
    strings_sort(&now);
    return strings_eq(&now, &plan->rows);
}

static char *words_text(struct suite *s, const struct strings *words)
{
    return words->n ? strings_join(&s->ctx.arena, words, " ") : ctx_strdup(&s->ctx, "-");
}

static void report(struct suite *s, const char *line, const char *what, const char *got)
{
    print_error("%s\n  %s: %s\n", line, what, got);
    s->failed++;
}

static void expect(struct suite *s, const char *line, const char *what, const char *wanted, const char *got)
{
    if (!str_eq(wanted, got))
        report(s, line, what, got);
}

/* "ERR …": it fails; "ERROR text": with this text, its lines parted by " ;". */
static void expect_error(struct suite *s, const char *line, const char *wanted, bool went_well)
{
    char *text = err_text(&s->ctx);
    struct str flat = STR(&s->ctx);

    if (went_well) {
        report(s, line, "no error", "");
        return;
    }
    if (str_starts(wanted, "ERROR ")) {
        for (const char *p = text; *p; p++) {
            if (*p == '\n') {
                str_add(&flat, " ;");
                p += strspn(p, "\n ") - 2;
            } else {
                str_addc(&flat, *p);
            }
        }
        expect(s, line, "error", wanted + 6, str_get(&flat));
    } else if (getenv("CMIG_GRAPH_VERBOSE")) {
        print_message("%s\n  %s\n", line, text);
    }
    err_clear(&s->ctx);
}

static void run_history(struct suite *s, const char *line, char **fields, size_t n)
{
    struct revisions found = {0};
    struct strings ids = {0};
    const char *range = ctx_printf(&s->ctx, "%s:%s", fields[2], fields[3]);
    bool ok = graph_range(&s->ctx, map_get(&s->graphs, fields[0]), &found, range, &found);

    assert_true(n == 5);
    if (!ok || str_starts(fields[4], "ERR")) {
        if (!str_starts(fields[4], "ERR"))
            report(s, line, "error", err_text(&s->ctx));
        expect_error(s, line, fields[4], ok);
        return;
    }
    vec_each(i, &found)
        vec_add(&s->ctx, &ids, found.v[i]->id);
    expect(s, line, "revisions", fields[4], words_text(s, &ids));
}

static bool make_plan(struct suite *s, char **fields, const struct strings *rows, struct plan *ret)
{
    const struct graph *g = map_get(&s->graphs, fields[0]);
    struct strings targets = split(s, fields[3], ' ');

    if (str_eq(fields[1], "up"))
        return plan_upgrade(&s->ctx, g, rows, fields[3], ret);
    if (str_eq(fields[1], "down"))
        return plan_downgrade(&s->ctx, g, rows, fields[3], ret);
    return plan_stamp(&s->ctx, g, rows, &targets, false, ret);
}

static void run_plan(struct suite *s, const char *line, char **fields, size_t n)
{
    struct strings rows = split(s, fields[2], ' '), wanted;
    struct plan plan = {0};
    bool ok = make_plan(s, fields, &rows, &plan);

    assert_true(n >= 5);
    if (!ok || str_starts(fields[4], "ERR")) {
        if (!str_starts(fields[4], "ERR"))
            report(s, line, "error", err_text(&s->ctx));
        expect_error(s, line, fields[4], ok);
        return;
    }
    assert_true(n >= 7);
    wanted = split(s, fields[6], ' ');
    strings_sort(&wanted);
    expect(s, line, "steps", fields[4], steps_text(s, &plan));
    if (n < 8 || !str_eq(fields[7], "R"))
        expect(s, line, "moves", fields[5], moves_text(s, &plan));
    expect(s, line, "rows", words_text(s, &wanted), words_text(s, &plan.rows));
    if (!play(s, &rows, &plan))
        report(s, line, "moves that no database can do", moves_text(s, &plan));
}

static void test_cases(void **state)
{
    struct suite *s = *state;
    char *rest, *line;

    read_dags(s);
    rest = read_cases(s, "cases.txt");
    while ((line = cut(&rest, '\n'))) {
        const char *whole = ctx_strdup(&s->ctx, line);
        char *fields[9] = {0};
        size_t n = 0;

        if (!*line || *line == '#')
            continue;
        while (line && n < COUNT_OF(fields))
            fields[n++] = cut(&line, '|');
        assert_true(n >= 5);
        if (!map_get(&s->graphs, fields[0]))
            fail_msg("no graph for %s", whole);
        s->run++;
        (str_eq(fields[1], "hist") ? run_history : run_plan)(s, whole, fields, n);
    }
    print_message("# %zu cases, %zu differences\n", s->run, s->failed);
    assert_int_equal(s->failed, 0);
    assert_true(s->run > 0);
}

static void test_rejected(void **state)
{
    struct suite *s = *state;
    char *rest = read_cases(s, "rejected.txt"), *line;
    size_t run = 0;

    s->failed = 0;
    while ((line = cut(&rest, '\n'))) {
        const char *whole = ctx_strdup(&s->ctx, line);
        char *text = cut(&line, '|');
        struct revisions list;
        struct graph g;

        if (!*text || *text == '#')
            continue;
        run++;
        list = read_revisions(s, text);
        expect_error(s, whole, line, graph_build(&s->ctx, &list, &g));
    }
    print_message("# %zu rejected graphs, %zu differences\n", run, s->failed);
    assert_int_equal(s->failed, 0);
    assert_true(run > 0);
}

static int setup(void **state)
{
    struct suite *s = calloc(1, sizeof(*s));
    const char *root = getenv("CMIG_SOURCE_ROOT");

    if (!s)
        return -1;
    s->graphs = MAP(&s->ctx);
    s->folder = getenv("CMIG_GRAPH_CASES");
    if (!s->folder)
        s->folder = fs_join(&s->ctx.arena, root ? root : ".", "tests/cases/graph");
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct suite *s = *state;

    ctx_finish(&s->ctx);
    free(s);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_rejected),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
