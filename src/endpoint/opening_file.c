/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening what is no socket: see opening_file.h. */
#include "endpoint/opening_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "trace/names.h"

/* The path of a terminal, as /dev/pts/5. */
#define TERMINALS "/dev/pts/"
#define NAME_SIZE 256

static void close_end(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

static void close_ends(struct file_ends *ends)
{
	close_end(&ends->in);
	close_end(&ends->out);
	ends->fifo = NULL;
}

static const char *show(const char *path, char *dst, size_t size)
{
	escape_c(path, strlen(path), dst, size);
	return dst;
}

/* What could not be done with a file; format: %1$s the file, %2$s the error in words, %3$s its name. */
static int __attribute__((format(printf, 3, 0))) fail_file(struct failure *fail, int error, const char *format,
							     const char *path)
{
	char shown[NAME_SIZE], name[32];

	if (fail->domain != FAILURE_NONE)
		return -error;
	fail->domain = FAILURE_FILE;
	fail->code = error;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(fail->text, sizeof(fail->text), format, show(path, shown, sizeof(shown)), strerror(error),
		 name_errno(error, name, sizeof(name)));
#pragma GCC diagnostic pop
	return -error;
}

/* ---- file: ---- */

static int open_source(struct opened_file *file, struct failure *fail)
{
	const char *path = file->endpoint->file;
	struct stat stat;

	file->ends.in = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (file->ends.in == -1)
		return fail_file(fail, errno, _("read from the file %1$s: %2$s (%3$s)"), path);
	/* open(2) refuses nothing here: read(2) would. */
	if (fstat(file->ends.in, &stat) == 0 && S_ISDIR(stat.st_mode))
		return fail_file(fail, EISDIR, _("read from the file %1$s: %2$s (%3$s)"), path);
	return 0;
}

static int open_target(struct opened_file *file, struct failure *fail)
{
	const struct endpoint *endpoint = file->endpoint;
	const char *path = endpoint->file;
	struct stat status;

	if (stat(path, &status) == 0 && S_ISFIFO(status.st_mode)) {
		/* Not now: without a reader open(2) would wait, or fail. */
		file->ends.fifo = path;
		return opening_file_check_fifo(path, fail);
	}
	file->ends.out = open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
					    (endpoint->is_append ? O_APPEND : 0), 0666);
	if (file->ends.out == -1)
		return fail_file(fail, errno, _("write to the file %1$s: %2$s (%3$s)"), path);
	file->is_terminal = isatty(file->ends.out) == 1;
	file->is_stale = !endpoint->is_append && fstat(file->ends.out, &status) == 0 && S_ISREG(status.st_mode) &&
			 status.st_size > 0;
	return 0;
}

/* ---- fd:N ---- */

/*
 * Another descriptor for what was handed in. Of pipes and terminals an open file of its own (proc(5)), which may be
 * non-blocking; where that is not allowed *polls is set. Of others the same open file: its offset is shared.
 */
static int reopen(int fd, int access, bool *polls)
{
	char path[40];
	struct stat stat;
	enum sock_kind kind;
	int own = -1;

	if (fstat(fd, &stat) == -1)
		return -1;
	kind = file_kind_of(fd, stat.st_mode);
	if (kind == SOCK_KIND_PIPE || kind == SOCK_KIND_TERMINAL) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		own = open(path, access | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	}
	if (own != -1)
		return own;
	*polls = kind != SOCK_KIND_FILE;
	return fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

static int open_handed(struct opened_file *file, struct failure *fail)
{
	struct file_ends *ends = &file->ends;
	int fd = file->endpoint->fd, flags = fcntl(fd, F_GETFL), access = flags & O_ACCMODE;
	char name[32];

	if (flags == -1)
		return fail_file(fail, errno, _("take the descriptor %1$s: %2$s (%3$s)"), "fd:N");
	snprintf(name, sizeof(name), "fd:%d", fd);
	if (access != O_WRONLY)
		ends->in = reopen(fd, O_RDONLY, &ends->in_polls);
	if (access != O_WRONLY && ends->in == -1)
		return fail_file(fail, errno, _("read from %1$s: %2$s (%3$s)"), name);
	if (access != O_RDONLY)
		ends->out = reopen(fd, O_WRONLY, &ends->out_polls);
	if (access != O_RDONLY && ends->out == -1)
		return fail_file(fail, errno, _("write to %1$s: %2$s (%3$s)"), name);
	file->is_terminal = ends->out != -1 && isatty(ends->out) == 1;
	ends->handed = fd;
	return 0;
}

/* ---- pty ---- */

/* Is the link left over from a terminal that is not there any more? */
static bool is_stale_link(const char *path)
{
	char target[NAME_SIZE];
	ssize_t len = readlink(path, target, sizeof(target) - 1);
	struct stat stat_buf;

	if (len <= 0)
		return false;
	target[len] = '\0';
	return strncmp(target, TERMINALS, strlen(TERMINALS)) == 0 && stat(path, &stat_buf) == -1 && errno == ENOENT;
}

static int make_link(struct opened_file *file, struct failure *fail)
{
	const char *path = file->endpoint->file;

	if (path == NULL)
		return 0;
	if (strlen(path) >= sizeof(file->link.path))
		return fail_file(fail, ENAMETOOLONG, _("make the link %1$s to the terminal: %2$s (%3$s)"), path);
	if (is_stale_link(path))
		unlink(path);
	if (symlink(file->terminal, path) == -1)
		return fail_file(fail, errno,
				 errno == EEXIST ? _("make the link %1$s to the terminal: %2$s (%3$s): remove what "
						     "is there, or name another path") :
						   _("make the link %1$s to the terminal: %2$s (%3$s)"),
				 path);
	unixfile_remember_path(&file->link, path);
	return 0;
}

/* The other side, once, for its settings. From then on it shows whether anybody has it open (POLLHUP: nobody). */
static int set_up_terminal(const struct opened_file *file)
{
	int fd = open(file->terminal, O_RDWR | O_NOCTTY | O_CLOEXEC), ret = 0;
	struct termios settings;

	if (fd == -1)
		return -errno;
	if (!file->endpoint->is_cooked && tcgetattr(fd, &settings) == 0) {
		cfmakeraw(&settings);
		if (tcsetattr(fd, TCSANOW, &settings) == -1)
			ret = -errno;
	}
	close(fd);
	return ret;
}

static int make_terminal(struct opened_file *file, struct failure *fail)
{
	struct file_ends *ends = &file->ends;
	int error, flags;

	ends->terminal = file->terminal;
	ends->in = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ends->in == -1 || grantpt(ends->in) == -1 || unlockpt(ends->in) == -1)
		return fail_file(fail, errno, _("make a terminal (%1$s): %2$s (%3$s)"), "pty");
	error = ptsname_r(ends->in, file->terminal, sizeof(file->terminal));
	if (error == 0)
		error = -set_up_terminal(file);
	if (error != 0)
		return fail_file(fail, error, _("set up the terminal %1$s: %2$s (%3$s)"), file->terminal);
	/* One descriptor for each direction: the loop knows each once. */
	ends->out = fcntl(ends->in, F_DUPFD_CLOEXEC, 0);
	flags = fcntl(ends->in, F_GETFL);
	if (ends->out == -1 || flags == -1 || fcntl(ends->in, F_SETFL, flags | O_NONBLOCK) == -1)
		return fail_file(fail, errno, _("set up the terminal %1$s: %2$s (%3$s)"), file->terminal);
	return make_link(file, fail);
}

