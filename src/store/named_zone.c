/* named_zone.c - what a clock on a wall in some place says, and when: zones by name, clock changes
 *
 * DuckDB carries ICU with the zones of the IANA database; it is asked for one thing alone, the offset
 * of a zone at an instant. The rest is arithmetic that does not depend on how a library settles
 * doubtful times: a local time means every instant t with t + offset(t) = local. The offsets that
 * come into question are those shortly before and after; zones change by hours and seldom, so
 * a day on either side sees both. */
#include "store/named_zone.h"

#include "base/time.h"
#include "store/database.h"

enum { NAME_BYTES_MAX = 64 };

struct zone {
    struct lks_db db;
    struct lks_str name;
};

static int zone_open(struct zone *zone, struct lks_str name, struct lks_error *err)
{
    struct lks_rows rows;
    int is_name = name.size_bytes > 0 && name.size_bytes <= NAME_BYTES_MAX;
    zone->name = name;
    for (size_t i = 0; is_name && i < name.size_bytes; i++)
        is_name = name.data[i] > ' ' && name.data[i] < 0x7f;
    if (!is_name)
        return lks_error_set(err, LKS_EARGUMENT, "that is no zone's name");
    int code = lks_db_open(&zone->db, "zones", LKS_DB_MEMORY, NULL, 0, err);
    if (code)
        return code;
    code = lks_rows_prepare(
        &rows, &zone->db, "SELECT count(*)::UBIGINT FROM pg_timezone_names() WHERE name = $1", err);
    if (code == 0) {
        lks_rows_bind_text(&rows, 1, name);
        code = lks_rows_start(&rows, err);
        if (code == 0)
            code = lks_rows_next(&rows, err);
        int known = code == 1 && lks_rows_u64(&rows, 0, 0) > 0;
        code = code < 0 ? code : 0;
        lks_rows_close(&rows);
        if (code == 0 && !known)
            code = lks_error_set(err, LKS_EARGUMENT,
                                 "there is no zone '%.*s': zones have names like Europe/Bucharest",
                                 (int)name.size_bytes, name.data);
    }
    if (code)
        lks_db_close(&zone->db);
    return code;
}

static int zone_offset(const struct zone *zone, int64_t time_us, int64_t *offset_us,
                       struct lks_error *err)
{
    struct lks_rows rows;
    if (time_us < LKS_TIME_MIN_US || time_us > LKS_TIME_MAX_US)
        return lks_error_set(err, LKS_EARGUMENT, "a time lies outside 1970 to 2100");
    int code = lks_rows_prepare(
        &rows, &zone->db,
        "SELECT epoch_us(timezone($1, make_timestamptz(CAST($2 AS BIGINT)))) - CAST($2 AS BIGINT)",
        err);
    if (code)
        return code;
    lks_rows_bind_text(&rows, 1, zone->name);
    lks_rows_bind_uint(&rows, 2, (uint64_t)time_us);
    code = lks_rows_start(&rows, err);
    if (code == 0)
        code = lks_rows_next(&rows, err);
    if (code == 1)
        *offset_us = lks_rows_i64(&rows, 0, 0);
    else if (code == 0)
        code = lks_error_set(err, LKS_ESTORE, "no offset is known");
    lks_rows_close(&rows);
    return code < 0 ? code : 0;
}

static int64_t clamped(int64_t time_us)
{
    return time_us < LKS_TIME_MIN_US   ? LKS_TIME_MIN_US
           : time_us > LKS_TIME_MAX_US ? LKS_TIME_MAX_US
                                       : time_us;
}

int lks_zone_instants(struct lks_str name, int64_t local_us, int64_t *earlier_us, int64_t *later_us,
                      enum lks_local_time *how_out, struct lks_error *err)
{
    struct zone zone;
    int64_t offsets[2] = {0}, there = 0;
    int holds[2] = {0};
    int code = zone_open(&zone, name, err);
    if (code)
        return code;
    if (local_us < LKS_TIME_MIN_US || local_us > LKS_TIME_MAX_US)
        code = lks_error_set(err, LKS_EARGUMENT, "a time lies outside 1970 to 2100");
    for (int i = 0; code == 0 && i < 2; i++)
        code = zone_offset(&zone, clamped(local_us + (i ? LKS_DAY_US : -LKS_DAY_US)), &offsets[i],
                           err);
    for (int i = 0; code == 0 && i < 2; i++) {
        code = zone_offset(&zone, clamped(local_us - offsets[i]), &there, err);
        holds[i] = code == 0 && there == offsets[i];
    }
    lks_db_close(&zone.db);
    if (code)
        return code;
    int64_t times[2] = {local_us - offsets[0], local_us - offsets[1]};
    if (holds[0] != holds[1])
        times[holds[0]] = times[!holds[0]]; /* only the one that holds */
    *earlier_us = times[0] < times[1] ? times[0] : times[1];
    *later_us = times[0] < times[1] ? times[1] : times[0];
    *how_out = !holds[0] && !holds[1]     ? LKS_LOCAL_NEVER
               : *earlier_us == *later_us ? LKS_LOCAL_ONCE
                                          : LKS_LOCAL_TWICE;
    return 0;
}

int lks_zone_local(struct lks_str name, int64_t time_us, int64_t *local_us, struct lks_error *err)
{
    struct zone zone;
    int64_t offset_us = 0;
    int code = zone_open(&zone, name, err);
    if (code)
        return code;
    code = zone_offset(&zone, time_us, &offset_us, err);
    lks_db_close(&zone.db);
    *local_us = time_us + offset_us;
    return code;
}
