// tidy.ts: house rules as a program. Faults fail the gate, notes are only listed.
//
// Faults: names that lib/ must not use (each with what to use in its place), runtime names outside
// the files made for them, commands without a test file, an example or a reply shape, file names,
// missing headers, leftovers, skipped tests, empty catch blocks, machine paths, and files that
// ARCHITECTURE.md names but that do not exist.
// Notes: functions over 70 lines, files over 500, BigInt in lib/.

import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { type Finding, formatFindings, lineAt, listFiles, loadSources, ROOT } from "./source.ts";
import type { Source } from "./source.ts";
import type { CommandSpec } from "../lib/commands/spec.ts";

const FUNCTION_LINES_MAX = 70;
const FILE_LINES_MAX = 500;

/** Names that lib/ must not use, and what to use in their place. */
const LIB_BANS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\bDate\.now\b|\bnew Date\(\)/g, "time comes from the Clock that is handed in (wallMs)"],
  [/\bperformance\.now\b/g, "durations come from the Clock that is handed in (monotonicUs)"],
  [/\bMath\.random\b/g, "randomness comes from the Random that is handed in (next32)"],
  [/\bcrypto\.(?:getRandomValues|randomUUID)\b/g, "randomness comes from Random (fill)"],
  [/\b(?:set|clear)(?:Timeout|Interval|Immediate)\b/g, "the owner calls again when it is due"],
  [/\bqueueMicrotask\b/g, "lib/ is synchronous; return and be called again"],
  [/\bfetch\(/g, "bytes come through a Socket"],
  [
    /(?<!\.)\bprocess\.(?:argv|cwd|env|exit|hrtime|kill|memoryUsage|nextTick|on|std\w+|versions)\b/g,
    "what the process knows comes through ProcessView",
  ],
  [/\bconsole\b/g, "text goes to the Log that is handed in"],
];

/** Timers of a server that nothing but its loop knows would come late. */
const TIMER = /\bset(?:Timeout|Interval|Immediate)\b/g;
const TIMER_FILES = /^server\/(?:timers|event_loop|poll_loop|net_deno)\.ts$/;

/** Files that may name a runtime. */
const RUNTIME_FILES =
  /^(?:server\/(?:net|files)_\w+\.ts|server\/\w+_(?:deno|bun)\.ts|scripts\/.*|tests\/(?:kit|scripts)\/.*|mod\.ts)$/;

const FILE_NAME = /^[a-z0-9]+(?:_[a-z0-9]+)*(?:\.d)?\.ts$/;

function everyMatch(source: Source, pattern: RegExp, message: string): Finding[] {
  return Array.from(source.code.matchAll(pattern), (match) => ({
    path: source.path,
    line: lineAt(source.code, match.index),
    message: `${match[0].trim()}: ${message}`,
  }));
}

function checkBans(source: Source): Finding[] {
  const findings: Finding[] = [];
  if (source.path.startsWith("lib/")) {
    for (const [pattern, replacement] of LIB_BANS) {
      findings.push(...everyMatch(source, pattern, replacement));
    }
  }
  if (source.path.startsWith("server/") && !TIMER_FILES.test(source.path)) {
    findings.push(...everyMatch(source, TIMER, "timers come from server/timers.ts"));
  }
  if (!RUNTIME_FILES.test(source.path)) {
    const message = "a runtime is named only in server/net_*, server/files_*, server/*_deno.ts, " +
      "server/*_bun.ts, scripts, tests/kit and mod.ts";
    findings.push(...everyMatch(source, /\b(?:Deno|Bun)\b/g, message));
  }
  return findings;
}

