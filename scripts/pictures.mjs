// Draws docs/images/*.dot as SVG, and the scenes of scenes.mjs. The first line of a graph is its title, for readers who do
// not see it.
//
//   node scripts/pictures.mjs [--check]
//
// --check: fails if a picture is not what would be drawn.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { instance } from '@viz-js/viz';
import { scenes } from './scenes.mjs';

const IMAGES = fileURLToPath(new URL('../docs/images/', import.meta.url));

/** One picture for light and dark pages: it asks the reader's browser. */
const STYLE = readFileSync(path.join(IMAGES, 'style.css'), 'utf8').trim();

const viz = await instance();
const graphs = readdirSync(IMAGES).filter((name) => name.endsWith('.dot'));
const pictures = {
  ...Object.fromEntries(
    graphs.map((name) => [name.replace(/dot$/, 'svg'), drawn(readFileSync(path.join(IMAGES, name), 'utf8'))]),
  ),
  ...scenes(STYLE),
};
for (const [name, svg] of Object.entries(pictures)) {
  const file = path.join(IMAGES, name);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, svg);
  } else if (readFileSync(file, 'utf8') !== svg) {
    console.error(`docs/images/${name} is not what would be drawn: run npm run docs:pictures`);
    process.exitCode = 1;
  }
}

function drawn(graph) {
  const title = graph.split('\n', 1)[0].replace('// ', '');
  const svg = viz
    .renderString(graph, { format: 'svg', engine: 'dot' })
    // Titles of nodes and edges are names in the source, which readers would see as tool tips.
    .replaceAll(/<title>[^<]*<\/title>\n?/g, '')
    .replaceAll(/<!--[^]*?-->\n?/g, '')
    .replaceAll(/ font-family="[^"]*"/g, '')
    .replace(/width="(\d+)pt" height="(\d+)pt"/, 'width="$1" height="$2"');
  const [, attributes = '', content = ''] = /<svg([^>]*)>([^]*)/.exec(svg) ?? [];
  return `<svg role="img" aria-label="${title}"${attributes}>
<title>${title}</title>
<style>
${STYLE}
</style>
<rect class="paper" x="-10000" y="-10000" width="20000" height="20000"/>
${content.trim()}
`;
}
