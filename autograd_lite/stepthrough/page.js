"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { nodes, steps, pool, checks } = data;
  const byId = (id) => document.getElementById(id);
  const graph = byId("graph"), panel = byId("panel"), slider = byId("slider"), play = byId("play");
  const boxes = [...graph.querySelectorAll(".node")];
  const edges = new Map([...graph.querySelectorAll(".edge")].map((e) => [e.dataset.edge, e]));
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const reached = new Set(steps.flatMap((s) => (s.phase === "seed" ? [s.node] : (s.parts || []).map((p) => p.to))));
  const PACE = 1600;
  let at = 0, timer = 0;

  // Elements: everything that comes from the data goes in as text.

  function el(tag, className, ...inside) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...inside);
    return element;
  }
  const strong = (kind, text) => el("b", kind, text);
  const short = (i) => (typeof pool[i] === "string" ? pool[i] : pool[i].short);

  function tinted(cell, share) {
    const hue = share < 0 ? "--negative" : "--positive";
    cell.style.backgroundColor = `rgb(var(${hue}) / ${(0.5 * Math.min(1, Math.abs(share))).toFixed(2)})`;
    return cell;
  }

  function tile(cell, parts) { // of a block that holds both signs, both, side by side
    const colours = parts.map((v) => (v === null ? "#ff00ff" : `rgb(var(${v < 0 ? "--negative" : "--positive"}) / ${Math.abs(v) * 10}%)`));
    cell.style.background = colours.length > 1 ? `linear-gradient(90deg, ${colours[0]} 50%, ${colours[1]} 50%)` : colours[0];
    if (parts.some((v) => v < 0)) cell.className = parts.length > 1 ? "both" : "minus";
    return cell;
  }

  function shown(i, kind) {
    const a = typeof i === "number" ? pool[i] : i;
    if (typeof a === "string") return el("span", `number ${kind}`, a);
    if (a.rows) {
      const top = Math.max(...a.rows.flat().map((v) => Math.abs(parseFloat(v)) || 0)) || 1;
      const lines = a.rows.map((row) => el("tr", "", ...row.map((v) => tinted(el("td", "", v), parseFloat(v) / top || 0))));
      return el("table", `matrix ${kind}`, el("tbody", "", ...lines));
    }
    const facts = el("span", `facts ${kind}`, a.facts);
    if (!a.map) return facts;
    const tiles = a.map.map((row) => el("tr", "", ...row.map((v) => tile(el("td", ""), [v].flat()))));
    const map = el("table", "map", el("tbody", "", ...tiles));
    map.setAttribute("aria-hidden", "true");
    return el("span", "operands", map, facts);
  }

  const sized = (n) => (n.shape === "()" ? n.name : `${n.name} ${n.shape}`);
  const figure = (name, i, kind) => el("figure", "", shown(i, kind), el("figcaption", "", name));
  const row = (label, ...inside) => el("div", "row", el("span", "label", label), el("div", "", ...inside));
  const partial = (i) => `∂${data.root}/∂${nodes[i].name}`;

  function table(head, lines) {
    const cells = (line) => line.map((c, k) => (k ? el("td", "", c) : el("th", "name", c)));
    const body = lines.map((line) => el("tr", "", ...cells(line)));
    return el("table", "table", el("thead", "", el("tr", "", ...head.map((h) => el("th", "", h)))), el("tbody", "", ...body));
  }

  function formula(label, f, result, kind, name) {
    const found = [row(label, el("code", "", f.symbols))];
    if (f.numbers === f.symbols || (f.numbers && f.numbers === short(result))) {
      found[0].lastChild.append(el("code", "", " = "), shown(result, kind));
    } else if (f.numbers) {
      found.push(row("in numbers", el("code", "", `${f.numbers} = `), shown(result, kind)));
    } else {
      const inside = f.operands.filter(([name]) => kind === "is-value" || (name !== "g" && name !== "y")).map(([name, i]) => figure(name, i, "is-value"));
      const line = row(inside.length ? "with" : "", el("div", "operands", ...inside, el("code", "", inside.length ? "→" : "="), figure(name, result, kind)));
      line.classList.add("middle");
      found.push(line);
    }
    return [...found, ...(f.remarks || []).map((text) => el("p", "remark", text))];
  }

  // What a step says.

  function part(p) {
    const node = nodes[p.to];
    const plain = !("raw" in p) && !p.earlier;
    const lines = formula("rule", p, "raw" in p ? p.raw : p.value, "is-grad", plain ? partial(p.to) : "result");
    if ("raw" in p) {
      const axes = p.axes.length === 1 ? `axis ${p.axes[0]}` : `axes ${p.axes.join(", ")}`;
      lines.push(row("sum", `over ${axes}, as ${node.name} ${node.shape} was broadcast: `, shown(p.value, "is-grad")));
    }
    if (p.earlier) {
      lines.push(row("accumulated", el("code", "", `${partial(p.to)} += `), "raw" in p ? "this sum" : shown(p.value, "is-grad"), el("code", "", " → "), shown(p.total, "is-grad")));
    } else if (!plain || p.numbers || !p.complete) {
      const more = p.complete ? "" : " so far: it is used again before";
      lines.push(row("gradient", el("code", "", `${partial(p.to)} = `), shown(p.total, "is-grad"), more));
    }
    if (p.complete && checks[p.to]) {
      lines.push(row("difference", ...checks[p.to].flatMap(([where, , difference, agrees]) => [
        el("span", "nowrap", el("code", "", `${where} ${difference} `), agrees ? strong("good", "✓") : strong("bad", "≠")), " "])));
    }
    return el("div", "part", el("h3", "", `→ ${node.name} `, el("small", "", `argument ${p.position + 1}${node.shape === "()" ? "" : `, shape ${node.shape}`}`)), ...lines);
  }

  const call = (i) => steps.find((s) => s.phase === "forward" && s.node === i);
  const where = (line) => (line ? [el("p", "where", "at ", el("code", "", line))] : []);
  const heading = (phase, label, ...text) => el("h2", "", el("span", `phase ${phase}`, label), ...text);

  const write = {
    start: () => [heading("start", "start", "the inputs"), el("div", "operands", ...nodes.map((n, i) => [n, i])
      .filter(([, i]) => !call(i)).map(([n]) => figure(sized(n), n.value, "is-value")))],
    forward: (s) => {
      const n = nodes[s.node];
      return [heading("forward", "forward", `${n.name} = ${s.symbols}`), ...where(n.line),
        el("div", "part forward", ...formula("call", s, n.value, "is-value", n.name), row("gives", n.shape === "()" ? `a number, ${n.dtype}` : `shape ${n.shape}, ${n.dtype}`))];
    },
    seed: (s) => [heading("seed", "backward", `${partial(s.node)} = 1`),
      el("p", "where", nodes[s.node].shape === "()" ? "The walk back begins: a change of the result changes the result by as much."
        : "The walk back begins with ones: the gradients are those of the sum of the result's elements."), shown(s.gradient, "is-grad")],
    backward: (s) => {
      const n = nodes[s.node], made = call(s.node), usesY = (s.parts || []).some((p) => /\by\b/.test(p.symbols));
      return [heading("backward", "backward", `${n.name} = ${made.symbols}`), ...where(n.line),
        el("div", "row middle", el("span", "label", "g arrives"), el("div", "operands arriving",
          el("div", "pair", el("code", "", `g = ${partial(s.node)} =`), shown(s.gradient, "is-grad")),
          ...(usesY ? [el("div", "pair", el("code", "", `y = ${n.name} =`), shown(n.value, "is-value"))] : []), s.hooked ? " (changed by a hook)" : "",
          ...(s.letters || []).map(([letter, name]) => el("code", "letter", `${letter} = ${name}`)))),
        el("div", "parts", ...(s.parts || []).map(part))];
    },
    check: () => [heading("check", "check", "gradients and central differences"),
      table(["", "gradient", "central difference", ""], Object.entries(checks).flatMap(([i, found]) => found.map(
        ([where, g, difference, agrees]) => [`${nodes[i].name}${where}`, strong("is-grad", g), difference,
          agrees ? strong("good", "✓ agrees") : strong("bad", "≠ differs: a kink is near, or the rule is wrong")])))],
    update: () => {
      const found = table(["parameter", "value", "gradient", "change", "new value"], data.updates.map(([i, before, g, by, after]) => [
        nodes[i].name, shown(before, "is-value"), shown(g, "is-grad"), shown(by, ""), shown(after, "is-value")]));
      found.classList.add("updates");
      const heads = [...found.querySelectorAll("thead th")].map((h) => h.textContent);
      [...found.tBodies[0].rows].forEach((line, k) => {
        [...line.cells].forEach((cell, n) => { cell.dataset.label = n ? heads[n] : ""; });
        const numbers = data.updates[k][5];
        if (numbers) line.append(el("td", "equation", el("code", "", numbers)));
      });
      return [heading("update", "update", data.optimizer[0]), ...(data.rule ? [el("pre", "", data.rule)] : data.optimizer[1] ? [el("pre", "", data.optimizer[1])] : []), found];
    },
  };

  function card(s) {
    const inside = write[s.phase](s);
    if (s.phase === "check" && !Object.keys(checks).length) inside.splice(1, 1, el("p", "", s.words));
    return inside;
  }

  // The graph at a step.

  function paint() {
    const now = steps[at], seen = new Set(), grads = new Map();
    for (const e of edges.values()) e.setAttribute("class", "edge");
    for (const s of steps.slice(0, at + 1)) {
      if (s.phase === "forward") seen.add(s.node);
      if (s.phase === "seed") grads.set(s.node, s.gradient);
      for (const p of s.parts || []) {
        grads.set(p.to, p.total);
        edges.get(`${p.to}-${s.node}-${p.position}`).classList.add(s === now ? "out" : "came");
      }
    }
    boxes.forEach((box, i) => {
      const grad = box.querySelector(".grad"), constant = nodes[i].role === "constant";
      grad.textContent = grads.has(i) ? short(grads.get(i)) : constant || !reached.has(i) ? "none" : "·";
      grad.classList.toggle("none", !grads.has(i));
      const known = !call(i) || seen.has(i) ? `, value ${short(nodes[i].value)}` : "";
      const arrived = grads.has(i) ? `, gradient ${short(grads.get(i))}` : "";
      const seenOnIt = [...box.querySelectorAll("text")].map((t) => t.textContent).join(" ");
      box.setAttribute("aria-label", `${seenOnIt}: ${nodes[i].role}${known}${arrived}; go to its step`);
      box.classList.toggle("todo", !!call(i) && !seen.has(i));
      box.classList.toggle("active", i === now.node);
      box.classList.toggle("gets", (now.parts || []).some((p) => p.to === i));
      box.classList.remove("gives");
      if (i === now.node) box.setAttribute("aria-current", "step"); else box.removeAttribute("aria-current");
    });
    if (now.phase === "forward") {
      for (const [name, e] of edges) {
        const [from, to] = name.split("-").map(Number);
        if (to === now.node) { e.classList.add("into"); boxes[from].classList.add("gives"); }
      }
    }
  }

  function look() {
    const box = boxes[steps[at].node];
    if (!box) return;
    const a = box.getBoundingClientRect(), b = panel.getBoundingClientRect();
    const by = (low, high, from, to) => (low < from + 30 || high > to - 30 ? (low + high - from - to) / 2 : 0);
    const left = by(a.left, a.right, b.left, b.right), top = by(a.top, a.bottom, b.top, b.bottom);
    const far = Math.abs(left) > panel.clientWidth || Math.abs(top) > panel.clientHeight;
    if (left || top) panel.scrollBy({ left, top, behavior: calm.matches || far ? "auto" : "smooth" });
  }

  function fit() {
    const width = +graph.dataset.width, height = +graph.dataset.height;
    const room = Math.min((panel.clientWidth || 900) / width, (0.54 * innerHeight) / height);
    const scale = Math.min(1.3, Math.max(room, 0.8));
    graph.setAttribute("width", Math.floor(width * scale));
    graph.setAttribute("height", Math.floor(height * scale));
  }

  function go(to) {
    at = Math.max(0, Math.min(steps.length - 1, to));
    paint();
    byId("card").replaceChildren(...card(steps[at]));
    slider.value = at + 1;
    slider.setAttribute("aria-valuetext", `${at + 1} of ${steps.length}: ${steps[at].phase}`);
    byId("count").textContent = `${at + 1} / ${steps.length}`;
    byId("said").textContent = `Step ${at + 1} of ${steps.length}. ${steps[at].words}`;
    for (const [id, end] of [["first", 0], ["back", 0], ["next", steps.length - 1], ["last", steps.length - 1]]) {
      byId(id).disabled = at === end;
    }
    if (at === steps.length - 1) stop();
    look();
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    play.setAttribute("aria-pressed", "false");
    play.setAttribute("aria-label", "Play");
  }

  function toggle() {
    if (timer) return stop();
    if (at === steps.length - 1) go(0); else go(at + 1);
    if (at === steps.length - 1) return;
    timer = setInterval(() => go(at + 1), PACE);
    play.setAttribute("aria-pressed", "true");
    play.setAttribute("aria-label", "Pause");
  }

  function walk(to) { stop(); go(to); }

  function visit(i) { // on the way back a node's own step is the one in which its gradient arrives, or is complete
    const later = steps.findIndex((s) => s.phase === "seed") >= 0 && at >= steps.findIndex((s) => s.phase === "seed");
    const there = steps.findIndex((s) => s.phase === "forward" && s.node === i);
    let back = steps.findIndex((s) => s.phase === "backward" && s.node === i);
    if (back < 0) back = steps.findIndex((s) => (s.parts || []).some((p) => p.to === i && p.complete));
    const first = Math.max(there, 0);
    walk(later && back >= 0 && at !== back ? back : !later && at === first && back >= 0 ? back : first);
  }

  // Buttons, keys, paper.

  slider.max = steps.length;
  const moves = { first: () => 0, back: () => at - 1, next: () => at + 1, last: () => steps.length - 1 };
  for (const [id, to] of Object.entries(moves)) byId(id).addEventListener("click", () => walk(to()));
  play.addEventListener("click", toggle);
  slider.addEventListener("input", () => walk(+slider.value - 1));
  boxes.forEach((box, i) => {
    box.addEventListener("click", () => visit(i));
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); event.stopPropagation(); visit(i); }
    });
  });
  const keys = { ArrowRight: moves.next, PageDown: moves.next, ArrowLeft: moves.back, PageUp: moves.back, Home: moves.first, End: moves.last };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === slider) return;
    if (event.key === " " && event.target.tagName !== "BUTTON") { event.preventDefault(); toggle(); }
    else if (keys[event.key]) { event.preventDefault(); walk(keys[event.key]()); }
  });
  const kinds = { start: "", forward: "forward", seed: "backward", backward: "backward", check: "", update: "" };
  for (const s of steps) {
    const mark = el("span", kinds[s.phase]);
    mark.style.flex = "1";
    byId("phases").append(mark);
  }
  const all = byId("all");
  let before = -1;
  function toPaper() { // all steps, and the graph with all gradients
    if (!all.children.length) all.append(...steps.map((s) => el("li", "", ...card(s))));
    if (before < 0) before = at;
    walk(steps.length - 1);
  }
  function fromPaper() {
    if (before >= 0) walk(before);
    before = -1;
  }
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", fromPaper);
  matchMedia("print").addEventListener("change", (event) => (event.matches ? toPaper() : fromPaper()));
  addEventListener("resize", fit);
  fit();
  go((parseInt(location.hash.slice(1), 10) || 1) - 1);
})();
