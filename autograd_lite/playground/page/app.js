// The page: one session on the server, moved on while playing; every answer is shown as it comes.

import { read, written } from "./address.js";
import { ApiError, call, leave, options as load } from "./api.js";
import { Controls } from "./controls.js";
import { Network } from "./network.js";
import { drawCurve, drawFlow, drawPlane, placeOf, valueAt } from "./plots.js";

const $ = (id) => document.getElementById(id);
const state = { session: null, setup: null, points: null, snapshot: null, playing: false, wanted: null, beginning: null, looked: null };

const controls = new Controls(await load(), begin);
const network = new Network($("diagram"), $("inspector"), {
  resize: (layer, change) => begin({ ...state.setup, hidden: state.setup.hidden.with(layer, state.setup.hidden[layer] + change) }),
  choose: (layer, activation) => {
    const { hidden, activation: standard, activations } = state.setup;
    const all = hidden.map((_, i) => (i === layer ? activation : (activations[i] ?? standard)));
    begin({ ...state.setup, activations: all });
  },
  look: (layer, unit) => {
    state.looked = layer === null ? null : [layer, unit];
    showPlane();
  },
});

// What is asked of the server takes turns: nothing is still on its way to a training that another one replaces.
let turn = Promise.resolve();

function inTurn(ask) {
  const asked = turn.then(ask);
  turn = asked.catch(() => {}); // a turn that failed is over, too
  return asked;
}

// Start a training; of several changes in quick succession the last one counts.
function begin(setup) {
  state.wanted = setup;
  state.beginning ??= (async () => {
    try {
      while (state.wanted) {
        const wanted = state.wanted;
        state.wanted = null;
        const begun = await inTurn(() => call("begin", { setup: wanted, session: state.session }));
        Object.assign(state, { session: begun.session, setup: begun.setup, points: begun.points });
        notice(null);
        controls.show(begun.setup);
        network.build(begun.setup, controls.options.activations);
        $("layers-count").textContent = layers(begun.setup.hidden.length);
        $("fewer-layers").disabled = begun.setup.hidden.length === 0;
        $("more-layers").disabled = begun.setup.hidden.length === controls.options.limits["hidden layers"][1];
        $("drawing").hidden = begun.setup.data !== "own";
        show(begun);
        remember();
      }
    } catch (error) {
      failed(error);
      if (state.setup) controls.show(state.setup); // what was there goes on
    } finally {
      state.beginning = null;
    }
  })();
  return state.beginning;
}

// Keep the set-up in the address: a changed one is a new entry, to which Back leads.
const base = controls.options.suggested[controls.options.data[0]];

function remember() {
  const text = written(state.setup, base, state.theme);
  const address = text ? `#${text}` : location.pathname;
  if ((location.hash.slice(1) || "") === text) return;
  history[state.remembered ? "pushState" : "replaceState"](null, "", address);
  state.remembered = true;
}

addEventListener("popstate", async () => {
  await begin(read(location.hash, base).setup);
});

function layers(n) {
  return n === 0 ? "no hidden layer" : `${n} hidden layer${n > 1 ? "s" : ""}`;
}

async function advance(steps) {
  await state.beginning;
  try {
    const snapshot = await inTurn(() => call("advance", { session: state.session, steps }));
    show(snapshot);
    notice(snapshot.notice); // what was said before is over
    if (snapshot.notice) play(false);
  } catch (error) {
    if (state.beginning) return; // another training comes in any case
    play(false);
    if (error instanceof ApiError && error.status === 410) {
      await begin(state.setup);
      notice("The training had been idle for long and was let go: it starts afresh.");
    } else failed(error);
  }
}

function failed(error) {
  play(false);
  notice(error.message);
  if (!(error instanceof ApiError)) throw error;
}

function notice(text) {
  $("notice").hidden = !text;
  $("notice").textContent = text ?? "";
}

let looping = false;

async function play(on) {
  state.playing = on;
  $("play").setAttribute("aria-pressed", on);
  $("play-label").textContent = on ? "Pause" : "Play";
  document.body.classList.toggle("playing", on);
  if (looping) return;
  looping = true;
  while (state.playing) {
    const speed = $("speed").value;
    await advance(speed === "step" ? 1 : Number(speed) * (state.snapshot?.steps_per_epoch ?? 1));
    await new Promise(requestAnimationFrame); // a hidden tab rests here
  }
  looping = false;
}

