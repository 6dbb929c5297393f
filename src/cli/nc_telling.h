/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run says that was asked for in nc's words: the lines that scripts look for on standard error, worded as nc
 * words them.
 */
#ifndef SOCKT_CLI_NC_TELLING_H
#define SOCKT_CLI_NC_TELLING_H

#include "cli/running.h"
#include "endpoint/listener.h"
#include "engine/scan.h"

struct nc_telling {
	struct bus_tap tap;
	struct running *rn;
	const char *command; /* ours that is the same, as a person can type it; borrowed */
	bool is_verbose;     /* -v */
	bool is_numeric;     /* -n */
	bool has_told;       /* that an address could not be connected to */
	bool has_opened;     /* a connection has stood */
	bool is_again;       /* the same was tried before, without the right password */
	bool may_ask;        /* a person can be asked for the password of a proxy */
	bool wants_password; /* and has to be: nothing else was said of the failure */
};

/* The run is open, and nothing has begun: say which command it is, and hear of what comes. */
void nc_telling_begin(struct nc_telling *nc, struct running *rn);
/* The sockets are bound: count of them. */
void nc_telling_listening(struct nc_telling *nc, const struct listening *sockets, size_t count);
/* What came of a port (-z). */
void nc_telling_verdict(struct nc_telling *nc, const struct scan_verdict *verdict);
/* Is the failure one of which nothing is said, for a person is asked for a password and it is tried again? */
bool nc_telling_asks(struct nc_telling *nc, const struct failure *fail);
/* Word the first line of the report of a failure (report_format()) as nc does. report is of size bytes. */
void nc_telling_report(struct nc_telling *nc, const struct failure *fail, char *report, size_t size);

#endif
