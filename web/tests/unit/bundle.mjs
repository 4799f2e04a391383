// bundle.mjs - the page's modules for node: bundled once, so that the tests need no TypeScript of their own
import { build } from 'esbuild';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src');

export async function modules(...names) {
  const { outputFiles } = await build({
    stdin: { contents: names.map((name) => `export * as ${name.replace(/.*\//, '')} from './${name}';`).join('\n'), resolveDir: src, loader: 'ts' },
    bundle: true, write: false, format: 'esm', platform: 'neutral', target: 'es2021',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
