/* passphrase.h - passphrases, from a file that only its owner can read or from the terminal */
#ifndef LKS_CLI_PASSPHRASE_H
#define LKS_CLI_PASSPHRASE_H

#include <stddef.h>

/* Both have the shape of lks_passphrase_ask. Never from the command line, where every user of the
 * machine can read it. The first asks for one that protects a key: the first line of the file named
 * by LOCKSTEP_PASSPHRASE_FILE, else what is typed, unseen. */
int lks_cli_passphrase(void *context, const char *what, char *text, size_t text_bytes);
/* The second for a new one: of LOCKSTEP_NEW_PASSPHRASE_FILE, else of LOCKSTEP_PASSPHRASE_FILE where
 * the key had none before, else what is typed twice. */
int lks_cli_passphrase_new(void *context, const char *what, char *text, size_t text_bytes);

#endif
