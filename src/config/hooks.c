/*
 * The key `hooks` of cmig.yaml: programs and SQL that run around the steps of a run.
 */
#include "config.h"

static bool hook_short(struct decoder *d, const struct node *n, void *object)
{
    struct hook *hook = object;

    return decode_strings(d, n, &hook->command);
}

static struct node *hook_encode_short(struct arena *a, const void *object)
{
    const struct hook *hook = object;

    return hook->command.n ? encode_strings(a, &hook->command) : NULL;
}

static bool hook_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct hook *hook = object;
    int kinds = (hook->command.n > 0) + dtext_is_set(&hook->sql) + dtext_is_set(&hook->file);

    if (kinds != 1)
        return decode_fail(d, n, "a hook must be a program, or have 'sql' or 'file'");
    return !hook->command.n || *hook->command.v[0] || decode_fail(d, n, "a hook needs a program");
}

static const struct record hook_record = {
    .name = "hook",
    .size = sizeof(struct hook),
    .fields =
        (const struct field[]){
            {.key = "command",
                .doc = "A program and its arguments, run without a shell.",
                .kind = FIELD_STRINGS,
                .offset = offsetof(struct hook, command)},
            {.key = "sql",
                .doc = "One or several statements; may be a mapping by dialect.",
                .kind = FIELD_DTEXT,
                .offset = offsetof(struct hook, sql)},
            {.key = "file",
                .doc = "A file with statements, relative to the directory of the configuration.",
                .kind = FIELD_DTEXT,
                .offset = offsetof(struct hook, file)},
            {.key = NULL},
        },
    .pos_offset = offsetof(struct hook, pos),
    .given_offset = -1,
    .decode_short = hook_short,
    .encode_short = hook_encode_short,
    .finish = hook_finish,
};

/* ---- one, or a list of them ---- */

static bool add_hook(struct decoder *d, const struct node *n, struct hook_list *ret)
{
    struct hook *hook = ctx_new(d->ctx, struct hook);

    if (!record_decode(d, &hook_record, n, hook))
        return false;
    hook->pos = node_pos(n);
    vec_add(d->ctx, ret, hook);
    return true;
}

/* A list of words is one program. */
static bool list_decode(struct decoder *d, const struct node *n, void *value)
{
    struct hook_list *list = value;
    bool is_list = n->kind == NODE_SEQUENCE && n->n && n->v[0]->kind != NODE_SCALAR;

    if (node_is_null(n) || (n->kind == NODE_SEQUENCE && !n->n))
        return true;
    if (!is_list)
        return add_hook(d, n, list);
    for (size_t i = 0; i < n->n; i++)
        if (!add_hook(d, n->v[i], list))
            return false;
    return true;
}

static struct node *list_encode(struct arena *a, const void *value)
{
    const struct hook_list *list = value;
    struct node *ret = node_sequence(a);

    vec_each(i, list)
        node_append(a, ret, record_encode(a, &hook_record, list->v[i]));
    return list->n ? ret : NULL;
}

static bool list_equal(const void *a, const void *b)
{
    const struct hook_list *one = a, *other = b;

    if (one->n != other->n)
        return false;
    vec_each(i, one)
        if (!record_equal(&hook_record, one->v[i], other->v[i]))
            return false;
    return true;
}

#define TEXT "{\"type\": \"string\"}"
#define WORDS "{\"type\": \"array\", \"items\": " TEXT "}"
#define BY_DIALECT "{\"oneOf\": [" TEXT ", {\"type\": \"object\", \"additionalProperties\": " TEXT "}]}"
#define HOOK \
    "{\"type\": \"object\", \"properties\": {\"command\": {\"oneOf\": [" TEXT ", " WORDS \
    "]}, \"sql\": " BY_DIALECT ", \"file\": " BY_DIALECT \
    "}, \"minProperties\": 1, \"maxProperties\": 1, \"additionalProperties\": false}"

static const struct field_custom list_custom = {
    .decode = list_decode,
    .encode = list_encode,
    .equal = list_equal,
    .json_schema =
        "{\"anyOf\": [" TEXT ", " WORDS ", " HOOK ", {\"type\": \"array\", \"items\": {\"anyOf\": [" WORDS
        ", " HOOK "]}}, {\"type\": \"null\"}]}",
};

#define HOOKS(key_, kind_, doc_) \
    { \
        .key = (key_), .doc = (doc_), .kind = FIELD_CUSTOM, .custom = &list_custom, \
        .offset = offsetof(struct hooks_config, lists) + (kind_) * sizeof(struct hook_list) \
    }

const char *const hook_names[] = {
    [HOOK_BEFORE_RUN] = "before_run",
    [HOOK_BEFORE_STEP] = "before_step",
    [HOOK_AFTER_STEP] = "after_step",
    [HOOK_AFTER_RUN] = "after_run",
    [HOOK_ON_FAILURE] = "on_failure",
};

const struct record hooks_record = {
    .name = "hooks",
    .size = sizeof(struct hooks_config),
    .fields =
        (const struct field[]){
            HOOKS("before_run", HOOK_BEFORE_RUN,
                "Before the first revision of a run is applied or reverted; a failure ends the run."),
            HOOKS("before_step", HOOK_BEFORE_STEP,
                "Before each revision; SQL runs in its transaction. A failure ends the run."),
            HOOKS("after_step", HOOK_AFTER_STEP,
                "After each revision; SQL runs in its transaction, programs after it. A failure ends the "
                "run."),
            HOOKS("after_run", HOOK_AFTER_RUN, "After the last revision of a run that succeeded."),
            HOOKS("on_failure", HOOK_ON_FAILURE, "After a run that failed."),
            {.key = NULL},
        },
    .pos_offset = -1,
    .given_offset = -1,
};
