/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --packets: see packets.h. */
#include "cli/packets.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/i18n.h"
#include "step/capture.h"
#include "step/sight.h"

/* Does nothing of what the endpoint moves go over a network? */
static bool is_unseen(const struct endpoint *endpoint)
{
	enum protocol protocol = endpoint->kind->protocol;

	return protocol == PROTOCOL_UNIX || protocol == PROTOCOL_UNIX_DGRAM || protocol == PROTOCOL_UNIX_SEQPACKET ||
	       protocol == PROTOCOL_VSOCK;
}

/* Both ends of a relay, the one of other runs. */
static bool has_no_network(const struct options *options)
{
	bool has_target = options->target.kind != NULL && !options->is_dialing;
	const struct endpoint *endpoint;

	for (size_t i = 0; (endpoint = options_endpoint_at(options, i)) != NULL; i++)
		if (endpoint->kind == NULL || !is_unseen(endpoint))
			return false;
	return !has_target || is_unseen(&options->target);
}

/* Does a trace want all bytes of each packet? */
static bool needs_whole(const struct options *options)
{
	for (size_t i = 0; i < options->trace_count; i++) {
		if (options->traces[i].kind->needs_payload)
			return true;
	}
	return false;
}

void packets_begin(struct running *rn)
{
	const struct capture_options options = { .is_whole = needs_whole(rn->options) };
	int ret;

	if (!rn->options->is_packets)
		return;
	if (has_no_network(rn->options))
		ret = -EAFNOSUPPORT;
	else if (rn->options->workers != OPTIONS_UNSET)
		ret = capture_check();
	else
		ret = capture_open(&rn->st, &options);
	rn->packets_error = -ret;
	rn->has_packets = ret == 0;
}

static void say(struct running *rn, const char *sentence)
{
	rn->engine.say(rn->engine.say_ctx, sentence);
}

/* What is needed, and what is shown without it. */
static void say_privilege(struct running *rn)
{
	char path[PATH_MAX], shown[PATH_MAX], sentence[PATH_MAX + 512];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[len > 0 ? len : 0] = '\0';
	escape_c(len > 0 ? path : "sockt", len > 0 ? (size_t)len : strlen("sockt"), shown, sizeof(shown));
	snprintf(sentence, sizeof(sentence),
		 _("--packets needs CAP_NET_RAW: as root, or once `setcap cap_net_raw+ep %s`; without it are shown: "
		   "segments that TCP counts, the SYN of each client, ICMP errors, and with -vv acknowledgements"),
		 shown);
	say(rn, sentence);
}

static void say_error(struct running *rn, int error)
{
	char sentence[256];

	snprintf(sentence, sizeof(sentence),
		 _("--packets: packets cannot be seen here: %s; the run goes on without them"), strerror(error));
	say(rn, sentence);
}

void packets_tell(struct running *rn)
{
	if (rn->packets_error == 0)
		return;
	if (rn->packets_error == EAFNOSUPPORT)
		say(rn, _("--packets: Unix sockets send no packets, so there are none to be seen"));
	else if (rn->packets_error == EPERM || rn->packets_error == EACCES)
		say_privilege(rn);
	else
		say_error(rn, rn->packets_error);
	if (rn->packets_error != EAFNOSUPPORT && rn->bus.level > 0)
		rn->st.sight = sight_new();
}

int packets_open_worker(struct running *own)
{
	const struct capture_options options = { .is_whole = needs_whole(own->options), .is_sharing = true };

	if (!own->options->is_packets)
		return 0;
	if (capture_open(&own->st, &options) < 0) {
		if (own->bus.level > 0)
			own->st.sight = sight_new();
		return 0;
	}
	return capture_watch(own->st.capture, own->loop);
}
