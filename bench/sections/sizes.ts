import { codeOf, FLOOR, FLOOR_BUNDLED_ALIKE, FUNCTIONS, SHIPPED, sizeOf, TRIMMED_FLOOR, VARIANTS } from '../bundles';
import { kilobytes, table } from '../report';
import { target, TARGETS, type Section, type Target } from '../targets';

export async function sizes(): Promise<Section> {
  const rows: string[][] = [];
  const targets: Target[] = [];
  for (const name of FUNCTIONS) {
    const shipped = sizeOf(await codeOf(SHIPPED, name));
    const floor = sizeOf(await codeOf(FLOOR, name));
    const trimmed = sizeOf(await codeOf(TRIMMED_FLOOR, name));
    for (const variant of VARIANTS) {
      const { minified, zipped } = sizeOf(await codeOf(variant, name));
      rows.push([
        `${name}: ${variant.name}`,
        kilobytes(minified),
        kilobytes(zipped),
        (minified / floor.minified).toFixed(2),
        (zipped / floor.zipped).toFixed(2),
      ]);
    }
    const toTrimmed = shipped.minified / trimmed.minified;
    const toAlike = shipped.minified / sizeOf(await codeOf(FLOOR_BUNDLED_ALIKE, name)).minified;
    targets.push(
      target(`bundle of ${name}, to the floor`, TARGETS.bundleToFloor, shipped.minified / floor.minified, 2),
      target(`bundle of ${name}, zipped, to the floor`, TARGETS.bundleToFloor, shipped.zipped / floor.zipped, 2),
      target(`bundle of ${name}, to the trimmed floor`, TARGETS.bundleToTrimmedFloor, toTrimmed, 2),
      target(`bundle of ${name}, to the floor bundled alike`, TARGETS.bundleToTrimmedFloor, toAlike, 2),
    );
  }
  const variants = VARIANTS.map(({ name, what }) => `- *${name}*: ${what}`).join('\n');
  const head = ['bundle', 'minified', 'zipped', 'to floor', 'zipped to floor'];
  return { text: `## Bundle sizes, kB\n\n${variants}\n\n${table(head, rows)}`, targets };
}
