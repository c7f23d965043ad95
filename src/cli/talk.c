/*
 * Messages and progress on standard error.
 *
 * Messages are whole lines. On a terminal there is one live line below them, which is removed before the next
 * message and when its work is done.
 */
#include "cmig/cli.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    REDRAW_US = 50000, /* a live line changes at most twenty times a second */
    BAR_WIDTH = 24,
};

#define RED "\033[1;31m"
#define YELLOW "\033[33m"
#define DIM "\033[2m"
#define PLAIN "\033[0m"

struct style {
    const char *color, *label;
};
static const struct style styles[] = {
    [LOG_ERROR] = {RED, "cmig: "},
    [LOG_WARN] = {YELLOW, "cmig: warning: "},
    [LOG_INFO] = {"", ""},
    [LOG_DEBUG] = {DIM, "debug: "},
};

void talk_init(struct talk *t, enum color_mode color, bool quiet)
{
    const char *term = getenv("TERM");

    *t = (struct talk){.color = color_wanted(color, STDERR_FILENO)};
    t->live = !quiet && term && !str_eq(term, "dumb") && term_is_tty(STDERR_FILENO);
}

static void line_clear(struct talk *t)
{
    if (t->drawn)
        fputs("\r\033[K", stderr);
    t->drawn = false;
}

static void line_draw(struct talk *t)
{
    fprintf(stderr, "\r\033[K%s", t->line);
    fflush(stderr);
    t->drawn = true;
}

void talk_message(void *talk, enum log_level level, const char *text)
{
    struct talk *t = talk;
    const struct style *style = &styles[level];
    bool redraw = t->drawn;

    line_clear(t);
    if (t->color && *style->color)
        fprintf(stderr, "%s%s%s%s\n", style->color, style->label, PLAIN, text);
    else
        fprintf(stderr, "%s%s\n", style->label, text);
    if (redraw)
        line_draw(t);
}

/* "label [########        ] 3/10", or without a bar where the end is unknown. Cut to the terminal's width. */
static void line_write(struct talk *t, const char *label, uint64_t done, uint64_t total)
{
    static const char full[] = "########################";
    int filled = total ? (int)((done < total ? done : total) * BAR_WIDTH / total) : 0;
    size_t columns = (size_t)term_columns(STDERR_FILENO);
    int n;

    if (total)
        n = snprintf(t->line, sizeof(t->line), "[%.*s%*s] %llu/%llu %s", filled, full, BAR_WIDTH - filled, "",
            (unsigned long long)done, (unsigned long long)total, label);
    else
        n = snprintf(t->line, sizeof(t->line), "%llu %s", (unsigned long long)done, label);
    if (n < 0)
        t->line[0] = '\0';
    if (columns < sizeof(t->line))
        t->line[columns - 1] = '\0';
    /* Not in the middle of a character. */
    for (size_t bad; !str_utf8(t->line, strlen(t->line), &bad);)
        t->line[bad] = '\0';
}

void talk_progress(void *talk, const char *label, uint64_t done, uint64_t total)
{
    struct talk *t = talk;
    uint64_t now;

    if (!t->live)
        return;
    if (!label) {
        line_clear(t);
        fflush(stderr);
        return;
    }
    now = time_monotonic_us();
    if (t->drawn && now - t->drawn_at < REDRAW_US && done != total)
        return;
    line_write(t, label, done, total);
    line_draw(t);
    t->drawn_at = now;
}

void talk_error(struct talk *t, struct ctx *ctx, const char *program)
{
    line_clear(t);
    fprintf(stderr, "%s%s:%s %s\n", t->color ? RED : "", program, t->color ? PLAIN : "", err_text(ctx));
}
