/*
 * The keys `targets` and `rollout` of cmig.yaml: many databases, or schemas, that have the same revisions.
 */
#include "config.h"

/* ---- targets ---- */

static bool target_short(struct decoder *d, const struct node *n, void *object)
{
    struct target_source *t = object;

    return decode_string(d, n, &t->url);
}

static bool target_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct target_source *t = object;
    const int lists = (t->files != NULL) + (t->query != NULL) + (t->file != NULL) + (t->program.n > 0);

    if (lists > 1)
        return decode_fail(d, n, "a target may have only one of 'files', 'query', 'file' and 'program'");
    if (t->files && (t->url || t->schema))
        return decode_fail(d, n, "'files' are SQLite databases, which have neither 'url' nor 'schema'");
    if (!lists && !t->url && !t->schema)
        return decode_fail(d, n, "a target needs 'url' or 'schema', or a list of them");
    if (t->search_path.n && !t->schema)
        return decode_fail(d, node_get(n, "search_path"), "key 'search_path' needs 'schema'");
    return !t->program.n || *t->program.v[0] || decode_fail(d, n, "key 'program': the name is empty");
}

static const struct record target_record = {
    .name = "target",
    .size = sizeof(struct target_source),
    .fields =
        (const struct field[]){
            {.key = "url",
                .doc = "The database. With a list, {1} stands for the first column of each row, {2} for the "
                       "second. Default: 'url' of the environment.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct target_source, url)},
            {.key = "schema",
                .doc = "The schema of a tenant. It comes first in search_path, and has version and history "
                       "tables of its own. On MariaDB it is a database.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct target_source, schema)},
            {.key = "search_path",
                .doc = "Schemas to search after the tenant's, such as a schema of extensions.",
                .kind = FIELD_STRINGS,
                .offset = offsetof(struct target_source, search_path)},
            {.key = "name",
                .doc = "Its name in messages. Default: the schema, or the end of the URL.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct target_source, name)},
            {.key = "group",
                .doc = "The group of 'rollout' in which the target runs.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct target_source, group)},
            {.key = "files",
                .doc = "A pattern of SQLite files, such as devices/*.db.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct target_source, files)},
            {.key = "query",
                .doc = "A query. Each row is a target.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct target_source, query)},
            {.key = "file",
                .doc = "A file. Each line is a target: a URL, or the columns for 'url' and 'schema'. Blanks "
                       "separate columns, and # starts a comment.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct target_source, file)},
            {.key = "program",
                .doc = "A program and its arguments, run without a shell, that prints such lines.",
                .kind = FIELD_STRINGS,
                .offset = offsetof(struct target_source, program)},
            {.key = NULL},
        },
    .pos_offset = offsetof(struct target_source, pos),
    .given_offset = -1,
    .decode_short = target_short,
    .finish = target_finish,
};

static bool add_target(struct decoder *d, const struct node *n, struct target_sources *ret)
{
    struct target_source *t = ctx_new(d->ctx, struct target_source);

    if (!record_decode(d, &target_record, n, t))
        return false;
    t->pos = node_pos(n);
    vec_add(d->ctx, ret, t);
    return true;
}

/* One, or a list of them. */
static bool targets_decode(struct decoder *d, const struct node *n, void *value)
{
    if (node_is_null(n))
        return true;
    if (n->kind != NODE_SEQUENCE)
        return add_target(d, n, value);
    for (size_t i = 0; i < n->n; i++)
        if (!add_target(d, n->v[i], value))
            return false;
    return true;
}

static struct node *targets_encode(struct arena *a, const void *value)
{
    const struct target_sources *list = value;
    struct node *ret = node_sequence(a);

    vec_each(i, list)
        node_append(a, ret, record_encode(a, &target_record, list->v[i]));
    return list->n ? ret : NULL;
}

static bool targets_equal(const void *a, const void *b)
{
    const struct target_sources *one = a, *other = b;

    if (one->n != other->n)
        return false;
    vec_each(i, one)
        if (!record_equal(&target_record, one->v[i], other->v[i]))
            return false;
    return true;
}

#define TEXT "{\"type\": \"string\"}"
#define WORDS "{\"oneOf\": [" TEXT ", {\"type\": \"array\", \"items\": " TEXT ", \"minItems\": 1}]}"
#define TARGET \
    "{\"oneOf\": [" TEXT ", {\"type\": \"object\", \"properties\": {\"url\": " TEXT ", \"schema\": " TEXT \
    ", \"search_path\": " WORDS ", \"name\": " TEXT ", \"group\": " TEXT ", \"files\": " TEXT \
    ", \"query\": " TEXT ", \"file\": " TEXT ", \"program\": " WORDS "}, \"minProperties\": 1, " \
    "\"additionalProperties\": false}]}"

const struct field_custom targets_custom = {
    .decode = targets_decode,
    .encode = targets_encode,
    .equal = targets_equal,
    .json_schema =
        "{\"anyOf\": [" TARGET ", {\"type\": \"array\", \"items\": " TARGET "}, {\"type\": \"null\"}]}",
};

/* ---- rollout ---- */

static bool group_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct rollout_group *group = object;
    uint64_t ms;

    if (!group->pause || time_parse_duration(group->pause, &ms))
        return true;
    decode_fail(d, node_get(n, "pause"), "invalid duration '%s'", group->pause);
    return fail_hint(d->ctx, "Write a whole number followed by ms, s, m or h, such as 60s.");
}

static bool group_short(struct decoder *d, const struct node *n, void *object)
{
    struct rollout_group *group = object;

    return decode_string(d, n, &group->name);
}

static const struct record group_record = {
    .name = "group",
    .size = sizeof(struct rollout_group),
    .fields =
        (const struct field[]){
            {.key = "name",
                .doc = "The name that targets give as 'group'.",
                .kind = FIELD_STRING,
                .flags = FIELD_REQUIRED,
                .offset = offsetof(struct rollout_group, name)},
            {.key = "pause",
                .doc = "How long to wait before the next group starts: 30s, 10m.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct rollout_group, pause)},
            {.key = "after",
                .doc = "A program and its arguments that run after the group. If it fails, no other group "
                       "starts.",
                .kind = FIELD_STRINGS,
                .offset = offsetof(struct rollout_group, after)},
            {.key = NULL},
        },
    .pos_offset = offsetof(struct rollout_group, pos),
    .given_offset = -1,
    .decode_short = group_short,
    .short_schema = TEXT,
    .finish = group_finish,
};

static bool check_number(
    struct decoder *d, const struct node *n, const char *key, int64_t number, int64_t least, int64_t most)
{
    const struct node *value = node_get(n, key);

    return !value || node_is_null(value) || (number >= least && number <= most) ||
           decode_fail(d, value, "key '%s': expected a number from %lld to %lld", key, (long long)least,
               (long long)most);
}

static bool rollout_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct rollout_config *r = object;

    return check_number(d, n, "jobs", r->jobs, 1, JOBS_MAX) &&
           check_number(d, n, "per_server", r->per_server, 1, JOBS_MAX) &&
           check_number(d, n, "canary", r->canary, 0, INT32_MAX) &&
           check_number(d, n, "max_failures", r->max_failures, 1, INT32_MAX);
}

const struct record rollout_record = {
    .name = "rollout",
    .size = sizeof(struct rollout_config),
    .fields =
        (const struct field[]){
            {.key = "groups",
                .doc = "The groups of targets, in their order; targets without a group come last.",
                .kind = FIELD_LIST,
                .record = &group_record,
                .offset = offsetof(struct rollout_config, groups)},
            {.key = "jobs",
                .doc = "How many targets run at the same time, as with --jobs. Default: 8.",
                .kind = FIELD_INT,
                .offset = offsetof(struct rollout_config, jobs)},
            {.key = "per_server",
                .doc = "How many targets run on one server at the same time. Default: no limit.",
                .kind = FIELD_INT,
                .offset = offsetof(struct rollout_config, per_server)},
            {.key = "canary",
                .doc = "How many targets run before all others; if one of them fails, no other starts. "
                       "Default: 0.",
                .kind = FIELD_INT,
                .offset = offsetof(struct rollout_config, canary)},
            {.key = "max_failures",
                .doc = "The number of failures after which no other target starts. Default: no limit.",
                .kind = FIELD_INT,
                .offset = offsetof(struct rollout_config, max_failures)},
            {.key = NULL},
        },
    .pos_offset = -1,
    .given_offset = -1,
    .finish = rollout_finish,
};
