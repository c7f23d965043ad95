"use strict";
const view = document.getElementById("view"), svg = view.querySelector("svg");
const search = document.getElementById("search"), found = document.getElementById("found");
const details = document.getElementById("details");
const boxes = [...svg.querySelectorAll(".box")], byId = new Map(boxes.map(box => [box.id, box]));
const edges = [...svg.querySelectorAll(".edge[data-from]")];
const references = [...document.querySelectorAll("#references li")].map(
  li => ({from: li.dataset.from, to: li.dataset.to, columns: li.textContent}));
const whole = svg.viewBox.baseVal, size = {width: whole.width, height: whole.height};
let at = {x: 0, y: 0, scale: 1}, fits = true; /* the upper left corner, and pixels of the screen for one of the picture */

function show() {
  svg.setAttribute("viewBox", [at.x, at.y, view.clientWidth / at.scale, view.clientHeight / at.scale].join(" "));
}
function fit() {
  const scale = Math.min(view.clientWidth / size.width, view.clientHeight / size.height, 1.5);
  at = {scale, x: (size.width - view.clientWidth / scale) / 2, y: (size.height - view.clientHeight / scale) / 2};
  fits = true;
  show();
}
function zoom(factor, x = view.clientWidth / 2, y = view.clientHeight / 2) {
  const scale = Math.min(8, Math.max(0.02, at.scale * factor));
  at = {scale, x: at.x + x / at.scale - x / scale, y: at.y + y / at.scale - y / scale};
  fits = false;
  show();
}
function move(dx, dy) {
  at.x += dx / at.scale;
  at.y += dy / at.scale;
  fits = false;
  show();
}
/* Moves the picture if the box is not fully visible. */
function reveal(box, always) {
  const a = box.getBoundingClientRect(), b = view.getBoundingClientRect();
  const inside = a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
  if (inside && !always) return;
  if (at.scale < 0.6) zoom(0.9 / at.scale);
  const c = box.getBoundingClientRect();
  const top = c.height > b.height ? c.top - b.top - 20 : c.top + c.height / 2 - b.top - b.height / 2;
  move(c.left + c.width / 2 - b.left - b.width / 2, top);
}

/* ---- the chosen table ---- */

function list(title, items) {
  if (!items.length) return;
  const head = document.createElement("h3"), ul = document.createElement("ul");
  head.textContent = title;
  for (const [id, columns] of items) {
    const li = document.createElement("li"), button = document.createElement("button");
    button.type = "button";
    button.textContent = byId.get(id).dataset.name;
    button.addEventListener("click", () => choose(byId.get(id), true));
    li.append(button, columns ? " (" + columns + ")" : "");
    ul.append(li);
  }
  details.append(head, ul);
}
function describe(box) {
  const title = document.createElement("h2"), close = document.createElement("button");
  close.type = "button";
  close.className = "close";
  close.textContent = "×";
  close.setAttribute("aria-label", "Close");
  close.addEventListener("click", clear);
  title.textContent = box.dataset.name;
  details.replaceChildren(close, title);
  const text = box.querySelector("title").textContent.slice(box.dataset.name.length + 2);
  if (text) {
    const p = document.createElement("p");
    p.textContent = text;
    details.append(p);
  }
  list("Refers to", references.filter(r => r.from === box.id).map(r => [r.to, r.columns]));
  list("Referred to by", references.filter(r => r.to === box.id).map(r => [r.from, r.columns]));
  details.hidden = false;
}
function choose(box, move) {
  const near = new Set([box.id]);
  for (const r of references) {
    if (r.from === box.id) near.add(r.to);
    if (r.to === box.id) near.add(r.from);
  }
  for (const other of boxes) {
    other.classList.toggle("near", near.has(other.id));
    other.classList.toggle("chosen", other === box);
  }
  for (const edge of edges)
    edge.classList.toggle("near", edge.dataset.from === box.id || edge.dataset.to === box.id);
  svg.classList.add("dimmed");
  describe(box);
  if (move) reveal(box);
}
function clear() {
  svg.classList.remove("dimmed");
  for (const element of [...boxes, ...edges]) element.classList.remove("near", "chosen");
  details.hidden = true;
}

