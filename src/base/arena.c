/*
 * Arenas: the memory of a command.
 *
 * Memory comes from blocks that are filled in turn and freed together. The next block is twice as large as the one
 * before, up to a limit, so that a small command stays small and a large one seldom calls malloc. A request that
 * would waste most of a block gets a block of its own, and the current one is filled further.
 *
 * Under AddressSanitizer, memory that has not been handed out is poisoned, and so is a gap after each piece: an
 * overrun is found as it would be with malloc.
 */
#include "arena.h"

#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif

#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
enum { ARENA_GAP = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
enum { ARENA_GAP = 0 };
#endif

enum {
    ARENA_ALIGN = 8, /* for pointers and 64-bit numbers; names are short, and long double is used nowhere */
    ARENA_FIRST = 2 << 10,
    ARENA_LARGEST = 1 << 20,
};

struct arena_block {
    struct arena_block *next;
    size_t size, used; /* of data */
    _Alignas(ARENA_ALIGN) char data[];
};

static_assert(
    _Alignof(void *) <= ARENA_ALIGN && _Alignof(int64_t) <= ARENA_ALIGN && _Alignof(double) <= ARENA_ALIGN,
    "the arena aligns for every type that is used");

/* What a piece of this size takes in its block. */
static size_t footprint(size_t size)
{
    if (size > SIZE_MAX / 2)
        abort();
    if (size == 0) /* every piece has an address of its own */
        size = 1;
    return ((size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1)) + ARENA_GAP;
}

/* Fresh memory from the system is mostly zero already, and calloc knows when: arena_alloc clears nothing. */
static struct arena_block *block_new(size_t size)
{
    struct arena_block *block = calloc(1, sizeof(*block) + size);

    if (!block)
        abort();
    block->size = size;
    ASAN_POISON_MEMORY_REGION(block->data, size);
    return block;
}

static struct arena_block *block_for(struct arena *a, size_t need)
{
    struct arena_block *current = a->block, *block;
    size_t size = ARENA_FIRST;

    if (current) {
        size = current->size * 2;
        if (size > ARENA_LARGEST)
            size = ARENA_LARGEST;
    }
    if (need <= size / 4) {
        block = block_new(size);
        block->next = current;
        a->block = block;
        return block;
    }
    if (!current) /* the current block decides the size of the next one: it must not be an odd one */
        current = a->block = block_new(ARENA_FIRST);
    block = block_new(need);
    block->next = current->next;
    current->next = block;
    return block;
}

void *arena_alloc(struct arena *a, size_t size)
{
    struct arena_block *block = a->block;
    size_t need = footprint(size);
    char *p;

    if (!block || block->size - block->used < need)
        block = block_for(a, need);
    p = block->data + block->used;
    block->used += need;
    a->used += need;
    ASAN_UNPOISON_MEMORY_REGION(p, size);
    return p;
}

bool arena_extend(struct arena *a, void *piece, size_t old_size, size_t new_size)
{
    struct arena_block *block = a->block;
    size_t before = footprint(old_size), after = footprint(new_size);

    if (!block || before > block->used || (char *)piece + before != block->data + block->used)
        return false;
    if (after - before > block->size - block->used)
        return false;
    block->used += after - before;
    a->used += after - before;
    ASAN_UNPOISON_MEMORY_REGION(piece, new_size);
    return true;
}

/* The block that holds nothing but this piece. The current block is not searched: it decides the size of the next one. */
static struct arena_block **own_block(struct arena *a, const void *piece, size_t need)
{
    if (!a->block || need < ARENA_LARGEST / 4)
        return NULL;
    for (struct arena_block **at = &a->block->next; *at; at = &(*at)->next)
        if ((*at)->data == piece && (*at)->size == need)
            return at;
    return NULL;
}

void *arena_regrow(struct arena *a, void *piece, size_t old_size, size_t new_size)
{
    size_t before = footprint(old_size), after = footprint(new_size);
    struct arena_block **own = own_block(a, piece, before);
    void *grown;

    if (!own) {
        if (arena_extend(a, piece, old_size, new_size))
            return piece;
        grown = arena_alloc(a, new_size);
        return memcpy(grown, piece, old_size);
    }
    ASAN_UNPOISON_MEMORY_REGION((*own)->data, before);
    *own = realloc(*own, sizeof(**own) + after);
    if (!*own)
        abort();
    (*own)->size = (*own)->used = after;
    a->used += after - before;
    ASAN_POISON_MEMORY_REGION((*own)->data, after);
    ASAN_UNPOISON_MEMORY_REGION((*own)->data, new_size);
    return (*own)->data;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *copy = arena_alloc(a, n + 1);

    if (n)
        memcpy(copy, s, n);
    return copy;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    char *s;

    va_start(ap, fmt);
    s = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return s;
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
    char small[256], *s;
    va_list again;
    int n;

    va_copy(again, ap);
    n = vsnprintf(small, sizeof(small), fmt, ap);
    assert(n >= 0 && "a format of our own is well-formed");
    s = arena_alloc(a, (size_t)n + 1);
    if ((size_t)n < sizeof(small))
        memcpy(s, small, (size_t)n + 1);
    else
        vsnprintf(s, (size_t)n + 1, fmt, again);
    va_end(again);
    return s;
}

void arena_take(struct arena *a, struct arena *from)
{
    struct arena_block **last = &a->block;

    while (*last)
        last = &(*last)->next;
    *last = from->block;
    a->used += from->used;
    *from = (struct arena){0};
}

void arena_finish(struct arena *a)
{
    struct arena_block *next;

    for (struct arena_block *block = a->block; block; block = next) {
        next = block->next;
        ASAN_UNPOISON_MEMORY_REGION(block->data, block->size);
        free(block);
    }
    *a = (struct arena){0};
}
