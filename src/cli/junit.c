/* Writes reports in JUnit's XML format, which CI servers read. */
#include "cmig/cli.h"

/* XML 1.0 has no control characters but these two and the carriage return. */
static bool is_printable(char c)
{
    return (unsigned char)c >= ' ' || c == '\n' || c == '\t';
}

static void add_escaped(struct str *out, const char *text)
{
    static const struct {
        char c;
        const char *entity;
    } entities[] = {{'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}};

    for (; *text; text++) {
        const char *entity = NULL;

        for (size_t i = 0; i < COUNT_OF(entities); i++)
            if (entities[i].c == *text)
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
    add_escaped(out, value);
    str_addc(out, '"');
}

static void add_seconds(struct str *out, uint64_t microseconds)
{
    str_addf(out, " time=\"%llu.%06llu\"", (unsigned long long)(microseconds / 1000000),
        (unsigned long long)(microseconds % 1000000));
}

static void add_case(struct str *out, const struct junit_case *c)
{
    str_add(out, "    <testcase");
    add_attribute(out, "classname", c->group);
    add_attribute(out, "name", c->name);
    add_seconds(out, c->microseconds);
    if (!c->failure) {
        str_add(out, "/>\n");
        return;
    }
    str_add(out, ">\n      <failure");
    add_attribute(out, "message", c->failure);
    str_addc(out, '>');
    add_escaped(out, c->detail);
    str_add(out, "</failure>\n    </testcase>\n");
}

void junit_add(struct str *out, const char *suite, const struct junit_cases *cases)
{
    uint64_t microseconds = 0;
    size_t failures = 0;

    vec_each(i, cases) {
        microseconds += cases->v[i].microseconds;
        failures += cases->v[i].failure != NULL;
    }
    str_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite");
    add_attribute(out, "name", suite);
    str_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\"", (size_t)cases->n, failures);
    add_seconds(out, microseconds);
    str_add(out, ">\n");
    vec_each(i, cases)
        add_case(out, &cases->v[i]);
    str_add(out, "  </testsuite>\n</testsuites>\n");
}
