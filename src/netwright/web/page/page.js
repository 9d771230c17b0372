// The live map. Everything that comes from the host is put in as text, never as markup; the drawing alone is markup, made and escaped by the server.
'use strict';
const $ = id => document.getElementById(id);
const picture = $('picture'), view = $('view'), panel = $('panel'), search = $('search'), here = location.pathname;
history.replaceState(null, '', here); // the token is used up; it shall not stay in the address

const kept = { get: (name, other) => { try { return localStorage.getItem('nw-' + name) || other; } catch { return other; } },
  set: (name, text) => { try { localStorage.setItem('nw-' + name, text); } catch { /* private mode: then it is not kept */ } } };

// -- words ------------------------------------------------------------------------------------------------------------
let language = kept.get('language', navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en');
const say = word => WORDS[language][word] || word;
function speak() {
  document.documentElement.lang = language;
  for (const e of document.querySelectorAll('[data-say]')) e.textContent = say(e.dataset.say);
  for (const e of document.querySelectorAll('[data-title]')) { e.title = say(e.dataset.title); e.setAttribute('aria-label', e.title); }
  search.placeholder = say('search'); search.setAttribute('aria-label', say('search'));
  $('language').textContent = language === 'en' ? '中' : 'EN';
  $('theme').textContent = say(theme);
  $('empty').textContent = say('empty');
  $('changes').setAttribute('aria-label', say('changes'));
  status(alive);
}
let theme = kept.get('theme', 'auto');
function paint(name) {
  theme = name in THEMES ? name : 'auto';
  $('dark').media = THEMES[theme];
  $('theme').textContent = say(theme);
  kept.set('theme', theme);
}

// -- the map ----------------------------------------------------------------------------------------------------------
let map = null, opened = new Set(), boxOf = new Map(), downs = new Set(), fetching = false, again = false, waiting = null;
async function load() {
  if (fetching) { again = true; return; }
  fetching = true;
  try {
    do {
      again = false;
      const answer = await fetch(`map?open=${[...opened].map(encodeURIComponent).join(',')}`);
      if (!answer.ok) { over(answer.status); return; }
      waiting = await answer.json();
      drawn();
    } while (again);
  } catch { /* the stream says whether the server is still there */ } finally { fetching = false; }
}
function drawn() { // not while a button of the mouse is down: a box that is replaced under it is never clicked
  if (!waiting || moving.held()) return;
  const found = waiting;
  waiting = null;
  draw(found);
}
for (const name of ['pointerup', 'pointercancel', 'blur']) addEventListener(name, () => setTimeout(drawn));
function draw(found) {
  const focus = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.key : '';
  map = found;
  view.innerHTML = found.svg;
  boxOf = new Map();
  downs = new Set(found.down.map(end => end.join(' ')));
  for (const [id, box] of Object.entries(found.boxes)) for (const member of box.members) boxOf.set(member, id);
  for (const g of view.querySelectorAll('g.box')) label(g, `b ${found.boxes[g.id].members[0]}`, found.boxes[g.id].name);
  [...view.querySelectorAll('g.line')].forEach((g, at) => {
    const line = found.lines[at];
    g.dataset.at = at;
    label(g, `l ${(line.cables[0] || [line.one, line.other]).join(' ')}`, `${say('cable')}: ${found.boxes[line.one].name} – ${found.boxes[line.other].name}`);
  });
  $('title').textContent = document.title = found.title;
  $('empty').hidden = Object.keys(found.boxes).length > 0;
  $('trouble').hidden = !found.problems.length;
  $('trouble').textContent = `! ${found.problems.length}`;
  if (chosen && (chosen.problems || chosen.line)) soon();
  $('groups').hidden = !view.querySelector('g.group');
  limits();
  if (!moving.touched()) moving.fit();
  mark(); finding.find(false); sparkle(); flow();
  if (focus) { const e = view.querySelector(`[data-key="${CSS.escape(focus)}"]`); if (e) e.focus({ preventScroll: true }); }
}
let ended = false;
function limits() { // one line below the bar: that this is over, that nothing comes, or what is not heard
  const found = map ? map.limits : [];
  const text = ended ? say('refused') : alive === 'off' ? say('off') : found.length ? `${say('limits')}: ${found.join('; ')}` : '';
  $('limits').hidden = !text;
  $('limits').textContent = plain(text);
}
function label(g, key, text) {
  g.dataset.key = key;
  g.setAttribute('tabindex', '0'); g.setAttribute('role', 'button'); g.setAttribute('aria-label', text);
}

// -- what changed -----------------------------------------------------------------------------------------------------
const hot = new Map(); // what flashes -> since when
function changed(data) {
  const now = performance.now();
  for (const e of data.events) {
    hot.set(e.id, now);
    if (e.device) hot.set(`${e.id} ${e.device}`, now);
    if (e.peer) hot.set(`${e.peer.id} ${e.peer.device}`, now);
  }
  write(data);
  sparkle();
  if (chosen && data.events.some(e => chosen.ids.has(e.id))) soon();
}
function sparkle() {
  const now = performance.now();
  for (const [key, since] of hot) if (now - since > 2000) hot.delete(key);
  const flash = (g, keys) => {
    const since = Math.max(0, ...keys.map(k => hot.get(k) || 0));
    g.classList.toggle('flash', since > 0);
    if (since) for (const e of g.querySelectorAll('.frame, .wire')) e.style.animationDelay = `${since - now}ms`;
  };
  if (!map) return;
  for (const g of view.querySelectorAll('g.box')) flash(g, map.boxes[g.id].members);
  for (const g of view.querySelectorAll('g.line')) flash(g, map.lines[g.dataset.at].cables.flatMap(c => [`${c[0]} ${c[1]}`, `${c[2]} ${c[3]}`]));
}
function write(data) {
  const list = $('list'), rows = data.events.slice(-100).reverse().map(e => {
    const time = new Date(e.time * 1000), peer = e.peer && e.peer.namespace ? ` · ${say('cable')}: ${e.peer.namespace} ${e.peer.device}` : '';
    const text = e.kind === 'lost' ? e.text : `${e.namespace}: ${e.kind} ${[e.device, e.action === 'changed' ? '' : e.action, e.text].filter(x => x).join(' ')}${peer}`;
    const row = made('li', '', e.action), stamp = made('time', time.toLocaleTimeString('en-GB') + '.' + String(time.getMilliseconds()).padStart(3, '0'));
    stamp.dateTime = time.toISOString();
    row.append(stamp, plain(text));
    return row;
  });
  if (data.left_out) rows.push(made('li', `… ${data.left_out} ${say('leftOut')}`));
  list.prepend(...rows);
  while (list.children.length > 200) list.lastChild.remove();
}
// -- rates ------------------------------------------------------------------------------------------------------------
let speeds = new Map();
function bits(n) {
  for (const [size, unit] of [[1e9, 'Gbit/s'], [1e6, 'Mbit/s'], [1e3, 'kbit/s']]) if (n >= size) return `${(n / size).toPrecision(3)} ${unit}`;
  return `${Math.round(n)} bit/s`;
}
const flowing = line => line.cables.reduce((sum, c) => {
  const a = speeds.get(`${c[0]} ${c[1]}`), b = speeds.get(`${c[2]} ${c[3]}`), s = a || (b && [b[1], b[0]]);
  return s ? [sum[0] + s[0], sum[1] + s[1]] : sum;
}, [0, 0]);
const meet = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
function flow() {
  $('rates').replaceChildren();
  for (const g of map ? view.querySelectorAll('g.line') : []) {
    const [received, sent] = flowing(map.lines[g.dataset.at]);
    if (received + sent < 100) continue;
    const path = g.querySelector('path'), middle = path.getPointAtLength(path.getTotalLength() / 2), text = document.createElementNS('http://www.w3.org/2000/svg', 'text');
    text.setAttribute('class', 'rate'); text.setAttribute('x', middle.x); text.setAttribute('y', middle.y - 5);
    text.textContent = bits(received + sent);
    $('rates').append(text);
    const count = g.querySelector('.count');
    if (count && meet(text.getBBox(), count.getBBox())) text.setAttribute('y', middle.y + 14);
  }
  if (chosen && chosen.line) soon();
}

// -- the stream: only while the page can be seen ------------------------------------------------------------------------
let stream = null, alive = '';
function status(state) {
  alive = state;
  $('live').className = `dot ${state}`;
  $('live').title = state ? say(state) : '';
  $('live').setAttribute('aria-label', $('live').title);
  document.body.classList.toggle('off', state === 'off');
  limits();
}
function listen() {
  if (stream || document.hidden) return;
  stream = new EventSource('events');
  stream.onopen = () => { ended = false; status('on'); };
  stream.onerror = () => { status('off'); if (stream.readyState === 2) { stream = null; fetch('map').then(a => a.ok ? setTimeout(listen, 1000) : over(a.status), () => setTimeout(listen, 2000)); } };
  stream.addEventListener('map', load);
  stream.addEventListener('changes', e => changed(JSON.parse(e.data)));
  stream.addEventListener('rates', e => { speeds = new Map(JSON.parse(e.data).map(r => [`${r[0]} ${r[1]}`, [r[2], r[3]]])); flow(); });
}
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) listen();
  else if (stream) { stream.close(); stream = null; status(''); }
});
function over(code) {
  if (code !== 401 && code !== 404) return;
  if (stream) { stream.close(); stream = null; }
  ended = true;
  status('off');
}

