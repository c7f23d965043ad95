/*
 * schema: print the JSON Schema of a file format.
 */
#include "command.h"

static struct node *models_schema(struct arena *a)
{
    return record_json_schema(a, &schema_record, "cmig models");
}

static struct node *config_schema(struct arena *a)
{
    return record_json_schema(a, &config_record, "cmig configuration");
}

struct format {
    const char *name;
    struct node *(*schema)(struct arena *a);
};
static const struct format formats[] = {
    {"models", models_schema},
    {"revision", revision_json_schema},
    {"config", config_schema},
    {"test", cases_json_schema},
};
static const char *const format_names[] = {"models", "revision", "config", "test", NULL};

static bool run(struct call *c)
{
    struct str out = STR(c->ctx);

    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (!str_eq(formats[i].name, c->operands.v[0]))
            continue;
        node_json(&out, formats[i].schema(&c->ctx->arena), true);
        print_line(c, "%s", str_get(&out));
        return true;
    }
    return fail(c->ctx, STATUS_USAGE, "unknown file format '%s': expected models, revision, config or test",
        c->operands.v[0]);
}

static const struct operand_spec operand = {
    "FORMAT", "models, revision, config or test", 1, 1, NULL, format_names};

const struct command command_schema = {
    .spec = {.name = "schema",
        .group = "Other",
        .summary = "Print the JSON Schema of a file format",
        .help = "Editors that know JSON Schema complete and check the YAML files with it, for\n"
                "example by a first line in the file:\n"
                "  # yaml-language-server: $schema=models.schema.json\n",
        .examples = "  cmig schema models > models.schema.json\n",
        .operand = &operand},
    .run = run,
};
