/*
 * Hash map from strings to pointers.
 *
 * Open addressing with linear probing, at most two thirds full; nothing is ever removed.
 */
#include "cmig/base.h"

struct map_slot {
    const char *key; /* NULL: free */
    uint32_t hash;
    void *value;
};

enum { MAP_FIRST = 16 }; /* a power of two, as every later size */

uint32_t hash_more(uint32_t hash, const void *p, size_t n)
{
    const unsigned char *bytes = p;

    for (size_t i = 0; i < n; i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    return hash;
}

uint32_t hash_bytes(const void *p, size_t n)
{
    return hash_more(HASH_NOTHING, p, n);
}

/* The key's slot, or the free one it would take. The map has slots. */
static struct map_slot *find_slot(const struct map *m, const char *key, size_t n, uint32_t hash)
{
    size_t i = hash & (m->cap - 1);

    for (;; i = (i + 1) & (m->cap - 1)) {
        struct map_slot *slot = &m->slots[i];

        if (!slot->key)
            return slot;
        if (slot->hash == hash && strncmp(slot->key, key, n) == 0 && slot->key[n] == '\0')
            return slot;
    }
}

static void grow(struct map *m)
{
    struct map_slot *old = m->slots;
    size_t old_cap = m->cap;

    m->cap = old_cap ? old_cap * 2 : MAP_FIRST;
    m->slots = arena_alloc(m->arena, m->cap * sizeof(*m->slots));
    for (size_t i = 0; i < old_cap; i++)
        if (old[i].key)
            *find_slot(m, old[i].key, strlen(old[i].key), old[i].hash) = old[i];
}

void *map_get(const struct map *m, const char *key)
{
    return map_getn(m, key, strlen(key));
}

void *map_getn(const struct map *m, const char *key, size_t n)
{
    return m->n ? find_slot(m, key, n, hash_bytes(key, n))->value : NULL;
}

void map_set(struct map *m, const char *key, void *value)
{
    size_t n = strlen(key);
    uint32_t hash = hash_bytes(key, n);
    struct map_slot *slot;

    if (m->n >= m->cap / 3 * 2)
        grow(m);
    slot = find_slot(m, key, n, hash);
    if (!slot->key) {
        *slot = (struct map_slot){.key = key, .hash = hash};
        m->n++;
    }
    slot->value = value;
}

const char *map_intern(struct map *m, const char *s, size_t n)
{
    char *copy = map_getn(m, s, n);

    if (!copy) {
        copy = arena_strndup(m->arena, s, n);
        map_set(m, copy, copy);
    }
    return copy;
}
