/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the lines of the shell come from: a file, which is read whole, or standard input. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"
#include "cli/lessons.h"
#include "cli/shell_private.h"
#include "stream/layer.h"

#define READ_SIZE 4096
#define FILE_MAX ((size_t)16 << 20) /* bytes of a script */

/* Signals end the program while it waits for who writes to a FIFO: no loop takes them from their descriptor yet. */
static void let_signals(sigset_t *kept)
{
	static const int ending[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(ending); i++)
		sigaddset(&set, ending[i]);
	sigprocmask(SIG_UNBLOCK, &set, kept);
}

/* Read all of a file. Returns 0 or -errno. */
static int read_whole(struct shell_script *script, const char *path)
{
	char piece[READ_SIZE];
	ssize_t n;
	int ret = 0, fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd == -1)
		return -errno;
	while ((n = read(fd, piece, sizeof(piece))) > 0 && script->text.len <= FILE_MAX)
		buf_append(&script->text, piece, (size_t)n);
	if (n == -1)
		ret = -errno;
	else if (script->text.len > FILE_MAX)
		ret = -EFBIG;
	close(fd);
	script->is_ended = true;
	return ret;
}

/* The same, while signals are let through. */
static int read_file(struct shell_script *script, const char *path)
{
	sigset_t kept;
	int ret;

	let_signals(&kept);
	ret = read_whole(script, path);
	sigprocmask(SIG_SETMASK, &kept, NULL);
	return ret;
}

/* Read the file of that name, or else the lesson. Returns 0 or -errno. */
static int read_named(struct shell_script *script)
{
	const struct lesson *lesson;
	struct lessons lessons;
	int ret = read_file(script, script->name);

	if (ret != -ENOENT || strchr(script->name, '/') != NULL)
		return ret;
	lesson = lessons_read(&lessons) == 0 ? lessons_find(&lessons, script->name) : NULL;
	if (lesson != NULL)
		ret = read_file(script, lesson->path);
	lessons_clear(&lessons);
	return ret;
}

int shell_script_open(struct shell *sh)
{
	struct running *rn = sh->rn;

	sh->script.name = rn->options->word_count > 0 ? rn->options->words[0] : NULL;
	if (sh->script.name != NULL && strcmp(sh->script.name, "-") == 0)
		sh->script.name = NULL;
	if (sh->script.name != NULL)
		return read_named(&sh->script);
	if (sh->editor != NULL)
		return 0;
	return loop_watch(rn->loop, &rn->io.in, &sh->task);
}

void shell_script_close(struct shell *sh)
{
	if (sh->script.name == NULL && sh->editor == NULL)
		loop_unwatch(sh->rn->loop, &sh->rn->io.in);
	buf_clear(&sh->script.text);
}

/* Read more of standard input. Returns false where there is none yet. */
static bool read_more(struct shell *sh)
{
	struct layer *layer = &sh->rn->io.layer;
	char piece[READ_SIZE];
	unsigned flags = 0;
	ssize_t n = layer->ops->read(layer, &sh->quiet, piece, sizeof(piece), &flags);

	if (n == -EAGAIN)
		return false;
	if (n > 0)
		buf_append(&sh->script.text, piece, (size_t)n);
	else
		sh->script.is_ended = true;
	return true;
}

int shell_script_next(struct shell *sh, const char **line, size_t *len)
{
	struct shell_script *script = &sh->script;
	const char *end;

	/* What was taken last time is not needed any more. */
	if (script->taken > 0)
		buf_consume(&script->text, script->taken);
	script->taken = 0;
	for (;;) {
		*line = script->text.len == 0 ? "" : buf_peek(&script->text);
		end = script->text.len == 0 ? NULL : memchr(*line, '\n', script->text.len);
		if (end != NULL || script->is_ended)
			break;
		if (script->text.len > SHELL_LINE_MAX) {
			script->line++;
			return -EINVAL;
		}
		if (sh->editor != NULL || !read_more(sh))
			return 0;
	}
	if (end == NULL && script->text.len == 0)
		return -ENODATA;
	*len = end == NULL ? script->text.len : (size_t)(end - *line);
	script->taken = *len + (end != NULL);
	script->line++;
	return 1;
}
