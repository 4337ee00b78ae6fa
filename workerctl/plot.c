/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plot.h"

#include <errno.h>
#include <math.h>

enum {
        ROWS = 10,
        LABEL = 7, /* columns left of the picture */
        COLUMNS_MIN = 30,
        COLUMNS_MAX = 400,
        SVG_WIDTH = 1000,
        SVG_HEIGHT = 300,
        SVG_WAIT_HEIGHT = 100,
        SVG_POINTS = 1000,
};

/* A stretch of time: what a column shows. */
typedef struct Stretch {
        double load;   /* mean */
        double count;  /* mean */
        double oldest; /* largest */
} Stretch;

static Stretch stretch(const ModelResult *r, unsigned i, unsigned n) {
        size_t from = r->n_seconds * i / n, to = r->n_seconds * (i + 1) / n;
        Stretch s = { 0 };

        if (to <= from)
                to = from + 1;
        for (size_t k = from; k < to; k++) {
                s.load += r->second[k].load / (double) (to - from);
                s.count += r->second[k].count / (double) (to - from);
                s.oldest = fmax(s.oldest, r->second[k].oldest);
        }
        return s;
}

static double highest(const ModelResult *r, unsigned n) {
        double top = 1;
        for (unsigned i = 0; i < n; i++) {
                Stretch s = stretch(r, i, n);
                top = fmax(top, fmax(s.load, s.count));
        }
        return top;
}

/* What is seen between two heights: the load, a full or partial bar, nothing. */
static const char *cell(const Stretch *s, double low, double high, bool utf8) {
        static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
        double filled = (s->count - low) / (high - low);

        if (s->load > low && s->load <= high)
                return utf8 ? "•" : "o";
        if (utf8)
                return blocks[(unsigned) round(8 * fmax(0, fmin(1, filled)))];
        return filled >= 0.5 ? "#" : " ";
}

int plot_terminal(FILE *out, const ModelResult *r, unsigned columns, bool utf8) {
        unsigned width = columns < COLUMNS_MIN   ? COLUMNS_MIN
                         : columns > COLUMNS_MAX ? COLUMNS_MAX
                                                 : columns;
        width -= LABEL + 1;
        double top = highest(r, width);

        for (unsigned row = ROWS; row-- > 0;) {
                double low = top * row / ROWS, high = top * (row + 1) / ROWS;
                if (row == ROWS - 1 || row == ROWS / 2 - 1)
                        fprintf(out, "%*.1f ", LABEL - 1, high);
                else
                        fprintf(out, "%*s", LABEL, "");
                for (unsigned i = 0; i < width; i++) {
                        Stretch s = stretch(r, i, width);
                        fputs(cell(&s, low, high, utf8), out);
                }
                fputc('\n', out);
        }
        int end = fprintf(out, "%*s0 s", LABEL, "");
        return fprintf(out, "%*.0f s\n", (int) width + LABEL - end - 2, (double) r->n_seconds) < 0
                               ? -EIO
                               : 0;
}

static void escape(FILE *out, const char *s) {
        for (; *s; s++)
                switch (*s) {
                case '&':
                        fputs("&amp;", out);
                        break;
                case '<':
                        fputs("&lt;", out);
                        break;
                case '>':
                        fputs("&gt;", out);
                        break;
                default:
                        fputc(*s, out);
                }
}

typedef enum Curve {
        CURVE_LOAD,
        CURVE_COUNT,
        CURVE_OLDEST,
} Curve;

static void svg_curve(FILE *out, const ModelResult *r, Curve curve, double top, double base,
                double height, const char *style) {
        unsigned n = r->n_seconds < SVG_POINTS ? (unsigned) r->n_seconds : SVG_POINTS;

        fprintf(out, "<polyline %s points=\"0,%.1f", style, base);
        for (unsigned i = 0; i < n; i++) {
                Stretch s = stretch(r, i, n);
                double v = curve == CURVE_LOAD ? s.load : curve == CURVE_COUNT ? s.count : s.oldest;
                fprintf(out, " %.1f,%.1f", (double) SVG_WIDTH * i / n, base - height * v / top);
        }
        fprintf(out, " %d,%.1f\"/>\n", SVG_WIDTH, base);
}

int plot_svg(FILE *out, const ModelResult *r, const char *title, double wait) {
        double top = highest(r, SVG_POINTS), longest = 1.25 * wait, base = SVG_HEIGHT + 40;
        for (size_t i = 0; i < r->n_seconds; i++)
                longest = fmax(longest, r->second[i].oldest);

        fprintf(out,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-10 0 %d %d\" "
                        "font-family=\"sans-serif\" font-size=\"13\">\n<title>",
                        SVG_WIDTH + 20, SVG_HEIGHT + SVG_WAIT_HEIGHT + 90);
        escape(out, title);
        fprintf(out, "</title>\n<text y=\"20\">");
        escape(out, title);
        fprintf(out, ": instances (filled) and load in instances (line), up to %.0f</text>\n", top);
        svg_curve(out, r, CURVE_COUNT, top, base, SVG_HEIGHT, "fill=\"#9ec5e8\"");
        svg_curve(out, r, CURVE_LOAD, top, base, SVG_HEIGHT,
                        "fill=\"none\" stroke=\"#b03a2e\" stroke-width=\"1.2\"");

        double low = base + SVG_WAIT_HEIGHT + 30, target = low - SVG_WAIT_HEIGHT * wait / longest;
        fprintf(out, "<text y=\"%.0f\">age of the oldest item, target %g s</text>\n", base + 20,
                        wait);
        svg_curve(out, r, CURVE_OLDEST, longest, low, SVG_WAIT_HEIGHT, "fill=\"#c9b8dd\"");
        return fprintf(out,
                               "<path d=\"M0 %.1fH%d\" stroke=\"#333\" stroke-dasharray=\"4\"/>\n"
                               "</svg>\n",
                               target,
                               SVG_WIDTH) < 0
                               ? -EIO
                               : 0;
}
