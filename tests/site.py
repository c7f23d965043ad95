#!/usr/bin/env python3
"""The site of `cmig docs` in a browser: Debian's chromium, driven by its DevTools protocol.

    site.py --cmig PROGRAM [--shots DIR]

A project on SQLite gets a site, which is opened from the disk and over HTTP, at two widths, in light and dark. There must be
no message in the console, every link must hold, nothing may be wider than the window, texts must have contrast, and the
search must work by the keyboard alone. --shots keeps pictures of the pages.
"""
import argparse
import base64
import functools
import html.parser
import http.server
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

import websocket

MODELS = r"""
enums:
  mood: {values: ["<b>happy</b>", "it's \"sad\""]}
tables:
  Users:
    comment: |
      <script>document.title = 'broken'</script> & `code <b>` **strong** ]]> </script>
      [bad](javascript:alert(1)) [good](https://example.com/?a=1&b=2)

      - one
      - two
    columns:
      id: {type: integer, primary_key: true}
      e mail: {type: text, nullable: false, unique: true, comment: "\"quoted\" '<i>' </script>"}
      mood: {type: enum(mood)}
      a column with a name that is far too long for any telephone: {type: text}
  %(long)s:
    comment: %(long)s
    columns:
      id: {type: integer, primary_key: true, comment: %(long)s}
      parent: {type: integer, references: %(long)s.id}
  index: {columns: {id: {type: integer, primary_key: true}}}
  con: {columns: {id: {type: integer, primary_key: true}}}
  größe / maß:
    columns:
      id: {type: integer, primary_key: true}
      user: {type: integer, references: Users.id}
  posts:
    comment: What *users* write.
    columns:
      id: {type: integer, primary_key: true}
      author: {type: integer, nullable: false, references: {column: Users.id, on_delete: cascade}}
      parent: {type: integer, references: posts.id}
      body: {type: text, comment: The text}
    indexes:
      posts_author: {columns: [author]}
views:
  recent: {sql: SELECT id FROM posts}
""".replace("%(long)s", "w" * 200)
REVISION = """revision: r2
down_revision: r1
message: "second </script> step"
upgrade:
  - rename_table: {name: articles, new_name: posts}
downgrade:
  - rename_table: {name: posts, new_name: articles}
"""

# Elements with text whose contrast with their background is below 4.5, or 3 for large text.
CONTRAST = """
(() => {
    const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return m.length === 4 && m[3] === 0 ? null : m; };
    const light = (c) => { const v = c.slice(0, 3).map((x) => { x /= 255;
        return x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; });
        return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
    const ground = (e) => { for (; e; e = e.parentElement) {
        const c = parse(getComputedStyle(e).backgroundColor); if (c) return c; } return [255, 255, 255]; };
    const bad = [];
    for (const e of document.querySelectorAll("body *")) {
        if (e.closest("svg") || !e.checkVisibility() ||
            ![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
        const style = getComputedStyle(e), a = light(parse(style.color)), b = light(ground(e));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) bad.push(e.tagName + " " + e.className + " " + ratio.toFixed(2) + " " + e.textContent.slice(0, 30));
    }
    return bad;
})()
"""

numbers = itertools.count(1)
failed = 0


def check(title, problems):
    """A test of the TAP stream; problems: what is wrong, or nothing."""
    global failed
    print("%s %d - %s" % ("not ok" if problems else "ok", next(numbers), title), flush=True)
    for line in str(problems).splitlines() if problems else []:
        print("# " + line)
    failed += bool(problems)


# ---- the site ----


def run(folder, *words):
    result = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    if result.returncode:
        sys.exit("%s: status %d\n%s" % (" ".join(words), result.returncode, result.stderr))
    return result.stdout


def make_project(program, folder):
    (folder / "models").mkdir()
    (folder / "migrations").mkdir()
    (folder / "cmig.yaml").write_text("url: sqlite:///site.db\n")
    (folder / "models" / "all.yaml").write_text(MODELS.replace("posts", "articles"))
    run(folder, program, "revision", "--autogenerate", "-m", "first", "--rev-id", "r1", "--no-post-write", "-q")
    (folder / "models" / "all.yaml").write_text(MODELS)
    (folder / "migrations" / "r2.yaml").write_text(REVISION)
    run(folder, program, "docs", "--output", "site", "--title", "Shop & <Co>")


