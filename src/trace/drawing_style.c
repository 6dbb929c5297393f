/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The style sheet of the drawings. Only what a browser has by itself: no font and no picture from elsewhere. Colour
 * never says anything alone: states have their names, arrows their direction and label, failures their errno.
 */
#include "trace/drawing.h"

/* A state in its pill, drawn (SVG) or set (HTML). */
#define STATE(name, ground, ink)                                                                        \
	"rect." name "{fill:" ground "}text." name "{fill:" ink "}b." name "{background:" ground ";color:" ink "}"
/* What belongs to an arrow: its line, its tip, its label. */
#define ARROW(name, ink) "path." name "{stroke:" ink ";fill:" ink "}text." name "{fill:" ink "}"
/* The mark of a session. */
#define SESSION(name, ink) "rect." name "{fill:" ink "}tr." name ">.t{box-shadow:inset 4px 0 " ink "}"
/* All that is text or ground. */
#define INKS(ground, ink, dim, faint, bad)                                                              \
	"svg,body,thead th,aside{background:" ground ";color:" ink "}"                                  \
	".l svg{background:none}"                                                                       \
	"rect.g{fill:" ground "}text{fill:" ink "}"                                                     \
	".t,.d,.act,.h,i,small,header p{color:" dim "}text.t,text.d,text.act,text.h,.i{fill:" dim "}"   \
	"line{stroke:" faint "}.l{color:" faint "}rect.k{fill:" ground ";stroke:" faint "}"             \
	"circle.own{fill:" dim "}"                                                                      \
	"thead th,aside,tfoot td{border-color:" faint "}"                                               \
	"text.bad,tspan.bad{fill:" bad "}.bad code{color:" bad "}"

const char drawing_style[] =
	"svg,body{font:12px ui-monospace,Menlo,Consolas,\"DejaVu Sans Mono\",\"Liberation Mono\",monospace}"
	"text{white-space:pre}"
	".t{text-anchor:end;font-variant-numeric:tabular-nums}"
	".at{text-anchor:end}.d{font-size:11px}.act{font-size:11px}.n{font-size:10px}"
	"text.b,strong{font-weight:600}.h{font-size:11px}.m{text-anchor:middle}.q{font-size:14px;font-weight:600}"
	".lab{text-anchor:middle;font-size:11px}"
	"text.begin,text.open,text.end,text.done{font-size:10px;font-weight:600}"
	"path{stroke-width:1.4}path.fold{stroke-width:3}path.pkt{stroke-width:1}"
	"rect.b{fill:#4b7bd0;fill-opacity:0}.r:hover .b{fill-opacity:.08}.r.on .b{fill-opacity:.16}"
	"line{stroke-width:1.5}"
	INKS("#fff", "#1c2430", "#5b6675", "#b9c2cd", "#b3261e")
	ARROW("out", "#1d5fc4") ARROW("in", "#197a43") ARROW("bad", "#b3261e")
	STATE("begin", "#fdefc9", "#684400") STATE("open", "#d5f1df", "#12522b")
	STATE("end", "#eae2fb", "#47278a") STATE("done", "#e7ebef", "#3d4753")
	SESSION("s0", "#4b7bd0") SESSION("s1", "#d08a2e") SESSION("s2", "#3a9d6a")
	SESSION("s3", "#b5579c") SESSION("s4", "#7a6ad8") SESSION("s5", "#8a8f45")
	"@media screen and (prefers-color-scheme:dark){"
	INKS("#14181e", "#e4e9f0", "#9aa7b7", "#4a5563", "#ff8f85")
	ARROW("out", "#7fb2ff") ARROW("in", "#66d19a") ARROW("bad", "#ff8f85")
	STATE("begin", "#42340f", "#f4d37f") STATE("open", "#163a27", "#8ee5b1")
	STATE("end", "#31265a", "#cdbfff") STATE("done", "#2a313a", "#c5ced9")
	"}"
	"@media print{*{print-color-adjust:exact;-webkit-print-color-adjust:exact}@page{size:landscape;margin:10mm}}";
