// Copyright (C) 2026 The Tithi developers
// SPDX-License-Identifier: AGPL-3.0-or-later

// Bundles `run.mjs` with the slot code of the installed package: `node bundle.mjs FOLDER OUTPUT`.
// FOLDER has the package's files in `package` and dayjs, zod and esbuild in `node_modules`. Of `slots.js` only the part
// that aggregates and makes slots is kept, since the rest needs a database and a server; nothing of it is stored here.

import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [folder, output] = process.argv.slice(2);
const { build } = createRequire(join(folder, "index.js"))("esbuild");
const dist = join(folder, "package", "dist");
const chunks = readdirSync(dist).filter((name) => name.endsWith(".js"));

function chunkWith(text) {
  const found = chunks.filter((name) => readFileSync(join(dist, name), "utf8").includes(text));
  if (found.length !== 1) throw new Error(`${found.length} chunks with ${text}`);
  return found[0];
}

const ranges = chunks.find((name) => name.startsWith("date-ranges-"));
const zones = chunkWith("const getTimeZone = (date)");
const extended = chunkWith("dayjs.extend(");
const entries = { ranges: join(dist, ranges), slots: join(dist, "slots.js"), dayjs: join(dist, extended) };

function cut(text, from, until) {
  const start = text.indexOf(from);
  const end = text.indexOf(until, start);
  if (start < 0 || end < 0) throw new Error(`no part from ${from} until ${until}`);
  return text.slice(start, end);
}

function replaced(text, pattern, by) {
  if (!pattern.test(text)) throw new Error(`nothing like ${pattern}`);
  return text.replace(pattern, by);
}

function slotsPart(text) {
  const imports = text.split("\n").filter((line) => [ranges, zones, extended].some((name) => line.includes(`"./${name}"`)));
  const part = cut(text, "function createIntervalNodes", "const log = logger.");
  return [
    ...imports,
    'import dayjs from "dayjs";',
    'const SchedulingType = { ROUND_ROBIN: "ROUND_ROBIN", COLLECTIVE: "COLLECTIVE", MANAGED: "MANAGED" };',
    'const DEFAULT_GROUP_ID = "default_group_id";',
    replaced(part, /const getSlots\$1 = withReporting\(getSlots, "getSlots"\);/, ""),
    "export { getAggregatedAvailability, getSlots };",
  ].join("\n");
}

// As the package's own patch of dayjs does: one format for each zone, instead of one for each call.
function cachedZones(text) {
  const parts = 'year:"numeric",month:"numeric",day:"numeric",hour:"numeric",minute:"numeric",second:"numeric"';
  const once = `const kept={};const zoned=(z)=>kept[z]||(kept[z]=new Intl.DateTimeFormat("en-US",{timeZone:z,${parts}}));`;
  return once + replaced(text, /(\w+)\.toLocaleString\("en-US",\{timeZone:(\w+)\}\)/, "zoned($2).format($1)");
}

const peer = {
  name: "peer",
  setup(building) {
    building.onResolve({ filter: /^peer:/ }, ({ path }) => ({ path: entries[path.slice(5)] }));
    building.onLoad({ filter: /[\\/]dist[\\/]slots\.js$/ }, ({ path }) => ({ contents: slotsPart(readFileSync(path, "utf8")) }));
    building.onLoad({ filter: /[\\/]plugin[\\/]timezone\.js$/ }, ({ path }) => ({
      contents: cachedZones(readFileSync(path, "utf8")),
    }));
  },
};

await build({
  entryPoints: [join(dirname(fileURLToPath(import.meta.url)), "run.mjs")],
  outfile: output,
  bundle: true,
  platform: "node",
  format: "esm",
  nodePaths: [join(folder, "node_modules")],
  define: { "process.env.NODE_ENV": '"production"' },
  logLevel: "error",
  plugins: [peer],
});
