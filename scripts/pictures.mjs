// Draws docs/images/*.svg: the flow, the states of an application, the life of its secrets.
//
//   node scripts/pictures.mjs [--check]
//
// --check: fails if a picture is not what would be drawn.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { instance } from '@viz-js/viz';

const IMAGES = fileURLToPath(new URL('../docs/images/', import.meta.url));
const FONT = 'Helvetica, Arial, sans-serif';

/** One picture for light and dark pages: it asks the reader's browser. */
const STYLE = `<style>
svg { --paper: #ffffff; --ink: #1f2328; --faint: #59636e; --line: #818b98; --box: #f6f8fa;
  --aws: #ddf4ff; --aws-line: #0969da; --amazon: #fff8c5; --amazon-line: #9a6700; --yours: #dafbe1; --yours-line: #1a7f37;
  --bad: #ffebe9; --bad-line: #cf222e; }
@media (prefers-color-scheme: dark) {
  svg { --paper: #0d1117; --ink: #f0f6fc; --faint: #9198a1; --line: #6e7681; --box: #151b23;
    --aws: #0c2d6b; --aws-line: #4493f8; --amazon: #4b2900; --amazon-line: #d29922; --yours: #033a16; --yours-line: #3fb950;
    --bad: #490202; --bad-line: #f85149; }
}
text { font-family: ${FONT}; fill: var(--ink); }
.paper { fill: var(--paper); }
.node path, .node polygon, .node ellipse { fill: var(--box); stroke: var(--line); }
.aws path, .aws polygon, .aws ellipse, rect.aws { fill: var(--aws); stroke: var(--aws-line); }
.amazon path, .amazon polygon, rect.amazon { fill: var(--amazon); stroke: var(--amazon-line); }
.yours path, .yours polygon, rect.yours { fill: var(--yours); stroke: var(--yours-line); }
.bad path, .bad polygon, rect.bad { fill: var(--bad); stroke: var(--bad-line); }
.cluster path, .cluster polygon { fill: none; stroke: var(--line); stroke-dasharray: 4 4; }
.cluster text, .edge text, text.faint { fill: var(--faint); }
.edge path { fill: none; stroke: var(--line); }
.edge polygon { fill: var(--line); stroke: var(--line); }
line { stroke: var(--line); }
line.mark { stroke: var(--bad-line); stroke-dasharray: 5 4; }
line.turn { stroke: var(--aws-line); stroke-dasharray: 5 4; }
rect { stroke-width: 1; }
rect.spent { fill: none; stroke: var(--line); stroke-dasharray: 4 4; }
</style>`;

const DEFAULTS = `
  bgcolor=transparent pad=0.2 fontname="Helvetica" fontsize=13 nodesep=0.35 ranksep=0.55
  node [shape=box style="rounded,filled" fontname="Helvetica" fontsize=13 margin="0.18,0.1"]
  edge [fontname="Helvetica" fontsize=11 arrowsize=0.7]`;

const FLOW = `digraph {
  rankdir=LR ${DEFAULTS}
  subgraph cluster_hub {
    label="SpApiSecretRotation, in your account" style=rounded
    schedule [label="Scheduler\\nevery hour" class=aws]
    rotate [label="rotate function\\nlooks, decides, asks" class=aws]
    queue [label="notification queue" class=aws]
    store [label="store function\\nverifies, installs" class=aws]
    secret [label="Secrets Manager\\nAWSPENDING → AWSCURRENT" class=aws]
    dead [label="dead-letter queue" class=bad]
    unclaimed [label="unclaimed queue" class=bad]
    bus [label="EventBridge" class=aws]
    alarms [label="alarms" class=bad]
  }
  subgraph cluster_amazon {
    label="Amazon" style=rounded
    lwa [label="Login with Amazon" class=amazon]
    api [label="Selling Partner API" class=amazon]
  }
  application [label="your application" class=yours]
  consumers [label="your consumers" class=yours]
  people [label="people" class=yours]

  schedule -> rotate
  people -> rotate [label="status · check · rotate"]
  rotate -> lwa [label="token"]
  rotate -> api [label="POST clientSecret"]
  api -> queue [label="new secret, once" ]
  queue -> store
  store -> lwa [label="does it accept\\nthe new secret?"]
  store -> secret [label="stage, then promote"]
  store -> unclaimed [label="another client id"]
  queue -> dead [label="after 20 receives"]
  store -> bus [label="rotated · expiring"]
  bus -> rotate [label="expiring" constraint=false]
  bus -> consumers
  rotate -> alarms [label="metrics"]
  secret -> application [label="reads AWSCURRENT"]
}`;

const STATES = `digraph {
  rankdir=TB ${DEFAULTS}
  seed [label="not-seeded\\nno value in the secret" class=bad]
  healthy [label="healthy" class=yours]
  due [label="due\\nrotateAfter, or 30 days to expiry" class=aws]
  requested [label="requested\\nAmazon said 204, or nothing clear" class=aws]
  pending [label="staged as AWSPENDING\\nuntil LWA accepts it" class=aws]
  promoted [label="promoted\\nAWSCURRENT, and 7 days of overlap" class=yours]
  failed [label="failed\\nrefused: nothing was rotated" class=bad]
  stalled [label="stalled\\nnothing came for an hour" class=bad]
  person [label="left to a person" class=bad]

  seed -> healthy [label="a person seeds it"]
  healthy -> due [label="time, or a notice of expiry"]
  due -> requested [label="guards and preflight passed: one POST"]
  due -> failed [label="refused"]
  failed -> due [label="again after 1 h, 1 h, 6 h, then daily" constraint=false]
  requested -> pending [label="message arrives"]
  requested -> stalled [label="1 hour"]
  stalled -> pending [label="message arrives after all"]
  stalled -> requested [label="again after 72 h and 120 h" constraint=false]
  stalled -> person [label="three attempts"]
  pending -> promoted [label="LWA accepts"]
  promoted -> healthy [label="7 days later, the old secret dies"]
  healthy -> pending [label="a secret that nobody here asked for" constraint=false]
}`;

