"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const filter = byId("filter"), kind = byId("kind"), count = byId("count"), details = byId("details");
  const rows = [...document.querySelectorAll("#matrix tr[data-row]")].map((row) => ({
    row,
    cells: [...row.cells].slice(1),
    // What is looked through: the head of the row, and each cell with what is behind it.
    head: `${row.parentElement.dataset.api} ${row.cells[0].textContent}`.toLowerCase(),
  }));
  const verdicts = {
    allow: ["yes", "allows"],
    not_granted: ["if", "refuses: not granted"],
    undocumented: ["open", "leaves it open: undocumented"],
    forbidden: ["no", "refuses for good: forbidden"],
  };

  const behind = (key) => data.cells[key] ?? [];
  const searched = new Map();
  function words(cell) {
    const button = cell.firstElementChild, key = button.dataset.cell;
    if (!searched.has(key)) {
      const rules = behind(key).flatMap((part) => [
        ...part.clauses.map((clause) => data.rules[data.clauses[clause].rule].id),
        ...part.shown.map((rule) => data.rules[rule].id),
        ...part.routes.map((route) => data.routes[route]),
      ]);
      searched.set(key, [button.textContent, ...rules].join(" ").toLowerCase());
    }
    return searched.get(key);
  }

  // One cell is reached by Tab; arrow keys go on from there.
  let stop = null;
  function stopAt(button) {
    if (stop) stop.tabIndex = -1;
    stop = button;
    if (stop) stop.tabIndex = 0;
  }

  const shown = () => rows.filter(({ row }) => !row.hidden);
  const columns = ({ cells }) => cells.filter((cell) => !cell.hidden);

  function show() {
    const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const element of document.querySelectorAll("#matrix [data-kind]")) {
      element.hidden = kind.value !== "" && element.dataset.kind !== kind.value;
    }
    for (const entry of rows) {
      const text = [entry.head, ...columns(entry).map(words)].join(" ");
      entry.row.hidden = !wanted.every((word) => text.includes(word));
    }
    for (const part of document.querySelectorAll("#matrix tbody")) {
      part.hidden = [...part.rows].slice(1).every((row) => row.hidden);
    }
    const left = shown();
    count.textContent = left.length === rows.length ? `${rows.length} rows` : `${left.length} of ${rows.length} rows`;
    byId("nothing").hidden = left.length > 0;
    byId("scroll").hidden = left.length === 0;
    if (!stop || !stop.checkVisibility()) {
      stopAt(left.length ? columns(left[0])[0].firstElementChild : null);
    }
  }

  // What is shown has an address, so that it can be linked to.
  function remember() {
    const parts = new URLSearchParams();
    if (filter.value) parts.set("filter", filter.value);
    if (kind.value) parts.set("kind", kind.value);
    if (details.open) parts.set("cell", details.dataset.cell);
    const hash = parts.toString().replaceAll("%2F", "/");
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  }

  function follow() {
    const parts = new URLSearchParams(location.hash.slice(1));
    filter.value = parts.get("filter") ?? "";
    kind.value = parts.get("kind") ?? "";
    if (kind.selectedIndex < 0) kind.value = "";
    show();
    const cell = parts.get("cell");
    const button = cell && document.querySelector(`[data-cell="${CSS.escape(cell)}"]`);
    if (details.open) details.close();
    if (button) open(button);
  }

  function element(name, attributes, ...children) {
    const made = Object.assign(document.createElement(name), attributes);
    made.append(...children);
    return made;
  }

  function rule(index, what, conditions) {
    const { id, says, sources } = data.rules[index];
    const item = element("li", {}, element("p", {}, what, " ", element("code", {}, id), conditions), element("p", {}, says));
    const list = sources.map(({ document: name, title, place, date, url }) => {
      const head = url ? element("a", { href: url, rel: "noreferrer" }, title) : title;
      return element("li", {}, head, `${place ? `, ${place}` : ""} (${[name, date].filter(Boolean).join(", ")})`);
    });
    item.append(
      element("p", { className: "quiet" }, list.length === 1 ? "Source:" : "Sources:"),
      element("ul", { className: "sources" }, ...list),
    );
    return item;
  }

  function clause(index) {
    const { rule: of, verdict, when, unless } = data.clauses[index];
    const [word, does] = verdicts[verdict];
    const conditions = [];
    if (when !== "always") conditions.push(`when ${when.replaceAll("_", " ")}`);
    conditions.push(...unless.map((condition) => `unless ${condition.replaceAll("_", " ")}`));
    const text = conditions.length ? `, ${conditions.join(", ")}` : "";
    return rule(of, element("span", { className: `what ${word}` }, does), text);
  }

  function list(body, title, items) {
    if (items.length) body.append(element("h3", {}, title), element("ul", { className: "rules" }, ...items));
  }

  function open(button) {
    const body = byId("details-body"), parts = behind(button.dataset.cell);
    byId("details-title").textContent = button.ariaLabel;
    body.replaceChildren();
    for (const part of parts) {
      const routes = part.routes.map((route) => element("li", {}, element("code", {}, data.routes[route])));
      body.append(element("h3", {}, routes.length === 1 ? "Route" : "Routes"), element("ul", { className: "routes" }, ...routes));
      list(body, "Rules that decide", part.clauses.map(clause));
      list(body, "What else is known", part.shown.map((index) => rule(index, element("span", { className: "what no" }, data.rules[index].effect), "")));
      if (!part.clauses.length) body.append(element("p", {}, "No rule allows it, and what nothing allows is refused."));
    }
    details.dataset.cell = button.dataset.cell;
    stopAt(button);
    button.focus();
    details.showModal();
    byId("details-title").focus();
    details.scrollTop = 0;
    remember();
  }

  const moves = {
    ArrowRight: (row, column) => [row, column + 1],
    ArrowLeft: (row, column) => [row, column - 1],
    ArrowDown: (row, column) => [row + 1, column],
    ArrowUp: (row, column) => [row - 1, column],
    PageDown: (row, column) => [row + 10, column],
    PageUp: (row, column) => [row - 10, column],
    Home: (row) => [row, 0],
    End: (row) => [row, Infinity],
  };

  function move(event) {
    const button = event.target.closest("td button"), next = moves[event.key];
    if (!button || !next || event.altKey || event.metaKey) return;
    event.preventDefault();
    const left = shown(), within = (at, length) => Math.max(0, Math.min(at, length - 1));
    const row = left.findIndex((entry) => entry.row === button.closest("tr"));
    const column = columns(left[row]).indexOf(button.parentElement);
    let [down, right] = next(row, column);
    if (event.ctrlKey && event.key === "Home") down = 0;
    if (event.ctrlKey && event.key === "End") down = Infinity;
    const target = columns(left[within(down, left.length)]);
    const found = target[within(right, target.length)].firstElementChild;
    stopAt(found);
    found.focus();
  }

  for (const button of document.querySelectorAll("#matrix button")) button.tabIndex = -1;
  byId("matrix").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) open(button);
  });
  byId("matrix").addEventListener("keydown", move);
  byId("search").addEventListener("submit", (event) => event.preventDefault());
  byId("clear").addEventListener("click", () => {
    filter.value = "";
    show();
    remember();
    filter.focus();
  });
  for (const control of [filter, kind]) {
    control.addEventListener("input", () => {
      show();
      remember();
    });
  }
  details.addEventListener("close", remember);
  details.addEventListener("click", (event) => {
    if (event.target === details) details.close();
  });
  addEventListener("hashchange", follow);
  byId("search").hidden = false;
  follow();
})();
