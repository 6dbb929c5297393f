/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A descriptor with its facts: see sock.h. */
#include "step/sock.h"

void sock_init(struct sock *sk)
{
	*sk = (struct sock){ .fd = -1 };
}
