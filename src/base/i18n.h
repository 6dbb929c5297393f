/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every sentence for a person goes through _(), whole, so that a catalogue can take its place one day. Names of calls,
 * states and errnos, JSON and --ready-fd never do. N_() marks a sentence in a const table that _() translates later.
 */
#ifndef SOCKT_BASE_I18N_H
#define SOCKT_BASE_I18N_H

#define _(sentence) (sentence)
#define N_(sentence) sentence

#endif
