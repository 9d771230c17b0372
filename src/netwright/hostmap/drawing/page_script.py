"""The script of the HTML page: moves, zooms, searches, opens groups, shows details. It asks nobody for anything.

Texts from the map only ever reach the page as textContent.
"""

from .page_parts import PARTS

SCRIPT = PARTS + r"""
(() => {
const $ = id => document.getElementById(id);
const picture = $('picture'), view = $('view'), panel = $('panel'), search = $('search');
const spaces = JSON.parse($('spaces').textContent), members = JSON.parse($('members').textContent);
const size = {w: +picture.dataset.w, h: +picture.dataset.h};

// -- boxes, lines, and what moves when a group opens --------------------
const boxes = new Map(), columns = new Map(), parts = new Map();
for (const g of document.querySelectorAll('g.box')) {
  const [x, y] = g.getAttribute('transform').match(/-?[\d.]+/g).map(Number), d = g.dataset;
  const box = {id: g.id, g, x, y, h: +d.h, other: +d.other, part: d.part, open: false, moved: 0, lines: [],
    w: +g.querySelector('.frame').getAttribute('width'), group: g.classList.contains('group'), members: members[g.id] || []};
  box.closed = box.h; box.text = words(box);
  boxes.set(g.id, box);
  const key = d.part + ' ' + d.column;
  if (!columns.has(key)) columns.set(key, []);
  columns.get(key).push(box);
  const part = parts.get(d.part) || {top: Infinity, bottom: -Infinity, boxes: []};
  part.top = Math.min(part.top, y); part.bottom = Math.max(part.bottom, y + box.h); part.boxes.push(box);
  parts.set(d.part, part);
}
for (const column of columns.values()) column.sort((a, b) => a.y - b.y);
const lines = [...document.querySelectorAll('g.line')].map(g => {
  const line = {g, one: g.dataset.one, other: g.dataset.other, bow: +g.dataset.bow,
    points: g.dataset.points.split(' ').map(p => p.split(',').map(Number)), follows: g.dataset.follows.split(' '),
    label: g.querySelector('.halo') ? [...g.querySelectorAll('.halo,.count')] : []};
  for (const id of new Set([line.one, line.other])) boxes.get(id).lines.push(line);
  return line;
});
function wordsOf(id) { return plain(JSON.stringify(spaces[id] || '')).toLowerCase(); }
function words(box) { return box.g.textContent.toLowerCase() + ' ' + box.members.map(wordsOf).join(' '); }
function reflow() {
  const done = [];
  for (const part of [...parts.values()].sort((a, b) => a.top - b.top)) {
    part.shift = Math.max(0, ...done.filter(p => p.bottom <= part.top).map(p => p.shift + p.growth));
    part.growth = 0;
    done.push(part);
    for (const column of new Set(part.boxes.map(box => box.part + ' ' + box.g.dataset.column))) {
      let more = 0;
      for (const box of columns.get(column)) {
        box.moved = part.shift + more;
        if (box.open) more += box.other - box.closed;
        box.under = part.shift + more;
        box.g.setAttribute('transform', `translate(${box.x},${box.y + box.moved})`);
      }
      part.growth = Math.max(part.growth, more);
    }
  }
  for (const line of lines) redraw(line);
}
function redraw(line) {
  const still = parts.get(boxes.get(line.one).part).shift;
  const shift = f => f === '' ? still : f[0] === '>' ? boxes.get(f.slice(1)).under : boxes.get(f).moved;
  const p = line.points.map(([x, y], at) => [x, y + shift(line.follows[at])]);
  let d = `M${p[0]}`;
  for (let at = 1; at < p.length; at++) {
    const [x, y] = p[at], [u, v] = p[at - 1];
    if (at % 2) { d += `L${x},${y}`; continue; }
    const reach = x === u ? line.bow * 4 / 3 : (x - u) / 2;
    d += `C${u + reach},${v} ${x === u ? x + reach : x - reach},${y} ${x},${y}`;
  }
  for (const path of line.g.querySelectorAll('path')) path.setAttribute('d', d);
  const end = members[line.other].length > 1 ? line.other : line.one;
  for (const part of line.label) part.setAttribute('transform', `translate(0,${boxes.get(end).moved})`);
}
function open(box, wanted) {
  if (!box.group || box.open === wanted) return;
  box.open = wanted;
  box.g.classList.toggle('open', wanted);
  box.g.querySelector('.frame').setAttribute('height', wanted ? box.other : box.closed);
  box.g.querySelector('.more').textContent = wanted ? '\u2212' : '+';
  box.g.setAttribute('aria-expanded', wanted);
}

// -- moving and zooming --------------------
const moving = movable(picture, [view], (width, height) => {
  const tall = Math.max(size.h, ...[...boxes.values()].map(b => b.y + b.moved + (b.open ? b.other : b.h) + 24));
  const k = Math.min(1.25, width / size.w, Math.max(height / tall, width / size.w / 2));
  return {k, x: (width - size.w * k) / 2, y: Math.max(0, (height - tall * k) / 2)};
});

// -- choosing, details --------------------
let chosen = null;
function choose(box) {
  if (chosen) chosen.g.classList.remove('chosen');
  chosen = box;
  for (const g of document.querySelectorAll('.lit')) g.classList.remove('lit');
  document.body.classList.toggle('choosing', !!box);
  panel.hidden = !box; panel.scrollTop = 0;
  if (!box) return;
  box.g.classList.add('chosen');
  for (const line of box.lines) for (const g of [line.g, boxes.get(line.one).g, boxes.get(line.other).g]) g.classList.add('lit');
  panel.replaceChildren(...details(box));
  requestAnimationFrame(() => { if (chosen === box && moving.touched()) moving.show([box.g.querySelector('.frame')]); });
}
function closer() {
  const close = made('button', '\u00d7', 'close');
  close.setAttribute('aria-label', 'close');
  close.onclick = () => { const from = chosen ? chosen.g : $('warn'); choose(null); if (from) from.focus({preventScroll: true}); };
  return close;
}
function details(box) {
  const close = closer();
  if (box.members.length === 1) return [close, ...space(box.members[0])];
  const list = box.members.map(id => {
    const more = made('details'), name = made('summary', (spaces[id] || {}).name || id);
    more.append(name);
    more.ontoggle = () => { if (more.open && more.children.length === 1) more.append(...space(id).slice(1)); };
    more.open = !!finding.wanted() && wordsOf(id).includes(finding.wanted());
    return more;
  });
  return [close, made('h2', `${box.members.length} alike`), ...list];
}
function space(id) {
  const s = spaces[id] || {}, nameOf = id => (spaces[id] || {}).name || id;
  const device = l => join(l.name, l.kind, l.state, l.mac, l.master && `on ${l.master}`, l.peer && `\u21c4 ${nameOf(l.peer[0])} ${l.peer[1]}`, l.lost);
  const titles = {owners: 'belongs to', names: 'names', holders: 'held by', addresses: 'addresses', links: 'devices', routes: 'routes', published: 'published',
    listeners: 'listening', nat: 'NAT'};
  return [made('h2', nameOf(id)), ...(s.why ? [made('p', s.why)] : []),
    ...Object.entries(titles).flatMap(([name, title]) => rows(title, s[name], name === 'links' ? device : TEXTS[name]))];
}
if ($('warn')) $('warn').onclick = () => {
  choose(null);
  panel.replaceChildren(closer(), made('h2', 'wrong, or not seen'));
  for (const p of JSON.parse($('problems').textContent)) {
    panel.append(made('h3', p.what), made('p', [p.where, p.why].filter(x => x).join(': ')));
    if (p.fix) panel.append(made('code', p.fix));
  }
  panel.hidden = false;
};
function pick(box) {
  if (box.group) { open(box, !box.open); reflow(); }
  choose(box);
}
picture.addEventListener('click', e => {
  if (moving.dragged()) return;
  const g = e.target.closest('g.box');
  if (g) pick(boxes.get(g.id)); else choose(null);
});

// -- searching --------------------
const finding = finder(search, $('hits'), wanted => [...boxes.values()].filter(box => box.text.includes(wanted)),
  hits => { for (const box of boxes.values()) box.g.classList.toggle('found', hits.has(box)); },
  box => {
    if (box.group) { open(box, true); reflow(); }
    choose(box);
    moving.centre(box.x + box.w / 2, box.y + box.moved + (box.open ? box.other : box.h) / 2);
  });

// -- buttons and keys --------------------
const groups = [...boxes.values()].filter(box => box.group);
function all() {
  const wanted = groups.some(box => !box.open);
  for (const box of groups) open(box, wanted);
  reflow(); moving.fit();
}
const paint = () => { const name = after($('theme').textContent); $('theme').textContent = name; $('dark').media = THEMES[name]; };
$('theme').onclick = paint; $('fit').onclick = moving.fit; $('in').onclick = moving.larger; $('out').onclick = moving.smaller;
$('all').hidden = !groups.length; $('all').onclick = all;
const KEYS = {...moving.keys, '/': () => search.focus(), o: all, t: paint};
document.addEventListener('keydown', e => {
  if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.key === 'Escape') { finding.clear(); choose(null); return; }
  if (e.target === search || panel.contains(e.target)) return;
  const g = e.target.closest && e.target.closest('g.box');
  if (g && (e.key === 'Enter' || e.key === ' ')) { e.preventDefault(); pick(boxes.get(g.id)); return; }
  if (KEYS[e.key]) { e.preventDefault(); KEYS[e.key](); }
});
reflow(); moving.fit();
if (location.hash.length > 1) { search.value = decodeURIComponent(location.hash.slice(1)); finding.find(); finding.next(1); }
})();
"""
