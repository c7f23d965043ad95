/* The kinds of objects, and the keys of each in models. */
#include "cmig/object.h"

#define SETTING(key_, at, doc_) \
    { \
        .key = (key_), .doc = (doc_), .kind = FIELD_STRING, .offset = offsetof(struct object, settings[at]) \
    }
#define NAME_SCHEMA "{\"type\": [\"string\", \"null\"]}"

/* `extensions: [citext]`, and `citext:` without a value. */
static bool name_short(struct decoder *d, const struct node *n, void *object)
{
    struct object *o = object;
    if (n->kind != NODE_SCALAR || (o->name.name && !node_is_null(n)))
        return decode_fail(d, n, "expected a name, or a mapping");
    return node_is_null(n) || decode_string(d, n, &o->name.name);
}

/* ---- extensions ---- */

static const struct field extension_fields[] = {
    {.key = "name",
        .doc = "The name.",
        .kind = FIELD_STRING,
        .flags = FIELD_IDENTITY,
        .offset = offsetof(struct object, name.name)},
    SETTING("schema", 0, "Where its objects are. By default in the default schema."),
    SETTING("version", 1, "The version. By default any will do."),
    {0},
};
const struct record extension_record = {
    .name = "extension",
    .size = sizeof(struct object),
    .fields = extension_fields,
    .pos_offset = offsetof(struct object, pos),
    .given_offset = -1,
    .decode_short = name_short,
    .short_schema = NAME_SCHEMA,
};

/* ---- all of them ---- */

const struct object_row object_table[OBJECT_KINDS] = {
    [OBJECT_EXTENSION] = {"extension", "extensions", &extension_record,
        {{"schema", SETTING_SCHEMA}, {"version", SETTING_VERSION}}},
};
