/*
 * The key `models` of cmig.yaml: files, databases, and programs that print models.
 */
#include "config.h"

static const char *const model_format_names[] = {"sql", "yaml", NULL};

static bool source_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct model_source *source = object;
    const struct node *format = node_get(n, "format");

    if ((source->url != NULL) + (source->program.n > 0) != 1)
        return decode_fail(d, n, "models that are not files must have either 'program' or 'url'");
    if (source->url && format)
        return decode_fail(d, format, "key 'format' needs 'program'");
    return source->url || *source->program.v[0] || decode_fail(d, n, "key 'program': the name is empty");
}

const struct record model_source_record = {
    .name = "model source",
    .size = sizeof(struct model_source),
    .fields =
        (const struct field[]){
            {.key = "program",
                .doc = "A program and its arguments, run without a shell, whose output is a model.",
                .kind = FIELD_STRINGS,
                .offset = offsetof(struct model_source, program)},
            {.key = "format",
                .doc = "What it prints: sql or yaml. Default: sql.",
                .kind = FIELD_CHOICE,
                .names = model_format_names,
                .offset = offsetof(struct model_source, format)},
            {.key = "url",
                .doc = "A database whose schema is the model; it is only read.",
                .kind = FIELD_STRING,
                .offset = offsetof(struct model_source, url)},
            {.key = NULL},
        },
    .pos_offset = offsetof(struct model_source, pos),
    .given_offset = -1,
    .finish = source_finish,
};

static bool add_source(struct decoder *d, const struct node *n, struct config *c)
{
    struct model_source *source = ctx_new(d->ctx, struct model_source);

    if (!record_decode(d, &model_source_record, n, source))
        return false;
    source->pos = node_pos(n);
    vec_add(d->ctx, &c->model_sources, source);
    return true;
}

static bool add_path_or_url(struct decoder *d, const struct node *n, struct config *c)
{
    struct model_source *source;
    const char *text;

    if (!decode_string(d, n, &text))
        return false;
    if (!strstr(text, "://")) {
        vec_add(d->ctx, &c->models, text);
        return true;
    }
    source = ctx_new(d->ctx, struct model_source);
    *source = (struct model_source){.pos = node_pos(n), .url = text};
    vec_add(d->ctx, &c->model_sources, source);
    return true;
}

static bool add_model(struct decoder *d, const struct node *n, struct config *c)
{
    return n->kind == NODE_MAPPING ? add_source(d, n, c) : add_path_or_url(d, n, c);
}

/* The value is the whole configuration. */
static bool models_decode(struct decoder *d, const struct node *n, void *value)
{
    if (node_is_null(n))
        return true;
    if (n->kind != NODE_SEQUENCE)
        return add_model(d, n, value);
    for (size_t i = 0; i < n->n; i++)
        if (!add_model(d, n->v[i], value))
            return false;
    return true;
}

static struct node *models_encode(struct arena *a, const void *value)
{
    const struct config *c = value;
    struct node *ret = encode_strings(a, &c->models);

    vec_each(i, &c->model_sources)
        node_append(a, ret, record_encode(a, &model_source_record, c->model_sources.v[i]));
    return ret->n ? ret : NULL;
}

static bool models_equal(const void *a, const void *b)
{
    return config_same_models(a, b);
}

bool config_same_models(const struct config *a, const struct config *b)
{
    if (!strings_eq(&a->models, &b->models) || a->model_sources.n != b->model_sources.n)
        return false;
    vec_each(i, &a->model_sources)
        if (!record_equal(&model_source_record, a->model_sources.v[i], b->model_sources.v[i]))
            return false;
    return true;
}

#define TEXT "{\"type\": \"string\"}"
#define WORDS "{\"oneOf\": [" TEXT ", {\"type\": \"array\", \"items\": " TEXT ", \"minItems\": 1}]}"
#define SOURCE \
    "{\"oneOf\": [" TEXT ", {\"type\": \"object\", \"properties\": {\"program\": " WORDS \
    ", \"format\": {\"enum\": [\"sql\", \"yaml\"]}}, \"required\": [\"program\"], " \
    "\"additionalProperties\": false}, {\"type\": \"object\", \"properties\": {\"url\": " TEXT \
    "}, \"required\": [\"url\"], \"additionalProperties\": false}]}"

const struct field_custom models_custom = {
    .decode = models_decode,
    .encode = models_encode,
    .equal = models_equal,
    .json_schema =
        "{\"anyOf\": [" SOURCE ", {\"type\": \"array\", \"items\": " SOURCE "}, {\"type\": \"null\"}]}",
};
