// From what was dropped or chosen to a flat list of {file, name, path}; nothing of it is read yet.
const Intake = (() => {
  const MOST = 20_000;
  const NOISE = /^(\.|Thumbs\.db$|desktop\.ini$)/i; // what systems leave in folders
  const named = (file, path) => ({ file, name: file.name, path: path.replace(/^\/+/, "") });

  const read = (directory) => new Promise((resolve, reject) => { directory.readEntries(resolve, reject); });
  const opened = (entry) => new Promise((resolve, reject) => { entry.file(resolve, reject); });
  const walk = async (entry, found) => {
    if (found.length >= MOST) return;
    try {
      if (entry.isFile) {
        found.push(named(await opened(entry), entry.fullPath));
        return;
      }
      const reader = entry.createReader();
      const inside = [];
      for (let some = await read(reader); some.length; some = await read(reader)) inside.push(...some);
      inside.sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const one of inside) if (!NOISE.test(one.name)) await walk(one, found);
    } catch {
      found.push({ file: null, name: entry.name, path: entry.fullPath.replace(/^\/+/, "") });
    }
  };
  return {
    // The list of what was dropped is gone once the event is over: it is taken before anything is waited for.
    dropped: async (transfer) => {
      const items = [...transfer.items].filter((item) => item.kind === "file");
      const entries = items.map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile()).filter(Boolean);
      const found = [];
      for (const entry of entries) {
        if (entry instanceof File) found.push(named(entry, entry.name));
        else await walk(entry, found);
      }
      return found;
    },
    chosen: (files) => [...files].filter((file) => !NOISE.test(file.name))
      .map((file) => named(file, file.webkitRelativePath || file.name)),
  };
})();