// -- moving and zooming -----------------------------------------------------------------------------------------------
const moving = movable(picture, [view, $('rates')], (width, height) => {
  if (!map) return null;
  const top = 30, tall = map.height - top; // the drawing's own heading is in the bar
  const k = Math.max(0.05, Math.min(1.4, width / map.width, height / tall));
  return { k, x: (width - map.width * k) / 2, y: Math.max(0, (height - tall * k) / 2) - top * k };
});

// -- choosing, details ------------------------------------------------------------------------------------------------
let chosen = null, timer = 0, asked = 0, pressed = false;
panel.addEventListener('pointerdown', () => { pressed = true; });
for (const name of ['pointerup', 'pointercancel']) addEventListener(name, () => { pressed = false; });
function choose(what) { // {ids, line?} or null
  chosen = what;
  document.body.classList.toggle('choosing', !!what && !what.problems);
  panel.hidden = !what;
  mark();
  if (!what) { panel.replaceChildren(); return; }
  panel.replaceChildren(closing(), made('p', say('reading')));
  details();
  requestAnimationFrame(seen);
}
function seen() { // the panel has taken room: what was chosen shall be in sight beside it
  if (chosen && moving.touched()) moving.show([...view.querySelectorAll(chosen.line ? 'g.box.lit .frame' : '.chosen .frame')]);
}
function mark() {
  for (const g of view.querySelectorAll('.chosen, .lit')) g.classList.remove('chosen', 'lit');
  if (!chosen || !map) return;
  for (const g of view.querySelectorAll('g.line')) {
    const line = map.lines[g.dataset.at], lit = chosen.line ? sameLine(line, chosen.line) : [line.one, line.other].some(b => map.boxes[b].members.some(m => chosen.ids.has(m)));
    if (lit) for (const e of [g, view.querySelector('#' + CSS.escape(line.one)), view.querySelector('#' + CSS.escape(line.other))]) if (e) e.classList.add('lit');
  }
  if (!chosen.line) for (const id of chosen.ids) { const g = view.querySelector('#' + CSS.escape(boxOf.get(id) || '-')); if (g) g.classList.add('chosen'); }
}
const sameLine = (a, b) => a.cables.length && b.cables.length ? a.cables[0].join(' ') === b.cables[0].join(' ') : a.one === b.one && a.other === b.other;
function soon() { if (!timer) timer = setTimeout(() => { timer = 0; details(); }, 250); }
async function details() {
  const what = chosen, number = ++asked;
  if (!what) return;
  let found;
  if (what.problems) found = problems();
  else if (what.line) found = cable(what.line);
  else if (what.ids.size > 1) found = many([...what.ids]);
  else found = await space([...what.ids][0]);
  if (chosen !== what || number !== asked) return;
  if (pressed) { soon(); return; } // a button that is replaced while it is pressed is never clicked
  const top = panel.scrollTop, focused = [...panel.querySelectorAll('button')].indexOf(document.activeElement);
  panel.replaceChildren(closing(), ...found);
  panel.scrollTop = top;
  const again = focused < 0 ? null : panel.querySelectorAll('button')[focused];
  if (again) again.focus({ preventScroll: true });
}
function closing() {
  const close = made('button', '×', 'close');
  close.type = 'button'; close.title = say('close'); close.setAttribute('aria-label', close.title);
  close.onclick = () => { const from = chosen.problems ? $('trouble') : view.querySelector('.chosen, g.line.lit'); choose(null); if (from) from.focus({ preventScroll: true }); };
  return close;
}
function to(id, text) {
  const b = made('button', text, 'link');
  b.type = 'button';
  b.onclick = () => choose({ ids: new Set([id]) });
  return b;
}
const nameOf = id => (map && map.names[id]) || id;
const listed = (word, found, row) => rows(say(word), found, row, say('more'));
function problems() {
  return [made('h2', say('problems')), ...rows('', map ? map.problems : [], p => [
    made('span', [p.what, p.where].filter(x => x).join(': ')), ...(p.why ? [made('small', p.why)] : []), ...(p.fix ? [made('code', p.fix)] : [])])];
}
function many(ids) {
  const list = made('ul');
  list.append(...ids.map(id => { const li = made('li'); li.append(to(id, nameOf(id))); return li; }));
  return [made('h2', `${ids.length} ${say('alike')}`), list];
}
function cable(line) {
  const now = (map && map.lines.find(l => sameLine(l, line))) || line, [received, sent] = flowing(now);
  const list = listed('cables', now.cables, c => {
    const a = speeds.get(`${c[0]} ${c[1]}`), b = speeds.get(`${c[2]} ${c[3]}`), s = a || b;
    return [to(c[0], nameOf(c[0])), made('code', ` ${c[1]} — ${c[3]} `), to(c[2], nameOf(c[2])), ...(s ? [made('small', bits(s[0] + s[1]))] : []), ...endings(c)];
  });
  const names = [now.one, now.other].map(b => map && map.boxes[b] ? map.boxes[b].name : '');
  return [made('h2', names.join(' — ')), made('p', received + sent ? bits(received + sent) : ''), ...list];
}
function endings(c) { // what each end of a cable was set to: where one is down, or where it can be changed
  const ends = [[c[0], c[1]], [c[2], c[3]]].map(([id, name]) => ({ id, name, up: !downs.has(`${id} ${name}`) }));
  return map && (map.control || ends.some(e => !e.up)) ? ends.map(e => {
    const row = made('small', '', e.up ? 'end' : 'end down');
    row.append(plain(join(nameOf(e.id), e.name)), ' · ', say(e.up ? 'up' : 'down'));
    if (map.control) row.append(switching(e, e.id, join(nameOf(e.id), e.name)));
    return row;
  }) : [];
}
const amount = n => { for (const [size, unit] of [[2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [2 ** 10, 'KiB']]) if (n >= size) return `${(n / size).toPrecision(3)} ${unit}`; return `${n} B`; };
function device(l, id) {
  const out = [made('code', join(l.name, l.kind && `(${l.kind})`, l.mac !== '00:00:00:00:00:00' && l.mac, l.mtu && `mtu ${l.mtu}`))], c = l.counters;
  const state = made('small', join(l.up ? say('up') : say('down'), !['up', 'unknown', undefined].includes(l.state) && (l.up || l.state !== 'down') && `(${l.state})`, l.master && `· ${l.master}`, ...(l.altnames || []), l.alias && `“${l.alias}”`, l.lost && `· ${l.lost}`), l.up ? '' : 'down');
  out.push(state);
  if (map.control && !(id === map.here && l.name === 'lo')) out.push(switching(l, id));
  if (l.peer || l.lower) { const s = made('small'), end = l.peer || l.lower; s.append(l.peer ? '⇄ ' : '↓ ', to(end[0], nameOf(end[0])), ` ${plain(end[1])}`); out.push(s); }
  if (c) out.push(made('small', `${say('received')} ${amount(c.rx_bytes || 0)}, ${say('sent')} ${amount(c.tx_bytes || 0)}` + (c.rx_errors || c.tx_errors || c.rx_dropped || c.tx_dropped ? ` · ${(c.rx_errors || 0) + (c.tx_errors || 0)} errors, ${(c.rx_dropped || 0) + (c.tx_dropped || 0)} dropped` : '')));
  if (l.options && l.options.length) out.push(made('small', l.options.map(([k, v]) => `${k} ${v}`).join(', ')));
  return out;
}
async function space(id) {
  let s;
  try {
    const answer = await fetch(`space?id=${encodeURIComponent(id)}`);
    if (!answer.ok) { over(answer.status); return [made('h2', nameOf(id)), made('p', say('lost'))]; }
    s = await answer.json();
  } catch { return [made('h2', nameOf(id)), made('p', say('off'))]; }
  return [
    made('h2', s.name || id), made('p', join(`net:[${s.inode || id}]`, s.forwarding && `· ${say('forwarding')}`)), ...(s.why ? [made('p', `${s.state}: ${s.why}`)] : []),
    ...listed('owners', s.owners, TEXTS.owners),
    ...listed('names', s.names, TEXTS.names),
    ...listed('addresses', (s.addresses || []).sort((a, b) => (a.scope === 'link') - (b.scope === 'link')), TEXTS.addresses),
    ...listed('published', s.published, TEXTS.published),
    ...listed('listeners', s.listeners, TEXTS.listeners),
    ...listed('links', s.links, l => device(l, id)),
    ...listed('routes', s.routes, TEXTS.routes),
    ...listed('rules', s.rules, r => join(`${r.priority || 0}:`, `from ${r.source || 'all'}`, r.destination && `to ${r.destination}`, r.iif && `iif ${r.iif}`, r.table && `lookup ${r.table}`, r.action !== 'lookup' && r.action)),
    ...listed('nat', s.nat, TEXTS.nat),
    ...listed('chains', s.chains, c => join(c.table, c.name, `(${c.hook} ${c.type || 'filter'}, ${c.policy || 'accept'}, ${c.rules || 0})`)),
    ...listed('neighbours', (s.neighbours || []).filter(n => n.address || !(parseInt(n.lladdr, 16) & 1)), n => join(n.address, n.lladdr, n.link, n.state)),
    ...listed('holders', s.holders, h => join(TEXTS.holders(h), h.elsewhere && say('elsewhere'))),
  ];
}

// -- setting a device up or down: only where the server was started for it, and only after a question ----------------------
let order = null;
function switching(l, id, called = l.name) {
  const b = made('button', say(l.up ? 'setDown' : 'setUp'), 'set');
  b.type = 'button';
  b.setAttribute('aria-label', `${b.textContent}: ${plain(called)}`);
  b.onclick = () => question({ space: id, link: l.name, up: !l.up });
  return b;
}
function question(wanted) {
  order = wanted;
  const names = { link: wanted.link, space: nameOf(wanted.space) };
  $('question').textContent = plain(say(wanted.up ? 'askUp' : 'askDown').replace(/\{(\w+)\}/g, (_, name) => names[name]));
  $('note').textContent = wanted.space === map.here && !wanted.up ? say('ownDevice') : '';
  $('refusal').textContent = '';
  $('yes').disabled = $('yes').hidden = false;
  $('ask').showModal();
}
async function confirmed() {
  $('yes').disabled = true;
  const wanted = order;
  let refusal;
  try {
    const answer = await fetch('control', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(wanted) });
    refusal = answer.ok ? '' : await answer.text();
  } catch { refusal = say('off'); }
  if (order !== wanted) return;
  if (!refusal) { $('ask').close(); soon(); return; }
  $('refusal').textContent = plain(`${say('undone')}: ${refusal.trim()}`);
  $('yes').hidden = true;
}
$('yes').onclick = confirmed; $('no').onclick = () => $('ask').close();

