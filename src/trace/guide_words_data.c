/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guide: words about data on their way, and about other tools. Texts only. */
#include "trace/guide_topics.h"

#include "base/i18n.h"
#include "base/util.h"

static const struct guide_topic topics[] = {
	{
		.name = "line-ends",
		.aliases = "crlf cr-lf crnl newline newlines line-ending line-endings carriage-return",
		.title = N_("what ends a line on the wire"),
		.text = N_(
			"On Unix a line ends with one byte, LF (\\n). SMTP, HTTP, FTP, IRC and "
			"most other protocols of text want two, CR LF (\\r\\n), and a server "
			"may wait for ever for a line that ends with LF alone.\n\n"
			"  sockt connect -C mail.example 25    what is typed ends with CR LF\n\n"
			"-C (--crlf) leaves alone what ends so already, and never changes "
			"what arrives. In the trace (-vv) the ends are seen: \"HELO me\\r\\n\". "
			"A socket knows nothing of lines; to send whole ones only there is "
			"--line, to pause behind each --delay-lines.\n\n"
			"See sockt(1), 'sockt help byte-stream'."),
	},
	{
		.name = "telnet",
		.aliases = "telnet-negotiation iac do-dont-will-wont",
		.title = N_("a protocol that hides commands among the data"),
		.text = N_(
			"A server of TELNET (RFC 854) begins by asking for things: a byte "
			"255, then DO or WILL, then an option (echo, window size). Who does "
			"not know that sees three strange bytes, and a server that waits.\n\n"
			"With -t (--telnet) each is refused politely (DO by WONT, WILL by "
			"DONT), taken out of what arrives, and told in the trace. Most "
			"servers then speak plain text. Its lines end with CR LF: -t -C.\n\n"
			"Telnet is also what people call any talk with a port by hand; "
			"for that sockt connect HOST PORT is enough.\n\n"
			"See sockt(1), 'sockt help line-ends'."),
	},
	{
		.name = "dump",
		.aliases = "hex hexdump hex-dump record recording capture-data copy-of-data output-file",
		.title = N_("how to see, or keep, every byte that passes"),
		.text = N_(
			"  -vv               a preview of each send and receive\n"
			"  -vvv              all of it, beside the calls\n"
			"  --hex             only the bytes, > sent and < received\n"
			"  --hex-file FILE   the same to a file\n"
			"  -o, --output FILE the bytes as they are, both ways\n"
			"  --output-in FILE, --output-out FILE   one way\n"
			"  --append          behind what the files have, not in its place\n"
			"  --trace pcap:FILE as packets, for Wireshark\n\n"
			"A dump counts in each direction on its own; what stands in one row "
			"came together, and need not have been sent together.\n\n"
			"See sockt(1), sockt-trace(5), 'sockt help coalesced'."),
	},
	{
		.name = "traffic",
		.aliases = "goodput throughput speed bandwidth measure null discard echo rate limit progress",
		.title = N_("how fast a network is, and how to load it"),
		.text = N_(
			"  sockt listen --discard 9000                  on one host\n"
			"  sockt connect --null --limit 1G HOST 9000    on the other\n\n"
			"--null sends zeros, --discard throws away what arrives, --echo sends "
			"it back; at the end of each connection both sides say how many bytes "
			"of payload they carried, and how fast. That is goodput: what headers, "
			"retransmissions and waiting have left.\n\n"
			"--rate SIZE holds a connection to so many bytes a second, --limit "
			"SIZE ends it, --progress tells how far it is. What slows it down is "
			"seen with -vv: a small window, losses, a reader that does not read.\n\n"
			"See sockt(1), 'sockt help window'."),
	},
	{
		.name = "netcat",
		.aliases = "nc ncat socat cookbook coming-from-nc other-tools tasks recipes",
		.title = N_("nc, ncat and socat, and what they are called here"),
		.text = N_(
			"  nc host 9000               sockt connect host 9000\n"
			"  nc -l 9000                 sockt listen 9000\n"
			"  nc -z host 20-30           sockt connect -z host 20-30\n"
			"  ncat -lk -e PROG 9000      sockt listen -k --exec PROG 9000\n"
			"  socat TCP-LISTEN:9000,fork TCP:host:80\n"
			"                             sockt relay 9000 host:80\n\n"
			"sockt-cookbook(7) has more than fifty tasks with the lines of each "
			"tool, and every option of theirs with its counterpart. An option of "
			"theirs that is given to sockt is answered by the name of ours.\n\n"
			"What is different: the end of standard input half-closes and nothing "
			"more, no clock runs unless one is set, and status 0 means that "
			"nothing was lost.\n\n"
			"See sockt-cookbook(7), 'sockt help half-close'."),
	},
};

const struct guide_topics guide_topics_words_data = { topics, ARRAY_LEN(topics) };
