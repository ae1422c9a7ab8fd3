// What the page says, in the language of the reader. Every sentence is a key of words/*.json.
const Say = (() => {
  const KEY = "dronecheck-language";
  const words = JSON.parse(document.getElementById("words").textContent);
  const known = (code) => (code in words ? code : null);
  let language = known(sessionStorage.getItem(KEY) ?? "") ?? known(navigator.language.slice(0, 2)) ?? "en";
  // What is put into a sentence is isolated: a name written from right to left turns nothing else around.
  const isolated = (value) => (/[^ -~]/.test(value) ? `\u2068${value}\u2069` : String(value));
  const say = (key, values = {}) => words[language][key].replace(/\{(\w+)\}/g, (_, name) => isolated(values[name]));
  const size = (bytes) => {
    const unit = [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]].find(([, least]) => bytes >= least);
    if (!unit) return `${bytes} B`;
    const many = bytes / unit[1];
    return `${many < 9.95 ? many.toFixed(1) : Math.round(many)} ${unit[0]}`;
  };
  return {
    say, size,
    get language() { return language; },
    set language(code) {
      language = known(code) ?? language;
      sessionStorage.setItem(KEY, language);
    },
  };
})();
const { say } = Say;
