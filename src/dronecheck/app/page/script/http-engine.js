"use strict";
// The engine that asks the server of `dronecheck app`. The page knows no other script that reaches beyond itself: whatever
// gives `createEngine()` with these calls can stand here. All but the first two return promises; a Blob is bytes of the
// user's; an id is a text the engine made. What goes wrong rejects with an EngineError, whose message is a sentence to read.
//
//   origin                              where the work is done, as shown to the user
//   ready                               false: this page was opened without its key (it says so, and nothing else works)
//   session()                           {files: [FILE], jobs: [JOB], seq}: what it holds already; FILE = {id, name, path, size, kind, title}
//   recognise(head, {name, size, language})   head: a Blob of the first 64 KiB;
//                                       {kind: "log"|"zones"|"archive"|"picture"|"film"|"keys"|"unknown", title, note, upload: "whole"|"ranges"|"no"}
//   put(file, {name, path, upload}, onprogress, signal)   takes the bytes it needs; onprogress(0..1); FILE
//   remove(id)                          a file; what was said of it stays until it is forgotten
//   check({files, zones, keys, options, hide_home_m})   ids, and settings of a check; {jobs: [{id}]}
//   audit({files, zones, options})      many logs as one; {job}; an error that `cannot` where this is not installed
//   jobs(since)                         waits for news: {seq, jobs: [JOB], gone: [id]}
//   forget(job)                         cancels it, or drops its result
//   page(job, hide_home_m), json(job, hide_home_m), exported(job, as, hide_home_m), thumb(job, n), scrub(file)   Blobs
//   zones(), addZones({file, source, confirm, valid_from, valid_to}), removeZones(source, edition), feeds()   the zone library
//   past(), keepPast(on), pastPage(id), forgetPast(id)   checks of other days; without an id: all
//   about(), stop()
//
// JOB = {id, state: "queued"|"running"|"done"|"failed"|"cancelled", kind: "flight"|"joined"|"media"|"audit", files, name,
// verdict, headline, lines, not_checked, remedies: [{code, field, text}], error, progress: 0..1|null, exports,
// rows: null|[{n, file, name, verdict, headline, lines, gives_away, thumb, scrub}]}; the rows are those of photos and films.

class EngineError extends Error {
  constructor(message, { lost = false, refused = false, cannot = false } = {}) {
    super(message);
    this.lost = lost; // nobody answers
    this.refused = refused; // the key is not that of the engine
    this.cannot = cannot; // not in this installation
  }
}

