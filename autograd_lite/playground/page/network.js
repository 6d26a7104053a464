// The diagram: a picture of the plane in each neuron, edges by weight or gradient, and numbers for one neuron.

import { levels } from "./api.js";
import { color, paint } from "./colors.js";
import { inWords } from "./controls.js";
import { short } from "./plots.js";

const SVG = "http://www.w3.org/2000/svg";
const HEAD = 72; // pixels above the neurons for the layers' names and buttons
const SIDE = 8; // and beside them
const COLUMN = 64; // at the least, for the buttons of one layer; where there is less room, the diagram scrolls

export class Network {
  // `resize(layer, change)` is called to add or remove a neuron, `choose(layer, activation)` for another one, `look(layer, unit)` when one is pointed at.
  constructor(root, inspector, { resize, choose, look }) {
    Object.assign(this, { root, inspector, resize, choose, look });
    this.edges = "weight";
    this.chosen = null;
    new ResizeObserver(() => this.place()).observe(root);
  }

  // Make neurons and edges for a set-up; `activations` are those that a layer can have.
  build(setup, activations) {
    const widths = [setup.features.length, ...setup.hidden, 1];
    Object.assign(this, { inputs: setup.features.map(inWords), setup, activations });
    if (this.widths?.length !== widths.length) this.chosen = null;
    this.widths = widths;
    this.root.replaceChildren();
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("aria-hidden", "true");
    this.root.append(this.svg);
    this.heads = widths.map((width, layer) => this.head(width, layer));
    this.neurons = widths.map((width, layer) => Array.from({ length: width }, (_, unit) => this.neuron(layer, unit)));
    this.paths = widths.slice(1).map((width, i) =>
      Array.from({ length: width }, () =>
        Array.from({ length: widths[i] }, () => this.svg.appendChild(document.createElementNS(SVG, "path"))),
      ),
    );
    const last = widths.length - 1;
    if (!this.chosen || this.chosen[1] >= widths[this.chosen[0]]) this.chosen = [last, 0];
    this.mark();
    this.place();
  }

  title(layer) {
    return layer === 0 ? "input" : layer === this.widths.length - 1 ? "output" : `hidden ${layer}`;
  }

