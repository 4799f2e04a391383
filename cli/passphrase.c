/* passphrase.c - passphrases, from a file that only its owner can read or from the terminal */
#include "passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "commands.h"

static int asked; /* lks_cli_passphrase gave one: the key had a passphrase */

static int complain(const char *path, const char *what)
{
    lks_cli_progress_clear();
    fputs("lockstep: ", stderr);
    lks_cli_put(stderr, path);
    fprintf(stderr, " %s\n", what);
    return -1;
}

/* The first line; -1 where there is none, or others can read it. */
static int from_file(const char *path, char *text, size_t text_bytes)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0)
        return complain(path, strerror(errno));
    int good = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
    ssize_t got = good ? read(file, text, text_bytes - 1) : -1;
    close(file);
    if (!good || got < 0)
        return complain(path, "is no file that can be read");
    if (status.st_mode & 077 || (status.st_uid != geteuid() && status.st_uid != 0)) {
        explicit_bzero(text, text_bytes);
        return complain(path, "can be read by others: make it private with chmod 600");
    }
    text[got] = '\0';
    size_t size = strcspn(text, "\r\n");
    if (size == (size_t)got && (size_t)got == text_bytes - 1) {
        explicit_bzero(text, text_bytes);
        return complain(path, "has a first line that is too long");
    }
    explicit_bzero(text + size, text_bytes - size);
    return (int)size;
}

/* What was typed up to the end of the line; -1 where it was given up or is too long. The terminal
 * hands over key by key, so that Ctrl-C works at once. */
static int line_read(int terminal, char *text, size_t text_bytes)
{
    enum { CTRL_C = 3, CTRL_D = 4, BACKSPACE = 8, CTRL_U = 21, DELETE = 127 };
    size_t size = 0;
    for (;;) {
        char byte = CTRL_C;
        ssize_t got = read(terminal, &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || byte == CTRL_C || size + 1 == text_bytes) {
            explicit_bzero(text, text_bytes);
            return -1;
        }
        if (byte == '\n' || byte == '\r' || byte == CTRL_D)
            break;
        if (byte == CTRL_U)
            size = 0;
        else if (byte == BACKSPACE || byte == DELETE)
            size -= size > 0;
        else
            text[size++] = byte;
    }
    explicit_bzero(text + size, text_bytes - size);
    return (int)size;
}

/* One line from the terminal, without showing it; -1 where there is no terminal. */
static int from_terminal(const char *question, const char *what, char *text, size_t text_bytes)
{
    struct termios before, quiet;
    sigset_t block, old;
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    FILE *out = terminal >= 0 ? fdopen(terminal, "r+") : NULL;
    if (!out || tcgetattr(terminal, &before) != 0) {
        if (out)
            fclose(out);
        else if (terminal >= 0)
            close(terminal);
        return -1;
    }
    lks_cli_progress_clear();
    fputs(question, out);
    lks_cli_put(out, what);
    fputs(": ", out);
    fflush(out);
    /* A signal must not leave a terminal that shows nothing. */
    sigemptyset(&block);
    sigaddset(&block, SIGINT);
    sigaddset(&block, SIGTERM);
    sigaddset(&block, SIGHUP);
    sigprocmask(SIG_BLOCK, &block, &old);
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG | ICANON);
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    tcsetattr(terminal, TCSAFLUSH, &quiet);
    int size = line_read(terminal, text, text_bytes);
    tcsetattr(terminal, TCSAFLUSH, &before);
    sigprocmask(SIG_SETMASK, &old, NULL);
    fputc('\n', out);
    fclose(out);
    return size;
}

int lks_cli_passphrase(void *context, const char *what, char *text, size_t text_bytes)
{
    const char *path = getenv("LOCKSTEP_PASSPHRASE_FILE");
    (void)context;
    asked = 1;
    return path && *path ? from_file(path, text, text_bytes)
                         : from_terminal("Passphrase of ", what, text, text_bytes);
}

int lks_cli_passphrase_new(void *context, const char *what, char *text, size_t text_bytes)
{
    const char *path = getenv("LOCKSTEP_NEW_PASSPHRASE_FILE");
    char again[1024];
    (void)context;
    if ((!path || !*path) && !asked)
        path = getenv("LOCKSTEP_PASSPHRASE_FILE");
    if (path && *path)
        return from_file(path, text, text_bytes);
    int size = from_terminal("New passphrase for ", what, text, text_bytes);
    if (size < 0)
        return -1;
    int second = from_terminal("Once more, for ", what, again, sizeof again);
    int same = second == size && memcmp(text, again, (size_t)size) == 0;
    explicit_bzero(again, sizeof again);
    if (same)
        return size;
    explicit_bzero(text, text_bytes);
    return complain(what, "got two different passphrases");
}
