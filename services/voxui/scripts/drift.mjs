// Fails when src/generated is not what openapi.json gives: a hand edit, or a forgotten `npm run gen`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const fresh = mkdtempSync(join(tmpdir(), 'voxui-gen-'));
const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length))
    .sort();
try {
  execFileSync('npx', ['openapi-ts', '--silent'], {
    stdio: 'inherit',
    env: { ...process.env, VOXUI_GENERATED: fresh },
  });
  const [want, have] = [files(fresh), files('src/generated')];
  const differs = [...new Set([...want, ...have])].filter(
    (name) =>
      !want.includes(name) ||
      !have.includes(name) ||
      readFileSync(fresh + name, 'utf8') !== readFileSync('src/generated' + name, 'utf8'),
  );
  if (differs.length > 0) {
    console.error(`src/generated differs from openapi.json in ${differs.join(', ')}: run npm run gen`);
    process.exit(1);
  }
  console.log(`src/generated is what openapi.json gives (${want.length} files)`);
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