/** File names, header comments, default exports. */
function checkShape(source: Source): Finding[] {
  const findings: Finding[] = [];
  const fault = (message: string) => findings.push({ path: source.path, line: 1, message });
  const name = source.path.split("/").at(-1) ?? "";
  if (!FILE_NAME.test(name)) fault("file names are snake_case.ts");
  if (name === "index.ts") fault("no index.ts; an entry point is called mod.ts");
  if (name.endsWith("_test.ts") && !source.path.startsWith("tests/")) fault("tests live in tests/");
  // Tables of cases explain themselves.
  const table = name.endsWith("_test.ts");
  if (!table && !/^(?:#![^\n]*\n)?(?:\/\/ \S|\/\*\*\n)/.test(source.text)) {
    fault("starts with no header comment that says what belongs here");
  }
  if (!/^lib\/commands\/\w+\//.test(source.path)) {
    const message = "no default exports except arrays of command declarations";
    findings.push(...everyMatch(source, /^export default\b/gm, message));
  }
  return findings;
}

// Written in pieces so that this file does not find itself.
const LEFTOVERS = new RegExp(`\\b(?:${["TO" + "DO", "FIX" + "ME"].join("|")})\\b`, "g");
const MACHINE_PATHS = new RegExp(`(?<![\\w.~-])/(?:${["work", "tmp", "root"].join("|")})/`, "g");

/** Leftovers in any text file of the project. */
export function checkText(path: string, text: string): Finding[] {
  const findings: Finding[] = [];
  const fault = (pattern: RegExp, message: string) => {
    for (const match of text.matchAll(pattern)) {
      findings.push({ path, line: lineAt(text, match.index), message: `${match[0]}: ${message}` });
    }
  };
  fault(LEFTOVERS, "finish it or open an issue");
  fault(MACHINE_PATHS, "a path of one machine; use a temporary or relative path");
  return findings;
}

function checkLeftovers(source: Source): Finding[] {
  const findings = checkText(source.path, source.text);
  for (const match of source.code.matchAll(/\bcatch\s*(?:\([^)]*\)\s*)?\{(\s*)\}/g)) {
    const inside = source.text.slice(match.index, match.index + match[0].length);
    if (inside.includes("//")) continue;
    const line = lineAt(source.code, match.index);
    findings.push({ path: source.path, line, message: "empty catch: say why it is right, or act" });
  }
  if (source.path.startsWith("tests/")) {
    const message = "no skipped tests";
    findings.push(...everyMatch(source, /\b(?:test|it|describe)\.(?:skip|todo)\b/g, message));
  }
  return findings;
}

/** A function's first line and length. */
interface FunctionSpan {
  name: string;
  line: number;
  lines: number;
}

