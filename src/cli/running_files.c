/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ends of a relay that are no sockets: see running_files.h. */
#include "cli/running_files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"
#include "endpoint/opening_file.h"

/* What is read once is sent, and acknowledged; so long the other side may take to end as well. */
#define FILE_PATIENCE_NS (2 * NS_PER_S)
#define WORDS_MAX 256

/* One of the two ends. */
struct file_side {
	struct opened_file file; /* endpoint NULL: it is no file */
	struct file_layer layer; /* where there is one session */
	bool has_layer;
	char words[WORDS_MAX];
};

struct running_files {
	struct file_side from, to;
	struct console_end to_end; /* of a junction: TO */
};

/* TO, where it is a file; NULL: it is none. */
static const struct endpoint *to_of(const struct options *options)
{
	const struct endpoint *to = options->is_joining ? &options->endpoint : &options->target;

	return !options->is_dialing && to->kind != NULL && endpoint_is_file(to) ? to : NULL;
}

static int side_open(struct file_side *side, const struct endpoint *endpoint, bool is_source, struct failure *fail)
{
	int ret = opening_file(&side->file, endpoint, is_source, fail);

	opening_file_words(&side->file, side->words, sizeof(side->words));
	return ret;
}

/* Put its layer over it: there is one session. */
static void side_put(struct file_side *side, bool is_late)
{
	struct file_ends ends = opening_file_take(&side->file);

	ends.is_late = is_late;
	file_layer_init(&side->layer, &ends);
	side->has_layer = true;
}

/* What is read and written at an end, once it is open, and what it is called. */
static struct file_ends ends_of(const struct file_side *side, const struct endpoint *endpoint, const char **name)
{
	static const struct file_ends standard = { .in = STDIN_FILENO, .out = STDOUT_FILENO };
	static const struct file_ends none = { .in = -1, .out = -1 };

	if (side->file.endpoint != NULL) {
		*name = side->words;
		return side->file.ends;
	}
	*name = _("the file of standard input and output");
	return endpoint != NULL && endpoint->kind != NULL && endpoint->kind->form == FORM_NONE ? standard : none;
}

/* Of two files one is to be read, and the other written. */
static int check_use(const struct running *rn, const struct file_ends *from, const struct file_ends *to,
		     struct failure *fail)
{
	const struct running_files *files = rn->files;

	if (files->from.file.endpoint == NULL || files->to.file.endpoint == NULL)
		return 0;
	if (from->in == -1 && to->in == -1)
		return failure_usage(fail, _("neither %1$s nor %2$s can be read: nothing would be moved"),
				     files->from.words, files->to.words);
	if (from->out == -1 && to->out == -1 && to->fifo == NULL)
		return failure_usage(fail, _("neither %1$s nor %2$s can be written: nothing would be moved"),
				     files->from.words, files->to.words);
	return 0;
}

/* Is neither end read where the other one is written? */
static int check_apart(const struct running *rn, struct failure *fail)
{
	const struct options *options = rn->options;
	const struct endpoint *to = options->is_joining ? &options->endpoint : NULL;
	const char *from_name, *to_name;
	struct file_ends from_ends = ends_of(&rn->files->from, &options->own, &from_name);
	struct file_ends to_ends = ends_of(&rn->files->to, to, &to_name);
	int ret = opening_file_check_apart(from_ends.in, to_ends.out, to_ends.fifo, to_name, fail);

	if (ret == 0)
		ret = check_use(rn, &from_ends, &to_ends, fail);
	return ret < 0 ? ret : opening_file_check_apart(to_ends.in, from_ends.out, from_ends.fifo, from_name, fail);
}

