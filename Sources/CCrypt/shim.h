#pragma once
#include <crypt.h>
#include <stdlib.h>
#include <string.h>

/// The hash of a phrase as a string to be freed, or NULL; the work space, which held the phrase, is wiped.
static inline char *ccrypt_hash(const char *phrase, const char *setting) {
    void *space = NULL;
    int size = 0;
    char *hash = crypt_ra(phrase, setting, &space, &size);
    char *copy = hash ? strdup(hash) : NULL;
    if (space) memset(space, 0, (size_t)size);
    // Without a use after it the compiler could leave the wiping out.
    __asm__ __volatile__("" : : "r"(space) : "memory");
    free(space);
    return copy;
}

/// A setting with fresh random salt as a string to be freed, or NULL; a cost of 0 is the method's own.
static inline char *ccrypt_setting(const char *prefix, unsigned long cost) {
    return crypt_gensalt_ra(prefix, cost, NULL, 0);
}
