/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The svg sink: the picture as one SVG file that needs nothing else. What is known of a row is its title, which a
 * browser shows under the pointer; a click shows it as well, drawn by the script at the end.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/util.h"
#include "base/wrap.h"
#include "trace/markup.h"
#include "trace/page.h"
#include "trace/picture_fit.h"
#include "trace/text_words.h"

#define STEP_PIXELS 7.3  /* how wide a letter of a step is, at most */
#define LINE_PIXELS 6.7  /* of a line below */
#define TITLE_PIXELS 8.5 /* of the command at the top */
#define BASELINE 18      /* of the text in a row */
#define SIZE_BYTES 72    /* of the attributes that say how high the drawing is */
#define MARGIN 24        /* below the last row */

/* Shows the title of the row that is clicked, or chosen by the arrow keys. */
static const char script[] =
	"<script><![CDATA[(function(){var d=document,r=d.documentElement,n=r.namespaceURI,at=-1,box;"
	"function all(){return Array.from(r.querySelectorAll('g.r'))}"
	"function make(name,set,to){var e=d.createElementNS(n,name);for(var k in set)e.setAttribute(k,set[k]);"
	"return to.appendChild(e)}"
	"function wrap(s){var o=[];s.split('\\n').forEach(function(l){while(l.length>96){var c=l.lastIndexOf(' ',96);"
	"if(c<1)c=96;o.push(l.slice(0,c));l=l.slice(c).trim()}o.push(l)});return o}"
	"function hide(){if(box)box.remove();box=null;all().forEach(function(g){g.classList.remove('on')})}"
	"function show(i){var g=all()[i];if(!g)return;hide();at=i;g.classList.add('on');"
	"var lines=wrap(g.querySelector('title').textContent),h=lines.length*17+20,"
	"top=g.getCTM().f-r.getCTM().f,y=top+30,max=r.getBoundingClientRect().height;"
	"if(y+h>max)y=Math.max(0,top-h-2);"
	"box=make('g',{id:'details','class':'details',transform:'translate(100 '+y+')'},r);"
	"make('rect',{'class':'k',width:724,height:h,rx:6},box);"
	"lines.forEach(function(l,j){make('text',{'class':j?'c':'b',x:14,y:24+17*j},box).textContent=l});"
	"g.scrollIntoView({block:'nearest'})}"
	"d.addEventListener('click',function(e){var g=e.target.closest('g.r'),i=g?all().indexOf(g):-1;"
	"if(i>-1&&!(box&&i==at))show(i);else hide()});"
	"d.addEventListener('keydown',function(e){var k=e.key,i=k=='ArrowDown'?at+1:k=='ArrowUp'?at-1:-1;"
	"if(k=='Escape')hide();if(i>-1&&k.indexOf('Arrow')==0){e.preventDefault();show(i)}});"
	"})()]]></script>";

static void add_size(const struct page *page, struct buf *out, uint64_t height)
{
	char words[SIZE_BYTES + 1];
	struct text size;

	height += MARGIN;
	text_init(&size, words, sizeof(words));
	text_addf(&size, "height=\"%" PRIu64 "\" viewBox=\"0 0 %u %" PRIu64 "\"", height, page->layout.width,
		  height);
	text_pad(&size, SIZE_BYTES, 0);
	markup_add(out, words);
}

/* Write the names of the columns, and the lanes as long as the drawing. */
static void add_columns(const struct page *page, struct buf *out)
{
	const struct drawing_layout *layout = &page->layout;

	markup_addf(out, "<text class=\"h t\" x=\"%u\" y=\"60\">ms</text><text class=\"h\" x=\"%u\" y=\"60\">",
		    layout->time, layout->step);
	markup_text(out, _("step"));
	markup_addf(out, "</text><text class=\"h\" x=\"%u\" y=\"60\">", layout->state + 7);
	markup_text(out, _("state"));
	markup_add(out, "</text>\n");
	for (size_t lane = 0; lane < picture_lanes(page->picture); lane++)
		markup_addf(out, "<line x1=\"%u.5\" y1=\"68\" x2=\"%u.5\" y2=\"100%%\"/>", layout->lanes[lane],
			    layout->lanes[lane]);
	markup_add(out, "<g transform=\"translate(0 43)\">");
	drawing_lane_names(out, layout, page->picture, 0);
	markup_add(out, "</g>\n");
}

