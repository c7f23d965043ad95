"""Parses a stored CREATE statement of SQLite, in any spelling.

The pragmas leave out checks, names of constraints, collations, conflict clauses, deferrability and generated
expressions. They are read here from the text, so that two tables are equal when they mean the same: a constraint
on a column is the same as one on the table, and spaces, capitals and needless quotes do not count.
"""
import re

TOKEN = re.compile(
    r"\s+|--[^\n]*|/\*.*?\*/"
    r"|(?P<string>'(?:[^']|'')*')"
    r"|(?P<quoted>\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|\[[^\]]*\])"
    r"|(?P<word>[^\W\d][\w$]*)"
    r"|(?P<other>\|\||<=|>=|<>|!=|==|->>|->|[\w.]+|.)", re.S)
WORD = re.compile(r"[^\W\d][\w$]*$")


def tokens(text):
    """Words in lower case, quoted names without quotes that they do not need."""
    out = []
    for match in TOKEN.finditer(text):
        if match["string"]:
            out.append(match["string"])
        elif match["quoted"]:
            body = match["quoted"][1:-1]
            body = body.replace(match["quoted"][0] * 2, match["quoted"][0])
            out.append(body.lower() if WORD.match(body) else '"%s"' % body)
        elif match["word"]:
            out.append(match["word"].lower())
        elif match["other"]:
            out.append(match["other"])
    return out


def closing(words, start):
    """words[start] is an opening parenthesis: the place of the one that closes it."""
    depth = 0
    for i in range(start, len(words)):
        depth += {"(": 1, ")": -1}.get(words[i], 0)
        if depth == 0:
            return i
    return len(words) - 1


def split(words):
    """Parts between commas outside of parentheses."""
    parts, depth = [[]], 0
    for word in words:
        depth += {"(": 1, ")": -1}.get(word, 0)
        if word == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


def bare(words):
    """An expression without parentheses around all of it."""
    while words and words[0] == "(" and closing(words, 0) == len(words) - 1:
        words = words[1:-1]
    return " ".join(words)


class Reader:
    """Reads the constraints after a column's type, or one of the table."""

    def __init__(self, words, column, table):
        self.words, self.at, self.column, self.table = words, 0, column, table
        self.name = None
        self.attributes = {}

    def peek(self, *expected):
        return self.words[self.at:self.at + len(expected)] == list(expected)

    def take(self, *expected):
        if not self.peek(*expected):
            return False
        self.at += len(expected)
        return True

    def next(self):
        self.at += 1
        return self.words[self.at - 1] if self.at <= len(self.words) else ""

    def group(self):
        end = closing(self.words, self.at)
        inner = self.words[self.at + 1:end]
        self.at = end + 1
        return inner

    def columns(self):
        if self.peek("("):
            return ", ".join(" ".join(w for w in part if w != "asc") for part in split(self.group()))
        return self.column

    def conflict(self):
        if not self.take("on", "conflict"):
            return ""
        action = self.next()
        return "" if action == "abort" else " on conflict " + action

    def add(self, text):
        self.table.append(("%s: " % self.name if self.name else "") + text)
        self.name = None

    def references(self, columns):
        text = "foreign key (%s) references %s" % (columns, self.next())
        if self.peek("("):
            text += " (%s)" % self.columns()
        options = []
        while self.at < len(self.words):
            if self.take("on"):
                what, action = self.next(), self.next()
                if action in ("set", "no"):
                    action += " " + self.next()
                if action != "no action":
                    options.append("on %s %s" % (what, action))
            elif self.take("match"):
                kind = self.next()
                if kind != "simple":
                    options.append("match " + kind)
            elif self.take("not", "deferrable"):
                if self.take("initially"):
                    self.next()
            elif self.take("deferrable"):
                when = self.next() if self.take("initially") else "immediate"
                options.append("deferrable " + when)
            else:
                break
        self.add(" ".join([text] + sorted(options)))

    def one(self):
        if self.take("constraint"):
            self.name = self.next()
        elif self.take("primary", "key"):
            columns = self.columns()
            order = " desc" if self.take("desc") else ""
            self.take("asc")
            conflict = self.conflict()
            self.add("primary key (%s%s)%s%s" % (
                columns, order, conflict, " autoincrement" if self.take("autoincrement") else ""))
        elif self.take("unique"):
            columns = self.columns()
            self.add("unique (%s)%s" % (columns, self.conflict()))
        elif self.take("check"):
            self.add("check (%s)" % bare(self.group()))
            self.conflict()
        elif self.take("foreign", "key"):
            columns = self.columns()
            self.take("references")
            self.references(columns)
        elif self.take("references"):
            self.references(self.column)
        elif self.take("not", "null"):
            self.attributes["not null"] = "yes" + self.conflict()
        elif self.take("default"):
            if self.peek("("):
                self.attributes["default"] = bare(self.group())
            else:
                sign = self.next() if self.peek("-") or self.peek("+") else ""
                self.attributes["default"] = (sign + " " if sign else "") + self.next()
        elif self.take("collate"):
            collation = self.next()
            if collation != "binary":
                self.attributes["collate"] = collation
        elif self.take("generated", "always"):
            pass
        elif self.take("as"):
            expression = bare(self.group())
            stored = "stored" if self.take("stored") else "virtual"
            self.take("virtual")
            self.attributes["generated"] = "%s %s" % (expression, stored)
        else:
            self.at += 1

    def all(self):
        while self.at < len(self.words):
            self.one()


CONSTRAINTS = {"constraint", "primary", "unique", "check", "foreign"}
ATTRIBUTES = CONSTRAINTS | {"not", "null", "default", "collate", "references", "generated", "as"}


def read_table(sql):
    """(columns in order as (name, text), sorted constraints, options after the parenthesis)"""
    words = tokens(sql)
    start = words.index("(")
    end = closing(words, start)
    columns, constraints = [], []
    for part in split(words[start + 1:end]):
        quoted = part[0].startswith('"')
        if part[0] in CONSTRAINTS and not quoted and part[1:2] and (part[0] == "constraint" or part[1] in ("key", "(")):
            Reader(part, None, constraints).all()
            continue
        type_end = 1
        while type_end < len(part) and part[type_end] not in ATTRIBUTES:
            type_end = closing(part, type_end) + 1 if part[type_end] == "(" else type_end + 1
        reader = Reader(part[type_end:], part[0], constraints)
        reader.all()
        text = "".join(part[1:type_end]) + "".join(" %s=%s" % item for item in sorted(reader.attributes.items()))
        columns.append((part[0], text))
    return columns, sorted(constraints), " ".join(words[end + 1:])


def read_other(sql):
    """An index, a view or a trigger."""
    words = [word for word in tokens(sql) if word != "asc"]
    if words[3:6] == ["if", "not", "exists"]:
        del words[3:6]
    return " ".join(words)