function show(snapshot) {
  state.snapshot = snapshot;
  $("epoch").textContent = snapshot.epoch.toLocaleString("en");
  $("steps").textContent = snapshot.step.toLocaleString("en");
  $("rate").textContent = Number(snapshot.lr.toPrecision(4));
  for (const part of ["train", "test"]) {
    const { loss, accuracy } = snapshot[part];
    $(`${part}-loss`).textContent = loss === null ? "∞" : loss.toFixed(4);
    $(`${part}-accuracy`).textContent = `${(100 * accuracy).toFixed(1)} %`;
  }
  network.update(snapshot);
  drawFlow($("flow"), snapshot.layers);
  plotCurve();
  showPlane();
}

function plotCurve() {
  drawCurve($("curve"), state.snapshot.curve, $("logarithmic").checked);
}

// The decision boundary, or what the neuron makes of the plane that is pointed at.
function showPlane() {
  if (!state.snapshot) return;
  const [layer, unit] = state.looked ?? [];
  const hidden = layer > 0 ? state.snapshot.fields[layer]?.[unit] : null;
  $("output-title").textContent = hidden ? `Hidden ${layer}.${unit + 1}` : "Output";
  drawPlane($("boundary"), hidden ?? state.snapshot.boundary, state.points, {
    showTest: $("show-test").checked,
    discrete: $("discrete").checked,
  });
}

async function save() {
  try {
    const { name, script } = await inTurn(() => call("script", { session: state.session }));
    const link = Object.assign(document.createElement("a"), { download: name });
    link.href = URL.createObjectURL(new Blob([script], { type: "text/x-python" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  } catch (error) {
    failed(error);
  }
}

function theme(name) {
  document.documentElement.dataset.theme = name;
  controls.drawDataSets();
  repaint();
}

function repaint() {
  if (!state.snapshot) return;
  network.repaint();
  plotCurve();
  showPlane();
}

const actions = {
  reset: () => begin(state.setup),
  play: () => play(!state.playing),
  step: () => {
    play(false);
    return advance(1);
  },
  export: save,
  theme: () => {
    state.theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    theme(state.theme);
    if (state.setup) remember();
  },
  through: () => open(`/steps.html?session=${encodeURIComponent(state.session)}`),
};
for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", action);
const keys = { r: "reset", " ": "play", s: "step", e: "export", d: "theme" };
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea") || (event.key === " " && event.target.closest("button, summary"));
  const action = actions[keys[event.key.toLowerCase()]];
  if (!action || typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  event.preventDefault();
  action();
});
$("more-layers").addEventListener("click", () => begin({ ...state.setup, hidden: [...state.setup.hidden, state.setup.hidden.at(-1) ?? 4] }));
$("fewer-layers").addEventListener("click", () => begin({ ...state.setup, hidden: state.setup.hidden.slice(0, -1), activations: state.setup.activations.slice(0, state.setup.hidden.length - 1) }));
for (const input of document.getElementsByName("edges")) {
  input.addEventListener("change", () => {
    network.edges = input.value;
    network.draw();
  });
}
$("logarithmic").addEventListener("change", plotCurve);
$("boundary").addEventListener("pointermove", (event) => {
  const hidden = state.looked?.[0] && state.snapshot.fields[state.looked[0]]?.[state.looked[1]];
  $("under").textContent = state.snapshot ? valueAt(event, $("boundary"), hidden ?? state.snapshot.boundary, !hidden) : "";
});
$("boundary").addEventListener("click", (event) => {
  const setup = state.wanted ?? state.setup; // several clicks may come before the answer to the first
  if (setup.data !== "own" || setup.points.length >= controls.options.limits.rows[1]) return;
  const label = Number(document.querySelector("[name=adds]:checked").value);
  begin({ ...setup, points: [...setup.points, [...placeOf(event, $("boundary")), label]] });
});
$("undo").addEventListener("click", () => begin({ ...state.setup, points: state.setup.points.slice(0, -1) }));
$("boundary").addEventListener("pointerleave", () => { $("under").textContent = ""; });
for (const id of ["show-test", "discrete"]) $(id).addEventListener("change", showPlane);
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
addEventListener("resize", repaint);
addEventListener("pagehide", () => leave(state.session));

const asked = read(location.hash, base);
state.theme = asked.theme === "dark" || asked.theme === "light" ? asked.theme : null;
theme(state.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
await begin(asked.setup);
if (!state.setup) { // the address asks for what there is not, and the notice says so
  const said = $("notice").textContent;
  await begin(base);
  notice(said);
}
document.body.classList.add("ready");