class Links(html.parser.HTMLParser):
    """The links and ids of a page."""

    def __init__(self, path):
        super().__init__()
        self.links, self.ids, self.doubled, self.labels = [], set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        for key in ("href", "src"):
            if key in attrs:
                self.links.append(attrs[key])
        if "id" in attrs:
            if attrs["id"] in self.ids:
                self.doubled.append(attrs["id"])
            self.ids.add(attrs["id"])

    handle_startendtag = handle_starttag


def broken_links(site):
    pages = {path: Links(path) for path in site.rglob("*.html")}
    problems = []
    for path, page in pages.items():
        problems += ["%s: id %s twice" % (path.name, name) for name in page.doubled]
        for link in page.links:
            url = urllib.parse.urlsplit(link)
            if url.scheme in ("http", "https", "data"):
                continue
            target = (path.parent / urllib.parse.unquote(url.path)).resolve() if url.path else path
            fragment = urllib.parse.unquote(url.fragment)
            if url.scheme or not target.is_file():
                problems.append("%s: %s leads nowhere" % (path.name, link))
            elif fragment and fragment not in pages[target].ids:
                problems.append("%s: %s: no such id" % (path.name, link))
    return "\n".join(problems)


def broken_entries(site):
    text = (site / "search.js").read_text(encoding="utf-8")
    problems = ["a tag in search.js"] if "<" in text else []
    for kind, name, link, _ in json.loads(text[text.index("[") :].rstrip(";\n").replace(",\n]", "\n]")):
        path, _, fragment = link.partition("#")
        if not (site / path).is_file() or (fragment and fragment not in Links(site / path).ids):
            problems.append("%s %s: %s leads nowhere" % (kind, name, link))
    return "\n".join(problems)


# ---- the browser ----


