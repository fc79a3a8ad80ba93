// layers.ts: proves that imports go one way.
//
// Every folder below has a list of the folders it may import; everything else is refused with the
// file, the line and the rule. "types of X" means `import type` only. Inside lib/ there must be no
// import cycle either; type-only imports load nothing and are left out of that.

import process from "node:process";
import { type Finding, formatFindings, loadSources, resolveImport, type Source } from "./source.ts";

/** A layer: the paths that belong to it and what they may import besides their own layer. */
interface Layer {
  /** Folder with a slash at the end, or one file. */
  path: string;
  may: readonly string[];
  /** Layers of which only types may be imported. */
  mayTypes?: readonly string[];
  /** May it import node: modules? */
  node?: boolean;
}

const CONSTANTS = ["lib/limits.ts", "lib/version.ts"];
const BASE = ["lib/bytes/", ...CONSTANTS];
const PLATFORM = ["lib/platform/"];
const FORMATS = ["lib/engine/", "lib/codec/", ...BASE];
const LIBRARY = [
  "lib/bytes/",
  "lib/mem/",
  "lib/codec/",
  "lib/engine/",
  "lib/lua/",
  "lib/persist/",
  "lib/repl/",
  "lib/cluster/",
  "lib/sentinel/",
  "lib/commands/",
  "lib/session/",
  "lib/platform/",
  ...CONSTANTS,
];

/** The first layer whose path fits a file is the one it belongs to. */
const LAYERS: readonly Layer[] = [
  { path: "lib/limits.ts", may: [] },
  { path: "lib/version.ts", may: [] },
  { path: "lib/bytes/", may: [] },
  { path: "lib/platform/", may: [] },
  { path: "lib/mem/", may: BASE },
  { path: "lib/codec/", may: BASE },
  { path: "lib/engine/", may: ["lib/mem/", ...BASE], mayTypes: PLATFORM },
  { path: "lib/lua/", may: BASE },
  { path: "lib/persist/", may: FORMATS, mayTypes: PLATFORM },
  { path: "lib/repl/", may: FORMATS, mayTypes: PLATFORM },
  { path: "lib/commands/key/dump.ts", may: [...FORMATS, "lib/persist/"], mayTypes: PLATFORM },
  { path: "lib/commands/script/", may: [...FORMATS, "lib/lua/"], mayTypes: PLATFORM },
  { path: "lib/commands/", may: FORMATS, mayTypes: PLATFORM },
  { path: "lib/session/", may: ["lib/commands/", ...FORMATS], mayTypes: PLATFORM },
  { path: "server/", may: LIBRARY, node: true },
  { path: "cli/linenoise/", may: [], node: true },
  {
    path: "cli/",
    may: ["cli/linenoise/", "lib/codec/", ...BASE],
    mayTypes: PLATFORM,
    node: true,
  },
  { path: "mod.ts", may: ["server/", "cli/main.ts", ...LIBRARY], node: true },
];

/** Folders without rules, which nothing else imports. */
const FREE = ["tests/", "scripts/"];

function covers(path: string, file: string): boolean {
  return path.endsWith("/") ? file.startsWith(path) : file === path;
}

/** Files of one family of rules count as one layer: lib/commands/ in spite of its exceptions. */
function layerRoot(layer: Layer): string {
  return layer.path.startsWith("lib/commands/") ? "lib/commands/" : layer.path;
}

function ruleText(layer: Layer): string {
  const names = [...layer.may, ...(layer.mayTypes ?? []).map((path) => `types of ${path}`)];
  return `${layer.path} may import ${names.length === 0 ? "nothing" : names.join(", ")}`;
}

/** What is wrong with one import of a layer's file, or "". */
function importFault(layer: Layer, source: Source, index: number): string {
  const { specifier, typeOnly } = source.imports[index];
  if (!specifier.startsWith(".")) {
    if (specifier.startsWith("node:")) {
      return layer.node ? "" : `${layer.path} imports no node: module; it is handed what it needs`;
    }
    return `${specifier} is a package; registry imports are for tests and scripts only`;
  }
  const target = resolveImport(source.path, specifier);
  if (!target.endsWith(".ts")) return `${specifier}: relative imports name the file with .ts`;
  if (covers(layerRoot(layer), target)) return "";
  if (layer.may.some((path) => covers(path, target))) return "";
  if (layer.mayTypes?.some((path) => covers(path, target))) {
    return typeOnly ? "" : `${target} may be imported with "import type" only`;
  }
  return `must not import ${target}: ${ruleText(layer)}`;
}

/** Import cycles inside lib/, each reported once at the import that closes it. */
function findCycles(sources: readonly Source[]): Finding[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const findings: Finding[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (source: Source) => {
    trail.push(source.path);
    for (const { specifier, line, typeOnly } of source.imports) {
      if (typeOnly || !specifier.startsWith(".")) continue;
      const target = byPath.get(resolveImport(source.path, specifier));
      if (target === undefined || done.has(target.path)) continue;
      const start = trail.indexOf(target.path);
      if (start >= 0) {
        const cycle = [...trail.slice(start), target.path].join(" -> ");
        findings.push({ path: source.path, line, message: `import cycle: ${cycle}` });
      } else visit(target);
    }
    trail.pop();
    done.add(source.path);
  };
  for (const source of sources) if (!done.has(source.path)) visit(source);
  return findings;
}

/** Checks all sources. Paths are relative to the root. */
export function checkLayers(sources: readonly Source[]): Finding[] {
  const findings: Finding[] = [];
  for (const source of sources) {
    if (FREE.some((path) => covers(path, source.path))) continue;
    const layer = LAYERS.find((candidate) => covers(candidate.path, source.path));
    if (layer === undefined) {
      const message = "belongs to no layer; the layers are listed in scripts/layers.ts";
      findings.push({ path: source.path, line: 1, message });
      continue;
    }
    for (let i = 0; i < source.imports.length; i++) {
      const message = importFault(layer, source, i);
      if (message !== "") {
        findings.push({ path: source.path, line: source.imports[i].line, message });
      }
    }
  }
  findings.push(...findCycles(sources.filter((source) => source.path.startsWith("lib/"))));
  return findings;
}

if (import.meta.main) {
  const sources = loadSources();
  const findings = checkLayers(sources);
  if (findings.length > 0) console.error(formatFindings(findings));
  console.log(`layers: ${sources.length} files, ${findings.length} faults`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
