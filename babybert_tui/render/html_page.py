"""The frame, the style and the script of the page that `html.py` writes.

The script reads data and sets text; it never sets markup, so nothing in a token can act.
"""

from string import Template

PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>$style</style>
</head>
<body>
<header><h1>$title</h1><p id="facts"></p></header>
<section id="strip" aria-label="Tokens"></section>
<main>
<div id="stage">
<p id="controls">
<label>Layer <select id="layer"></select></label>
<label>Head <select id="head"></select></label>
<label>Colours <select id="scale"><option value="global">0 to the largest weight of this map</option>
<option value="row">0 to each query's largest</option><option value="log">logarithmic</option></select></label>
<span id="label"></span>
</p>
<p id="readout" aria-live="polite"></p>
<canvas id="map" tabindex="0" aria-label="Attention map: rows are queries, columns are keys"></canvas>
<div id="legend"></div>
<p id="precision"></p>
</div>
<aside><p id="gridcaption"></p><canvas id="grid" aria-label="All heads"></canvas>
<section id="predictions" aria-label="Predictions"></section></aside>
</main>
<noscript>This page draws its maps with JavaScript, from the data that it contains.</noscript>
<script type="application/json" id="data">$data</script>
$maps
<script>$script</script>
</body>
</html>
""")

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1a1a1f; --faint: #66666f; --line: #d8d8de;
  --a: #dbe9f8; --a-ink: #123f72; --b: #fbe6d0; --b-ink: #763a08; --s: #e8e8ec; --s-ink: #4a4a52;
  --m: #f7d9ee; --m-ink: #86126a; --u: #fadcda; --u-ink: #8f1d1a; --bar: #2e84d6; --mark: #1a1a1f; }
@media (prefers-color-scheme: dark) { :root { --paper: #14141a; --ink: #ececf1; --faint: #a0a0ac; --line: #3a3a44;
  --a: #1c3a5e; --a-ink: #cfe4fa; --b: #5a3312; --b-ink: #fde3c8; --s: #3a3a42; --s-ink: #d8d8de;
  --m: #6a1c56; --m-ink: #fbdcf2; --u: #6b1f1d; --u-ink: #fddedd; --mark: #fff; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 20px 24px 40px; background: var(--paper); color: var(--ink);
  font: 14px/1.45 system-ui, sans-serif; }
h1 { font-size: 19px; margin: 0; } header p, aside p, #precision { color: var(--faint); margin: 2px 0 10px; }
#strip { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 13px; max-height: 22vh; overflow: auto;
  margin: 6px 0 14px; }
#strip span { display: inline-block; margin: 2px 4px 2px 0; padding: 1px 5px; border-radius: 4px; cursor: pointer;
  unicode-bidi: isolate; border: 2px solid transparent; white-space: pre; }
#strip small { opacity: .75; margin-left: 5px; }
.SEGMENT_A { background: var(--a); color: var(--a-ink); } .SEGMENT_B { background: var(--b); color: var(--b-ink); }
.SPECIAL { background: var(--s); color: var(--s-ink); } .MASKED { background: var(--m); color: var(--m-ink); }
.UNKNOWN { background: var(--u); color: var(--u-ink); }
#strip .query { border-color: var(--mark); }
#strip .key { border-color: var(--mark); border-style: dashed; }
main { display: flex; gap: 36px; align-items: flex-start; }
@media (max-width: 1000px) { main { flex-direction: column; } }
#stage { overflow: auto; max-width: 100%; min-width: 0; } aside { flex: none; }
#controls { display: flex; flex-wrap: wrap; gap: 14px; margin: 0 0 8px; }
#label { font-weight: 600; } #readout { font: 13px ui-monospace, Menlo, Consolas, monospace; margin: 0 0 8px;
  min-height: 1.5em; unicode-bidi: plaintext; }
canvas { display: block; outline-offset: 3px; } #grid { cursor: pointer; }
#legend { display: flex; gap: 8px; align-items: center; margin: 10px 0 4px; color: var(--faint); }
#legend i { display: block; width: 220px; height: 11px; }
#predictions { margin-top: 22px; min-width: 300px; } #predictions h2 { font-size: 14px; margin: 12px 0 4px; }
.p { display: grid; grid-template-columns: 110px 52px 1fr; gap: 8px; align-items: center;
  font: 13px ui-monospace, Menlo, Consolas, monospace; }
.p b { display: block; height: 11px; background: var(--bar); } .p.true b { background: #28965a; }
.p.true { font-weight: 700; }
"""

