/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagnoses: why a proxy did not connect to what it was asked for. Sentences only. */
#include "engine/diagnose.h"

#include "base/i18n.h"
#include "stream/negotiation.h"

#define ROW FAILURE_PROXY

const struct diagnosis diagnosis_proxy[] = {
	{ ROW, NEGOTIATION_UNABLE, 0, KIND_ANY, NULL,
	  N_("this kind of proxy has no way to say where to connect to"),
	  N_("if the proxy knows SOCKS 5, write socks5h:// in front of it: it carries names and addresses of both "
	     "kinds") },
	{ ROW, NEGOTIATION_DIGEST, 0, KIND_ANY, NULL,
	  N_("the proxy does not take a password as it is; the digest of it that it wants is made by a library"),
	  N_("install libssl3, which has it (a system in FIPS mode makes no MD5)") },
	{ ROW, NEGOTIATION_AUTH, 0, KIND_ANY, NULL,
	  N_("the proxy serves only those it knows, and was given no user and password, or others than it has"),
	  N_("put a line USER:PASSWORD into a file for --proxy-auth-file, or into the variable SOCKT_PROXY_AUTH") },
	{ ROW, NEGOTIATION_FORBIDDEN, 0, KIND_ANY, NULL,
	  N_("the proxy is up and understood the request; its rules do not allow this destination, this port or this "
	     "client"),
	  N_("ask who runs the proxy; many allow port 443 only") },
	{ ROW, NEGOTIATION_REFUSED, 0, KIND_ANY, NULL,
	  N_("the proxy is up and understood the request, but has no connection with the destination: what it says is "
	     "how things look from there"),
	  N_("is the destination right, and up? Names are resolved at the proxy by socks5h:// and socks4a://, here by "
	     "socks5:// and socks4://; the log of the proxy may say more") },
	{ ROW, NEGOTIATION_BROKEN, 0, KIND_ANY, NULL,
	  N_("something answers on that port, but it is another kind of proxy, or none"),
	  N_("-vv shows what it sent; are the kind and the port in --proxy those of the proxy?") },
	{ ROW, NEGOTIATION_ENDED, 0, KIND_ANY, NULL,
	  N_("the proxy has gone away in the middle: it is of another kind, serves only clients that it knows, or "
	     "failed"),
	  N_("-vv shows how far it came; the log of the proxy says why") },
	{ FAILURE_LIMIT, ENDED_CONNECT_TIMEOUT, STEP_BIT(PROXY), KIND_ANY, NULL,
	  N_("the proxy took the connection and did not answer in time: it hangs, or tries to reach the target itself"),
	  N_("-vv shows how far it came; a longer -w waits longer") },
	{ .domain = FAILURE_NONE },
};
