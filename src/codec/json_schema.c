/*
 * Prints the JSON Schema (draft 2020-12) of a record's documents.
 *
 * Every record that occurs becomes a definition of its own, so that one that repeats or contains itself is
 * written once. A record under a key that is its name lacks the field of the name: that makes two definitions.
 */
#include "record.h"

struct definition {
    const struct record *record;
    bool keyed;
    const char *name;
};

struct schema_writer {
    struct arena *a;
    struct VEC_OF(struct definition) done;
    struct node *definitions;
};

static struct node *reference(struct schema_writer *w, const struct record *r, bool keyed);

/* A constant of ours, which is JSON and so YAML. */
static struct node *parse_constant(struct schema_writer *w, const char *json)
{
    struct ctx ctx = {0};
    struct node *n = NULL;
    bool ok = yaml_parse(&ctx, w->a, NULL, json, strlen(json), &n);

    ctx_finish(&ctx);
    assert(ok && n && "JSON Schemas in the tables of fields are well-formed");
    (void)ok;
    return n;
}

static struct node *type_of(struct schema_writer *w, const char *type)
{
    struct node *n = node_mapping(w->a);

    node_set(w->a, n, "type", node_string(w->a, type));
    return n;
}

/* `how`: "oneOf", or "anyOf" where a null may fit two of them. */
static struct node *choice(struct schema_writer *w, const char *how, struct node **choices, size_t n)
{
    struct node *list = node_sequence(w->a), *schema = node_mapping(w->a);

    for (size_t i = 0; i < n; i++)
        node_append(w->a, list, choices[i]);
    node_set(w->a, schema, how, list);
    return schema;
}

/* ---- the kinds of field ---- */

#define TEXT_TYPE "{\"type\": [\"string\", \"number\", \"boolean\"]}"
#define TEXT_OR_NULL "{\"type\": [\"string\", \"number\", \"boolean\", \"null\"]}"

static struct node *schema_of_choice(struct schema_writer *w, const struct field *f)
{
    struct node *n = node_mapping(w->a), *list = node_sequence(w->a);

    for (size_t i = 0; f->names[i]; i++)
        if (*f->names[i])
            node_append(w->a, list, node_string(w->a, f->names[i]));
    node_set(w->a, n, "enum", list);
    return n;
}

const char json_schema_dtext[] = "";

static struct node *schema_of_dtext(struct schema_writer *w)
{
    struct node *by = type_of(w, "object"), *properties = node_mapping(w->a);

    node_set(w->a, properties, "default", parse_constant(w, TEXT_OR_NULL));
    for (size_t i = 0; dialect_names[i]; i++)
        node_set(w->a, properties, dialect_names[i], parse_constant(w, TEXT_OR_NULL));
    node_set(w->a, by, "properties", properties);
    node_set(w->a, by, "additionalProperties", node_boolean(w->a, false));
    return choice(w, "oneOf", (struct node *[]){parse_constant(w, TEXT_OR_NULL), by}, 2);
}

static struct node *schema_of_list(struct schema_writer *w, const struct field *f)
{
    struct node *n = type_of(w, "array");

    node_set(w->a, n, "items", reference(w, f->record, false));
    return n;
}

static struct node *schema_of_map(struct schema_writer *w, const struct field *f)
{
    struct node *n = type_of(w, "object");

    node_set(w->a, n, "additionalProperties", reference(w, f->record, true));
    return n;
}

static struct node *schema_of_field(struct schema_writer *w, const struct field *f)
{
    switch (f->kind) {
    case FIELD_BOOL:
        return type_of(w, "boolean");
    case FIELD_TRI:
        return parse_constant(w, "{\"type\": [\"boolean\", \"null\"]}");
    case FIELD_INT:
        return type_of(w, "integer");
    case FIELD_STRING:
    case FIELD_QNAME:
        return parse_constant(w, f->flags & FIELD_REQUIRED ? TEXT_TYPE : TEXT_OR_NULL);
    case FIELD_STRINGS:
        return parse_constant(
            w, "{\"oneOf\": [" TEXT_OR_NULL ", {\"type\": \"array\", \"items\": " TEXT_TYPE "}]}");
    case FIELD_CHOICE:
        return schema_of_choice(w, f);
    case FIELD_DTEXT:
        return schema_of_dtext(w);
    case FIELD_RECORD:
        return choice(w, "anyOf", (struct node *[]){reference(w, f->record, false), type_of(w, "null")}, 2);
    case FIELD_LIST:
        return choice(w, "anyOf", (struct node *[]){schema_of_list(w, f), type_of(w, "null")}, 2);
    case FIELD_MAP:
        return choice(w, "anyOf", (struct node *[]){schema_of_map(w, f), type_of(w, "null")}, 2);
    case FIELD_NAMED:
        return choice(
            w, "anyOf", (struct node *[]){schema_of_map(w, f), schema_of_list(w, f), type_of(w, "null")}, 3);
    case FIELD_CUSTOM:
        return f->custom->json_schema == json_schema_dtext
                   ? schema_of_dtext(w)
                   : parse_constant(w, f->custom->json_schema ? f->custom->json_schema : "{}");
    case FIELD_INLINE:
        break;
    }
    assert(false && "the fields of a record among ours are visited one by one");
    return NULL;
}

