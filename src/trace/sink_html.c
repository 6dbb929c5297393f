/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The html sink: the picture as one page that needs nothing else. The rows are a table that can be read without seeing
 * it; the arrows in it are drawn. What is known of a row is its title; the script shows it in a panel, for a click or a
 * key.
 */
#include <inttypes.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"
#include "trace/markup.h"
#include "trace/page.h"

/* What only the page has, beside drawing_style. */
static const char style[] =
	"body{margin:0 auto 16rem;padding:0 16px;line-height:16px}"
	"header h1{font-size:15px;line-height:20px;margin:16px 0 4px;overflow-wrap:anywhere}"
	"header p{margin:0 0 12px;max-width:70em}"
	"table{table-layout:fixed;border-spacing:0}"
	"th{font-weight:400;text-align:left}"
	"thead th{position:sticky;top:0;z-index:1;border-width:0 0 1px;border-style:solid;padding:6px 0}"
	"thead th.t,.t{text-align:right}"
	"tr{height:28px}td{padding:6px 0;vertical-align:top;line-height:16px}td.t,th.t{padding-right:10px}"
	"code,.n{font:inherit;overflow-wrap:anywhere}.n{text-align:center}"
	".c{padding-right:10px}.c i{padding-left:1em;display:inline-block;white-space:nowrap}"
	"small{display:block;font-size:11px;line-height:16px;white-space:pre-wrap;overflow-wrap:anywhere;"
	"width:480px;position:relative}"
	"b{display:inline-block;font-size:10px;line-height:17px;border-radius:9px;padding:0 8px;margin-top:-1px}"
	"td.l,th.l{padding:0}td.l{background-repeat:no-repeat;background-size:1.5px 100%}"
	".l svg{display:block;height:28px;overflow:visible}.act{padding-left:4px}"
	"tr.r{cursor:pointer}tr.r:hover td{box-shadow:inset 0 0 0 99px #4b7bd014}"
	"tr.r:focus{outline:0}tr.on td{box-shadow:inset 0 0 0 99px #4b7bd02b}"
	".v{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}"
	"aside{position:fixed;left:0;right:0;bottom:0;max-height:15rem;overflow:auto;"
	"border-width:1px 0 0;border-style:solid;"
	"padding:10px 24px 14px;box-shadow:0 -6px 24px #0003;z-index:2}"
	"aside[hidden]{display:none}aside pre{margin:0;font:inherit;line-height:1.55;white-space:pre-wrap;"
	"overflow-wrap:anywhere;max-width:110ch}"
	"aside button{float:right;font:inherit;background:none;border:1px solid;border-radius:5px;color:inherit;"
	"padding:2px 10px;cursor:pointer}"
	"@media print{body{margin:0;padding:0}aside{display:none}tr{break-inside:avoid}thead th{position:static}}";

/* A row that is clicked, or chosen by a key, is told of in full. */
static const char script[] =
	"<script>(function(){var d=document,b=d.getElementById('rows'),a=d.getElementById('details'),"
	"p=a.querySelector('pre'),on=null;"
	"function hide(){if(on)on.classList.remove('on');a.hidden=true}"
	"function show(r){hide();if(on){on.tabIndex=-1;on.removeAttribute('aria-current')}"
	"on=r;r.tabIndex=0;"
	"r.classList.add('on');r.setAttribute('aria-current','true');"
	"var t=r.title,n=t.indexOf('\\n');p.textContent=t.slice(n);"
	"p.prepend(d.createElement('strong'));p.firstChild.textContent=t.slice(0,n);"
	"a.hidden=false;r.focus({preventScroll:true});var g=r.getBoundingClientRect(),h=a.getBoundingClientRect();"
	"if(g.top<40)scrollBy(0,g.top-40);else if(g.bottom>h.top)scrollBy(0,g.bottom-h.top+8)}"
	"function next(r,to){do r=r[to];while(r&&!r.classList.contains('r'));return r}"
	"var first=b.querySelector('tr.r');if(first)first.tabIndex=0;"
	"b.addEventListener('click',function(e){var r=e.target.closest('tr.r');if(!r||String(getSelection()))return;"
	"if(r===on&&!a.hidden)hide();else show(r)});"
	"d.addEventListener('keydown',function(e){var k=e.key,r=on||first,to=null;"
	"if(k=='Escape')hide();else if(!r||e.ctrlKey||e.altKey||e.metaKey)return;"
	"else if(k=='ArrowDown')to=on?next(r,'nextElementSibling'):r;"
	"else if(k=='ArrowUp')to=on?next(r,'previousElementSibling'):r;"
	"else if(k=='Enter'&&b.contains(e.target))to=e.target.closest('tr.r');"
	"if(to){e.preventDefault();show(to)}});"
	"a.querySelector('button').addEventListener('click',hide)})()</script>";

