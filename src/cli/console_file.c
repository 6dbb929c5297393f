/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /file: a file goes to a peer piece by piece, as fast as the peer reads. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "cli/console_private.h"
#include "trace/names.h"
#include "trace/text_words.h"

#define PIECE ((size_t)64 * 1024)
#define PIECE_DATAGRAM 1024
#define TELL_NS (NS_PER_S / 5)

const char *console_file_format(const struct console_peer *peer, char *dst, size_t size)
{
	const struct console_file *file = &peer->file;
	const char *base;
	char shown[64];

	dst[0] = '\0';
	if (file->fd == -1)
		return dst;
	base = strrchr(file->name, '/') != NULL ? strrchr(file->name, '/') + 1 : file->name;
	escape_c(base, strlen(base), shown, 32);
	snprintf(dst, size, "(%s %u %%) ", shown,
		 file->size == 0 ? 100 : (unsigned)(file->sent * 100 / file->size));
	return dst;
}

/* It is over. */
static void end(struct console_peer *peer)
{
	struct console_file *file = &peer->file;

	loop_timer_clear(peer->console->rn->loop, &file->tell);
	close(file->fd);
	file->fd = -1;
	free(file->name);
	file->name = NULL;
	console_set_prompt(peer->console);
}

static void tell_done(struct console_peer *peer)
{
	struct console_file *file = &peer->file;
	uint64_t took_ns = peer->console->rn->st.env->now_ns() - file->began_ns;
	char size[32], took[32], rate[32];
	struct text text;

	text_init(&text, size, sizeof(size));
	text_size(&text, file->sent);
	text_init(&text, took, sizeof(took));
	text_duration(&text, took_ns);
	text_init(&text, rate, sizeof(rate));
	text_size(&text, took_ns == 0 ? file->sent : (uint64_t)((double)file->sent * NS_PER_S / (double)took_ns));
	console_tell(peer->console, _("%1$s: %2$s handed over in %3$s (%4$s a second)"), file->name, size, took, rate);
}

static void tell_failed(struct console_peer *peer, const char *name, int error)
{
	char errname[32];

	console_tell(peer->console, _("%1$s: %2$s (%3$s)"), name, strerror(error),
		     name_errno(error, errname, sizeof(errname)));
}

void console_file_go_on(struct console_peer *peer)
{
	struct console_file *file = &peer->file;
	size_t piece = peer->typed.is_messages ? PIECE_DATAGRAM : PIECE;
	char *data;
	ssize_t n;

	/* What was typed before goes first. */
	if (file->fd == -1 || !typed_layer_is_hungry(&peer->typed))
		return;
	data = xmalloc(piece);
	n = read(file->fd, data, piece);
	if (n == -1)
		tell_failed(peer, file->name, errno);
	if (n > 0) {
		file->sent += (uint64_t)n;
		typed_layer_queue(&peer->typed, data, (size_t)n);
		session_wake(peer->session);
	} else {
		if (n == 0)
			tell_done(peer);
		end(peer);
	}
	free(data);
}

/* The prompt tells how far it is. */
static void on_tell(struct timer *timer)
{
	struct console_peer *peer = CONTAINER_OF(timer, struct console_peer, file.tell);

	console_set_prompt(peer->console);
	loop_timer_set_after(peer->console->rn->loop, timer, TELL_NS);
}

void console_file_begin(struct console_peer *peer, const char *name)
{
	struct console *console = peer->console;
	struct console_file *file = &peer->file;
	struct stat st;
	int fd;

	if (file->fd != -1 || peer->typed.is_ended) {
		console_tell(console, file->fd != -1 ? _("%s is being sent: /file stop ends that") :
							_("you have ended your side: nothing more can be sent"),
			     file->name);
		return;
	}
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 || fstat(fd, &st) == -1) {
		tell_failed(peer, name, errno);
		return;
	}
	if (!S_ISREG(st.st_mode)) {
		console_tell(console, _("%s is no regular file: not sent"), name);
		close(fd);
		return;
	}
	*file = (struct console_file){
		.fd = fd,
		.name = xstrdup(name),
		.size = (uint64_t)st.st_size,
		.began_ns = console->rn->st.env->now_ns(),
		.tell = { .fire = on_tell },
	};
	loop_timer_set_after(console->rn->loop, &file->tell, TELL_NS);
	console_file_go_on(peer);
}

void console_file_stop(struct console_peer *peer)
{
	char size[32];
	struct text text;

	if (peer->file.fd == -1)
		return;
	text_init(&text, size, sizeof(size));
	text_size(&text, peer->file.sent);
	console_tell(peer->console, _("%1$s: stopped, %2$s of it are sent"), peer->file.name, size);
	end(peer);
}
