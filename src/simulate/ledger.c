/* ledger.c - who paid whom in the simulated month: three payers, three currencies, three ways
 *
 * One user sends gifts to every paid account, 381,000 US dollars in all at any scale; an agency
 * pays half of the accounts 1,000 euros a clip, one to three days after it; a platform pays the
 * others once, before their first clip, 400 lei per 20,000 followers. Facts as in
 * docs/simulator.md. Amounts are whole cents, so that sums can be checked. */
#include "simulate/ledger.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "base/writer.h"
#include "simulate/draw.h"

enum { GIFTS_MAX = 8, GIFTS_CENTS = 38100000, CLIP_CENTS = 100000, REACH_BANI = 40000 };
enum { PER_ACCOUNT_MAX = GIFTS_MAX + LKS_SIM_PAID_CLIPS };

static const struct {
    const char *payer, *currency, *method, *note;
} ways[LKS_LEDGER_WAYS_COUNT] = {
    [LKS_LEDGER_GIFT] = {"tiktok:patron_synthetic", "USD", "gift", "synthetic"},
    [LKS_LEDGER_CLIP] = {"agency-synthetic", "EUR", "bank transfer", "synthetic: one clip"},
    [LKS_LEDGER_REACH] = {"reach-platform-synthetic", "RON", "platform", "synthetic: by followers"},
};

struct payment {
    int64_t time_ms, amount_minor;
    uint32_t account;
    enum lks_ledger_way way;
};

static int payment_order(const void *a, const void *b)
{
    const struct payment *x = a, *y = b;
    if (x->time_ms != y->time_ms)
        return x->time_ms < y->time_ms ? -1 : 1;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    return (x->way > y->way) - (x->way < y->way);
}

/* The gifts of all accounts: weights first, then the sum shared out to the cent. */
static size_t gifts_make(const struct lks_world *world, struct lks_rng *rng,
                         struct payment *payments)
{
    const int64_t first_ms = LKS_SIM_START_MS - 4 * LKS_SIM_DAY_MS; /* 24 October */
    uint32_t end = world->first[LKS_POPULATION_PAID + 1];
    size_t count = 0;
    int64_t weights = 0, before = 0, sum = 0;
    for (uint32_t account = world->first[LKS_POPULATION_PAID]; account < end; account++) {
        unsigned gifts = 2 + (unsigned)lks_rng_below(rng, GIFTS_MAX - 1);
        for (unsigned i = 0; i < gifts; i++) {
            payments[count].account = account;
            payments[count].way = LKS_LEDGER_GIFT;
            payments[count].time_ms = lks_draw_between(rng, first_ms, LKS_SIM_END_MS);
            payments[count].amount_minor = 100 + (int64_t)lks_rng_below(rng, 900);
            weights += payments[count++].amount_minor;
        }
    }
    for (size_t i = 0; i < count; i++) {
        before += payments[i].amount_minor;
        int64_t up_to = GIFTS_CENTS * before / weights;
        payments[i].amount_minor = up_to - sum;
        sum = up_to;
    }
    return count;
}

static size_t clips_make(const struct lks_world *world, struct lks_rng *rng, uint32_t account,
                         struct payment *payments)
{
    for (unsigned clip = 0; clip < LKS_SIM_PAID_CLIPS; clip++) {
        int64_t lag_ms = lks_draw_between(rng, LKS_SIM_DAY_MS, 3 * LKS_SIM_DAY_MS);
        payments[clip] =
            (struct payment){lks_world_paid_video(world, account, clip).time_ms + lag_ms,
                             CLIP_CENTS, account, LKS_LEDGER_CLIP};
    }
    return LKS_SIM_PAID_CLIPS;
}

static struct payment reach_make(const struct lks_world *world, struct lks_rng *rng,
                                 uint32_t account)
{
    int64_t first_ms = LKS_SIM_END_MS;
    for (unsigned clip = 0; clip < LKS_SIM_PAID_CLIPS; clip++) {
        int64_t time_ms = lks_world_paid_video(world, account, clip).time_ms;
        first_ms = time_ms < first_ms ? time_ms : first_ms;
    }
    return (struct payment){first_ms - lks_draw_between(rng, 0, LKS_SIM_DAY_MS),
                            REACH_BANI * (lks_world_account(world, account).followers / 20000),
                            account, LKS_LEDGER_REACH};
}

static size_t payments_make(const struct lks_world *world, struct payment *payments)
{
    struct lks_rng rng;
    uint32_t first = world->first[LKS_POPULATION_PAID];
    lks_rng_init(&rng, world->seed ^ (uint64_t)LKS_STREAM_LEDGER << 56, 0);
    size_t count = gifts_make(world, &rng, payments);
    for (uint32_t account = first; account < world->first[LKS_POPULATION_PAID + 1]; account++) {
        if ((account - first) % 2 == 0)
            count += clips_make(world, &rng, account, payments + count);
        else
            payments[count++] = reach_make(world, &rng, account);
    }
    qsort(payments, count, sizeof *payments, payment_order);
    return count;
}

int lks_ledger_write(const struct lks_world *world, const char *path,
                     struct lks_ledger_total totals[LKS_LEDGER_WAYS_COUNT], struct lks_error *err)
{
    struct lks_writer writer;
    size_t most = (size_t)lks_world_count(world, LKS_POPULATION_PAID) * PER_ACCOUNT_MAX;
    struct payment *payments = calloc(most, sizeof *payments);
    if (!payments)
        return lks_error_set(err, LKS_EMEMORY, "out of memory for the ledger");
    for (int way = 0; way < LKS_LEDGER_WAYS_COUNT; way++)
        totals[way] =
            (struct lks_ledger_total){ways[way].payer, ways[way].currency, ways[way].method, 0, 0};
    size_t count = payments_make(world, payments);
    int code = lks_writer_open(&writer, path, err);
    if (code == 0) {
        lks_writer_text(&writer, "payer,payee,amount,currency,time,method,note\n");
        for (size_t i = 0; i < count; i++) {
            const struct payment *payment = &payments[i];
            char handle[16], time[LKS_TIME_TEXT_BYTES];
            lks_world_handle(world, payment->account, handle);
            lks_time_format(payment->time_ms / 1000 * 1000000, time);
            lks_writer_format(&writer, "%s,tiktok:%s,%" PRId64 ".%02d,%s,%s,%s,%s\n",
                              ways[payment->way].payer, handle, payment->amount_minor / 100,
                              (int)(payment->amount_minor % 100), ways[payment->way].currency, time,
                              ways[payment->way].method, ways[payment->way].note);
            totals[payment->way].payments_count++;
            totals[payment->way].amount_minor += payment->amount_minor;
        }
        code = lks_writer_commit(&writer, err);
    }
    free(payments);
    return code;
}