/* The column of the lanes: where it begins, and how wide it is. */
static unsigned lanes_left(const struct page *page)
{
	return page->layout.lanes[0] - DRAWING_LANE_MARGIN;
}

static unsigned lanes_width(const struct page *page)
{
	size_t lanes = picture_lanes(page->picture);

	return page->layout.lanes[lanes - 1] + DRAWING_LANE_MARGIN - lanes_left(page);
}

/* The style of the columns, and the lanes, which are the ground of their column. */
static void add_layout(const struct page *page, struct buf *out)
{
	const struct drawing_layout *layout = &page->layout;
	size_t lanes = picture_lanes(page->picture);

	markup_addf(out, "body{width:%upx}table{width:%upx}.l svg{width:%upx}td.l{background-image:", layout->width,
		    layout->width, lanes_width(page));
	for (size_t lane = 0; lane < lanes; lane++)
		markup_addf(out, "%slinear-gradient(currentColor,currentColor)", lane > 0 ? "," : "");
	markup_add(out, ";background-position:");
	for (size_t lane = 0; lane < lanes; lane++)
		markup_addf(out, "%s%upx 0", lane > 0 ? "," : "", layout->lanes[lane] - lanes_left(page));
	markup_add(out, "}");
}

static void add_head_cell(struct buf *out, const char *class, const char *name)
{
	markup_addf(out, "<th scope=\"col\" class=\"%s\">", class);
	markup_text(out, name);
	markup_add(out, "</th>");
}

static void add_table_head(const struct page *page, struct buf *out)
{
	const struct drawing_layout *layout = &page->layout;

	const unsigned widths[] = {
		layout->session, layout->step - layout->session, layout->state - layout->step,
		lanes_left(page) - layout->state, lanes_width(page),
	};

	markup_add(out, "<table><colgroup>");
	for (size_t i = 0; i < ARRAY_LEN(widths); i++)
		markup_addf(out, "<col style=\"width:%upx\">", widths[i]);
	markup_add(out, "<col></colgroup>\n<thead><tr>");
	add_head_cell(out, "t h", "ms");
	markup_add(out, "<th scope=\"col\" class=\"n\"><span class=\"v\">");
	markup_text(out, _("session"));
	markup_add(out, "</span></th>");
	add_head_cell(out, "h", _("step"));
	add_head_cell(out, "h", _("state"));
	markup_add(out, "<th scope=\"col\" class=\"l\"><svg aria-hidden=\"true\">");
	drawing_lane_names(out, layout, page->picture, lanes_left(page));
	markup_add(out, "</svg><span class=\"v\">");
	markup_text(out, _("sent and received"));
	markup_add(out, "</span></th>");
	markup_add(out, "<th scope=\"col\"><span class=\"v\">");
	markup_text(out, _("what the other side does"));
	markup_add(out, "</span></th></tr></thead>\n<tbody id=\"rows\">\n");
}

