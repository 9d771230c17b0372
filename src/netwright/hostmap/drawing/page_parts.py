"""What the page in a file and the live page have in common: moving and zooming, searching, texts made harmless, a namespace's details line by line.

The first has it written into itself, the second gets it as a file of its own (web/serve.py).
"""

PARTS = r"""'use strict';
// Control characters and marks that turn the direction of writing, as what one would type for them.
const plain = text => String(text).replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, c => `\\u${c.codePointAt(0).toString(16).padStart(4, '0')}`);
const join = (...words) => words.filter(word => word).join(' ');
function made(name, text, style) {
  const e = document.createElement(name);
  if (text !== undefined && text !== '') e.textContent = plain(text);
  if (style) e.className = style;
  return e;
}

// A heading and a list. `row` makes a text of an item, or the elements of one.
function rows(title, found, row, more = 'more') {
  if (!found || !found.length) return [];
  const list = made('ul');
  for (const item of found.slice(0, 300)) {
    const li = made('li'), r = row(item);
    li.append(...(Array.isArray(r) ? r : [made('code', r)]));
    list.append(li);
  }
  if (found.length > 300) list.append(made('li', `+${found.length - 300} ${more}`));
  return [...(title ? [made('h3', title)] : []), list];
}
const TEXTS = {
  owners: o => join(o.kind, o.name, o.group && `(${o.group})`, o.id && o.id !== o.name && o.id.slice(0, 12)),
  names: n => n,
  addresses: a => join(a.address, a.link, ...(a.flags || [])),
  published: p => join(p.protocol, `${p.address || '*'}:${p.port}${p.last > p.port ? '-' + p.last : ''}`, '\u2192',
    `${p.to_address || ''}${p.to_port ? ':' + p.to_port : ''}`, p.by && `(${p.by})`),
  listeners: l => join(l.protocol, `${l.address}:${l.port}`, l.comm, l.pid),
  routes: r => join(r.type !== 'unicast' && r.type, r.to, r.via && `via ${r.via}`, r.link && `dev ${r.link}`, r.source && `src ${r.source}`,
    r.metric && `metric ${r.metric}`, r.table && r.table !== 254 && `table ${r.table}`),
  nat: n => n.text,
  holders: h => join(h.kind, h.comm, h.pid, h.kind === 'thread' && h.number, h.path, h.user && `(${h.user})`),
};

// Moves and zooms what is in `picture` with mouse and fingers. `layers`: the groups of it that move; `whole(width, height)`: {x, y, k} at which all is in sight.
// Once somebody has moved it, it stays where it is when the room for it changes.
function movable(picture, layers, whole) {
  let at = {x: 0, y: 0, k: 1}, touched = false, way = 0, spread = 0;
  const fingers = new Map(), room = () => picture.getBoundingClientRect();
  function place(x, y, k = at.k) {
    at = {x, y, k};
    for (const g of layers) g.setAttribute('transform', `translate(${x},${y}) scale(${k})`);
  }
  function fit() {
    const r = room(), to = r.width && r.height ? whole(r.width, r.height) : null;
    touched = false;
    if (to) place(to.x, to.y, to.k);
  }
  function move(x, y) { touched = true; place(at.x + x, at.y + y); }
  function zoom(by, x, y) {
    const r = room(), k = Math.min(6, Math.max(0.05, at.k * by));
    x = x === undefined ? r.width / 2 : x - r.left; y = y === undefined ? r.height / 2 : y - r.top;
    touched = true;
    place(x - (x - at.x) * k / at.k, y - (y - at.y) * k / at.k, k);
  }
  function centre(x, y) { // of the drawing
    const r = room(), k = Math.max(at.k, 0.8);
    touched = true;
    place(r.width / 2 - x * k, r.height / 2 - y * k, k);
  }
  const up = e => { fingers.delete(e.pointerId); if (!fingers.size) picture.classList.remove('moving'); };
  picture.addEventListener('pointerdown', e => {
    if (e.button) return; // a menu of the browser may keep the end of it
    if (!fingers.size) way = 0;
    fingers.set(e.pointerId, e); spread = 0;
  });
  picture.addEventListener('pointermove', e => {
    const before = fingers.get(e.pointerId);
    if (!before) return;
    if (!e.buttons) { up(e); return; }
    fingers.set(e.pointerId, e);
    if (fingers.size > 1) {
      const [a, b] = [...fingers.values()], now = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
      if (spread) zoom(now / spread, (a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2);
      spread = now; way = 99;
      return;
    }
    way += Math.abs(e.clientX - before.clientX) + Math.abs(e.clientY - before.clientY);
    if (way < 4) return;
    if (!picture.hasPointerCapture(e.pointerId)) picture.setPointerCapture(e.pointerId);
    picture.classList.add('moving');
    move(e.clientX - before.clientX, e.clientY - before.clientY);
  });
  for (const name of ['pointerup', 'pointercancel']) addEventListener(name, up);
  addEventListener('blur', () => fingers.clear());
  picture.addEventListener('wheel', e => { e.preventDefault(); zoom(Math.exp(-e.deltaY * (e.deltaMode ? 0.05 : 0.0015)), e.clientX, e.clientY); }, {passive: false});
  new ResizeObserver(() => { if (!touched) fit(); }).observe(picture);
  function show(elements) { // what is out of sight (the panel may have taken its room) is brought there
    if (!elements.length) return;
    const r = room(), found = elements.map(e => e.getBoundingClientRect()), pad = 16;
    const low = key => Math.min(...found.map(b => b[key])), high = key => Math.max(...found.map(b => b[key]));
    const shift = (from, to, first, last) => Math.max(from + pad - first, Math.min(0, to - pad - last)) * (first < from + pad || last > to - pad);
    const x = shift(r.left, r.right, low('left'), high('right')), y = shift(r.top, r.bottom, low('top'), high('bottom'));
    if (x || y) move(x, y);
  }
  picture.addEventListener('keyup', e => { if (e.key === 'Tab') show([e.target.querySelector('.frame, .wire') || e.target]); });
  const larger = () => zoom(1.3), smaller = () => zoom(1 / 1.3);
  const keys = {'+': larger, '=': larger, '-': smaller, '0': fit,
    ArrowLeft: () => move(60, 0), ArrowRight: () => move(-60, 0), ArrowUp: () => move(0, 60), ArrowDown: () => move(0, -60)};
  return {fit, centre, show, larger, smaller, keys, touched: () => touched, loosen: () => { touched = false; }, held: () => fingers.size > 0, dragged: () => way > 3};
}

// Looks for what is in `input` and goes from one hit to the next. `fits(wanted)`: what has it; `mark(hits)`; `go(hit, wanted)`. `count`: where their number is told.
function finder(input, count, fits, mark, go) {
  let hits = [], hit = -1;
  const wanted = () => plain(input.value).trim().toLowerCase();
  function find(anew = true) {
    hits = wanted() ? fits(wanted()) : [];
    if (anew) hit = -1;
    document.body.classList.toggle('searching', !!wanted());
    mark(new Set(hits));
    tell();
  }
  function tell() { count.textContent = !wanted() ? '' : hit < 0 ? `${hits.length}` : `${Math.min(hit + 1, hits.length)}/${hits.length}`; }
  function next(by) {
    if (!hits.length) return;
    hit = hit < 0 && by < 0 ? hits.length - 1 : (hit + by + hits.length) % hits.length;
    go(hits[hit], wanted());
    tell();
  }
  input.addEventListener('input', () => find());
  input.addEventListener('keydown', e => { if (e.key === 'Enter' && !e.isComposing) next(e.shiftKey ? -1 : 1); });
  return {find, next, wanted, clear: () => { input.value = ''; find(); input.blur(); }};
}
const THEMES = {auto: '(prefers-color-scheme: dark)', light: 'not all', dark: 'all'};
const after = theme => { const names = Object.keys(THEMES); return names[(names.indexOf(theme) + 1) % names.length]; };
"""