/* ---- records ---- */

static void add_fields(struct schema_writer *w, const struct record *r, bool keyed, struct node *properties,
    struct node *required)
{
    struct node *n;

    for (size_t i = 0; !field_end(&r->fields[i]); i++) {
        const struct field *f = &r->fields[i];

        if (f->kind == FIELD_INLINE) {
            add_fields(w, f->record, keyed && i == 0, properties, required);
            continue;
        }
        if (keyed && i == 0)
            continue;
        n = schema_of_field(w, f);
        if (f->doc)
            node_set(w->a, n, "description", node_string(w->a, f->doc));
        node_set(w->a, properties, f->key, n);
        if (f->flags & FIELD_REQUIRED)
            node_append(w->a, required, node_string(w->a, f->key));
    }
}

static struct node *schema_of_record(struct schema_writer *w, const struct record *r, bool keyed)
{
    struct node *n = node_mapping(w->a), *properties = node_mapping(w->a), *required = node_sequence(w->a);
    bool empty;

    add_fields(w, r, keyed, properties, required);
    empty = !required->n && !r->decode_short; /* nothing follows the key */
    node_set(
        w->a, n, "type", empty ? parse_constant(w, "[\"object\", \"null\"]") : node_string(w->a, "object"));
    node_set(w->a, n, "properties", properties);
    if (required->n)
        node_set(w->a, n, "required", required);
    node_set(w->a, n, "additionalProperties", node_boolean(w->a, false));
    if (r->decode_short && r->short_schema)
        n = choice(w, "oneOf", (struct node *[]){n, parse_constant(w, r->short_schema)}, 2);
    return n;
}

/* Its definition's name: unique, without blanks. */
static const char *definition_name(struct schema_writer *w, const struct record *r, bool keyed)
{
    char *base = arena_printf(w->a, "%s%s", r->name, keyed ? "_body" : ""), *name = base;

    for (char *p = base; *p; p++)
        if (*p == ' ')
            *p = '_';
    for (unsigned i = 2;; i++) {
        bool taken = false;

        vec_each(j, &w->done)
            taken |= str_eq(w->done.v[j].name, name);
        if (!taken)
            return name;
        name = arena_printf(w->a, "%s_%u", base, i);
    }
}

static const char *define(struct schema_writer *w, const struct record *r, bool keyed)
{
    struct definition d = {.record = r, .keyed = keyed};

    vec_each(i, &w->done)
        if (w->done.v[i].record == r && w->done.v[i].keyed == keyed)
            return w->done.v[i].name;
    d.name = definition_name(w, r, keyed);
    vec_push(w->a, &w->done, d); /* before its fields, which may refer to it */
    node_set(w->a, w->definitions, d.name, schema_of_record(w, r, keyed));
    return d.name;
}

static struct node *reference(struct schema_writer *w, const struct record *r, bool keyed)
{
    struct node *n = node_mapping(w->a);

    node_set(w->a, n, "$ref", node_string(w->a, arena_printf(w->a, "#/$defs/%s", define(w, r, keyed))));
    return n;
}

struct node *record_json_schema(struct arena *a, const struct record *r, const char *title)
{
    struct schema_writer w = {.a = a, .definitions = node_mapping(a)};
    struct node *n = node_mapping(a);
    const char *root = define(&w, r, false);

    node_set(a, n, "$schema", node_string(a, "https://json-schema.org/draft/2020-12/schema"));
    node_set(a, n, "title", node_string(a, title));
    node_set(a, n, "$ref", node_string(a, arena_printf(a, "#/$defs/%s", root)));
    node_set(a, n, "$defs", w.definitions);
    return n;
}
