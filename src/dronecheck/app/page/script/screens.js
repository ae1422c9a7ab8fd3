// The quieter screens: checks of other days, what this program is, and that it has ended.
const Screens = (() => {
  const { button, table, ask, name } = Make;

  const createPast = (engine, session, go, id) => {
    const element = make("div", {}, make("h1", {}, say("past_title")));
    const one = async () => {
      const frame = make("iframe", { sandbox: "allow-scripts allow-downloads", title: say("past_title") });
      frame.srcdoc = await (await engine.pastPage(id)).text();
      element.replaceChildren(make("p", {}, make("a", { href: "#/past" }, say("back_past"))), make("h1", {}, say("past_title")), make("div", { className: "frame" }, frame));
    };
    const removal = (check) => async () => {
      const sure = check ? say("forget_one", { name: check.name }) : say("forget_all");
      if (!await ask(sure, [], say("remove"))) return;
      await engine.forgetPast(check?.id);
      await all();
    };
    const word = (verdict) => say({ VIOLATION: "verdict_violation", CLEAR: "verdict_clear" }[verdict] ?? "verdict_inconclusive");
    const rows = (checks) => checks.map((check) => [
      String(check.date).slice(0, 16).replace("T", " "), name(check.name), check.headline || word(check.verdict), make("code", { title: check.sha256 }, check.sha256.slice(0, 12)),
      [make("a", { href: `#/past/${encodeURIComponent(check.id)}`, "aria-label": `${say("open")}: ${check.name}` }, say("open")), " ",
        button(say("remove"), () => removal(check)().catch(go.fails), { "aria-label": `${say("remove")}: ${check.name}` })],
    ]);
    const all = async () => {
      const past = await engine.past();
      const keep = make("input", { type: "checkbox", checked: past.on,
        onchange: (event) => engine.keepPast(event.target.checked).then(all).catch(go.fails) });
      const heads = ["date", "file", "verdict", "sha256", "action"].map((key) => say(`past_${key}`));
      element.replaceChildren(...[make("h1", {}, say("past_title")),
        make("p", {}, make("label", { className: "check" }, keep, " ", say("past_keep"))),
        make("p", { className: "dim" }, say("past_folder"), " ", make("code", {}, past.folder)),
        past.checks.length ? table(say("past_title"), heads, rows(past.checks)) : make("p", {}, say("past_none")),
        past.checks.length ? button(say("forget_all_button"), () => removal(null)().catch(go.fails)) : null].filter(Boolean));
    };
    (id ? one() : all()).catch(go.fails);
    return { element, paint: () => {}, title: say("past_title") };
  };

  const createAbout = (engine, session, go) => {
    const element = make("div", {}, make("h1", {}, say("about_title")));
    const load = async () => {
      const about = await engine.about();
      element.append(make("p", {}, say("about_version", { version: about.version, python: about.python })),
        make("p", {}, say("about_answer")), make("p", {}, say("private"), " ", say("private_why", { origin: go.origin })),
        make("h2", {}, say("data_title")),
        table(say("data_title"), ["name", "edition", "licence"].map((key) => say(`data_${key}`)),
          about.data.map((one) => [make("bdi", {}, one.name), String(one.edition ?? "–"), one.licence ?? "–"])),
        make("h2", {}, say("formats_title")), make("ul", {}, ...about.formats.map((one) => make("li", {}, one.title || one.name))));
    };
    load().catch(go.fails);
    return { element, paint: () => {}, title: say("about_title") };
  };

  const createEnd = (kind) => ({
    element: make("div", { className: "end" }, make("h1", {}, say(`${kind}_title`)), make("p", {}, say(`${kind}_hint`))),
    paint: () => {}, title: say(`${kind}_title`),
  });
  return { createPast, createAbout, createEnd };
})();
