"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const raw = byId("result").textContent;
  byId("save").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([raw], { type: "application/json" }));
    link.download = "dronecheck-result.json";
    link.click();
  });
  for (const tools of document.querySelectorAll(".tools")) tools.hidden = false;
  const map = byId("map");
  if (!map) return;
  const track = JSON.parse(byId("track").textContent);
  const whole = map.getAttribute("viewBox").split(" ").map(Number);
  let box = whole;
  const show = (next) => { box = next; map.setAttribute("viewBox", box.join(" ")); };
  const move = (scale, dx, dy) => show([box[0] + (box[2] * (1 - scale)) / 2 + dx * box[2],
    box[1] + (box[3] * (1 - scale)) / 2 + dy * box[3], box[2] * scale, box[3] * scale]);
  const keys = { "+": [0.7, 0, 0], "-": [1 / 0.7, 0, 0], ArrowLeft: [1, -0.1, 0], ArrowRight: [1, 0.1, 0],
    ArrowUp: [1, 0, -0.1], ArrowDown: [1, 0, 0.1] };
  map.addEventListener("keydown", (event) => {
    if (event.key === "0") show(whole);
    else if (keys[event.key]) move(...keys[event.key]);
    else return;
    event.preventDefault();
  });
  byId("in").addEventListener("click", () => move(0.7, 0, 0));
  byId("out").addEventListener("click", () => move(1 / 0.7, 0, 0));
  byId("all").addEventListener("click", () => show(whole));
  let held = null;
  map.addEventListener("pointerdown", (event) => { held = [event.clientX, event.clientY]; map.setPointerCapture(event.pointerId); });
  map.addEventListener("pointerup", () => { held = null; });
  map.addEventListener("pointermove", (event) => {
    if (!held) return;
    move(1, (held[0] - event.clientX) / map.clientWidth, (held[1] - event.clientY) / map.clientHeight);
    held = [event.clientX, event.clientY];
  });
  for (const button of document.querySelectorAll("button[data-box]"))
    button.addEventListener("click", () => { show(button.dataset.box.split(" ").map(Number)); map.focus(); });
  const slider = byId("time");
  const last = track.t[track.t.length - 1];
  const at = (seconds) => {
    let low = 0, high = track.t.length - 1;
    while (low < high) { const mid = (low + high) >> 1; if (track.t[mid] < seconds) low = mid + 1; else high = mid; }
    byId("here").setAttribute("d", `M${track.x[low]} ${-track.y[low]}h0`);
    byId("now").textContent = `${seconds.toFixed(1)} s since the first fix`;
    for (const cursor of document.querySelectorAll(".cursor")) cursor.setAttribute("d", `M${last ? (seconds / last) * 900 : 0} 0V180`);
  };
  slider.max = last;
  slider.addEventListener("input", () => at(Number(slider.value)));
  let timer = 0;
  byId("play").addEventListener("click", () => {
    byId("play").textContent = timer ? "Play" : "Pause";
    if (timer) { clearInterval(timer); timer = 0; return; }
    timer = setInterval(() => {
      const next = Number(slider.value) + last / 300;
      slider.value = next >= last ? 0 : next;
      at(Number(slider.value));
    }, 50);
  });
  at(0);
})();
