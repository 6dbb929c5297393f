/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --user and --chroot: see rights.h. */
#include "cli/rights.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "base/util.h"
#include "cli/running_files.h"
#include "step/notify.h"
#include "step/privileges.h"
#include "step/spawn.h"
#include "stream/digest.h"

/* What a program is asked for by its name when a connection needs it: now is the last time that it can be found. */
static void prepare(struct running *rn)
{
	char hex[DIGEST_HEX_MAX];

	stdio_layer_prepare(&rn->io);
	if (rn->notify != NULL && rn->notify_fd == 0)
		rn->notify_fd = notify_open(rn->notify);
	/* The library that HTTP proxies may make necessary. */
	if (rn->options->chain != NULL)
		digest_hex(DIGEST_SHA256, "", 0, hex);
}

/* A program that cannot be run is told now, and not only when somebody has connected. */
static bool can_run(char *const *program, struct failure *fail)
{
	int ret = program == NULL ? 0 : spawn_find(program[0]);

	if (ret == 0)
		return true;
	escape_c(program[0], strlen(program[0]), fail->target, sizeof(fail->target));
	failure_set(fail, STEP_SPAWN, -ret, NULL);
	return false;
}

/* Is everything that is done by a name later still there, and allowed? */
static bool can_go_on(const struct running *rn, struct failure *fail)
{
	const struct options *options = rn->options;

	return can_run(options->program, fail) && can_run(options->target.command, fail) &&
	       can_run(options->endpoint.command, fail) && running_files_check(rn, fail) == 0;
}

/* Names are looked up by what is inside. */
static void say_names(struct running *rn)
{
	/* Where a connection is lost, the name is looked up once more. */
	const struct endpoint *target =
		rn->options->reconnect_ns != 0 ? &rn->options->endpoint : &rn->options->target;
	bool is_name = target->kind != NULL && target->kind->form == FORM_HOST_PORT && target->addr.len == 0;
	const char *name = is_name ? target->host : target->source.host;

	if (name[0] != '\0' && access("/etc/resolv.conf", R_OK) == -1 && access("/etc/hosts", R_OK) == -1)
		engine_advise(&rn->engine,
			      _("the name %1$s is looked up inside of %2$s (--chroot), where neither /etc/hosts nor "
				"/etc/resolv.conf is; write the address"),
			      name, rn->options->chroot);
}

/* What is known of a file before. */
struct mark {
	struct unixfile *file; /* what it is called from now on */
	struct unixfile was;
	bool is_outside; /* of the new root directory */
	bool is_link;    /* to a terminal, and no socket */
};

/* Look at one. */
static void mark_file(struct mark *mark, struct unixfile *file, const char *root)
{
	mark->file = file;
	mark->was = *file;
	mark->is_outside = root != NULL && !unixfile_confine(file, root);
}

/* Say that a file will stay. */
static void say_file(struct running *rn, const struct mark *mark)
{
	const struct options *options = rn->options;
	const char *was = mark->was.path;

	if (mark->is_outside)
		engine_advise(&rn->engine,
			      mark->is_link ?
				      _("the link %1$s to the terminal will stay: it is outside of %2$s (--chroot)") :
				      _("the file of the socket %1$s will stay: it is outside of %2$s (--chroot)"),
			      was, options->chroot);
	else if (options->user.words != NULL)
		engine_advise(&rn->engine,
			      mark->is_link ?
				      _("the link %1$s to the terminal will stay: %2$s may not remove it (--user)") :
				      _("the file of the socket %1$s will stay: %2$s may not remove it (--user)"),
			      was, options->user.words);
}

/* Sentences of what will be missed. */
static void say_root(struct running *rn)
{
	if (rn->options->chroot == NULL)
		return;
	say_names(rn);
	if (geteuid() == 0)
		engine_advise(&rn->engine, _("root can leave a root directory again: --user takes that away"));
}

bool rights_drop(struct running *rn, struct unixfile *const *files, size_t count)
{
	const struct options *options = rn->options;
	struct failure fail = { .domain = FAILURE_NONE };
	struct unixfile *link = running_files_link(rn);
	struct mark *marks;

	if (!options_drops_rights(options) || rn->has_dropped)
		return true;
	rn->has_dropped = true;
	prepare(rn);
	marks = xcalloc(count + 1, sizeof(*marks));
	for (size_t i = 0; i < count; i++)
		mark_file(&marks[i], files[i], options->chroot);
	if (link != NULL) {
		mark_file(&marks[count], link, options->chroot);
		marks[count++].is_link = true;
	}
	if (privileges_drop(&rn->st, options->chroot, options->user.words != NULL ? &options->user : NULL, &fail) < 0 ||
	    !can_go_on(rn, &fail)) {
		run_result_set(&rn->result, ENDED_ERROR, &fail, NULL);
		loop_stop(rn->loop);
	} else {
		say_root(rn);
		for (size_t i = 0; i < count; i++)
			if (marks[i].is_outside || !unixfile_is_removable(marks[i].file))
				say_file(rn, &marks[i]);
	}
	free(marks);
	return fail.domain == FAILURE_NONE;
}
