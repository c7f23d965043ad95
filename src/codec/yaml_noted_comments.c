/*
 * Finds comments and empty lines between the values of a YAML text.
 */
#include "yaml_noted.h"

/* libyaml counts characters. */
void noted_count(struct builder *b)
{
    const char *text = b->r->text;
    size_t n = 0;

    b->offsets = arena_alloc(b->arena, (b->r->size + 2) * sizeof(*b->offsets));
    for (size_t i = 0; i < b->r->size; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            b->offsets[n++] = (uint32_t)i;
    b->offsets[n++] = (uint32_t)b->r->size;
    b->offsets[n] = (uint32_t)b->r->size;
}

size_t noted_begin(const struct builder *b, const yaml_event_t *e)
{
    return b->offsets[e->start_mark.index];
}

size_t noted_end(const struct builder *b, const yaml_event_t *e)
{
    return b->offsets[e->end_mark.index];
}

const char *noted_slice(struct builder *b, size_t from, size_t to)
{
    return arena_strndup(b->arena, b->r->text + from, to - from);
}

/* ---- comments ------------------------------------------------------------------------------------------ */

static void add_empty_line(struct builder *b)
{
    if (b->newlines > 1)
        vec_push(b->arena, &b->waiting, ((struct waiting){0}));
    b->newlines = 0;
}

size_t noted_comment(struct builder *b, size_t from)
{
    const char *text = b->r->text;
    size_t end = from, blanks = from;

    while (end < b->r->size && text[end] != '\n' && text[end] != '\r')
        end++;
    size_t last = end;
    while (is_blank(text[last - 1]))
        last--;
    vec_push(b->arena, &b->document->comments, noted_slice(b, from, last));
    while (blanks && is_blank(text[blanks - 1]))
        blanks--;
    if (b->same_line && b->slot && !b->slot->line_end) {
        const char *comment = noted_slice(b, blanks, last);

        b->slot->line_end = *comment == '#' ? arena_printf(b->arena, " %s", comment) : comment;
    } else {
        add_empty_line(b);
        vec_push(b->arena, &b->waiting, ((struct waiting){noted_slice(b, from, last), from - b->line_start}));
    }
    b->newlines = 0;
    return end;
}

void noted_read_until(struct builder *b, size_t to)
{
    for (; b->at < to; b->at++) {
        const char c = b->r->text[b->at];

        if (c == '\n') {
            b->newlines++;
            b->same_line = false;
            b->line_start = b->at + 1;
        } else if (c == '#') {
            b->at = noted_comment(b, b->at) - 1;
        } else if (!is_blank(c) && c != '\r') {
            add_empty_line(b);
        }
    }
    if (b->newlines > 1 && to < b->r->size) {
        add_empty_line(b);
        b->newlines = 1;
    }
}

void noted_skip(struct builder *b, size_t to)
{
    for (; b->at < to; b->at++)
        if (b->r->text[b->at] == '\n')
            b->line_start = b->at + 1;
    b->same_line = true;
    b->newlines = 0;
}

/* The first `n` that wait, without empty lines unless these are wanted. */
static void take(struct builder *b, size_t n, bool with_empty, struct notes *ret)
{
    for (size_t i = 0; i < n; i++) {
        const char *text = b->waiting.v[i].text;

        if (text || (with_empty && !(ret->n && !ret->v[ret->n - 1])))
            vec_push(b->arena, ret, text);
    }
    for (size_t i = n; i < b->waiting.n; i++)
        b->waiting.v[i - n] = b->waiting.v[i];
    b->waiting.n -= (uint32_t)n;
}

void noted_take_all(struct builder *b, bool with_empty, struct notes *ret)
{
    take(b, b->waiting.n, with_empty, ret);
}

void noted_take_indented(struct builder *b, size_t column, struct notes *ret)
{
    size_t n = 0;

    for (size_t i = 0; i < b->waiting.n; i++) {
        if (b->waiting.v[i].text && b->waiting.v[i].column < column)
            break;
        if (b->waiting.v[i].text)
            n = i + 1;
    }
    take(b, n, true, ret);
}
