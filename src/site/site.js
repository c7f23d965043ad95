/* The search: "/" goes there, the arrows choose a result, Enter opens it and Escape closes the list. */
(function () {
    "use strict";

    var LIMIT = 30;
    var root = document.body.dataset.root;
    var input = document.getElementById("search");
    var list = document.getElementById("results");
    var status = document.getElementById("status");
    var shown = [];
    var chosen = -1;

    var entries = (window.siteIndex || []).map(function (row) {
        return { kind: row[0], name: row[1], url: row[2], text: row[3], low: row[1].toLowerCase(),
            lowText: row[3].toLowerCase() };
    });

    /* Lower is better; -1: the word is not there. */
    function rank(entry, word) {
        var at = entry.low.indexOf(word);

        if (entry.low === word) {
            return 0;
        }
        if (at === 0) {
            return 1;
        }
        if (at > 0) {
            return /[^a-z0-9]/.test(entry.low[at - 1]) ? 2 : 3;
        }
        return entry.lowText.indexOf(word) >= 0 || entry.kind === word ? 6 : -1;
    }

    /* Objects come before their parts. */
    function score(entry, words) {
        var sum = entry.url.indexOf("#") >= 0 ? 0.5 : 0;

        for (var i = 0; i < words.length; i++) {
            var one = rank(entry, words[i]);

            if (one < 0) {
                return -1;
            }
            sum += one;
        }
        return sum;
    }

    function find(text) {
        var words = text.toLowerCase().split(/\s+/).filter(Boolean);
        var found = [];

        if (!words.length) {
            return found;
        }
        entries.forEach(function (entry, order) {
            var value = score(entry, words);

            if (value >= 0) {
                found.push({ entry: entry, value: value, order: order });
            }
        });
        found.sort(function (a, b) {
            return a.value - b.value || a.entry.name.length - b.entry.name.length || a.order - b.order;
        });
        return found.map(function (one) {
            return one.entry;
        });
    }

    function open(entry) {
        close();
        window.location.href = root + entry.url;
    }

    function close() {
        list.hidden = true;
        chosen = -1;
        input.setAttribute("aria-expanded", "false");
        input.removeAttribute("aria-activedescendant");
    }

    function choose(at) {
        var items = list.children;

        if (chosen >= 0) {
            items[chosen].setAttribute("aria-selected", "false");
        }
        chosen = at;
        items[at].setAttribute("aria-selected", "true");
        items[at].scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", items[at].id);
    }

    function row(entry, at) {
        var item = document.createElement("li");
        var small = document.createElement("small");

        item.id = "result-" + at;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        item.textContent = entry.name;
        small.textContent = entry.text ? entry.kind + " · " + entry.text : entry.kind;
        item.appendChild(small);
        item.addEventListener("mousedown", function (event) {
            event.preventDefault();
        });
        item.addEventListener("click", function () {
            open(entry);
        });
        return item;
    }

    function show() {
        var all = find(input.value);

        close();
        shown = all.slice(0, LIMIT);
        list.textContent = "";
        shown.forEach(function (entry, at) {
            list.appendChild(row(entry, at));
        });
        if (!input.value.trim()) {
            status.textContent = "";
            return;
        }
        status.textContent = all.length === 1 ? "1 result" : all.length + " results";
        if (!shown.length) {
            var none = document.createElement("li");

            none.className = "none";
            none.setAttribute("role", "option");
            none.setAttribute("aria-disabled", "true");
            none.textContent = "Nothing has this name.";
            list.appendChild(none);
        }
        list.hidden = false;
        input.setAttribute("aria-expanded", "true");
        if (shown.length) {
            choose(0);
        }
    }

    function step(by) {
        if (list.hidden) {
            show();
        } else if (shown.length) {
            choose((chosen + by + shown.length) % shown.length);
        }
    }

    var keys = {
        ArrowDown: function () {
            step(1);
        },
        ArrowUp: function () {
            step(-1);
        },
        Enter: function () {
            if (chosen >= 0) {
                open(shown[chosen]);
            }
        },
        Escape: function () {
            if (list.hidden) {
                input.value = "";
                input.blur();
            }
            close();
        },
    };

    input.addEventListener("input", show);
    input.addEventListener("focus", function () {
        if (input.value) {
            show();
        }
    });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", function (event) {
        if (keys[event.key] && !event.isComposing) {
            event.preventDefault();
            keys[event.key]();
        }
    });
    document.addEventListener("keydown", function (event) {
        var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);

        if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
            event.preventDefault();
            input.focus();
            input.select();
        }
    });
    document.querySelectorAll("nav a").forEach(function (link) {
        if (link.pathname === window.location.pathname) {
            link.setAttribute("aria-current", "page");
        }
    });
    document.querySelector(".search").hidden = false;
})();