class Browser:
    def __init__(self, folder):
        program = shutil.which("chromium") or sys.exit("chromium is missing")
        self.log = open(folder / "chromium.log", "wb")
        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--hide-scrollbars", "--remote-debugging-port=0",
             "--remote-allow-origins=*", "--user-data-dir=%s" % (folder / "profile"), "about:blank"],
            stdout=self.log, stderr=self.log, env={**os.environ, "HOME": str(folder)})
        port = self.wait_for(folder / "profile" / "DevToolsActivePort")
        with urllib.request.urlopen("http://127.0.0.1:%s/json/list" % port) as answer:
            page = next(p for p in json.load(answer) if p["type"] == "page")
        self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], timeout=50)
        self.ids = itertools.count(1)
        self.events = []
        for domain in ("Page", "Runtime", "Log"):
            self.call(domain + ".enable")

    def wait_for(self, path):
        while self.process.poll() is None:
            if path.exists() and "\n" in path.read_text():
                return path.read_text().split()[0]
            time.sleep(0.05)
        sys.exit("chromium ended")

    def call(self, method, **params):
        number = next(self.ids)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == number:
                if "error" in message:
                    sys.exit("%s: %s" % (method, message["error"]["message"]))
                return message["result"]
            self.events.append(message)

    def wait_event(self, name):
        while True:
            for at, event in enumerate(self.events):
                if event["method"] == name:
                    return self.events.pop(at)
            self.events.append(json.loads(self.socket.recv()))

    def open(self, url):
        self.events = []
        self.call("Page.navigate", url="about:blank")
        self.wait_event("Page.loadEventFired")
        self.call("Page.navigate", url=url)
        self.wait_event("Page.loadEventFired")

    def eval(self, text):
        result = self.call("Runtime.evaluate", expression=text, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            sys.exit("%s: %s" % (text, result["exceptionDetails"]))
        return result["result"].get("value")

    def key(self, key, text=None):
        codes = {"ArrowDown": 40, "ArrowUp": 38, "Enter": 13, "Escape": 27, "Tab": 9}
        params = {"key": key, "windowsVirtualKeyCode": codes.get(key, 0)}
        if text or len(key) == 1:
            params["text"] = text or key
        self.call("Input.dispatchKeyEvent", type="keyDown", **params)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def look(self, width, scheme):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def complaints(self):
        self.eval("0")
        found = []
        for event in self.events:
            if event["method"] in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"):
                found.append(json.dumps(event["params"])[:300])
        return "\n".join(found)

    def picture(self, path):
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait()
        self.log.close()


def serve(site):
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return "http://127.0.0.1:%d/" % server.server_port


# ---- tests ----


def check_look(browser, site, shots):
    pages = sorted(p.relative_to(site).as_posix() for p in site.rglob("*.html"))
    for width, scheme in itertools.product((400, 1280), ("light", "dark")):
        problems = []
        browser.look(width, scheme)
        for page in pages:
            browser.open(site.as_uri() + "/" + urllib.parse.quote(page))
            found = [browser.complaints()]
            if page != "diagram.html":
                found += browser.eval(CONTRAST)
                if browser.eval("document.documentElement.scrollWidth") > width:
                    found.append("wider than the window")
                if browser.eval("document.querySelectorAll('main, h1, header nav').length") != 3:
                    found.append("a landmark or heading is missing")
                if not browser.eval("document.title").endswith("Shop & <Co>"):
                    found.append("title " + browser.eval("document.title"))
            problems += ["%s: %s" % (page, one) for one in found if one]
            if shots:
                name = "%s-%d-%s.png" % (page.replace("/", "-").removesuffix(".html"), width, scheme)
                browser.picture(shots / name)
        check("%d pages at %d pixels, %s" % (len(pages), width, scheme), "\n".join(problems))


def search(browser, text):
    browser.key("/")
    browser.call("Input.insertText", text=text)
    return browser.eval("[...document.querySelectorAll('#results li')].map((e) => e.firstChild.textContent)")


def place(browser):
    browser.wait_event("Page.loadEventFired")
    return browser.eval("decodeURIComponent(location.pathname + location.hash)")


def check_search(browser, root, title):
    start = root + "revisions/index.html"
    wrong = []

    def expect(what, found, wanted):
        if found != wanted:
            wrong.append("%s: %r instead of %r" % (what, found, wanted))

    browser.look(1280, "light")
    browser.open(start)
    expect("the table comes first", search(browser, "posts")[:1], ["posts"])
    browser.events = []
    browser.key("Enter", "\r")
    expect("Enter", place(browser).endswith("/tables/posts.html"), True)
    browser.open(start)
    expect("parts of names", "posts.author" in search(browser, "auth"), True)
    expect("expanded", browser.eval("document.getElementById('search').getAttribute('aria-expanded')"), "true")
    names = browser.eval("[...document.querySelectorAll('#results li')].map((e) => e.firstChild.textContent)")
    for _ in range(names.index("posts.author")):
        browser.key("ArrowDown")
    chosen = "document.querySelector('[aria-selected=true]').firstChild.textContent"
    expect("the arrows", browser.eval(chosen), "posts.author")
    expect("the active descendant", browser.eval(
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).firstChild.textContent"),
        "posts.author")
    browser.key("ArrowUp")
    browser.key("ArrowDown")
    browser.events = []
    browser.key("Enter", "\r")
    expect("a column", place(browser).endswith("/tables/posts.html#column-author"), True)
    browser.open(start)
    expect("comments", search(browser, "what users write"), ["posts"])
    browser.key("Escape")
    expect("Escape closes", browser.eval("document.getElementById('results').hidden"), True)
    browser.key("Escape")
    expect("Escape leaves", browser.eval("document.activeElement === document.body"), True)
    expect("nothing found", search(browser, "no such name"), ["Nothing has this name."])
    browser.open(start)
    expect("odd names", search(browser, "größe")[:1], ["größe / maß"])
    browser.open(start)
    expect("HTML is text", search(browser, "</script> step"), ["r2 'second </script> step'"])
    browser.open(start)
    browser.key("Tab")
    expect("the skip link", browser.eval("document.activeElement.className"), "skip")
    browser.events = []
    expect("the console", browser.complaints(), "")
    check("search, %s" % title, "\n".join(wrong))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cmig", required=True)
    parser.add_argument("--shots", type=pathlib.Path)
    options = parser.parse_args()
    program = os.path.abspath(options.cmig)
    if options.shots:
        options.shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = pathlib.Path(name).resolve()
        make_project(program, folder)
        site = folder / "site"
        check("links", broken_links(site))
        check("entries of the search", broken_entries(site))
        browser = Browser(folder)
        try:
            check_look(browser, site, options.shots)
            check_search(browser, site.as_uri() + "/", "from the disk")
            check_search(browser, serve(site), "over HTTP")
        finally:
            browser.close()
    print("1..%d" % (next(numbers) - 1))
    return 1 if failed else 0


sys.exit(main())
