// Elements, made by hand: text is only ever text, whoever wrote it.
const make = (tag, properties = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value !== "string") element[name] = value;
    else if (name === "className" || name === "textContent" || name === "value" || name === "srcdoc") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};

const Make = (() => {
  const button = (words, onclick, properties = {}) => make("button", { type: "button", onclick, ...properties }, words);
  const name = (text) => make("bdi", { className: "filename" }, text);
  let numbered = 0;
  const field = (words, input, hint = "", beside = null) => {
    const id = `field-${++numbered}`, about = `${id}-hint`;
    input.id = id;
    if (hint) input.setAttribute("aria-describedby", about);
    return make("div", { className: "field" }, make("label", { for: id }, words),
      beside ? make("div", { className: "acts" }, input, beside) : input,
      hint ? make("p", { id: about, className: "dim" }, hint) : null);
  };
  const table = (caption, heads, rows) => make("div", { className: "wide" }, make("table", {},
    make("caption", {}, caption),
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
    make("tbody", {}, ...rows.map((cells) => make("tr", {},
      ...cells.map((cell, n) => make("td", { "data-head": heads[n] }, ...[cell].flat()))))),
  ));
  const inShort = (sentence) => sentence?.replace(/\s*[(（][^)）]*[)）]/g, ""); // without the names of fields in a file
  const save = (blob, filename) => {
    const link = make("a", { href: URL.createObjectURL(blob), download: filename });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  // Asks before something is done that cannot be undone, or that outlasts this page; resolves with what was chosen.
  const ask = (title, content, yes) => new Promise((resolve) => {
    const close = (answer) => { dialog.close(); dialog.remove(); resolve(answer); };
    const id = `field-${++numbered}`;
    const dialog = make("dialog", { "aria-labelledby": id, oncancel: (event) => { event.preventDefault(); close(false); } },
      make("form", { onsubmit: (event) => { event.preventDefault(); close(true); } },
        make("h2", { id }, title), ...content,
        make("div", { className: "acts" }, yes ? make("button", { className: "main" }, yes) : null,
          button(yes ? say("no") : say("close"), () => close(false)))));
    document.body.append(dialog);
    dialog.showModal();
  });
  return { button, name, inShort, field, table, save, ask };
})();
