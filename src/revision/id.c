/*
 * Checks ids and labels, and shows ids in messages.
 *
 * The characters of relative symbols, ranges and branches cannot be part of an id or a branch label, nor those
 * with a meaning in paths. Ids are at most 255 bytes long.
 */
#include "walk.h"

enum { ID_LIMIT = 255, CANDIDATES_SHOWN = 10 };

static const char *const reserved_names[] = {"head", "heads", "base", "current"};

const char *id_problem(const char *id)
{
    if (!*id)
        return "it is empty";
    if (strlen(id) > ID_LIMIT)
        return "it is longer than 255 bytes";
    if (*id == '.')
        return "it begins with a dot";
    for (size_t i = 0; i < COUNT_OF(reserved_names); i++)
        if (str_eq(id, reserved_names[i]))
            return "the word is reserved";
    for (const char *p = id; *p; p++) {
        if ((unsigned char)*p <= ' ' || *p == 0x7f)
            return "it contains a blank or a control character";
        if (strchr("@-+:/\\", *p))
            return "it contains one of @ - + : / \\";
    }
    return NULL;
}

char *revision_label(struct arena *a, const struct revision *r)
{
    size_t n = r->message ? strcspn(r->message, "\r\n") : 0;

    if (!n)
        return arena_printf(a, "'%s'", r->id);
    return arena_printf(a, "'%s' (%.*s)", r->id, (int)n, r->message);
}

char *revision_title(struct arena *a, const struct revision *r)
{
    size_t n = r->message ? strcspn(r->message, "\r\n") : 0;

    return n ? arena_printf(a, "%s '%.*s'", r->id, (int)n, r->message) : arena_strdup(a, r->id);
}

void fail_candidates(struct ctx *ctx, const struct revisions *candidates)
{
    const struct revision *r;

    vec_each(i, candidates) {
        if (i == CANDIDATES_SHOWN) {
            fail_detail(ctx, "and %zu more", candidates->n - i);
            break;
        }
        r = candidates->v[i];
        fail_detail(
            ctx, "%s%s%s", revision_label(&ctx->arena, r), r->path ? ", " : "", r->path ? r->path : "");
    }
}
