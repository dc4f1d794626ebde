const boards = new WeakMap()

function part(tag, css, text) {
  const node = document.createElement(tag)
  if (css) node.className = css
  if (text !== undefined) node.textContent = text
  return node
}

function cardNode(card) {
  const item = part("li", card.choice ? "card" : "card plain")
  item.dataset.key = card.key
  if (card.choice) {
    const box = part("input")
    box.type = "checkbox"
    box.setAttribute("aria-label", card.choice)
    const tick = part("label", "tick")
    tick.append(box)
    item.append(tick)
  }
  const link = part("a", "", card.title)
  link.href = card.href
  const foot = part("span", "foot")
  foot.append(part("span", "", card.age))
  for (const [text, colour] of card.marks) foot.append(part("span", "badge " + colour, text))
  item.append(link)
  if (card.gist) item.append(part("span", "gist", card.gist))
  item.append(foot)
  return item
}

function columnNode(column, known) {
  const section = part("section")
  section.dataset.name = column.name
  section.setAttribute("aria-label", `${column.title}: ${column.count}`)
  const head = part("h2", "", column.title)
  head.append(part("span", "count", column.count))
  section.append(head)
  if (!column.cards.length) section.append(part("p", "empty", column.empty))
  else {
    const list = part("ol")
    // a card that did not change keeps its node, and with it what points at it
    list.append(...column.cards.map(card => {
      const text = JSON.stringify(card)
      const before = known.nodes.get(card.key)
      return before?.text === text ? before.node : cardNode(card)
    }))
    section.append(list)
  }
  if (column.more) {
    const more = part("p", "more")
    const link = part("a", "", column.more)
    link.href = "./"
    link.dataset.more = column.name
    more.append(link)
    section.append(more)
  }
  return section
}

function draw(root, data, known) {
  const board = root.querySelector(".board")
  const focused = root.getRootNode().activeElement
  const place = focused?.closest?.(".card")?.dataset.key
  const boxed = focused?.tagName === "INPUT"
  const scrolled = new Map([...board.querySelectorAll("section")].map(each => [each.dataset.name, each.querySelector("ol")?.scrollTop]))
  board.replaceChildren(...data.columns.map(column => columnNode(column, known)))
  known.nodes = new Map(data.columns.flatMap(column => column.cards).map(card => [card.key, {
    text: JSON.stringify(card),
    node: [...board.querySelectorAll(".card")].find(node => node.dataset.key === card.key),
  }]))
  for (const section of board.querySelectorAll("section")) {
    const list = section.querySelector("ol")
    if (list && scrolled.get(section.dataset.name)) list.scrollTop = scrolled.get(section.dataset.name)
  }
  if (place) known.nodes.get(place)?.node.querySelector(boxed ? "input" : "a")?.focus({ preventScroll: true })
}

function drawKinds(root, data, known) {
  const names = data.columns.map(column => column.name)
  if (!names.includes(known.shown)) known.shown = (data.columns.find(column => column.cards.length) || data.columns[0]).name
  const group = root.querySelector(".kinds")
  const text = JSON.stringify(data.columns.map(column => [column.name, column.title, column.count]))
  if (known.kinds !== text) {
    known.kinds = text
    const focused = root.getRootNode().activeElement?.dataset?.name
    group.replaceChildren(...data.columns.map(column => {
      const button = part("button", "", `${column.title} ${column.count.split(" ")[0]}`)
      button.type = "button"
      button.dataset.name = column.name
      return button
    }))
    if (focused) [...group.children].find(each => each.dataset.name === focused)?.focus()
  }
  for (const button of group.children) button.setAttribute("aria-pressed", String(button.dataset.name === known.shown))
  for (const section of root.querySelectorAll("section")) section.classList.toggle("shown", section.dataset.name === known.shown)
}

function paint(root, known) {
  for (const card of root.querySelectorAll(".card")) {
    const on = known.chosen.has(card.dataset.key)
    const box = card.querySelector("input")
    if (box) box.checked = on
    card.classList.toggle("on", on && Boolean(box))
  }
}

function typing(event) {
  const node = event.composedPath()[0]
  return event.ctrlKey || event.metaKey || event.altKey || (node instanceof Element &&
    (node.isContentEditable || ["TEXTAREA", "SELECT"].includes(node.tagName) || (node.tagName === "INPUT" && node.type !== "checkbox")))
}

function step(root, key) {
  const visible = [...root.querySelectorAll("section")].filter(each => each.offsetParent !== null)
  const columns = visible.map(each => [...each.querySelectorAll(".card a")]).filter(each => each.length)
  if (!columns.length) return
  const here = root.getRootNode().activeElement?.closest?.(".card")
  const column = columns.findIndex(each => each.some(link => link.closest(".card") === here))
  if (column < 0) return columns[0][0].focus()
  const at = columns[column].findIndex(link => link.closest(".card") === here)
  const sideways = { ArrowLeft: -1, ArrowRight: 1 }[key]
  const next = sideways ? columns[column + sideways] : columns[column]
  if (!next) return
  const row = sideways ? at : at + (key === "j" || key === "ArrowDown" ? 1 : -1)
  next[Math.max(0, Math.min(row, next.length - 1))].focus()
}

export default function (component) {
  const { data, parentElement: root, setStateValue, setTriggerValue } = component
  const known = boards.get(root) || { nodes: new Map(), chosen: new Set() }
  boards.set(root, known)
  const send = () => setStateValue("chosen", { version: known.version, keys: [...known.chosen] })
  const text = JSON.stringify(data.columns)
  if (known.text !== text) {
    draw(root, data, known)
    known.text = text
  }
  drawKinds(root, data, known)
  if (known.version !== data.version) {
    known.version = data.version
    known.chosen = new Set(data.chosen)
  }
  const gone = data.gone.filter(key => known.chosen.delete(key))
  if (gone.length) send()
  paint(root, known)
  const toggle = (key, on) => {
    on ? known.chosen.add(key) : known.chosen.delete(key)
    paint(root, known)
    send()
  }
  // on the elements: the root itself may be a shadow root, which has no handlers
  const board = root.querySelector(".board")
  board.onchange = event => toggle(event.target.closest(".card").dataset.key, event.target.checked)
  board.onclick = event => {
    const link = event.target.closest("a")
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    if (link.dataset.more) setTriggerValue("more", link.dataset.more)
    else setTriggerValue("opened", link.closest(".card").dataset.key)
  }
  root.querySelector(".kinds").onclick = event => {
    const button = event.target.closest("button")
    if (!button) return
    known.shown = button.dataset.name
    drawKinds(root, data, known)
  }
  known.keys?.abort()
  known.keys = new AbortController()
  document.addEventListener("keydown", event => {
    const card = root.getRootNode().activeElement?.closest?.(".card")
    if (typing(event)) return
    const arrow = card && event.key.startsWith("Arrow")
    if (arrow || ["j", "k"].includes(event.key)) {
      step(root, event.key)
      event.preventDefault()
    } else if (event.key === "x" && card?.querySelector("input")) {
      toggle(card.dataset.key, !known.chosen.has(card.dataset.key))
    }
  }, { signal: known.keys.signal })
  return () => known.keys.abort()
}
