"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const every = (selector, act) => document.querySelectorAll(selector).forEach(act);
  const set = (element, values) => { for (const [name, value] of Object.entries(values)) element.setAttribute(name, value); };
  byId("save").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([byId("result").textContent], { type: "application/json" }));
    link.download = "dronecheck-result.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  every(".tools, .legend li", (part) => { part.hidden = false; });
  const map = byId("map");
  if (!map) return;
  const view = byId("view");
  const track = JSON.parse(byId("track").textContent);
  const whole = view.getAttribute("viewBox").split(" ").map(Number);
  const heights = track.curves.find((curve) => curve.key === "h");
  const MOST_CIRCLES = 400, SEEN_PX = 4, OF_95 = 2.4477;
  const lengths = track.lengths || [[1, "m"], [1000, "km"]]; // the shorter and the longer unit: its metres, its sign
  let box = whole;

  // Map: the inner picture gets another frame; words and the scale bar around it are put where they belong.
  const circles = () => {
    const px = map.clientWidth / box[2];
    let d = "", count = 0;
    for (let i = 0; i < track.t.length && count <= MOST_CIRCLES; i++) {
      const x = track.x[i], y = -track.y[i], r = track.s[i] * OF_95;
      if (!track.s[i] || r * px < SEEN_PX) continue;
      if (x < box[0] || x > box[0] + box[2] || y < box[1] || y > box[1] + box[3]) continue;
      d += `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
      count++;
    }
    byId("errors").setAttribute("d", box === whole || count > MOST_CIRCLES ? "" : d);
  };
  // Words stand in order of weight: one that lies on another, on a mark or outside is not shown.
  const fit = () => {
    const room = map.getBoundingClientRect();
    const kept = [...map.querySelectorAll("#view .dot:not(.here)")].map((dot) => dot.getBoundingClientRect())
      .map((r) => ({ left: r.left - 5, right: r.right + 5, top: r.top - 5, bottom: r.bottom + 5 }));
    every("#length, #bar, .north *", (sign) => kept.push(sign.getBoundingClientRect()));
    for (const word of map.querySelectorAll(":scope > text:not(#length)")) {
      const r = word.getBoundingClientRect();
      const inside = r.left >= room.left && r.right <= room.right && r.top >= room.top && r.bottom <= room.bottom;
      const free = inside && !kept.some((k) => r.left < k.right && r.right > k.left && r.top < k.bottom && r.bottom > k.top);
      word.setAttribute("visibility", free ? "visible" : "hidden");
      if (free) kept.push(r);
    }
  };
  map.classList.add("fitted");
  addEventListener("resize", fit);
  const show = (next) => {
    box = next;
    view.setAttribute("viewBox", box.join(" "));
    map.classList.toggle("zoomed", box !== whole);
    for (const word of map.querySelectorAll("text")) {
      if (word.dataset.x) word.setAttribute("x", `${((word.dataset.x - box[0]) / box[2]) * 100}%`);
      if (word.dataset.y) word.setAttribute("y", `${((word.dataset.y - box[1]) / box[3]) * 100}%`);
    }
    const [metres, sign] = box[2] / 4 < lengths[1][0] ? lengths[0] : lengths[1];
    const most = box[2] / 4 / metres, unit = 10 ** Math.floor(Math.log10(most));
    const length = [5, 2, 1].find((n) => n * unit <= most) * unit;
    byId("bar").setAttribute("x2", `${3 + ((length * metres) / box[2]) * 100}%`);
    byId("length").textContent = `${+length.toPrecision(3)} ${sign}`;
    fit();
    circles();
  };
  const move = (scale, dx, dy) => {
    const width = Math.min(Math.max(box[2] * scale, 4), whole[2] * 2), by = width / box[2];
    show([box[0] + (box[2] - width) / 2 + dx * box[2], box[1] + (box[3] * (1 - by)) / 2 + dy * box[3], width, box[3] * by]);
  };
  const keys = { "+": [0.7, 0, 0], "=": [0.7, 0, 0], "-": [1 / 0.7, 0, 0], ArrowLeft: [1, -0.1, 0], ArrowRight: [1, 0.1, 0],
    ArrowUp: [1, 0, -0.1], ArrowDown: [1, 0, 0.1] };
  map.addEventListener("keydown", (event) => {
    if (event.key === "0") all();
    else if (keys[event.key]) move(...keys[event.key]);
    else return;
    event.preventDefault();
  });
  byId("in").addEventListener("click", () => move(0.7, 0, 0));
  byId("out").addEventListener("click", () => move(1 / 0.7, 0, 0));
  map.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== map) return;
    event.preventDefault();
    move(event.deltaY < 0 ? 0.85 : 1 / 0.85, 0, 0);
  }, { passive: false });
  const held = new Map();
  map.addEventListener("pointerdown", (event) => { held.set(event.pointerId, [event.clientX, event.clientY]); map.setPointerCapture(event.pointerId); });
  for (const end of ["pointerup", "pointercancel"]) map.addEventListener(end, (event) => held.delete(event.pointerId));
  map.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const now = [event.clientX, event.clientY];
    if (held.size === 2) {
      const other = [...held].find(([id]) => id !== event.pointerId)[1];
      const apart = (a) => Math.hypot(a[0] - other[0], a[1] - other[1]);
      move(apart(before) / Math.max(apart(now), 1), 0, 0);
    } else move(1, (before[0] - now[0]) / map.clientWidth, (before[1] - now[1]) / map.clientHeight);
    held.set(event.pointerId, now);
  });

  // Charts: one stretch of time for all of them.
  let from = 0, to = track.last;
  const round = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 21600, 43200, 86400];
  const start = track.start === null ? 0 : Date.parse(track.start) / 1000;
  const clock = (seconds, tenths) => track.row ? `${Math.round(seconds)}` : track.start === null ? `+${seconds.toFixed(tenths ? 1 : 0)} s`
    : new Date((start + seconds + (tenths ? 0.05 : 0)) * 1000).toISOString().slice(11, tenths ? 21 : 19);
  const label = (chart, at, step, day) => {
    const word = document.createElementNS("http://www.w3.org/2000/svg", "text");
    const whole = step % 60 === 0 && track.start !== null && !track.row;
    const text = whole ? clock(at - start, false).slice(0, 5) : clock(at - start, false);
    const now = track.start === null ? "" : new Date(at * 1000).toISOString().slice(5, 10);
    set(word, { class: "when", x: `${((at - start - from) / (to - from)) * 100}%`, y: "100%", dy: -5, "text-anchor": "middle" });
    word.textContent = day && now !== day ? `${now} ${text}` : text;
    chart.append(word);
    return now;
  };
  // A word at an end stands beside its tick, and one that has no room does not stand.
  const spread = (chart) => {
    const room = chart.getBoundingClientRect();
    let end = -Infinity;
    for (const word of chart.querySelectorAll(".when")) {
      let box = word.getBoundingClientRect();
      if (box.left < room.left + 2) word.setAttribute("text-anchor", "start");
      else if (box.right > room.right - 2) word.setAttribute("text-anchor", "end");
      box = word.getBoundingClientRect();
      if (box.left < end || box.right > room.right) word.remove();
      else end = box.right + 4;
    }
  };
  const stretch = (a, b) => {
    from = Math.max(0, a); to = Math.min(Math.max(b, from + 1e-3), Math.max(track.last, from + 1e-3));
    every(".chart", (chart) => {
      chart.querySelector(".curves").setAttribute("viewBox", `${(from / track.last) * 900} 0 ${((to - from) / track.last) * 900} 180`);
      chart.querySelectorAll(".when").forEach((word) => word.remove());
      const most = (s) => Math.min(6, Math.max(2, Math.floor(chart.clientWidth / (s % 60 ? 90 : 60))));
      const step = round.find((s) => (to - from) / s <= most(s)) || Math.ceil((to - from) / most(1));
      let day = "";
      for (let at = Math.ceil((start + from) / step) * step; at <= start + to; at += step) day = label(chart, at, step, day);
      spread(chart);
    });
  };
  stretch(from, to);
  addEventListener("resize", () => stretch(from, to));

  // Time: the slider, playback, and what they move.
  const slider = byId("time"), cuts = new Set(track.cut), play = byId("play").textContent;
  const at = (seconds) => {
    let low = 0, high = track.t.length - 1;
    while (low < high) { const mid = (low + high) >> 1; if (track.t[mid] < seconds) low = mid + 1; else high = mid; }
    const prior = Math.max(0, low - 1), step = track.t[low] - track.t[prior];
    const share = step > 0 ? Math.min(1, Math.max(0, (seconds - track.t[prior]) / step)) : 1;
    const between = (column) => share === 1 || column[low] === null || column[prior] === null ? column[low]
      : column[prior] + (column[low] - column[prior]) * share;
    // Between two fixes with a gap, and where places were left out, nothing is known to be shown.
    const known = Math.abs(seconds - track.t[low]) < 0.01 || (seconds > track.t[0] && low > 0 && !cuts.has(prior) && seconds < track.t[low]);
    byId("here").setAttribute("d", known ? `M${between(track.x)} ${-between(track.y)}h0` : "");
    const values = track.curves.filter((curve) => known && curve.v[low] !== null)
      .map((curve) => {
        const value = between(curve.v), text = (number) => `${number.toFixed(curve.digits ?? 1)} ${curve.unit}`;
        return curve.sides ? curve.sides[value < 0 ? 1 : 0].replace("{}", text(Math.abs(value))) : `${curve.title} ${text(value)}`;
      });
    const time = track.row ? `${track.row} ${clock(seconds)}, ${track.when[low] || track.unknown}`
      : track.start === null ? clock(seconds, true) : `${clock(seconds, true)} UTC`;
    const words = [time, ...values].join("; ");
    byId("now").textContent = words;
    slider.setAttribute("aria-valuetext", words);
    every(".cursor", (cursor) => cursor.setAttribute("d", `M${track.last ? (seconds / track.last) * 900 : 0} 0V180`));
  };
  slider.max = track.last;
  slider.addEventListener("input", () => at(Number(slider.value)));
  slider.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
    if (!by) return;
    event.preventDefault();
    slider.value = Number(slider.value) + (by * track.last) / 200;
    at(Number(slider.value));
  });
  let timer = 0;
  byId("play").addEventListener("click", () => {
    byId("play").textContent = timer ? play : byId("play").dataset.pause;
    if (timer) { clearInterval(timer); timer = 0; return; }
    timer = setInterval(() => {
      const next = Number(slider.value) + (to - from) / 400;
      slider.value = next >= to ? from : Math.max(next, from);
      at(Number(slider.value));
    }, 50);
  });
  const all = () => { show(whole); stretch(0, track.last); };
  byId("all").addEventListener("click", all);
  every("button[data-box]", (button) => button.addEventListener("click", () => {
    const begin = Number(button.dataset.from), end = Number(button.dataset.to), pad = Math.max(0.15 * (end - begin), 2);
    show(button.dataset.box.split(" ").map(Number));
    stretch(begin - pad, end + pad);
    slider.value = begin;
    at(Number(slider.value));
    map.scrollIntoView({ block: "center" });
    map.focus({ preventScroll: true });
  }));

  // Colour by height: drawn when it is first asked for.
  const LOOKS = 6;
  const paint = () => {
    const known = heights.v.filter((v) => v !== null);
    const low = Math.min(...known), step = (Math.max(...known) - low) / LOOKS || 1;
    const lines = Array(LOOKS).fill("");
    for (let i = 0; i + 1 < track.t.length; i++) {
      if (cuts.has(i) || heights.v[i] === null) continue;
      const look = Math.min(LOOKS - 1, Math.floor((heights.v[i] - low) / step));
      lines[look] += `M${track.x[i]} ${-track.y[i]}L${track.x[i + 1]} ${-track.y[i + 1]}`;
    }
    byId("scale").append(`${heights.title}: `);
    lines.forEach((d, look) => {
      const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
      set(line, { class: `h${look}`, d });
      byId("heights").append(line);
      const key = document.createElement("span"), patch = document.createElement("i");
      patch.className = `h${look}`;
      key.append(patch, `${Math.round(low + look * step) || 0} – ${Math.round(low + (look + 1) * step) || 0} ${heights.unit}`);
      byId("scale").append(key);
    });
  };
  const colour = byId("colour");
  colour.hidden = !heights;
  colour.addEventListener("click", () => {
    const on = colour.getAttribute("aria-pressed") !== "true";
    if (on && !byId("heights").childElementCount) paint();
    colour.setAttribute("aria-pressed", on);
    map.classList.toggle("byheight", on);
    set(byId("heights"), { visibility: on ? "visible" : "hidden" });
    byId("scale").hidden = !on;
  });
  show(whole);
  slider.value = track.t[0];
  at(Number(slider.value));
})();