static void svg_head(struct page *page, struct buf *out, const struct sink_options *options)
{
	markup_addf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		    "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"t d\" width=\"%u\" ",
		    page->layout.width);
	page->size_at = out->len;
	if (page->has_rewriting)
		add_size(page, out, page->y);
	markup_add(out, ">\n<title id=\"t\">");
	page_command(out, options, SIZE_MAX);
	markup_add(out, "</title>\n<desc id=\"d\">");
	page_description(page, out);
	markup_add(out, "</desc>\n<style>");
	markup_add(out, drawing_style);
	markup_add(out, "</style>\n<rect class=\"g\" width=\"100%\" height=\"100%\"/>\n"
		   "<text class=\"q\" x=\"16\" y=\"26\">");
	page_command(out, options, (size_t)((page->layout.width - 32) / TITLE_PIXELS));
	markup_add(out, "</text>\n");
	add_columns(page, out);
}

static void begin_group(struct buf *out, const char *class, uint64_t y)
{
	markup_addf(out, "<g class=\"%s\" transform=\"translate(0 %" PRIu64 ")\">", class, y);
}

/* Add a text in lines of at most so many columns, the first with its baseline at y. Returns how many there are. */
static unsigned add_lines(const struct page *page, struct buf *out, const char *text, unsigned y)
{
	unsigned columns = (unsigned)((page->layout.lanes[0] - page->layout.step - 8) / LINE_PIXELS), count = 0;

	while (*text != '\0') {
		const char *rest;
		size_t len = wrap_line(text, columns, &rest);

		markup_addf(out, "<text class=\"d\" x=\"%u\" y=\"%u\">", page->layout.step, y + DRAWING_LINE * count);
		markup_text_bytes(out, text, len);
		markup_add(out, "</text>");
		text = rest;
		count++;
	}
	return count;
}

static void add_state(const struct page *page, struct buf *out, const struct picture_row *row)
{
	const char *class = drawing_state_class(row->state);
	size_t width = strlen(row->state_name) * 61 / 10 + 15;

	if (row->state == 0)
		return;
	markup_addf(out, "<rect class=\"%s\" x=\"%u\" y=\"6\" width=\"%zu\" height=\"17\" rx=\"8.5\"/>"
		    "<text class=\"%s\" x=\"%u\" y=\"18\">",
		    class, page->layout.state, width, class, page->layout.state + 7);
	markup_text(out, row->state_name);
	markup_add(out, "</text>");
}

/* The call, and behind it what is said of it, as far as there is room. Returns whether all of that was. */
static bool add_step(const struct page *page, struct buf *out, const struct picture_row *row)
{
	unsigned end = row->state != 0 ? page->layout.state : page->layout.lanes[0] - 8;
	unsigned columns = (unsigned)((end - page->layout.step) / STEP_PIXELS), used, remark;
	char words[256];
	struct text step;

	text_init(&step, words, sizeof(words));
	fit_step(&step, row, columns, "\u2026");
	markup_addf(out, "<text class=\"c%s%s\" x=\"%u\" y=\"%d\">", row->is_failed ? " bad" : "",
		    row->kind == PICTURE_PACKET ? " d" : "", page->layout.step, BASELINE);
	markup_text(out, step.dst);
	used = fit_columns(step.dst, step.len);
	remark = fit_columns(row->remark, strlen(row->remark));
	if (remark > 0 && used + 2 + remark <= columns) {
		markup_add(out, "<tspan class=\"i\">  ");
		markup_text(out, row->remark);
		markup_add(out, "</tspan>");
		remark = 0;
	}
	markup_add(out, "</text>");
	return remark == 0;
}

