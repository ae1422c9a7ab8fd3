"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const { words, rows, depth = "m" } = JSON.parse(byId("data").textContent);
  const found = byId("places-data");
  const places = found ? JSON.parse(found.textContent).map((list) => new Set(list)) : [];
  const heads = ["File", "Start, UTC", "Aircraft", "State", "Cause", "Integrity", `Depth, ${depth}`];
  const FILE = 0, STATE = 3, CAUSE = 4, INTEGRITY = 5, DEPTH = 6, SHA = 7, PAGE = 8, A_PAGE = 100;
  const ranks = Object.keys(words);
  const lower = rows.map((row) => row.slice(0, DEPTH).join("\n").toLowerCase());
  let sorted = CAUSE, down = false, first = 0, place = null, kept = [];

  const cell = (text, head, look) => {
    const td = document.createElement("td");
    td.textContent = text;
    td.dataset.head = head;
    if (look) td.className = look;
    return td;
  };
  const compare = (a, b) => {
    const one = rows[a], two = rows[b];
    let by = 0;
    if (sorted === CAUSE) by = ranks.indexOf(one[STATE]) - ranks.indexOf(two[STATE]);
    if (!by && sorted === STATE) by = ranks.indexOf(one[STATE]) - ranks.indexOf(two[STATE]);
    else if (!by && sorted === DEPTH) by = (one[DEPTH] ?? -1) - (two[DEPTH] ?? -1);
    else if (!by) by = one[sorted] < two[sorted] ? -1 : one[sorted] > two[sorted] ? 1 : 0;
    return (down ? -by : by) || (one[FILE] < two[FILE] ? -1 : 1);
  };
  const choose = () => {
    const text = byId("find").value.trim().toLowerCase(), state = byId("state").value;
    const integrity = byId("integrity")?.value ?? "";
    kept = [];
    for (let i = 0; i < rows.length; i++) {
      if (state && rows[i][STATE] !== state) continue;
      if (integrity && !rows[i][INTEGRITY].startsWith(integrity)) continue;
      if (place !== null && !places[place].has(rows[i][SHA])) continue;
      if (text && !lower[i].includes(text)) continue;
      kept.push(i);
    }
    kept.sort(compare);
    first = 0;
    draw();
  };
  const draw = () => {
    const body = byId("rows").tBodies[0];
    body.replaceChildren();
    const counts = new Map();
    const group = (row) => `${words[row[STATE]] ?? row[STATE]}${row[CAUSE] ? `: ${row[CAUSE]}` : ""}`;
    if (sorted === CAUSE) for (const i of kept) counts.set(group(rows[i]), (counts.get(group(rows[i])) ?? 0) + 1);
    let last = null;
    for (const i of kept.slice(first, first + A_PAGE)) {
      const row = rows[i];
      if (sorted === CAUSE && group(row) !== last) {
        last = group(row);
        const tr = body.insertRow(), td = cell(`${last} (${counts.get(last).toLocaleString("en")})`, "");
        tr.className = "group";
        td.colSpan = heads.length + 1;
        tr.append(td);
      }
      const tr = body.insertRow();
      heads.forEach((head, column) => {
        const value = row[column];
        if (column === STATE) tr.append(cell(words[value] ?? value, head, `state ${value}`));
        else tr.append(cell(value === null ? "" : column === DEPTH ? value.toFixed(depth === "m" ? 1 : 0) : value, head));
      });
      const td = cell("", "Report");
      if (row[PAGE]) {
        const link = document.createElement("a");
        link.href = row[PAGE];
        link.textContent = "page";
        link.setAttribute("aria-label", `page of ${row[FILE]}`);
        td.append(link);
      }
      tr.append(td);
    }
    const end = Math.min(first + A_PAGE, kept.length), of = kept.length.toLocaleString("en");
    byId("count").textContent = kept.length ? `Rows ${(first + 1).toLocaleString("en")} to ${end.toLocaleString("en")} of ${of}` : "No row.";
    byId("before").disabled = first === 0;
    byId("after").disabled = end === kept.length;
    byId("all").hidden = place === null;
  };

  document.querySelectorAll(".tools").forEach((tools) => { tools.hidden = false; });
  document.querySelectorAll("#rows thead th").forEach((th, column) => {
    if (column >= heads.length) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = th.textContent;
    th.replaceChildren(button);
    th.setAttribute("aria-sort", column === sorted ? "ascending" : "none");
    button.addEventListener("click", () => {
      down = sorted === column ? !down : false;
      sorted = column;
      document.querySelectorAll("#rows thead th").forEach((other, at) => {
        if (at < heads.length) other.setAttribute("aria-sort", at === sorted ? (down ? "descending" : "ascending") : "none");
      });
      choose();
    });
  });
  byId("find").addEventListener("input", choose);
  byId("state").addEventListener("change", choose);
  byId("integrity")?.addEventListener("change", choose);
  byId("before").addEventListener("click", () => { first = Math.max(0, first - A_PAGE); draw(); });
  byId("after").addEventListener("click", () => { first += A_PAGE; draw(); });
  byId("all").addEventListener("click", () => { place = null; choose(); });
  document.querySelectorAll("[data-place]").forEach((button) => {
    button.addEventListener("click", () => {
      place = Number(button.dataset.place);
      choose();
      byId("files").scrollIntoView();
    });
  });
  choose();
})();