static void html_head(struct page *page, struct buf *out, const struct sink_options *options)
{
	markup_add(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
		   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		   "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
		   "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
	page_command(out, options, SIZE_MAX);
	markup_add(out, "</title>\n<style>");
	markup_add(out, drawing_style);
	markup_add(out, style);
	add_layout(page, out);
	markup_add(out, "</style></head>\n<body><header><h1>");
	page_command(out, options, SIZE_MAX);
	markup_add(out, "</h1><p>");
	page_description(page, out);
	markup_add(out, " ");
	markup_text(out, _("A click on a row, or the arrow keys, show all that is known of it."));
	markup_add(out, "</p></header>\n<main>");
	add_table_head(page, out);
}

/* What stands in the column of the steps. */
static void add_step(struct buf *out, const struct picture_row *row)
{
	size_t below = strlen(row->below);

	markup_add(out, "<td class=\"c\">");
	if (row->kind == PICTURE_NOTE) {
		markup_add(out, "<small>");
		markup_text(out, row->call);
		markup_add(out, "</small>");
	} else if (row->kind != PICTURE_SUMMARY) {
		markup_add(out, row->kind == PICTURE_PACKET ? "<code class=\"d\">" : "<code>");
		markup_text(out, row->brief);
		markup_add(out, "</code>");
	}
	if (row->remark[0] != '\0') {
		markup_add(out, " <i>");
		markup_text(out, row->remark);
		markup_add(out, "</i>");
	}
	if (below > 0) {
		markup_add(out, "<small>");
		markup_text_bytes(out, row->below, below - 1);
		markup_add(out, "</small>");
	}
	markup_add(out, "</td>");
}

static void add_state(struct buf *out, const struct picture_row *row)
{
	if (row->state == 0) {
		markup_add(out, "<td></td>");
		return;
	}
	markup_addf(out, "<td><b class=\"%s\">", drawing_state_class(row->state));
	markup_text(out, row->state_name);
	markup_add(out, "</b></td>");
}

/* The lanes with their arrows, which are drawn, and in words. */
static void add_lanes(const struct page *page, struct buf *out, const struct picture_row *row)
{
	markup_add(out, "<td class=\"l\">");
	if (row->arrows[0].way != PICTURE_NO_WAY || row->arrows[1].way != PICTURE_NO_WAY) {
		markup_add(out, "<svg aria-hidden=\"true\">");
		drawing_arrows(out, &page->layout, row, lanes_left(page));
		markup_add(out, "</svg><span class=\"v\">");
		drawing_arrows_text(out, &page->layout, page->picture, row);
		markup_add(out, "</span>");
	}
	markup_add(out, "</td>");
}

static unsigned html_row(const struct page *page, struct buf *out, uint64_t y, const struct picture_row *row,
			 const char *explanation)
{
	bool has_session = page->has_sessions && row->session != 0;
	char moment[32];

	(void)y;
	markup_addf(out, "<tr class=\"r%s", row->is_failed ? " bad" : "");
	if (has_session)
		markup_addf(out, " s%" PRIu32, row->session % 6);
	markup_add(out, "\" title=\"");
	drawing_details(out, row, page->sink->level, explanation);
	markup_addf(out, "\"><td class=\"t\">%s</td><td class=\"n\">", drawing_time(row->t_ns, moment, sizeof(moment)));
	if (has_session)
		markup_addf(out, "%" PRIu32, row->session);
	markup_add(out, "</td>");
	add_step(out, row);
	add_state(out, row);
	add_lanes(page, out, row);
	markup_add(out, "<td class=\"act\">");
	if (!drawing_is_act_left(&page->layout, row))
		markup_text(out, row->act);
	markup_add(out, "</td></tr>\n");
	return 0;
}

static unsigned html_line(const struct page *page, struct buf *out, uint64_t y, const char *line)
{
	(void)page;
	(void)y;
	markup_add(out, "<tr><td></td><td></td><td class=\"c\"><small>");
	markup_text(out, line);
	markup_add(out, "</small></td><td></td><td class=\"l\"></td><td></td></tr>\n");
	return 0;
}

static void html_tail(const struct page *page, struct buf *out, uint64_t height)
{
	(void)page;
	(void)height;
	markup_add(out, "</tbody></table></main>\n"
		   "<aside id=\"details\" hidden aria-live=\"polite\"><button type=\"button\">");
	markup_text(out, _("close"));
	markup_add(out, "</button><pre></pre></aside>\n");
	markup_add(out, script);
	markup_add(out, "</body></html>\n");
}

static const struct page_kind page_html = {
	.head = html_head,
	.row = html_row,
	.line = html_line,
	.tail = html_tail,
};

static int html_open(struct sink *sink, const struct sink_options *options)
{
	return page_open(sink, options, &page_html);
}

const struct sink_kind sink_html = {
	.name = "html",
	.help = "the same as a page, with a table",
	.level_default = 2,
	.needs_file = true,
	.open = html_open,
	.event = page_event,
	.ended = page_ended,
	.lost = page_lost,
	.flush = page_flush,
	.close = page_close,
};