const createEngine = () => {
  const KEY = "dronecheck-token", POLL_MS = 60_000, LONGEST_MS = 900_000, MOST_RANGES = 10_000;
  const given = new URLSearchParams(location.hash.slice(1)).get("t");
  if (given) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, "", location.pathname);
  }
  const token = sessionStorage.getItem(KEY);
  const headers = { "X-Dronecheck-Token": token ?? "" };
  const part = encodeURIComponent;
  const query = (values) => new URLSearchParams(Object.entries(values).filter(([, value]) => value !== null && value !== undefined));

  const refusal = (status, text) => {
    let told = "";
    try { told = JSON.parse(text).error; } catch { /* no sentence of ours */ }
    return new EngineError(told || `HTTP ${status}`, { refused: status === 401, cannot: status === 409 });
  };
  const ask = async (method, path, { body, signal, longest_ms = LONGEST_MS } = {}) => {
    const limits = [AbortSignal.timeout(longest_ms), ...(signal ? [signal] : [])];
    const plain = body === undefined || body instanceof Blob;
    let answer;
    try {
      answer = await fetch(path, {
        method, cache: "no-store", redirect: "error", signal: AbortSignal.any(limits),
        headers: plain ? headers : { ...headers, "Content-Type": "application/json" },
        body: plain ? body : JSON.stringify(body),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new EngineError(String(error.message), { lost: true });
    }
    if (!answer.ok) throw refusal(answer.status, await answer.text());
    return answer;
  };
  const json = async (...call) => (await ask(...call)).json();
  const blob = async (path) => (await ask("GET", path)).blob();
  const nothing = async (...call) => { await ask(...call); };

  // fetch tells nothing of how far it has come with sending; the older call does.
  const send = (path, body, onprogress, signal) => new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", path);
    for (const [name, value] of Object.entries(headers)) call.setRequestHeader(name, value);
    call.upload.addEventListener("progress", (event) => onprogress(event.loaded));
    call.addEventListener("load", () => {
      if (call.status >= 200 && call.status < 300) resolve(JSON.parse(call.responseText));
      else reject(refusal(call.status, call.responseText));
    });
    call.addEventListener("error", () => reject(new EngineError("", { lost: true })));
    call.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    signal?.addEventListener("abort", () => call.abort(), { once: true });
    call.send(body);
  });

  // A film stays where it is: of it goes what the engine asks for.
  const putRanges = async (file, { name, path }, onprogress, signal) => {
    const size = file.size;
    let asked = await json("POST", `/api/films?${query({ name, path, size })}`, { signal });
    const { id } = asked;
    let sent = 0;
    for (let round = 0; asked.need.length && round < MOST_RANGES; round++) {
      const ranges = new Blob(asked.need.map(([offset, length]) => file.slice(offset, offset + length)));
      const done = (loaded) => onprogress((sent + loaded) / (sent + ranges.size));
      asked = await send(`/api/films/${part(id)}`, ranges, done, signal);
      sent += ranges.size;
    }
    return { ...asked, id, name, path, size, kind: "film" };
  };

  return {
    origin: location.host,
    ready: Boolean(token),
    session: async () => {
      const [{ files }, { jobs, seq }] = await Promise.all([json("GET", "/api/files"), json("GET", "/api/jobs?since=0")]);
      return { files, jobs, seq };
    },
    recognise: (head, { name, size, language }) => json("POST", `/api/recognise?${query({ name, size, language })}`, { body: head }),
    put: (file, about, onprogress, signal) => about.upload === "ranges"
      ? putRanges(file, about, onprogress, signal)
      : send(`/api/files?${query({ name: about.name, path: about.path === about.name ? "" : about.path })}`, file, (n) => onprogress(n / file.size), signal),
    remove: (id) => nothing("DELETE", `/api/files/${part(id)}`),
    check: (asked) => json("POST", "/api/check", { body: asked }),
    audit: (asked) => json("POST", "/api/audit", { body: asked }),
    jobs: (since) => json("GET", `/api/jobs?${query({ since })}`, { longest_ms: POLL_MS }),
    forget: (job) => nothing("DELETE", `/api/jobs/${part(job)}`),
    page: (job, hide_home_m) => blob(`/api/page/${part(job)}?${query({ hide_home_m })}`),
    json: (job, hide_home_m) => blob(`/api/json/${part(job)}?${query({ hide_home_m })}`),
    exported: (job, as, hide_home_m) => blob(`/api/export/${part(job)}?${query({ as, hide_home_m })}`),
    thumb: (job, n) => blob(`/api/media/${part(job)}/${part(n)}/thumb`),
    scrub: async (file) => (await ask("POST", "/api/scrub", { body: { file } })).blob(),
    zones: () => json("GET", "/api/zones"),
    addZones: (asked) => json("POST", "/api/zones", { body: asked }),
    removeZones: (source, edition) => nothing("DELETE", `/api/zones/${[source, edition].filter(Boolean).map(part).join("/")}`),
    feeds: () => json("GET", "/api/feeds"),
    past: () => json("GET", "/api/past"),
    keepPast: (on) => nothing("POST", "/api/past", { body: { on } }),
    pastPage: (id) => blob(`/api/past/${part(id)}`),
    forgetPast: (id) => nothing("DELETE", id ? `/api/past/${part(id)}` : "/api/past"),
    about: () => json("GET", "/api/about"),
    stop: () => nothing("POST", "/api/stop"),
  };
};
