// The plane with its points, the losses, and how strong gradients are in each layer.

import { levels } from "./api.js";
import { color, paint } from "./colors.js";

const EXTENT = 6;

// A number in a few characters; what is not finite came as null.
export function short(value) {
  if (value === null || value === undefined) return "∞";
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-3 || size >= 1e4)) return value.toExponential(1).replace("-", "−").replace("e−", "e-").replace("e+", "e");
  return value.toFixed(size < 10 ? 3 : 1).replace("-", "−");
}

function sharp(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth, clientHeight } = canvas;
  canvas.width = Math.round(clientWidth * ratio);
  canvas.height = Math.round(clientHeight * ratio);
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  return [context, clientWidth, clientHeight];
}

const buffer = document.createElement("canvas");

// A picture of the plane (bytes in base64), and the points over it.
export function drawPlane(canvas, picture, points, { showTest, discrete }) {
  const [context, width, height] = sharp(canvas);
  paint(buffer, discrete ? finer(levels(picture)) : levels(picture), { discrete, strength: 0.6 }); // paler than the points
  context.drawImage(buffer, 0, 0, width, height);
  const [zero, one, edge] = [color("point-0"), color("point-1"), color("point-edge")];
  const place = ([x, y]) => [(width * (x + EXTENT)) / (2 * EXTENT), (height * (EXTENT - y)) / (2 * EXTENT)];
  context.lineWidth = 1;
  for (const point of showTest ? points.test : []) {
    const [x, y] = place(point);
    context.beginPath();
    context.moveTo(x, y - 4);
    for (const [dx, dy] of [[4, 0], [0, 4], [-4, 0]]) context.lineTo(x + dx, y + dy);
    context.closePath();
    context.fillStyle = edge;
    context.fill();
    context.strokeStyle = point[2] ? one : zero;
    context.lineWidth = 1.6;
    context.stroke();
  }
  context.lineWidth = 1;
  context.fillStyle = color("text"); // the axes, every three units
  context.font = `10px ${getComputedStyle(document.body).fontFamily}`;
  for (const at of [-3, 0, 3]) {
    const [x, y] = place([at, at]), label = `${at}`.replace("-", "−");
    context.textAlign = "center";
    context.fillText(label, x, height - 3);
    context.textAlign = "left";
    if (at) context.fillText(label, 3, y + 3);
  }
  for (const point of points.train) {
    const [x, y] = place(point);
    context.beginPath();
    context.arc(x, y, 3.2, 0, 2 * Math.PI);
    context.fillStyle = point[2] ? one : zero;
    context.fill();
    context.strokeStyle = edge;
    context.stroke();
  }
}

// Several values in the place of each, along both sides, in between by straight lines: the border of classes has no stairs.
function finer(values, times = 6) {
  const side = Math.round(Math.sqrt(values.length)), fine = side * times;
  const result = new Float32Array(fine * fine);
  const places = Array.from({ length: fine }, (_, i) => {
    const at = Math.min(Math.max((i + 0.5) / times - 0.5, 0), side - 1), low = Math.min(Math.floor(at), side - 2);
    return [low, at - low];
  });
  places.forEach(([row, down], i) => places.forEach(([column, right], j) => {
    const mix = (r) => values[r * side + column] * (1 - right) + values[r * side + column + 1] * right;
    result[i * fine + j] = mix(row) * (1 - down) + mix(row + 1) * down;
  }));
  return result;
}

// What the picture says under the pointer: the place, and the probability of class 1 or what a neuron gives.
export function valueAt(event, canvas, picture, probability) {
  const box = canvas.getBoundingClientRect();
  const share = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  if (share.some((s) => s < 0 || s >= 1)) return "";
  const values = levels(picture), side = Math.round(Math.sqrt(values.length));
  const value = values[Math.floor(share[1] * side) * side + Math.floor(share[0] * side)];
  const [x, y] = [EXTENT * (2 * share[0] - 1), EXTENT * (1 - 2 * share[1])].map((v) => v.toFixed(1).replace("-", "−"));
  return `x₁ ${x}, x₂ ${y}: ${probability ? `p = ${((value + 1) / 2).toFixed(2)}` : `${Math.round(100 * value)} % of its largest`}`;
}

// Where in the plane an event is, to two digits.
export function placeOf(event, canvas) {
  const box = canvas.getBoundingClientRect();
  const inside = (share) => Math.min(Math.max(share, 0), 1);
  const [x, y] = [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height)];
  return [EXTENT * (2 * x - 1), EXTENT * (1 - 2 * y)].map((v) => Number(v.toFixed(2)));
}

// Losses over epochs: rows of epoch, train and test.
export function drawCurve(canvas, curve, logarithmic = false) {
  const [context, width, height] = sharp(canvas);
  const box = { left: 38, right: width - 10, top: 12, bottom: height - 22 };
  const values = curve.flatMap(([, train, test]) => [train, test]).filter((v) => v !== null);
  const top = Math.max(...values, 0.1) * 1.05;
  const last = Math.max(curve.at(-1)[0], 1);
  const x = (epoch) => box.left + ((box.right - box.left) * epoch) / last;
  const least = Math.min(...values.filter((v) => v > 0), top / 10); // of a logarithmic scale
  const placed = (loss) => (logarithmic ? Math.log(Math.max(loss, least) / least) / Math.log(top / least) : Math.min(loss, top) / top);
  const y = (loss) => box.bottom - (box.bottom - box.top) * placed(loss);
  context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
  context.fillStyle = color("muted");
  context.strokeStyle = color("line");
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const share of [0, 0.5, 1]) {
    const at = box.bottom - share * (box.bottom - box.top);
    context.beginPath();
    context.moveTo(box.left, at);
    context.lineTo(box.right, at);
    context.stroke();
    context.fillText((logarithmic ? least * (top / least) ** share : share * top).toPrecision(2), box.left - 6, at);
  }
  context.textBaseline = "alphabetic";
  context.fillText(`epoch ${Math.floor(curve.at(-1)[0])}`, box.right, height - 6);
  context.textAlign = "left";
  context.fillText("loss", box.left, height - 6);
  context.lineWidth = 2;
  context.lineJoin = "round";
  for (const [column, name] of [[1, "train"], [2, "test"]]) {
    context.strokeStyle = color(name);
    context.beginPath();
    curve.filter((row) => row[column] !== null).forEach((row, i) => (i ? context.lineTo(x(row[0]), y(row[column])) : context.moveTo(x(row[0]), y(row[column]))));
    if (curve.length === 1 && curve[0][column] !== null) context.arc(x(0), y(curve[0][column]), 1, 0, 2 * Math.PI);
    context.stroke();
  }
}

// Bars on a logarithmic scale from a millionth to a hundred.
export function drawFlow(root, layers) {
  if (root.children.length !== layers.length) {
    root.replaceChildren(
      ...layers.map(() => {
        const row = document.createElement("div");
        row.className = "flow-row";
        row.innerHTML = '<span></span><div class="bars"><i class="weight"></i><i class="gradient"></i></div><b class="weight"></b><b class="gradient"></b>';
        return row;
      }),
    );
  }
  const share = (value) => (value ? Math.max(0, Math.min((Math.log10(value) + 6) / 8, 1)) : 0);
  layers.forEach((layer, i) => {
    const [name, bars, weight, gradient] = root.children[i].children;
    name.textContent = layer.name;
    bars.firstChild.style.width = `${100 * share(layer.weight_norm)}%`;
    bars.lastChild.style.width = `${100 * share(layer.gradient_norm)}%`;
    weight.textContent = short(layer.weight_norm);
    gradient.textContent = short(layer.gradient_norm);
  });
}
