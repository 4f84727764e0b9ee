// A picture of the dashboard in a healthy year: its widgets as they are synthesized, with the rotations of the demo.
const UNIT = { x: 34, y: 24 };
const DAY = 86_400_000;
const YEAR = 365;
const LIFETIME_DAYS = 180;
const TITLE =
  'The dashboard in a healthy year: alarms, days until the first client secret expires, rotations, messages, functions';

/**
 * @param style of all pictures
 * @param widgets of the dashboard
 * @param rotations of the demo: when each was requested
 */
export function dashboardPicture(style, widgets, rotations) {
  const start = Date.parse(rotations[0].requestedAt);
  const days = rotations
    .map(({ requestedAt }) => Math.round((Date.parse(requestedAt) - start) / DAY))
    .filter((day) => day <= YEAR);
  // Without the links, which only a deployment knows.
  const shown = widgets.filter(({ type }) => type !== 'text');
  const top = Math.min(...shown.map(({ y }) => y));
  const height = Math.max(...shown.map((widget) => (widget.y - top + widget.height) * UNIT.y)) + 8;
  const width = 24 * UNIT.x + 8;
  return `<svg role="img" aria-label="${TITLE}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" xmlns="http://www.w3.org/2000/svg">
<title>${TITLE}</title>
<style>
${style}
text { font-size: 12px; }
text.title { font-weight: bold; }
polyline { fill: none; stroke: var(--aws-line); stroke-width: 2; }
.window { fill: var(--box); stroke: var(--line); }
line.mark { stroke-width: 1; }
</style>
<rect class="paper" width="${width}" height="${height}"/>
${shown.map((widget) => drawn(widget, top, days)).join('\n')}
</svg>
`;
}

function drawn({ type, x, y, width, height, properties }, top, days) {
  const box = { x: x * UNIT.x + 4, y: (y - top) * UNIT.y + 4, width: width * UNIT.x - 6, height: height * UNIT.y - 6 };
  const content = { alarm: alarms, metric: graph, log: () => text(box, 14, 50, 'nothing', 'faint') }[type];
  return `<rect class="window" x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}"/>
${text(box, 12, 19, properties.title, 'title')}
${content(box, properties, days)}`;
}

function alarms(box, properties) {
  const width = (box.width - 24) / properties.alarms.length;
  return properties.alarms
    .map(
      (_, index) =>
        `<rect class="yours" x="${(box.x + 12 + index * width).toFixed(1)}" y="${box.y + 30}" width="${(width - 6).toFixed(1)}" height="22" rx="3"/>
${text(box, 12 + (index + 0.5) * width - 11, 45, 'OK', 'plain')}`,
    )
    .join('\n');
}

function graph(box, { title, metrics, annotations }, days) {
  const area = { left: box.x + 12, right: box.x + box.width - 12, top: box.y + 34, bottom: box.y + box.height - 30 };
  const across = (day) => (area.left + ((area.right - area.left) * day) / YEAR).toFixed(1);
  const up = (part) => (area.bottom - (area.bottom - area.top) * part).toFixed(1);
  const lines = (annotations?.horizontal ?? []).map(
    ({ value }) =>
      `<line class="mark" x1="${area.left}" x2="${area.right}" y1="${up(value / LIFETIME_DAYS)}" y2="${up(value / LIFETIME_DAYS)}"/>`,
  );
  const points = title.startsWith('Days')
    ? days.flatMap((day, index) => {
        const end = days[index + 1] ?? YEAR;
        return [`${across(day)},${up(1)}`, `${across(end)},${up(1 - (end - day) / LIFETIME_DAYS)}`];
      })
    : title === 'Rotations'
      ? [0, ...days.flatMap((day) => [day, day, day]), YEAR].map(
          (day, index) => `${across(day)},${up(index % 3 === 2 ? 0.8 : 0)}`,
        )
      : [`${across(0)},${up(0)}`, `${across(YEAR)},${up(0)}`];
  const named = [
    ...metrics.map((metric) => metric.at(-1).label ?? metric[1]),
    ...(annotations?.horizontal ?? []).map(({ label, value }) => `${label}: ${value}`),
  ];
  return `${lines.join('\n')}<polyline points="${points.join(' ')}"/>
${text(box, 12, box.height - 10, [...new Set(named)].slice(0, 3).join(' · '), 'faint')}`;
}

function text(box, x, y, content, kind) {
  return `<text class="${kind}" x="${(box.x + x).toFixed(1)}" y="${box.y + y}">${content}</text>`;
}
