/* turn.h - whose turn it is: an order comes before whoever erases
 *
 * Who erases many objects gives the vault free between them. So that an order which waits for the
 * vault gets it then, there is a second lock, CASE/vault/turn: who orders takes it before waiting for
 * the vault and keeps it; who erases passes through it before each object. */
#ifndef LKS_CASE_TURN_H
#define LKS_CASE_TURN_H

#include "case/vault.h"

/* Takes the turn, waits until the vault is free, however long that is, and opens it. *turn_out is
 * handed to lks_turn_end after the vault was closed. control->notice is told of the waiting,
 * control->cancel ends it. Errors as lks_vault_open, LKS_ECANCELLED. */
int lks_turn_open(const char *case_path, const struct lks_control *control, int *turn_out,
                  struct lks_vault **vault_out, struct lks_error *err);
void lks_turn_end(int turn); /* -1 is fine */
/* Waits and opens without taking the turn, as who erases does. Errors as above. */
int lks_turn_vault_open(const char *case_path, const struct lks_control *control,
                        struct lks_vault **vault_out, struct lks_error *err);
/* Waits until nobody who orders waits. LKS_EIO. */
int lks_turn_pass(const char *case_path, struct lks_error *err);

#endif
