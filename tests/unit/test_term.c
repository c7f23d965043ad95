/* Tests of the terminal: detection, and reading exactly one line. */
#include "unit.h"

#include "cmig/cli.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

/* Standard input and error are exchanged for the ends of two pipes while a test asks. */
struct exchange {
    int in[2], err[2], old_in, old_err;
};

static struct exchange exchange_begin(void)
{
    struct exchange x;

    assert_int_equal(pipe(x.in), 0);
    assert_int_equal(pipe(x.err), 0);
    x.old_in = dup(STDIN_FILENO);
    x.old_err = dup(STDERR_FILENO);
    dup2(x.in[0], STDIN_FILENO);
    dup2(x.err[1], STDERR_FILENO);
    return x;
}

static void exchange_end(struct exchange *x)
{
    dup2(x->old_in, STDIN_FILENO);
    dup2(x->old_err, STDERR_FILENO);
    for (int i = 0; i < 2; i++) {
        close(x->in[i]);
        close(x->err[i]);
    }
    close(x->old_in);
    close(x->old_err);
}

static void test_ask(void **state)
{
    struct ctx *ctx = *state;
    char *answers[4] = {0}, asked[20] = "";
    struct exchange x = exchange_begin();
    bool ok = write(x.in[1], "yes\n\nno\r\nlast", 13) == 13;

    close(x.in[1]);
    for (size_t i = 0; i < COUNT_OF(answers); i++)
        ok = ok && term_ask(ctx, "go on? ", &answers[i]);
    ok = ok && !term_ask(ctx, "x", &answers[0]);
    ok = ok && read(x.err[0], asked, 14) == 14;
    exchange_end(&x);
    assert_true(ok);
    assert_string_equal(asked, "go on? go on? ");
    assert_string_equal(answers[0], "yes");
    assert_string_equal(answers[1], "");
    assert_string_equal(answers[2], "no");
    assert_string_equal(answers[3], "last");
    assert_error(ctx, STATUS_OK, "");
}

static void test_ask_without_a_place_to(void **state)
{
    struct ctx *ctx = *state;
    struct exchange x = exchange_begin();
    char *answer = NULL;
    bool ok;

    dup2(open("/dev/full", O_WRONLY), STDERR_FILENO);
    ok = term_ask(ctx, "go on? ", &answer);
    exchange_end(&x);
    assert_false(ok);
}

static volatile sig_atomic_t caught; /* of the signal handler below */
static volatile sig_atomic_t calls;

/* The first signal is ignored, and the question is repeated. */
static void catch_signal(int number)
{
    if (++calls > 1)
        caught = number;
}

static void test_ask_interrupted(void **state)
{
    struct ctx *ctx = *state;
    struct sigaction action = {.sa_handler = catch_signal};
    struct itimerval soon = {.it_value = {.tv_usec = 20000}, .it_interval = {.tv_usec = 20000}};
    struct exchange x = exchange_begin();
    char *answer = NULL;
    bool ok;

    ctx->interrupt = &caught;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    ok = term_ask(ctx, "go on? ", &answer);
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    exchange_end(&x);
    assert_false(ok);
    assert_true(calls > 1);
}

static void test_terminal(ATTR_UNUSED void **state)
{
    struct winsize size = {.ws_row = 24, .ws_col = 132};
    int master = posix_openpt(O_RDWR | O_NOCTTY), slave, null = open("/dev/null", O_RDONLY);

    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(term_is_tty(slave));
    assert_int_equal(term_columns(slave), 80); /* a size of 0 means that it is unknown */
    assert_int_equal(ioctl(slave, TIOCSWINSZ, &size), 0);
    assert_int_equal(term_columns(slave), 132);
    assert_false(term_is_tty(null));
    assert_int_equal(term_columns(null), 80);
    assert_false(term_is_tty(-1));
    close(slave);
    close(master);
    close(null);
}

static void test_pace(void **state)
{
    static const struct pace p = {.began_us = 1000000, .done_before = 100};
    static const struct {
        uint64_t us, done, total;
        const char *text;
    } cases[] = {
        {1500000, 200, 1000, ""}, /* too early to tell */
        {2000000, 100, 1000, ""}, {3000000, 110, 1000, ", 5.0/s, 2:59 left"},
        {11000000, 1100, 5100, ", 100/s, 0:41 left"}, {11000000, 1100, 0, ", 100/s"},
        {11000000, 1100, 1100, ", 100/s"}, {11000000, 200, 100000, ", 10/s, 2:46:21 left"},
        {11000000, 50, 100, ""}, /* it began anew */
    };
    char buffer[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(
            pace_text(&p, cases[i].us, cases[i].done, cases[i].total, buffer, sizeof(buffer)), cases[i].text);
}

/* Without a terminal, what takes long has a line from time to time, and what ends soon has none. */
static void test_lines(void **state)
{
    struct exchange x = exchange_begin();
    char said[200] = "";
    struct talk t;
    uint64_t pauses[2];
    ssize_t n;

    (void)state;
    talk_init(&t, COLOR_NEVER, false);
    talk_progress(&t, "rows of 'a'", 0, 10);
    talk_progress(&t, "rows of 'a'", 9, 10);
    talk_progress(&t, NULL, 0, 0);
    talk_progress(&t, "rows of 'b'", 0, 10);
    pauses[0] = t.pace.pause_us;
    t.pace.next_line_us = 0;
    talk_progress(&t, "rows of 'b'", 3, 10);
    talk_progress(&t, "rows of 'b'", 4, 10);
    pauses[1] = t.pace.pause_us;
    t.pace.next_line_us = 0;
    talk_progress(&t, "rows of 'b'", 5, 0);
    fflush(stderr);
    n = read(x.err[0], said, sizeof(said) - 1);
    exchange_end(&x);
    assert_true(n > 0);
    assert_string_equal(said, "rows of 'b': 3 of 10\nrows of 'b': 5\n");
    assert_int_equal(pauses[1], 2 * pauses[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_ask),
        ctx_test(test_ask_without_a_place_to),
        ctx_test(test_ask_interrupted),
        ctx_test(test_terminal),
        ctx_test(test_pace),
        ctx_test(test_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
