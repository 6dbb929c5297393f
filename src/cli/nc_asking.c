/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passwords and keys that nc asks for: see nc_asking.h. */
#include "cli/nc_asking.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cli/options_chain.h"
#include "cli/passphrase.h"

#define SECRET_MAX 256
#define SHOWN_MAX 96
/* So often a password may be wrong. */
#define ASKED_MAX 3

static const char *argument_of(const struct nc_asking *asking, char letter)
{
	return asking->line->arguments[(unsigned char)letter];
}

static void forget(char **secret)
{
	if (*secret != NULL)
		explicit_bzero(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}

/* A file without a name that has the key; it lives as long as its descriptor. Returns that, or -errno. */
static int make_key_file(const char *key, size_t len)
{
	int fd = memfd_create("key", MFD_CLOEXEC);

	if (fd == -1)
		return -errno;
	if (write(fd, key, len) == (ssize_t)len)
		return fd;
	close(fd);
	return -EIO;
}

/* Ask for the key of -S, and name a file that has it in the command. */
static int ask_key(struct nc_command *command, char *error)
{
	char key[SECRET_MAX], path[32];
	ssize_t len = passphrase_ask(_("TCP MD5SIG password: "), key, sizeof(key));
	int fd = len > 0 ? make_key_file(key, (size_t)len) : -ENODATA;

	explicit_bzero(key, sizeof(key));
	if (fd < 0) {
		snprintf(error, NC_ERROR_MAX, "%s",
			 len == -ENXIO ? _("-S asks for its key at the terminal, and there is none; a key in a file: "
					   "sockt connect --md5-key-file FILE HOST PORT") :
					 _("-S: no key was given"));
		return -EINVAL;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	free(command->argv[command->key_at]);
	command->argv[command->key_at] = xstrdup(path);
	return 0;
}

int nc_asking_begin(struct nc_asking *asking, const struct nc_line *line, struct nc_command *command, char *error)
{
	const char *variable = getenv(OPTIONS_PROXY_AUTH);

	*asking = (struct nc_asking){ .line = line };
	if (variable != NULL)
		asking->auth = xstrdup(variable);
	return command->key_at == 0 ? 0 : ask_key(command, error);
}

void nc_asking_end(struct nc_asking *asking)
{
	forget(&asking->auth);
}

void nc_asking_give(const struct nc_asking *asking)
{
	if (asking->auth != NULL)
		setenv(OPTIONS_PROXY_AUTH, asking->auth, 1);
}

bool nc_asking_may(const struct nc_asking *asking)
{
	int tty;

	if (argument_of(asking, 'P') == NULL || asking->asked == ASKED_MAX)
		return false;
	tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty == -1)
		return false;
	close(tty);
	return true;
}

bool nc_asking_password(struct nc_asking *asking)
{
	const char *user = argument_of(asking, 'P'), *proxy = argument_of(asking, 'x');
	char user_shown[SHOWN_MAX], proxy_shown[SHOWN_MAX], prompt[2 * SHOWN_MAX + 64], secret[SECRET_MAX];
	size_t size = strlen(user) + SECRET_MAX + 1;
	ssize_t len;

	/* Not translated, for programs read it (nc_telling.c). */
	if (asking->asked++ > 0)
		fputs("Proxy authentication failed\n", stderr);
	escape_c(user, strlen(user), user_shown, sizeof(user_shown));
	escape_c(proxy, strlen(proxy), proxy_shown, sizeof(proxy_shown));
	snprintf(prompt, sizeof(prompt), _("Proxy password for %1$s@%2$s: "), user_shown, proxy_shown);
	len = passphrase_ask(prompt, secret, sizeof(secret));
	if (len < 0) {
		fprintf(stderr, _("nc: the proxy wants a password (407), and none was given\n"));
		return false;
	}
	forget(&asking->auth);
	asking->auth = xmalloc(size);
	snprintf(asking->auth, size, "%s:%s", user, secret);
	explicit_bzero(secret, sizeof(secret));
	return true;
}
