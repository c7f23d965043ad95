/*
 * Prints findings: as text, as annotations of GitHub and GitLab, and as JUnit's XML. sarif.c prints SARIF.
 */
#include <stdlib.h>

#include "print.h"

const char *const lint_format_names[] = {"text", "github", "gitlab", "junit", "sarif", NULL};

enum lint_format lint_format_here(void)
{
    static const struct {
        const char *variable;
        enum lint_format format;
    } systems[] = {{"GITHUB_ACTIONS", LINT_GITHUB}, {"GITLAB_CI", LINT_GITLAB}};

    for (size_t i = 0; i < COUNT_OF(systems); i++) {
        const char *value = getenv(systems[i].variable);
        if (value && str_eq(value, "true"))
            return systems[i].format;
    }
    return LINT_TEXT;
}

/* ---- text ------------------------------------------------------------------------------------------------------ */

static void print_text(struct ctx *ctx, const struct findings *list, struct str *out)
{
    vec_each(i, list) {
        const struct finding *f = list->v[i];

        str_addf(out, "%s%s: %s [%s]\n", pos_text(&ctx->arena, f->pos), lint_level_names[f->level], f->text,
            f->code);
        if (f->hint)
            str_addf(out, "    hint: %s\n", f->hint);
    }
}

/* ---- GitHub ---------------------------------------------------------------------------------------------------- */

static void add_escaped(struct str *out, const char *text, const char *special)
{
    for (; *text; text++)
        if (strchr(special, *text))
            str_addf(out, "%%%02X", (unsigned char)*text);
        else
            str_addc(out, *text);
}

static void print_github(struct ctx *ctx, const struct findings *list, struct str *out)
{
    static const char *const commands[] = {NULL, "notice", "warning", "error"};

    (void)ctx;
    vec_each(i, list) {
        const struct finding *f = list->v[i];

        str_addf(out, "::%s file=", commands[f->level]);
        add_escaped(out, f->pos.file ? f->pos.file : "", "%\r\n:,");
        str_addf(out, ",line=%u,col=%u,title=%s::", f->pos.line ? f->pos.line : 1,
            f->pos.column ? f->pos.column : 1, f->code);
        add_escaped(out, f->text, "%\r\n");
        if (f->hint) {
            str_add(out, "%0A");
            add_escaped(out, f->hint, "%\r\n");
        }
        str_addc(out, '\n');
    }
}

/* ---- GitLab: a list in the form of Code Climate ------------------------------------------------------------------ */

/* The same for the same finding, wherever it has moved in its file. */
const char *finding_fingerprint(struct ctx *ctx, const struct finding *f)
{
    const char *text = ctx_printf(ctx, "%s\n%s\n%s\n%s", f->code, f->pos.file ? f->pos.file : "",
        f->revision ? f->revision : "", f->text);

    return ctx_printf(ctx, "%08x%08x", hash_bytes(text, strlen(text)),
        hash_bytes(text + strlen(text) / 2, strlen(text) - strlen(text) / 2));
}

static void print_gitlab(struct ctx *ctx, const struct findings *list, struct str *out)
{
    static const char *const severities[] = {NULL, "info", "minor", "major"};
    struct arena *a = &ctx->arena;
    struct node *all = node_sequence(a);

    vec_each(i, list) {
        const struct finding *f = list->v[i];
        struct node *one = node_mapping(a), *place = node_mapping(a), *lines = node_mapping(a);

        node_set(a, one, "description", node_string(a, f->text));
        node_set(a, one, "check_name", node_string(a, f->code));
        node_set(a, one, "fingerprint", node_string(a, finding_fingerprint(ctx, f)));
        node_set(a, one, "severity", node_string(a, severities[f->level]));
        node_set(a, lines, "begin", node_number(a, f->pos.line ? f->pos.line : 1));
        node_set(a, place, "path", node_string(a, f->pos.file));
        node_set(a, place, "lines", lines);
        node_set(a, one, "location", place);
        node_append(a, all, one);
    }
    node_json(out, all, true);
    str_addc(out, '\n');
}

/* ---- JUnit ------------------------------------------------------------------------------------------------------ */

/* Notes are skipped cases. A report without findings has a case that passed. */
static void print_junit(struct ctx *ctx, const struct findings *list, struct str *out)
{
    struct junit_cases cases = {0};

    vec_each(i, list) {
        const struct finding *f = list->v[i];
        const bool is_note = f->level == LINT_NOTE;

        vec_add(ctx, &cases,
            ((struct junit_case){
                .group = f->code,
                .name = ctx_printf(ctx, "%s%s", pos_text(&ctx->arena, f->pos), f->text),
                .failure = is_note ? NULL : f->text,
                .type = lint_level_names[f->level],
                .detail = f->hint,
                .skipped = is_note ? f->text : NULL,
            }));
    }
    if (!cases.n)
        vec_add(ctx, &cases, ((struct junit_case){.group = "cmig", .name = "lint"}));
    junit_add(out, "cmig lint", &cases);
}

/* ---- together ---------------------------------------------------------------------------------------------------- */

static void (*const printers[])(struct ctx *ctx, const struct findings *list, struct str *out) = {
    [LINT_TEXT] = print_text,
    [LINT_GITHUB] = print_github,
    [LINT_GITLAB] = print_gitlab,
    [LINT_JUNIT] = print_junit,
    [LINT_SARIF] = print_sarif,
};

const char *lint_print(struct ctx *ctx, const struct findings *findings, enum lint_format format)
{
    struct str out = STR(ctx);

    printers[format](ctx, findings, &out);
    return str_get(&out);
}

struct node *lint_encode(struct arena *a, const struct findings *findings)
{
    struct node *list = node_sequence(a);

    vec_each(i, findings) {
        const struct finding *f = findings->v[i];
        struct node *one = node_mapping(a);

        node_set(a, one, "rule", node_string(a, f->code));
        node_set(a, one, "level", node_string(a, lint_level_names[f->level]));
        node_set(a, one, "text", node_string(a, f->text));
        node_set(a, one, "hint", node_string(a, f->hint));
        node_set(a, one, "revision", node_string(a, f->revision));
        node_set(a, one, "file", node_string(a, f->pos.file));
        node_set(a, one, "line", node_number(a, f->pos.line));
        node_set(a, one, "column", node_number(a, f->pos.column));
        node_append(a, list, one);
    }
    return list;
}
