/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terminal of --step: see stepping_tty.h. */
#include "cli/stepping_tty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/editor.h"
#include "trace/sink_out.h"
#include "trace/text_marks.h"

#define LINE_MAX_SHOWN 2048

int stepping_tty_open(struct stepping_tty *tty, enum term_color color)
{
	*tty = (struct stepping_tty){ .is_utf8 = term_wants_utf8() };
	sock_init(&tty->sock);
	/* Its own open file: O_NONBLOCK concerns nobody else. */
	tty->sock.fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (tty->sock.fd == -1)
		return -errno;
	tty->sock.kind = SOCK_KIND_TERMINAL;
	tty->sock.is_hidden = true;
	tty->is_colored = term_wants_color(tty->sock.fd, color);
	return 0;
}

void stepping_tty_close(struct stepping_tty *tty)
{
	if (tty->sock.fd == -1)
		return;
	stepping_tty_end(tty);
	if (tty->own != NULL)
		sink_out_close(tty->own, NULL, 0);
	tty->own = NULL;
	tty->out = NULL;
	close(tty->sock.fd);
	tty->sock.fd = -1;
}

int stepping_tty_set_output(struct stepping_tty *tty, struct sink_out *trace)
{
	char name[16];
	int fd;

	/* A session has one terminal, which /dev/tty stands for. */
	if (trace != NULL && isatty(STDERR_FILENO) && tcgetsid(STDERR_FILENO) == getsid(0)) {
		tty->out = trace;
		return 0;
	}
	fd = fcntl(tty->sock.fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd == -1)
		return -errno;
	snprintf(name, sizeof(name), "fd:%d", fd);
	tty->own = NULL;
	fd = sink_out_open(name, &tty->own);
	tty->out = tty->own;
	return fd;
}

bool stepping_tty_is_ours(const struct stepping_tty *tty)
{
	/* An editor waits by itself until it is. */
	return tty->editor != NULL || term_is_foreground(tty->sock.fd);
}

int stepping_tty_begin(struct stepping_tty *tty)
{
	struct termios keys;

	if (tty->is_changed || tty->editor != NULL)
		return 0;
	if (tcgetattr(tty->sock.fd, &tty->before) == -1)
		return -errno;
	keys = tty->before;
	/* Ctrl-C and Ctrl-Z stay signals (termios(3), ISIG); a key is read as soon as it is typed. */
	keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	keys.c_iflag |= ICRNL;
	keys.c_cc[VMIN] = 1;
	keys.c_cc[VTIME] = 0;
	if (tcsetattr(tty->sock.fd, TCSANOW, &keys) == -1)
		return -errno;
	tty->is_changed = true;
	return 0;
}

void stepping_tty_pause(struct stepping_tty *tty)
{
	if (tty->editor != NULL)
		editor_pause(tty->editor);
	else
		stepping_tty_end(tty);
}

void stepping_tty_end(struct stepping_tty *tty)
{
	if (tty->editor != NULL)
		editor_answered(tty->editor);
	/* In the background it is another job's: a call would stop us (SIGTTOU), and the shell has set it anyway. */
	if (tty->is_changed && stepping_tty_is_ours(tty))
		tcsetattr(tty->sock.fd, TCSANOW, &tty->before);
	tty->is_changed = false;
}

int stepping_tty_key(struct stepping_tty *tty, char *key)
{
	ssize_t n;

	if (tty->editor != NULL)
		return 0;
	if (tty->ahead_len == 0) {
		n = read(tty->sock.fd, tty->ahead, sizeof(tty->ahead));
		if (n == -1)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		if (n == 0)
			return -EIO;
		tty->ahead_len = (size_t)n;
	}
	*key = tty->ahead[0];
	memmove(tty->ahead, tty->ahead + 1, --tty->ahead_len);
	return 1;
}

void stepping_tty_line(struct stepping_tty *tty, const char *line)
{
	char shown[LINE_MAX_SHOWN];
	struct text text;

	text_init(&text, shown, sizeof(shown) - 1);
	marks_render(line, tty->is_colored, &text);
	shown[text.len] = '\n';
	if (tty->editor != NULL)
		screen_lines(editor_screen(tty->editor), shown, text.len + 1);
	else
		sink_out_record(tty->out, shown, text.len + 1);
}

void stepping_tty_prompt(struct stepping_tty *tty, const char *prompt)
{
	if (tty->editor != NULL) {
		/* What is written takes it off by itself. */
		if (prompt != NULL)
			editor_ask(tty->editor, prompt, tty->key, tty->ctx);
		return;
	}
	if (prompt != NULL)
		sink_out_set_status(tty->out, prompt);
	else
		sink_out_clear_status(tty->out);
}

void stepping_tty_flush(struct stepping_tty *tty)
{
	sink_out_flush(tty->out);
}
