// What was dropped here and what became of it. Knows the engine and nothing of how it looks.
//
// An entry is a file: {key, name, path, size, file, id, kind, title, note, phase, sent, error}; phase: waiting, reading,
// sending, held (the engine has it), refused, failed, cancelled.
const createSession = (engine, onchange) => {
  const HEAD_BYTES = 65_536, AT_ONCE = 2, FOLDER_FROM = 21, SETTINGS = "dronecheck-settings", CAUSES = ["zones", "keys"];
  const entries = new Map(), jobs = new Map(), asked = new Map(), more = new Map();
  let settings = JSON.parse(sessionStorage.getItem(SETTINGS) ?? "{}");
  const gone = new Set(); // answers that were dropped, which news under way may still bring
  let made = 0;

  const ids = (kinds) => [...entries.values()].filter((entry) => entry.phase === "held" && kinds(entry.kind)).map((entry) => entry.id);
  const ofFlights = (kind) => !CAUSES.includes(kind);
  const byId = (id) => [...entries.values()].find((entry) => entry.id === id);
  const isOver = (job) => ["done", "failed", "cancelled"].includes(job.state);
  // By file: the newest answer of its own, else of the footage, else of the folder that it is part of.
  const answers = () => {
    const found = new Map();
    for (const kind of ["audit", "media", "flight"]) {
      for (const job of jobs.values()) if (job.kind === kind) for (const id of job.files) found.set(id, job);
    }
    return found;
  };
  const options = (id) => {
    const { hide_home_m, ...rest } = { ...settings, ...more.get(id) };
    return { options: { ...rest, language: Say.language }, hide_home_m: hide_home_m ?? null };
  };

  const hold = (entry, { id, kind, title, name, path, size }) => {
    Object.assign(entry, { id, phase: "held", sent: 1 });
    for (const [key, value] of Object.entries({ kind, title, name, path, size })) if (value !== undefined) entry[key] = value;
  };
  const failed = (entry, error) => {
    if (entry.phase === "cancelled" || error.name === "AbortError") entry.phase = "cancelled";
    else Object.assign(entry, { phase: "failed", error: error.lost ? say("not_sent") : error.message });
    entry.lost = Boolean(error.lost);
  };
  const take = async (entry) => {
    if (entry.phase === "cancelled") return;
    try {
      entry.phase = "reading";
      onchange();
      const known = await engine.recognise(entry.file.slice(0, HEAD_BYTES), { name: entry.name, size: entry.size, language: Say.language });
      Object.assign(entry, { kind: known.kind, title: known.title, note: known.note });
      if (entry.phase === "cancelled") return;
      if (known.upload === "no") {
        entry.phase = "refused";
        return;
      }
      entry.phase = "sending";
      const moved = (share) => { entry.sent = share; onchange(); };
      hold(entry, await engine.put(entry.file, { ...entry, upload: known.upload }, moved, entry.leave.signal));
    } catch (error) {
      failed(entry, error);
    } finally {
      entry.file = null; // the engine has what it needs
      onchange();
    }
  };

  // Many logs are one folder, with one page; photos and films beside them are none. Null: not so many, or not installed.
  const asFolder = async (call) => {
    const logs = call.files.filter((id) => !["picture", "film"].includes(byId(id)?.kind));
    if (logs.length < FOLDER_FROM) return null;
    try {
      const folder = [(await engine.audit({ ...call, files: logs })).job];
      const media = call.files.filter((id) => !logs.includes(id));
      return media.length ? [...folder, ...(await engine.check({ ...call, files: media })).jobs.map((job) => job.id)] : folder;
    } catch (error) {
      if (!error.cannot) throw error;
      return null;
    }
  };

  // Files that go out again are judged anew, by what is known now; what was said of them before is dropped.
  const judge = async (files) => {
    if (!files.length) return [];
    const before = [...jobs.values()].filter((job) => job.files.some((id) => files.includes(id)));
    const zones = ids((kind) => kind === "zones"), keys = ids((kind) => kind === "keys");
    const told = (id) => JSON.stringify(options(id));
    const groups = Map.groupBy ? Map.groupBy(files, told) : files.reduce((all, id) => all.set(told(id), [...(all.get(told(id)) ?? []), id]), new Map());
    const begun = [];
    for (const [how, some] of groups) {
      const call = { files: some, zones, keys, ...JSON.parse(how) };
      for (const id of await asFolder(call) ?? (await engine.check(call)).jobs.map((job) => job.id)) begun.push({ id, how });
    }
    for (const { id, how } of begun) asked.set(id, how);
    for (const job of before) forget(job.id);
    return begun.map((job) => job.id);
  };
  const forget = (id) => {
    gone.add(id);
    jobs.delete(id);
    asked.delete(id);
    engine.forget(id).catch(() => { /* it is gone already */ });
    onchange();
  };

  return {
    entries, jobs, answers, isOver, judge,
    cancel: (job) => engine.forget(job.id),
    get settings() { return settings; },
    set settings(next) {
      settings = next;
      sessionStorage.setItem(SETTINGS, JSON.stringify(next));
    },
    // Whether an answer was given under other settings than those that hold now.
    isStale: (job) => asked.has(job.id) && asked.get(job.id) !== JSON.stringify(options(job.files[0])),
    // What the engine holds already, of the command line or of this page before it was loaded again; gives where news begin.
    resume: async () => {
      const held = await engine.session();
      for (const file of held.files) {
        const entry = { key: `entry-${++made}`, leave: new AbortController() };
        hold(entry, file);
        entries.set(entry.key, entry);
      }
      for (const job of held.jobs) jobs.set(job.id, job);
      const judged = answers();
      await judge(ids(ofFlights).filter((id) => !judged.has(id)));
      onchange();
      return held.seq;
    },
    // Everything of one drop is judged together: zones for the logs, and the films of one flight as one.
    add: async (found) => {
      const batch = found.map(({ file, name, path }) => ({
        key: `entry-${++made}`, name, path, file, size: file?.size ?? 0, sent: 0, leave: new AbortController(),
        phase: file ? "waiting" : "failed", error: file ? null : say("not_readable"),
      }));
      for (const entry of batch) entries.set(entry.key, entry);
      onchange();
      const queue = batch.filter((entry) => entry.file);
      const worker = async () => { for (let entry = queue.shift(); entry; entry = queue.shift()) await take(entry); };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      const held = batch.filter((entry) => entry.phase === "held");
      const changesAll = held.some((entry) => CAUSES.includes(entry.kind));
      await judge(changesAll ? ids(ofFlights) : held.filter((entry) => ofFlights(entry.kind)).map((entry) => entry.id));
      onchange();
    },
    judgeAll: () => judge(ids(ofFlights)),
    // The missing input of one answer; it is kept for these files.
    judgeWith: async (job, values) => {
      for (const id of job.files) more.set(id, { ...more.get(id), ...values });
      const [first] = await judge(job.files);
      return first;
    },
    // A file that is sent but in no way shown is no use here: a file for the library.
    put: async (found) => {
      const about = await engine.recognise(found.file.slice(0, HEAD_BYTES), { name: found.name, size: found.file.size, language: Say.language });
      if (about.kind !== "zones") throw new EngineError(about.kind === "unknown" && about.note ? about.note : say("no_zones", { title: about.title }));
      return engine.put(found.file, { ...found, upload: about.upload }, () => {}, undefined);
    },
    drop: async (entry) => {
      const isJudged = ofFlights(entry.kind);
      const was = entry.phase;
      entry.phase = "cancelled";
      entry.leave.abort();
      if (was !== "waiting" && was !== "reading" && was !== "sending") entries.delete(entry.key);
      if (entry.id) {
        const own = [...jobs.values()].filter((job) => !job.files.some(byId));
        for (const job of own) forget(job.id);
        await engine.remove(entry.id);
        if (!isJudged) await judge(ids(ofFlights));
      }
      onchange();
    },
    news: (told) => {
      for (const job of told.jobs) {
        if (gone.has(job.id)) jobs.delete(job.id);
        else jobs.set(job.id, job);
      }
      for (const id of told.gone ?? []) jobs.delete(id);
      onchange();
    },
  };
};
