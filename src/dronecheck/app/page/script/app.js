// Puts it together: which screen is shown, what is dropped where, and the news of the engine.
(() => {
  const RETRY_MS = 700, RETRIES = 3;
  const byId = (id) => document.getElementById(id);
  const engine = createEngine();
  const main = byId("main"), status = byId("status"), overlay = byId("overlay");
  let screen = null, ended = null, isPainting = false;

  const paintSoon = () => {
    if (isPainting) return;
    isPainting = true;
    setTimeout(() => { isPainting = false; screen?.paint(); }, 50);
  };
  const session = createSession(engine, paintSoon);

  const go = {
    origin: engine.origin,
    to: (hash, isInstead = false) => {
      if (isInstead) location.replace(hash);
      else location.hash = hash;
    },
    add: (found) => { if (found.length) session.add(found).catch(go.fails); },
    tell: (text) => { if (status.textContent !== text) status.textContent = text; },
    fails: (error) => {
      if (error.name === "AbortError") return;
      if (error.refused) end("refused");
      else if (!error.lost) Make.ask(say("went_wrong"), [make("p", {}, error.message)], "");
      else lost();
    },
  };

  const SCREENS = {
    files: () => createQueue(session, go),
    result: (id) => createResult(session, engine, go, id),
    zones: () => createZones(engine, session, go),
    past: (id) => Screens.createPast(engine, session, go, id),
    about: () => Screens.createAbout(engine, session, go),
  };
  const PLACES = ["files", "zones", "past", "about"];
  const route = () => {
    const [, where, id] = location.hash.split("/");
    return [where in SCREENS ? where : "files", id === undefined ? undefined : decodeURIComponent(id)];
  };
  const show = (isMoved) => {
    const [where, id] = route();
    screen?.close?.();
    if (!ended && where !== "files") go.tell("");
    screen = ended ? Screens.createEnd(ended) : SCREENS[where](id);
    main.replaceChildren(screen.element);
    document.title = screen.title ? `${screen.title} – dronecheck` : "dronecheck";
    const here = where === "result" ? "files" : where;
    document.querySelector("nav").replaceChildren(make("ul", {}, ...PLACES.map((place) =>
      make("li", {}, make("a", { href: `#/${place}`, "aria-current": place === here && !ended ? "page" : null }, say(`nav_${place}`))))));
    if (isMoved) { scrollTo(0, 0); main.focus(); }
  };
  const words = () => {
    document.documentElement.lang = Say.language;
    for (const element of document.querySelectorAll("[data-word]")) element.textContent = say(element.dataset.word);
    for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", say(element.dataset.label));
    byId("private").textContent = say("private");
    byId("language").value = Say.language;
  };
  const end = (kind) => {
    if (ended) return;
    ended = kind;
    for (const dialog of document.querySelectorAll("dialog")) dialog.remove();
    byId("stop").hidden = true;
    go.tell("");
    show(true);
  };

  // Nobody answered once: perhaps a moment's trouble. Is it so again and again, the program is gone.
  const lost = async () => {
    for (let n = 0; n < RETRIES; n++) {
      await new Promise((resolve) => { setTimeout(resolve, RETRY_MS); });
      try {
        await engine.about();
        return false;
      } catch (error) {
        if (error.refused) break;
      }
    }
    end("stopped");
    return true;
  };
  const listen = async (since) => {
    let seq = since;
    while (!ended) {
      try {
        const news = await engine.jobs(seq);
        seq = news.seq;
        session.news(news);
      } catch (error) {
        if (error.refused) end("refused");
        else if (await lost()) return;
      }
    }
  };

  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  let inside = 0;
  addEventListener("dragenter", (event) => { if (hasFiles(event) && !ended) { inside++; overlay.hidden = false; event.preventDefault(); } });
  addEventListener("dragleave", () => { inside = Math.max(0, inside - 1); if (!inside) overlay.hidden = true; });
  addEventListener("dragover", (event) => { if (hasFiles(event)) { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; } });
  addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault(); // or the browser leaves the page to show the file
    inside = 0;
    overlay.hidden = true;
    if (ended) return;
    const here = screen;
    const found = await Intake.dropped(event.dataTransfer);
    if (here.add) here.add(found).catch(go.fails);
    else {
      if (route()[0] !== "files") go.to("#/files");
      go.add(found);
    }
  });
  addEventListener("hashchange", () => {
    if (location.hash.startsWith("#t=")) location.reload(); // the address with a key was opened in a tab that had one
    else show(true);
  });
  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
  byId("language").addEventListener("change", (event) => { Say.language = event.target.value; words(); show(false); });
  byId("stop").addEventListener("click", async () => {
    if (!await Make.ask(say("stop_title"), [make("p", {}, say("stop_hint"))], say("stop"))) return;
    await engine.stop().catch(() => { /* it has stopped before it could answer */ });
    end("stopped");
  });

  words();
  if (!engine.ready) end("no_key");
  else {
    show(false);
    session.resume().then(listen).catch(go.fails);
  }
})();
