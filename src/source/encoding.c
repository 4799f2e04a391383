/* encoding.c - is it UTF-8, and if not, what Windows-1252 makes of it */
#include "source/encoding.h"

#include "base/utf8.h"

static inline uint64_t word_at(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* Whether some byte of the word is 0 (Mycroft's test; exact as a yes or no). */
static inline uint64_t word_has_nul(uint64_t word)
{
    return (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
}

bool lks_text_has_nul(struct lks_str text)
{
    return text.size_bytes && memchr(text.data, 0, text.size_bytes) != NULL;
}

bool lks_text_is_clean(struct lks_str text)
{
    size_t at = 0, size = text.size_bytes;
    while (at < size) {
        /* Eight bytes of ASCII at a time; then, in other scripts, two-byte sequences. */
        while (size - at >= 8) {
            uint64_t word = word_at(text.data + at);
            if (word_has_nul(word))
                return false;
            if (word & UINT64_C(0x8080808080808080))
                break;
            at += 8;
        }
        for (int i = 0; i < 8 && at < size; i++) {
            unsigned char first = (unsigned char)text.data[at];
            if (first == 0)
                return false;
            if (first < 0x80) {
                at++;
                continue;
            }
            uint32_t code;
            at += lks_utf8_next(text, at, &code);
            if (code == LKS_UTF8_BAD)
                return false;
        }
    }
    return true;
}

/* 0x80 to 0x9f; the rest of the code page is Latin-1. */
static const uint16_t cp1252_high[32] = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178};

struct lks_str lks_cp1252_decode(struct lks_str text, struct lks_arena *arena)
{
    if (text.size_bytes > SIZE_MAX / 8)
        return LKS_STR_NULL;
    char *out = lks_arena_alloc(arena, text.size_bytes * 3 + 1);
    size_t size = 0;
    if (!out)
        return LKS_STR_NULL;
    for (size_t i = 0; i < text.size_bytes; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        uint32_t code = byte >= 0x80 && byte < 0xa0 ? cp1252_high[byte - 0x80] : byte;
        size += lks_utf8_put(code, out + size);
    }
    return (struct lks_str){out, size};
}

uint64_t lks_line_ends(struct lks_str text)
{
    enum { LANES = 32, ROUNDS = 255 }; /* a lane of eight bits holds 255 ends */
    uint64_t count = 0;
    size_t at = 0;
    while (text.size_bytes - at >= LANES) {
        uint8_t lanes[LANES] = {0};
        size_t rounds = (text.size_bytes - at) / LANES;
        if (rounds > ROUNDS)
            rounds = ROUNDS;
        for (size_t round = 0; round < rounds; round++, at += LANES)
            for (int i = 0; i < LANES; i++)
                lanes[i] = (uint8_t)(lanes[i] + (text.data[at + (size_t)i] == '\n'));
        for (int i = 0; i < LANES; i++)
            count += lanes[i];
    }
    for (; at < text.size_bytes; at++)
        count += text.data[at] == '\n';
    return count;
}