/* ---- search ---- */

let matches = [], current = 0;
/* The best matches first: of the name, of its first characters, of a part of it, of a column. */
function rank(box, text) {
  const name = box.dataset.name.toLowerCase();
  if (name === text) return 0;
  if (name.includes(text)) return name.startsWith(text) ? 1 : 2;
  return [...box.querySelectorAll("text")].some(t => t.textContent.toLowerCase().includes(text)) ? 3 : 4;
}
function find() {
  const text = search.value.trim().toLowerCase();
  const ranked = text ? boxes.map(box => [rank(box, text), box]).filter(pair => pair[0] < 4) : [];
  matches = ranked.sort((a, b) => a[0] - b[0]).map(pair => pair[1]);
  current = 0;
  for (const box of boxes) box.classList.toggle("found", matches.includes(box));
  report();
  if (matches.length) reveal(matches[0], true);
}
function report() {
  found.textContent = !search.value.trim() ? "" : matches.length ? current + 1 + " of " + matches.length : "nothing found";
}
search.addEventListener("input", find);
search.addEventListener("keydown", event => {
  if (event.key === "Enter" && matches.length) {
    if (matches[current].classList.contains("chosen"))
      current = (current + (event.shiftKey ? matches.length - 1 : 1)) % matches.length;
    choose(matches[current]);
    reveal(matches[current], true);
    report();
  } else if (event.key === "Escape") {
    search.value = "";
    find();
    view.focus();
  }
});

/* ---- mouse, touch and keyboard ---- */

const pointers = new Map();
let moved = false;
view.addEventListener("pointerdown", event => {
  pointers.set(event.pointerId, event);
  moved = false;
});
view.addEventListener("pointermove", event => {
  const last = pointers.get(event.pointerId);
  if (!last) return;
  const dx = event.clientX - last.clientX, dy = event.clientY - last.clientY;
  if (pointers.size === 1 && !moved && Math.hypot(dx, dy) < 4) return;
  if (!moved) view.setPointerCapture(event.pointerId);
  moved = true;
  if (pointers.size === 2) {
    const other = [...pointers.values()].find(p => p.pointerId !== event.pointerId);
    const distance = p => Math.hypot(p.clientX - other.clientX, p.clientY - other.clientY);
    const area = view.getBoundingClientRect();
    zoom(distance(event) / Math.max(1, distance(last)), (event.clientX + other.clientX) / 2 - area.left,
      (event.clientY + other.clientY) / 2 - area.top);
  } else {
    move(-dx, -dy);
  }
  pointers.set(event.pointerId, event);
});
for (const name of ["pointerup", "pointercancel"])
  view.addEventListener(name, event => pointers.delete(event.pointerId));
view.addEventListener("click", event => {
  if (moved) {
    event.preventDefault();
    return;
  }
  const box = event.target.closest(".box");
  if (box) choose(box);
  else clear();
}, true);
view.addEventListener("wheel", event => {
  const area = view.getBoundingClientRect();
  event.preventDefault();
  zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), event.clientX - area.left, event.clientY - area.top);
}, {passive: false});

const keys = {
  ArrowLeft: () => move(-60, 0), ArrowRight: () => move(60, 0), ArrowUp: () => move(0, -60), ArrowDown: () => move(0, 60),
  "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), "0": fit, Escape: clear,
  "/": () => search.focus(),
};
document.addEventListener("keydown", event => {
  if (event.target === search || event.ctrlKey || event.altKey || event.metaKey) return;
  const box = event.target.closest && event.target.closest(".box");
  if (box && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    choose(box, true);
  } else if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});
for (const button of document.querySelectorAll("[data-zoom]"))
  button.addEventListener("click", () => Number(button.dataset.zoom) ? zoom(Number(button.dataset.zoom)) : fit());
for (const box of boxes) {
  box.setAttribute("tabindex", "0");
  box.setAttribute("role", "button");
  box.setAttribute("aria-label", box.dataset.name);
  box.addEventListener("focus", () => { if (box.matches(":focus-visible")) reveal(box); });
}
window.addEventListener("resize", () => fits ? fit() : show());
fit();