  head(width, layer) {
    const head = document.createElement("div");
    head.className = "layer-head";
    const name = document.createElement("span");
    name.textContent = this.title(layer);
    head.append(name);
    if (layer > 0 && layer < this.widths.length - 1) {
      const row = document.createElement("span");
      for (const [change, sign, word] of [[-1, "−", "Remove a neuron from"], [1, "+", "Add a neuron to"]]) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = sign;
        button.title = `${word} hidden layer ${layer}`;
        button.setAttribute("aria-label", button.title);
        button.disabled = width + change < 1 || width + change > 16;
        button.addEventListener("click", () => this.resize(layer - 1, change));
        row.append(button);
        if (change < 0) row.append(Object.assign(document.createElement("output"), { textContent: width }));
      }
      head.append(row, this.activation(layer));
    }
    this.root.append(head);
    return head;
  }

  activation(layer) {
    const select = document.createElement("select");
    select.append(...this.activations.map((name) => new Option(name, name)));
    select.value = this.setup.activations[layer - 1] ?? this.setup.activation;
    select.setAttribute("aria-label", `Activation of hidden layer ${layer}`);
    select.addEventListener("change", () => this.choose(layer - 1, select.value));
    return select;
  }

  neuron(layer, unit) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "neuron";
    const name = layer === 0 ? this.inputs[unit] : layer === this.widths.length - 1 ? "output" : `${this.title(layer)}, neuron ${unit + 1}`;
    button.setAttribute("aria-label", name);
    button.append(document.createElement("canvas"), Object.assign(document.createElement("i"), { className: "strength" }));
    if (layer === 0) {
      button.append(Object.assign(document.createElement("b"), { textContent: name, className: name.length > 2 ? "long" : "" }));
    }
    const look = () => this.look(layer, unit);
    const away = () => this.look(null);
    for (const [event, action] of [["mouseenter", look], ["mouseleave", away], ["focus", look], ["blur", away]]) {
      button.addEventListener(event, action);
    }
    button.addEventListener("click", () => {
      if (layer === 0) return;
      this.chosen = [layer, unit];
      this.mark();
      this.inspect();
    });
    this.root.append(button);
    return button;
  }

  mark() {
    this.neurons.forEach((units, l) =>
      units.forEach((button, u) => button.classList.toggle("chosen", l === this.chosen[0] && u === this.chosen[1])),
    );
  }

  // Put everything in its place for the room that there is.
  place() {
    if (!this.widths) return;
    this.root.style.minWidth = `${COLUMN * this.widths.length}px`;
    const width = this.root.clientWidth;
    const most = Math.max(...this.widths);
    const room = Math.max(Math.min(410, 60 * most), 230);
    const across = (width / this.widths.length) * 0.55;
    const sizes = this.widths.map((units) => Math.max(Math.min(46, across, room / units - 7), 18));
    const gap = (width - sizes[0] / 2 - sizes.at(-1) / 2 - 2 * SIDE) / (this.widths.length - 1);
    this.root.style.height = `${HEAD + room + 4}px`;
    this.centers = this.neurons.map((units, l) =>
      units.map((button, u) => {
        const size = sizes[l];
        const x = SIDE + sizes[0] / 2 + l * gap;
        const y = HEAD + room / 2 + (u - (units.length - 1) / 2) * Math.min(room / units.length, size + 24);
        Object.assign(button.style, { left: `${x - size / 2}px`, top: `${y - size / 2}px`, width: `${size}px`, height: `${size}px` });
        return [x, y, size / 2];
      }),
    );
    this.heads.forEach((head, l) => (head.style.left = `${SIDE + sizes[0] / 2 + l * gap}px`));
    this.paths.forEach((targets, i) =>
      targets.forEach((sources, t) =>
        sources.forEach((path, s) => {
          const [x0, y0, half] = this.centers[i][s];
          const [x1, y1, other] = this.centers[i + 1][t];
          const middle = (x0 + x1) / 2;
          path.setAttribute("d", `M${x0 + half} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1 - other} ${y1}`);
        }),
      ),
    );
  }

  // Show a state of the training.
  update(snapshot) {
    this.snapshot = snapshot;
    const { layers, fields, boundary } = snapshot;
    fields.forEach((pictures, l) => pictures.forEach((picture, u) => paint(this.neurons[l][u].firstChild, levels(picture))));
    paint(this.neurons.at(-1)[0].firstChild, levels(boundary));
    const strengths = layers.map((layer) => layer.weight_gradient.map((row) => Math.hypot(...row.map(Number))));
    const strongest = Math.max(...strengths.flat(), 1e-30);
    strengths.forEach((rows, l) =>
      rows.forEach((value, u) => (this.neurons[l + 1][u].lastChild.style.width = `${(100 * value) / strongest}%`)),
    );
    this.draw();
    this.inspect();
  }

  // Edges: the wider the larger, coloured by the sign.
  draw() {
    const tables = this.snapshot.layers.map((layer) => layer[this.edges]);
    const largest = Math.max(...tables.flat(2).map((value) => Math.abs(value ?? 0)), 1e-30);
    const [negative, positive] = [color("class-0"), color("class-1")];
    this.paths.forEach((targets, i) =>
      targets.forEach((sources, t) =>
        sources.forEach((path, s) => {
          const value = tables[i][t][s] ?? 0;
          const share = Math.abs(value) / largest;
          path.setAttribute("stroke", value < 0 ? negative : positive);
          path.setAttribute("stroke-width", 0.6 + 5.4 * share);
          path.setAttribute("stroke-opacity", 0.2 + 0.75 * Math.sqrt(share));
        }),
      ),
    );
  }

  // The numbers of the chosen neuron.
  inspect() {
    if (!this.snapshot) return;
    const [l, u] = this.chosen;
    const layer = this.snapshot.layers[l - 1];
    const rows = layer.weight[u].map((w, s) => [l === 1 ? this.inputs[s] : `${this.title(l - 1)}.${s + 1}`, w, layer.weight_gradient[u][s]]);
    rows.push(["bias", layer.bias[u], layer.bias_gradient[u]]);
    const title = Object.assign(document.createElement("h3"), { textContent: this.neurons[l][u].getAttribute("aria-label") });
    title.append(Object.assign(document.createElement("small"), { textContent: "its weights and their gradients; choose any neuron" }));
    const list = document.createElement("div");
    list.className = "weights";
    for (const [from, value, gradient] of rows) {
      const cell = document.createElement("div");
      for (const [tag, kind, text] of [["span", "from", from], ["b", "weight", short(value)], ["i", "gradient", `∂ ${short(gradient)}`]]) {
        cell.append(Object.assign(document.createElement(tag), { className: kind, textContent: text }));
      }
      list.append(cell);
    }
    this.inspector.replaceChildren(title, list);
  }

  repaint() {
    if (!this.snapshot) return;
    this.update(this.snapshot);
  }
}