const viz = await instance();
const pictures = {
  'flow.svg': drawn(
    FLOW,
    'How a client secret is renewed: scheduler, rotate function, Amazon, queue, store function, Secrets Manager',
  ),
  'states.svg': drawn(
    STATES,
    'The states of an application: healthy, due, requested, staged, promoted, and the ways out of trouble',
  ),
  'life.svg': life(),
};

let isDifferent = false;
for (const [name, svg] of Object.entries(pictures)) {
  const file = path.join(IMAGES, name);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, svg);
  } else if (readFileSync(file, 'utf8') !== svg) {
    console.error(`docs/images/${name} is not what would be drawn: run npm run docs:pictures`);
    isDifferent = true;
  }
}
process.exitCode = isDifferent ? 1 : 0;

function drawn(graph, title) {
  const svg = viz.renderString(graph, { format: 'svg', engine: 'dot' });
  return framed(
    svg
      .slice(svg.indexOf('<svg'))
      // Titles of nodes and edges are names in the source, which readers would see as tool tips.
      .replaceAll(/<title>[^<]*<\/title>\n?/g, '')
      .replaceAll(/<!--[^]*?-->\n?/g, '')
      .replaceAll(/ font-family="[^"]*"/g, '')
      .replace(/width="(\d+)pt" height="(\d+)pt"/, 'width="$1" height="$2"'),
    title,
  );
}

function framed(svg, title) {
  const end = svg.indexOf('>', svg.indexOf('<svg')) + 1;
  return `${svg.slice(0, end).replace('<svg', `<svg role="img" aria-label="${title}"`)}
<title>${title}</title>
${STYLE}
<rect class="paper" x="-10000" y="-10000" width="20000" height="20000"/>
${svg.slice(end).trim()}
`;
}

/** Three secrets of one application over 200 days, with rotateAfter at its default. */
function life() {
  const [width, left, perDay, top, row] = [1000, 110, 3.9, 92, 66];
  const x = (day) => left + day * perDay;
  const parts = [];
  const text = (at, y, words, { faint = false, anchor = 'start', size = 13, weight = 400 } = {}) =>
    parts.push(
      `<text x="${at}" y="${y}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}"${faint ? ' class="faint"' : ''}>${words}</text>`,
    );
  const bar = (kind, from, to, index, words) => {
    const y = top + index * row;
    parts.push(`<rect class="${kind}" x="${x(from)}" y="${y}" width="${(to - from) * perDay}" height="30" rx="4"/>`);
    if (words !== '') {
      text(x(from) + 8, y + 20, words);
    }
  };
  const vertical = (kind, day, from, to) =>
    parts.push(`<line class="${kind}" x1="${x(day)}" x2="${x(day)}" y1="${from}" y2="${to}"/>`);
  const bottom = top + 3 * row;

  for (const [day, words] of [
    [90, 'rotation'],
    [180, 'rotation'],
  ]) {
    vertical('turn', day, top - 24, bottom);
    text(x(day), top - 32, words, { anchor: 'middle', weight: 600 });
  }
  for (const day of [97, 187]) {
    vertical('mark', day, top - 10, bottom);
  }
  for (const [index, name] of ['secret 1', 'secret 2', 'secret 3'].entries()) {
    text(left - 16, top + index * row + 20, name, { anchor: 'end', weight: 600 });
  }
  bar('yours', 0, 90, 0, 'AWSCURRENT');
  bar('amazon', 90, 97, 0, '');
  bar('spent', 97, 180, 0, 'AWSPREVIOUS, no longer works');
  text(x(97) + 8, top + 48, '7 days in which both work', { faint: true, size: 12 });
  bar('yours', 90, 180, 1, 'AWSCURRENT');
  bar('amazon', 180, 187, 1, '');
  bar('spent', 187, 218, 1, '');
  bar('yours', 180, 218, 2, 'AWSCURRENT');
  text(x(90) - 8, top + row + 20, 'AWSPENDING for seconds, until LWA accepts it', {
    anchor: 'end',
    faint: true,
    size: 12,
  });

  parts.push(`<line x1="${x(0)}" x2="${x(218)}" y1="${bottom}" y2="${bottom}"/>`);
  for (const day of [0, 30, 60, 90, 97, 120, 150, 180, 187]) {
    vertical('tick', day, bottom, bottom + 6);
    if (day !== 187 && day !== 97) {
      text(x(day), bottom + 22, `day ${day}`, { anchor: 'middle', faint: true, size: 12 });
    }
  }
  text(x(97), bottom + 44, 'day 97: secret 1 dies, 7 days after its rotation', { anchor: 'middle', size: 12 });
  text(x(180), bottom + 44, 'day 180: without a rotation, secret 1', { anchor: 'middle', size: 12 });
  text(x(180), bottom + 60, 'would die now, and every call with it', { anchor: 'middle', size: 12 });
  text(left, 30, 'The life of an application’s client secrets, with rotateAfter at its default of 90 days', {
    size: 15,
    weight: 600,
  });

  const height = bottom + 80;
  return framed(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">\n${parts.join('\n')}\n</svg>`,
    'The life of client secrets: a new one every 90 days, 7 days in which both work, and the 180 days after which a secret dies',
  );
}
