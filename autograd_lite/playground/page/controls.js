// The form: shows a set-up, and tells when a person has changed it.

import { color } from "./colors.js";

const RATES = [0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1];
const SLIDERS = ["rows", "noise", "test_share", "batch_size"];
const shown = {
  rows: (v) => v,
  noise: (v) => v.toFixed(2),
  test_share: (v) => `${Math.round(100 * v)} %`,
  batch_size: (v) => v,
};
const NAMES = { constant: "Constant", Identity: "None (linear)" };

// A formula as a person writes it.
export function inWords(formula) {
  return formula.replace("np.", "").replace("x * x", "x²").replace("y * y", "y²").replace("x * y", "xy").replace(" / ", "/");
}

export class Controls {
  // `changed(setup)` is called with the new set-up.
  constructor(options, changed) {
    this.options = options;
    this.changed = changed;
    this.field = (name) => document.getElementById(name);
    this.fill("activation", options.activations);
    this.makeFeatures();
    this.fill("optimizer", Object.keys(options.optimizers));
    this.fill("schedule", Object.keys(options.schedules));
    for (const name of ["l1", "l2"]) this.fill(name, RATES);
    this.makeDataSets();
    this.listen();
  }

  fill(name, values) {
    this.field(name).replaceChildren(...values.map((value) => new Option(NAMES[value] ?? value, value)));
  }

  makeFeatures() {
    this.field("features").replaceChildren(
      ...this.options.features.map((name) => {
        const label = Object.assign(document.createElement("label"), { className: "check" });
        const input = Object.assign(document.createElement("input"), { type: "checkbox", value: name });
        input.addEventListener("change", () => {
          const boxes = [...this.field("features").querySelectorAll("input")];
          const features = boxes.filter((box) => box.checked).map((box) => box.value);
          if (features.length) this.set({ features });
          else input.checked = true; // a network without an input has nothing to learn from
        });
        label.append(input, ` ${inWords(name)}`);
        return label;
      }),
    );
  }

  makeDataSets() {
    this.field("data").replaceChildren(
      ...this.options.data.map((name) => {
        const label = document.createElement("label");
        const input = Object.assign(document.createElement("input"), { type: "radio", name: "data", value: name });
        const canvas = Object.assign(document.createElement("canvas"), { width: 72, height: 72 });
        input.addEventListener("change", () => this.choose(name));
        label.append(input, canvas, Object.assign(document.createElement("span"), { textContent: name }));
        return label;
      }),
    );
    this.drawDataSets();
  }

  // Other data keep what a person has chosen; what is still as suggested for the old becomes as suggested for the new.
  choose(name) {
    const [before, after] = [this.options.suggested[this.setup.data], this.options.suggested[name]];
    const same = (key) => key === "seed" || JSON.stringify(this.setup[key]) === JSON.stringify(before[key]);
    const touched = Object.keys(before).some((key) => !same(key));
    const own = name === "own" && !this.setup.points.length ? { points: after.points } : {};
    this.set(touched ? { data: name, ...own } : { ...after, seed: this.setup.seed });
  }

  drawDataSets() {
    for (const label of this.field("data").children) {
      const context = label.querySelector("canvas").getContext("2d");
      context.clearRect(0, 0, 72, 72);
      sketches[label.firstChild.value]?.().forEach(([x, y, one]) => {
        context.fillStyle = color(one ? "class-1" : "class-0");
        context.beginPath();
        context.arc(36 + 29 * x, 36 - 29 * y, 3.1, 0, 7);
        context.fill();
      });
    }
  }

  listen() {
    for (const name of SLIDERS) {
      const input = this.field(name);
      input.addEventListener("input", () => this.label(name, Number(input.value)));
      input.addEventListener("change", () => this.set({ [name]: Number(input.value) }));
    }
    this.field("activation").addEventListener("change", ({ target }) => this.set({ activation: target.value, activations: [] }));
    for (const name of ["l1", "l2"]) {
      this.field(name).addEventListener("change", ({ target }) => this.set({ [name]: Number(target.value) }));
    }
    for (const name of ["lr", "seed"]) {
      this.field(name).addEventListener("change", ({ target }) => this.number(target, (value) => this.set({ [name]: value })));
    }
    this.field("reseed").addEventListener("click", () => this.set({ seed: (this.setup.seed + 1) % 2 ** 31 }));
    this.field("optimizer").addEventListener("change", ({ target }) =>
      this.set({ optimizer: target.value, optimizer_settings: {}, lr: this.options.optimizers[target.value].lr }),
    );
    this.field("schedule").addEventListener("change", ({ target }) => this.set({ schedule: target.value, schedule_settings: {} }));
  }

