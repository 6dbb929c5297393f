/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values that name an interface or a multicast group. Pure, but for if_nametoindex(3). Each function returns 0 and
 * *value, or -EINVAL or -ERANGE with one line in error (PARSE_ERROR_MAX bytes) that begins with what.
 */
#ifndef SOCKT_ENDPOINT_SOCKOPT_GROUP_H
#define SOCKT_ENDPOINT_SOCKOPT_GROUP_H

#include "endpoint/sockopt.h"

/* The name or number of an interface: its number, in network order where is_be. */
int sockopt_group_parse_index(const char *what, const char *text, bool is_be, struct sockopt_value *value,
			      char *error);
/* An interface, or an IPv4 address of one: a struct ip_mreqn without a group. */
int sockopt_group_parse_sender(const char *what, const char *text, struct sockopt_value *value, char *error);
/* GROUP[@INTERFACE] of a family: a struct ip_mreqn or ipv6_mreq. Of AF_INET also GROUP@ADDRESS. */
int sockopt_group_parse(const char *what, const char *text, int family, struct sockopt_value *value, char *error);
/* The family of the group that text begins with, AF_UNSPEC where it is no address. */
int sockopt_group_family(const char *text);
/* A struct ip_mreqn (len bytes) or ipv6_mreq in words: "239.1.2.3@eth0". */
void sockopt_group_format(const void *value, socklen_t len, char *dst, size_t size);

#endif
