/*
 * Prints a tree as JSON.
 *
 * Unquoted values that mean null, a boolean or a number are printed as such; all others are strings.
 */
#include "scalar.h"

static void add_newline(struct str *out, bool pretty, unsigned depth)
{
    if (!pretty)
        return;
    str_addc(out, '\n');
    for (unsigned i = 0; i < depth; i++)
        str_add(out, "  ");
}

static void add_control(struct str *out, unsigned char c)
{
    static const char names[] = "\bb\tt\nn\ff\rr";
    const char *name = c ? strchr(names, c) : NULL;

    if (name)
        str_addf(out, "\\%c", name[1]);
    else
        str_addf(out, "\\u%04x", c);
}

static void add_string(struct str *out, const char *s, size_t n)
{
    size_t start = 0, bad = n;

    str_addc(out, '"');
    if (str_utf8(s, n, &bad))
        bad = n;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        if (i < bad && c >= 0x20 && c != '"' && c != '\\')
            continue;
        str_addn(out, s + start, i - start);
        start = i + 1;
        if (i == bad) {
            str_add(out, "\xef\xbf\xbd");
            if (str_utf8(s + start, n - start, &bad))
                bad = n;
            else
                bad += start;
        } else if (c < 0x20) {
            add_control(out, c);
        } else {
            str_addc(out, '\\');
            str_addc(out, (char)c);
        }
    }
    str_addn(out, s + start, n - start);
    str_addc(out, '"');
}

/* JSON has no "+5", ".5" or "5.". */
static void add_number(struct str *out, const char *s)
{
    const char *dot;

    if (*s == '-')
        str_addc(out, '-');
    if (*s == '-' || *s == '+')
        s++;
    if (*s == '.')
        str_addc(out, '0');
    dot = strchr(s, '.');
    if (!dot || (dot[1] >= '0' && dot[1] <= '9')) {
        str_add(out, s);
        return;
    }
    str_addn(out, s, (size_t)(dot - s));
    str_add(out, dot + 1);
}

static void add_scalar(struct str *out, const struct node *n)
{
    bool value;

    if (node_is_null(n))
        str_add(out, "null");
    else if (node_bool(n, &value))
        str_add(out, value ? "true" : "false");
    else if (node_is_number(n))
        add_number(out, n->scalar);
    else
        add_string(out, n->scalar, n->n);
}

static void add_value(struct str *out, const struct node *n, bool pretty, unsigned depth)
{
    bool mapping;

    if (!n || n->kind == NODE_SCALAR) {
        if (n)
            add_scalar(out, n);
        else
            str_add(out, "null");
        return;
    }
    mapping = n->kind == NODE_MAPPING;
    str_addc(out, mapping ? '{' : '[');
    for (size_t i = 0; i < n->n; i++) {
        if (i)
            str_add(out, pretty ? "," : ", ");
        add_newline(out, pretty, depth + 1);
        if (mapping) {
            add_string(out, n->v[2 * i]->scalar, n->v[2 * i]->n);
            str_add(out, ": ");
        }
        add_value(out, n->v[mapping ? 2 * i + 1 : i], pretty, depth + 1);
    }
    if (n->n)
        add_newline(out, pretty, depth);
    str_addc(out, mapping ? '}' : ']');
}

void node_json(struct str *out, const struct node *n, bool pretty)
{
    add_value(out, n, pretty, 0);
}
