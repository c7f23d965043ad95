/*
 * The time of day, and durations such as "60s".
 */
#include "cmig/base.h"

#include <stdlib.h>
#include <time.h>

uint64_t time_monotonic_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* "0" in the form stands for a digit. */
static bool has_form(const char *s, const char *form)
{
    for (; *form; s++, form++)
        if (*form == '0' ? *s < '0' || *s > '9' : *s != *form)
            return false;
    return !*s;
}

/* Seconds since 1970 from a variable that holds nothing else. */
static bool epoch_of(const char *s, time_t *ret_time)
{
    uint64_t value = 0;
    size_t n = 0;

    if (!s || !*s)
        return false;
    for (; *s; s++, n++) {
        if (*s < '0' || *s > '9' || n == 12) /* twelve digits reach the year 33658 */
            return false;
        value = value * 10 + (uint64_t)(*s - '0');
    }
    *ret_time = (time_t)value;
    return true;
}

static char *utc_text(struct arena *a, time_t when)
{
    char text[64];
    struct tm utc;

    gmtime_r(&when, &utc);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return arena_strdup(a, text);
}

char *time_fixed_text(struct arena *a)
{
    const char *fixed = getenv("CMIG_NOW");
    time_t when;

    if (fixed && has_form(fixed, "0000-00-00T00:00:00Z"))
        return arena_strdup(a, fixed);
    if (epoch_of(fixed, &when) || epoch_of(getenv("SOURCE_DATE_EPOCH"), &when))
        return utc_text(a, when);
    return NULL;
}

char *time_now_text(struct arena *a)
{
    char *fixed = time_fixed_text(a);

    return fixed ? fixed : utc_text(a, time(NULL));
}

static const struct unit {
    const char *name;
    uint64_t ms;
} units[] = {
    {"", 1000},
    {"ms", 1},
    {"s", 1000},
    {"m", 60 * 1000},
    {"h", 60 * 60 * 1000},
};

bool time_parse_duration(const char *s, uint64_t *ret_ms)
{
    enum { DIGITS = 9 }; /* so that no unit overflows */
    uint64_t value = 0;
    size_t n = 0;

    for (; s[n] >= '0' && s[n] <= '9'; n++) {
        if (n == DIGITS)
            return false;
        value = value * 10 + (uint64_t)(s[n] - '0');
    }
    if (n == 0)
        return false;
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (str_eq(s + n, units[i].name)) {
            *ret_ms = value * units[i].ms;
            return true;
        }
    return false;
}
