// The search runs in the page, over the entries of search-index.js.
const field = document.getElementById("search")
const found = document.getElementById("found")

for (const entry of entries) {
  entry.title = entry.t.toLowerCase()
  entry.text = entry.x.toLowerCase()
}

// rate says how well an entry answers the words; 0 is not at all.
function rate(entry, words) {
  let rating = 0
  for (const word of words) {
    const inTitle = entry.title.indexOf(word)
    if (inTitle === 0 || entry.title.endsWith("." + word)) rating += 20
    else if (inTitle > 0) rating += 10
    else if (entry.text.includes(word)) rating += 1
    else return 0
  }
  return rating - entry.title.length / 100
}

function search() {
  const words = field.value.toLowerCase().split(/\s+/).filter(word => word)
  const hits = words.length ? entries.map(entry => [rate(entry, words), entry]).filter(hit => hit[0] > 0) : []
  hits.sort((a, b) => b[0] - a[0])
  found.replaceChildren(...hits.slice(0, 12).map(([, entry]) => {
    const line = document.createElement("li")
    const link = document.createElement("a")
    link.href = up + entry.u
    link.textContent = entry.t
    const page = document.createElement("small")
    page.textContent = entry.p
    line.append(link, " ", page)
    return line
  }))
  if (words.length && !hits.length) found.textContent = "Nothing is found."
  found.hidden = !words.length
}

field.addEventListener("input", search)
field.addEventListener("keydown", event => {
  if (event.key === "Enter" && found.querySelector("a")) location.href = found.querySelector("a").href
  if (event.key === "Escape") { field.value = ""; search() }
})
document.addEventListener("keydown", event => {
  if (event.key === "/" && document.activeElement !== field) { event.preventDefault(); field.focus() }
})