int running_files_open(struct running *rn, struct failure *fail)
{
	const struct options *options = rn->options;
	const struct endpoint *to = to_of(options);
	bool has_from = options->own.kind != NULL && endpoint_is_file(&options->own);
	const struct console_wish wish = { .is_escaped = !options->is_raw };
	int ret = 0;

	if (!has_from && to == NULL && !options->is_joining)
		return 0;
	rn->files = xcalloc(1, sizeof(*rn->files));
	if (has_from)
		ret = side_open(&rn->files->from, &options->own, true, fail);
	if (ret == 0 && to != NULL)
		ret = side_open(&rn->files->to, to, false, fail);
	if (ret == 0)
		ret = check_apart(rn, fail);
	if (ret < 0)
		return ret;
	if (has_from)
		side_put(&rn->files->from, false);
	/* A program that waits for the end of its input would never come to the end of its output. */
	if (to != NULL && options->is_joining)
		side_put(&rn->files->to, options->program == NULL);
	if (options->is_joining)
		console_end_open(&rn->files->to_end, &rn->io, to != NULL ? &rn->files->to.layer : NULL, &wish);
	return 0;
}

/* Does a path name the regular file that this is? */
static bool is_named(int fd, const struct stat *named)
{
	struct stat st;

	return fd != -1 && fstat(fd, &st) == 0 && st.st_dev == named->st_dev && st.st_ino == named->st_ino;
}

static bool is_at_side(const struct file_side *side, const struct stat *named)
{
	if (side->has_layer)
		return is_named(side->layer.in.fd, named) || is_named(side->layer.out.fd, named);
	return side->file.endpoint != NULL && (is_named(side->file.ends.in, named) ||
					       is_named(side->file.ends.out, named));
}

bool running_files_have(const struct running *rn, const char *path)
{
	struct stat named;

	return rn->files != NULL && path != NULL && stat(path, &named) == 0 && S_ISREG(named.st_mode) &&
	       (is_at_side(&rn->files->from, &named) || is_at_side(&rn->files->to, &named));
}

struct unixfile *running_files_link(const struct running *rn)
{
	struct running_files *files = rn->files;

	if (files == NULL)
		return NULL;
	if (files->from.file.link.path[0] != '\0')
		return &files->from.file.link;
	return files->to.file.link.path[0] != '\0' ? &files->to.file.link : NULL;
}

int running_files_check(const struct running *rn, struct failure *fail)
{
	const struct file_side *to = rn->files == NULL ? NULL : &rn->files->to;
	const char *fifo = to == NULL ? NULL : to->has_layer ? to->layer.fifo : to->file.ends.fifo;

	return fifo == NULL ? 0 : opening_file_check_fifo(fifo, fail);
}

bool running_files_begin(struct running *rn)
{
	struct failure fail = { .domain = FAILURE_NONE };
	struct file_side *to;

	if (rn->files == NULL)
		return true;
	to = &rn->files->to;
	if (opening_file_empty(&to->file, to->has_layer ? to->layer.out.fd : to->file.ends.out, &fail) == 0)
		return true;
	run_result_set(&rn->result, ENDED_ERROR, &fail, NULL);
	loop_stop(rn->loop);
	return false;
}

struct file_layer *running_files_from(const struct running *rn)
{
	return rn->files != NULL && rn->files->from.has_layer ? &rn->files->from.layer : NULL;
}

const struct opened_file *running_files_target(const struct running *rn)
{
	return rn->files != NULL && rn->files->to.file.endpoint != NULL ? &rn->files->to.file : NULL;
}

bool running_files_is_shown(const struct running *rn)
{
	const struct opened_file *file = running_files_target(rn);

	return file != NULL && file->is_terminal && !rn->options->is_raw;
}

struct console_end *running_files_other(struct running *rn)
{
	bool is_to_program = rn->options->endpoint.kind->form == FORM_COMMAND;

	return is_to_program ? &rn->end : &rn->files->to_end;
}

