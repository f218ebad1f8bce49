// Budgets of a built console, gzip, and what must not be in it; over = fails. node scripts/size.mjs [folder]
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const folder = process.argv[2] ?? 'dist';
const manifest = JSON.parse(readFileSync(`${folder}/.vite/manifest.json`, 'utf8'));
const read = (file) => readFileSync(`${folder}/${file}`);
const kb = (file) => gzipSync(read(file), { level: 9 }).length / 1000;
const withImports = (key, seen = new Set()) => {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) withImports(next, seen);
  return seen;
};
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const signIn = 'src/app/routes/login.tsx';
const first = new Set([...withImports(entry), ...withImports(signIn)]);
const jsOf = (keys) => [...new Set([...keys].map((key) => manifest[key].file).filter((file) => file.endsWith('.js')))];
const cssOf = (keys) => [...new Set([...keys].flatMap((key) => manifest[key].css ?? []))];
const sum = (files) => files.reduce((total, file) => total + kb(file), 0);
const all = Object.keys(manifest);

// Everything that the overview asks for, its charts included, but its data.
const overview = new Set([
  ...first,
  ...withImports('src/app/shell.tsx'),
  ...withImports('src/app/routes/overview.tsx'),
]);
const charts = 'src/features/overview/components/charts.tsx';
for (const key of withImports(charts)) overview.add(key);

const budgets = [
  ['first load to sign-in, JavaScript', sum(jsOf(first)), 170],
  ['first load to sign-in, CSS', sum(cssOf(first)), 20],
  ['all JavaScript', sum(jsOf(all)), 800],
  ['overview with charts, JavaScript and CSS', sum([...jsOf(overview), ...cssOf(overview)]), 330],
  ['charts, JavaScript', sum(jsOf([charts])), 135],
  ...jsOf(all)
    .filter((file) => !jsOf([...first, charts]).includes(file))
    .map((file) => [file, kb(file), 60]),
];
let over = 0;
for (const [what, size, limit] of budgets) {
  if (size > limit) over += 1;
  if (size > limit || /CSS|JavaScript/.test(what)) {
    console.log(`${size > limit ? 'OVER ' : 'ok   '} ${size.toFixed(1).padStart(6)} of ${limit} kB  ${what}`);
  }
}
// A chunk of its own would be named after its folder; drawn into another one, its address would stand there.
const strays = jsOf(all).filter((file) => read(file).includes('/dev/gallery'));
strays.push(...all.filter((key) => key.includes('gallery')));
if (strays.length > 0) console.log(`the gallery is for development, but is built into ${strays.join(', ')}`);
process.exit(over > 0 || strays.length > 0 ? 1 : 0);
