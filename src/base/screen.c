/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A terminal that several write to: see screen.h. */
#include "base/screen.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "base/clock.h"
#include "base/utf8.h"

#define TAB 8

void screen_put(struct screen *screen, const void *data, size_t len)
{
	if (screen->error != 0 || len == 0)
		return;
	buf_append(&screen->held, data, len);
	if (screen->wrote != NULL)
		screen->wrote(screen->ctx);
}

static void put_text(struct screen *screen, const char *text)
{
	screen_put(screen, text, strlen(text));
}

const char *screen_color(const struct screen *screen, enum screen_color color)
{
	static const char *const colors[] = {
		[SCREEN_RECEIVED] = "\033[0m",
		[SCREEN_SENT] = "\033[32m",
		[SCREEN_SAID] = "\033[33m",
		[SCREEN_FAINT] = "\033[2m",
	};

	return screen->is_colored ? colors[color] : "";
}

/* How many columns a character takes. */
static unsigned width_of(uint32_t code)
{
	int width = code < 0x7f ? (code >= 0x20) : wcwidth((wchar_t)code);

	return width > 0 ? (unsigned)width : 0;
}

/* Where the cursor is, behind one more character. */
static void advance(struct screen *screen, uint32_t code)
{
	unsigned columns = screen->columns != 0 ? screen->columns : UINT_MAX;
	unsigned width = width_of(code);

	if (code == '\n' || code == '\r') {
		screen->column = 0;
	} else if (code == '\t') {
		/* A tab stops at the last column, and does not go on to the next row. */
		screen->column = screen->column / TAB * TAB + TAB;
		screen->column = screen->column < columns ? screen->column : columns - 1;
	} else {
		/* What does not fit any more begins a row; a full row is left by the next character only. */
		if (screen->column + width > columns)
			screen->column = 0;
		screen->column += width;
	}
}

void screen_receive(struct screen *screen, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint32_t code;

	if (len == 0)
		return;
	if (screen->hide != NULL)
		screen->hide(screen->ctx);
	screen_put(screen, data, len);
	for (size_t at = 0; at < len;) {
		int n = utf8_decode(bytes + at, len - at, &code);

		if (n > 0)
			advance(screen, code);
		at += n > 0 ? (size_t)n : 1;
	}
}

void screen_break(struct screen *screen)
{
	if (screen->hide != NULL)
		screen->hide(screen->ctx);
	if (screen->column > 0)
		put_text(screen, "\n");
	screen->column = 0;
}

void screen_say(struct screen *screen, enum screen_color color, const char *text)
{
	size_t len = strlen(text);

	while (len > 0 && text[len - 1] == '\n')
		len--;
	screen_break(screen);
	put_text(screen, screen_color(screen, color));
	screen_put(screen, text, len);
	put_text(screen, screen_color(screen, SCREEN_RECEIVED));
	put_text(screen, "\n");
}

bool screen_lines(struct screen *screen, const void *data, size_t len)
{
	if (screen->held.len > SCREEN_MAX)
		return false;
	screen_break(screen);
	screen_put(screen, data, len);
	return true;
}

void screen_step_below(struct screen *screen)
{
	if (screen->column > 0)
		put_text(screen, "\n");
	/* A full row: the cursor has gone on by itself. */
	if (screen->columns != 0 && screen->column >= screen->columns)
		screen->column = 0;
	/* There is no way back. */
	if (screen->is_dumb)
		screen->column = 0;
}

const char *screen_erase_row(const struct screen *screen)
{
	return screen->is_dumb ? "\r\n" : "\r\033[K";
}

void screen_mark_pastes(struct screen *screen, bool is_on)
{
	if (!screen->is_dumb)
		put_text(screen, is_on ? "\033[?2004h" : "\033[?2004l");
}

void screen_step_back(struct screen *screen)
{
	char move[32];

	if (screen->column == 0)
		return;
	/* Up one row, and so many columns to the right (ECMA-48: CUU, CUF). */
	snprintf(move, sizeof(move), "\033[A\r\033[%uC", screen->column);
	put_text(screen, move);
}

/* Does the terminal take something within wait_ms? */
static bool is_ready(const struct screen *screen, int wait_ms)
{
	struct pollfd pollfd = { .fd = screen->fd, .events = POLLOUT };

	return poll(&pollfd, 1, wait_ms) == 1;
}

int screen_flush(struct screen *screen)
{
	while (screen->error == 0 && screen->held.len > 0) {
		size_t len = screen->held.len;
		ssize_t n;

		if (screen->needs_poll && !is_ready(screen, 0))
			return -EAGAIN;
		if (screen->needs_poll && len > 512)
			len = 512;
		n = write(screen->fd, buf_peek(&screen->held), len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return -EAGAIN;
		if (n == -1) {
			screen->error = -errno;
			buf_clear(&screen->held);
		} else {
			buf_consume(&screen->held, (size_t)n);
		}
	}
	return screen->error;
}

void screen_drain(struct screen *screen, int wait_ms)
{
	uint64_t now_ns = clock_now_ns(), end_ns = now_ns + (uint64_t)wait_ms * NS_PER_MS;

	while (screen_flush(screen) == -EAGAIN && now_ns < end_ns) {
		is_ready(screen, (int)((end_ns - now_ns) / NS_PER_MS) + 1);
		now_ns = clock_now_ns();
	}
}

void screen_clear(struct screen *screen)
{
	buf_clear(&screen->held);
}