function pick(g) {
  if (g.classList.contains('line')) { choose({ ids: new Set(map.lines[g.dataset.at].cables.flatMap(c => [c[0], c[2]])), line: map.lines[g.dataset.at] }); return; }
  const members = map.boxes[g.id].members;
  if (members.length > 1) toggle(members);
  choose({ ids: new Set(members) });
}
function toggle(members) {
  const is = members.some(m => opened.has(m));
  for (const m of members) opened.delete(m);
  if (!is) opened.add(members[0]);
  load();
}
picture.addEventListener('click', e => {
  if (moving.dragged()) return;
  const g = e.target.closest('g.box, g.line');
  if (g) pick(g); else choose(null);
});

// -- searching --------------------------------------------------------------------------------------------------------
const matching = (g, wanted) => map.boxes[g.id].members.filter(m => (map.words[m] || '').includes(wanted));
const finding = finder(search, $('hits'), wanted => map ? [...view.querySelectorAll('g.box')].filter(g => matching(g, wanted).length) : [],
  hits => { for (const g of view.querySelectorAll('g.box')) g.classList.toggle('found', hits.has(g)); },
  (g, wanted) => {
    choose({ ids: new Set(matching(g, wanted)) });
    const b = g.getBBox(), m = g.transform.baseVal.consolidate().matrix;
    moving.centre(m.e + b.x + b.width / 2, m.f + b.y + b.height / 2);
  });

