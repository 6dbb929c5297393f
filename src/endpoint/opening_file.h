/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening what is no socket: a file, a FIFO or a device by its path (file:), a descriptor that was handed in (fd:N), a
 * terminal that is made (pty). Nothing blocks, whatever the path names.
 */
#ifndef SOCKT_ENDPOINT_OPENING_FILE_H
#define SOCKT_ENDPOINT_OPENING_FILE_H

#include "endpoint/endpoint.h"
#include "endpoint/unixfile.h"
#include "stream/file_layer.h"
#include "trace/failure.h"

struct opened_file {
	const struct endpoint *endpoint;
	struct file_ends ends;
	bool is_terminal;    /* what is written is shown to somebody */
	bool is_stale;       /* what stands in it has to go before anything is written */
	struct unixfile link; /* of a pty: the link that was made; removed, if it is still that, when it is closed */
	char terminal[64];   /* of a pty: the name of the other side; else "" */
};

/*
 * Open what endpoint (endpoint_is_file()) names, which outlives it. As FROM (is_source) a file is read; as TO it is
 * written, and made where it is not there; it is not emptied yet. Returns 0, or -errno with fail filled (FAILURE_FILE).
 */
int opening_file(struct opened_file *file, const struct endpoint *endpoint, bool is_source, struct failure *fail);
/*
 * Is what is read at one end (in; -1: nothing) the file, or the FIFO, that is written at the other? That would be read
 * again, and never end; and to empty it first would lose it. out: what is written there; -1: nothing, or what fifo is
 * the path of (NULL: nothing). name: how messages call it. Returns 0, or -EINVAL with fail filled (FAILURE_FILE).
 */
int opening_file_check_apart(int in, int out, const char *fifo, const char *name, struct failure *fail);
/* May a FIFO be written that is opened by its name later? Returns 0, or -errno with fail filled (FAILURE_FILE). */
int opening_file_check_fifo(const char *path, struct failure *fail);
/*
 * Empty a file that is TO, unless it is to be appended to: when it is certain that something will be written. fd: its
 * end that is written. Returns 0, or -errno with fail filled (FAILURE_FILE).
 */
int opening_file_empty(struct opened_file *file, int fd, struct failure *fail);
/* The ends for the one layer over it, which takes them. */
struct file_ends opening_file_take(struct opened_file *file);
/* Other ends of the same, for one layer of several. Returns 0 or -errno. */
int opening_file_share(const struct opened_file *file, struct file_ends *ends);
/* Close what was not taken, and remove the link of a pty. Not opened (endpoint NULL): nothing. */
void opening_file_close(struct opened_file *file);
/* Is anything read from it? */
bool opening_file_is_read(const struct opened_file *file);
/* How messages call it: the path, the name of the terminal, "descriptor 5"; escaped. Returns dst. */
const char *opening_file_words(const struct opened_file *file, char *dst, size_t size);

#endif
