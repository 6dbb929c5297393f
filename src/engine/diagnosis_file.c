/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Diagnoses of ends of a relay that are files, FIFOs, devices or terminals: what could not be opened, read or written
 * has a name there and is not standard input or output. Sentences only.
 */
#include "engine/diagnose.h"

#include "base/i18n.h"

#include <errno.h>

#define STEPS_OUTPUT (STEP_BIT(WRITE))
#define STEPS_OWN (STEP_BIT(READ) | STEP_BIT(WRITE))

/* The first line names it. */
static bool is_named(const struct failure *failure, const struct facts *facts)
{
	(void)facts;
	return failure->target[0] != '\0';
}

const struct diagnosis diagnosis_file[] = {
	{ FAILURE_FILE, ENOENT, 0, KIND_ANY, NULL,
	  N_("there is no such file, or no such directory on the way to it; a name without a slash in front is looked "
	     "for in the directory that sockt was started in"),
	  N_("`ls -l` on the directory; a file that is TO is made, a directory is not") },
	{ FAILURE_FILE, EACCES, 0, KIND_ANY, NULL,
	  N_("this user may not do that with the file, or may not search a directory on the way to it"),
	  N_("`namei -l` on the path shows the permissions of each part") },
	{ FAILURE_FILE, EISDIR, 0, KIND_ANY, NULL,
	  N_("it is a directory, which cannot be copied as a file"),
	  N_("pack it: `tar c DIRECTORY | sockt relay - TO`") },
	{ FAILURE_FILE, EEXIST, 0, KIND_ANY, NULL,
	  N_("something of that name is there, and link= replaces nothing but a link to a terminal that has gone"),
	  N_("remove it, or take another name") },
	{ FAILURE_FILE, ENXIO, 0, KIND_ANY, NULL,
	  N_("it is a Unix socket, which cannot be opened as a file, or a device that is not there"),
	  N_("for a socket write unix:PATH") },
	{ FAILURE_ERRNO, ENOSPC, STEPS_OUTPUT, KIND_ANY, is_named,
	  N_("the file system is full; what came before is written"),
	  N_("make room or write elsewhere; `df -h` shows what is left") },
	{ FAILURE_ERRNO, EDQUOT, STEPS_OUTPUT, KIND_ANY, is_named,
	  N_("your share of the file system is used up; what came before is written"),
	  N_("`quota -s` shows it; make room or write elsewhere") },
	{ FAILURE_ERRNO, EFBIG, STEPS_OUTPUT, KIND_ANY, is_named,
	  N_("the file has reached the size limit of this process or of its file system"),
	  N_("`ulimit -f` shows the limit of processes") },
	{ FAILURE_ERRNO, EPIPE, STEPS_OUTPUT, KIND_ANY, is_named,
	  N_("whoever read it has closed it before all was read: what is left has no place to go"),
	  N_("see why that program ended") },
	{ FAILURE_ERRNO, EIO, STEPS_OWN, KIND_ANY, is_named,
	  N_("the device failed, or the terminal is gone"),
	  N_("`dmesg` tells of devices that fail") },
	{ .domain = FAILURE_NONE },
};
