/** Draws the console's PNG icons from its SVG, by a Chromium. Run by hand after a change of the drawing. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const folder = join(import.meta.dirname, '../src/service/console');
const drawing = await readFile(join(folder, 'console-icon.svg'), 'utf8');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
for (const size of [192, 512]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  // Launchers cut their own shape out of it, so that the colour goes to the edge.
  const full = drawing
    .replace('rx="112"', 'rx="0"')
    .replace('<svg ', `<svg width="${size}" height="${size}" style="display:block" `);
  await page.setContent(`<body style="margin:0">${full}</body>`);
  await page.screenshot({ path: join(folder, `console-icon-${size}.png`) });
  await page.close();
}
await browser.close();
