/*
 * Messages and progress on standard error.
 *
 * Messages are whole lines. On a terminal there is one live line below them, which is removed before the next
 * message and when its work is done. Elsewhere long work gets a line from time to time.
 */
#include "cmig/cli.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    REDRAW_US = 50000, /* a live line changes at most twenty times a second */
    BAR_WIDTH = 24,    /* at most; on a narrow terminal the label needs the room */
    BAR_LEAST = 8,
    BAR_PART = 6,
    SECOND_US = 1000000,
    FIRST_LINE_S = 20, /* until the first line where there is no live one; the next ones take twice as long */
    LONGEST_S = 300,
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

/* ---- progress ------------------------------------------------------------------------------------------ */

static void pace_begin(struct pace *p, const char *label, uint64_t done, uint64_t now)
{
    *p = (struct pace){.began_us = now, .done_before = done, .pause_us = (uint64_t)FIRST_LINE_S * SECOND_US};
    snprintf(p->label, sizeof(p->label), "%s", label);
    p->next_line_us = now + p->pause_us;
}

static bool pace_is_of(const struct pace *p, const char *label)
{
    return p->began_us && strncmp(p->label, label, sizeof(p->label) - 1) == 0;
}

const char *pace_text(
    const struct pace *p, uint64_t now_us, uint64_t done, uint64_t total, char *buffer, size_t size)
{
    const uint64_t us = now_us - p->began_us, more = done > p->done_before ? done - p->done_before : 0;
    const double per_second = us ? (double)more * SECOND_US / (double)us : 0;
    int n;

    *buffer = '\0';
    if (us < SECOND_US || per_second <= 0)
        return buffer;
    n = snprintf(buffer, size, per_second < 10 ? ", %.1f/s" : ", %.0f/s", per_second);
    if (total > done && n > 0 && (size_t)n < size) {
        const uint64_t left = (uint64_t)((double)(total - done) / per_second) + 1;

        if (left < 3600)
            snprintf(
                buffer + n, size - (size_t)n, ", %u:%02u left", (unsigned)(left / 60), (unsigned)(left % 60));
        else
            snprintf(buffer + n, size - (size_t)n, ", %llu:%02u:%02u left", (unsigned long long)left / 3600,
                (unsigned)(left / 60 % 60), (unsigned)(left % 60));
    }
    return buffer;
}

/* "[########        ] 3/10, 2.0/s, 0:04 left, label", or without a bar where the end is unknown. Cut to the width of the
 * terminal. */
static void line_write(struct talk *t, const char *label, uint64_t done, uint64_t total, uint64_t now)
{
    static const char full[] = "########################";
    const int columns = term_columns(STDERR_FILENO), part = columns / BAR_PART;
    const int width = part < BAR_LEAST ? BAR_LEAST : part < BAR_WIDTH ? part : BAR_WIDTH;
    const int filled = total ? (int)((done < total ? done : total) * (unsigned)width / total) : 0;
    char pace[64];
    int n;

    pace_text(&t->pace, now, done, total, pace, sizeof(pace));
    if (total)
        n = snprintf(t->line, sizeof(t->line), "[%.*s%*s] %llu/%llu%s%s %s", filled, full, width - filled, "",
            (unsigned long long)done, (unsigned long long)total, pace, *pace ? "," : "", label);
    else
        n = snprintf(
            t->line, sizeof(t->line), "%llu%s%s %s", (unsigned long long)done, pace, *pace ? "," : "", label);
    if (n < 0)
        t->line[0] = '\0';
    /* Not in the middle of a character. */
    for (size_t bad; !str_utf8(t->line, strlen(t->line), &bad);)
        t->line[bad] = '\0';
    t->line[str_fit(t->line, (size_t)columns - 1)] = '\0';
}

/* Where nothing can be drawn, long work has a line at growing intervals. */
static void line_at_times(struct talk *t, const char *label, uint64_t done, uint64_t total, uint64_t now)
{
    struct pace *p = &t->pace;
    char pace[64];

    if (now < p->next_line_us)
        return;
    pace_text(p, now, done, total, pace, sizeof(pace));
    if (total)
        fprintf(
            stderr, "%s: %llu of %llu%s\n", label, (unsigned long long)done, (unsigned long long)total, pace);
    else
        fprintf(stderr, "%s: %llu%s\n", label, (unsigned long long)done, pace);
    p->pause_us =
        p->pause_us * 2 < (uint64_t)LONGEST_S * SECOND_US ? p->pause_us * 2 : (uint64_t)LONGEST_S * SECOND_US;
    p->next_line_us = now + p->pause_us;
}

void talk_progress(void *talk, const char *label, uint64_t done, uint64_t total)
{
    struct talk *t = talk;
    uint64_t now;

    if (!label) {
        t->pace = (struct pace){0};
        line_clear(t);
        fflush(stderr);
        return;
    }
    now = time_monotonic_us();
    if (!pace_is_of(&t->pace, label))
        pace_begin(&t->pace, label, done, now);
    if (!t->live) {
        line_at_times(t, label, done, total, now);
        return;
    }
    if (t->drawn && now - t->drawn_at < REDRAW_US && done != total)
        return;
    line_write(t, label, done, total, now);
    line_draw(t);
    t->drawn_at = now;
}

void talk_error(struct talk *t, struct ctx *ctx, const char *program)
{
    line_clear(t);
    fprintf(stderr, "%s%s:%s %s\n", t->color ? RED : "", program, t->color ? PLAIN : "", err_text(ctx));
}
