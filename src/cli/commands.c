/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of commands. What each does is in its own file. */
#include "cli/command.h"

#include <string.h>

#include "base/i18n.h"
#include "base/util.h"

static const struct command commands[] = {
	{
		.name = "listen",
		.summary = N_("wait for a client, then move data both ways"),
		.synopsis = (const char *const[]){
			"[OPTION]... [ADDRESS] PORT",
			"[OPTION]... ENDPOINT...",
			NULL,
		},
		.examples = (const char *const[]){
			"sockt listen 9000",
			N_("wait on port 9000 of every address; talk with the first client"),
			"sockt listen -v 127.0.0.1 9000 > received",
			N_("only from this machine; keep what comes; show each step"),
			"sockt listen -k --tag 9000",
			N_("many clients at once, each line with the client's number"),
			"sockt listen -k --exec 'sort -n' 9000",
			N_("a program for each client of this machine: its lines come back sorted"),
			NULL,
		},
		.bit = COMMAND_LISTEN,
		.role = ROLE_LISTEN,
		.run = cmd_listen_run,
	},
	{
		.name = "connect",
		.summary = N_("connect to a server, then move data both ways"),
		.synopsis = (const char *const[]){
			"[OPTION]... HOST PORT",
			"[OPTION]... ENDPOINT",
			"--scan [OPTION]... HOST PORTS",
			NULL,
		},
		.examples = (const char *const[]){
			"sockt connect localhost 9000",
			N_("talk with what listens on port 9000 of this machine"),
			"sockt connect -v -w 5s example.com 80 < request",
			N_("send a request, print the reply, show each step"),
			"sockt connect --scan localhost 22,80-90,https",
			N_("try these ports, and write a line for each"),
			"sockt connect unix:/run/app.sock",
			N_("talk with a process of this machine through a Unix socket"),
			NULL,
		},
		.bit = COMMAND_CONNECT,
		.role = ROLE_CONNECT,
		.run = cmd_connect_run,
	},
	{
		.name = "relay",
		.summary = N_("take clients, connect each to a target, and move data between them"),
		.synopsis = (const char *const[]){ "[OPTION]... FROM... TO", NULL },
		.examples = (const char *const[]){
			"sockt relay -v 9000 localhost:80",
			N_("stand between the clients of port 9000 and a server, and show each step"),
			"sockt relay unix:/run/db.sock tcp:db:5432",
			N_("reach a server over TCP through a Unix socket"),
			"sockt relay --fault latency=200ms,rate=64k 9000 localhost:80",
			N_("the same server, as over a slow line"),
			NULL,
		},
		.bit = COMMAND_RELAY,
		.role = ROLE_RELAY,
		.run = cmd_relay_run,
	},
	{
		.name = "shell",
		.summary = N_("make each call of the socket API by hand"),
		.synopsis = (const char *const[]){ "[OPTION]... [SCRIPT]", NULL },
		.examples = (const char *const[]){
			"sockt shell",
			N_("make sockets, name them and let them talk; `help` lists the statements"),
			"sockt shell talk.sockt",
			N_("make the calls of the script, and show each of them"),
			"sockt shell --trace c:talk.c talk.sockt",
			N_("the same, and leave it as a C program"),
			NULL,
		},
		.bit = COMMAND_SHELL,
		.run = cmd_shell_run,
	},
	{
		.name = "nc",
		.summary = N_("do what OpenBSD's nc does, by its command line"),
		.synopsis = (const char *const[]){
			"[-46bCDdFhklNnrStUuvZz] [LETTER ARGUMENT]... HOST PORT...",
			"-l [LETTER]... [HOST] PORT",
			"-U [LETTER]... PATH",
			NULL,
		},
		.examples = (const char *const[]){
			"sockt nc -v -N localhost 9000",
			N_("talk with a server; the sockt command that is the same is told first"),
			"sockt nc -l 9000 > received",
			N_("wait for a client, and keep what it sends"),
			"sockt nc -zv localhost 20-30",
			N_("which of these ports are open"),
			NULL,
		},
		.bit = COMMAND_NC,
		.run = cmd_nc_run,
	},
	{
		.name = "help",
		.summary = N_("explain a command, a call, a state, an error or an idea"),
		.synopsis = (const char *const[]){ "[TOPIC]", NULL },
		.examples = (const char *const[]){
			"sockt help",
			N_("list all topics"),
			"sockt help backlog",
			N_("what the limit of the accept queue does"),
			"sockt help ECONNREFUSED",
			N_("what this error means and what to do"),
			"sockt help --retry",
			N_("what this option does, and which commands have it"),
			NULL,
		},
		.bit = COMMAND_HELP,
		.run = cmd_help_run,
	},
};

const struct command *command_at(size_t index)
{
	return index < ARRAY_LEN(commands) ? &commands[index] : NULL;
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}
