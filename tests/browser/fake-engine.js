"use strict";
// An engine that judges by the names of the files, in the page itself: the tests of the page need no server with it, and
// it shows that another engine can stand in the place of the one that talks to a server. `asked` records the calls.
class EngineError extends Error {
  constructor(message, { lost = false, refused = false } = {}) {
    super(message);
    Object.assign(this, { lost, refused });
  }
}

const asked = [];
const createEngine = () => {
  const files = new Map(), jobs = new Map(), library = new Map(), past = new Map();
  const news = [];
  let made = 0, keeps = false, isStopped = new URLSearchParams(location.search).has("stopped"), wake = () => {};
  const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
  const KINDS = { zones: ["zones", "GeoJSON zones"], JPG: ["picture", "JPEG"], MP4: ["film", "MP4"], log: ["log", "PX4 ULog"] };
  const kindOf = (name) => {
    const ending = name.split(".").at(-1);
    return KINDS[{ geojson: "zones", JPG: "JPG", MP4: "MP4", ulg: "log", csv: "log" }[ending]] ?? ["unknown", ""];
  };
  const answers = {
    entered: { verdict: "VIOLATION", headline: "ENTERED North Korea (PRK). Airspace: NOT CHECKED (no zone file given).",
      brief: ["in 06:41:52 UTC ±1 min 15 s, 40.116 N 124.393 E", "1.98 km inside at the deepest, for 6 min 23 s"],
      lines: ["2513 fixes in 8 min 22 s", "Border: ENTERED. home: China, the territory of the recorded take-off"],
      not_checked: ["Airspace: NOT CHECKED. no zone file given", "Height: NOT CHECKED. no height limit given"],
      remedies: [{ code: "add_zones", field: "zones", text: "add a zone file" }, { code: "give_height_limit", field: "max_height_m", text: "give a height limit" }] },
    open: { verdict: "INCONCLUSIVE", headline: "CANNOT TELL whether it entered North Korea (PRK).", lines: [], not_checked: [],
      remedies: [{ code: "give_home", field: "home", text: "naming the country of take-off would settle it" },
        { code: "give_start_time", field: "start_time", text: "the UTC of the first fix would settle it" },
        { code: "better_fixes", field: null, text: "it takes a log with better accuracy (RTK)" }] },
    clear: { verdict: "CLEAR", headline: "No border crossed: all of it in Switzerland.", lines: [], not_checked: ["Height: NOT CHECKED. no height limit given"], remedies: [] },
  };
  const judged = (name, call) => {
    if (name.includes("crash")) return { state: "failed", error: "failed; no verdict" };
    if (name.includes("open") && call.options.home) return { state: "done", ...answers.clear };
    return { state: "done", ...answers[Object.keys(answers).find((key) => name.includes(key)) ?? "clear"] };
  };
  const tell = (job) => {
    jobs.set(job.id, job);
    news.push({ ...job });
    wake();
  };
  const begin = (kind, ids, name, call, rest) => {
    const job = { id: `job/${++made}`, kind, name, files: ids, state: "queued", progress: null, exports: ["page", "json", "kml", "gpx", "geojson", "csv"] };
    tell(job);
    (async () => {
      await wait(30);
      if (!jobs.has(job.id)) return;
      tell({ ...job, state: "running", progress: 0.5 });
      await wait(name.includes("slow") ? 60_000 : 30);
      if (jobs.has(job.id)) tell({ ...job, progress: 1, ...judged(name, call), ...rest });
    })();
    return { id: job.id, files: ids };
  };
  const heard = (name, act) => async (...call) => {
    if (name !== "jobs") asked.push([name, ...call.map((one) => (one instanceof Blob ? `${one.size} bytes` : one))]);
    await wait(1);
    if (isStopped) throw new EngineError("", { lost: true });
    return act(...call);
  };
  const text = (kind) => new Blob([`<!DOCTYPE html><html lang="en"><title>t</title><main><h1>The page</h1><p>${kind}</p></main></html>`], { type: "text/html" });
  const calls = {
    session: () => ({ files: [...files.values()], jobs: [...jobs.values()], seq: news.length }),
    recognise: (head, { name }) => {
      const [kind, title] = kindOf(name);
      return { kind, title, note: kind === "unknown" ? "A text file; give the flight log instead." : null, upload: { unknown: "no", film: "ranges" }[kind] ?? "whole" };
    },
    put: async (file, { name, path, upload }, onprogress, signal) => {
      for (const share of [0.3, 0.6, 1]) {
        onprogress(share);
        for (let n = 0; n < (name.includes("big") ? 400 : 1) && !signal?.aborted; n++) await wait(10);
        if (signal?.aborted) throw new DOMException("", "AbortError");
      }
      const [kind, title] = kindOf(name);
      const held = { id: `file/${++made}`, name, path, size: file.size, kind, title };
      files.set(held.id, held);
      return held;
    },
    remove: (id) => { files.delete(id); },
    check: (call) => {
      const given = call.files.map((id) => files.get(id));
      if (call.options.home === "nowhere") throw new EngineError("No such country: nowhere");
      const logs = given.filter(({ kind }) => kind === "log"), media = given.filter(({ kind }) => kind !== "log");
      const begun = logs.map((log) => begin("flight", [log.id], log.name, call, {}));
      const parts = logs.filter(({ name }) => name.includes("part"));
      if (parts.length > 1) begun.push(begin("joined", parts.map(({ id }) => id), "parts", call, {}));
      if (media.length) {
        const rows = media.map(({ id, name, kind }, n) => ({ n, file: id, name, scrub: kind === "picture", gives_away: "It gives away a place.", verdict: "VIOLATION", headline: `${name} was taken in North Korea (PRK).`, lines: [], thumb: kind === "picture" }));
        begun.push(begin("media", media.map(({ id }) => id), "", call, { rows }));
      }
      return { jobs: begun };
    },
    audit: (call) => ({ job: begin("audit", call.files, "", call, { exports: ["page", "csv"] }).id }),
    jobs: async (since) => {
      while (news.length <= since) await new Promise((resolve) => { wake = resolve; setTimeout(resolve, 200); });
      if (isStopped) throw new EngineError("", { lost: true });
      return { seq: news.length, jobs: news.slice(since), gone: [] };
    },
    forget: (job) => {
      const held = jobs.get(job);
      jobs.delete(job);
      if (held) news.push({ ...held, state: "cancelled" });
      wake();
    },
    page: (job, hidden) => text(hidden === null ? "whole" : `without ${hidden} m`),
    json: (job) => new Blob(["{}"]),
    exported: (job, as) => new Blob([as]),
    thumb: async () => (await new Promise((resolve) => {
      const drawn = Object.assign(document.createElement("canvas"), { width: 160, height: 120 });
      drawn.getContext("2d").fillRect(0, 0, 160, 120);
      drawn.toBlob(resolve);
    })),
    scrub: () => new Blob(["scrubbed"]),
    zones: () => ({ folder: "/home/someone/.local/share/dronecheck", sources: [...library.values()] }),
    addZones: ({ confirm, source, valid_from }) => {
      if (!confirm) return { zones: 3, covers: ["CHE"], title: "GeoJSON", suggested: "alps", issues: [{ severity: "INFO", text: "no upper limit", count: 2 }] };
      const edition = { id: "e1", valid_from, valid_to: null, retrieved: "2026-03-01", zones: 3, in_force: true, licence: null };
      library.set(source, { id: source, title: source, editions: [edition] });
      return edition;
    },
    removeZones: (source) => { library.delete(source); },
    feeds: () => [{ code: "CH", title: "Switzerland", authority: "FOCA", host: "data.geo.admin.ch", size_mb: 3.1, command: "dronecheck zones fetch CH" }],
    past: () => ({ on: keeps, folder: "/home/someone/.local/share/dronecheck/past", checks: [...past.values()] }),
    keepPast: (on) => {
      keeps = on;
      past.set("one", { id: "one", date: "2026-03-01T10:00:00Z", name: "entered.ulg", sha256: "ab".repeat(32), verdict: "VIOLATION" });
    },
    pastPage: () => text("past"),
    forgetPast: (id) => { if (id) past.delete(id); else past.clear(); },
    about: () => ({ version: "0.1.0", python: "3.12", data: [{ name: "Borders", edition: "2026-02", licence: "ODbL-1.0" }], formats: [{ name: "ulog", title: "PX4 ULog" }] }),
    stop: () => { isStopped = true; },
  };
  return { origin: location.host, ready: !new URLSearchParams(location.search).has("locked"), ...Object.fromEntries(Object.entries(calls).map(([name, act]) => [name, heard(name, act)])) };
};
