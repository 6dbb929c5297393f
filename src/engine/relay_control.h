/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What commands do to a relay (control_commands.h). */
#ifndef SOCKT_ENGINE_RELAY_CONTROL_H
#define SOCKT_ENGINE_RELAY_CONTROL_H

#include "engine/control_commands.h"
#include "engine/relay.h"

/* ctx is a struct relay. */
extern const struct control_ops relay_control_ops;

#endif
