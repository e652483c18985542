// What this browser keeps for the page between visits; a browser that keeps nothing is no obstacle.

const TRUST = "adamas-trust"; // the trust file that the user chose
const LANGUAGE = "adamas-language"; // that in which the page was last read

function get(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function set(name, text) {
  try {
    if (text === null) localStorage.removeItem(name);
    else localStorage.setItem(name, text);
  } catch {
    // then it is asked for again
  }
}

export const ownTrust = () => get(TRUST);
export const keepTrust = (text) => set(TRUST, text);
export const lastLanguage = () => get(LANGUAGE);
export const keepLanguage = (code) => set(LANGUAGE, code);