/** Functions and methods of a formatted source: they end at a closing brace of the same indent. */
export function functionSpans(text: string): FunctionSpan[] {
  const lines = text.split("\n");
  const spans: FunctionSpan[] = [];
  const start =
    /^(\s*)(?:export )?(?:default )?(?:(?:async )?function\*? ?([\w$]*)\s*[<(]|(?:(?:static|async|get|set|override|private|public|readonly) )*(\*?[#\w$]+)\()/;
  for (let i = 0; i < lines.length; i++) {
    const match = start.exec(lines[i]);
    if (match === null) continue;
    const method = match[3];
    if (method !== undefined) {
      if (match[1] !== "  " || /^(?:if|for|while|switch|catch|super|return)$/.test(method)) {
        continue;
      }
      if (!/[{(,]$/.test(lines[i])) continue;
    }
    const close = `${match[1]}}`;
    let end = i + 1;
    const within = (line: string | undefined) =>
      line !== undefined && line !== close && (line === "" || line.startsWith(match[1]));
    while (within(lines[end])) end++;
    if (lines[end] !== close) continue;
    spans.push({ name: match[2] ?? method, line: i + 1, lines: end - i + 1 });
  }
  return spans;
}

function noteSizes(source: Source): Finding[] {
  const notes: Finding[] = [];
  const note = (line: number, message: string) => notes.push({ path: source.path, line, message });
  const lines = source.text.split("\n").length - 1;
  if (lines > FILE_LINES_MAX) note(1, `${lines} lines`);
  for (const span of functionSpans(source.code)) {
    if (span.lines > FUNCTION_LINES_MAX) note(span.line, `${span.name}: ${span.lines} lines`);
  }
  if (source.path.startsWith("lib/")) {
    const uses = [...source.code.matchAll(/\bBigInt\w*\b|\b\d+n\b/g)];
    if (uses.length > 0) {
      note(lineAt(source.code, uses[0].index), `BigInt used ${uses.length} times`);
    }
  }
  return notes;
}

/** A declaration and the file it stands in. */
export interface DeclaredCommand {
  path: string;
  spec: CommandSpec;
}

/** The test file that mirrors a source file. */
export function mirrorOf(path: string): string {
  return `tests/${path.replace(/\.ts$/, "_test.ts")}`;
}

/** Every declaration has a test that names it, an example, a reply shape, and is in the table. */
export function checkCommands(
  declared: readonly DeclaredCommand[],
  table: ReadonlySet<string>,
  textOf: (path: string) => string | undefined,
): Finding[] {
  const findings: Finding[] = [];
  const untested = new Map<string, string[]>();
  for (const { path, spec } of declared) {
    const fault = (message: string) =>
      findings.push({ path, line: 1, message: `${spec.name}: ${message}` });
    const mirror = textOf(mirrorOf(path));
    if (mirror === undefined) untested.set(path, [...untested.get(path) ?? [], spec.name]);
    else if (!namesCommand(mirror, spec.name)) fault(`${mirrorOf(path)} does not mention it`);
    if (spec.run !== undefined && spec.examples.length === 0) fault("no example");
    if (spec.run !== undefined && spec.reply.length === 0) fault("no reply shape");
    if (!table.has(spec.name)) fault("not reachable from lib/commands/table.ts");
  }
  for (const [path, names] of untested) {
    const message = `no test file ${mirrorOf(path)} (${names.join(", ")})`;
    findings.push({ path, line: 1, message });
  }
  return findings;
}

function namesCommand(text: string, name: string): boolean {
  const words = name.split("|").map((word) => RegExp.escape(word));
  return new RegExp(`(?<!\\w)${words.join("[ |]+")}(?!\\w)`, "i").test(text);
}

/** Files a document names in backticks that do not exist. */
export function checkNamedFiles(
  path: string,
  text: string,
  exists: (name: string) => boolean,
): Finding[] {
  const findings: Finding[] = [];
  const named = /`((?:lib|server|cli|tests|scripts)\/[\w./-]+|mod\.ts)`/g;
  for (const match of text.matchAll(named)) {
    if (exists(match[1])) continue;
    const line = lineAt(text, match.index);
    findings.push({ path, line, message: `names ${match[1]}, which does not exist` });
  }
  return findings;
}

/** All rules that need nothing but the sources. */
export function checkSources(sources: readonly Source[]): Finding[] {
  return sources.flatMap((source) => [
    ...checkBans(source),
    ...checkShape(source),
    ...checkLeftovers(source),
  ]);
}

/** True for an array of command declarations. */
function isDeclarations(value: unknown): value is readonly CommandSpec[] {
  return Array.isArray(value) && value.length > 0 &&
    value.every((item) => typeof item?.name === "string" && typeof item?.arity === "number");
}

/** The declarations that the files below lib/commands/<family>/ export, but for each mod.ts. */
async function loadDeclarations(sources: readonly Source[]): Promise<DeclaredCommand[]> {
  const declared: DeclaredCommand[] = [];
  for (const { path } of sources) {
    if (!/^lib\/commands\/\w+\//.test(path) || path.endsWith("/mod.ts")) continue;
    const module: Record<string, unknown> = await import(`${ROOT}/${path}`);
    for (const value of Object.values(module)) {
      if (isDeclarations(value)) declared.push(...value.map((spec) => ({ path, spec })));
    }
  }
  return declared;
}

/** Names of all commands in the table. */
async function tableNames(): Promise<Set<string>> {
  const { ALL_COMMANDS } = await import("../lib/commands/table.ts");
  return new Set(ALL_COMMANDS.map((spec) => spec.name));
}

async function main(): Promise<void> {
  const sources = loadSources();
  const files = listFiles();
  const known = new Set(files);
  const findings = checkSources(sources);
  for (const path of files) {
    if (/\.(?:md|json|jsonc|yml)$|^\.ci\//.test(path)) {
      findings.push(...checkText(path, readFileSync(`${ROOT}/${path}`, "utf8")));
    }
  }
  const declared = await loadDeclarations(sources);
  const textOf = (path: string) => sources.find((source) => source.path === path)?.text;
  findings.push(...checkCommands(declared, await tableNames(), textOf));
  if (known.has("ARCHITECTURE.md")) {
    const text = readFileSync(`${ROOT}/ARCHITECTURE.md`, "utf8");
    const exists = (name: string) => existsSync(`${ROOT}/${name}`);
    findings.push(...checkNamedFiles("ARCHITECTURE.md", text, exists));
  }
  const notes = sources.flatMap(noteSizes);
  if (notes.length > 0) console.log(`notes:\n${formatFindings(notes)}`);
  if (findings.length > 0) console.error(`faults:\n${formatFindings(findings)}`);
  console.log(
    `tidy: ${sources.length} files, ${declared.length} commands, ` +
      `${notes.length} notes, ${findings.length} faults`,
  );
  process.exitCode = findings.length === 0 ? 0 : 1;
}

if (import.meta.main) await main();