static void add_margin(const struct page *page, struct buf *out, const struct picture_row *row)
{
	char moment[32];

	markup_addf(out, "<text class=\"t\" x=\"%u\" y=\"%d\">%s</text>", page->layout.time, BASELINE,
		    drawing_time(row->t_ns, moment, sizeof(moment)));
	if (page->has_sessions && row->session != 0)
		markup_addf(out, "<text class=\"n\" x=\"%u\" y=\"%d\">%" PRIu32 "</text>", page->layout.session,
			    BASELINE, row->session);
}

static unsigned svg_row(const struct page *page, struct buf *out, uint64_t y, const struct picture_row *row,
			const char *explanation)
{
	bool is_text = row->kind == PICTURE_NOTE || row->kind == PICTURE_SUMMARY, has_all = true;
	struct buf body = { 0 };
	unsigned height, lines = 0;

	add_margin(page, &body, row);
	if (!is_text) {
		has_all = add_step(page, &body, row);
		add_state(page, &body, row);
		drawing_arrows(&body, &page->layout, row, 0);
	}
	if (row->act[0] != '\0' && !drawing_is_act_left(&page->layout, row)) {
		markup_addf(&body, "<text class=\"act\" x=\"%u\" y=\"%d\">", page->layout.act, BASELINE);
		markup_text(&body, row->act);
		markup_add(&body, "</text>");
	}
	if (row->kind == PICTURE_NOTE)
		lines += add_lines(page, &body, row->call, BASELINE);
	if (!has_all)
		lines += add_lines(page, &body, row->remark, BASELINE + DRAWING_LINE);
	lines += add_lines(page, &body, row->below, BASELINE + DRAWING_LINE * (lines + (is_text ? 0 : 1)));
	if (is_text && lines > 0)
		lines--;
	height = DRAWING_ROW + DRAWING_LINE * lines;
	begin_group(out, "r", y);
	markup_add(out, "<title>");
	drawing_details(out, row, page->sink->level, explanation);
	markup_addf(out, "</title><rect class=\"b\" width=\"%u\" height=\"%u\"/>", page->layout.width, height);
	if (page->has_sessions && row->session != 0)
		markup_addf(out, "<rect class=\"s%" PRIu32 "\" width=\"4\" height=\"%u\"/>", row->session % 6, height);
	buf_append(out, buf_peek(&body), body.len);
	buf_clear(&body);
	markup_add(out, "</g>\n");
	return height;
}

static unsigned svg_line(const struct page *page, struct buf *out, uint64_t y, const char *line)
{
	begin_group(out, "e", y);
	markup_addf(out, "<text class=\"d\" x=\"%u\" y=\"%d\">", page->layout.step, BASELINE);
	markup_text(out, line);
	markup_add(out, "</text></g>\n");
	return DRAWING_ROW;
}

static void svg_jump(const struct page *page, struct buf *out, uint64_t height)
{
	(void)page;
	markup_addf(out, "<g transform=\"translate(0 -%" PRIu64 ")\">\n", height);
}

static void svg_tail(const struct page *page, struct buf *out, uint64_t height)
{
	if (page->left_count > 0)
		markup_add(out, "</g>\n");
	if (!page->has_rewriting)
		markup_addf(out, "<style>:root{height:%" PRIu64 "px}</style>\n", height + MARGIN);
	markup_add(out, script);
	markup_add(out, "\n</svg>\n");
}

static const struct page_kind page_svg = {
	.head = svg_head,
	.row = svg_row,
	.line = svg_line,
	.jump = svg_jump,
	.tail = svg_tail,
	.size = add_size,
};

static int svg_open(struct sink *sink, const struct sink_options *options)
{
	return page_open(sink, options, &page_svg);
}

const struct sink_kind sink_svg = {
	.name = "svg",
	.help = "a sequence diagram, for a browser",
	.level_default = 2,
	.needs_file = true,
	.open = svg_open,
	.event = page_event,
	.ended = page_ended,
	.lost = page_lost,
	.flush = page_flush,
	.close = page_close,
};
