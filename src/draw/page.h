/* The style sheet and the script of the page, from page.css and page.js. Not for other directories. */
#pragma once

extern const char page_css[], page_js[];