void running_files_rule(struct running *rn, struct ending_rules *rules)
{
	const struct options *options = rn->options;
	struct running_files *files = rn->files;
	const struct file_layer *from = running_files_from(rn);

	if (files == NULL)
		return;
	if (files->to.words[0] != '\0')
		rules->other_name = files->to.words;
	if (from == NULL)
		return;
	if (options->program != NULL) {
		rules->other_name = files->from.words;
		return;
	}
	rules->own_name = files->from.words;
	/* Who has it open looks at nothing else: the end of what comes is enough. */
	rules->is_terminal = from->is_pty || (from->in.kind == SOCK_KIND_TERMINAL && from->out.fd != -1);
	rules->is_recv_only = from->in.fd == -1;
	/* It is copied once, and nothing that comes back is of use. */
	if (from->out.fd == -1 && rn->socktype != SOCK_DGRAM)
		rules->linger_ns = FILE_PATIENCE_NS;
}

/* Say what there is to be known of one of them. */
static void side_say(struct running *rn, const struct file_side *side)
{
	const struct endpoint *endpoint = side->file.endpoint;
	char link[WORDS_MAX];

	if (endpoint == NULL)
		return;
	if (side->file.link.path[0] != '\0')
		escape_c(endpoint->file, strlen(endpoint->file), link, sizeof(link));
	if (side->file.link.path[0] != '\0')
		engine_advise(&rn->engine, _("the terminal is %1$s, and %2$s is a link to it"), side->file.terminal,
			      link);
	else if (endpoint->kind->form == FORM_PTY)
		engine_advise(&rn->engine, _("the terminal is %s"), side->file.terminal);
	if (side->has_layer && file_layer_lacks_writer(&side->layer))
		engine_advise(&rn->engine, _("nobody has the FIFO %s open to write it: it is waited for"), side->words);
	if (side->has_layer && file_layer_lacks_reader(&side->layer))
		engine_advise(&rn->engine, _("nobody has the FIFO %s open to read it: what comes waits for that"),
			      side->words);
}

void running_files_say(struct running *rn)
{
	if (rn->files == NULL)
		return;
	side_say(rn, &rn->files->from);
	side_say(rn, &rn->files->to);
}

/* What was for TO, which cannot be written. */
static void say_lost_to(struct running *rn, const struct file_side *side)
{
	engine_say(&rn->engine,
		   side->layer.dropped == 1 ?
			   _("%1$llu byte for %2$s was thrown away, since that is open for reading only") :
			   _("%1$llu bytes for %2$s were thrown away, since that is open for reading only"),
		   (unsigned long long)side->layer.dropped, side->words);
}

static bool side_say_lost(struct running *rn, const struct file_side *side)
{
	unsigned long long dropped = side->layer.dropped;

	if (!side->has_layer || dropped == 0)
		return false;
	if (side == &rn->files->to) {
		say_lost_to(rn, side);
		return true;
	}
	engine_say(&rn->engine,
		   dropped == 1 ? _("%1$llu byte that came back was thrown away, since %2$s is only read: give - as "
				    "FROM, and %2$s as standard input, to see it") :
				  _("%1$llu bytes that came back were thrown away, since %2$s is only read: give - as "
				    "FROM, and %2$s as standard input, to see them"),
		   dropped, side->words);
	return true;
}

bool running_files_say_lost(struct running *rn)
{
	bool has_lost;

	if (rn->files == NULL)
		return false;
	has_lost = side_say_lost(rn, &rn->files->from);
	return side_say_lost(rn, &rn->files->to) || has_lost;
}

void running_files_close(struct running *rn)
{
	struct running_files *files = rn->files;

	if (files == NULL)
		return;
	/* FROM is an end of the run, and closed as that, unless a program has its place. */
	if (files->from.has_layer)
		layer_close(&files->from.layer.layer, &rn->st);
	if (files->to_end.stream.top != NULL)
		layer_close(files->to_end.stream.top, &rn->st);
	opening_file_close(&files->from.file);
	opening_file_close(&files->to.file);
	free(files);
	rn->files = NULL;
}
