// The first screen: where files are dropped, what is asked, and a row for each file with its answer.
const createQueue = (session, go) => {
  const { name, button, field } = Make;
  const list = make("ul", { className: "rows", "aria-labelledby": "queue-title" });
  const rows = new Map(); // by key: {element, told}
  const many = make("div", { className: "note", hidden: true });
  const choose = (properties) => make("input", {
    type: "file", multiple: true, className: "hidden", tabindex: -1, "aria-hidden": "true", ...properties,
    onchange: (event) => { const found = Intake.chosen(event.target.files); event.target.value = ""; go.add(found); },
  });

  const drop = () => {
    const files = choose({ id: "choose-files" }), folder = choose({ id: "choose-folder", webkitdirectory: true });
    return make("section", { className: "drop" },
      make("h1", {}, say("question")),
      make("p", { className: "lead" }, say("drop_here")),
      make("div", { className: "acts" }, button(say("choose_files"), () => files.click(), { className: "main" }),
        button(say("choose_folder"), () => folder.click()), files, folder),
      make("p", { className: "dim" }, say("what_to_drop")),
      make("p", { className: "private" }, make("strong", {}, say("private")), " ", say("private_why", { origin: go.origin })));
  };
  const PLACES = ["fly_android", "fly_ios", "go4", "pilot2", "srt", "ardupilot", "px4", "export"];
  const where = () => make("details", {}, make("summary", {}, say("where_title")),
    make("dl", {}, ...PLACES.flatMap((place) => [make("dt", {}, say(`where_${place}`)), make("dd", {}, say(`where_${place}_is`))])),
    make("p", { className: "dim" }, say("where_film")));

  const ASKED = [
    ["max_height_m", "number", { min: 1, max: 99999, step: "any", placeholder: "120" }],
    ["max_agl_m", "number", { min: 1, max: 99999, step: "any", placeholder: "120" }],
    ["home", "text", { autocomplete: "off" }],
    ["allow", "text", { autocomplete: "off" }],
    ["covers", "text", { autocomplete: "off" }],
    ["hide_home_m", "number", { min: 1, max: 100000, step: "any", placeholder: "200" }],
    ["units", "select", {}, ["metric", "aviation"]],
  ];
  const questions = () => {
    const input = ([key, type, more, choices = []]) => make(choices.length ? "select" : "input", {
      type: choices.length ? null : type, ...more, value: choices.length ? null : String(session.settings[key] ?? ""),
      onchange: (event) => {
        const { value, valueAsNumber } = event.target;
        if (!event.target.reportValidity()) return;
        const { [key]: _, ...rest } = session.settings;
        session.settings = value.trim() === "" ? rest : { ...rest, [key]: type === "number" ? valueAsNumber : value.trim() };
        paint();
      },
    }, ...choices.map((one, n) => make("option", { value: n ? one : "", selected: one === session.settings[key] }, say(`units_${one}`))));
    return make("details", { open: Object.keys(session.settings).length > 0 }, make("summary", {}, say("asked_title")),
      make("p", { className: "dim" }, say("asked_hint")),
      make("div", { className: "fields" }, ...ASKED.map((one) => field(say(`asked_${one[0]}`), input(one), say(`asked_${one[0]}_hint`)))));
  };

  const mark = (kind) => make("span", { className: `mark ${kind}`, "aria-hidden": "true" });
  const label = (words, text) => ({ "aria-label": `${words}: ${text}` });
  const LATER = ["add_zones", "give_height_limit"]; // of what was not asked, not of what stays open
  const bare = (text) => text.replace(/[\s:：]/g, "");
  // What was not looked at stands in the line of the answer, in few words; a headline may say some of it itself.
  const unasked = (job) => (job.not_checked ?? []).map((sentence) => /^[^.。(（]*/.exec(sentence)[0].trim())
    .filter((words) => !bare(job.headline).includes(bare(words))).map((words) => `${words}${/[\u3000-\u9fff]$/.test(words) ? "。" : "."}`);
  // What a row says: {kind, text, lines, folded, bar, acts}.
  const answerOf = (job, title) => {
    const kind = job.state === "failed" ? "failed" : (job.verdict ?? "none").toLowerCase();
    const open = button(say("open"), () => go.to(`#/result/${encodeURIComponent(job.id)}`), { className: "main", "data-act": "open", ...label(say("open"), title) });
    if (job.state === "failed") return { kind, text: job.error, lines: [], acts: (job.exports ?? []).length ? [open] : [] };
    const needs = job.verdict === "INCONCLUSIVE" && job.kind !== "media" ? (job.remedies ?? []).filter((one) => one.field && !LATER.includes(one.code)).map((one) => one.text) : [];
    return { kind, text: [job.headline, ...unasked(job)].join(" "), lines: [...(job.brief ?? []), ...needs], folded: job.lines ?? [], acts: [open] };
  };
  const again = (job, title) => button(say("check_again"), () => session.judge(job.files).catch(go.fails), { "data-act": "again", ...label(say("check_again"), title) });
  const under = (job) => (job.state === "queued" ? say("queued") : say("checking"));
  const ofJob = (job, title) => {
    if (job.state === "cancelled") return { kind: "none", text: say("cancelled"), lines: [], acts: [again(job, title)] };
    if (session.isOver(job)) return answerOf(job, title);
    const cancel = button(say("cancel"), () => session.cancel(job).catch(go.fails), { "data-act": "cancel", ...label(say("cancel"), title) });
    return { kind: "busy", text: under(job), bar: job.progress ?? null, lines: [], acts: [cancel] };
  };
  const ofRow = (job, entry) => {
    const item = (job.rows ?? []).find((one) => one.file === entry.id);
    if (!session.isOver(job) || !item) return ofJob(job, entry.name);
    return answerOf({ ...job, ...item, brief: [Make.inShort(item.gives_away)].filter(Boolean), lines: [...(item.lines ?? []), item.gives_away].filter(Boolean), not_checked: [] }, entry.name);
  };
  const ofEntry = (entry, job) => {
    const leave = (words) => button(say(words), () => session.drop(entry).catch(go.fails), { "data-act": words, ...label(say(words), entry.name) });
    const told = (kind, text, acts, bar) => ({ kind, text, lines: [], acts, bar });
    if (entry.phase === "waiting") return told("busy", say("queued"), [leave("cancel")]);
    if (entry.phase === "reading") return told("busy", say("recognising"), [leave("cancel")], null);
    if (entry.phase === "sending") return told("busy", say("copying"), [leave("cancel")], entry.sent);
    if (entry.phase === "refused") return told("failed", `${(entry.note || say("refused")).replace(/[.。]?$/, ".")} ${say("refused_way")}`, [leave("remove")]);
    if (entry.phase === "failed") return told("failed", entry.error, [leave("remove")]);
    if (entry.phase === "cancelled") return told("none", say("cancelled"), [leave("remove")]);
    if (entry.kind === "zones" || entry.kind === "keys") return told("used", entry.note || say(`used_${entry.kind}`), [leave("remove")]);
    if (!job) return told("busy", say("not_asked"), [leave("remove")], null);
    if (job.kind === "audit") return told("part", say("in_folder"), []);
    const shown = job.kind === "media" ? ofRow(job, entry) : ofJob(job, entry.name);
    return session.isOver(job) ? { ...shown, acts: [...shown.acts, leave("remove")] } : shown;
  };

  const sentences = (lines) => make("ul", { className: "lines" }, ...lines.map((line) => make("li", {}, line)));
  const draw = (row, title, about, shown) => {
    const told = JSON.stringify([title, about, shown.kind, shown.text, shown.lines, shown.folded, shown.acts.map((act) => act.dataset.act), Say.language]);
    const bar = row.element.querySelector("progress");
    if (bar && typeof shown.bar === "number") bar.value = shown.bar;
    if (row.told === told) return;
    row.told = told;
    const focused = row.element.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    const progress = shown.bar === undefined ? null : make("progress", { max: 1, "aria-label": `${shown.text}: ${title}` });
    if (progress && typeof shown.bar === "number") progress.value = shown.bar;
    row.element.className = `row ${shown.kind}`;
    row.element.replaceChildren(...[
      make("p", { className: "file" }, name(title), " ", make("span", { className: "dim" }, about)),
      make("p", { className: "answer" }, mark(shown.kind), shown.text), progress,
      shown.lines.length ? sentences(shown.lines) : null,
      shown.folded?.length ? make("details", {}, make("summary", { "data-act": "details" }, say("details")), sentences(shown.folded)) : null,
      make("div", { className: "acts" }, ...shown.acts),
    ].filter(Boolean));
    if (focused) (row.element.querySelector(`[data-act="${focused}"]`) ?? row.element.querySelector("button"))?.focus();
  };

  const shownRows = () => {
    const groups = [...session.jobs.values()].filter((job) => job.kind !== "flight");
    const all = groups.map((job) => [job.id, job.name || say(`group_${job.kind}`), say(`group_${job.kind}_is`, { n: job.files.length }), ofJob(job, job.name)]);
    const answers = session.answers();
    for (const entry of session.entries.values()) {
      const about = [(entry.title ?? "").split(" (")[0], Say.size(entry.size)].filter(Boolean).join(" · ");
      all.push([entry.key, entry.path || entry.name, about, ofEntry(entry, answers.get(entry.id))]);
    }
    return all;
  };

  // How many of what; nothing is called clear of which a part was not looked at.
  const COUNTED = ["violation", "inconclusive", "clear", "failed", "busy"];
  const count = (all) => {
    const counts = COUNTED.map((kind) => [kind, all.filter(([, , , shown]) => shown.kind === kind).length]).filter(([, n]) => n);
    return all.length ? [say("files", { n: session.entries.size }), ...counts.map(([kind, n]) => say(`count_${kind}`, { n }))].join(", ") : "";
  };
  const title = make("h2", { id: "queue-title", hidden: true });

  const paint = () => {
    const all = shownRows();
    const here = new Set(all.map(([key]) => key));
    for (const [key, row] of rows) if (!here.has(key)) { row.element.remove(); rows.delete(key); }
    for (const [key, heading, about, shown] of all) {
      if (!rows.has(key)) rows.set(key, { element: make("li"), told: "" });
      draw(rows.get(key), heading, about, shown);
    }
    const wanted = all.map(([key]) => rows.get(key).element);
    wanted.forEach((element, n) => { if (list.children[n] !== element) list.insertBefore(element, list.children[n] ?? null); });
    element.classList.toggle("begun", all.length > 0);
    title.hidden = !all.length;
    title.textContent = say("queue_title");
    const stale = [...session.jobs.values()].some((job) => session.isOver(job) && session.isStale(job));
    if (many.hidden === stale) many.replaceChildren(make("p", {}, say("stale")), button(say("check_all"), () => session.judgeAll().catch(go.fails), { className: "main" }));
    many.hidden = !stale;
    go.tell(count(all));
  };
  const element = make("div", {}, drop(), many, make("section", { "aria-labelledby": "queue-title" }, title, list), where(), questions());
  paint();
  return { element, paint, title: "" };
};
