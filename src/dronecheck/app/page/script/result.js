// One answer: what is missing to settle it, what can be saved of it, and the page of the check in a frame of its own.
const createResult = (session, engine, go, id) => {
  const { button, field, save, name } = Make;
  const TRUSTED = "allow-scripts allow-downloads"; // not allow-same-origin: what a log says can reach nothing of ours
  const FIELDS = {
    home: { type: "text", required: true },
    allow: { type: "text", required: true },
    start_time: { type: "datetime-local", step: 1, required: true },
    utc_offset_h: { type: "number", step: 0.25, min: -14, max: 14, required: true },
    relief_m: { type: "number", step: "any", min: 0, max: 9999, required: true },
    takeoff_amsl_m: { type: "number", step: "any", min: -500, max: 9000, required: true },
    qnh_hpa: { type: "number", step: "any", min: 850, max: 1100, required: true },
    max_height_m: { type: "number", step: "any", min: 1, max: 99999, required: true },
    max_agl_m: { type: "number", step: "any", min: 1, max: 99999, required: true },
  };
  const UNASKED = ["add_zones", "give_height_limit"];
  const PLAIN = ["give_home", "give_height_limit", "give_start_time", "add_zones"]; // the field says it all
  const FILES = ["zones", "keys", "log"];
  const AS = { kml: "KML", gpx: "GPX", geojson: "GeoJSON", csv: "CSV", pdf: "PDF" };
  const element = make("div", { className: "result" });
  const blobs = [];
  const hidden = () => session.settings.hide_home_m ?? null;
  let told = "";

  const tried = (act) => async () => { try { await act(); } catch (error) { go.fails(error); } };
  const saved = (blob, filename) => { save(blob, filename); go.tell(say("saved", { name: filename })); };

  const input = (key) => {
    const { type, ...more } = FIELDS[key];
    return make("input", { type, ...more, name: key, autocomplete: "off" });
  };
  const valueOf = (box) => {
    if (box.type === "number") return box.valueAsNumber;
    return box.type === "datetime-local" ? `${box.value.length === 16 ? `${box.value}:00` : box.value}Z` : box.value.trim();
  };
  const ways = (job, remedies) => {
    const isFirst = (one, n) => remedies.findIndex((other) => other.field === one.field) === n;
    const words = (remedy) => (PLAIN.includes(remedy.code) ? "" : remedy.text);
    const form = (remedy) => {
      const box = input(remedy.field);
      const again = async (event) => {
        event.preventDefault();
        const next = await session.judgeWith(job, { [remedy.field]: valueOf(box) });
        if (next) go.to(`#/result/${encodeURIComponent(next)}`, true);
      };
      return make("form", { onsubmit: (event) => again(event).catch(go.fails) },
        field(say(`field_${remedy.field}`), box, words(remedy), make("button", {}, say("check_again"))));
    };
    const file = (remedy) => {
      const files = make("input", { type: "file", multiple: true, className: "hidden", tabindex: -1, "aria-hidden": "true",
        onchange: (event) => { go.add(Intake.chosen(event.target.files)); go.to("#/files"); } });
      return make("div", { className: "field" }, words(remedy) ? make("p", {}, words(remedy)) : null,
        button(say(`add_${remedy.field}`), () => files.click()), files);
    };
    const texts = remedies.filter((one) => !FIELDS[one.field] && !FILES.includes(one.field)).map((one) => one.text);
    return [...[...new Set(texts)].map((text) => make("p", {}, text)),
      ...remedies.filter((one, n) => FIELDS[one.field] && isFirst(one, n)).map(form),
      ...remedies.filter((one, n) => FILES.includes(one.field) && isFirst(one, n)).map(file)];
  };
  // What would settle the answer, a field for each thing, one by one: nobody knows them all. What was not asked is folded.
  const missing = (job) => {
    const isOpen = job.verdict === "INCONCLUSIVE" || job.state === "failed";
    const isNeeded = (one) => isOpen && !UNASKED.includes(one.code);
    const needed = ways(job, (job.remedies ?? []).filter(isNeeded));
    const rest = ways(job, (job.remedies ?? []).filter((one) => !isNeeded(one)));
    return [
      needed.length ? make("section", { className: "missing", "aria-labelledby": "missing-title" },
        make("h2", { id: "missing-title" }, say("missing_title")), ...needed) : null,
      rest.length ? make("details", {}, make("summary", {}, say("more_title")), ...rest) : null,
    ];
  };

  const stale = (job) => {
    const again = async () => {
      const next = await session.judgeWith(job, {});
      if (next) go.to(`#/result/${encodeURIComponent(next)}`, true);
    };
    return session.isStale(job) ? make("div", { className: "note" }, make("p", {}, say("stale_one")), button(say("check_again"), tried(again), { className: "main" })) : null;
  };
  const stem = (job) => (job.name || say(`group_${job.kind}`)).replace(/\.[^.]*$/, "");
  const shared = (job) => {
    const metres = make("input", { type: "number", min: 1, max: 100000, step: "any", required: true, value: String(session.settings.hide_home_m ?? 200) });
    const give = async (event) => {
      event.preventDefault();
      saved(await engine.page(job.id, metres.valueAsNumber), `${stem(job)}.to-share.html`);
    };
    return make("details", {}, make("summary", {}, say("share")),
      make("form", { onsubmit: (event) => give(event).catch(go.fails) }, field(say("share_hide"), metres, say("share_hint"), make("button", {}, say("share_save")))));
  };
  const saving = (job) => {
    const exports = job.exports ?? [];
    if (!exports.length) return "";
    const of = (kind, words, get, ending) => (exports.includes(kind)
      ? button(words, tried(async () => saved(await get(), `${stem(job)}.${ending}`))) : null);
    return make("section", { "aria-labelledby": "save-title" }, make("h2", { id: "save-title", className: "hidden" }, say("save_title")),
      make("div", { className: "acts" },
        of("page", say("save_page"), () => engine.page(job.id, hidden()), "html"),
        of("json", say("save_as", { kind: "JSON" }), () => engine.json(job.id, hidden()), "json"),
        ...Object.entries(AS).map(([kind, words]) => of(kind, say("save_as", { kind: words }), () => engine.exported(job.id, kind, hidden()), kind))),
      exports.includes("page") && job.kind !== "audit" ? shared(job) : null);
  };

  const picture = (job, item) => {
    const image = item.thumb ? make("img", { alt: item.name, width: 160, height: 120 }) : null;
    if (image) {
      engine.thumb(job.id, item.n).then((blob) => { blobs.push(URL.createObjectURL(blob)); image.src = blobs.at(-1); }, () => image.remove());
    }
    const clean = item.scrub
      ? button(say("scrub"), tried(async () => saved(await engine.scrub(item.file), item.name)), { "aria-label": `${say("scrub")}: ${item.name}` })
      : make("p", {}, say("scrub_film"), " ", make("code", {}, "dronecheck media scrub FILM -o to-share"));
    return make("li", { className: (item.verdict ?? "none").toLowerCase() }, image, make("p", {}, name(item.name)),
      make("p", { className: "answer" }, make("span", { className: `mark ${(item.verdict ?? "none").toLowerCase()}`, "aria-hidden": "true" }), item.headline ?? ""),
      item.gives_away ? make("p", {}, Make.inShort(item.gives_away)) : null, clean,
      make("details", {}, make("summary", {}, say("details")),
        ...[...(item.lines ?? []), item.gives_away].filter(Boolean).map((line) => make("p", { className: "dim" }, line))));
  };
  const strip = (job) => (job.rows?.length ? make("section", { "aria-labelledby": "strip-title" },
    make("h2", { id: "strip-title" }, say("strip_title")), make("p", { className: "dim" }, say("strip_hint")),
    make("ul", { className: "strip" }, ...job.rows.map((item) => picture(job, item)))) : null);

  const framed = async (job) => {
    const frame = make("iframe", { sandbox: TRUSTED, title: say("frame", { name: job.name || say(`group_${job.kind}`) }) });
    frame.srcdoc = await (await engine.page(job.id, hidden())).text();
    return frame;
  };

  const paint = () => {
    const job = session.jobs.get(id);
    const now = JSON.stringify([job?.state, job?.progress, Say.language]);
    if (now === told) return;
    told = now;
    const title = job ? job.name || say(`group_${job.kind}`) : say("no_result");
    const kind = (job?.verdict ?? "none").toLowerCase();
    const back = make("p", {}, make("a", { href: "#/files" }, say("back")));
    if (!job) {
      element.replaceChildren(back, make("h1", {}, title));
      return;
    }
    if (!session.isOver(job)) {
      const bar = make("progress", { max: 1, "aria-label": say("checking") });
      if (typeof job.progress === "number") bar.value = job.progress;
      const cancel = button(say("cancel"), () => session.cancel(job).then(() => go.to("#/files"), go.fails));
      element.replaceChildren(back, make("h1", {}, name(title)), make("p", {}, say(job.state === "queued" ? "queued" : "checking")), bar, cancel);
      return;
    }
    if (job.state !== "done") {
      element.replaceChildren(back, make("h1", {}, name(title)), make("p", { className: "answer" }, job.error ?? say("cancelled")), ...missing(job).filter(Boolean), saving(job));
      return;
    }
    const place = make("div", { className: "frame" }, make("p", {}, say("opening")));
    element.replaceChildren(...[back, make("h1", { className: kind }, name(title)),
      make("p", { className: "answer" }, make("span", { className: `mark ${kind}`, "aria-hidden": "true" }), job.headline ?? ""),
      stale(job), ...missing(job), saving(job), strip(job), place].filter(Boolean));
    framed(job).then((frame) => place.replaceChildren(frame), go.fails);
  };
  paint();
  return { element, paint, title: session.jobs.get(id)?.name ?? "", close: () => blobs.forEach((url) => URL.revokeObjectURL(url)) };
};
