/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a sink writes: whole records into a bounded buffer (1 MiB), which goes to a file, a terminal or a pipe without
 * ever blocking the loop. A terminal or standard error gets each record at once; a file gets it at the next flush, or
 * when 64 KiB have gathered. Where the output does not keep up, whole records are lost, counted, and said by the sink.
 */
#ifndef SOCKT_TRACE_SINK_OUT_H
#define SOCKT_TRACE_SINK_OUT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/screen.h"

struct sink_out;

/*
 * file: NULL standard error; "fd:N"; a path. Returns 0 or -errno; -EEXIST: a path that is standard input, output or
 * error as well, so that what stands there would be written over. A file keeps what stands in it until
 * sink_out_empty().
 */
int sink_out_open(const char *file, struct sink_out **out);
/* Cut off what stood in a file that was named, once it is known to be nobody else's. Returns 0 or -errno. */
int sink_out_empty(struct sink_out *out);
/*
 * The same for bytes that are no records, such as what passes on a connection (--output), into a file that is empty;
 * is_appending: behind what stands in it.
 */
int sink_out_open_bytes(const char *file, bool is_appending, struct sink_out **out);
/* Would both write over each other: are they the same regular file, of which one was opened by a name? */
bool sink_out_is_same(const struct sink_out *out, const struct sink_out *other);
/* The descriptor written to, for asking whether it is a terminal. */
int sink_out_fd(const struct sink_out *out);
/*
 * Records are not lines but blocks of bytes, which know their length: block_len() returns that of the one at data, of
 * which all is there. Called before the first of them.
 */
void sink_out_set_blocks(struct sink_out *out, size_t (*block_len)(const char *data, size_t len));
/*
 * Add one whole record, which ends with a newline or is a block. Returns false where there was no room: the record is
 * lost and counted.
 */
bool sink_out_record(struct sink_out *out, const char *data, size_t len);
/*
 * Keep a line at the bottom of a terminal, without a newline: what is written stands above it. It replaces the one that
 * was there; NULL: it is left standing, and there is none any more.
 */
void sink_out_set_status(struct sink_out *out, const char *line);
/* Take that line away, and leave nothing of it. */
void sink_out_clear_status(struct sink_out *out);
/*
 * For a file with a tail: may what has been written be written over? Not in a pipe, nor where other data follow or
 * standard output writes as well. If so, records are held from now on until sink_out_tail(), and true is returned; else
 * nothing changes.
 */
bool sink_out_keep_tail(struct sink_out *out);
/*
 * Write the records that are held and the tail behind them at once; the next records take the tail's place. Where
 * that fails, the file is brought back to how it was. Only after sink_out_keep_tail().
 */
void sink_out_tail(struct sink_out *out, const char *tail, size_t len);
/* Write over len bytes of what has been written, at bytes from its start. Only after sink_out_keep_tail(). */
void sink_out_patch(struct sink_out *out, size_t at, const char *data, size_t len);
/*
 * From now on what is written goes through a screen, above the line that is typed there (borrowed; NULL: no more).
 * Only whole records do.
 */
void sink_out_set_screen(struct sink_out *out, struct screen *screen);
/*
 * Its reader is another process of this run, which always reads: where there is no room for a record, wait until it has
 * made some, as a file is waited for; but no longer than for wait_ms without a byte that it takes. No other process
 * writes there, so that records need not be whole in each write.
 */
void sink_out_set_waited(struct sink_out *out, int wait_ms);
/* How many bytes are held that were not taken yet. */
size_t sink_out_held(const struct sink_out *out);
/* Is anything held that was not taken yet? */
bool sink_out_holds(const struct sink_out *out);
/* The -errno of the first write that failed, after which nothing more is written; 0: none has. */
int sink_out_error(const struct sink_out *out);
/* What it writes to, as an error message calls it. */
const char *sink_out_name(const struct sink_out *out);
/* Is it a regular file of which nobody expects each line at once? */
bool sink_out_is_file(const struct sink_out *out);
/* How many records were lost since it was last asked; asking sets it to 0. */
uint64_t sink_out_lost(struct sink_out *out);
/* Write what can be written without blocking. Returns whether anything was. */
bool sink_out_flush(struct sink_out *out);
/*
 * Write the rest, waiting at most a second in all for an output that does not take it; for a reader that is waited for,
 * its own time without a byte that it takes.
 */
void sink_out_drain(struct sink_out *out);
/* What no write ends with: nobody has read the output for a second. */
#define SINK_OUT_UNREAD (-EAGAIN)
/*
 * Drain, close, free. SINK_OUT_UNREAD: the rest was not taken. Returns 0 or the -errno
 * of the first write that failed; its file's name is written to file (size bytes, may be NULL).
 */
int sink_out_close(struct sink_out *out, char *file, size_t size);

#endif
