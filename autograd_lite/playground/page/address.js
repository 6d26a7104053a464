// The set-up in the address: what differs from the default, so that a bookmark, a slide, reload and Back bring it back.

export function written(setup, base, theme) {
  const changed = Object.keys(base).filter((name) => JSON.stringify(setup[name]) !== JSON.stringify(base[name]));
  const parts = changed.map((name) => [name, typeof setup[name] === "string" ? setup[name] : JSON.stringify(setup[name])]);
  if (theme) parts.push(["theme", theme]);
  return parts.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
}

// Gives the set-up and the theme; a value that is no JSON is left as text, and the server says what is wrong with it.
export function read(hash, base) {
  const setup = { ...base };
  let theme = null;
  for (const [name, value] of new URLSearchParams(hash.slice(1))) {
    if (name === "theme") theme = value;
    else setup[name] = typeof base[name] === "string" ? value : parsed(value);
  }
  return { setup, theme };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