// -- buttons and keys -------------------------------------------------------------------------------------------------
const cycle = () => paint(after(theme));
const groups = () => { opened = opened.has('all') ? new Set() : new Set(['all']); moving.loosen(); load(); };
const changes = () => { $('changes').hidden = !$('changes').hidden; $('log').setAttribute('aria-expanded', !$('changes').hidden); };
const turn = () => { language = language === 'en' ? 'zh' : 'en'; kept.set('language', language); speak(); if (chosen) details(); };
$('theme').onclick = cycle; $('groups').onclick = groups; $('fit').onclick = moving.fit; $('log').onclick = changes; $('trouble').onclick = () => choose({ ids: new Set(), problems: true }); $('language').onclick = turn;
$('in').onclick = moving.larger; $('out').onclick = moving.smaller;
const KEYS = { ...moving.keys, '/': () => search.focus(), o: groups, c: changes, t: cycle };
document.addEventListener('keydown', e => {
  if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey || $('ask').open) return;
  if (e.key === 'Escape') { finding.clear(); choose(null); return; }
  if (e.target === search || panel.contains(e.target)) return;
  const g = e.target.closest && e.target.closest('g.box, g.line');
  if (g && (e.key === 'Enter' || e.key === ' ')) { e.preventDefault(); pick(g); return; }
  if (KEYS[e.key]) { e.preventDefault(); KEYS[e.key](); }
});

paint(theme); speak(); listen();
