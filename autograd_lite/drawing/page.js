// Drag or press arrows to move, turn the wheel, spread two fingers or press + and - to zoom, click twice or 0 for all.
// A click on a module opens it, one on its frame folds it again; a click on another box shows its arrays.
const main = document.querySelector("main"), panel = document.getElementById("panel")
const states = new Map([...document.querySelectorAll("template")].map((t) => [t.dataset.path, t]))
const PATIENCE = 250
let svg, view, all, boxes, opened = "", waiting = 0, moved = false

const show = (x, y, w, h) => svg.setAttribute("viewBox", [x, y, w, h].join(" "))
const at = e => new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse())
const zoom = (k, p) => show(p.x + (view.x - p.x) * k, p.y + (view.y - p.y) * k, view.width * k, view.height * k)
const move = (x, y) => show(view.x + x, view.y + y, view.width, view.height)
const whole = () => { clearTimeout(waiting); show(...all) }
const held = new Map()

function attach() {
  svg = main.querySelector("svg")
  view = svg.viewBox.baseVal
  all = [view.x, view.y, view.width, view.height]
  boxes = JSON.parse(states.get(opened).dataset.boxes)
  svg.onpointerdown = e => { held.set(e.pointerId, e); moved = false }
  svg.onpointerup = svg.onpointercancel = e => held.delete(e.pointerId)
  svg.onpointermove = e => {
    const before = held.get(e.pointerId)
    if (!before) return
    if (Math.hypot(e.movementX, e.movementY) > 0 && !svg.hasPointerCapture(e.pointerId)) svg.setPointerCapture(e.pointerId)
    moved = true
    held.set(e.pointerId, e)
    const other = [...held.values()].find(o => o !== e), a = at(before), b = at(e)
    if (!other) return move(a.x - b.x, a.y - b.y)
    const far = o => Math.hypot(o.clientX - other.clientX, o.clientY - other.clientY) || 1
    zoom(far(before) / far(e), at(other))
  }
  svg.addEventListener("wheel", e => { e.preventDefault(); zoom(Math.exp(e.deltaY / 500), at(e)) }, { passive: false })
  svg.ondblclick = whole
  for (const node of svg.querySelectorAll(".node")) {
    const box = boxes[node.querySelector("title").textContent]
    if (!box) continue
    node.setAttribute("tabindex", "0")
    node.setAttribute("role", "button")
    const seen = [...node.querySelectorAll("text")].map(t => t.textContent).join(" ")
    node.setAttribute("aria-label", `${seen}: ${box.opens ? "open" : "its arrays"}`)
    const act = () => (box.opens ? open(box.opens) : read(box))
    node.addEventListener("click", () => soon(act))
    node.addEventListener("keydown", e => { if (e.key === "Enter") act() })
  }
  if (opened) for (const frame of svg.querySelectorAll(".cluster")) {
    frame.classList.add("open")
    frame.addEventListener("click", () => soon(() => open("")))
  }
}

function soon(act) { // unless it becomes a double click, or was a drag
  clearTimeout(waiting)
  if (!moved) waiting = setTimeout(act, PATIENCE)
}

function open(path) {
  opened = path
  panel.hidden = true
  main.replaceChildren(states.get(path).content.cloneNode(true))
  attach()
}

function element(tag, text, settings = {}) {
  return Object.assign(document.createElement(tag), { textContent: text, ...settings })
}

function read(box) {
  const close = element("button", "×", { id: "close", ariaLabel: "Close", onclick: () => { panel.hidden = true } })
  panel.replaceChildren(element("h2", box.title), close)
  for (const [name, size, across, numbers, shares] of box.arrays) {
    const said = element("output", numbers.length === 1 ? numbers[0] : "")
    const copy = element("button", "Copy", { onclick: async () => {
      await navigator.clipboard.writeText(text(numbers, across))
      said.textContent = "copied"
    } })
    panel.append(element("h3", `${name} ${size}`), ...(numbers.length > 1 ? [map(numbers, shares, across, said)] : []), said, copy)
  }
  panel.hidden = false
}

function text(numbers, across) {
  const rows = []
  for (let i = 0; i < numbers.length; i += across) rows.push(`[${numbers.slice(i, i + across).join(", ")}]`)
  return rows.length > 1 ? `[${rows.join(",\n ")}]` : rows[0]
}

function map(numbers, shares, across, said) {
  const canvas = element("canvas", "", { width: across, height: Math.ceil(numbers.length / across) })
  canvas.style.aspectRatio = `${across} / ${canvas.height}`
  canvas.setAttribute("role", "img")
  canvas.setAttribute("aria-label", "Heat map")
  const pen = canvas.getContext("2d")
  shares.forEach((share, i) => {
    const end = share < 0 ? COLOURS.negative : COLOURS.positive
    pen.fillStyle = share === null ? "#ff00ff" : `rgb(${end.map(c => 255 + (c - 255) * Math.abs(share)).join(" ")})`
    pen.fillRect(i % across, Math.floor(i / across), 1, 1)
  })
  canvas.onpointermove = e => {
    const [x, y] = [Math.floor(e.offsetX / canvas.clientWidth * across), Math.floor(e.offsetY / canvas.clientHeight * canvas.height)]
    const value = numbers[y * across + x]
    said.textContent = value === undefined ? "" : `[${canvas.height > 1 ? `${y}, ` : ""}${x}] ${value}`
  }
  return canvas
}

const middle = () => ({ x: view.x + view.width / 2, y: view.y + view.height / 2 })
const keys = {
  "+": () => zoom(0.8, middle()), "=": () => zoom(0.8, middle()), "-": () => zoom(1.25, middle()), 0: whole,
  ArrowLeft: () => move(-view.width / 10, 0), ArrowRight: () => move(view.width / 10, 0),
  ArrowUp: () => move(0, -view.height / 10), ArrowDown: () => move(0, view.height / 10),
  Escape: () => (panel.hidden ? opened && open("") : panel.hidden = true),
}
document.onkeydown = e => {
  if (!keys[e.key] || e.ctrlKey || e.metaKey || e.altKey) return
  e.preventDefault()
  keys[e.key]()
}
attach()
