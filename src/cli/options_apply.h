/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How arguments of options become values: the functions that the table of options names. */
#ifndef SOCKT_CLI_OPTIONS_APPLY_H
#define SOCKT_CLI_OPTIONS_APPLY_H

#include "cli/options_table.h"

/* Each is an apply function of struct option_record. The member at offset is of the type said. */

/* bool: set */
int apply_flag(struct options *options, const struct option_record *record, const char *argument,
	       char *error);
/* unsigned: one more, to max */
int apply_count(struct options *options, const struct option_record *record, const char *argument,
		char *error);
/* int: min */
int apply_constant(struct options *options, const struct option_record *record,
		   const char *argument, char *error);
/* uint64_t: a number within min..max */
int apply_number(struct options *options, const struct option_record *record, const char *argument,
		 char *error);
/* uint64_t: a size in bytes within min..max: 64k, 1M */
int apply_size(struct options *options, const struct option_record *record, const char *argument,
	       char *error);
/* int: likewise */
int apply_int(struct options *options, const struct option_record *record, const char *argument,
	      char *error);
/* uint64_t: a time, at least min ns */
int apply_time(struct options *options, const struct option_record *record, const char *argument,
	       char *error);
/* an enum: the value of a word */
/* The argument itself, which is argv's. */
int apply_text(struct options *options, const struct option_record *record, const char *argument,
	       char *error);
/* The same, of one character that prints and is neither a letter, a digit nor a blank; or "none". */
int apply_escape(struct options *options, const struct option_record *record, const char *argument,
		 char *error);
/* One more --fault. */
/* An option of the socket: kept as it is, for options_set_sockopts(). */
int apply_sockopt(struct options *options, const struct option_record *record, const char *argument,
		  char *error);
int apply_fault(struct options *options, const struct option_record *record, const char *argument,
		char *error);
int apply_word(struct options *options, const struct option_record *record, const char *argument,
	       char *error);

/* These fill members of their own. */
int apply_source(struct options *options, const struct option_record *record, const char *argument,
		 char *error);
int apply_source_port(struct options *options, const struct option_record *record,
		      const char *argument, char *error);
int apply_retry(struct options *options, const struct option_record *record, const char *argument,
		char *error);
int apply_datagram(struct options *options, const struct option_record *record,
		   const char *argument, char *error);
/* One more hop of the route. The password of the argument is blotted out of argv, for others can read that. */
int apply_proxy(struct options *options, const struct option_record *record, const char *argument,
		char *error);
int apply_ready_fd(struct options *options, const struct option_record *record,
		   const char *argument, char *error);
int apply_body(struct options *options, const struct option_record *record, const char *argument,
	       char *error);
int apply_http_get(struct options *options, const struct option_record *record, const char *argument,
		   char *error);
int apply_header(struct options *options, const struct option_record *record, const char *argument,
		 char *error);
int apply_trace(struct options *options, const struct option_record *record, const char *argument,
		char *error);

#endif