/* ---- All of them ---- */

int opening_file(struct opened_file *file, const struct endpoint *endpoint, bool is_source, struct failure *fail)
{
	int ret = 0;

	*file = (struct opened_file){
		.endpoint = endpoint,
		.ends = { .in = -1, .out = -1, .handed = -1, .is_late = !is_source },
	};
	switch (endpoint->kind->form) {
	case FORM_FILE:
		ret = is_source ? open_source(file, fail) : open_target(file, fail);
		break;
	case FORM_FD:
		ret = open_handed(file, fail);
		break;
	case FORM_PTY:
		ret = make_terminal(file, fail);
		break;
	case FORM_NONE:
	case FORM_HOST_PORT:
	case FORM_CID_PORT:
	case FORM_PATH:
	case FORM_COMMAND:
		break;
	}
	return ret;
}

int opening_file_check_apart(int in, int out, const char *fifo, const char *name, struct failure *fail)
{
	struct stat read, written;
	int ret;

	if (in == -1 || fstat(in, &read) == -1 || !(S_ISREG(read.st_mode) || S_ISFIFO(read.st_mode)))
		return 0;
	ret = out != -1 ? fstat(out, &written) : fifo != NULL ? stat(fifo, &written) : -1;
	if (ret == -1 || read.st_dev != written.st_dev || read.st_ino != written.st_ino)
		return 0;
	return fail_file(fail, EINVAL, _("%1$s is read and written at once: nothing is done"), name);
}

int opening_file_check_fifo(const char *path, struct failure *fail)
{
	if (access(path, W_OK) == -1)
		return fail_file(fail, errno, _("write to the FIFO %1$s: %2$s (%3$s)"), path);
	return 0;
}

int opening_file_empty(struct opened_file *file, int fd, struct failure *fail)
{
	if (!file->is_stale)
		return 0;
	file->is_stale = false;
	if (ftruncate(fd, 0) == -1)
		return fail_file(fail, errno, _("empty the file %1$s: %2$s (%3$s)"), file->endpoint->file);
	return 0;
}

struct file_ends opening_file_take(struct opened_file *file)
{
	struct file_ends ends = file->ends;

	file->ends.in = -1;
	file->ends.out = -1;
	file->ends.handed = -1;
	file->ends.fifo = NULL;
	return ends;
}

int opening_file_share(const struct opened_file *file, struct file_ends *ends)
{
	int error;

	*ends = file->ends;
	ends->handed = -1;
	ends->in = -1;
	ends->out = -1;
	if (file->ends.in != -1)
		ends->in = fcntl(file->ends.in, F_DUPFD_CLOEXEC, 0);
	if (file->ends.out != -1)
		ends->out = fcntl(file->ends.out, F_DUPFD_CLOEXEC, 0);
	if ((file->ends.in == -1) == (ends->in == -1) && (file->ends.out == -1) == (ends->out == -1))
		return 0;
	error = errno;
	close_ends(ends);
	return -error;
}

void opening_file_close(struct opened_file *file)
{
	if (file->endpoint == NULL)
		return;
	close_ends(&file->ends);
	unixfile_remove(&file->link);
	file->endpoint = NULL;
}

bool opening_file_is_read(const struct opened_file *file)
{
	return file->ends.in != -1;
}

const char *opening_file_words(const struct opened_file *file, char *dst, size_t size)
{
	if (file->terminal[0] != '\0')
		snprintf(dst, size, "%s", file->terminal);
	else
		endpoint_format_words(file->endpoint, dst, size);
	return dst;
}
