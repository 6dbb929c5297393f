/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the benchmark's tool share. Each run_x() is a subcommand; its words are in the table in tool.c. */
#ifndef SOCKT_BENCH_TOOL_H
#define SOCKT_BENCH_TOOL_H

#include <stdbool.h>
#include <stdint.h>

/* CLOCK_MONOTONIC. */
int64_t now_ns(void);
/* Say on standard error what has failed, by errno. Returns 1: the status. */
int complain(const char *what);
/* A listening TCP socket or a bound UDP socket on a free port of 127.0.0.1, which is told as "PORT\n". -1: errno. */
int open_port(int report, int type);
/* Begin to connect a socket of 127.0.0.1 to port. type may hold SOCK_NONBLOCK. Returns it, or -1: errno. */
int open_client(int type, unsigned port);
/* Allow as many descriptors as there may be. */
bool raise_files(void);
/* Until standard input ends: what is held is held so long. */
void wait_for_end(void);

int run_target(int report, char **argv);
int run_echo(int report, char **argv);
int run_bulk(int report, char **argv);
int run_paced(int report, char **argv);
int run_ping(int report, char **argv);
int run_connections(int report, char **argv);
int run_idle(int report, char **argv);
int run_blast(int report, char **argv);
int run_count(int report, char **argv);

#endif
