// The zone library: what is kept for every check of other days too; and where official zones come from.
const createZones = (engine, session, go) => {
  const { button, field, table, ask, name } = Make;
  const element = make("div");
  const day = (text) => (text ? String(text).slice(0, 10) : "–");

  const removal = (source, edition) => async () => {
    const what = edition ? `${source.title} ${day(edition.valid_from)}` : source.title;
    if (!await ask(say("remove_zones", { name: what }), [make("p", {}, say("remove_zones_hint"))], say("remove"))) return;
    await engine.removeZones(source.id, edition?.id);
    await load();
  };
  const library = (held) => {
    if (!held.sources.length) return [make("p", {}, say("no_library"))];
    const heads = ["from", "to", "count", "in_force", "retrieved", "licence", "action"].map((key) => say(`zones_${key}`));
    return held.sources.map((source) => make("section", {},
      make("h3", {}, make("bdi", {}, source.title)),
      table(say("editions_of", { name: source.title }), heads, source.editions.map((one) => [
        day(one.valid_from), day(one.valid_to), String(one.zones), say(one.in_force ? "yes" : "not"), day(one.retrieved), make("bdi", {}, one.licence || "–"),
        button(say("remove"), () => removal(source, one)().catch(go.fails), { "aria-label": `${say("remove")}: ${source.title} ${day(one.valid_from)}` }),
      ]))));
  };
  const copied = (command) => async () => {
    await navigator.clipboard.writeText(command);
    go.tell(say("copied"));
  };
  // Those that no command can fetch are got by hand from their publisher's page, which is named and not opened.
  const feeds = (known) => table(say("feeds_caption"), ["code", "title", "authority", "host", "size", "command"].map((key) => say(`feed_${key}`)),
    known.map((one) => {
      const way = one.command || one.page || "";
      return [
        one.code, make("bdi", {}, one.title), make("bdi", {}, one.authority ?? ""), one.host || "–", one.command && one.size_mb ? `${one.size_mb} MB` : "–",
        way ? [make("code", {}, way), " ", button(say("copy"), () => copied(way)().catch(go.fails), { "aria-label": `${say("copy")}: ${way}` })] : "–",
      ];
    }));

  // What is in the file is shown first; it is kept only when the user says so.
  const add = async (found) => {
    for (const one of found) {
      const held = await session.put(one);
      const seen = await engine.addZones({ file: held.id, confirm: false });
      const text = (type, value = "") => make("input", { type, value, autocomplete: "off" });
      const source = text("text", seen.suggested ?? ""), from = text("date"), to = text("date");
      source.required = true;
      const issues = seen.issues.length ? [make("p", {}, say("zone_issues")), make("ul", {}, ...seen.issues.map((issue) => make("li", {}, issue.count > 1 ? `${issue.text} (${issue.count})` : issue.text)))] : [];
      const content = [
        make("p", {}, name(one.name), " ", say("zones_found", { n: seen.zones, where: (seen.covers ?? []).join(", ") || "–" })),
        ...issues, field(say("zones_name"), source), field(say("zones_from"), from, say("zones_dates_hint")), field(say("zones_to"), to),
      ];
      const isWanted = await ask(say("keep_zones"), content, say("keep"));
      if (isWanted) await engine.addZones({ file: held.id, confirm: true, source: source.value.trim(), valid_from: from.value || null, valid_to: to.value || null });
      await engine.remove(held.id);
      if (isWanted) go.tell(say("zones_kept", { name: source.value.trim() }));
    }
    await load();
  };

  const load = async () => {
    const [held, known] = await Promise.all([engine.zones(), engine.feeds()]);
    const files = make("input", { type: "file", multiple: true, id: "zone-files", className: "hidden", tabindex: -1, "aria-hidden": "true",
      onchange: (event) => { const found = Intake.chosen(event.target.files); event.target.value = ""; add(found).catch(go.fails); } });
    element.replaceChildren(make("h1", {}, say("zones_title")), make("p", { className: "lead" }, say("zones_lead")),
      make("div", { className: "acts" }, button(say("zones_add"), () => files.click(), { className: "main" }), files),
      make("p", { className: "dim" }, say("zones_session")),
      make("h2", {}, say("library_title")), make("p", { className: "dim" }, say("library_folder"), " ", make("code", {}, held.folder)), ...library(held),
      make("h2", {}, say("feeds_title")), make("p", {}, say("feeds_hint")), feeds(known));
  };
  element.append(make("h1", {}, say("zones_title")));
  load().catch(go.fails);
  return { element, paint: () => {}, title: say("zones_title"), add };
};
