// Pictures of what people see: the demo as a terminal that plays it, the mail of an alarm, the dashboard. What they say comes
// from the demo and from the synthesized stack.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { dashboardPicture } from './dashboard-picture.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COLUMNS = 96;
const LINE = 19;
const SECONDS_A_STEP = 1.6;

/** @returns {Record<string, string>} the pictures by the names of their files */
export function scenes(style) {
  // Each deployment ends the names of its resources with other digits.
  const played = tsx('bin/demo/index.ts', '--json').replaceAll(/-[0-9A-F]{12}\b/g, '-0123456789AB');
  const { steps, rotations } = JSON.parse(played);
  const { widgets } = JSON.parse(tsx('scripts/dashboard-body.ts'));
  return {
    'demo.svg': demo(style, steps),
    'alarm-mail.svg': alarmMail(style),
    'dashboard.svg': dashboardPicture(style, widgets, rotations),
  };
}

function tsx(...parameters) {
  const tool = path.join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs');
  return execFileSync(process.execPath, [tool, ...parameters], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function demo(style, steps) {
  if (steps.some(({ passed }) => !passed)) {
    throw new Error('the demo fails: run npm run demo');
  }
  const lines = [{ text: '$ npm run demo', step: 0 }];
  for (const [index, { chapter, step, result }] of steps.entries()) {
    if (chapter !== steps[index - 1]?.chapter) {
      lines.push({ text: '', step: index }, { text: chapter, kind: 'title', step: index });
    }
    lines.push({ text: `✔ ${step}`, kind: 'done', step: index });
    // The times of the demo differ by what the machine needs.
    for (const text of wrapped(`› ${result.replaceAll(/T[\d:.]+Z/g, '')}`, COLUMNS - 2)) {
      lines.push({ text: `  ${text}`, kind: 'faint', step: index + 0.5 });
    }
  }
  return drawn(
    'A recording of the demo: a client secret rotates, failures do no harm, an alarm goes off and ends',
    style,
    lines,
  );
}

function alarmMail(style) {
  const { name, says } = JSON.parse(tsx('scripts/alarm-mail.ts'));
  const lines = [
    { text: `Subject: ALARM: "${name}" in EU (Ireland)`, kind: 'title' },
    { text: 'From:    AWS Notifications', kind: 'faint' },
    { text: '' },
    ...wrapped(says, COLUMNS).map((text) => ({ text })),
  ];
  return drawn(
    'The mail of an alarm says what is wrong, what to do first, and where the runbook goes on',
    style,
    lines,
  );
}

function wrapped(text, width) {
  // A link may be longer than a line.
  const words = text.split(' ').flatMap((word) => word.match(new RegExp(`.{1,${width}}`, 'g')) ?? []);
  return words.reduce((lines, word) => {
    const last = lines.at(-1);
    return last === undefined || last.length + 1 + word.length > width
      ? [...lines, word]
      : [...lines.slice(0, -1), `${last} ${word}`];
  }, []);
}

function drawn(title, style, lines) {
  const height = lines.length * LINE + 28;
  const rows = lines.map(({ text, kind = 'plain', step }, index) => {
    const delay = step === undefined ? '' : ` style="animation-delay:${(step * SECONDS_A_STEP).toFixed(1)}s"`;
    const moving = step === undefined ? '' : ' step';
    return text === ''
      ? ''
      : `<text class="${kind}${moving}" x="18" y="${index * LINE + 30}"${delay}>${escaped(text)}</text>\n`;
  });
  return `<svg role="img" aria-label="${escaped(title)}" width="820" height="${height}" viewBox="0 0 820 ${height}" xmlns="http://www.w3.org/2000/svg">
<title>${escaped(title)}</title>
<style>
${style}
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; white-space: pre; }
text.title { font-weight: bold; }
text.done { fill: var(--yours-line); }
.step { animation: appear 0.3s both; }
@keyframes appear { from { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { .step { animation: none; } }
.window { fill: var(--box); stroke: var(--line); }
</style>
<rect class="window" x="0.5" y="0.5" width="819" height="${height - 1}" rx="8"/>
${rows.join('')}</svg>
`;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
