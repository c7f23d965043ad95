/* Writes reports in JUnit's XML format, which CI servers read. */
#include "cmig/codec.h"

/* XML 1.0 has no control characters but these two and the carriage return. */
static bool is_printable(char c)
{
    return (unsigned char)c >= ' ' || c == '\n' || c == '\t';
}

/* A line break in an attribute would become a blank. */
static void add_escaped(struct str *out, const char *text, bool is_attribute)
{
    static const struct {
        char c;
        const char *entity;
    } entities[] = {{'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}, {'\n', "&#10;"}};

    for (; *text; text++) {
        const char *entity = NULL;

        for (size_t i = 0; i < COUNT_OF(entities); i++)
            if (entities[i].c == *text && (is_attribute || *text != '\n'))
                entity = entities[i].entity;
        if (entity)
            str_add(out, entity);
        else
            str_addc(out, is_printable(*text) ? *text : '?');
    }
}

static void add_attribute(struct str *out, const char *name, const char *value)
{
    str_addf(out, " %s=\"", name);
    add_escaped(out, value, true);
    str_addc(out, '"');
}

static void add_seconds(struct str *out, uint64_t microseconds)
{
    str_addf(out, " time=\"%llu.%06llu\"", (unsigned long long)(microseconds / 1000000),
        (unsigned long long)(microseconds % 1000000));
}

static void add_failure(struct str *out, const struct junit_case *c)
{
    str_add(out, "      <failure");
    add_attribute(out, "message", c->failure);
    if (c->type)
        add_attribute(out, "type", c->type);
    str_addc(out, '>');
    add_escaped(out, c->detail ? c->detail : "", false);
    str_add(out, "</failure>\n");
}

static void add_skipped(struct str *out, const struct junit_case *c)
{
    str_add(out, "      <skipped");
    add_attribute(out, "message", c->skipped);
    str_add(out, "/>\n");
}

static void add_case(struct str *out, const struct junit_case *c)
{
    str_add(out, "    <testcase");
    add_attribute(out, "classname", c->group);
    add_attribute(out, "name", c->name);
    add_seconds(out, c->microseconds);
    if (!c->failure && !c->skipped) {
        str_add(out, "/>\n");
        return;
    }
    str_add(out, ">\n");
    (c->failure ? add_failure : add_skipped)(out, c);
    str_add(out, "    </testcase>\n");
}

void junit_add(struct str *out, const char *suite, const struct junit_cases *cases)
{
    uint64_t microseconds = 0;
    size_t failures = 0, skipped = 0;

    vec_each(i, cases) {
        microseconds += cases->v[i].microseconds;
        failures += cases->v[i].failure != NULL;
        skipped += cases->v[i].skipped != NULL;
    }
    str_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite");
    add_attribute(out, "name", suite);
    str_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"", (size_t)cases->n, failures,
        skipped);
    add_seconds(out, microseconds);
    str_add(out, ">\n");
    vec_each(i, cases)
        add_case(out, &cases->v[i]);
    str_add(out, "  </testsuite>\n</testsuites>\n");
}
