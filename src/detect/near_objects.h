/* near_objects.h - near-duplicate texts of a case as objects that accounts share */
#ifndef LKS_DETECT_NEAR_OBJECTS_H
#define LKS_DETECT_NEAR_OBJECTS_H

#include "store/store.h"

/* Compares the texts of all posts of the store and puts its near-text objects in the place of
 * those that were there, unless they are there as they must be. Outside of a transaction. A store
 * that is open for reading has them until it is closed. Method: docs/method/near-text.md. Errors: LKS_EMEMORY with the limit named, LKS_ESTORE,
 * LKS_ECANCELLED. */
int lks_near_objects_make(struct lks_store *store, const struct lks_control *control,
                          struct lks_error *err);

#endif
