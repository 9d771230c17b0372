"""The script of the HTML page: moves, zooms, searches, opens groups, shows details. It asks nobody for anything.

Texts from the map only ever reach the page as textContent.
"""

SCRIPT = r"""
'use strict';
(() => {
const $ = id => document.getElementById(id);
const picture = $('picture'), view = $('view'), panel = $('panel'), search = $('search');
const spaces = JSON.parse($('spaces').textContent), members = JSON.parse($('members').textContent);
const size = {w: +picture.dataset.w, h: +picture.dataset.h};

// -- boxes, lines, and what moves when a group opens ------------------------------------------------------------------
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
function words(box) {
  return (box.g.textContent + ' ' + box.members.map(id => JSON.stringify(spaces[id] || '')).join(' ')).toLowerCase();
}
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

// -- moving and zooming -----------------------------------------------------------------------------------------------
let at = {x: 0, y: 0, k: 1};
function place() { view.setAttribute('transform', `translate(${at.x},${at.y}) scale(${at.k})`); }
function fit() {
  const r = picture.getBoundingClientRect(), tall = Math.max(size.h, ...[...boxes.values()].map(b => b.y + b.moved + (b.open ? b.other : b.h)));
  at.k = Math.min(1.25, r.width / size.w, Math.max(r.height / tall, r.width / size.w / 2));
  at.x = (r.width - size.w * at.k) / 2; at.y = Math.max(0, (r.height - tall * at.k) / 2);
  place();
}
function zoom(by, x, y) {
  const r = picture.getBoundingClientRect(), k = Math.min(6, Math.max(0.05, at.k * by));
  x = x === undefined ? r.width / 2 : x - r.left; y = y === undefined ? r.height / 2 : y - r.top;
  at = {x: x - (x - at.x) * k / at.k, y: y - (y - at.y) * k / at.k, k};
  place();
}
function centre(box) {
  const r = picture.getBoundingClientRect();
  at.k = Math.max(at.k, 0.8);
  at.x = r.width / 2 - (box.x + box.w / 2) * at.k; at.y = r.height / 2 - (box.y + box.moved + box.h / 2) * at.k;
  place();
}
const fingers = new Map();
let moved = 0, spread = 0;
picture.addEventListener('pointerdown', e => { fingers.set(e.pointerId, e); moved = 0; spread = 0; });
picture.addEventListener('pointermove', e => {
  const before = fingers.get(e.pointerId);
  if (!before) return;
  fingers.set(e.pointerId, e);
  if (fingers.size > 1) {
    const [a, b] = [...fingers.values()], now = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    if (spread) zoom(now / spread, (a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2);
    spread = now; moved = 99;
    return;
  }
  moved += Math.abs(e.clientX - before.clientX) + Math.abs(e.clientY - before.clientY);
  if (moved < 4) return;
  if (!picture.hasPointerCapture(e.pointerId)) picture.setPointerCapture(e.pointerId);
  at.x += e.clientX - before.clientX; at.y += e.clientY - before.clientY;
  place();
});
for (const name of ['pointerup', 'pointercancel']) picture.addEventListener(name, e => fingers.delete(e.pointerId));
picture.addEventListener('wheel', e => { e.preventDefault(); zoom(Math.exp(-e.deltaY * (e.deltaMode ? 0.05 : 0.0015)), e.clientX, e.clientY); }, {passive: false});

// -- choosing, details ------------------------------------------------------------------------------------------------
let chosen = null;
function choose(box) {
  if (chosen) chosen.g.classList.remove('chosen');
  chosen = box;
  for (const g of document.querySelectorAll('.lit')) g.classList.remove('lit');
  document.body.classList.toggle('choosing', !!box);
  panel.hidden = !box;
  if (!box) return;
  box.g.classList.add('chosen');
  for (const line of box.lines) for (const g of [line.g, boxes.get(line.one).g, boxes.get(line.other).g]) g.classList.add('lit');
  panel.replaceChildren(...details(box));
}
function made(name, text, style) {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = text;
  if (style) e.className = style;
  return e;
}
function closer() {
  const close = made('button', '\u00d7', 'close');
  close.setAttribute('aria-label', 'close');
  close.onclick = () => choose(null);
  return close;
}
function details(box) {
  const close = closer();
  if (box.members.length === 1) return [close, ...space(box.members[0])];
  const list = box.members.map(id => {
    const more = made('details'), name = made('summary', (spaces[id] || {}).name || id);
    more.append(name);
    more.ontoggle = () => { if (more.open && more.children.length === 1) more.append(...space(id).slice(1)); };
    more.open = !!search.value && JSON.stringify(spaces[id]).toLowerCase().includes(search.value.trim().toLowerCase());
    return more;
  });
  return [close, made('h2', `${box.members.length} alike`), ...list];
}
function space(id) {
  const s = spaces[id] || {}, out = [made('h2', s.name || id)];
  const rows = (title, found, line) => {
    if (!found || !found.length) return;
    const list = made('ul');
    list.append(...found.slice(0, 200).map(item => made('li', line(item))));
    if (found.length > 200) list.append(made('li', `+${found.length - 200} more`));
    out.push(made('h3', title), list);
  };
  const join = (...w) => w.filter(x => x !== undefined && x !== '').join(' ');
  if (s.why) out.push(made('p', s.why));
  rows('belongs to', s.owners, o => join(o.kind, o.name, o.group && `(${o.group})`));
  rows('names', s.names, n => n);
  rows('held by', s.holders, h => join(h.kind, h.comm, h.pid, h.path));
  rows('addresses', s.addresses, a => join(a.address, a.link));
  rows('devices', s.links, l => join(l.name, l.kind, l.state, l.mac, l.master && `on ${l.master}`, l.peer && `\u21c4 ${(spaces[l.peer[0]] || {}).name || l.peer[0]} ${l.peer[1]}`, l.lost));
  rows('routes', s.routes, r => join(r.to, r.via && `via ${r.via}`, r.link && `dev ${r.link}`));
  rows('published', s.published, p => join(p.protocol, `${p.address || ''}:${p.port}`, '\u2192', p.to_address, p.to_port, p.by && `(${p.by})`));
  rows('listening', s.listeners, l => join(l.protocol, `${l.address}:${l.port}`, l.comm, l.pid));
  rows('NAT', s.nat, n => n.text);
  return out;
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
document.addEventListener('click', e => {
  if (moved > 3) return;
  const g = e.target.closest('g.box');
  if (!g) { if (picture.contains(e.target)) choose(null); return; }
  const box = boxes.get(g.id);
  if (box.group) { open(box, !box.open); reflow(); }
  choose(box);
});

// -- searching --------------------------------------------------------------------------------------------------------
let hits = [], hit = -1;
function find() {
  const wanted = search.value.trim().toLowerCase();
  hits = wanted ? [...boxes.values()].filter(box => box.text.includes(wanted)) : [];
  hit = -1;
  document.body.classList.toggle('searching', !!wanted);
  for (const box of boxes.values()) box.g.classList.toggle('hit-box', hits.includes(box));
  $('hits').textContent = wanted ? `${hits.length}` : '';
}
function next(by) {
  if (!hits.length) return;
  hit = (hit + by + hits.length) % hits.length;
  const box = hits[hit];
  if (box.group) { open(box, true); reflow(); }
  choose(box); centre(box);
  $('hits').textContent = `${hit + 1}/${hits.length}`;
}
search.addEventListener('input', find);
search.addEventListener('keydown', e => { if (e.key === 'Enter') next(e.shiftKey ? -1 : 1); });

// -- buttons and keys -------------------------------------------------------------------------------------------------
const groups = [...boxes.values()].filter(box => box.group);
function all() {
  const wanted = groups.some(box => !box.open);
  for (const box of groups) open(box, wanted);
  reflow(); fit();
}
const themes = {auto: '(prefers-color-scheme: dark)', light: 'not all', dark: 'all'};
$('theme').onclick = () => {
  const names = Object.keys(themes), name = names[(names.indexOf($('theme').textContent) + 1) % 3];
  $('theme').textContent = name; $('dark').media = themes[name];
};
$('fit').onclick = fit; $('in').onclick = () => zoom(1.3); $('out').onclick = () => zoom(1 / 1.3);
$('all').hidden = !groups.length; $('all').onclick = all;
document.addEventListener('keydown', e => {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.key === 'Escape') { search.value = ''; find(); choose(null); search.blur(); return; }
  if (e.target === search) return;
  const box = e.target.closest && e.target.closest('g.box'), step = 60;
  const keys = {'/': () => search.focus(), '+': () => zoom(1.3), '=': () => zoom(1.3), '-': () => zoom(1 / 1.3), '0': fit, 'o': all,
    'ArrowLeft': () => { at.x += step; place(); }, 'ArrowRight': () => { at.x -= step; place(); },
    'ArrowUp': () => { at.y += step; place(); }, 'ArrowDown': () => { at.y -= step; place(); }};
  if (box && (e.key === 'Enter' || e.key === ' ')) keys[e.key] = () => {
    const b = boxes.get(box.id);
    if (b.group) { open(b, !b.open); reflow(); }
    choose(b);
  };
  if (keys[e.key]) { e.preventDefault(); keys[e.key](); }
});
new ResizeObserver(() => { if (!moved) fit(); }).observe(picture);
reflow(); fit();
if (location.hash.length > 1) { search.value = decodeURIComponent(location.hash.slice(1)); find(); next(1); }
})();
"""