  // Take a typed number if it is one; else show again what was there.
  number(input, take) {
    if (input.value !== "" && input.checkValidity()) take(Number(input.value));
    else {
      input.reportValidity();
      this.show(this.setup);
    }
  }

  set(changes) {
    this.changed({ ...this.setup, ...changes });
  }

  label(name, value) {
    this.field(`${name}-value`).textContent = shown[name](value);
  }

  show(setup) {
    this.setup = setup;
    for (const name of SLIDERS) {
      this.field(name).value = setup[name];
      this.label(name, setup[name]);
    }
    this.field("batch_size").disabled = this.options.whole.includes(setup.optimizer); // it takes all points in each step
    for (const name of ["activation", "optimizer", "schedule", "lr", "seed"]) this.field(name).value = setup[name];
    for (const box of this.field("features").querySelectorAll("input")) box.checked = setup.features.includes(box.value);
    for (const name of ["l1", "l2"]) {
      const select = this.field(name);
      if (![...select.options].some((o) => Number(o.value) === setup[name])) select.add(new Option(setup[name], setup[name]));
      select.value = setup[name];
    }
    for (const input of this.field("data").querySelectorAll("input")) input.checked = input.value === setup.data;
    this.settings("optimizer_settings", this.options.optimizers[setup.optimizer].settings);
    this.settings("schedule_settings", this.options.schedules[setup.schedule]);
    this.field("optimizer-details").hidden = !this.field("optimizer_settings").children.length;
  }

  // Inputs for the settings of an optimizer or a schedule, by the kinds of their defaults.
  settings(of, offered) {
    const root = this.field(of);
    const given = this.setup[of];
    const focused = document.activeElement?.id;
    root.replaceChildren(
      ...Object.entries(offered).map(([name, standard]) => {
        const value = given[name] ?? standard;
        const label = document.createElement("label");
        label.className = "row";
        label.append(name.replaceAll("_", " "));
        const put = (changed) => this.set({ [of]: { ...given, [name]: changed } });
        if (Array.isArray(standard)) {
          const joined = Object.assign(document.createElement("span"), { className: "joined" });
          value.forEach((part, i) => joined.append(this.input(`${name}-${i}`, part, standard[i], (v) => put(value.with(i, v)))));
          label.append(joined);
        } else label.append(this.input(name, value, standard, put));
        return label;
      }),
    );
    if (focused) document.getElementById(focused)?.focus();
  }

  input(name, value, standard, put) {
    const input = Object.assign(document.createElement("input"), { id: `setting-${name}` });
    input.setAttribute("aria-label", name.replaceAll("_", " "));
    if (typeof standard === "boolean") {
      Object.assign(input, { type: "checkbox", checked: value });
      input.addEventListener("change", () => put(input.checked));
    } else {
      Object.assign(input, { type: "number", min: 0, max: 1000, step: "any", value });
      input.addEventListener("change", () => this.number(input, put));
    }
    return input;
  }
}

const steps = (n, f) => Array.from({ length: n }, (_, i) => f(i / (n - 1), i));
const sketches = {
  own: () => [[-0.6, 0.4, 0], [-0.3, -0.3, 0], [-0.7, -0.5, 0], [0.5, 0.5, 1], [0.7, -0.2, 1], [0.2, 0.1, 1]],
  moons: () => steps(14, (t) => [Math.cos(Math.PI * t) * 0.65 - 0.3, Math.sin(Math.PI * t) * 0.8 - 0.2, 0]).concat(
    steps(14, (t) => [0.3 - Math.cos(Math.PI * t) * 0.65, 0.2 - Math.sin(Math.PI * t) * 0.8, 1])),
  circles: () => steps(22, (t) => [0.9 * Math.cos(6.0 * t), 0.9 * Math.sin(6.0 * t), 1]).concat(
    steps(9, (t) => [0.33 * Math.cos(5.6 * t), 0.33 * Math.sin(5.6 * t), 0]), [[0, 0, 0]]),
  xor: () => steps(36, (_, i) => [((i % 6) - 2.5) / 3, (Math.floor(i / 6) - 2.5) / 3]).map(([x, y]) => [x, y, x * y > 0]),
  linear: () => steps(9, (_, i) => [0.5 + ((i % 3) - 1) * 0.3, 0.5 + (Math.floor(i / 3) - 1) * 0.3, 1]).concat(
    steps(9, (_, i) => [-0.5 + ((i % 3) - 1) * 0.3, -0.5 + (Math.floor(i / 3) - 1) * 0.3, 0])),
  spiral: () => [0, 1].flatMap((k) => steps(20, (t) => {
    const [r, a] = [0.08 + 0.92 * t, 1.9 * Math.PI * t * 1.4 + Math.PI * k];
    return [r * Math.sin(a), r * Math.cos(a), k];
  })),
};
