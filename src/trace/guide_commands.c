/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guide: the commands of sockt. Texts only. */
#include "trace/guide_topics.h"

#include "base/i18n.h"
#include "base/util.h"

static const struct guide_topic topics[] = {
	{
		.name = "listen",
		.aliases = "sockt-listen server-command",
		.title = N_("wait for a client, then talk with it"),
		.text = N_(
			"  sockt listen [OPTION]... [ADDRESS] PORT\n"
			"  sockt listen [OPTION]... ENDPOINT...\n\n"
			"Makes a server socket, waits for one client, and joins that "
			"connection with standard input and standard output: what is read "
			"from standard input is sent, what arrives is written to standard "
			"output.\n\n"
			"Without an address it listens on every address of this host, over "
			"IPv4 and IPv6. Port 0 asks the kernel for a free port. As soon as "
			"the client is there the listening socket is closed, so that "
			"further clients are refused. With -k (--keep-open) it goes on "
			"listening and serves many clients at once. Several endpoints, a "
			"word each, are listened on together.\n\n"
			"Try it in two terminals:\n\n"
			"  sockt listen -v 9000\n"
			"  sockt connect -v localhost 9000\n\n"
			"The options are listed by 'sockt listen --help'.\n\n"
			"See sockt-listen(1)."),
	},
	{
		.name = "connect",
		.aliases = "sockt-connect client-command",
		.title = N_("connect to a server and talk with it"),
		.text = N_(
			"  sockt connect [OPTION]... HOST PORT\n"
			"  sockt connect [OPTION]... ENDPOINT\n"
			"  sockt connect --scan [OPTION]... HOST PORTS\n\n"
			"Makes a client socket, connects it, and joins the connection with "
			"standard input and standard output: what is read from standard "
			"input is sent, what arrives is written to standard output. The "
			"end of standard input ends only the sending direction; receiving "
			"goes on until the server ends.\n\n"
			"A host with several addresses is tried on all of them, a new one "
			"every 250 ms; the first that answers wins (see 'sockt help "
			"happy-eyeballs'). -v shows every candidate and its verdict.\n\n"
			"With --scan nothing is joined: it tries ports, and says of each "
			"what came of it (see 'sockt help scan').\n\n"
			"  printf 'GET / HTTP/1.0\\r\\n\\r\\n' | sockt connect example.org 80\n\n"
			"The options are listed by 'sockt connect --help'.\n\n"
			"See sockt-connect(1)."),
	},
	{
		.name = "relay",
		.aliases = "sockt-relay forward forwarding session target control drain"
			   " workers stats",
		.title = N_("stand between clients and a server"),
		.text = N_(
			"  sockt relay [OPTION]... FROM... TO\n\n"
			"Waits for clients at the endpoint FROM, connects each of them to the "
			"endpoint TO, the target, and moves what they say both ways. A client "
			"and its connection to the target are a session; with -v both "
			"connections of each are shown, with a summary of each at its end.\n\n"
			"What happens on one side happens on the other: an end of one "
			"direction passes through as an end (see 'sockt help half-close'), a "
			"reset as a reset. A target that cannot be reached resets the client, "
			"so that nobody takes it for an empty reply.\n\n"
			"To watch, to forward a port, and to make a network bad on purpose:\n\n"
			"  sockt relay -vv 9000 localhost:80\n"
			"  sockt relay unix:/run/db.sock tcp:db:5432\n"
			"  sockt relay --fault latency=200ms,rate=64k 9000 localhost:80\n\n"
			"The server sees the relay's address, not the client's. Where it "
			"expects a PROXY header, the endpoint option proxy-protocol=v2 of TO "
			"tells it the client's.\n\n"
			"While it runs, --control unix:PATH takes commands (send it 'help'), "
			"--stats TIME and SIGUSR1 show how it goes. --drain TIME lets "
			"sessions finish after SIGTERM; --workers N uses several cores.\n\n"
			"The options are listed by 'sockt relay --help'.\n\n"
			"See sockt-relay(1)."),
	},
	{
		.name = "shell",
		.aliases = "sockt-shell script",
		.title = N_("make each call of the socket API by hand"),
		.text = N_(
			"  sockt shell [OPTION]... [SCRIPT]\n\n"
			"Makes one call for each line that is typed, or that stands in SCRIPT, "
			"and shows it as the C call that it is, with its result and the state "
			"of the socket. Sockets have names, and both ends of a connection can "
			"live in one shell:\n\n"
			"  server = socket tcp\n"
			"  bind server 127.0.0.1:0\n"
			"  listen server\n"
			"  client = socket tcp\n"
			"  connect client server\n"
			"  peer = accept server\n"
			"  send client \"hello\"\n"
			"  recv peer\n\n"
			"A call that would block waits until it is done; Ctrl-C gives the "
			"prompt back. 'help' lists all statements. In a script 'expect' checks "
			"the last result, or waits for a state.\n\n"
			"A course of lessons is installed, from the first socket to a peer "
			"that has vanished. They are scripts, played by their number:\n\n"
			"  sockt shell --lessons\n"
			"  sockt shell --step 01\n\n"
			"The options are listed by 'sockt shell --help'.\n\n"
			"See sockt-shell(1)."),
	},
	{
		.name = "nc",
		.aliases = "sockt-nc netcat",
		.title = N_("do what OpenBSD's nc does, by its command line"),
		.text = N_(
			"  sockt nc [LETTER]... HOST PORT...\n"
			"  sockt nc -l [LETTER]... [HOST] PORT\n"
			"  sockt nc -U [LETTER]... PATH\n\n"
			"Takes the letters of OpenBSD's nc, as Debian has it, and makes of them "
			"a command of sockt's own, which is run. -v tells it first, so that the "
			"one is learnt from the other:\n\n"
			"  $ sockt nc -v -w 5 localhost 9000\n"
			"  nc: the same in sockt's own words: sockt connect --no-shutdown\n"
			"  -w 5 -i 5 -q 5 localhost 9000\n\n"
			"What scripts look for is said as nc says it ('succeeded!', 'Connection "
			"refused', 'Listening on'); the exit status is sockt's, so that a reset "
			"or a lost byte is never 0.\n\n"
			"Where the program is called nc or netcat, by a link of that name, it "
			"does the same.\n\n"
			"The letters are listed by 'sockt nc -h'.\n\n"
			"See sockt-nc(1)."),
	},
	{
		.name = "help",
		.aliases = "topics sockt-help",
		.title = N_("explain a command, a call, a state, an error or an idea"),
		.text = N_(
			"  sockt help [TOPIC]\n\n"
			"Without a topic it lists all topics. A topic may be a command "
			"(listen), a call of the trace (bind), a state of a TCP socket "
			"(CLOSE_WAIT), an error (ECONNREFUSED), an option of a socket "
			"(SO_REUSEADDR), a word (backlog) or an idea (roles). Letter case "
			"does not matter; hyphens, blanks and underscores count the same. "
			"The name of a group lists that group with a line for each topic: "
			"'sockt help ideas'.\n\n"
			"A word that names several things shows them all: 'listen' is a "
			"command, a call and a state. An unknown topic ends with status 2 "
			"and names the nearest ones.\n\n"
			"See sockt(1)."),
	},
};

const struct guide_topics guide_topics_commands = { topics, ARRAY_LEN(topics) };
