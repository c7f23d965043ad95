/*
 * Prints findings as SARIF 2.1.0, the format of results of static analysis that code hosts read.
 */
#include "build-config.h"

#include "print.h"

static struct node *message(struct arena *a, const char *text)
{
    struct node *n = node_mapping(a);

    node_set(a, n, "text", node_string(a, text));
    return n;
}

/* Only the rules that some finding breaks; *ret_index: by rule, their positions. */
static struct node *rules(struct arena *a, const struct findings *list, int64_t ret_index[RULES])
{
    static const char *const levels[] = {"none", "note", "warning", "error"};
    struct node *all = node_sequence(a);
    int64_t n = 0;

    for (size_t i = 0; i < RULES; i++) {
        const struct lint_rule *r = &lint_rules[i];
        struct node *one, *configuration;
        bool is_used = false;

        vec_each(k, list)
            is_used |= list->v[k]->rule == (enum rule)i;
        if (!is_used)
            continue;
        ret_index[i] = n++;
        one = node_mapping(a);
        configuration = node_mapping(a);
        node_set(a, configuration, "level", node_string(a, levels[r->level]));
        node_set(a, one, "id", node_string(a, r->name));
        node_set(a, one, "shortDescription", message(a, r->why));
        node_set(a, one, "help", message(a, r->safe));
        node_set(a, one, "defaultConfiguration", configuration);
        node_append(a, all, one);
    }
    return all;
}

/* A path as the reference part of a URI. */
static const char *uri_of(struct ctx *ctx, const char *path)
{
    struct str out = STR(ctx);

    str_add_percent(&out, path, "!$&'()*+,-./;=@_~");
    return str_get(&out);
}

static struct node *locations(struct ctx *ctx, struct pos pos)
{
    struct arena *a = &ctx->arena;
    struct node *list = node_sequence(a), *one = node_mapping(a), *physical = node_mapping(a);
    struct node *artifact = node_mapping(a), *region = node_mapping(a);

    node_set(a, artifact, "uri", node_string(a, uri_of(ctx, pos.file ? pos.file : "")));
    node_set(a, physical, "artifactLocation", artifact);
    if (pos.line) {
        node_set(a, region, "startLine", node_number(a, pos.line));
        node_set(a, region, "startColumn", node_number(a, pos.column ? pos.column : 1));
        node_set(a, physical, "region", region);
    }
    node_set(a, one, "physicalLocation", physical);
    node_append(a, list, one);
    return list;
}

static struct node *results(struct ctx *ctx, const struct findings *list, const int64_t index[RULES])
{
    struct arena *a = &ctx->arena;
    struct node *all = node_sequence(a);

    vec_each(i, list) {
        const struct finding *f = list->v[i];
        struct node *one = node_mapping(a), *prints = node_mapping(a);

        node_set(a, one, "ruleId", node_string(a, f->code));
        if (f->rule < RULES)
            node_set(a, one, "ruleIndex", node_number(a, index[f->rule]));
        node_set(a, one, "level", node_string(a, lint_level_names[f->level]));
        node_set(
            a, one, "message", message(a, f->hint ? ctx_printf(ctx, "%s. %s", f->text, f->hint) : f->text));
        node_set(a, one, "locations", locations(ctx, f->pos));
        node_set(a, prints, "cmig/v1", node_string(a, finding_fingerprint(ctx, f)));
        node_set(a, one, "partialFingerprints", prints);
        node_append(a, all, one);
    }
    return all;
}

void print_sarif(struct ctx *ctx, const struct findings *list, struct str *out)
{
    struct arena *a = &ctx->arena;
    struct node *document = node_mapping(a), *runs = node_sequence(a), *run = node_mapping(a);
    struct node *tool = node_mapping(a), *driver = node_mapping(a);
    int64_t index[RULES] = {0};

    node_set(a, driver, "name", node_string(a, "cmig"));
    node_set(a, driver, "version", node_string(a, CMIG_VERSION));
    node_set(a, driver, "rules", rules(a, list, index));
    node_set(a, tool, "driver", driver);
    node_set(a, run, "tool", tool);
    node_set(a, run, "columnKind", node_string(a, "utf16CodeUnits"));
    node_set(a, run, "results", results(ctx, list, index));
    node_append(a, runs, run);
    node_set(a, document, "$schema", node_string(a, "https://json.schemastore.org/sarif-2.1.0.json"));
    node_set(a, document, "version", node_string(a, "2.1.0"));
    node_set(a, document, "runs", runs);
    node_json(out, document, true);
    str_addc(out, '\n');
}
