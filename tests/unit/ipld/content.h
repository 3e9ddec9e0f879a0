/* SPDX-License-Identifier: MIT
 *
 * Contents for import tests: the generators that tests/golden/unixfs-files.tsv names, and a
 * reader of such tables.
 */
#ifndef CONTENT_H
#define CONTENT_H

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "ad_test_blocks.h"

/* A file's bytes in order, as many as asked for. */
struct content {
    const char *name;
    uint64_t at;
    EVP_CIPHER_CTX *cipher;
};

static inline void content_open(struct content *content, const char *name)
{
    *content = (struct content){.name = name};
    if (strncmp(name, "keystream:", 10) != 0)
        return;
    uint8_t key[32];
    uint8_t iv[16] = {0}; /* libcrypto: 32 bits of counter, then the nonce */
    assert_int_equal(EVP_Digest(name + 10, strlen(name + 10), key, NULL, EVP_sha256(), NULL),
                     1);
    content->cipher = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_EncryptInit_ex(content->cipher, EVP_chacha20(), NULL, key, iv), 1);
}

static inline void content_close(struct content *content)
{
    EVP_CIPHER_CTX_free(content->cipher);
}

static inline void content_next(struct content *content, uint8_t *out, size_t len)
{
    memset(out, 0, len);
    if (content->cipher) {
        int written = 0;
        assert_true(len <= INT32_MAX);
        assert_int_equal(EVP_EncryptUpdate(content->cipher, out, &written, out, (int)len), 1);
        assert_int_equal(written, len);
    } else if (strcmp(content->name, "mod251") == 0) {
        for (size_t i = 0; i < len; i++)
            out[i] = (uint8_t)((content->at + i) % 251);
    } else if (strncmp(content->name, "text:", 5) == 0) {
        const char *text = content->name + 5;
        for (size_t i = 0; i < len; i++) {
            bool newline = strncmp(text, "\\n", 2) == 0;
            out[i] = newline ? '\n' : (uint8_t)*text;
            text += newline ? 2 : 1;
        }
    } else {
        assert_string_equal(content->name, "zeros");
    }
    content->at += len;
}

/* All of a content on the heap. */
static inline uint8_t *content_bytes(const char *name, size_t len)
{
    struct content content;
    uint8_t *data = malloc(len + 1);
    assert_non_null(data);
    content_open(&content, name);
    content_next(&content, data, len);
    content_close(&content);
    return data;
}

/* Calls fn with the tab-separated fields (NULL-padded) of each line of a golden table,
 * comments left out. Returns how many. */
#define TABLE_FIELDS 8
static inline size_t
each_row(const char *path, void (*fn)(char *fields[TABLE_FIELDS], void *payload), void *payload)
{
    size_t rows = 0;
    char *text = (char *)ad_test_read(ad_test_source(path), NULL);
    for (char *line = text, *next = NULL; line && *line; line = next) {
        char *fields[TABLE_FIELDS] = {0};
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (*line == '#')
            continue;
        for (size_t i = 0; i < TABLE_FIELDS && line; i++) {
            fields[i] = line;
            line = strchr(line, '\t');
            if (line)
                *line++ = '\0';
        }
        fn(fields, payload);
        rows++;
    }
    return rows;
}

#endif