SCRIPT = r"""
'use strict';
const D = JSON.parse(document.getElementById('data').textContent);
const $ = id => document.getElementById(id);
const n = D.tokens.length;
const dark = matchMedia('(prefers-color-scheme: dark)');
const ramp = () => dark.matches ? D.dark : D.light;
const state = { layer: D.layers[0], head: D.heads[0], query: -1, key: -1, weights: null, largest: 1 };
const cell = Math.max(1, Math.min(30, Math.floor(720 / n)));
const named = cell >= 9;
const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
const pixels = Math.max(1, window.devicePixelRatio || 1);

function colourOf(position) { return ramp()[Math.max(0, Math.min(255, Math.round(position * 255)))]; }
function number(weight) {
  if (weight === 0) return D.linear ? '0' : 'less than ' + D.floor;
  return weight < 0.001 ? weight.toExponential(2) : weight.toFixed(4);
}
function label(position) { return D.tokens[position] + ' (' + position + ')'; }

function decode(raw) {
  const weights = new Float32Array(n * n);
  if (D.linear) {
    const view = new DataView(raw.buffer, raw.byteOffset);
    for (let i = 0; i < weights.length; i++) weights[i] = view.getUint16(2 * i, true) / 65535;
  } else {
    const table = Float32Array.from({ length: 256 }, (_, step) => step ? D.floor ** (1 - (step - 1) / 254) : 0);
    for (let i = 0; i < weights.length; i++) weights[i] = table[raw[i]];
  }
  return weights;
}

async function unpack(layer, head) {
  const packed = bytes($('m' + layer + '-' + head).textContent);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
  return decode(new Uint8Array(await new Response(stream).arrayBuffer()));
}

async function choose(layer, head) {
  state.layer = layer; state.head = head;
  const weights = await unpack(layer, head);
  if (state.layer !== layer || state.head !== head) return;
  state.weights = weights;
  state.largest = weights.reduce((a, b) => Math.max(a, b), 0) || 1;
  $('layer').value = layer; $('head').value = head;
  $('label').textContent = D.labels[layer + '-' + head] || '';
  drawMap(); drawGrid(); tell();
}

function positions() {
  const kind = $('scale').value, w = state.weights, out = new Float32Array(n * n);
  for (let q = 0; q < n; q++) {
    let top = state.largest;
    if (kind === 'row') { top = 0; for (let k = 0; k < n; k++) top = Math.max(top, w[q * n + k]); top = top || 1; }
    for (let k = 0; k < n; k++) {
      const v = w[q * n + k];
      out[q * n + k] = kind === 'log' ? 1 + Math.log10(Math.max(v, D.floor)) / -Math.log10(D.floor) : v / top;
    }
  }
  return out;
}

let margin = 0, surface = null;
function drawMap() {
  const canvas = $('map'), at = positions();
  const context = canvas.getContext('2d');
  context.font = '12px ui-monospace, Menlo, Consolas, monospace';
  const longest = D.tokens.reduce((a, t) => Math.max(a, context.measureText(t.slice(0, 16)).width), 0);
  margin = named ? Math.ceil(longest) + 34 : 34;
  const side = margin + n * cell + 2;
  canvas.width = side * pixels; canvas.height = side * pixels;
  canvas.style.width = canvas.style.height = side + 'px';
  context.setTransform(pixels, 0, 0, pixels, 0, 0);
  const small = new OffscreenCanvas(n, n), inner = small.getContext('2d'), image = inner.createImageData(n, n);
  const table = ramp().map(hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16)));
  for (let i = 0; i < n * n; i++) {
    const rgb = table[Math.max(0, Math.min(255, Math.round(at[i] * 255)))];
    image.data.set([rgb[0], rgb[1], rgb[2], 255], 4 * i);
  }
  inner.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, margin, margin, n * cell, n * cell);
  const style = getComputedStyle(document.body);
  context.strokeStyle = '#9a9aa6'; context.strokeRect(margin - .5, margin - .5, n * cell + 1, n * cell + 1);
  context.font = Math.min(12, Math.max(8, cell)) + 'px ui-monospace, Menlo, Consolas, monospace';
  context.fillStyle = style.color; context.textBaseline = 'middle';
  const step = named ? 1 : Math.ceil(28 / cell);
  for (let i = 0; i < n; i += step) {
    const middle = margin + (i + .5) * cell, text = named ? D.tokens[i].slice(0, 16) + ' ' + i : String(i);
    context.textAlign = 'right'; context.fillText(text, margin - 5, middle);
    context.save(); context.translate(middle, margin - 5); context.rotate(-Math.PI / 2);
    context.textAlign = 'left'; context.fillText(named ? i + ' ' + D.tokens[i].slice(0, 16) : text, 0, 0);
    context.restore();
  }
  surface = context.getImageData(0, 0, canvas.width, canvas.height);
  drawLegend();
}

function drawLegend() {
  const kind = $('scale').value, bar = document.createElement('i'), stops = [];
  for (let i = 0; i <= 16; i++) stops.push(colourOf(i / 16));
  bar.style.background = 'linear-gradient(to right,' + stops.join(',') + ')';
  const low = kind === 'log' ? String(D.floor) : '0';
  const high = kind === 'log' ? '1' : kind === 'row' ? "each query's largest" : number(state.largest);
  $('legend').replaceChildren(low, bar, high);
}

function tell() {
  const { query: q, key: k, weights: w } = state;
  if (surface) $('map').getContext('2d').putImageData(surface, 0, 0);
  document.querySelectorAll('#strip span').forEach((chip, i) => {
    chip.classList.toggle('query', i === q); chip.classList.toggle('key', i === k);
  });
  if (q < 0 || k < 0 || !w) {
    const help = 'Point at a cell for its query, key and weight. Arrows move; h H l L change head and layer.';
    $('readout').textContent = help;
    return;
  }
  $('readout').textContent = 'query ' + label(q) + ' → key ' + label(k) + '   α = ' + number(w[q * n + k]);
  const context = $('map').getContext('2d');
  context.strokeStyle = getComputedStyle(document.body).color; context.lineWidth = 1.5;
  context.strokeRect(margin, margin + q * cell - .5, n * cell, cell + 1);
  context.strokeRect(margin + k * cell - .5, margin, cell + 1, n * cell);
}

const thumbs = bytes(D.thumbnails), ts = D.thumbnailSide;
const thumb = Math.max(2, Math.min(6, Math.floor(460 / (D.heads.length * (ts + 2))))), pitch = ts * thumb + 5;
function drawGrid() {
  const canvas = $('grid'), context = canvas.getContext('2d');
  const width = 34 + D.heads.length * pitch, height = 20 + D.layers.length * pitch;
  canvas.width = width * pixels; canvas.height = height * pixels;
  canvas.style.width = width + 'px'; canvas.style.height = height + 'px';
  context.setTransform(pixels, 0, 0, pixels, 0, 0);
  context.font = '11px system-ui, sans-serif'; context.fillStyle = getComputedStyle(document.body).color;
  D.heads.forEach((head, j) => context.fillText('H' + head, 34 + j * pitch, 12));
  D.layers.forEach((layer, i) => {
    context.fillStyle = getComputedStyle(document.body).color;
    context.fillText('L' + layer, 2, 20 + i * pitch + 12);
    D.heads.forEach((head, j) => {
      const start = (i * D.heads.length + j) * ts * ts, x = 34 + j * pitch, y = 20 + i * pitch;
      for (let c = 0; c < ts * ts; c++) {
        context.fillStyle = colourOf(thumbs[start + c] / 255);
        context.fillRect(x + (c % ts) * thumb, y + Math.floor(c / ts) * thumb, thumb, thumb);
      }
      if (layer === state.layer && head === state.head) {
        context.strokeStyle = '#e0218a'; context.lineWidth = 2;
        context.strokeRect(x - 1.5, y - 1.5, ts * thumb + 3, ts * thumb + 3);
      }
    });
  });
}

function element(name, text, kind) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function drawPredictions() {
  const box = $('predictions');
  if (D.isNext !== null) {
    box.append(element('h2', 'P(B follows A)'), row('', D.isNext, false));
  }
  for (const found of D.predictions) {
    const was = found.original === null ? 'typed mask' : 'was ' + found.original + ', rank ' + found.rank;
    box.append(element('h2', 'Position ' + found.position + ': ' + was));
    for (const [token, p] of found.top) box.append(row(token, p, token === found.original));
    if (found.original !== null && !found.top.some(one => one[0] === found.original))
      box.append(row(found.original, found.probability, true));
  }
}

function row(token, p, isTrue) {
  const line = element('div', undefined, isTrue ? 'p true' : 'p'), bar = element('b');
  bar.style.width = (100 * p).toFixed(2) + '%';
  line.append(element('bdi', token), element('span', p.toFixed(3)), bar);
  return line;
}

function step(list, value, by) { return list[Math.max(0, Math.min(list.length - 1, list.indexOf(value) + by))]; }
function move(dq, dk) {
  const clamp = v => Math.max(0, Math.min(n - 1, v));
  state.query = clamp(Math.max(0, state.query) + dq); state.key = clamp(Math.max(0, state.key) + dk); tell();
}

D.tokens.forEach((token, i) => {
  const chip = element('span', token, D.roles[i]);
  chip.title = 'position ' + i;
  if (D.fates[i]) chip.append(element('small', D.fates[i]));
  chip.onclick = () => { state.query = i; if (state.key < 0) state.key = 0; tell(); };
  $('strip').append(chip);
});
for (const layer of D.layers) $('layer').append(new Option(layer, layer));
for (const head of D.heads) $('head').append(new Option(head, head));
$('facts').textContent = n + ' tokens, ' + D.layers.length + ' × ' + D.heads.length
  + ' heads. Rows are queries, columns are keys.';
$('gridcaption').textContent = 'Layers by heads, colours 0 to 1' + (ts < n ? '; pooled to ' + ts + ' by ' + ts : '');
$('precision').textContent = D.linear ? 'Weights in this page are rounded to 1/65535.'
  : 'To keep this page small, its weights are rounded to within 2.3 %; those below ' + D.floor + ' are not told apart.';
$('layer').onchange = $('head').onchange = () => choose(+$('layer').value, +$('head').value);
$('scale').onchange = () => { drawMap(); tell(); };
$('map').onmousemove = event => {
  const q = Math.floor((event.offsetY - margin) / cell), k = Math.floor((event.offsetX - margin) / cell);
  if (q >= 0 && k >= 0 && q < n && k < n) { state.query = q; state.key = k; } else { state.query = state.key = -1; }
  tell();
};
$('grid').onclick = event => {
  const i = Math.floor((event.offsetY - 20) / pitch), j = Math.floor((event.offsetX - 34) / pitch);
  if (D.layers[i] !== undefined && D.heads[j] !== undefined) choose(D.layers[i], D.heads[j]);
};
document.onkeydown = event => {
  if (event.target.tagName === 'SELECT' || event.ctrlKey || event.metaKey || event.altKey) return;
  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  if (moves[event.key]) { move(...moves[event.key]); event.preventDefault(); }
  else if (event.key === 'h') choose(state.layer, step(D.heads, state.head, 1));
  else if (event.key === 'H') choose(state.layer, step(D.heads, state.head, -1));
  else if (event.key === 'l') choose(step(D.layers, state.layer, 1), state.head);
  else if (event.key === 'L') choose(step(D.layers, state.layer, -1), state.head);
};
dark.onchange = () => { drawMap(); drawGrid(); tell(); };
drawPredictions();
if (typeof DecompressionStream === 'undefined')
  $('readout').textContent = 'This browser cannot unpack the data; any from 2023 or later can.';
else choose(state.layer, state.head);
"""
