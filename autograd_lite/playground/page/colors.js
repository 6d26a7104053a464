// Colours come from the style sheet, so that light and dark are said in one place.

export function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function channels(hex) {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
}

// A function from -1 … 1 to red, green and blue: class 0, neutral, class 1.
export function ramp() {
  const [low, middle, high] = ["class-0", "neutral", "class-1"].map((name) => channels(color(name)));
  return (t) => {
    const end = t < 0 ? low : high;
    const share = Math.min(Math.abs(t), 1);
    return middle.map((m, i) => m + share * (end[i] - m));
  };
}

// Paint numbers -1 … 1, a square of them, into a canvas of that many pixels.
export function paint(canvas, values, { discrete = false, strength = 0.85 } = {}) {
  const side = Math.round(Math.sqrt(values.length));
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  const image = context.createImageData(side, side);
  const shade = ramp();
  values.forEach((value, i) => {
    const [r, g, b] = shade(strength * (discrete ? (value < 0 ? -1 : 1) : value));
    image.data.set([r, g, b, 255], 4 * i);
  });
  context.putImageData(image, 0, 0);
}
